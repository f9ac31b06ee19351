"""costlib validate: predictions beside measurements."""

from pathlib import Path

import click

from costlib import face
from costlib.cli.shared import hardware_option
from costlib.cli.tables import as_csv, format_option, print_found, print_parts
from costlib.files import write_whole


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the predictions to this CSV file.")
@click.option("--rows", is_flag=True, help="Print every row beneath the summary.")
@format_option
@hardware_option
def validate(file: Path | None, out: Path | None, rows: bool, form: str, hardware: Path | None) -> None:
    """Predict the measurements in FILE, a CSV table of one of five kinds; or the book's own."""
    found = face.validate(file, hardware=hardware)
    if out:
        write_whole(out, as_csv(found))
    if rows and form == "table":
        print_parts([*found.summary(), *found.problems(), found.table])
    else:
        print_found(found, form)
