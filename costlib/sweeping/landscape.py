"""What the table of facts behind the landscape says: shares of wins in cells of a map, and where they reach one half.

A row of `facts/landscape.csv` holds the points of a cell and, for each way to replace people and each multiple, in how
many of them people cost at least that many times as much; and in how many a hosted judge saves how many dollars.
"""

import math

from costlib.facts import catalog

WAYS = ("own", "judge", "own_label", "judge_label")
TIMES = (1, 3, 10)
SAVED = {"1k": 1_000, "10k": 10_000, "100k": 100_000}  # dollars that a hosted judge saves, by how they are called
MAPS = ("prices", "sizes", "pairs")


def cells(kind):
    """Return the rows of one map, in order: "prices", "sizes", "pairs", or "ends" of the range of each input.

    >>> len(cells("pairs")) > 10, {row.map for row in cells("pairs")}
    (True, {'pairs'})
    """
    return [row for row in catalog.table("landscape").values() if row.map == kind]


def share(row, way, times):
    """Return the share of a cell's points in which people cost at least `times` times as much [fraction].

    With "saved" as the way and a key of :data:`SAVED`, that in which a hosted judge saves so many dollars.

    >>> whole = catalog.find("landscape", "all")
    >>> share(whole, "own", 1) > share(whole, "own", 3) > share(whole, "own", 10)
    True
    """
    return getattr(row, f"{way}_{times}") / row.points


def savings(row):
    """Return the shares of a cell in which a hosted judge saves at least each amount of :data:`SAVED` [%]."""
    return [100 * share(row, "saved", amount) for amount in SAVED]


def standard_error(row, way, times):
    """Return the standard error of a share of w wins in m points, the root of w (m - w) / m^3 [fraction]."""
    part = share(row, way, times)
    return math.sqrt(part * (1 - part) / row.points)


def ends():
    """Return for each input that varies its lowest and its highest bin, by name.

    >>> low, high = ends()["price_usd_per_gpu_hour"]
    >>> low.x_low < high.x_low
    True
    """
    found = {}
    for row in cells("ends"):
        found.setdefault(row.parameter, []).append(row)
    return found


def drivers(ways=("own", "judge"), times=10):
    """Return inputs by how far a share of wins moves from the lowest to the highest bin, the furthest first.

    >>> drivers()[0]
    'num_pairs_m1'
    """

    def swing(name):
        low, high = ends()[name]
        return max(abs(share(high, way, times) - share(low, way, times)) for way in ways)

    return sorted(ends(), key=swing, reverse=True)


def pairs_at(way, times, half=0.5, rows=None):
    """Return the number of pairs from which a share of scenarios are wins.

    Parameters
    ----------
    way, times : as for :func:`share`
    half : the share [fraction]
    rows : of the map of pairs, in order; None for those of the table of facts

    Returns
    -------
    pairs, between the middles of two bins on the logarithm; the lower end of the first bin where that share is reached
    in it, and infinity where it is reached in none

    Examples
    --------
    >>> pairs_at("judge", 1), pairs_at("judge", 10, half=0.99)
    (1000.0, inf)
    """
    rows = cells("pairs") if rows is None else rows
    found = [share(row, way, times) for row in rows]
    if found[0] >= half:
        return rows[0].x_low
    for below, above, low, high in zip(found, found[1:], rows, rows[1:], strict=False):
        if below < half <= above:
            part = (half - below) / (above - below)
            return middle(low) * (middle(high) / middle(low)) ** part
    return math.inf


def middle(row):
    """Return the middle of a bin on the logarithm."""
    return math.sqrt(row.x_low * row.x_high)
