"""The registry of output quantities: what each is, in which unit, with which interval, and where it is published."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from costlib.base.text import nearest, shown
from costlib.facts import schema


@dataclass(frozen=True)
class Output:
    """One quantity that answers and pages give.

    `ratio_of` says what a ratio is a ratio of; `interval` which share of what lies within the ends beside it. `amount`
    names it as :func:`costlib.economics.comparison.amount` does, where one scenario is enough to compute it, and
    `chapter` and `key` where the book publishes it. `regime` is that of :mod:`costlib.facts.regimes` whose errors are
    its interval, and `of` says what it is of: article, stages, methods, or methods at any pairs.
    """

    id: str
    definition: str
    unit: str
    interval: str
    ratio_of: str
    amount: str
    chapter: str
    key: str
    regime: str = ""
    of: str = ""

    @property
    def said(self) -> str:
        """The definition, and of what it is a ratio.

        >>> find("label_ratio").said.partition(": ")[2]
        'the labels of people alone over the labels of a hosted judge alone, for as many usable pairs'
        """
        return f"{self.definition}: {self.ratio_of}" if self.ratio_of else self.definition


@cache
def outputs() -> Mapping[str, Output]:
    """Return every output by its id.

    >>> outputs()["rlaif_ratio"].amount
    'human-dpo.usd / rlaif.usd'
    """
    return MappingProxyType({row["id"]: Output(**row) for row in schema.rows("outputs")})


def find(name: str) -> Output:
    """Return one output, or raise a ValueError that offers the nearest ids."""
    if name not in outputs():
        raise ValueError(f"unknown output {shown(name)}{nearest(name, outputs())}")
    return outputs()[name]


class Quantity(NamedTuple):
    """A number of an answer with the :class:`Output` that says what it is; ends of an interval are None without one."""

    output: Output
    value: Any
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the same in plain values.

        >>> Quantity(find("stage.hours"), 2.0, 1.0, 4.0).as_dict()["interval"]
        '80 % of published measurements of its kind'
        """
        told = self.output
        found = {"value": self.value, "unit": told.unit, "definition": told.said}
        return found if self.low is None else found | {"low": self.low, "high": self.high, "interval": told.interval}


def quantities(prefix: str, values: Mapping[str, Any],
               intervals: Mapping[str, Any] | None = None) -> dict[str, Quantity]:  # fmt: skip
    """Return numbers as quantities, by the names that they have.

    Parameters
    ----------
    prefix : of the ids in the registry: "stage" or "method"
    values : dict of name to number
    intervals : dict of name to (low, high), for some of them

    >>> quantities("method", {"days": 3.5})["days"].output.unit
    'days'
    """
    ends = intervals or {}
    return {name: Quantity(find(f"{prefix}.{name}"), value, *ends.get(name, ())) for name, value in values.items()}


def plain(found: Mapping[str, Any], why: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an answer as JSON can say it: a number that does not exist is None, with `NAME_reason` beside it.

    Parameters
    ----------
    found : dict of name to value, records and lists of records in it
    why : dict of name to the reason, for those whose reason is known

    >>> plain({"usd": 2.0, "steps": [{"hours": math.nan}], "pairs": math.inf}, {"pairs": "no price is low enough"})
    {'usd': 2.0, 'steps': [{'hours': None, 'hours_reason': 'undefined'}], 'pairs': None, 'pairs_reason': 'no price is low enough'}
    """  # noqa: E501
    whole: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, float) and not math.isfinite(value):
            general = "undefined" if math.isnan(value) else "infinite"
            whole |= {name: None, f"{name}_reason": (why or {}).get(name, general)}
        elif isinstance(value, Mapping):
            whole[name] = plain(value, why)
        elif isinstance(value, (list, tuple)):
            whole[name] = [plain(each, why) if isinstance(each, Mapping) else each for each in value]
        else:
            whole[name] = value
    return whole
