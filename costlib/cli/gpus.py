"""costlib gpus: the GPUs that are known by name."""

import click

from costlib import face
from costlib.cli.tables import format_option, print_found, some


@click.command()
@click.argument("text", default="")
@format_option
def gpus(text: str, form: str) -> None:
    """List the GPUs that are known by name; only those with TEXT in their name or label."""
    print_found(some(face.gpus(text), text, [each.name for each in face.gpus()]), form)
