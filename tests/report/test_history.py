"""What a release published is found again: unchanged, or with a record of what it was, what it is and why."""

import hashlib
import json
import re

import pytest
import record_changes
from conftest import ROOT
from record_changes import HISTORY, change, of_numbers, recorded, releases, replayed, rows, says

from costlib.base.files import csv_text
from costlib.facts import catalog, claims, history

CHANGES, RELEASES, NOW = rows(HISTORY), releases(), record_changes.current()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSIONS = re.findall(r"^## (\d+\.\d+\.\d+) \(", CHANGELOG, re.M)[::-1]
DATED = re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$", CHANGELOG, re.M)[::-1]
STEPS = list(zip([*DATED[:-1], DATED[-1]], [*DATED[1:], "now"], strict=True))

# The first digits of the SHA-256 of what each release published, and of what the history says that it changed: neither
# is edited afterwards. `make snapshot` writes the file of a new release; its line is added here in the same commit.
SEALS = {
    "0.1.0": ("c81c4db0afcb2d33", "4f53cda18c2baa0c"),
    "0.2.0": ("2dd4f00787affde7", "d08e826e13ec3aea"),
    "0.3.0": ("6fb307519a3af480", "cfd23f5199ab3d0a"),
    "0.4.0": ("d8c504974eee9dc0", "4f53cda18c2baa0c"),
    "0.5.0": ("97d9e229703baf41", "18c02d6a9d6c279d"),
    "0.6.0": ("96e5a22c866da41b", "3caaaf405d011a1b"),
    "0.7.0": ("41bfe09df2dbcf4e", "4f53cda18c2baa0c"),
    "0.8.0": ("e38a04917b6d51b6", "2ee9e6c7f83d2a56"),
    "0.9.0": ("288a7a010c017177", "d67bee0f2a256644"),
    "0.10.0": ("2a362135fd292f38", "4ee0bcf7f168edaa"),
    "0.11.0": ("b7e7520aa060975b", "26c190f850296f58"),
    "0.12.0": ("ab6da285f6aefef9", "d09dfb18900ac793"),
}


def sealed(content):
    return hashlib.sha256(content).hexdigest()[:16]


def said_of(version):
    """The rows of the history that a released version brought, but for names of columns and their order."""
    kept = ("id", "what", "until", "old", "new", "reason")
    lines = sorted([row[name] for name in kept] for row in CHANGES if row["version"] == version)
    return json.dumps(lines, ensure_ascii=False).encode()


def test_every_release_has_its_snapshot_and_none_was_edited():
    assert list(RELEASES) == DATED == list(SEALS), "make snapshot keeps what a new release publishes"
    for version, (numbers, changes) in SEALS.items():
        assert sealed(record_changes.released(version)) == numbers, f"what {version} published was edited afterwards"
        assert sealed(said_of(version)) == changes, f"what {version} changed was edited in {HISTORY.name} afterwards"


def unrecorded(before, after, changes):
    """What changed from one set of numbers to another and is not recorded as it is, and what is recorded wrongly."""
    found = {item: change(row, after.get(item)) for item, row in before.items()}
    changed = {item: each for item, each in found.items() if each}
    lacking = {item: each for item, each in changed.items() if item not in changes or not says(changes[item], each)}
    return lacking, changes.keys() - changed.keys()


@pytest.mark.parametrize(("before", "after"), STEPS, ids="-".join)
def test_every_number_that_a_release_changed_or_dropped_is_recorded_and_no_other(before, after):
    version = VERSIONS[VERSIONS.index(before) + 1] if after == "now" and VERSIONS[-1] != before else after
    changes = of_numbers(CHANGES, version)
    assert {row["until"] for row in changes.values()} <= {before}
    lacking, idle = unrecorded(RELEASES[before], NOW if after == "now" else RELEASES[after], changes)
    assert not lacking, "published numbers changed without a record of it; begin the next version, then make history"
    assert not idle, "recorded as changed, and did not"


