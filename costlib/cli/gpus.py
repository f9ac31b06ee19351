"""costlib gpus: the GPUs that are known by name."""

import json

import click

from costlib import face
from costlib.cli.tables import print_table


@click.command()
@click.argument("text", default="")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, with every column of the catalogue.")
def gpus(text: str, as_json: bool) -> None:
    """List the GPUs that are known by name; only those with TEXT in their name or label."""
    found = face.gpus(text)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
    else:
        print_table(*found.table)
