"""costlib calibrate: coefficients of this machine from its measurements."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from costlib.base import fmt
from costlib.base.display import Shown, Table
from costlib.base.extras import need
from costlib.base.files import read_text
from costlib.base.folders import check_file, write_file
from costlib.cli.shared import out_option
from costlib.cli.tables import format_option, print_found
from costlib.facts.outputs import plain

USERS = ("estimate", "rerun", "validate")


class Calibrated(Shown):
    """The coefficients of a machine, a costlib.measuring.calibrate.Calibration, and the file that has them."""

    def __init__(self, found: Any, out: Path) -> None:
        self.found, self.out = found, out

    def parts(self) -> Iterable[Table | str]:
        """Return coefficients, errors before and after, and what to do with the file."""
        rows = [[name, _short(part["value"]), f"{_short(part['low'])} to {_short(part['high'])}", _short(part["book"]),
                 str(part["rows"])] for name, part in self.found.coefficients.items()]  # fmt: skip
        yield Table(["coefficient", "here", "80 % of rows", "book", "rows"], rows)
        header = ["group", "half", "rows", "median error with the book", "median error here"]
        yield Table(header, [[score.group, score.half, str(score.rows), *(fmt.percent(e, 1) for e in score[3:])]
                             for score in self.found.scores])  # fmt: skip
        yield f"as in the book, since no row tells: {', '.join(self.found.kept)}"
        yield "use it: " + ", ".join(f"costlib {name} --hardware {self.out}" for name in USERS)

    def to_dict(self) -> dict[str, Any]:
        """Return coefficients with value, ends, the book's value and rows, errors by group, and what was kept."""
        return plain({"coefficients": self.records(), "errors": [score._asdict() for score in self.found.scores],
                      "kept": list(self.found.kept), "file": str(self.out)})  # fmt: skip

    def records(self) -> list[dict[str, Any]]:
        """Return a row for each coefficient."""
        return [plain({"name": name, **part}) for name, part in self.found.coefficients.items()]


def _short(value: float) -> str:
    return fmt.compact(value, 3)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@out_option("YAML file for --hardware.")
@click.option("--name", help="Of the GPU in that file [the file's name].")
@format_option
def calibrate(file: Path, out: Path, name: str | None, form: str) -> None:
    """Turn the rows that `costlib measure` wrote to FILE into coefficients of this machine."""
    need("measure", "costlib calibrate", "numpy")
    from costlib.measuring import calibrate as calibration
    from costlib.validation.tables import read

    check_file(out, "calibrate", [file])
    found = calibration.calibrate(read(read_text(file)), name or out.stem)
    write_file(out, "calibrate", calibration.as_yaml(found))
    print_found(Calibrated(found, out), form)
