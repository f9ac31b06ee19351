"""costlib validate: predictions beside measurements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from costlib import face
from costlib.cli.shared import hardware_option
from costlib.cli.tables import print_json, print_parts
from costlib.files import csv_text, write_whole

if TYPE_CHECKING:
    from costlib.face.validated import Validated


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the predictions to this CSV file.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@hardware_option
def validate(file: Path | None, out: Path | None, as_json: bool, hardware: Path | None) -> None:
    """Predict the measurements in FILE, a CSV table of one of five kinds; or the book's own."""
    found = face.validate(file, hardware=hardware)
    if out:
        _write(out, found)
    if as_json:
        print_json(found.report())
        return
    lines = [f"not predicted: line {row.line} ({row.id}): {row.reason}" for row in found.missing]
    lines += [f"not read: line {row.line} ({row.id}): {', '.join(row.words)}" for row in found.unread]
    print_parts([found.table, *lines, *found.parts()])


def _write(path: Path, found: Validated) -> None:
    """Write the predictions, and the rows without one with the reason, as CSV."""
    rows = [each.to_dict() for each in found] + [row._asdict() for row in found.missing]
    names = list(dict.fromkeys([*(name for row in rows for name in row), "line", "id", "reason"]))
    write_whole(path, csv_text([names, *([row.get(name) for name in names] for row in rows)]))
