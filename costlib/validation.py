"""The model against published measurements: halves, 80 % intervals, errors by group, baselines.

Coefficients were fitted to some sources. Rows of those sources are the calibration half, all others are reported; the
rule is :func:`half`, and no row decides for itself. Intervals are draws of the coefficients from their ranges. Where a
wall time of alignment is predicted, one more draw stands for what reports leave out, as wide as two reports of one job
differ.
"""

import json
import math
import re
from functools import cache
from statistics import NormalDist, median
from typing import NamedTuple

from costlib import coefficients
from costlib._elementwise import is_array
from costlib.facts import catalog
from costlib.facts.parameters import FOLDER
from costlib.measurements import READ, Table, read
from costlib.memory_rows import memory_case
from costlib.recognition import UnreadableError
from costlib.runs import run_case
from costlib.speed_rows import inference_case, throughput_case
from costlib.uncertainty import _array as as_array
from costlib.uncertainty import sample

READERS = {"memory": memory_case, "inference": inference_case, "runs": run_case, "throughput": throughput_case}
OWN = tuple(f"measured_{kind}" for kind in READERS)
DRAWS = 200
# What a strange cell can lead to; a row never stops the others.
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
# Coefficients whose values or ranges were fitted to measured rows, and how reports of their sources name themselves.
FITTED = ("training-attention-fraction", "elementwise-bytes", "link-fraction", "memory-bandwidth-fraction",
          "decode-launch", "training-launch", "alternating-fraction", "software-speed",
          "activation-count")  # fmt: skip
CALIBRATION = {
    "mosaicml2023llmfoundry": ("time", r"llm-?foundry"),
    "vllm2026fp8kv": ("time", r"vllm.*fp8-?kv"),
    "litgpt2023": ("time", r"litgpt"),
    "yao2023dschat": ("time", r"deepspeed-?(chat|examples)|dschat"),
    "nemorl2025": ("time", r"nemo[-/ ]?rl"),
    "narayanan2021": ("time", r"narayanan|cases_april2021"),
    "korthikanti2022": ("time", r"korthikanti"),
    "torchtune2024": ("memory", r"torchtune"),
}
EXACT = {"parameters and FLOPs": 0.005, "analytical memory": None}
TARGETS = {
    "parameters and FLOPs": "within 0.5 %",
    "analytical memory": "exact to printed rounding",
    "measured memory": "median error at most 10 %, 90 % within 1.25x",
    "inference": "median error at most 15 %, 80 % within 1.4x",
    "training throughput": "median error at most 12 %",
    "alignment": "median within 1.4x",
}
WITHIN = (1.25, 1.4, 2.0)


class Predicted(NamedTuple):
    """A case with its prediction, the ends of its 80 % interval (None where nothing is drawn), and its half."""

    case: object
    value: float
    low: float | None
    high: float | None
    half: str

    @property
    def ratio(self):
        """Predicted over measured [-]."""
        return self.value / self.case.measured

    @property
    def factor(self):
        """How many times too large or too small [-]."""
        return max(self.ratio, 1 / self.ratio)

    @property
    def error(self):
        """Distance from the measured value, as a share of it [fraction]."""
        return abs(self.ratio - 1)

    @property
    def rounds(self):
        """Whether the prediction, rounded to the digits of the measured value, is that value; cut digits count too."""
        decimals = len(f"{self.case.measured:.10g}".partition(".")[2])
        unit = 10.0**-decimals
        return (
            -0.5 * unit <= self.case.measured - self.value <= 0.5 * unit or 0 <= self.value - self.case.measured < unit
        )

    @property
    def covered(self):
        """Whether the interval holds the measured value; None without an interval."""
        return None if self.low is None else self.low <= self.case.measured <= self.high

    def as_dict(self):
        """Return the row as plain values."""
        case = self.case
        return {
            "line": case.line, "id": case.id, "group": case.group, "half": self.half, "quantity": case.quantity,
            "unit": case.unit, "predicted": self.value, "low": self.low, "high": self.high, "measured": case.measured,
            "ratio": self.ratio, "covered": self.covered, "assumed": ", ".join(case.assumed),
        }  # fmt: skip


class Missing(NamedTuple):
    """A row that is not predicted, and why."""

    line: int
    id: str
    reason: str


class Result(NamedTuple):
    """What a table of measurements gave."""

    predicted: tuple
    missing: tuple

    def of(self, group=None, half=None):
        """Return the predictions of one group, one half, or both."""
        return tuple(p for p in self.predicted if group in (None, p.case.group) and half in (None, p.half))

    def __add__(self, other):
        return Result(self.predicted + other.predicted, self.missing + other.missing)


class Summary(NamedTuple):
    """Errors of a group: ratios are predicted over measured, shares within factors, coverage of the intervals."""

    group: str
    half: str
    count: int
    median_ratio: float
    median_error: float
    within: tuple
    coverage: float | None


def half(source, group):
    """Return "calibration" for a source to which a coefficient of a group was fitted, else "reported".

    A coefficient is of time or of memory. Where no coefficient enters, every row is reported.

    >>> half("mosaicml/llm-foundry benchmarking", "training throughput"), half("MLPerf v4.1", "inference")
    ('calibration', 'reported')
    >>> half("mosaicml/llm-foundry benchmarking", "parameters and FLOPs")
    'reported'
    """
    if group in EXACT:
        return "reported"
    kind = "memory" if "memory" in group else "time"
    fitted = any(kind == of and re.search(name, source.lower()) for of, name in CALIBRATION.values())
    return "calibration" if fitted else "reported"


