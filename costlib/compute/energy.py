"""Electricity and CO2 of GPU-hours: power of the servers, what the data centre adds, and the grid.

kWh = sum over steps of GPU-hours x rated power of the GPU x power share / 1000 x PUE, and
CO2 = kWh x carbon intensity / 1000. A power share is what a whole server draws, processors, fans and network cards
included, over the rated power of its GPUs; it differs between steps that train and steps that generate. Making the
hardware is not counted.

Sources: the rows power-train, power-generate and pue of `facts/energy.csv`; `facts/grids.csv`.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, log, where
from costlib.facts import catalog

# Steps at the power of serving: those that write, and those in which GPUs wait.
GENERATES = ("prefill", "decode", "tool calls", "reward calls", "weight sync", "waits")
KILO = 1000


class Span(NamedTuple):
    """A number and the ends of its range, all alike where it has none."""

    value: Numeric
    low: Numeric
    high: Numeric

    def times(self, *others: "Span") -> "Span":
        """Return the product with others, errors independent: distances add as squares on the scale of the logarithm.

        Examples
        --------
        Twice 2, and twice another 2, are 2 to the power of the square root of 2 apart:

        >>> found = Span(10.0, 5.0, 20.0).times(Span(1.0, 0.5, 2.0))
        >>> found.value, round(found.high / 10, 4), round(10 / found.low, 4)
        (10.0, 2.6651, 2.6651)
        """
        every, value = (self, *others), self.value
        for other in others:
            value = value * other.value
        down, up = (math.e ** sum(log(each[end] / each.value) ** 2 for each in every) ** 0.5 for end in (1, 2))
        return Span(value, value / down, value * up)


class Energy(NamedTuple):
    """Electricity [kWh] and CO2 [kg CO2e] of a job."""

    kwh: Span
    co2_kg: Span


UNKNOWN = Energy(Span(math.nan, math.nan, math.nan), Span(math.nan, math.nan, math.nan))


def kwh(gpu_hours: Numeric, tdp_w: Numeric, share: Numeric, pue: Numeric) -> Numeric:
    """Return the electricity that GPU-hours take.

    Parameters
    ----------
    gpu_hours : at least 0 [GPU-h]
    tdp_w : rated power of one GPU, at least 0 [W]
    share : what the server draws over the rated power of its GPUs, at least 0 [-]
    pue : power of the data centre over that of its servers, at least 1 [-]

    Returns
    -------
    gpu_hours x tdp_w / 1000 x share x pue [kWh]

    Raises
    ------
    ValueError : for a value out of range

    Examples
    --------
    >>> round(kwh(100, 700, 1.384, 1.15), 3)
    111.412
    """
    drawn = checked("gpu_hours", gpu_hours, "GPU-h") * checked("tdp_w", tdp_w, "W") / KILO
    return drawn * checked("share", share, "-") * checked("pue", pue, "-", low=1)


def co2_kg(electricity: Numeric, g_per_kwh: Numeric) -> Numeric:
    """Return the CO2 of electricity from a grid [kg CO2e], `g_per_kwh` being its carbon intensity [g CO2e per kWh].

    >>> co2_kg(1000, 369.5)
    369.5
    """
    return checked("electricity", electricity, "kWh") * checked("g_per_kwh", g_per_kwh, "g per kWh") / KILO


def pue_used(pue: Numeric | None = None) -> Span:
    """Return a PUE that was given, else that of `facts/energy.csv` with its range.

    >>> pue_used().value, pue_used(1.2)
    (1.15, Span(value=1.2, low=1.2, high=1.2))
    """
    return _row("pue") if pue is None else Span(pue, pue, pue)


def of_hours(gpu_hours: Numeric, tdp_w: Numeric, generates: bool = False) -> Numeric:
    """Return the electricity of GPU-hours at the usual power share and PUE [kWh].

    >>> round(of_hours(100, 700), 3), round(of_hours(100, 700, generates=True), 3)
    (111.412, 97.808)
    """
    share = _row("power-generate" if generates else "power-train").value
    return kwh(gpu_hours, tdp_w, share, pue_used().value)


def used(steps: Iterable[tuple[str, Numeric]], tdp_w: Numeric, grid: str, pue: Numeric | None = None,
         off: tuple[Numeric, Numeric] = (1, 1)) -> Energy:  # fmt: skip
    """Return electricity and CO2 of the steps of a job, with their ranges.

    Parameters
    ----------
    steps : pairs of the name of a step and its GPU-hours [GPU-h]
    tdp_w : rated power of one GPU [W]
    grid : name of a row of `facts/grids.csv`
    pue : of the data centre, or None for the usual one with its range [-]
    off : factors of GPU-hours between which they are known, with 1 between them [-]

    Raises
    ------
    ValueError : for an unknown grid, with the nearest names, and values out of range

    Examples
    --------
    >>> found = used([("train", 100)], 700, "united-states", 1.0)
    >>> round(found.kwh.value, 2), round(found.kwh.low, 2), round(found.co2_kg.value, 2)
    (96.88, 93.1, 35.79)
    """
    place = catalog.find("grids", grid)
    shares = [(_row("power-generate" if name in GENERATES else "power-train"), hours) for name, hours in steps]
    value, low, high = (sum(kwh(hours, tdp_w, share[end], 1) for share, hours in shares) for end in range(3))
    one = where(value > 0, 0, 1)  # no power has no range
    power = Span(value + one, low + one, high + one)
    found = power.times(pue_used(pue), Span(1, *off))
    intensity = Span(place.g_co2e_per_kwh / KILO, (place.low or place.g_co2e_per_kwh) / KILO,
                      (place.high or place.g_co2e_per_kwh) / KILO)  # fmt: skip
    return Energy(*(Span(*(end * (1 - one) for end in each)) for each in (found, found.times(intensity))))


def _row(name: str) -> Span:
    row = catalog.find("energy", name)
    return Span(row.value, row.low, row.high)
