"""What is kept of many points in constant memory: counts, quantiles, and means by bins of the inputs.

Everything that is merged is a whole number: counts, and sums in units of 2^-256. So the order of merging does not
matter, and neither does the number of workers. Quantiles are those of a sketch with buckets in equal steps of the
logarithm, as in :cite:`masson2019`: 1 % of a value at most, whatever the distribution.
"""

import json
import math
from base64 import b64decode, b64encode
from functools import cache
from typing import NamedTuple

import numpy as np

from costlib.base.files import csv_text
from costlib.facts import parameters
from costlib.sweeping import expressions
from costlib.sweeping import plan as plans

ACCURACY = 0.01
STEP = math.log((1 + ACCURACY) / (1 - ACCURACY))
REACH = math.ceil(math.log(1e40) / STEP)  # buckets on each side of 1, from 1e-40 to 1e40
SIDE = 2 * REACH + 1
SKETCH = 2 * SIDE + 1  # negative, zero, positive
BEYOND = ("minus_infinite", "infinite", "not_a_number")
SCALE = 256
COARSE = 8  # buckets of the sketch to one of the histogram
HELD = SKETCH + len(BEYOND)
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
QUANTILE_NAMES = tuple(f"q{share * 100:02.0f}" for share in QUANTILES)
OUTPUT_COLUMNS = ["output", "unit", "points", "finite", "mean", "min", "max", *QUANTILE_NAMES, *BEYOND]
MOST_CELLS = 250_000
FEW = 200


class Axis(NamedTuple):
    """Bins of an input or an expression: `levels` one by one, or `edges` in equal steps, on a `log` scale or not."""

    name: str
    levels: tuple | None
    edges: object
    named: bool = False
    log: bool = False

    @property
    def count(self):
        """Bins."""
        return len(self.levels) if self.levels is not None else len(self.edges) - 1

    def place(self, values):
        """Return the bin of each value; values beyond the edges are in the first or the last."""
        if self.named:
            return values
        if self.levels is not None:
            order = np.argsort(self.levels)
            return order[np.searchsorted(np.array(self.levels, dtype=float)[order], values)]
        return _binned(values, self.edges, self.log)

    def bounds(self, place):
        """Return the ends of a bin; a level is its own."""
        return (self.levels[place],) * 2 if self.levels is not None else tuple(map(float, self.edges[place:][:2]))


class SummaryLayout(NamedTuple):
    """Where the numbers of a summary stand: `tables` are tuples of axes, `starts` their first cells."""

    outputs: tuple
    tables: tuple
    starts: tuple
    cells: int


class Partial(NamedTuple):
    """The summary of some points, before merging: places and values of the counts that are not zero, sums, ends."""

    places: object
    counts: object
    sums: object
    low: object
    high: object


@cache
def layout(text):
    """Return the Layout of a plan, given as text.

    Raises
    ------
    ValueError : for more bins than fit
    """
    plan = plans.from_json(text)
    axes = {name: _of_spread(spread, plan.bins) for name, spread in plan.vary.items()}
    tables = [(axis,) for axis in axes.values()]
    tables += [
        tuple(axes[axis] if isinstance(axis, str) else _of_expression(axis, plan.bins) for axis in pair)
        for pair in plan.maps
    ]
    sizes = [math.prod(axis.count for axis in table) for table in tables]
    if sum(sizes) * len(plan.outputs) > MOST_CELLS:
        raise ValueError(
            f"bins times outputs must be at most {MOST_CELLS:,}, got {sum(sizes):,} x {len(plan.outputs)}; take fewer "
            "bins, names, maps or outputs"
        )
    starts = tuple(sum(sizes[:place]) for place in range(len(sizes)))
    return SummaryLayout(tuple(plan.outputs), tuple(tables), starts, sum(sizes))


