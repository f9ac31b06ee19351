"""The claims ledger: every checkable statement of the two documents, its published value and our verdict."""

import csv
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from costlib.facts.folder import FOLDER
from costlib.text import nearest

VERDICTS = {
    "reproduced": "recomputation agrees at the printed precision",
    "reproduced-from-unrounded": "agrees only if nothing is rounded on the way",
    "reproduced-by-rounding": "agrees only with rounded intermediates or by truncation",
    "assumption": "an input that was chosen, or true only under an assumption",
    "not-reproduced": "recomputation gives something else",
    "source-confirms": "the source named, or a primary one, says so",
    "source-contradicts": "the source named, or a primary one, says otherwise",
    "unverified": "no source was found to check it against",
}
AGREEING = ("reproduced", "reproduced-from-unrounded")


@dataclass(frozen=True)
class Claim:
    """One statement: `published` (to `published_high` for a range), printed to `precision`; None where not numeric."""

    id: str
    document: str
    section: str
    statement: str
    published: float | None
    published_high: float | None
    unit: str
    precision: float | None
    printed: str
    chapter: str
    verdict: str
    recomputed: str
    reason: str
    source: str


@dataclass(frozen=True)
class Check:
    """A claim beside what this run computes for it."""

    claim: Claim
    value: float
    value_high: float | None

    @property
    def agrees(self) -> bool:
        """Whether this run equals the published value at its printed precision."""
        pairs = [(self.value, self.claim.published), (self.value_high, self.claim.published_high)]
        slack = (self.claim.precision or 0) / 2 * (1 + 1e-9)
        return all(abs(ours - theirs) <= slack for ours, theirs in pairs if ours is not None and theirs is not None)

    @property
    def value_text(self) -> str:
        """This run's value with two digits more than the document prints."""
        values = [self.value] if self.value_high is None else [self.value, self.value_high]
        return " to ".join(_text(value, self.claim.precision or 1) for value in values)

    @property
    def outcome(self) -> str:
        """What to tell a reader, in one short phrase."""
        return "agrees as printed" if self.agrees else "differs"

    def __str__(self) -> str:
        return f"{self.claim.id}: published {self.claim.printed}, this run {self.value_text}: {self.outcome}"


@dataclass(frozen=True)
class Observation:
    """A statement without a number beside what this run computes, in words, and whether it holds here."""

    claim: Claim
    agrees: bool
    value_text: str
    value: None = None

    @property
    def outcome(self) -> str:
        """What to tell a reader, in one short phrase."""
        return "holds" if self.agrees else "does not hold"

    def __str__(self) -> str:
        return f"{self.claim.id}: this run {self.value_text}: {self.outcome}"


@cache
def ledger() -> dict[str, Claim]:
    """Return every claim by its id.

    >>> ledger()["B066"].published
    279.74
    """
    with (FOLDER / "claims.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: _claim(row) for row in csv.DictReader(file)}


def find(claim_id: object) -> Claim:
    """Return one claim, or raise a ValueError that offers the nearest ids.

    >>> find("b066").printed
    '$279.74'
    """
    known = ledger()
    if str(claim_id).upper() not in known:
        raise ValueError(f"unknown claim {claim_id!r}{nearest(str(claim_id).upper(), known)}")
    return known[str(claim_id).upper()]


def check(claim_id: object, value: float, value_high: float | None = None) -> Check:
    """Compare what this run computes with what a document prints, at its precision. A difference is no error.

    Parameters
    ----------
    claim_id : an id of the ledger that has a published number
    value, value_high : this run's number, or the two ends of its range, in the claim's unit

    Raises
    ------
    ValueError : unknown id, a claim without a number, a range given for a single number or the reverse

    Examples
    --------
    >>> print(check("B066", 279.74036357))
    B066: published $279.74, this run 279.7404: agrees as printed
    >>> print(check("B066", 167.844))
    B066: published $279.74, this run 167.8440: differs
    """
    claim = find(claim_id)
    if claim.published is None:
        raise ValueError(f"claim {claim.id} has no published number to compare with")
    if (value_high is None) != (claim.published_high is None):
        raise ValueError(f"claim {claim.id} is {'one number' if claim.published_high is None else 'a range'}")
    return Check(claim, float(value), None if value_high is None else float(value_high))


def observe(claim_id: object, holds: object, text: str) -> Observation:
    """Set what this run computes beside a statement that has no number of its own.

    Parameters
    ----------
    claim_id : an id of the ledger without a published number
    holds : whether the statement is true of this run's numbers
    text : those numbers, in a few words

    Raises
    ------
    ValueError : unknown id, a claim with a number (use :func:`check`)

    Examples
    --------
    >>> print(observe("A05", True, "PPO 10x the compute of SFT"))
    A05: this run PPO 10x the compute of SFT: holds
    """
    claim = find(claim_id)
    if claim.published is not None:
        raise ValueError(f"claim {claim.id} has a published number to compare with")
    return Observation(claim, bool(holds), text)


def _claim(row: dict[str, Any]) -> Claim:
    numbers = ("published", "published_high", "precision")
    return Claim(**row | {key: float(row[key]) if row[key] else None for key in numbers})


def _text(value: float, precision: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1e12:
        return f"{value:.3e}".replace("e+", "e")
    # Two digits more than printed, but no decimals that a whole number does not have.
    digits = max(0, 2 - math.floor(math.log10(precision))) if precision < 1 else (0 if value % 1 == 0 else 2)
    return f"{value:,.{digits}f}"
