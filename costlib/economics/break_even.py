"""Where people's labels and those of a judge cost the same, or one a multiple of the other.

Every cost of a whole method is a straight line in the number of pairs, in the price of a comparison by people, and in
that of a GPU-hour, so two points of each line give their crossing. A crossing that does not exist is infinite; numbers
may be arrays. *People* is DPO on labels by people, *the judge* the same with a hosted judge, and *the model itself*
self-rewarding, with the lines of :mod:`costlib.economics.methods`.

Sources: prices and counts as in `facts/parameters.csv`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, choice, maximum, minimum, where
from costlib.economics import human_work, methods, scenarios
from costlib.facts.parameters import Values

NONE_IN_HAND = {"pairs_in_hand": 0}
NONE = 1e-9  # dollars, or a part of people's cost, below which a difference is rounding


class PairCost(NamedTuple):
    """The cost of a method as a line in the pairs, or another input: what it costs at 0, and what each adds [USD].

    Of the first `in_hand` pairs each costs `spared` less [pairs, USD].
    """

    fixed: Numeric
    each: Numeric
    spared: Numeric = 0
    in_hand: Numeric = 0

    def usd(self, pairs: Numeric) -> Numeric:
        """Cost at a number of usable pairs [USD]."""
        return self.fixed + self.each * pairs - self.spared * minimum(pairs, self.in_hand)

    @property
    def within(self) -> "PairCost":
        """The line of pairs in hand."""
        return PairCost(self.fixed, self.each - self.spared)

    @property
    def beyond(self) -> "PairCost":
        """The line of more pairs than those in hand."""
        return PairCost(self.fixed - self.spared * self.in_hand, self.each)


def pair_cost(method: methods.Pricing, values: Values) -> PairCost:
    """Return a method's cost as a line in the pairs, valid for many batches.

    Parameters
    ----------
    method : one of the functions of :data:`costlib.economics.methods.METHODS`
    values : dict of every parameter; numbers may be arrays

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> line = pair_cost(methods.human_dpo, values)
    >>> math.isclose(line.usd(scenarios.num_pairs(values)), methods.human_dpo(values).usd)
    True
    """
    pairs, in_hand, bare = scenarios.num_pairs(values), values["pairs_in_hand"], values | NONE_IN_HAND
    fixed, usd = method(bare | {"num_pairs_m1": 0, "num_pairs_m2": 0}).usd, method(bare).usd
    spared = (usd - method(values).usd) / maximum(minimum(pairs, in_hand), 1)
    return PairCost(fixed, (usd - fixed) / pairs, spared, in_hand)


def pairs_for(ratio: Numeric, values: Values, method: methods.Pricing = methods.rlaif) -> Numeric:
    """Return the usable pairs from which people cost `ratio` times what another method costs.

    Parameters
    ----------
    ratio : people's cost over the other's, above 0 [-]
    values : dict of every parameter; numbers may be arrays
    method : what replaces people

    Returns
    -------
    pairs; infinite where no number of them is enough. At a ratio of 1 and for a judge:
    what the judge's checks and staff cost more than people's, over what each pair saves

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> at = values | {"num_pairs_m1": pairs_for(4, values), "num_pairs_m2": 0}
    >>> round(methods.human_dpo(at).usd / methods.rlaif(at).usd, 9)
    4.0
    """
    checked("ratio", ratio, "-", low_is_allowed=False)
    both = pair_cost(methods.human_dpo, values), pair_cost(method, values)
    near = maximum(_met(ratio, *(each.within for each in both)), 0)
    far = _met(ratio, *(each.beyond for each in both))
    return where(far < values["pairs_in_hand"], where(near < math.inf, near, 0), maximum(far, 0))


def _met(ratio: Numeric, ours: PairCost, other: PairCost) -> Numeric:
    """Where one cost is `ratio` times another, both lines in the same input; infinite where it never gets so high."""
    saved = ours.each - ratio * other.each
    pays = saved > NONE * ours.each
    return where(pays, (ratio * other.fixed - ours.fixed) / where(pays, saved, 1), math.inf)


def ratio_limit(values: Values) -> Numeric:
    """Return the ratio that people's cost over a judge's approaches as a comparison becomes dear.

    Returns
    -------
    the quotient of the comparisons that each side buys; infinite where people check nothing [-]

    Examples
    --------
    >>> round(ratio_limit(scenarios.complete({})), 2)
    9.36
    """
    ours, checks = (human_work.of(name, values).total for name in ("human-dpo", "rlaif"))
    return where(checks > 0, ours / maximum(checks, NONE), math.inf)


def human_price_for(ratio: Numeric, values: Values, method: methods.Pricing = methods.rlaif) -> Numeric:
    """Return the price of a comparison above which people cost more than `ratio` times what another method costs.

    Parameters
    ----------
    ratio : people's cost over the other's, above 0 [-]
    values : dict of every parameter; numbers may be arrays
    method : what replaces people

    Returns
    -------
    USD before fees; infinite where the other buys as many comparisons, times `ratio`, as people make

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> at = values | {"human_usd_per_pair": human_price_for(5, values)}
    >>> round(methods.human_dpo(at).usd / methods.rlaif(at).usd, 9)
    5.0
    """
    checked("ratio", ratio, "-", low_is_allowed=False)
    return _met(ratio, _in_human_price(methods.human_dpo, values), _in_human_price(method, values))


def _in_human_price(method: methods.Pricing, values: Values) -> PairCost:
    """Cost if people's comparisons are free, and what each dollar of their price adds [USD]."""
    one, two = (method(values | {"human_usd_per_pair": usd}).usd for usd in (1.0, 2.0))
    return PairCost(2 * one - two, two - one)


