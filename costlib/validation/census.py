"""How many published measurements are kept, read, predicted and left out, table by table.

What was collected and never kept, and why, is in `facts/collected.csv`.
"""

from typing import NamedTuple

from costlib.compute.coefficients import published
from costlib.facts import catalog
from costlib.validation.errors import OWN, own_table
from costlib.validation.predictions import EXACT, predict


class Count(NamedTuple):
    """Rows of a table: kept, left out by name, predicted and refused; and its quantities, measured and exact.

    A row gives several quantities; `exact` are counts of FLOPs and sizes by printed formulas: no measurements.
    """

    table: str
    rows: int
    left_out: int
    predicted: int
    refused: int
    measured: int
    exact: int


def census(names=OWN):
    """Return a Count for each of the book's own tables of measurements, or for those that are named.

    >>> [count] = census(["measured_rl_updates"])
    >>> count.rows, count.predicted, count.refused, count.measured
    (17, 17, 0, 51)
    """
    return tuple(map(_count, names))


def _count(name):
    result, table = predict(own_table(name), 0, published()), own_table(name)
    lines = {each.case.line for each in result.predicted}
    exact = sum(each.case.group in EXACT for each in result.predicted)
    every = len(catalog.table(name))
    return Count(name, every, every - len(table.rows), len(lines), len(table.rows) - len(lines),
                 len(result.predicted) - exact, exact)  # fmt: skip