def predict(table, draws=DRAWS):
    """Return the Result of a table of measurements.

    Parameters
    ----------
    table : costlib.measurements.Table
    draws : of the coefficients, for intervals; 0 for none

    Examples
    --------
    >>> found = predict(read("model,gpu,metric,value,unit,weights\\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16\\n"))
    >>> found.predicted[0].ratio < 1.2, found.missing
    (True, ())
    """
    cases, missing = [], []
    for line, row in table.rows:
        # A column that a table does not have is one without values.
        row = dict.fromkeys(READ[table.kind].split(), "") | row
        name = row.get("name") or row.get("id") or row.get("model") or "-"
        try:
            if row.get(""):
                raise UnreadableError("malformed: more cells than columns")
            found = READERS[table.kind](line, row | {"id": name})
            cases += found if isinstance(found, list) else [found]
        except UnreadableError as reason:
            missing.append(Missing(line, name, str(reason)))
        except FAULTS as error:
            missing.append(Missing(line, name, f"not predictable: {error}"))
    drawn = coefficients.draws(draws) if draws else None
    predicted = []
    for each in cases:
        try:
            predicted.append(_predicted(each, drawn))
        except FAULTS as error:
            missing.append(Missing(each.line, each.id, f"not predictable: {error}"))
    return Result(tuple(predicted), tuple(missing))


def _predicted(case, drawn):
    value = float(case.predict())
    if not 0 < value < math.inf:
        raise ValueError(f"the prediction is {value}")
    low = high = None
    if drawn and case.group not in EXACT:
        low, high = _interval(case, drawn)
    return Predicted(case, value, low, high, half(case.source, case.group))


def _interval(case, drawn):
    """Ends of the interval that holds 80 % of the draws."""
    if is_array(next(iter(drawn.values()))):
        with coefficients.drawn(drawn):
            results = case.predict()
        if not is_array(results):
            results = as_array([results])
    else:
        results = []
        for row in coefficients.split(drawn):
            with coefficients.drawn(row):
                results.append(case.predict())
    if case.group.startswith("alignment"):
        results = _with_noise(results, drawn["report-noise"])
    found = sample(results)
    return found.quantile(0.1), found.quantile(0.9)


def _with_noise(results, ratios):
    """The same, each times what one report leaves out: two reports differ by the drawn ratio in half of the cases."""
    count = len(ratios)
    # Normal on the logarithmic scale. Of two such errors the difference is sqrt(2) wider, its median 0.6745 deviations.
    places = [NormalDist().inv_cdf((7 * n % count + 0.5) / count) for n in range(count)]
    spread = [math.log(float(ratio)) / (0.6745 * math.sqrt(2)) for ratio in ratios]
    factors = as_array([math.exp(z * s) for z, s in zip(places, spread, strict=True)])
    if is_array(results):
        return results * factors
    return [result * factor for result, factor in zip(results, factors, strict=True)]


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


def earned(group, result=None, share=0.8):
    """Return the factor within which a share of a group's reported rows lies, the interval that a prediction earns.

    >>> 1 < earned("inference") < 2
    True
    """
    factors = sorted(p.factor for p in (result or own()).of(group, "reported"))
    if not factors:
        raise ValueError(f"group must be one with reported rows, got {group!r}")
    return factors[math.ceil(share * len(factors)) - 1]


def predicted_ratio(names, result=None):
    """Return the model's ratio for rows of the book's runs: GPU-hours of one over another, or the share generating.

    >>> 0.4 < predicted_ratio("dschat-log-ppo-1.3b") < 0.9
    True
    """
    # Wall times of the book's runs are in seconds; the GPUs of two runs can differ.
    times = {p.case.id: p for p in (result or own()).predicted if p.case.unit == "s"}
    gpus = {row["name"]: float(row["num_gpus"] or 1) for _, row in own_table("measured_runs").rows}
    if "/" not in names:
        return float(times[names].case.share())
    first, second = (times[name].value * gpus[name] for name in names.split("/"))
    return first / second


@cache
def own(draws=DRAWS):
    """Return the Result of the book's own tables of measurements."""
    results = [predict(own_table(name), draws) for name in OWN]
    return sum(results[1:], results[0])


def own_table(name):
    """Return one of the book's own tables, in the columns that any other table would have."""
    table = read((FOLDER / f"{name}.csv").read_text(encoding="utf-8"))
    named = ((line, row, f"{row['source']}; {row['locator']}") for line, row in table.rows)
    return Table(table.kind, tuple((line, row | {"source": said, "source_status": said}) for line, row, said in named))


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


def as_json(result):
    """Return predictions, summary and reasons as JSON text."""
    rows = [p.as_dict() for p in result.predicted]
    return json.dumps(
        {
            "predictions": rows,
            "summary": [row._asdict() | {"within": dict(zip(map(str, WITHIN), row.within, strict=True))}
                        for row in summary(result)],
            "not_predicted": [row._asdict() for row in result.missing],
            "coefficients": len(catalog.table("coefficients")),
        },
        indent=1,
    )  # fmt: skip
