"""The zip of all data describes itself, and what it describes is what it holds."""

import csv
import io
import json
import re
import shutil
import zipfile
from urllib.parse import unquote

import datapackage
import pytest
from conftest import ROOT
from frictionless import Package

from costlib.facts import catalog, schema

FACTS = ROOT / "costlib" / "facts"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return datapackage.build(tmp_path_factory.mktemp("data"), ROOT)


@pytest.fixture
def folder(archive, tmp_path):
    zipfile.ZipFile(archive).extractall(tmp_path)
    return tmp_path


def report(folder):
    return Package(str(folder / "datapackage.json")).validate()


def problems(folder):
    return {error[0] for error in report(folder).flatten(["type"])}


def test_the_descriptor_and_every_row_are_valid(folder):
    found = report(folder)
    assert found.valid, found.flatten(["title", "rowNumber", "fieldName", "message"])
    assert found.stats["tasks"] == len(schema.tables()) + 1 + len(list((folder / "shown").iterdir()))


@pytest.mark.parametrize(
    ("table", "old", "new", "problem"),
    [("facts/gpus.csv", ",secondary,", ",hearsay,", "constraint-error"),
     ("facts/gpus.csv", "a100-sxm-40gb,", "a100-sxm-80gb,", "primary-key"),
     ("facts/gpus.csv", ",1555,", ",fast,", "type-error"), ("facts/gpus.csv", "hbm_gb", "hbm_gib", "incorrect-label"),
     ("facts/gpu_prices.csv", ",a100-sxm-40gb,", ",a100,", "foreign-key"),
     ("facts/claims.csv", ",reproduced,", ",true,", "constraint-error"),
     ("facts/audiences.csv", ",mamath2025economics,", ",,", "constraint-error"),
     ("results.csv", "total_usd,279.740363571,", "total_usd,cheap,", "type-error"),
     ("shown/fig-even-sizes.csv", "\n1.", "\none.", "type-error")],
)  # fmt: skip
def test_a_wrong_value_is_found(folder, table, old, new, problem):
    path = folder / table
    text = path.read_text(encoding="utf-8")
    if table.startswith("shown"):
        first = text.split("\n")[1].split(",")[0]
        old, new = f"\n{first},", "\nmany,"
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    keep_alone(folder, table)
    assert problem in problems(folder)


def keep_alone(folder, table):
    """Describe one table and those that it refers to, so that no other has to be read."""
    described = folder / "datapackage.json"
    package = json.loads(described.read_text(encoding="utf-8"))
    known = {resource["path"]: resource for resource in package["resources"]}
    keys = known[table]["schema"].get("foreignKeys", [])
    wanted = {known[table]["name"], *(key["reference"]["resource"] for key in keys)}
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in wanted]
    described.write_text(json.dumps(package), encoding="utf-8")


def test_the_bytes_depend_on_the_data_alone(archive, tmp_path):
    copy = tmp_path / "copy"
    for name in ("book", "notebooks"):
        shutil.copytree(ROOT / name, copy / name, copy_function=shutil.copyfile)
    assert datapackage.build(tmp_path / "again", copy).read_bytes() == archive.read_bytes()
    entries = zipfile.ZipFile(archive).infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(2026, 1, 1, 0, 0, 0)}


def test_tables_of_facts_and_bibliography_are_the_files_of_the_repository(folder):
    for kind in schema.tables():
        assert (folder / "facts" / f"{kind}.csv").read_bytes() == (FACTS / f"{kind}.csv").read_bytes()
    assert (folder / "references.bib").read_bytes() == (ROOT / "book" / "references.bib").read_bytes()


def test_everything_is_described(folder):
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["profile"] == "tabular-data-package"
    assert [source["title"][:29] for source in described["sources"]] == [
        "The Economics of Alignment: W",
        "Computational Costs and Scala",
    ]
    for resource in described["resources"]:
        assert resource["description"] and resource["encoding"] == "utf-8"
        for field in resource["schema"]["fields"]:
            assert len(field["description"]) > 3, (resource["name"], field["name"])


def test_units_in_names_are_units_in_descriptions():
    units = {"_usd": "USD", "usd_": "USD", "tflops": "TFLOP/s", "_gb": "GB", "tokens_": "tokens", "_tokens": "tokens"}
    for kind in catalog.kinds():
        for field in schema.descriptor(kind)["fields"]:
            for part, unit in units.items():
                if part in field["name"] and field["type"] == "number":
                    assert unit in field["description"], (kind, field["name"])


def test_figures_carry_the_numbers_that_the_chapter_shows(folder):
    notebook = json.loads((ROOT / "notebooks" / "14_break_even.ipynb").read_text(encoding="utf-8"))
    outputs = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    shown = next(text for data in outputs if "fig-even-sizes.csv" in (text := "".join(data.get("text/html", ""))))
    content = unquote(re.search('charset=utf-8,([^"]+)', shown)[1])
    assert (folder / "shown" / "fig-even-sizes.csv").read_text(encoding="utf-8") == content


def test_columns_of_one_name_are_numbered():
    assert datapackage._distinct(b"a,b,a\n1,2,3\n") == b"a,b,a (2)\n1,2,3\n"


def test_results_of_a_run_take_the_place_of_the_published_numbers(tmp_path):
    given = tmp_path / "results.csv"
    given.write_text("key,value,unit,published_value,chapter\ntotal_usd,1,USD,2,04_synthetic_cost\n", encoding="utf-8")
    path = datapackage.build(tmp_path / "out", ROOT, given)
    assert zipfile.ZipFile(path).read("results.csv") == given.read_bytes()


def test_without_results_the_published_numbers_are_in_it(folder):
    rows = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text(encoding="utf-8"))))
    total = next(row for row in rows if (row["chapter"], row["key"]) == ("04_synthetic_cost", "total_usd"))
    assert (total["value"], total["unit"]) == ("279.740363571", "USD")
    assert len(rows) > 400


def test_the_pages_offer_the_zip(site):
    name = datapackage.file_name()
    assert f'href="../_downloads/{name}"' in (site / "book" / "data.html").read_text(encoding="utf-8")
    assert "datapackage.json" in zipfile.ZipFile(site / "_downloads" / name).namelist()
