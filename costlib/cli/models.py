"""costlib models: the models that are known by name, and any one model."""

import click

from costlib import face
from costlib.base import display
from costlib.base.text import in_order
from costlib.cli.tables import format_option, print_found, some
from costlib.facts import names


@click.command()
@click.argument("text", default="", metavar="[TEXT|MODEL]")
@click.option("--fetch", is_flag=True, help="Ask the hub for a MODEL that is not on this machine, and keep it.")
@format_option
def models(text: str, fetch: bool, form: str) -> None:
    """List the models that are known by name; only those with TEXT in their name or label.

    Or show what is counted of one MODEL: a name in any usual spelling, a config.json or its folder, a Hugging Face id,
    NAME:layers=24.
    """
    found = face.models(text)
    if not found and (fetch or names.model(text) or names.own_model(text)):
        print_found(face.model(text, fetch=fetch), form)
        return
    found = some(found, text, [each.name for each in face.models()])
    print_found(found.of(sorted(found, key=lambda each: in_order(each.name))), form)
    if form == "table" and not text:
        said = f"{len(found)} models; `costlib models qwen3` lists those with qwen3 in their name"
        click.echo("\n".join(["", *display.folded(said, display.window())]))
