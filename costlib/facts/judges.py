"""Hosted models as judges: price, tokens and agreement of ONE model together, a row of `judge_prices.csv` each.

What nobody published of a model (how much it writes, how much of that is hidden, how often its label follows the order
of the answers) is an assumption, a row of `assumptions.csv`, and `Judge.assumed` names it. How often people agree with
people on the same data stands beside a judge's agreement in `agreement.csv`.
"""

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
    when the provider takes it away. `answer_tokens` are those of a verdict, `reasoning_tokens` those that it writes
    before, unseen and billed [tokens per call]; of the pairs it judges an `unusable_share` has no label in the end.
    """

    name: str
    label: str
    provider: str
    usd_per_million_input: float | None
    usd_per_million_cached_input: float | None
    usd_per_million_output: float | None
    batch_discount: float | None
    price_date: str
    agreement: float | None
    kappa: float | None
    benchmark: str
    reference: str
    n: float | None
    answer_tokens: float | None
    reasoning_tokens: float | None
    unusable_share: float | None
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
    def title(self) -> str:
        """Its name as people read it: the model, and on what its agreement was measured; of no other row the same.

        >>> judges()["gemini-3-1-pro-mt-bench"].title, judges()["gpt-6-luna-price"].title
        ('Gemini 3.1 Pro (MT-Bench)', 'GPT-6 Luna (price alone)')
        """
        measured = self.benchmark or ("price alone" if self.usd_per_million_input is not None else "")
        told = ", ".join(filter(None, (measured, "kappa" if self.kappa is not None else "")))
        return f"{self.label} ({told})" if told else self.label

    @property
    def inputs(self) -> dict[str, float]:
        """The inputs of a scenario that it sets: prices, discount and agreement if known, tokens, unusable share.

        >>> found = judges()["gpt-4-1-mini-rewardbench"].inputs
        >>> found["judge_output_price_ratio"], found["judge_reasoning_tokens"], found["unusable_share"]
        (4.0, 0.0, 0.18)
        """
        read, written = self.usd_per_million_input, self.usd_per_million_output
        found: dict[str, float | None] = {}
        if read and written is not None:
            found = {"judge_usd_per_million_input": read, "judge_output_price_ratio": written / read,
                     "batch_discount": self.batch_discount or 0.0}  # fmt: skip
            if self.usd_per_million_cached_input is not None:
                found["judge_cached_price_ratio"] = self.usd_per_million_cached_input / read
        found["judge_agreement"] = self.agreement
        found |= {name: catalog.assumption(ASSUMED[name]) for name in self.assumed}
        found |= {name: getattr(self, name.removeprefix("judge_")) for name in ASSUMED if name not in self.assumed}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def assumed(self) -> tuple[str, ...]:
        """Those of its inputs that nobody published of it, and which are assumptions.

        >>> judges()["gemini-3-1-pro-mt-bench"].assumed
        ('judge_answer_tokens', 'judge_reasoning_tokens', 'unusable_share')
        >>> judges()["as-published"].assumed
        ()
        """
        return tuple(name for name in ASSUMED if getattr(self, name.removeprefix("judge_")) is None)

    def to_dict(self) -> dict[str, Any]:
        """Return the same in plain values, with its state."""
        return {**self._asdict(), "state": self.state}


# Inputs of which a row may know nothing, with the assumptions that then stand for them.
ASSUMED = {"judge_answer_tokens": "judge-answer-tokens", "judge_reasoning_tokens": "judge-reasoning-tokens",
           "unusable_share": "judge-unusable-share"}  # fmt: skip
# What a scenario needs of a judge: from its row, from an assumption, or given beside it.
SETS = ("judge_usd_per_million_input", "judge_output_price_ratio", "batch_discount", "judge_agreement", *ASSUMED)


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


def priced() -> dict[str, Judge]:
    """Return the models whose price is known and that a provider still serves, by label; they write answers too.

    >>> found = priced()
    >>> found["GPT-6 Luna"].usd_per_million_output, "o4-mini" in found
    (0.5, False)
    """
    return {
        each.label: each for each in judges().values()
        if each.usd_per_million_input is not None and each.usd_per_million_output is not None and each.provider
        and each.state != "retired" and each.name != PUBLISHED
    }  # fmt: skip


def call(name: str, read: Any, written: Any, hidden: Any = None, cached: Any = 0) -> tuple[Any, float]:
    """Return what one call of a hosted model costs, without a discount for calls that may wait, and how long it takes.

    Parameters
    ----------
    name : of a row of `judge_prices.csv`
    read, written : tokens of the call [tokens]
    hidden : written before, unseen and billed as written; None for those of the model as a judge [tokens]
    cached : of those read, how many it has read before; at full price where no other is known [tokens]

    Returns
    -------
    usd, seconds : the latency of its row, else the median of all rows [USD, s]

    Raises
    ------
    ValueError : for an unknown name, with the nearest, and for a judge whose price is not known

    Examples
    --------
    1,000 tokens at $0.40 a million and 100 at $1.60; then 900 of the 1,000 at $0.10:

    >>> usd, seconds = call("gpt-4-1-mini-rewardbench", 1000, 100)
    >>> round(usd, 6), seconds
    (0.00056, 0.55)
    >>> round(call("gpt-4-1-mini-rewardbench", 1000, 100, cached=900)[0], 6)
    0.00029
    """
    known = judges()
    if name not in known:
        raise ValueError(f"unknown judge {shown(name)}{nearest(name, known)}")
    judge, rows = known[name], catalog.table("judge_prices")
    full, again, out = judge.usd_per_million_input, judge.usd_per_million_cached_input, judge.usd_per_million_output
    if full is None or out is None:
        raise ValueError(f"judge {name}: its price is not known; give reward_price [USD/call] instead of it")
    written = written + (judge.inputs["judge_reasoning_tokens"] if hidden is None else hidden)
    usd = ((read - cached) * full + cached * (full if again is None else again) + written * out) / 1e6
    latency = rows[name].median_latency_s
    return usd, latency or median(each.median_latency_s for each in rows.values() if each.median_latency_s)


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
    >>> sets("as-published")["judge_answer_tokens"]
    61.0
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


def said(name: str, given: Collection[str] = ()) -> str:
    """Say what a scenario's judge is, as of when, until when, and which of its inputs are assumed.

    Parameters
    ----------
    name : of a row of `judge_prices.csv`
    given : names of inputs that have a value of their own

    Examples
    --------
    >>> said("gpt-4-1-mini-rewardbench", ["judge_answer_tokens", "unusable_share"])
    'judge GPT-4.1 mini (RewardBench): price of 2026-11-20, retires 2027-01-14'
    """
    judge = judges()[name]
    assumed = ", ".join(each for each in judge.assumed if each not in given)
    parts = [f"price of {judge.price_date}"] * bool(judge.price_date) + [judge.state] * bool(judge.state)
    told = "; ".join(filter(None, (", ".join(parts), f"nobody published, and assumed: {assumed}" * bool(assumed))))
    return f"judge {judge.title}: {told}" if told else ""
