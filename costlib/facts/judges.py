"""Hosted models as judges: price, tokens and agreement of ONE model together, a row of `judge_prices.csv` each."""

from collections.abc import Collection
from datetime import date
from functools import cache
from statistics import median
from typing import Any, NamedTuple

from costlib.base.text import nearest, shown
from costlib.facts import catalog, schema
from costlib.facts.prices import EDITION

PUBLISHED = "as-published"


class Judge(NamedTuple):
    """A model that judges, on one benchmark: prices per million tokens [USD], agreement on pairs and its kappa [-].

    What is not known is None, or empty; `reference` says with whom it agrees, `n` in how many judgments, and `retires`
    when the provider takes it away.
    """

    name: str
    label: str
    provider: str
    usd_per_million_input: float | None
    usd_per_million_output: float | None
    batch_discount: float | None
    price_date: str
    agreement: float | None
    kappa: float | None
    benchmark: str
    reference: str
    n: float | None
    retires: str
    source: str
    note: str

    @property
    def state(self) -> str:
        """Whether it can be had at the date of the edition: "retired", "retires DATE" where announced, else empty.

        >>> judges()["o4-mini-price"].state, judges()["gpt-5-price"].state, judges()["gpt-6-sol-price"].state
        ('retired', 'retires 2026-12-11', '')
        """
        if not self.retires:
            return ""
        return "retired" if date.fromisoformat(self.retires) <= EDITION else f"retires {self.retires}"

    @property
    def inputs(self) -> dict[str, float]:
        """The inputs of a scenario that it sets, as far as they are known: prices, discount and agreement.

        >>> judges()["gpt-4-1-mini-rewardbench"].inputs["judge_output_price_ratio"]
        4.0
        """
        read, written = self.usd_per_million_input, self.usd_per_million_output
        found: dict[str, float | None] = {}
        if read and written is not None:
            found = {"judge_usd_per_million_input": read, "judge_output_price_ratio": written / read,
                     "batch_discount": self.batch_discount or 0.0}  # fmt: skip
        found["judge_agreement"] = self.agreement
        return {name: value for name, value in found.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the same in plain values, with its state."""
        return {**self._asdict(), "state": self.state}


SETS = ("judge_usd_per_million_input", "judge_output_price_ratio", "batch_discount", "judge_agreement")


@cache
def judges() -> dict[str, Judge]:
    """Return every judge by its name, in the order of the table.

    >>> round(judges()["gpt-6-astra-judgebench"].agreement, 3)
    0.931
    """
    found = {}
    for row in schema.rows("judge_prices"):
        cells = schema.parse("judge_prices", row).to_dict()
        cells |= {kind: cells["value"] if cells["measure"] == kind else None for kind in ("agreement", "kappa")}
        found[row["name"]] = Judge(**{name: cells[name] for name in Judge._fields})
    return found


def call(name: str, read: Any, written: Any) -> tuple[Any, float]:
    """Return what one call of a judge costs, without a discount for calls that may wait, and how long it takes.

    Parameters
    ----------
    name : of a row of `judge_prices.csv`
    read, written : tokens of the call [tokens]

    Returns
    -------
    usd, seconds : the latency of its row, else the median of all rows [USD, s]

    Raises
    ------
    ValueError : for an unknown name, with the nearest, and for a judge whose price is not known

    Examples
    --------
    1,000 tokens at $0.40 a million and 100 at $1.60:

    >>> usd, seconds = call("gpt-4-1-mini-rewardbench", 1000, 100)
    >>> round(usd, 6), seconds
    (0.00056, 0.55)
    """
    known = catalog.table("judge_prices")
    if name not in known:
        raise ValueError(f"unknown judge {shown(name)}{nearest(name, known)}")
    row = known[name]
    prices = row.usd_per_million_input, row.usd_per_million_output
    if None in prices:
        raise ValueError(f"judge {name}: its price is not known; give reward_price [USD/call] instead of it")
    latencies = [each.median_latency_s for each in known.values() if each.median_latency_s]
    usd = (read * prices[0] + written * prices[1]) / 1e6
    return usd, median(latencies) if row.median_latency_s is None else row.median_latency_s


def sets(name: str, given: Collection[str] = ()) -> dict[str, float]:
    """Return the inputs that a judge sets together, without those that are given beside it.

    Parameters
    ----------
    name : of a row of `judge_prices.csv`
    given : names of inputs that have a value of their own

    Raises
    ------
    ValueError : for an unknown name, with the nearest, and where the table does not know what is not given either

    Examples
    --------
    >>> sets("gpt-6-luna-price", ["judge_agreement"])["judge_usd_per_million_input"]
    0.1
    >>> sets("gpt-6-luna-price")
    Traceback (most recent call last):
        ...
    ValueError: judge gpt-6-luna-price: judge_agreement is not known of it; give it as well, or another judge
    """
    known = judges()
    if name not in known:
        raise ValueError(f"unknown judge {shown(name)}{nearest(name, known)}")
    found = known[name].inputs
    if lacking := [each for each in SETS if each not in found and each not in given]:
        verb, them = ("is", "it") if len(lacking) == 1 else ("are", "them")
        raise ValueError(f"judge {name}: {', '.join(lacking)} {verb} not known of it; give {them} as well, or another "
                         "judge")  # fmt: skip
    return {each: value for each, value in found.items() if each not in given}
