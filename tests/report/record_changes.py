"""Record published numbers that changed: `make history REASON="..." KEYS="17_validation/training_*"`.

`tests/data/releases/` holds what each release published, number by number, and is never edited: `make snapshot` adds
the file of a release. `costlib/facts/history.csv` says what became of a number since: one that another release changed,
printed otherwise or left out needs a reason.
"""

import csv
import io
import lzma
import math
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from costlib.base.files import csv_text, write_whole
from costlib.report.notebooks import paths, records

ROOT = Path(__file__).resolve().parents[2]
RELEASES, HISTORY = ROOT / "tests" / "data" / "releases", ROOT / "costlib" / "facts" / "history.csv"
COLUMNS = ("chapter", "key", "value", "unit", "text")
GONE = ""


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def current():
    """Return the record of every number in the committed chapters, by chapter/key."""
    return {f"{path.stem}/{record['key']}": record for path in paths(ROOT) for record in records(path, "key")}


def releases():
    """Return what each release published, oldest first: rows by chapter/key."""
    names = [path.name.removesuffix(".csv.xz") for path in RELEASES.glob("*.csv.xz")]
    found = sorted(names, key=lambda name: [int(part) for part in name.split(".")])
    tables = {name: csv.DictReader(io.StringIO(released(name).decode())) for name in found}
    return {name: {f"{row['chapter']}/{row['key']}": row for row in table} for name, table in tables.items()}


def released(version):
    """Return the snapshot of a release, a CSV file."""
    return lzma.decompress((RELEASES / f"{version}.csv.xz").read_bytes())


def replayed(item, what, value, history):
    """Return a value after its recorded changes, each of which must start from the value that stood before."""
    for change in history:
        if change["id"] == item and change["what"] == what:
            assert change["old"] == value, change["name"]
            value = change["new"]
    return value


def same(one, other):
    """Say whether two values or texts of values are equal but for the last digits, in which machines differ."""
    return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)


def change(before, after):
    """Return what changed of a number, what it was and what it is; None where it stayed."""
    if after is None:
        return "value", before["value"], GONE
    if not same(before["value"], after["value"]):
        return "value", before["value"], str(after["value"])
    return None if before["text"] == after["text"] else ("text", before["text"], after["text"])


def says(row, found):
    """Say whether a row of the history says what is found to have changed, but for the last digits of values."""
    what, old, new = found
    if row["what"] != what:
        return False
    pairs = ((row["old"], old), (row["new"], new))
    if what == "text":
        return all(one == other for one, other in pairs)
    return all((one == other) if GONE in (one, other) else same(one, other) for one, other in pairs)


def of_numbers(history, version):
    """Return the rows of the history that say what a version changed of the numbers of chapters, by chapter/key."""
    found = [row for row in history if row["version"] == version and row["what"] in ("value", "text")]
    return {row["id"]: row for row in found if re.fullmatch(r"\d\d_\w+/\w+", row["id"])}


def versions(changelog):
    """Return the last released version and the one that is being made."""
    (newest, date), (before, _) = re.findall(r"^## (\d+\.\d+\.\d+) \((.*)\)$", changelog, re.M)[:2]
    if date != "unreleased":
        sys.exit(f"CHANGELOG.md begins with {newest} of {date}; begin the next version: ## 0.0.0 (unreleased)")
    return before, newest


def recorded(before, history, found, until, version, reason="", patterns=()):
    """Return the history with the changes since a release, and the ids that still lack a reason."""
    known, rest, lacking = of_numbers(history, version), [], []
    kept = [row for row in history if row not in known.values()]
    for item, row in before.items():
        changed = change(row, found.get(item))
        if changed and any(fnmatchcase(item, pattern) for pattern in patterns):
            what, old, new = changed
            known[item] = {"name": f"{item}-{what}-{version}", "id": item, "what": what, "until": until,
                           "version": version, "old": old, "new": new, "reason": reason, "source": "costofalignment",
                           "locator": f"chapter {item[:2]} of versions {until} and {version}",
                           "status": "primary"}  # fmt: skip
        if changed and not (item in known and says(known[item], changed)):
            lacking.append(item)
        rest += [known[item]] if changed and item in known else []
    return kept + rest, lacking


def snapshot(version, found):
    """Write what a release publishes, once."""
    target = RELEASES / f"{version}.csv.xz"
    if target.exists():
        sys.exit(f"{target.name} is there already: what a release published does not change")
    lines = [[*item.split("/"), *(str(row[name]) for name in COLUMNS[2:])] for item, row in sorted(found.items())]
    write_whole(target, lzma.compress(csv_text([COLUMNS, *lines]).encode()))


def main(reason="", *patterns):
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if reason == "--snapshot":
        return snapshot(re.search(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$", changelog, re.M)[1], current())
    until, version = versions(changelog)
    if patterns and not reason.endswith("."):
        sys.exit("REASON must be a sentence that says why these numbers changed, with its full stop")
    history = rows(HISTORY)
    after, lacking = recorded(releases()[until], history, current(), until, version, reason, patterns)
    write_whole(HISTORY, csv_text([list(history[0]), *([row.get(name, "") for name in history[0]] for row in after)]))
    sys.exit("".join(f"no reason yet: {item}\n" for item in lacking) or None)


if __name__ == "__main__":
    main(*sys.argv[1:])
