"""Tables and amounts as the terminal shows them."""

import sys

from costlib import fmt


def print_table(header, rows):
    """Print a table as wide as the terminal; texts too long for their column are folded."""
    from rich.console import Console
    from rich.table import Column, Table

    # Piped into a file or another program, a table must not be cut to 80 columns.
    console = Console(width=None if sys.stdout.isatty() else 240)
    table = Table(*(Column(name, overflow="fold") for name in header), header_style="bold", row_styles=["", "dim"])
    for row in rows:
        table.add_row(*row)
    console.print(table)


def dollars(amount):
    """Return an amount of dollars, with cents where they count.

    >>> dollars(12.345), dollars(1234.5), dollars(0)
    ('12.35', '1,234', '0')
    """
    return fmt.number(amount, 0 if amount >= 100 or not amount else 2)
