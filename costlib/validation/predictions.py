"""Predictions of the rows of a table: value and 80 % interval.

An interval is that of the row's regime (`facts/regimes.csv`): what four fifths of the measurements of sources left out
of the fit lie within. No row of a reader's table was used for a fit, so that all are "reported", but for those of the
reader's own machine that gave its coefficients.
"""

import math
from typing import NamedTuple

from costlib.base.errors import UnreadableError
from costlib.base.text import printable
from costlib.compute.coefficients import given
from costlib.facts import catalog, regimes
from costlib.facts.outputs import plain
from costlib.validation import left_out
from costlib.validation.readers.fits import fitting_case
from costlib.validation.readers.phases import phase_cases
from costlib.validation.readers.runs import run_case
from costlib.validation.readers.speed import inference_case, throughput_case
from costlib.validation.readers.steps import CALIBRATED, step_case
from costlib.validation.readers.updates import update_case
from costlib.validation.tables import STEPS, record

READERS = {"memory": fitting_case, "inference": inference_case, "runs": run_case, "throughput": throughput_case,
           "rl_updates": update_case, "phases": phase_cases, "steps": step_case}  # fmt: skip
LONGEST_REASON = 200  # letters
# What a strange cell can lead to; a row never stops the others.
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
EXACT = ("parameters and FLOPs", "analytical memory")  # no coefficient enters these groups


class Predicted(NamedTuple):
    """A case with its prediction, the ends of its 80 % interval (None where it has none), and its half."""

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
    def points(self):
        """Predicted less measured share, of a quantity that is a share [fraction]."""
        return (self.value - self.case.measured) / (100 if self.case.unit == "%" else 1)

    @property
    def rounds(self):
        """Whether the prediction, rounded to the digits of the measured value, is that value; cut digits count too."""
        decimals = len(f"{self.case.measured:.10g}".partition(".")[2])
        unit = 10.0**-decimals
        return (
            -0.5 * unit <= self.case.measured - self.value <= 0.5 * unit or 0 <= self.value - self.case.measured < unit
        )

    def within(self, interval, half=None):
        """Return the same with the ends that the factors of an interval give it."""
        if interval is None:
            return self
        row = catalog.find("regimes", left_out.regime(self.case))
        whole = 100 if row.scale == "odds" and self.case.unit == "%" else 1
        ends = (1 / interval.high, 1 / interval.low) if left_out.rate(self.case) else (interval.low, interval.high)
        low, high = (whole * regimes.moved(row, self.value / whole, end) for end in ends)
        return self._replace(low=low, high=high, half=half or self.half)

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
        """Return the predictions of one group or regime, one half, or both."""
        return tuple(p for p in self.predicted if half in (None, p.half) and (
            group in (None, p.case.group) or group in regimes.pooled(left_out.regime(p.case))))  # fmt: skip

    def __add__(self, other):
        return Result(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def half(source):
    """Return "calibration" for rows of the reader's own machine to which its coefficients were fitted, else "reported".

    >>> half("MLPerf v4.1")
    'reported'
    """
    return "calibration" if source == CALIBRATED else "reported"


def predict(table, intervals=True, coefficients=None):
    """Return the Result of a table of measurements.

    Parameters
    ----------
    table : costlib.validation.tables.MeasurementTable
    intervals : whether predictions have the interval of their regime
    coefficients : costlib.compute.coefficients.Coefficients that predict, single numbers; None takes those with which
        this process was started

    Examples
    --------
    >>> from costlib.validation.tables import read
    >>> found = predict(read("model,gpu,metric,value,unit,weights,batch\\nLlama-3.1 8B,H100,ITL,6.8,ms,bf16,1\\n"))
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
    predicted = []
    for each in cases:
        try:
            predicted.append(_predicted(each, known, intervals))
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


def _predicted(case, coefficients, intervals):
    value = float(case.predict(coefficients))
    if not 0 < value < math.inf:
        raise ValueError(f"the prediction is {value}")
    if not 0 < case.measured < math.inf or not 0 < value / case.measured < math.inf:
        raise ValueError(f"the measured value is {case.measured:g} {case.unit}")
    found = Predicted(case, value, None, None, half(case.source))
    row = catalog.table("regimes").get(left_out.regime(case))
    return found.within(row) if intervals and row and row.low else found
