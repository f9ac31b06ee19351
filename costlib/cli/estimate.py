"""costlib estimate: what one stage takes."""

from pathlib import Path
from typing import Any

import click

from costlib import face
from costlib.base.folders import check_file, write_file
from costlib.cli.job_options import job_options
from costlib.cli.shared import hardware_option, out_option, prices_option
from costlib.cli.tables import format_option, in_words, print_found
from costlib.recipes.writing import check, written

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
@click.option("--write-config", metavar="NAME", help="Print a starting configuration of trl, axolotl or llamafactory "
              "for the layout instead of the answer, or with -o write it to a file.")  # fmt: skip
@out_option("File that receives the configuration.", required=False)
@click.option("--fetch", is_flag=True, help="Ask the hub for models that are not on this machine, and keep them.")
@job_options
@hardware_option
@prices_option
@format_option
def estimate(stage: str | None, config: tuple[str, ...], framework: str | None, write_config: str | None,
             out: Path | None, fetch: bool, form: str, **options: Any) -> None:  # fmt: skip
    """FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate."""
    if out and not write_config:
        raise click.UsageError("-o means nothing without --write-config")
    if write_config:
        check(write_config)
    if config:
        if fetch and options.get("model"):
            face.model(options["model"], fetch=True)
        found: Any = face.job_from(config, framework=framework, stage=stage, **options).estimate()
    elif stage is None:
        raise click.UsageError("Missing argument 'STAGE'.")
    elif framework is not None:
        raise click.UsageError("--framework means nothing without --config")
    else:
        found = face.estimate(stage, fetch=fetch, **options)
    if write_config and found.fits:
        in_words("--write-config", True, "table" if out else form)
        text = written(found, write_config, found.read.model if config else None)
        if out is None:
            click.echo(text.removesuffix("\n"))
            return
        check_file(out, "estimate", config)
        write_file(out, "estimate", text)
    print_found(found, form)
    if not found.fits:
        if write_config:
            click.echo("costlib: no configuration is written for what does not fit", err=True)
        raise SystemExit(DOES_NOT_FIT)
