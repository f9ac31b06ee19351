"""Tables as the terminal shows them."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from costlib.display import RULE, Table


def print_parts(parts: Iterable[Table | str]) -> None:
    """Print tables and lines beneath each other."""
    for part in parts:
        if isinstance(part, Table):
            print_table(*part)
        else:
            click.echo(part)


def print_json(content: Any) -> None:
    """Print what a command found as JSON."""
    click.echo(json.dumps(content, indent=1, ensure_ascii=False))


def print_found(found: Any, as_json: bool) -> None:
    """Print an answer as JSON, or as people read it."""
    if as_json:
        print_json(found.to_dict())
    else:
        print_parts(found.parts())


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], keys: Sequence[str] = ()) -> None:
    """Print a table as wide as the terminal; in a file or a pipe, as wide as it is."""
    width = None
    if sys.stdout.isatty():
        import shutil

        width = shutil.get_terminal_size().columns
    head, rule, body = Table(header, rows, keys).text(width).partition(f"\n{RULE}")
    click.echo(click.style(head, bold=True) + rule + body)
