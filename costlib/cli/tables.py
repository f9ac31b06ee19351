"""Tables as the terminal shows them."""

import sys
from collections.abc import Iterable, Sequence

import click

from costlib.display import RULE, Table


def print_parts(parts: Iterable[Table | str]) -> None:
    """Print tables and lines beneath each other."""
    for part in parts:
        if isinstance(part, Table):
            print_table(*part)
        else:
            click.echo(part)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], keys: Sequence[str] = ()) -> None:
    """Print a table as wide as the terminal; in a file or a pipe, as wide as it is."""
    width = None
    if sys.stdout.isatty():
        import shutil

        width = shutil.get_terminal_size().columns
    head, rule, body = Table(header, rows, keys).text(width).partition(f"\n{RULE}")
    click.echo(click.style(head, bold=True) + rule + body)
