"""The model against published measurements: errors by group, and what one constant would do."""

import math
import random
from functools import cache
from statistics import median
from typing import NamedTuple

from costlib.compute.coefficients import published
from costlib.facts import catalog
from costlib.facts.folder import FOLDER
from costlib.text import shown
from costlib.validation.predictions import DRAWS, READERS, predict
from costlib.validation.tables import MeasurementTable, read

OWN = tuple(f"measured_{kind}" for kind in READERS if kind != "steps")
WITHIN = (1.25, 1.4, 2.0)
SHARE = 0.8  # of the rows that a factor is to hold


class Target(NamedTuple):
    """What the reported half of a group should reach; what is None is not asked for.

    Largest and median error are shares of the measured value, `factor` is one that a `share` of the rows should not
    exceed, and `printed` asks for the digits that the source prints.
    """

    largest: float | None = None
    median: float | None = None
    factor: float | None = None
    share: float = 0.5
    printed: bool = False

    def __str__(self):
        found = [
            self.largest and f"within {100 * self.largest:g} %",
            self.printed and "exact to printed rounding",
            self.median and f"median error at most {100 * self.median:g} %",
            self.factor
            and ("median" if self.share == 0.5 else f"{100 * self.share:g} %") + f" within {self.factor:g}x",
        ]
        return ", ".join(filter(None, found))

    def holds(self, prediction):
        """Return whether one prediction keeps to what is asked of every row."""
        return (self.largest is None or prediction.error <= self.largest) and (not self.printed or prediction.rounds)

    def met(self, rows):
        """Return whether predictions reach it."""
        factors = [p.factor for p in rows]
        return (
            all(map(self.holds, rows))
            and (self.median is None or median(p.error for p in rows) <= self.median)
            and (self.factor is None or sum(f <= self.factor for f in factors) >= self.share * len(factors))
        )


TARGETS = {
    "parameters and FLOPs": Target(largest=0.005),
    "analytical memory": Target(printed=True),
    "measured memory": Target(median=0.10, factor=1.25, share=0.9),
    "inference": Target(median=0.15, factor=1.4, share=0.8),
    "training throughput": Target(median=0.12),
    "alignment": Target(factor=1.4),
}


class Summary(NamedTuple):
    """Errors of a group: ratios are predicted over measured, shares within factors, coverage of the intervals."""

    group: str
    half: str
    count: int
    median_ratio: float
    median_error: float
    within: tuple
    coverage: float | None


def summary(result, groups=None, halves=("reported", "calibration")):
    """Return a Summary for each group and half that has predictions, groups with targets first."""
    names = list(dict.fromkeys([*TARGETS, *(p.case.group for p in result.predicted)]))
    rows = []
    for name in names if groups is None else groups:
        for side in halves:
            if found := result.of(name, side):
                rows.append(_summary(name, side, found))
    return rows


def _summary(name, side, found):
    count = len(found)
    held = [p.covered for p in found if p.covered is not None]
    return Summary(
        name, side, count, median(p.ratio for p in found), median(p.error for p in found),
        tuple(sum(p.factor <= limit for p in found) / count for limit in WITHIN),
        sum(held) / len(held) if held else None,
    )  # fmt: skip


def met(group, result=None):
    """Return whether the reported half of a group meets its target.

    >>> met("inference"), met("training throughput")
    (True, False)
    """
    return TARGETS[group].met((result or own()).of(group, "reported"))


def worst(result, count=10):
    """Return the predictions of the reported half that are furthest off, of groups with a target.

    >>> [first, second] = worst(own(0), 2)
    >>> first.factor >= second.factor
    True
    """
    scored = [p for group in TARGETS for p in result.of(group, "reported")]
    return sorted(scored, key=lambda p: -p.factor)[:count]


def shuffled(group, result=None, seed=1):
    """Return the median factor of a group whose measured values are dealt to its rows at random: a check that can fail.

    >>> shuffled("inference") > 2
    True
    """
    rows = (result or own()).of(group)
    values = [p.case.measured for p in rows]
    random.Random(seed).shuffle(values)
    return median(max(p.value / y, y / p.value) for p, y in zip(rows, values, strict=True))


def computed_factor(group, result=None, share=SHARE):
    """Return the factor within which a share of a group's reported rows lies.

    Parameters
    ----------
    group : name of a group with reported rows
    result : costlib.validation.predictions.Result; None for that of the book's own tables
    share : of the rows [fraction]

    Returns
    -------
    the smallest factor, predicted over measured or the other way round, that holds as many rows [-]

    Examples
    --------
    >>> 1 < computed_factor("inference") < 2
    True
    """
    factors = sorted(p.factor for p in (result or own(0)).of(group, "reported"))
    if not factors:
        raise ValueError(f"group must be one with reported rows, got {shown(group)}")
    return factors[math.ceil(share * len(factors)) - 1]


def predicted_ratio(names, result=None):
    """Return the model's ratio for rows of the book's runs: GPU-hours of one over another, or the share generating.

    >>> 0.4 < predicted_ratio("dschat-log-ppo-1.3b") < 0.9
    True
    """
    # Wall times of the book's runs are in seconds; the GPUs of two runs can differ.
    times = {p.case.id: p for p in (result or own()).predicted if p.case.unit == "s"}
    gpus = {row["name"]: float(row["gpus"] or 1) for _, row in own_table("measured_runs").rows}
    if "/" not in names:
        return float(times[names].case.share(published()))
    first, second = (times[name].value * gpus[name] for name in names.split("/"))
    return first / second


def own(draws=DRAWS):
    """Return the Result of the book's own tables of measurements.

    They are of other people's machines, so that the published coefficients predict them, whatever hardware this process
    was started with.
    """
    return evaluated(published(), draws)


@cache
def evaluated(coefficients, draws=0):
    """Return the Result of the book's own tables by some Coefficients."""
    results = [predict(own_table(name), draws, coefficients) for name in OWN]
    return sum(results[1:], results[0])


def reason(row):
    """Return why the model is far off on a row of the book's tables, as far as is known.

    >>> reason("mbridge-qwen3-30b-a3b-h100")
    'mixture with small experts: its small products and routing are not modelled'
    """
    known = [miss for miss in catalog.table("measured_misses").values() if row.startswith(miss.rows)]
    return max(known, key=lambda miss: len(miss.rows)).reason if known else "not known"


def own_table(name):
    """Return one of the book's own tables, in the columns that any other table would have."""
    table = read((FOLDER / f"{name}.csv").read_text(encoding="utf-8"))
    return MeasurementTable(table.kind, tuple((line, row | {"source": f"{row['source']}; {row['locator']}"})
                                   for line, row in table.rows if not row.get("left_out")))  # fmt: skip


def constant_utilisation(result, group="training throughput"):
    """Return the median error that one constant would have had instead of the model, and the constant.

    The constant is the median of the calibration half: a share of the peak for training, so the ratio of the measured
    value to what the peak would give is all that is used of a row.
    """
    known = {
        side: [p.case for p in result.of(group, side) if p.case.utilisation] for side in ("calibration", "reported")
    }
    if not all(known.values()):
        return None
    level = median(case.utilisation for case in known["calibration"])
    errors = [abs((case.utilisation / level if _is_time(case) else level / case.utilisation) - 1)
              for case in known["reported"]]  # fmt: skip
    return level, median(errors), median(max(1 + e, 1) for e in errors)


def _is_time(case):
    return case.unit in ("s", "GPU-h", "USD")
