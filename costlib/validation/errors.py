"""The model against published measurements: errors by group, and what one constant would do."""

import math
import random
from functools import cache
from statistics import fmean, median
from typing import NamedTuple

from costlib.compute.coefficients import published
from costlib.facts import catalog
from costlib.facts.folder import FOLDER
from costlib.validation import left_out
from costlib.validation.predictions import EXACT, READERS, predict
from costlib.validation.tables import MeasurementTable, read

OWN = tuple(f"measured_{kind}" for kind in READERS if kind != "steps")
WITHIN = (1.25, 1.4, 2.0)
LEFT_OUT = "left out"  # the half of rows that were predicted without their source


def target(group):
    """Return the Target of a group or regime, a row of `facts/targets.csv`, or None.

    >>> str(target("inference"))
    'median within 1.2x, 80 % within 1.5x, intervals cover 70 to 90 %'
    """
    row = catalog.table("targets").get(group)
    return row and Target(row.largest, row.median, row.factor, row.share, bool(row.printed), row.points,
                          row.covers_low, row.covers_high)  # fmt: skip


class Target(NamedTuple):
    """What predictions of a group should reach; what is None is not asked for.

    Largest error is a share of the measured value that no row should exceed, the median and the factor that holds a
    `share` of the rows are ratios, `points` is the median difference of two shares, `printed` asks for the digits that
    the source prints, and intervals should cover between `low` and `high` of the rows.
    """

    largest: float | None = None
    median: float | None = None
    factor: float | None = None
    share: float | None = None
    printed: bool = False
    points: float | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self):
        found = [
            self.largest and f"within {100 * self.largest:g} %",
            self.printed and "exact to printed rounding",
            self.median and f"median within {self.median:g}x",
            self.factor and f"{100 * self.share:g} % within {self.factor:g}x",
            self.points and f"median within {100 * self.points:g} points",
            self.low and f"intervals cover {100 * self.low:g} to {100 * self.high:g} %",
        ]
        return ", ".join(filter(None, found))

    def holds(self, prediction):
        """Return whether one prediction keeps to what is asked of every row."""
        return (self.largest is None or prediction.error <= self.largest) and (not self.printed or prediction.rounds)

    def met(self, rows):
        """Return whether predictions reach all of it."""
        return not self.missed(rows)

    def missed(self, rows):
        """Return what predictions do not reach, in words with what they reach."""
        factors, covered = [p.factor for p in rows], [p.covered for p in rows if p.covered is not None]
        found = [f"{len(rows) - held} of {len(rows)} rows" for held in [sum(map(self.holds, rows))] if held < len(rows)]
        if self.median and median(factors) > self.median:
            found.append(f"median {median(factors):.2f}x")
        if self.factor and within(factors, self.factor) < self.share:
            found.append(f"{within(factors, self.factor):.0%} within {self.factor:g}x")
        if self.points and median(abs(p.points) for p in rows) > self.points:
            found.append(f"median {100 * median(abs(p.points) for p in rows):.0f} points")
        if self.low and covered and not self.low <= fmean(covered) <= self.high:
            found.append(f"intervals cover {fmean(covered):.0%}")
        return found


def within(factors, limit):
    """Return the share of factors up to a limit [fraction]."""
    return sum(f <= limit for f in factors) / len(factors)


class Summary(NamedTuple):
    """Errors of a group: ratios are predicted over measured, shares within factors, coverage of the intervals.

    `width` is the median of high over low, `score` the mean interval score on the scale of the logarithm: the width,
    and ten times the distance of what lies outside.
    """

    group: str
    half: str
    count: int
    sources: int
    median_ratio: float
    median_error: float
    median_factor: float
    within: tuple
    coverage: float | None
    width: float | None
    score: float | None


def summary(result, groups=None, halves=None):
    """Return a Summary for each group and half that has predictions, groups with targets first."""
    known = catalog.table("targets")
    names = [*dict.fromkeys([*(name for name in known), *(p.case.group for p in result.predicted)])]
    sides = halves or [*dict.fromkeys(p.half for p in result.predicted)]
    found = [(name, side, result.of(name, side)) for name in (names if groups is None else groups) for side in sides]
    return [summarised(name, side, rows) for name, side, rows in found if rows]


def summarised(name, side, found):
    """Return the Summary of some predictions."""
    factors, held = [p.factor for p in found], [p for p in found if p.covered is not None]
    return Summary(
        name, side, len(found), len({left_out.source(p.case) for p in found}), median(p.ratio for p in found),
        median(p.error for p in found), median(factors), tuple(within(factors, limit) for limit in WITHIN),
        fmean(p.covered for p in held) if held else None, median(p.high / p.low for p in held) if held else None,
        fmean(map(_score, held)) if held else None,
    )  # fmt: skip


def _score(row):
    beyond = max(0.0, math.log(row.low / row.case.measured), math.log(row.case.measured / row.high))
    return math.log(row.high / row.low) + 2 / (1 - left_out.SHARE) * beyond


def met(group, result=None):
    """Return whether the predictions of a group meet its target, each without its own source in the fit.

    >>> met("parameters and FLOPs")
    False
    """
    return target(group).met((result or own()).of(group))


