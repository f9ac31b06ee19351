"""The models of the catalogue that have a configuration: their rows, counted from it.

python book/_tools/catalogue.py

`tests/data/configurations/catalogue.csv` names each configuration, where it was read and the model whose it is. A row
that stands keeps its label, source, locator, status and note; its dimensions are those of the configuration.
"""

from pathlib import Path

from costlib.base.files import csv_text, read_rows, write_whole
from costlib.compute import configurations
from costlib.facts import schema
from costlib.facts.folder import FOLDER

CONFIGURATIONS = Path(__file__).parents[2] / "tests" / "data" / "configurations"
INDEX = CONFIGURATIONS / "catalogue.csv"
KEPT = ("label", "in_chapters", "source", "locator", "status", "note")


def row(entry):
    """Return the row of models.csv of a row of the index, as texts."""
    read = configurations.read(CONFIGURATIONS / f"{entry['file']}.json")
    cells = {name: "" if value is None else str(value) for name, value in read.row().items()}
    whole = entry["source_form"] == "file"
    commit = f" at {entry['source_commit'][:12]}" if entry["source_commit"] else ""
    place = f"{entry['source_repository']}: {entry['source_path']}{commit}"
    notes = ("Count from the configuration." if whole else f"Count from a configuration: {entry['source_form']}.",
             f"Left out: {', '.join(read.left_out)}." if read.left_out else "", entry["note"])  # fmt: skip
    return cells | {
        "name": entry["name"], "label": entry["label"], "in_chapters": "no", "source": entry["source"],
        "locator": place, "status": "derived" if whole else "secondary", "note": " ".join(filter(None, notes)),
    }  # fmt: skip


def rows():
    """Return all rows of models.csv: those that stand, in their order, and the new ones behind them."""
    standing = {each["name"]: each for each in schema.rows("models")}
    made = {entry["name"]: row(entry) for entry in read_rows(INDEX)}
    found = standing | made
    return [each | {name: standing[key][name] for name in KEPT if key in standing} for key, each in found.items()]


def write(target):
    """Write the table as CSV."""
    names = list(schema.columns("models"))
    write_whole(target, csv_text([names, *([each.get(name, "") for name in names] for each in rows())]))


if __name__ == "__main__":
    write(Path(FOLDER, "models.csv"))
