"""The coefficients of the model, one number each, or draws from their ranges.

Every room of the science asks here, so one block of code can be evaluated at the ends of a range or over many draws
without an argument in each function.
"""

import math
import random
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import NamedTuple

from costlib._arrays import is_array
from costlib.facts import catalog, hardware
from costlib.sampling import as_array, quantile_of

_DRAWN = ContextVar("drawn coefficients", default=None)
SEED = 2025


@cache
def _value(name, own):
    return catalog.find("coefficients", name).value


def coefficient(name):
    """Return the value of a coefficient, in its unit.

    >>> coefficient("memory-bandwidth-fraction")
    0.9
    """
    drawn = _DRAWN.get()
    return _value(name, hardware.in_use()) if drawn is None or name not in drawn else drawn[name]


@contextmanager
def drawn(values):
    """Within this block coefficients have other values, numbers or arrays of draws, by name.

    >>> with drawn({"memory-bandwidth-fraction": 0.5}):
    ...     coefficient("memory-bandwidth-fraction")
    0.5
    """
    token = _DRAWN.set((_DRAWN.get() or {}) | values)
    try:
        yield
    finally:
        _DRAWN.reset(token)


class Range(NamedTuple):
    """A range as :func:`costlib.sampling.quantile_of` takes it."""

    low: float
    high: float
    default: float
    shape: str = "triangular"


def quantile(name, uniform):
    """Return the value of a coefficient at a quantile of its range.

    Triangular on the scale of the logarithm with the value as its mode: rates and overheads multiply, and several are
    known to a factor only.

    >>> round(quantile("link-fraction", 0.0), 2), round(quantile("link-fraction", 1.0), 2)
    (0.6, 0.88)
    """
    known = catalog.find("coefficients", name)
    if known.low == known.high:
        return known.value + 0 * uniform
    logs = quantile_of(Range(*map(math.log, (known.low, known.high, known.value))), uniform)
    return math.e**logs


def draws(count, seed=SEED):
    """Return draws of every coefficient by name: arrays where NumPy is installed, else lists.

    Each has a stream of its own, spread evenly over its range and then shuffled, so that a few hundred draws settle an
    interval.
    """
    found = {}
    for name in catalog.table("coefficients"):
        stream = random.Random(f"{seed} {name}")
        places = [(n + stream.random()) / count for n in range(count)]
        stream.shuffle(places)
        uniform = as_array(places)
        found[name] = quantile(name, uniform) if is_array(uniform) else [quantile(name, u) for u in uniform]
    return found


def split(values):
    """Return draws one by one, for code that does not broadcast."""
    lists = {name: list(each) for name, each in values.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