def _of_spread(spread, bins):
    if spread.levels is not None and (spread.named or len(spread.levels) <= FEW):
        return Axis(spread.name, spread.levels, None, spread.named)
    low, high = spread.ends
    log = spread.shape.startswith("log") or (not spread.shape and low > 0 and high >= 20 * low)
    return Axis(spread.name, None, (np.geomspace if log else np.linspace)(low, high, bins + 1), log=log)


def _of_expression(axis, bins):
    log = axis["scale"] == "log"
    return Axis(axis["of"], None, (np.geomspace if log else np.linspace)(axis["from"], axis["to"], bins + 1), log=log)


def _binned(values, edges, log):
    """Bins by arithmetic, which is several times faster than a search, then put right where rounding crossed an edge.

    >>> edges = np.geomspace(1, 1000, 4)
    >>> _binned(np.array([0.5, 1, 9.9, edges[1], 999, 1000, 5000]), edges, log=True).tolist()
    [0, 0, 0, 1, 2, 2, 2]
    """
    low, high, count = edges[0], edges[-1], len(edges) - 1
    values = np.fmin(np.fmax(values, low), high)
    scaled = np.log(values / low) * (count / math.log(high / low)) if log else (values - low) * (count / (high - low))
    place = np.clip(scaled.astype(np.intp), 0, count - 1)
    place += values >= edges[place + 1]
    place -= values < edges[place]
    return np.minimum(place, count - 1)


class Tally:
    """The running summary of one chunk, block by block."""

    def __init__(self, text):
        self.layout = layout(text)
        count = len(self.layout.outputs)
        self.counts = np.zeros(count * (HELD) + (1 + count) * self.layout.cells, dtype=np.int64)
        self.sums = np.zeros(count * (1 + self.layout.cells))
        self.low, self.high = np.full(count, math.inf), np.full(count, -math.inf)

    def add(self, inputs, outputs, extra):
        """Count some points: their inputs, outputs and axes of maps."""
        cells, count = self.layout.cells, len(self.layout.outputs)
        base = count * (HELD)
        amounts = [_finite(values) for values in outputs.values()]
        for number, (values, finite) in enumerate(amounts):
            raw = outputs[self.layout.outputs[number]]
            self.counts[number * (HELD) :][:HELD] += _sketched(raw, values, finite)
            self.sums[number] += values.sum()
            kept = values if finite is None else values[finite]
            if kept.size:
                self.low[number] = min(self.low[number], kept.min())
                self.high[number] = max(self.high[number], kept.max())
        places = {}
        for table, start in zip(self.layout.tables, self.layout.starts, strict=True):
            place = 0
            for axis in table:
                if id(axis) not in places:  # two axes of one name may have other bins
                    places[id(axis)] = axis.place(inputs[axis.name] if axis.name in inputs else extra[axis.name])
                place = place * axis.count + places[id(axis)]
            size = math.prod(axis.count for axis in table)
            rows = np.bincount(place, minlength=size)
            self.counts[base + start :][:size] += rows
            for number, (values, finite) in enumerate(amounts):
                at = number * cells + start
                counted = rows if finite is None else np.bincount(place, weights=finite, minlength=size).astype(int)
                self.counts[base + cells + at :][:size] += counted
                self.sums[count + at :][:size] += np.bincount(place, weights=values, minlength=size)

    def partial(self):
        """Return what is to be merged."""
        places = np.flatnonzero(self.counts)
        return Partial(places, self.counts[places], self.sums, self.low, self.high)


def _finite(values):
    """Numbers with zero where they are not finite, and which are finite; None for all."""
    values = values.astype(np.float64)
    finite = np.isfinite(values)
    return (values, None) if finite.all() else (np.where(finite, values, 0.0), finite)


