"""Record published numbers that changed: `make history REASON="..." KEYS="17_validation/training_*"`.

`tests/data/published.csv` holds every number as a release first published it, `costlib/facts/history.csv` what became
of it since: a changed or vanished number needs a reason. Numbers that are new join the first table by themselves.
"""

import csv
import math
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from costlib.files import csv_text, write_whole
from costlib.report.notebooks import records

ROOT = Path(__file__).resolve().parents[2]
FIRST, HISTORY = ROOT / "tests" / "data" / "published.csv", ROOT / "costlib" / "facts" / "history.csv"
GONE = ""


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def current():
    """Return the record of every number in the committed chapters, by chapter/key."""
    chapters = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    return {f"{path.stem}/{record['key']}": record for path in chapters for record in records(path, "key")}


def replayed(item, what, value, history):
    """Return a value after its recorded changes, each of which must start from the value that stood before."""
    for change in history:
        if change["id"] == item and change["what"] == what:
            assert change["old"] == value, change["name"]
            value = change["new"]
    return value


def same(text, record):
    """Say whether a chapter still has a recorded value, but for the last digits, in which machines differ."""
    if record is None or text == GONE:
        return record is None and text == GONE
    return math.isclose(float(text), record["value"], rel_tol=1e-9, abs_tol=1e-12)


def versions(changelog):
    """Return the last released version and the one that is being made."""
    (newest, date), (before, _) = re.findall(r"^## (\d+\.\d+\.\d+) \((.*)\)$", changelog, re.M)[:2]
    if date != "unreleased":
        sys.exit(f"CHANGELOG.md begins with {newest} of {date}; begin the next version: ## 0.0.0 (unreleased)")
    return before, newest


def recorded(first, history, found, until, version, reason="", patterns=()):
    """Return both tables with the changes since a release, and the ids that still lack a reason."""
    first, lacking = [row for row in first if row["version"] != version], []
    known = {f"{row['chapter']}/{row['key']}": row for row in first}
    history = {row["name"]: row for row in history}
    for item, row in known.items():
        change = history.pop(f"{item}-value-{version}", None)  # of a number that changed before, in the same version
        old = replayed(item, "value", row["value"], history.values())
        if same(old, found.get(item)):
            continue
        if any(fnmatchcase(item, pattern) for pattern in patterns):
            new, where = str(found[item]["value"]) if item in found else GONE, f"chapter {item[:2]} of versions"
            change = {"name": f"{item}-value-{version}", "id": item, "what": "value", "until": until,
                      "version": version, "old": old, "new": new, "reason": reason, "source": "costofalignment",
                      "locator": f"{where} {until} and {version}", "status": "primary"}  # fmt: skip
        if not change or not same(change["new"], found.get(item)):
            lacking.append(item)
        history |= {change["name"]: change} if change else {}
    for item in found.keys() - known.keys():
        columns = dict(zip(("chapter", "key"), item.split("/"), strict=True)) | {"version": version}
        known[item] = columns | {name: str(found[item][name]) for name in ("value", "text", "unit")}
    return [known[item] for item in sorted(known)], list(history.values()), lacking


def main(reason="", *patterns):
    until, version = versions((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if patterns and not reason.endswith("."):
        sys.exit("REASON must be a sentence that says why these numbers changed, with its full stop")
    *tables, lacking = recorded(rows(FIRST), rows(HISTORY), current(), until, version, reason, patterns)
    for path, table in zip((FIRST, HISTORY), tables, strict=True):
        columns = list(rows(path)[0])
        write_whole(path, csv_text([columns, *([row.get(name, "") for name in columns] for row in table)]))
    sys.exit("".join(f"no reason yet: {item}\n" for item in lacking) or None)


if __name__ == "__main__":
    main(*sys.argv[1:])
