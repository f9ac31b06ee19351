"""costlib validate: predictions beside measurements."""

from pathlib import Path

import click

from costlib import face
from costlib.base.files import csv_text
from costlib.base.folders import check_file, write_file
from costlib.base.text import brief
from costlib.cli.shared import fail, hardware_option, out_option
from costlib.cli.tables import format_option, print_found, print_parts

# Of the file of predictions.
COLUMNS = ("line", "id", "group", "half", "quantity", "unit", "predicted", "low", "high", "measured", "ratio",
           "covered", "assumed", "reason")  # fmt: skip


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@out_option("Write the predictions to this CSV file.", required=False)
@click.option("--rows", is_flag=True, help="Print every row beneath the summary.")
@format_option
@hardware_option
def validate(file: Path | None, out: Path | None, rows: bool, form: str, hardware: Path | None) -> None:
    """Predict the measurements in FILE, a CSV table of one of seven kinds; or the book's own."""
    if out:
        check_file(out, "validate", [path for path in (file, hardware) if path])
    if form == "table":
        click.echo(f"predicting {brief(str(file)) if file else 'the measurements of the book'} ...", err=True)
    found = face.validate(file, hardware=hardware)
    if out:
        rows_of = ([row.get(name) for name in COLUMNS] for row in found.records())
        write_file(out, "validate", csv_text([COLUMNS, *rows_of]))
    if rows and form == "table":
        print_parts([*found.summary(), *found.problems(), found.table])
    elif form in ("table", "json") or found.records():
        print_found(found, form)
    if file and not len(found):
        why = next((f": {row.reason} (line {row.line})" for row in found.missing), ", there is none")
        fail(f"{brief(str(file))}: no row is predicted{why}", 2)