def _sketched(raw, values, finite):
    counts = np.zeros(HELD, dtype=np.int64)
    if raw.dtype == bool:
        held = int(raw.sum())
        counts[SIDE], counts[SIDE + 1 + REACH] = raw.size - held, held
        return counts
    kept = values if finite is None else values[finite]
    with np.errstate(divide="ignore"):
        step = np.ceil(np.log(np.abs(kept)) * (1 / STEP))
    bucket = np.clip(step, -REACH, REACH).astype(np.int64) + REACH
    place = np.where(kept > 0, SIDE + 1 + bucket, np.where(kept < 0, SIDE - 1 - bucket, SIDE))
    counts[:SKETCH] = np.bincount(place, minlength=SKETCH)
    if finite is not None:
        counts[SKETCH:] = [(raw == -math.inf).sum(), (raw == math.inf).sum(), np.isnan(raw).sum()]
    return counts


class SweepSummary:
    """Merged partial summaries, and which chunks are in it."""

    def __init__(self, text):
        plan = plans.from_json(text)
        blank = Tally(text)
        self.text, self.layout, self.counts = text, blank.layout, blank.counts
        self.sums = [0] * len(blank.sums)
        self.low, self.high = blank.low, blank.high
        self.done = np.zeros(plan.chunks, dtype=bool)

    def merge(self, number, partial):
        """Add the partial summary of a chunk, once."""
        if self.done[number]:
            return
        self.done[number] = True
        self.counts[partial.places] += partial.counts
        exact = (partial.sums * 2.0**SCALE).tolist()
        self.sums = [one + int(other) for one, other in zip(self.sums, exact, strict=True)]
        self.low, self.high = np.minimum(self.low, partial.low), np.maximum(self.high, partial.high)

    def as_text(self):
        """Return the whole state as text, from which :func:`restored` makes it again."""
        places = np.flatnonzero(self.counts)
        return json.dumps({
            "done": b64encode(np.packbits(self.done).tobytes()).decode(),
            "places": places.tolist(), "counts": self.counts[places].tolist(), "sums": [f"{s:x}" for s in self.sums],
            "low": self.low.tolist(), "high": self.high.tolist(),
        })  # fmt: skip

    @property
    def rows(self):
        """How many points are in it."""
        return int(self.counts[:HELD].sum())

    def sketch(self, number):
        """Return the counts of the buckets of an output, and of what is beyond them."""
        counts = self.counts[number * (HELD) :][:HELD]
        return counts[:SKETCH], counts[SKETCH:]

    def cell_counts(self, number=None):
        """Return the points of each cell; those where an output is finite, if it is given."""
        base = len(self.layout.outputs) * (HELD)
        return self.counts[base + (0 if number is None else (1 + number) * self.layout.cells) :][: self.layout.cells]

    def cell_sums(self, number):
        """Return the exact sum of an output in each cell, in units of 2^-256."""
        return self.sums[len(self.layout.outputs) + number * self.layout.cells :][: self.layout.cells]


def restored(text, state):
    """Return the Summary of a plan from its saved state."""
    found, saved = SweepSummary(text), json.loads(state)
    bits = np.unpackbits(np.frombuffer(b64decode(saved["done"]), dtype=np.uint8))
    found.done = bits[: found.done.size].astype(bool)
    found.counts[np.array(saved["places"], dtype=np.int64)] = saved["counts"]
    found.sums = [int(number, 16) for number in saved["sums"]]
    found.low, found.high = np.array(saved["low"]), np.array(saved["high"])
    return found


def quantile(counts, share):
    """Return the value below which a share of what a sketch holds lies, to 1 %; NaN where it holds nothing.

    Examples
    --------
    >>> values = np.arange(1.0, 1002.0)
    >>> abs(quantile(_sketched(values, values, None)[:SKETCH], 0.5) / 501 - 1) < ACCURACY
    True
    """
    total = int(counts.sum())
    if not total:
        return math.nan
    return bucket_value(int(np.searchsorted(np.cumsum(counts), math.floor(share * (total - 1)), side="right")))


def bucket_value(place):
    """Return the value that stands for a bucket of the sketch: the middle in relative terms."""
    if place == SIDE:
        return 0.0
    step = abs(place - SIDE) - 1 - REACH
    return math.copysign(2 * math.exp(step * STEP) / (math.exp(STEP) + 1), place - SIDE)


