"""What a release said in words and facts is there and unchanged, or the record says why it is not."""

import re

import pytest
import record_texts
from record_changes import HISTORY, rows
from record_texts import current, digest, kept, recorded

FOUND, RECORDED = current(), kept()
NAMED = re.compile(
    r"facts/((?:parameters|claims|models|gpus|gpu_prices|label_prices)/[^/]+)|(?:figures|tables)/([^/]+)/.*"
)
REPAIR = 'say why: make record REASON="What was wrong." KEYS="{}"'


@pytest.mark.parametrize("kind", sorted({item.partition("/")[0] for item in FOUND}))
def test_words_and_facts_of_a_release_change_with_a_reason_alone(kind):
    known = {row["id"]: row["digest"] for row in RECORDED if row["id"].startswith(f"{kind}/")}
    found = {item: digest(text) for item, text in FOUND.items() if item.startswith(f"{kind}/")}
    changed = sorted(item for item, said in known.items() if found.get(item, "") != said)
    assert not changed, REPAIR.format(" ".join(changed[:4]))
    assert found.keys() <= known.keys(), "new, to be recorded by make record"


def test_the_record_has_each_kind_whole():
    # A pattern that finds nothing would let everything change: counted in the files as they stand.
    counted = {kind: sum(item.startswith(kind) for item in FOUND) for kind in (
        "facts/claims/", "facts/gpu_prices/", "facts/history/", "sources/", "figures/", "prose/",
        "changelog/")}  # fmt: skip
    assert counted["facts/claims/"] == 166 and counted["facts/gpu_prices/"] >= 22 and counted["facts/history/"] > 390
    assert counted["sources/"] > 130 and counted["figures/"] >= 4 * 39 and counted["prose/"] > 300
    assert counted["changelog/"] >= 6
    assert len(RECORDED) == len({row["id"] for row in RECORDED})


def test_a_name_that_went_is_found_again():
    # README: "Identifiers do not change."
    went = {match[1] or match[2] for row in RECORDED
            if not row["digest"] and (match := NAMED.fullmatch(row["id"]))}  # fmt: skip
    names = {match[1] or match[2] for item in FOUND if (match := NAMED.fullmatch(item))}
    heirs = {change["old"]: change["new"] for change in rows(HISTORY) if change["what"] == "name"}
    for name in went - names:
        assert name in heirs, f"{name} went: history.csv needs a row whose `what` is name, with its new name or none"
        heir = heirs[name]
        while heir in heirs:  # a name that changed again
            heir = heirs[heir]
        assert heir in names | {""}, f"{name} became {heir}, which is not there"


def test_no_number_moves_towards_what_is_printed():
    # CONTRIBUTING, When a published number changes: "not to come closer to what a document prints".
    towards = re.compile(
        r"\b(closer|nearer|match(es)?|agrees? with|fits?|reproduces?)\b.{0,40}\b(article|document|source|page|paper)\b"
        r".{0,20}\b(prints?|says?|claims?|states?)\b", re.I)  # fmt: skip
    for row in [*rows(HISTORY), *RECORDED]:
        assert not towards.search(row["reason"]), row["reason"]
    assert towards.search("To come closer to what the article prints.")


def test_every_reason_of_the_record_is_a_sentence():
    for row in RECORDED:
        assert row["digest"] or row["reason"], row
        assert not row["reason"] or (row["reason"].endswith(".") and len(row["reason"]) > 15), row


# --- the tool that writes the record ----------------------------------------------------------------------------------


def line(item, text, version="0.1.0", reason=""):
    return {"id": item, "digest": digest(text) if text else "", "version": version, "reason": reason}


def test_a_changed_text_needs_a_reason_and_a_new_one_none():
    begin = [line("a/kept", "one"), line("a/reversed", "yes"), line("a/went", "two")]
    found = {"a/kept": "one", "a/reversed": "no", "b/new": "three"}
    after, lacking = recorded(begin, found, "0.2.0")
    assert after == [*begin, line("b/new", "three", "0.2.0")] and lacking == ["a/reversed", "a/went"]
    after, lacking = recorded(begin, found, "0.2.0", "The page was read again.", ["a/r*"])
    assert after[1] == line("a/reversed", "no", "0.2.0", "The page was read again.") and lacking == ["a/went"]
    after, lacking = recorded(after, found, "0.2.0", "Nothing drew it.", ["*"])
    assert after[2] == line("a/went", "", "0.2.0", "Nothing drew it.") and lacking == []
    assert recorded(after, found, "0.3.0") == (after, [])
    assert recorded(after, found | {"a/reversed": "yes"}, "0.2.0")[1] == ["a/reversed"], "no reason serves two changes"


def test_what_is_new_may_change_until_it_is_released():
    begin = [line("a/new", "one", "0.2.0")]
    assert recorded(begin, {"a/new": "two"}, "0.2.0") == ([line("a/new", "two", "0.2.0")], [])
    assert recorded(begin, {}, "0.2.0") == ([], [])
    assert recorded(begin, {"a/new": "two"}, "0.3.0") == (begin, ["a/new"])


def test_the_tool_refuses_a_reason_that_is_no_sentence(monkeypatch):
    monkeypatch.setattr(record_texts, "versions", lambda text: ("0.1.0", "0.2.0"))
    with pytest.raises(SystemExit, match="REASON must be a sentence"):
        record_texts.main("wording", "prose/*")