def worst(result, count=10):
    """Return the predictions that are furthest off, of groups with a target.

    >>> [first, second] = worst(own(), 2)
    >>> first.factor >= second.factor
    True
    """
    rows = dict.fromkeys(p for group in catalog.table("targets") for p in result.of(group))
    return sorted(rows, key=lambda p: -p.factor)[:count]


def shuffled(group, result=None, seed=1):
    """Return the median factor of a group whose measured values are dealt to its rows at random: a check that can fail.

    >>> shuffled("inference") > 2
    True
    """
    rows = (result or own()).of(group)
    values = [p.case.measured for p in rows]
    random.Random(seed).shuffle(values)
    return median(max(p.value / y, y / p.value) for p, y in zip(rows, values, strict=True))


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


def own(intervals=True):
    """Return the Result of the book's own tables of measurements, each row predicted without its source.

    Coefficients are those that were fitted without the source of a row, and its interval is made of the errors of other
    sources. They are of other people's machines, so that hardware with which this process was started changes nothing.
    """
    found = _left_out()
    if not intervals:
        return found
    errors, known = left_out.pools(scored(found)), {}

    def ends(case):
        key = left_out.regime(case), left_out.source(case)
        if key not in known:
            known[key] = left_out.interval(key[0], errors, key[1])
        return known[key]

    rows = (p if p.case.group in EXACT else p.within(ends(p.case)) for p in found.predicted)
    return found._replace(predicted=tuple(rows))


class OfSource(NamedTuple):
    """One source in a group: ratios predicted over measured, speeds turned over, their median, coverage and width."""

    group: str
    source: str
    ratios: tuple
    median: float
    covered: float | None
    width: float | None


def by_source(result):
    """Return an OfSource for each group with a target and each of its sources, by the median of the ratio.

    >>> rows = by_source(own())
    >>> {row.source for row in rows if row.group == "alignment"} >= {"yao2023dschat", "nemorl2025"}
    True
    """
    found = []
    for group in catalog.table("targets"):
        rows = [p for p in result.of(group) if p.case.group not in EXACT]
        parts = [(key, [p for p in rows if left_out.source(p.case) == key]) for key in {left_out.source(p.case)
                                                                                       for p in rows}]  # fmt: skip
        found += sorted((_of_source(group, key, part) for key, part in parts), key=lambda row: (row.median, row.source))
    return found


def _of_source(group, key, rows):
    told, ratios = summarised(group, "", rows), tuple(math.exp(-left_out.error(p.case, p.value)) for p in rows)
    return OfSource(group, key, ratios, median(ratios), told.coverage, told.width)


class Collected(NamedTuple):
    """Rows of a table: collected, left out, refused; predictions, of measurements and without coefficients; sources."""

    table: str
    collected: int
    left_out: int
    refused: int
    predictions: int
    measured: int
    exact: int
    sources: int


def counted():
    """Return what was collected for each of the book's own tables of measurements.

    >>> all(row.predictions == row.measured + row.exact for row in counted())
    True
    """
    found = []
    for name in OWN:
        rows = read((FOLDER / f"{name}.csv").read_text(encoding="utf-8")).rows
        kept, refused, _ = predict(own_table(name), False, published())
        exact = sum(p.case.group in EXACT for p in kept)
        out = sum(bool(row.get("left_out")) for _, row in rows)
        found.append(Collected(name, len(rows), out, len(refused), len(kept), len(kept) - exact, exact,
                             len({left_out.source(p.case) for p in kept})))  # fmt: skip
    return found


def scored(result):
    """Return the predictions whose errors make intervals: measured, and no price beside the time that it prices."""
    return [p for p in result.predicted if p.case.group not in EXACT and p.case.unit != "USD"]


@cache
def _left_out():
    tables = [own_table(name) for name in OWN]
    keys = sorted({row["source"].split(";")[0] for table in tables for _, row in table.rows})
    parts = [predict(MeasurementTable(table.kind, tuple(each for each in table.rows
                                                        if each[1]["source"].split(";")[0] == key)),
                     False, left_out.coefficients(key)) for table in tables for key in keys]  # fmt: skip
    found = sum(parts[1:], parts[0])
    return found._replace(predicted=tuple(p._replace(half=LEFT_OUT) for p in found.predicted))


@cache
def evaluated(coefficients, intervals=False):
    """Return the Result of the book's own tables by some Coefficients, whatever they were fitted to."""
    results = [predict(own_table(name), intervals, coefficients) for name in OWN]
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
    """Return the median factor that one constant would have had instead of the model, and the constant.

    The constant is a share of the peak, the median over sources of their medians: for each row without its own source,
    and here of all. The ratio of the measured value to what the peak would give is all that is used of a row.
    """
    cases = [p.case for p in result.of(group) if p.case.utilisation]
    found = {}
    for case in cases:
        found.setdefault(left_out.source(case), []).append(case.utilisation)
    levels = {key: median(values) for key, values in found.items()}
    if len(levels) < 2:
        return None
    others = {key: median(value for name, value in levels.items() if name != key) for key in levels}
    ratios = [case.utilisation / others[left_out.source(case)] for case in cases]
    return median(levels.values()), median(max(each, 1 / each) for each in ratios)
