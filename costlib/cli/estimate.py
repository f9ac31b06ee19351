"""costlib estimate: what one stage takes."""

from typing import Any

import click

from costlib import face
from costlib.cli.job_options import job_options
from costlib.cli.shared import hardware_option
from costlib.cli.tables import print_found


@click.command()
@click.argument("stage", metavar="STAGE")
@job_options
@hardware_option
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def estimate(stage: str, as_json: bool, **options: Any) -> None:
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    print_found(face.estimate(stage, **options), as_json)
