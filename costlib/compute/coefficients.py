"""The coefficients of the model as a value that travels: one number each, or draws from their ranges.

Whatever needs a coefficient is given all of them, so that two answers in one process, nested or in threads, can rest on
different ones, and one block of code can be evaluated at the ends of a range or over many draws.
"""

import math
import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric, is_array
from costlib.base.sampling import as_array, quantile_of
from costlib.base.text import nearest, shown
from costlib.facts import catalog
from costlib.facts.hardware import OF_PROCESS, Hardware
from costlib.facts.schema import Record

SEED = 2025


class Coefficients(Mapping[str, Numeric]):
    """Every coefficient by name, in its unit: numbers, or arrays of draws. It never changes.

    `hardware` is the reader's own, among whose GPUs names are looked up, or None. As a key of a cache each is itself
    alone, so that what was computed with one is never taken for what another would give.

    >>> published()["memory-bandwidth-fraction"]
    0.9
    """

    __slots__ = ("_values", "hardware")
    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def __init__(self, values: dict[str, Any], hardware: Hardware | None = None) -> None:
        self._values, self.hardware = values, hardware

    def __getitem__(self, name: str) -> Numeric:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        whose = f" with those of {self.hardware.gpu['name']}" if self.hardware else ""
        return f"<{len(self)} coefficients{whose}>"

    def replaced(self, values: dict[str, Any]) -> "Coefficients":
        """Return the same with other values of some, by name.

        Raises
        ------
        ValueError : for an unknown name, with the nearest ones

        Examples
        --------
        >>> slow = published().replaced({"memory-bandwidth-fraction": 0.5})
        >>> slow["memory-bandwidth-fraction"], published()["memory-bandwidth-fraction"]
        (0.5, 0.9)
        """
        for name in values:
            if name not in self._values:
                raise ValueError(f"unknown coefficient {shown(name)}{nearest(name, self._values)}")
        return Coefficients(self._values | values, self.hardware)

    def split(self) -> list["Coefficients"]:
        """Return draws one by one, for code that does not broadcast."""
        rows = zip(*self._values.values(), strict=True)
        return [Coefficients(dict(zip(self._values, row, strict=True)), self.hardware) for row in rows]


@lru_cache(maxsize=32)
def of(hardware: Hardware | None) -> Coefficients:
    """Return the published coefficients with those of a reader's hardware in their place; None for the book's alone.

    Parameters
    ----------
    hardware : costlib.facts.hardware.Hardware or None
    """
    known = catalog.table("coefficients", hardware)
    return Coefficients({name: each.value for name, each in known.items()}, hardware)


def published() -> Coefficients:
    """Return the book's own coefficients, whatever hardware this process was started with: for other people's machines.

    >>> published() is published()
    True
    """
    return of(None)


def given(coefficients: Coefficients | None = None) -> Coefficients:
    """Return coefficients, or, where none are given, those of the hardware with which this process was started."""
    return of(OF_PROCESS) if coefficients is None else coefficients


class Range(NamedTuple):
    """A range as :func:`costlib.base.sampling.quantile_of` takes it."""

    low: float
    high: float
    default: float
    shape: str = "triangular"


def quantile(known: Record, uniform: Numeric) -> Numeric:
    """Return the value of a coefficient of the catalogue at a quantile of its range.

    Triangular on the scale of the logarithm with the value as its mode: rates and overheads multiply, and several are
    known to a factor only.

    >>> link = catalog.find("coefficients", "link-fraction", None)
    >>> round(quantile(link, 0.0), 2), round(quantile(link, 1.0), 2)
    (0.5, 0.95)
    """
    if known.low == known.high:
        return known.value + 0 * uniform
    logs = quantile_of(Range(math.log(known.low), math.log(known.high), math.log(known.value)), uniform)
    return math.e**logs


def draws(count: int, seed: object = SEED, hardware: Hardware | None = None) -> Coefficients:
    """Return Coefficients that hold draws of each: arrays where NumPy is installed, else lists.

    Each has a stream of its own, spread evenly over its range and then shuffled, so that a few hundred draws settle an
    interval.

    Parameters
    ----------
    count : how many
    seed : any number; the same seed gives the same draws everywhere
    hardware : costlib.facts.hardware.Hardware whose ranges hold; None for the book's alone
    """
    found = {}
    for name, known in catalog.table("coefficients", hardware).items():
        stream = random.Random(f"{seed} {name}")
        places = [(n + stream.random()) / count for n in range(count)]
        stream.shuffle(places)
        uniform = as_array(places)
        found[name] = quantile(known, uniform) if is_array(uniform) else [quantile(known, u) for u in uniform]
    return Coefficients(found, hardware)
