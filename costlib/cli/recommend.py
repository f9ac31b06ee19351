"""costlib recommend: one method for a reader's answers."""

from typing import Any

import click

from costlib import face
from costlib.cli.shared import Number, Whole, given
from costlib.cli.tables import format_option, print_found
from costlib.economics.recommendation import JUDGES
from costlib.economics.uncertainty import DRAWS


@click.command()
@click.option("--model", help="Name of costlib models, a config.json, or a size such as 8b [that of Part III].")
@click.option("--pairs", help="Usable preference pairs, or unknown [those of the article].")
@click.option("--gpu", help="GPU of costlib gpus [that of the article].")
@click.option("--gpus", type=Whole(1, 1_000_000), help="How many [as many as hold every method].")
@click.option("--judges", type=click.Choice(tuple(JUDGES)), default="any", show_default=True, help="Who judges.")
@click.option("--task", type=click.Choice(("open", "verifiable")), default="open", show_default=True,
              help="Verifiable: a program can tell whether an answer is right.")  # fmt: skip
@click.option("--experts", is_flag=True, help="People have to be experts of a domain.")
@click.option("--people-only", is_flag=True, help="Labels have to come from people.")
@click.option("--data-stays", is_flag=True, help="Prompts and answers may not leave.")
@click.option("--teacher", help="Larger model whose owner lets you train on its outputs.")
@click.option("--budget", type=Number(0, 1e12), default=0, help="For the whole project [USD; no limit].")
@click.option("--deadline", type=Number(0, 1e6), default=0, help="For the whole project [days; no limit].")
@click.option("--draws", type=Whole(1, 10_000_000), default=DRAWS, show_default=True, help="For intervals; 20 or more.")
@click.option("-p", "--parameter", "inputs", multiple=True, metavar="NAME=VALUE", help="One input; repeat it for more.")
@format_option
def recommend(form: str, inputs: tuple[str, ...], **answers: Any) -> None:
    """One method for your answers: budget, runner-up, what would flip it, what is forbidden and why."""
    named = given(None, inputs)
    if twice := sorted(answers.keys() & named.keys()):
        raise ValueError(f"-p takes inputs of costlib params; {twice[0]} is the option --{twice[0].replace('_', '-')}")
    print_found(face.recommend(**answers, **named), form)
