"""What the pages say of how much is checked, counted again in the files."""

import csv
import json
import re

import directives
import pytest
from conftest import ROOT

ROWS = list(csv.DictReader((ROOT / "costlib" / "facts" / "claims.csv").open(encoding="utf-8", newline="")))
VERDICTS = ("reproduced", "reproduced-from-unrounded", "reproduced-by-rounding", "assumption", "not-reproduced",
            "source-confirms", "source-contradicts", "unverified", "definition")  # fmt: skip


def computed():
    """The claims that a chapter compares with what it computes, from the text of its metadata."""
    found = set()
    for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                found |= {each["id"] for each in output.get("metadata", {}).get("costlib", {}).get("claims", [])}
    return found


def test_counts_are_those_of_the_files():
    printed = {row["id"] for row in ROWS if row["published"]}
    sourced = sum(row["source"] != "" for row in ROWS)
    assert directives.counts(ROOT) == {
        "claims": len(ROWS), "claims-with-source": sourced, "claims-without-source": len(ROWS) - sourced,
        "printed": len(printed), "printed-recomputed": len(printed & computed()),
        "printed-not-recomputed": len(printed - computed()),
        **{f"verdict-{verdict}": sum(row["verdict"] == verdict for row in ROWS) for verdict in VERDICTS},
    }  # fmt: skip
    assert len(ROWS) > len(printed) > len(printed & computed()) > 50


def test_a_claim_without_a_source_is_arithmetic_of_the_document():
    # The landing page says so.
    without = {row["id"]: row["verdict"] for row in ROWS if not row["source"]}
    allowed = {"reproduced", "reproduced-from-unrounded", "reproduced-by-rounding", "not-reproduced",
               "definition"}  # fmt: skip
    assert set(without.values()) <= allowed


def test_a_printed_number_that_is_not_recomputed_rests_on_its_source():
    left = {row["id"]: row for row in ROWS if row["published"] and row["id"] not in computed()}
    assert all(row["source"] for row in left.values()) and len(left) < 20


@pytest.mark.parametrize("page", ["index", "how_to_read", "claims"])
def test_a_page_names_counts_that_exist(page):
    names = re.findall(r"\{count\}`([^`]*)`", (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8"))
    assert len(names) > 1 and set(names) <= directives.counts(ROOT).keys()


def test_pages_show_the_counts(site):
    shown = " ".join(re.sub(r"<[^>]*>", "", (site / "book" / "index.html").read_text(encoding="utf-8")).split())
    assert f"make {len(ROWS)} statements. Each has a verdict" in shown.replace("\u00a0", " ")
