"""Sources left out: coefficients fitted without each, and the intervals that the errors so found make.

A new source is one more beside those that were measured. Each source weighs the same, whatever the number of its rows,
and the levels 10 % and 90 % move out as if a quarter of a source lay beyond either end. A regime with fewer than
:data:`FEWEST` sources takes the errors of the regime above it, and every interval holds the prediction itself.
"""

import math
from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from costlib.compute.coefficients import published
from costlib.facts import catalog, regimes

SHARE = 0.8
FEWEST = 3  # sources of an interval
BEYOND = 0.25  # of a source, beyond either end
ASSUMED = "one input assumed"


class Interval(NamedTuple):
    """Factors of a prediction, the rows and sources whose errors they hold, and the regime of these."""

    low: float
    high: float
    rows: int
    sources: int
    of: str


def source(case):
    """Return the first key of the source of a case."""
    return case.source.split(";")[0].strip()


def regime(case):
    """Return the regime to whose errors a case belongs: its group where an input was assumed, or it names none."""
    return case.group if case.group.endswith(ASSUMED) or case.regime not in catalog.table("regimes") else case.regime


@cache
def coefficients(key):
    """Return the Coefficients that were fitted without a source; the published ones where it has no row in a fit."""
    rows = catalog.table("left_out").values()
    return published().replaced({row.coefficient: row.value for row in rows if row.source == key})


def rate(case):
    """Return whether a case is a speed, or a share of the peak, which is low where the time is high.

    >>> from costlib.validation.cases import case
    >>> [rate(case(2, {}, "inference", "", unit, 1, None)) for unit in ("tok/s", "%", "ms/token")]
    [True, True, False]
    """
    return "/s" in case.unit.lower() or (case.unit == "%" and not shares(case))


def shares(case):
    """Return whether the errors of a case are those of the odds of a share."""
    return regimes.lineage(regime(case)) and regimes.find(regime(case)).scale == "odds"


def error(case, value):
    """Return how far a measured time or size lies above its prediction, on the scale of its regime's logarithm."""
    measured = case.measured
    if shares(case):
        whole = 100 if case.unit == "%" else 1
        measured, value = (min(max(x / whole, 1e-3), 1 - 1e-3) for x in (measured, value))
        measured, value = measured / (1 - measured), value / (1 - value)
    return math.log(value / measured if rate(case) else measured / value)


def ends(errors):
    """Return the logarithms between which a new source's rows lie four times in five.

    Parameters
    ----------
    errors : pairs of a source and an error

    Examples
    --------
    Each of three sources at one place; a quarter of a source more beyond either end leaves nothing outside:

    >>> ends([("a", -1.0), ("a", -1.0), ("b", 0.5), ("c", 2.0)])
    (-1.0, 2.0)
    """
    counts = defaultdict(int)
    for key, _ in errors:
        counts[key] += 1
    places, reached = [], 0.0
    for value, weight in sorted((value, 1 / counts[key] / len(counts)) for key, value in errors):
        places.append((reached + weight / 2, value))
        reached += weight
    level = max(0.0, ((1 - SHARE) / 2 * (len(counts) + 2 * BEYOND) - BEYOND) / len(counts))
    return _at(places, level), _at(places, 1 - level)


def _at(places, level):
    """The value at a level of a distribution, interpolated between the middles of its steps."""
    for (below, low), (above, high) in pairwise(places):
        if level <= above:
            return low + (high - low) * max(0.0, level - below) / (above - below)
    return places[-1][1]


def pools(predicted):
    """Return the errors of predictions by regime, each with those of the regimes beneath that do not stand apart."""
    found = defaultdict(list)
    for each in predicted:
        for name in regimes.pooled(regime(each.case)):
            found[name].append((source(each.case), error(each.case, each.value)))
    return found


def interval(name, errors, without=None):
    """Return the Interval of a regime from errors by regime, without those of one source; None where no regime has any.

    Parameters
    ----------
    name : of the regime
    errors : as :func:`pools` gives them
    without : key of a source, or None
    """
    for of in regimes.lineage(name):
        kept = [(key, value) for key, value in errors.get(of, ()) if key != without]
        keys = {key for key, _ in kept}
        if len(keys) >= FEWEST or (kept and not regimes.find(of).parent):
            low, high = ends(kept)
            return Interval(math.exp(min(low, 0.0)), math.exp(max(high, 0.0)), len(kept), len(keys), of)
    return None
