"""The claims ledger: every checkable statement of the two documents, its published value and our verdict."""

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from costlib.base.text import nearest, shown
from costlib.facts.schema import Record, parse, rows

VERDICTS = {
    "reproduced": "recomputation agrees at the printed precision",
    "reproduced-from-unrounded": "agrees only if nothing is rounded on the way",
    "reproduced-by-rounding": "agrees only with rounded intermediates or by truncation",
    "assumption": "an input that was chosen, or true only under an assumption",
    "not-reproduced": "recomputation gives something else",
    "source-confirms": "the source named, or a primary one, says so",
    "source-contradicts": "the source named, or a primary one, says otherwise",
    "unverified": "no source was found to check it against",
    "definition": "true by definition or by the form of the formula, so that nothing could show otherwise",
}
WIDEST = 0.1


class Check(NamedTuple):
    """A claim beside what this run has for it: a number, with two digits more than the document prints, or words.

    `agrees` says whether the number is the published one by the rule of :func:`slack`, or whether the statement holds.
    """

    claim: Record
    agrees: bool
    value_text: str
    value: float | None = None

    @property
    def outcome(self) -> str:
        """What to tell a reader, in one short phrase."""
        if self.claim.published is None:
            return "holds" if self.agrees else "does not hold"
        return "agrees as printed" if self.agrees else "differs"

    def __str__(self) -> str:
        printed = "" if self.claim.published is None else f"published {self.claim.printed}, "
        return f"{self.claim.id}: {printed}this run {self.value_text}: {self.outcome}"


@cache
def ledger() -> Mapping[str, Record]:
    """Return every claim by its id, as a record: `published` (to `published_high` for a range), printed to `precision`.

    >>> ledger()["B066"].published
    279.74
    """
    return MappingProxyType({row["id"]: parse("claims", row) for row in rows("claims")})


def find(claim_id: object) -> Record:
    """Return one claim, or raise a ValueError that offers the nearest ids.

    >>> find("b066").printed
    '$279.74'
    """
    known = ledger()
    if str(claim_id).upper() not in known:
        raise ValueError(f"unknown claim {shown(claim_id)}{nearest(str(claim_id).upper(), known)}")
    return known[str(claim_id).upper()]


def slack(published: float, precision: float) -> float:
    """Return how far a computed number may lie from a printed one and still agree with it. One rule for every claim.

    Half a unit of the last printed digit, and at most a tenth of the number: 3 alone would agree with 2.5 and with 3.5,
    a sixth away. "About" and "roughly" widen nothing.

    Parameters
    ----------
    published : number as printed, in the unit of its claim
    precision : unit of its last printed digit, in the same unit

    Examples
    --------
    >>> slack(279.74, 0.01), round(slack(3, 1), 3)
    (0.005, 0.3)
    """
    return min(precision / 2, WIDEST * abs(published))


def check(claim_id: object, value: float, value_high: float | None = None) -> Check:
    """Compare what this run computes with what a document prints, by :func:`slack`. A difference is no error.

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
    ours = [float(each) for each in (value, value_high) if each is not None]
    printed = (claim.published, claim.published_high)
    agrees = all(
        abs(each - theirs) <= slack(theirs, claim.precision) * (1 + 1e-9)
        for each, theirs in zip(ours, printed, strict=False)
    )
    return Check(claim, agrees, " to ".join(_text(each, claim.precision) for each in ours), ours[0])


def observe(claim_id: object, holds: object, text: str) -> Check:
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
    return Check(claim, bool(holds), text)


def _text(value: float, precision: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1e12:
        return f"{value:.3e}".replace("e+", "e")
    # Two digits more than printed, but no decimals that a whole number does not have.
    digits = max(0, 2 - math.floor(math.log10(precision))) if precision < 1 else (0 if value % 1 == 0 else 2)
    return f"{value:,.{digits}f}"