def units(plan):
    """Return the unit of every column of a plan, inputs first.

    >>> plan = plans.read({"design": "grid", "vary": {"epochs": [1, 2]}, "outputs": {"saving": "rlaif.usd >= 100"}})
    >>> units(plan)
    {'epochs': '-', 'saving': '0 or 1'}
    """
    known = parameters.vocabulary()
    return {name: known[name].unit for name in plan.vary} | {
        name: expressions.parse(text).unit for name, text in plan.outputs.items()
    }


def tables(summary):
    """Return the files of a summary: name to text of CSV.

    outputs.csv has a row for each output, histograms.csv one for each bin of it, conditional.csv one for each output
    and bin of an input, maps.csv one for each output and cell of a map.
    """
    plan = plans.from_json(summary.text)
    unit = units(plan)
    one, two = _conditional(summary, unit)
    files = {
        "outputs.csv": [OUTPUT_COLUMNS, *output_rows(summary, unit)],
        "histograms.csv": [["output", "unit", "low", "high", "points"], *_histograms(summary, unit)],
        "conditional.csv": [["input", "input_unit", "low", "high", "points", "output", "unit", "finite", "mean"], *one],
    }  # fmt: skip
    if plan.maps:
        header = ["x", "x_low", "x_high", "y", "y_low", "y_high", "points", "output", "unit", "finite", "mean"]
        files["maps.csv"] = [header, *two]
    return {name: csv_text(rows) for name, rows in files.items()}


def mean(total, count):
    """Return an exact sum in units of 2^-256 over a count, rounded once; NaN where nothing was counted."""
    return total / (int(count) << SCALE) if count else math.nan


def output_rows(summary, unit):
    """Yield a row for each output, with the columns of :data:`OUTPUT_COLUMNS`; `unit` as of :func:`units`."""
    for number, name in enumerate(summary.layout.outputs):
        counts, beyond = summary.sketch(number)
        finite = int(counts.sum())
        low, high = (float(ends[number]) if finite else math.nan for ends in (summary.low, summary.high))
        between = [min(max(quantile(counts, share), low), high) if finite else math.nan for share in QUANTILES]
        yield [name, unit[name], finite + int(beyond.sum()), finite, mean(summary.sums[number], finite), low, high,
               *between, *map(int, beyond)]  # fmt: skip


def _histograms(summary, unit):
    for number, name in enumerate(summary.layout.outputs):
        counts = summary.sketch(number)[0]
        found = {}
        for place in np.flatnonzero(counts):
            ends = _coarse(int(place))
            found[ends] = found.get(ends, 0) + int(counts[place])
        for low, high in sorted(found):
            yield [name, unit[name], low, high, found[low, high]]


def _coarse(place):
    """The ends of the bin of the histogram that holds a bucket."""
    if place == SIDE:
        return 0.0, 0.0
    last = math.ceil((abs(place - SIDE) - 1 - REACH) / COARSE) * COARSE
    ends = math.exp((last - COARSE) * STEP), math.exp(last * STEP)
    return ends if place > SIDE else (-ends[1], -ends[0])


def _conditional(summary, unit):
    """Rows of the tables of one axis, and of two."""
    rows = summary.cell_counts()
    found = {1: [], 2: []}
    for table, start in zip(summary.layout.tables, summary.layout.starts, strict=True):
        for number, name in enumerate(summary.layout.outputs):
            finite, sums = summary.cell_counts(number), summary.cell_sums(number)
            for place in np.ndindex(*(axis.count for axis in table)):
                row = start + int(np.ravel_multi_index(place, [axis.count for axis in table]))
                where = [cell for axis, at in zip(table, place, strict=True) for cell in (axis.name, *axis.bounds(at))]
                if len(table) == 1:
                    where.insert(1, unit[table[0].name])
                results = [int(rows[row]), name, unit[name], int(finite[row]), mean(sums[row], finite[row])]
                found[len(table)].append([*where, *results])
    return found[1], found[2]