def saved_per_pair(values: Values) -> Numeric:
    """Return what each pair saves where a judge labels it, unusable labels and their candidates included [USD].

    >>> values = scenarios.complete({})
    >>> saved_per_pair(values) < human_work.label_usd(values)
    True
    """
    return pair_cost(methods.human_dpo, values).each - pair_cost(methods.rlaif, values).each


def least_human_price(values: Values) -> Numeric:
    """Return the price of a comparison below which the judge is not cheaper for any number of pairs [USD before fees].

    It is what a pair costs more where the judge labels it: its label, and the candidates of unusable ones.

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> pairs_for(1, values | {"human_usd_per_pair": 0.9 * least_human_price(values)})
    inf
    """
    dollar = human_work.label_usd(values | {"human_usd_per_pair": 1}) * human_work.rated_share(values)
    price = human_work.usd_per_comparison(values) - saved_per_pair(values) / dollar
    return where(price > NONE, price, 0)


def gpu_price(values: Values) -> Numeric:
    """Return the price of a GPU-hour up to which the model itself is cheaper than people; 0 where it is at none.

    Returns
    -------
    what people's comparisons and staff cost more / (GPU-hours of the model itself - those of people) [USD/GPU-h]

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> at = values | {"price_usd_per_gpu_hour": gpu_price(values)}
    >>> round(methods.human_dpo(at).usd / methods.self_rewarding(at).usd, 9)
    1.0
    """
    free = values | {"price_usd_per_gpu_hour": 0.0}  # what is not of GPUs: dear hours would drown it in rounding
    ours, own = methods.human_dpo(free), methods.self_rewarding(free)
    hours = own.gpu_hours - ours.gpu_hours
    return maximum(ours.usd - own.usd, 0) / where(hours != 0, hours, math.inf)  # without pairs both take the same


class Rounds(NamedTuple):
    """Costs where each round makes, labels, trains on and evaluates new pairs of one model [USD].

    Parameters
    ----------
    once : seed data and fine-tuning, on both sides
    people, judge : each round on either side
    audit, validation : of people's labels and of the judge, once or in each round
    people_staff, judge_staff : once on either side
    """

    once: Numeric
    people: Numeric
    judge: Numeric
    audit: Numeric
    validation: Numeric
    people_staff: Numeric = 0
    judge_staff: Numeric = 0

    def usd(self, count: Numeric, again: bool = False) -> tuple[Numeric, Numeric]:
        """Return what people and the judge cost in `count` rounds; `again` checks both kinds of labels in each."""
        checks = count if again else 1
        return (self.once + self.people_staff + count * self.people + checks * self.audit,
                self.once + self.judge_staff + count * self.judge + checks * self.validation)  # fmt: skip


def rounds(values: Values) -> Rounds:
    """Return the costs of repeated rounds at the values of a scenario, whose pairs are new in each: none is in hand.

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> people, judge = rounds(values).usd(1)
    >>> math.isclose(judge, methods.rlaif(values).usd)
    True
    """
    values = values | NONE_IN_HAND
    ours, judge = methods.human_dpo(values), methods.rlaif(values)
    once = ours.line("seed data").usd + values["run_overhead"] * ours.line("fine-tuning").usd
    checks = (human_work.of(name, values) for name in ("human-dpo", "rlaif"))
    audit, validation = (human_work.label_usd(values) * (each.checks - each.evaluation) for each in checks)
    staff = [method.line("staff").usd for method in (ours, judge)]
    rest = ours.usd - once - audit - staff[0], judge.usd - once - validation - staff[1]
    return Rounds(once, *rest, audit, validation, *staff)


