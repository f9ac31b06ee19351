"""costlib calibrate: coefficients of this machine from its measurements."""

from pathlib import Path

import click

from costlib import fmt
from costlib.cli.tables import print_table
from costlib.extras import need
from costlib.files import read_text, write_whole


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="YAML file for --hardware.")
@click.option("--name", help="Of the GPU in that file [the file's name].")
def calibrate(file: Path, out: Path, name: str | None) -> None:
    """Turn the rows that `costlib measure` wrote to FILE into coefficients of this machine."""
    need("measure", "costlib calibrate", "numpy")
    from costlib.measuring import calibrate as calibration
    from costlib.validation.tables import read

    found = calibration.calibrate(read(read_text(file)), name or out.stem)
    write_whole(out, calibration.as_yaml(found))
    rows = [[n, fmt.short(part["value"], 3), f"{fmt.short(part['low'], 3)} to {fmt.short(part['high'], 3)}",
             fmt.short(part["book"], 3), str(part["rows"])] for n, part in found.coefficients.items()]  # fmt: skip
    print_table(["coefficient", "here", "80 % of rows", "book", "rows"], rows)
    print_table(
        ["group", "half", "rows", "median error with the book", "median error here"],
        [[score.group, score.half, str(score.rows), *(fmt.percent(e, 1) for e in (score.before, score.after))]
         for score in found.scores],
    )  # fmt: skip
    click.echo(f"as in the book, since no row tells: {', '.join(found.kept)}")
    click.echo(
        f"use it: costlib estimate --hardware {out}, costlib rerun --hardware {out}, costlib validate --hardware {out}"
    )
