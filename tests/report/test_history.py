"""What a release published is found again: unchanged, or with a record of what it was, what it is and why."""

import re

import pytest
import record_changes
from conftest import ROOT
from record_changes import FIRST, GONE, HISTORY, recorded, replayed, rows, same

from costlib.facts import catalog, claims, history
from costlib.files import csv_text

CHANGES, NOW = rows(HISTORY), record_changes.current()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("first", rows(ROOT / "tests" / "data" / "ledger_0.1.0.csv"), ids=lambda row: row["id"])
def test_the_first_ledger_and_all_recorded_changes_give_the_ledger_of_today(first):
    claim = claims.find(first["id"])
    assert replayed(claim.id, "verdict", first["verdict"], CHANGES) == claim.verdict
    assert replayed(claim.id, "published", first["published"], CHANGES) == claim.printed
    assert replayed(claim.id, "recomputed", first["recomputed"], CHANGES) == claim.recomputed


@pytest.mark.parametrize("chapter", sorted({row["chapter"] for row in rows(FIRST)}))
def test_every_number_of_a_release_is_there_and_unchanged_unless_recorded(chapter):
    first = [row for row in rows(FIRST) if row["chapter"] == chapter]
    wrong = {}
    for row in first:
        item = f"{chapter}/{row['key']}"
        expected = replayed(item, "value", row["value"], CHANGES)
        if not same(expected, NOW.get(item)):
            wrong[item] = f"{expected or 'gone'}, now {NOW[item]['value'] if item in NOW else 'gone'}"
    assert not wrong, "published numbers changed without a record; give the reason with make history"


def test_units_stay_and_a_number_that_stays_is_printed_as_it_was():
    for row in rows(FIRST):
        item = f"{row['chapter']}/{row['key']}"
        if item in NOW:
            assert NOW[item]["unit"] == row["unit"], f"{item}: a number in another unit needs another key"
            if same(row["value"], NOW[item]):
                assert NOW[item]["text"] == row["text"], f"{item}: correct its text in {FIRST.name} if it is right"


def test_every_number_is_in_the_record():
    # The record is the reference of the tests above: a number that it lacks could change unseen.
    assert NOW.keys() <= {f"{row['chapter']}/{row['key']}" for row in rows(FIRST)}, "run make history"
    assert FIRST.stat().st_size < 60_000


def test_changes_name_released_versions_in_order_and_what_there_was():
    versions = re.findall(r"^## (\d+\.\d+\.\d+) ", CHANGELOG, re.M)[::-1]
    published = {f"{row['chapter']}/{row['key']}": row["version"] for row in rows(FIRST)}
    for change in catalog.table("history").values():
        assert versions.index(change.version) == versions.index(change.until) + 1, change.name
        assert change.old != change.new and change.reason.endswith("."), change.name
        if "/" in change.id and change.id.split("/")[0] in {row["chapter"] for row in rows(FIRST)}:
            assert versions.index(published[change.id]) <= versions.index(change.until), change.name


def test_the_verdicts_of_0_3_0_are_recorded():
    # CHANGELOG.md, 0.3.0, Changed.
    found = {c.id: (c.until, c.old, c.version, c.new) for c in catalog.table("history").values() if c.what == "verdict"}
    assert found == dict.fromkeys(("B075", "B076", "B080", "B105"), ("0.2.0", "unverified", "0.3.0", "assumption"))


def test_chapter_17_of_0_4_0_is_found_again():
    # Printed by 0.4.0: its CHANGELOG names 623 measurements and 26 coefficients; 0.5.0 took a number away.
    then = {change.id.split("/")[1]: change for change in catalog.table("history").values() if change.id[:3] == "17_"}
    assert len([c for c in then.values() if c.version == "0.5.0"]) == 25
    assert (float(then["rows"].old), float(then["coefficients"].old)) == (623, 26)
    assert then["alignment_rows"].new == GONE


def test_changes_of_an_unknown_claim_are_refused():
    assert history.changes("B066") == () and history.changes("04_synthetic_cost/total_usd") == ()
    with pytest.raises(ValueError, match="unknown claim 'B999'"):
        history.changes("B999")


# --- the tool that writes the record --------------------------------------------------------------------------------


def number(value, text="t", unit="USD"):
    return {"value": value, "text": text, "unit": unit}


def first(key, value, version="0.1.0"):
    return {"chapter": "01_a", "key": key, "value": value, "text": "t", "unit": "USD", "version": version}


def step(tables, found, version, *given):
    """The tables after one use of the tool, and what still lacks a reason."""
    *after, lacking = recorded(
        *tables, {f"01_a/{key}": record for key, record in found.items()}, "0.1.0", version, *given
    )
    return after, lacking


