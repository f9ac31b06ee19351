"""Predictions of the rows of a table: value, 80 % interval, and the half to which a row belongs.

Coefficients were fitted to some sources. Rows of those sources are the calibration half, all others are reported. Two
sources have most of the alignment runs with every input stated; of these every second run, by a hash of its name, is
kept for the report. The rule is :func:`half`, and no row decides for itself.

Intervals are draws of the coefficients from their ranges. Where a wall time of alignment is predicted, one more draw
stands for what reports leave out, as wide as two reports of one job differ.
"""

import hashlib
import math
import re
from statistics import NormalDist
from typing import NamedTuple

from costlib._arrays import is_array
from costlib.compute.coefficients import draws as drawn_coefficients
from costlib.compute.coefficients import given
from costlib.errors import UnreadableError
from costlib.facts.outputs import plain
from costlib.sampling import as_array, sample
from costlib.text import printable
from costlib.validation.readers.fits import fitting_case
from costlib.validation.readers.phases import phase_cases
from costlib.validation.readers.runs import run_case
from costlib.validation.readers.speed import inference_case, throughput_case
from costlib.validation.readers.steps import CALIBRATED, step_case
from costlib.validation.readers.updates import update_case
from costlib.validation.tables import STEPS, record

READERS = {"memory": fitting_case, "inference": inference_case, "runs": run_case, "throughput": throughput_case,
           "rl_updates": update_case, "phases": phase_cases, "steps": step_case}  # fmt: skip
DRAWS = 200
LONGEST_REASON = 200  # letters
# What a strange cell can lead to; a row never stops the others.
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
# Coefficients whose values or ranges were fitted to measured rows, and how reports of their sources name themselves.
FITTED = ("training-attention-fraction", "elementwise-bytes", "link-fraction", "all-reduce-fraction",
          "memory-bandwidth-fraction", "decode-launch", "training-launch", "rl-update-fraction", "rollout-fraction",
          "static-rollout-fraction", "software-speed",
          "activation-count", "uncounted-memory")  # fmt: skip
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
HALVED = ("yao2023dschat", "nemorl2025")
EXACT = {"parameters and FLOPs": 0.005, "analytical memory": None}


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

    @property
    def beyond(self):
        """Whether more is predicted than the named GPU has, though the job ran."""
        return self.case.most is not None and self.value > self.case.most >= self.case.measured

    def to_dict(self):
        """Return the row as plain values."""
        case = self.case
        return plain({
            "line": case.line, "id": case.id, "group": case.group, "half": self.half, "quantity": case.quantity,
            "unit": case.unit, "predicted": self.value, "low": self.low, "high": self.high, "measured": case.measured,
            "ratio": self.ratio, "covered": self.covered, "assumed": ", ".join(case.assumed),
            "reason": "predicted not to fit the GPU, though it ran" if self.beyond else "",
        })  # fmt: skip


class Missing(NamedTuple):
    """A row that is not predicted, and why."""

    line: int
    id: str
    reason: str


class Unread(NamedTuple):
    """Words of a row that say nothing to the model."""

    line: int
    id: str
    words: tuple


class Result(NamedTuple):
    """What a table of measurements gave."""

    predicted: tuple
    missing: tuple
    unread: tuple = ()

    def of(self, group=None, half=None):
        """Return the predictions of one group, one half, or both."""
        return tuple(p for p in self.predicted if group in (None, p.case.group) and half in (None, p.half))

    def __add__(self, other):
        return Result(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def half(source, group, run=""):
    """Return "calibration" for a source to which a coefficient of a group was fitted, else "reported".

    A coefficient is of time or of memory. Where no coefficient enters, every row is reported. Of the sources in
    :data:`HALVED` a run of alignment is in the calibration half if the first byte of the SHA-256 of its name is even; a
    time and its price are one run.

    >>> half("mosaicml/llm-foundry benchmarking", "training throughput"), half("MLPerf v4.1", "inference")
    ('calibration', 'reported')
    >>> half("mosaicml/llm-foundry benchmarking", "parameters and FLOPs")
    'reported'
    >>> [half("DeepSpeed-Chat", "alignment", run) for run in ("dschat-13b", "dschat-step3-13b-usd")]
    ['reported', 'reported']
    """
    if group in EXACT:
        return "reported"
    if source == CALIBRATED:
        return "calibration"
    kind = "memory" if "memory" in group else "time"
    fitted = [key for key, (of, name) in CALIBRATION.items() if kind == of and re.search(name, source.lower())]
    if not fitted:
        return "reported"
    if fitted[0] in HALVED and group.startswith(("alignment", "generation")):
        name = re.sub(r"-usd$|-step3", "", run.lower())
        return "reported" if hashlib.sha256(name.encode()).digest()[0] % 2 else "calibration"
    return "calibration"


def predict(table, draws=DRAWS, coefficients=None):
    """Return the Result of a table of measurements.

    Parameters
    ----------
    table : costlib.validation.tables.MeasurementTable
    draws : of the coefficients, for intervals; 0 for none
    coefficients : costlib.compute.coefficients.Coefficients that predict, single numbers, and whose hardware's ranges
        are drawn from; None takes those with which this process was started

    Examples
    --------
    >>> from costlib.validation.tables import read
    >>> found = predict(read("model,gpu,metric,value,unit,weights\\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16\\n"))
    >>> found.predicted[0].ratio < 1.2, found.missing
    (True, ())
    """
    known, cases, missing, unread = given(coefficients), [], [], []
    for line, row in table.rows:
        name = row.get("name") or row.get("id") or row.get("model") or "-"
        try:
            if row.get(""):
                raise UnreadableError(f"malformed: {row['']}")
            kind, cells, words = _read(table.kind, row | {"id": name})
            cases += READERS[kind](line, cells, known)
            unread += [Unread(line, name, words)] if words else []
        except UnreadableError as reason:
            missing.append(Missing(line, name, _told(reason)))
        except FAULTS as error:
            missing.append(Missing(line, name, _told(f"not predictable: {error}")))
    drawn = drawn_coefficients(draws, hardware=known.hardware) if draws else None
    predicted = []
    for each in cases:
        try:
            predicted.append(_predicted(each, known, drawn))
        except FAULTS as error:
            missing.append(Missing(each.line, each.id, _told(f"not predictable: {error}")))
    return Result(tuple(predicted), tuple(missing), tuple(unread))


def _told(reason):
    """A reason on a line, of at most 200 letters whatever the cell holds that it quotes."""
    text = " ".join(printable(str(reason)).split())
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 3]}..."


def _read(kind, row):
    """The kind of a row, its cells, and the words of it that were not used; steps have columns alone."""
    # A column that a table does not have is one without values.
    return (kind, dict.fromkeys(STEPS, "") | row, ()) if kind == "steps" else record(kind, row)


def _predicted(case, coefficients, drawn):
    value = float(case.predict(coefficients))
    if not 0 < value < math.inf:
        raise ValueError(f"the prediction is {value}")
    if not 0 < case.measured < math.inf or not 0 < value / case.measured < math.inf:
        raise ValueError(f"the measured value is {case.measured:g} {case.unit}")
    low = high = None
    if drawn and case.group not in EXACT:
        low, high = _interval(case, drawn)
    return Predicted(case, value, low, high, half(case.source, case.group, case.id))


def _interval(case, drawn):
    """Ends of the interval that holds 80 % of the draws."""
    if is_array(next(iter(drawn.values()))):
        results = case.predict(drawn)
        if not is_array(results):
            results = as_array([results])
    else:
        results = [case.predict(each) for each in drawn.split()]
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
