"""Tables and amounts as the terminal shows them."""

import shutil
import sys
from collections.abc import Sequence

import click

from costlib import fmt
from costlib.display import RULE, Table


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], keys: Sequence[str] = ()) -> None:
    """Print a table as wide as the terminal; in a file or a pipe, as wide as it is."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    head, rule, body = Table(header, rows, keys).text(width).partition(f"\n{RULE}")
    click.echo(click.style(head, bold=True) + rule + body)


def dollars(amount: float) -> str:
    """Return an amount of dollars, with cents where they count.

    >>> dollars(12.345), dollars(1234.5), dollars(0)
    ('12.35', '1,234', '0')
    """
    return fmt.number(amount, 0 if amount >= 100 or not amount else 2)