class BreakEvens(NamedTuple):
    """Where sides change, all other inputs as they are.

    Parameters
    ----------
    gpu_price : up to which the model itself is cheaper than people [USD/GPU-h]
    human_price : from which the judge can be cheaper [USD]
    pairs : from which the judge is cheaper
    """

    gpu_price: Numeric
    human_price: Numeric
    pairs: Numeric


def break_evens(values: Values) -> BreakEvens:
    """Return every break-even of a scenario; numbers may be arrays.

    Examples
    --------
    >>> values = scenarios.complete({"judge_engineer_days": 30})
    >>> break_evens(values).pairs == pairs_for(1, values)
    True
    """
    return BreakEvens(gpu_price(values), least_human_price(values), pairs_for(1, values))


class Crossing(NamedTuple):
    """Where people become cheaper as an input grows: "above" or "below" a value, or "always" or "never" (value 0)."""

    side: str
    value: float


def crossing(gap: Callable[[float], float], at: float, least: float = 0) -> Crossing:
    """Return where a straight line changes its sign.

    Parameters
    ----------
    gap : function of the input; positive where people are cheaper
    at : a value of the input at which the line is taken, above 0
    least : value of the input down to which a crossing counts

    Examples
    --------
    >>> crossing(lambda price: 3 - price, at=1.0)
    Crossing(side='below', value=3.0)
    """
    checked("at", at, "-", low_is_allowed=False), checked("least", least, "-")
    slope = round((gap(2 * at) - gap(at)) / at, 9)
    root = at - gap(at) / slope if slope else 0.0
    if root <= least:
        return Crossing("always" if slope > 0 or (not slope and gap(at) > 0) else "never", 0.0)
    return Crossing("above" if slope > 0 else "below", root)


def people_cheaper(what: str, values: Values, method: methods.Pricing = methods.rlaif) -> Crossing:
    """Return where DPO on human labels costs less than another method as one input moves, the others as they are.

    Parameters
    ----------
    what : "pairs", "human_usd_per_pair" or "price_usd_per_gpu_hour"
    values : dict of every parameter, single numbers
    method : what replaces people

    Returns
    -------
    Crossing

    Raises
    ------
    ValueError : for another `what`

    Examples
    --------
    >>> values = scenarios.complete({"judge_engineer_days": 30})
    >>> found = people_cheaper("pairs", values)
    >>> found.side, round(found.value) == round(pairs_for(1, values))
    ('below', True)
    """
    choice("what", what, ("pairs", "human_usd_per_pair", "price_usd_per_gpu_hour"))

    def gap(value: float) -> float:
        at = values | ({"num_pairs_m1": value, "num_pairs_m2": 0} if what == "pairs" else {what: value})
        return method(at).usd - methods.human_dpo(at).usd

    if what != "pairs":
        return crossing(gap, 1.0)
    pairs, in_hand = scenarios.num_pairs(values), values["pairs_in_hand"]
    # The bills bend once, at the pairs in hand, so they may cross twice: the crossing on the scenario's side is told.
    found = crossing(gap, max(pairs, in_hand), least=1)
    if not in_hand or (pairs > in_hand and found.value >= in_hand):
        return found
    near = crossing(gap, min(pairs, in_hand) / 2, least=1)
    if 0 < near.value <= in_hand:
        return near
    return found if found.value >= in_hand else Crossing("always" if gap(in_hand) > 0 else "never", 0.0)


class SidesMeet(NamedTuple):
    """Where DPO on labels by people and by a hosted judge cost the same; None where they never do.

    Parameters
    ----------
    usd_per_comparison : price of a human comparison, above which the judge is cheaper [USD]
    pairs : usable pairs, above which the judge is cheaper [pairs]
    usd_per_gpu_hour : price of a GPU-hour, below which a model that judges itself is cheaper than people [USD/GPU-h]
    """

    usd_per_comparison: float | None
    pairs: float | None
    usd_per_gpu_hour: float | None


def sides_meet(values: Values) -> SidesMeet:
    """Return where the two sides of a scenario change places, all other inputs as they are.

    Parameters
    ----------
    values : dict of every parameter, single numbers

    Examples
    --------
    >>> values = scenarios.complete({"judge_engineer_days": 30})
    >>> found = sides_meet(values)
    >>> at = values | {"human_usd_per_pair": found.usd_per_comparison}
    >>> round(methods.human_dpo(at).usd / methods.rlaif(at).usd, 9)
    1.0
    """
    price, hourly = human_price_for(1, values), gpu_price(values)
    pairs = pairs_for(1, values) if scenarios.num_pairs(values) else math.inf
    return SidesMeet(max(0.0, price) if price < math.inf else None, pairs if pairs < math.inf else None,
                     hourly if hourly > NONE else None)  # fmt: skip
