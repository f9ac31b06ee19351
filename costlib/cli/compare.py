"""costlib compare: every method of alignment side by side."""

import os
from pathlib import Path

import click

from costlib import face
from costlib.cli.shared import Whole, given, pairs_option, prices_option
from costlib.cli.tables import format_option, print_found
from costlib.economics.uncertainty import DRAWS


@click.command()
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@pairs_option
@click.option("--draws", type=Whole(1, 10_000_000), default=DRAWS, show_default=True, help="For intervals; 20 or more.")
@prices_option
@format_option
def compare(scenario: Path | None, pairs: tuple[str, ...], draws: int, prices: Path | None, form: str) -> None:
    """Every method of alignment side by side, with 90 % intervals, for a SCENARIO file, options -p, or both."""
    # NumPy would start a thread for each core, to multiply matrices. Nothing here does, and it takes its time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print_found(face.compare(given(scenario, pairs), draws=draws, prices=prices), form)
