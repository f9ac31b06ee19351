"""costlib models: the models that are known by name."""

import click

from costlib import face
from costlib.cli.tables import print_found


@click.command()
@click.argument("text", default="")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, with every column of the catalogue.")
def models(text: str, as_json: bool) -> None:
    """List the models that are known by name; only those with TEXT in their name or label."""
    print_found(face.models(text), as_json)
