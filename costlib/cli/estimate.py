"""costlib estimate: what one stage takes."""

from typing import Any

import click

from costlib import face
from costlib.cli.job_options import job_options
from costlib.cli.shared import hardware_option, prices_option
from costlib.cli.tables import format_option, print_found

DOES_NOT_FIT = 3  # exit code


@click.command()
@click.argument("stage", metavar="STAGE")
@job_options
@hardware_option
@prices_option
@format_option
def estimate(stage: str, form: str, **options: Any) -> None:
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    found = face.estimate(stage, **options)
    print_found(found, form)
    if not found.fits:
        raise SystemExit(DOES_NOT_FIT)
