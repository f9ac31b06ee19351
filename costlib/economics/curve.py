"""What methods cost at n usable pairs, the ratio of two of them as an identity, where the choice flips, what is saved.

People check both sides: they evaluate the result of either, they audit people's labels, and they certify a judge.
With c for one comparison by people, and W for everything else that a side pays,

    R(n) = (W_H(n) + c (n + n_E + n_A)) / (W_J(n) + c (n_E + n_V))

W_H and W_J hold the same seed data and fine-tuning, which do not grow with n, and the same training, which does. W_J
adds the judge's calls and the candidates of labels that cannot be used, in proportion to n. Staff stands in both and
does not grow. So R is near 1 where few pairs are labelled, grows with n, and approaches the quotient of what one more
pair costs on either side. Where c outweighs W it is a quotient of counts, and says nothing of judges.

Numbers may be arrays. Sources: the lines of :mod:`costlib.economics.methods`; the identity follows from them.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from costlib.base import sampling
from costlib.base._arrays import Condition, Numeric, choices, where
from costlib.base.text import shown
from costlib.economics import break_even, human_work, methods, scenarios, uncertainty
from costlib.facts import parameters
from costlib.facts.parameters import Values

SIDES = ("human-dpo", "rlaif")
STEEP = 5  # times a judge's, from which people's bill is said to grow and the judge's hardly


def curve(values: Values, pairs: Numeric, names: Iterable[str] = SIDES) -> dict[str, Numeric]:
    """Return what methods cost at other numbers of usable pairs, all else as in the scenario.

    Parameters
    ----------
    values : dict of every parameter; numbers may be arrays that go together with `pairs`
    pairs : usable pairs, a number or an array, above 0 [pairs]
    names : of the methods, as in :data:`costlib.economics.methods.METHODS`

    Returns
    -------
    dict of method to USD

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> few, many = (curve(values, pairs) for pairs in (1_000, 1_000_000))
    >>> few["human-dpo"] / few["rlaif"] < many["human-dpo"] / many["rlaif"]
    True
    """
    found = methods.compare(values | scenarios.of_pairs(values, pairs), names)
    return {name: method.usd for name, method in found.items()}


def band(values: Values, pairs: Sequence[float], names: Iterable[str] = SIDES, draws: int = uncertainty.DRAWS,
         fixed: Collection[str] = (), known: bool = False) -> dict[str, list[tuple[float, float, float]]]:  # fmt: skip
    """Return the 90 % interval of :func:`curve` at each number of pairs, and its median between the ends.

    The pairs are those of the axis. Seed data that volunteers wrote lie at the low end of what seed data cost, so the
    curve at published values may lie below an interval in which their price is drawn: draw its median there.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    pairs : usable pairs [pairs]
    names : of the methods
    draws : how many
    fixed : names of inputs that keep their value, such as those that a reader gave
    known : False to draw the evaluation and the price of seed data as well, True to keep those of `values`

    Returns
    -------
    dict of method to a list of (low, median, high), one for each number of pairs [USD]

    Examples
    --------
    >>> low, middle, high = band(scenarios.complete({}), [1_000], draws=100)["rlaif"][0]
    >>> low < middle < high
    True
    """
    names = choices("names", names, methods.METHODS, "methods", 1)
    fixed = choices("fixed", fixed, parameters.vocabulary(), "inputs")
    if not isinstance(pairs, Iterable):
        raise ValueError(f"pairs must be several numbers [pairs], got {shown(pairs)}")
    kept, draws = {*fixed, uncertainty.PAIRS[1]}, uncertainty.enough(draws)
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for count in pairs:
        at = values | scenarios.of_pairs(values, count)
        drawn = uncertainty.monte_carlo(
            lambda v: [method.usd for method in methods.compare(v, names).values()],
            at, draws=draws, fixed=kept, known=known,
        )  # fmt: skip
        if isinstance(drawn[0], list):  # draws without NumPy, one after the other
            drawn = zip(*drawn, strict=True)
        for name, usd in zip(names, drawn, strict=True):
            sample = sampling.sample(usd)
            found[name].append((sample.interval[0], sample.median, sample.interval[1]))
    return found


class Identity(NamedTuple):
    """The terms of the ratio of DPO on human labels to RLAIF.

    Parameters
    ----------
    pairs : n, labels by people [comparisons]
    evaluation : n_E, comparisons by people on either side [comparisons]
    audit : n_A, that check people's labels [comparisons]
    validation : n_V, that certify the judge [comparisons]
    usd_per_comparison : c, with fees, rework and raters [USD]
    people_rest : W_H, all that the people's side pays besides comparisons [USD]
    judge_rest : W_J, all that the judge's side pays besides comparisons [USD]
    """

    pairs: Numeric
    evaluation: Numeric
    audit: Numeric
    validation: Numeric
    usd_per_comparison: Numeric
    people_rest: Numeric
    judge_rest: Numeric

    @property
    def people_usd(self) -> Numeric:
        """W_H + c (n + n_E + n_A) [USD]."""
        return self.people_rest + self.usd_per_comparison * (self.pairs + self.evaluation + self.audit)

    @property
    def judge_usd(self) -> Numeric:
        """W_J + c (n_E + n_V) [USD]."""
        return self.judge_rest + self.usd_per_comparison * (self.evaluation + self.validation)

    @property
    def ratio(self) -> Numeric:
        """R(n) [-]."""
        return self.people_usd / self.judge_usd

    @property
    def counts(self) -> Numeric:
        """(n + n_E + n_A) / (n_E + n_V), what is left of R(n) if W is nothing beside people; infinite if none check."""
        checks = self.evaluation + self.validation
        bought = self.pairs + self.evaluation + self.audit
        return where(checks > 0, bought / where(checks > 0, checks, 1), math.inf)

    @property
    def fewer_comparisons(self) -> Condition:
        """Whether the judge's side buys fewer comparisons of people: n + n_A > n_V.

        Theorem: if W_H = W_J, the judge costs less exactly where this holds, whatever a comparison costs. Proof:
        people_usd - judge_usd = c (n + n_A - n_V) + W_H - W_J. So "cheaper in all draws" repeats a choice of counts and
        is no finding, wherever the draws leave these counts as they are. What can break it is W_J - W_H alone: calls of
        the judge, candidates of unusable labels, staff.
        """
        return self.pairs + self.audit > self.validation


def identity(values: Values) -> Identity:
    """Return the terms of R(n) at the pairs of a scenario.

    Parameters
    ----------
    values : dict of every parameter

    Examples
    --------
    >>> found = identity(scenarios.complete({}))
    >>> found.pairs, found.evaluation, found.audit, found.validation, bool(found.fewer_comparisons)
    (10906, 805, 500.0, 500, True)
    >>> round(found.ratio / ratio(scenarios.complete({}), 10906), 9)
    1.0
    """
    people, judge = (human_work.of(name, values) for name in SIDES)
    each = human_work.label_usd(values)
    found = methods.compare(values, SIDES)
    rest = (found[name].usd - each * work.total for name, work in zip(SIDES, (people, judge), strict=True))
    return Identity(people.labels, judge.evaluation, people.checks - people.evaluation,
                    judge.checks - judge.evaluation, each, *rest)  # fmt: skip


def ceiling(values: Values) -> float:
    """Return the ratio that R does not exceed, however much a comparison costs; infinite if people check neither side.

    R lies between W_H / W_J, where comparisons are free, and the quotient of counts.

    >>> values = scenarios.complete({})
    >>> round(ceiling(values), 2), round(12_211 / 1_305, 2)  # (10,906 + 805 + 500) / (805 + 500)
    (9.36, 9.36)
    """
    at = identity(values)
    return max(at.counts, at.people_rest / max(at.judge_rest, break_even.NONE))


def ratio_of(values: Values, names: Sequence[str] = SIDES) -> Numeric:
    """Return what the first of two methods costs over the second at the pairs of a scenario, as draws take it [-].

    >>> round(ratio_of(scenarios.complete({})) / ratio(scenarios.complete({}), 10_906), 9)
    1.0
    """
    first, second = methods.compare(values, _two(names)).values()
    return first.usd / second.usd


def _two(names: Sequence[str]) -> tuple[str, ...]:
    """The names of two methods, or a ValueError."""
    found = choices("names", names, methods.METHODS, "methods")
    if len({*found}) == 2 == len(found):
        return found
    raise ValueError(f"names must be those of two methods, got {shown(found)}")


def ratio(values: Values, pairs: Numeric, names: Sequence[str] = SIDES) -> Numeric:
    """Return R(n): what the first of two methods costs over the second at a number of usable pairs [-].

    >>> few, many = ratio(scenarios.complete({}), 1_000), ratio(scenarios.complete({}), 1_000_000)
    >>> few < many
    True
    """
    return ratio_of(values | scenarios.of_pairs(values, pairs), names)


def saved(values: Values, pairs: Numeric, names: Sequence[str] = SIDES) -> Numeric:
    """Return the dollars that the second of two methods saves at a number of usable pairs; negative if it costs more.

    >>> values = scenarios.complete({})
    >>> round(saved(values, 10_906)) == round(methods.human_dpo(values).usd - methods.rlaif(values).usd)
    True
    """
    first, second = curve(values, pairs, _two(names)).values()
    return first - second


def flip(values: Values, names: Sequence[str] = SIDES) -> float | None:
    """Return the usable pairs at which two methods cost the same; None where one is cheaper at any number of them.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    names : of the two methods

    Examples
    --------
    A judge that takes a hundred days of an engineer's pays for itself only beyond some number of pairs:

    >>> values = scenarios.complete({"judge_engineer_days": 100})
    >>> round(ratio(values, flip(values)), 9)
    1.0
    >>> flip(scenarios.complete({})) is None
    True
    """
    both = [break_even.pair_cost(methods.METHODS[name], values) for name in _two(names)]
    parts = ("beyond", "within")  # the pairs in hand, the scenario's own side first
    for part in parts if scenarios.num_pairs(values) > values["pairs_in_hand"] else parts[::-1]:
        first, second = (getattr(line, part) for line in both)
        fixed, each = second.fixed - first.fixed, first.each - second.each
        pairs = fixed / each if each else 0.0
        if pairs > 0 and (pairs > values["pairs_in_hand"]) == (part == "beyond"):
            return pairs
    return None
