"""costlib models: the models that are known by name."""

import click

from costlib import face
from costlib.cli.tables import format_option, print_found, some
from costlib.text import in_order


@click.command()
@click.argument("text", default="")
@format_option
def models(text: str, form: str) -> None:
    """List the models that are known by name; only those with TEXT in their name or label."""
    found = some(face.models(text), text, [each.name for each in face.models()])
    print_found(found.of(sorted(found, key=lambda each: in_order(each.name))), form)
    if form == "table" and not text:
        click.echo(f"\n{len(found)} models; `costlib models qwen3` lists those with qwen3 in their name")