def test_a_change_is_recorded_only_with_a_reason_and_only_where_it_is_meant():
    begin = [first("gone", "4.0"), first("high", "3.0"), first("kept", "1.0"), first("low", "2.0")], []
    found = {"kept": number(1 + 1e-12), "low": number(2.5), "high": number(3.5)}
    after, lacking = step(begin, found, "0.2.0")
    assert after == list(begin) and lacking == ["01_a/gone", "01_a/high", "01_a/low"]
    after, lacking = step(begin, found, "0.2.0", "The price was wrong.", ["01_a/[lg]o*"])
    assert lacking == ["01_a/high"]
    assert [(row["id"], row["until"], row["version"], row["old"], row["new"], row["reason"]) for row in after[1]] == [
        ("01_a/gone", "0.1.0", "0.2.0", "4.0", "", "The price was wrong."),
        ("01_a/low", "0.1.0", "0.2.0", "2.0", "2.5", "The price was wrong."),
    ]
    assert step(after, found, "0.2.0") == (after, ["01_a/high"]), "what is recorded stays without being named again"


def test_a_number_that_changes_twice_before_a_release_has_one_row_or_none():
    begin = [first("low", "2.0")], []
    once, _ = step(begin, {"low": number(2.5)}, "0.2.0", "First.", ["*"])
    kept, lacking = step(once, {"low": number(2.75)}, "0.2.0")
    assert lacking == ["01_a/low"] and kept == once, "the earlier reason is not taken for the new value"
    twice, lacking = step(once, {"low": number(2.75)}, "0.2.0", "Second.", ["*"])
    assert [(row["old"], row["new"], row["reason"]) for row in twice[1]] == [("2.0", "2.75", "Second.")] and not lacking
    assert step(twice, {"low": number(2.0)}, "0.2.0") == (list(begin), [])
    later, _ = step(twice, {"low": number(2.0)}, "0.3.0", "Third.", ["*"])
    assert [(row["version"], row["old"], row["new"]) for row in later[1]] == [("0.2.0", "2.0", "2.75"),
                                                                             ("0.3.0", "2.75", "2.0")]  # fmt: skip


def test_a_new_number_joins_and_follows_its_chapter_until_it_is_released():
    begin = [first("low", "2.0")], []
    found = {"low": number(2.0), "new": number(7.0, "7", "h")}
    after, lacking = step(begin, found, "0.2.0")
    assert after[0][1] == {"chapter": "01_a", "key": "new", "value": "7.0", "text": "7", "unit": "h",
                           "version": "0.2.0"}  # fmt: skip
    after, lacking = step(after, found | {"new": number(8.0)}, "0.2.0")
    assert (after[0][1]["value"], after[1], lacking) == ("8.0", [], [])
    assert step(after, found, "0.3.0")[1] == ["01_a/new"], "from the next version on a change is one"


def test_the_tool_refuses_a_released_version_and_a_missing_reason(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match=r"begins with 0\.2\.0 of 2026-01-01; begin the next version"):
        record_changes.versions("## 0.2.0 (2026-01-01)\n\n## 0.1.0 (2025-01-01)\n")
    assert record_changes.versions("## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-01-01)\n") == ("0.2.0", "0.3.0")
    (tmp_path / "CHANGELOG.md").write_text("## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-01-01)\n")
    monkeypatch.setattr(record_changes, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="REASON must be a sentence"):
        record_changes.main("", "17_validation/*")


def test_the_tool_writes_both_tables_in_their_columns(tmp_path, monkeypatch):
    tables = {"FIRST": [first("low", "2.0")], "HISTORY": [CHANGES[0]]}
    for name, table in tables.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(csv_text([list(table[0]), *(list(row.values()) for row in table)]))
        monkeypatch.setattr(record_changes, name, path)
    monkeypatch.setattr(record_changes, "current", lambda: {"01_a/low": number(2.5), "01_a/new": number(1.0)})
    monkeypatch.setattr(record_changes, "versions", lambda text: ("0.1.0", "0.2.0"))
    with pytest.raises(SystemExit, match="no reason yet: 01_a/low"):
        record_changes.main()
    assert rows(tmp_path / "FIRST.csv")[1]["key"] == "new"
    with pytest.raises(SystemExit) as done:
        record_changes.main("A fact was corrected.", "01_a/*")
    assert done.value.code is None
    kept, added = rows(tmp_path / "HISTORY.csv")
    assert kept == CHANGES[0] and added["reason"] == "A fact was corrected." and list(added) == list(kept)