def test_every_chapter_published_numbers_with_the_last_release():
    # The snapshot is the reference of the test above: a chapter that it lacks could change unseen.
    chapters = {path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.py")}
    assert {item.split("/")[0] for item in RELEASES[DATED[-1]]} == {item.split("/")[0] for item in NOW} == chapters
    assert {f"{number:02d}" for number in range(1, 20)} <= {name[:2] for name in chapters}


def test_a_key_keeps_its_unit_in_every_release():
    for version, numbers in {**RELEASES, "now": NOW}.items():
        for item, row in numbers.items():
            first = next(each[item] for each in (*RELEASES.values(), NOW) if item in each)
            assert row["unit"] == first["unit"], f"{item} in {version}: a number in another unit needs another key"


@pytest.mark.parametrize("fault", ["value", "gone", "text", "old", "new", "idle", "row"])
def test_each_kind_of_fault_in_the_record_is_noticed(fault):
    before, after = (RELEASES[version] for version in ("0.4.0", "0.5.0"))
    after, changes = dict(after), {item: dict(row) for item, row in of_numbers(CHANGES, "0.5.0").items()}
    assert unrecorded(before, after, changes) == ({}, set())
    same, moved = "04_synthetic_cost/total_usd", "17_validation/training_error"
    if fault in ("value", "text"):
        after[same] = after[same] | {fault: "279.7406"}
    elif fault == "gone":
        del after[same]
    elif fault == "idle":
        changes[same] = changes[moved] | {"id": same}
    elif fault == "row":
        del changes[moved]
    else:
        changes[moved][fault] = str(1.01 * float(changes[moved][fault]))
    lacking, idle = unrecorded(before, after, changes)
    assert [*lacking, *idle] == [moved if fault in ("row", "old", "new") else same]


@pytest.mark.parametrize("first", rows(ROOT / "tests" / "data" / "ledger_0.1.0.csv"), ids=lambda row: row["id"])
def test_the_first_ledger_and_all_recorded_changes_give_the_ledger_of_today(first):
    claim = claims.find(first["id"])
    assert replayed(claim.id, "verdict", first["verdict"], CHANGES) == claim.verdict
    assert replayed(claim.id, "published", first["published"], CHANGES) == claim.printed
    assert replayed(claim.id, "recomputed", first["recomputed"], CHANGES) == claim.recomputed


def test_changes_name_released_versions_in_order_and_what_there_was():
    changes = catalog.table("history").values()
    assert len(changes) > 390
    for row in changes:
        assert VERSIONS.index(row.version) == VERSIONS.index(row.until) + 1, row.name
        assert row.old != row.new and row.reason.endswith("."), row.name


def test_no_number_changed_to_come_closer_to_what_a_document_prints():
    # CONTRIBUTING.md: not a reason. What a release gave as its reasons is sealed above.
    for row in CHANGES:
        assert not re.search(r"\b(closer|nearer) to\b|\bto (match|agree|fit|suit)\b", row["reason"], re.I), row["name"]


def test_the_verdicts_of_0_3_0_are_recorded():
    # CHANGELOG.md, 0.3.0, Changed.
    verdicts = [c for c in catalog.table("history").values() if c.what == "verdict" and c.version == "0.3.0"]
    found = {c.id: (c.until, c.old, c.version, c.new) for c in verdicts}
    assert found == dict.fromkeys(("B075", "B076", "B080", "B105"), ("0.2.0", "unverified", "0.3.0", "assumption"))


def test_changes_of_an_unknown_claim_are_refused():
    assert history.changes("B066") == () and history.changes("04_synthetic_cost/total_usd") == ()
    with pytest.raises(ValueError, match="unknown claim 'B999'"):
        history.changes("B999")


# --- the tool that writes the record --------------------------------------------------------------------------------


def number(value, text="t", unit="USD"):
    return {"value": value, "text": text, "unit": unit}


BEFORE = {"01_a/gone": number("4.0"), "01_a/high": number("3.0"), "01_a/kept": number("1.0"), "01_a/low": number("2.0")}
FOUND = {"01_a/kept": number(1 + 1e-12), "01_a/low": number(2.5), "01_a/high": number(3.5)}


def step(history, found, *given, before=BEFORE):
    """The history after one use of the tool, and what still lacks a reason."""
    return recorded(before, history, found, "0.1.0", "0.2.0", *given)


def test_a_change_is_recorded_only_with_a_reason_and_only_where_it_is_meant():
    assert step([], FOUND) == ([], ["01_a/gone", "01_a/high", "01_a/low"])
    after, lacking = step([], FOUND, "The price was wrong.", ["01_a/[lg]o*"])
    assert lacking == ["01_a/high"]
    assert [(row["id"], row["until"], row["version"], row["old"], row["new"], row["reason"]) for row in after] == [
        ("01_a/gone", "0.1.0", "0.2.0", "4.0", "", "The price was wrong."),
        ("01_a/low", "0.1.0", "0.2.0", "2.0", "2.5", "The price was wrong."),
    ]
    assert step(after, FOUND) == (after, ["01_a/high"]), "what is recorded stays without being named again"


def test_a_number_that_changes_twice_before_a_release_has_one_row_or_none():
    before = {"01_a/low": number("2.0")}
    once, _ = step([], {"01_a/low": number(2.5)}, "First.", ["*"], before=before)
    kept, lacking = step(once, {"01_a/low": number(2.75)}, before=before)
    assert lacking == ["01_a/low"] and kept == once, "the earlier reason is not taken for the new value"
    twice, lacking = step(once, {"01_a/low": number(2.75)}, "Second.", ["*"], before=before)
    assert [(row["old"], row["new"], row["reason"]) for row in twice] == [("2.0", "2.75", "Second.")] and not lacking
    assert step(twice, before, before=before) == ([], [])


def test_rows_of_other_versions_and_of_claims_stay():
    others = [{"id": "01_a/low", "version": "0.1.0", "what": "value"},
              {"id": "A01", "version": "0.2.0", "what": "recomputed"},
              {"id": "tab-a", "version": "0.2.0", "what": "name"},
              {"id": "gpus/a100/hbm_gb", "version": "0.2.0", "what": "value"}]  # fmt: skip
    assert step(others, BEFORE) == (others, [])
    assert step(others, FOUND, "Why.", ["*/low"])[0][:-1] == others


def test_another_text_of_the_same_value_is_a_change_too():
    after, lacking = step([], BEFORE | {"01_a/low": number("2.0", "$2.00")}, "Two decimals.", ["*"])
    assert [(row["name"], row["what"], row["old"], row["new"]) for row in after] == [
        ("01_a/low-text-0.2.0", "text", "t", "$2.00")
    ]
    assert not lacking


def test_the_tool_refuses_a_released_version_and_a_missing_reason(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match=r"begins with 0\.2\.0 of 2026-01-01; begin the next version"):
        record_changes.versions("## 0.2.0 (2026-01-01)\n\n## 0.1.0 (2025-01-01)\n")
    assert record_changes.versions("## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-01-01)\n") == ("0.2.0", "0.3.0")
    (tmp_path / "CHANGELOG.md").write_text("## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-01-01)\n", encoding="utf-8")
    monkeypatch.setattr(record_changes, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="REASON must be a sentence"):
        record_changes.main("", "17_validation/*")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder with a snapshot, a history of one row and a changelog, on which the tool works."""
    monkeypatch.setattr(record_changes, "ROOT", tmp_path)
    monkeypatch.setattr(record_changes, "RELEASES", tmp_path)
    monkeypatch.setattr(record_changes, "HISTORY", tmp_path / "HISTORY.txt")
    monkeypatch.setattr(record_changes, "current", lambda: dict(FOUND))
    (tmp_path / "CHANGELOG.md").write_text("## 0.2.0 (unreleased)\n\n## 0.1.0 (2026-01-01)\n", encoding="utf-8")
    (tmp_path / "HISTORY.txt").write_text(csv_text([list(CHANGES[0]), list(CHANGES[0].values())]), encoding="utf-8")
    monkeypatch.setattr(record_changes, "current", lambda: dict(BEFORE))
    record_changes.main("--snapshot")
    monkeypatch.setattr(record_changes, "current", lambda: dict(FOUND))
    return tmp_path


def test_the_tool_writes_the_history_in_its_columns(elsewhere):
    with pytest.raises(SystemExit, match="no reason yet: 01_a/gone\nno reason yet: 01_a/high\n"):
        record_changes.main()
    with pytest.raises(SystemExit) as done:
        record_changes.main("A fact was corrected.", "01_a/*")
    assert done.value.code is None
    kept, *added = rows(elsewhere / "HISTORY.txt")
    assert kept == CHANGES[0] and list(added[0]) == list(kept)
    assert {row["reason"] for row in added} == {"A fact was corrected."} and len(added) == 3


def test_a_snapshot_is_written_once_in_the_order_of_its_keys(elsewhere):
    assert record_changes.released("0.1.0").decode() == (
        "chapter,key,value,unit,text\n01_a,gone,4.0,USD,t\n01_a,high,3.0,USD,t\n01_a,kept,1.0,USD,t\n01_a,low,2.0,USD,t\n"
    )
    with pytest.raises(SystemExit, match=r"0\.1\.0\.csv\.xz is there already"):
        record_changes.main("--snapshot")
