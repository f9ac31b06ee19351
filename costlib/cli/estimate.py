"""costlib estimate: what one stage takes."""

from typing import Any

import click

from costlib import face
from costlib.cli.job_options import job_options
from costlib.cli.shared import hardware_option, prices_option
from costlib.cli.tables import format_option, print_found

DOES_NOT_FIT = 3  # exit code


@click.command()
@click.argument("stage", metavar="[STAGE]", required=False)
@click.option(
    "--config",
    multiple=True,
    metavar="FILE",
    help="Training configuration of TRL, axolotl, LLaMA-Factory, "
    "torchtune, OpenRLHF, verl, NeMo RL, open-instruct, prime-rl or slime; repeat it for a file beside it.",
)
@click.option("--framework", metavar="NAME", help="Of the configuration, where the file does not say it.")
@job_options
@hardware_option
@prices_option
@format_option
def estimate(stage: str | None, config: tuple[str, ...], framework: str | None, form: str, **options: Any) -> None:
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    if config:
        found: Any = face.job_from(config, framework=framework, stage=stage, **options).estimate()
    elif stage is None:
        raise click.UsageError("Missing argument 'STAGE'.")
    elif framework is not None:
        raise click.UsageError("--framework means nothing without --config")
    else:
        found = face.estimate(stage, **options)
    print_found(found, form)
    if not found.fits:
        raise SystemExit(DOES_NOT_FIT)
