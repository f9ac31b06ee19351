"""Which method to choose: the one whose whole costs least of those that are allowed.

What is allowed, and why, says :mod:`costlib.economics.admissible`. The rule compares costs and does not say which
method gives the better model. Numbers of :func:`costs` may be arrays.
"""

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple

from costlib.base._arrays import Condition, Numeric, minimum, where
from costlib.economics import admissible, human_work, labels, methods
from costlib.economics.admissible import Rule, rule
from costlib.facts import catalog, parameters
from costlib.facts.parameters import Values

NAMES = tuple(name for name in methods.METHODS if name != "published")  # that leaves lines out
PEOPLE = ("human-ppo", "human-dpo")
TIE = 1.1  # closer than one in ten is no difference


def audiences() -> dict[str, Values]:
    """Return the parameters that each example of a reader sets, by its name.

    >>> list(audiences())
    ['frontier lab', 'enterprise team', 'startup', 'university']
    """
    given: dict[str, Values] = {}
    for row in catalog.table("audiences").values():
        given.setdefault(row.audience, {})[row.parameter] = row.value
    return {name: parameters.check(rows) for name, rows in given.items()}


def fewest_gpus(values: Values, stages: Iterable[str] = admissible.BY_DPO) -> Numeric:
    """Return the fewest GPUs of a scenario on which stages fit; infinite where they fit on no number.

    >>> from costlib.economics.scenarios import complete
    >>> fewest_gpus(complete({})) <= 64
    True
    """
    return max(each.min_gpus for each in admissible.fits(values, stages).values())


def allowed(values: Values, by: Rule | None = None) -> list[str]:
    """Return the names of the methods that fit and, where the model judges itself, were tested.

    How often labels agree counts in :func:`costs`, where it may be drawn.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    by : Rule, or None for that of this book

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> allowed(complete({"policy_model": "llama-3.1-8b"}))
    ['human-ppo', 'human-dpo', 'rlaif', 'hybrid', 'constitutional', 'targeted', 'hosted']
    """
    sure = values | {"human_agreement": 1.0, "judge_agreement": 1.0}
    against = admissible.objections(sure, by=by)
    return [name for name in NAMES if not against[name]]


def costs(values: Values, names: Iterable[str] = NAMES, by: Rule | None = None) -> dict[str, Numeric]:
    """Return what methods cost for each usable pair, or for each pair's worth of information where the rule asks it.

    Parameters
    ----------
    values : dict of every parameter; numbers may be arrays
    names : of the methods
    by : Rule, or None for that of this book

    Returns
    -------
    dict of name to USD; infinite where labels agree too rarely, or who gives them no more often than a coin

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = costs(complete({}), ["human-dpo", "rlaif"])
    >>> found["human-dpo"] > found["rlaif"]
    True
    """
    by, found = by or rule(), {}
    for name, method in methods.compare(values, names).items():
        each = labels.usd_per_effective_pair(method.usd, method.pairs, method.agreement, by.power)
        found[name] = where(admissible.enough_agreement(name, values, by), each, math.inf)
    return found


def sides(found: Mapping[str, Numeric]) -> list[Numeric]:
    """Return the least cost with labels by people alone, and the least with a judge, of costs by name [USD]."""
    both = [[cost for name, cost in found.items() if (name in PEOPLE) == people] for people in (True, False)]
    return [reduce(minimum, side, math.inf) for side in both]


class Choice(NamedTuple):
    """A choice and what it is taken from.

    Parameters
    ----------
    costs : of the allowed methods by name, for each effective pair [USD]
    best : the cheapest, or None where no method is allowed
    chosen : names that cost up to :data:`TIE` times the cheapest
    next : the cheapest that is not chosen, or None
    """

    costs: dict[str, Numeric]
    best: str | None
    chosen: tuple[str, ...]
    next: str | None

    @property
    def people_ratio(self) -> Numeric:
        """Labels by people alone over the choice; infinite where they are not allowed [-]."""
        return sides(self.costs)[0] / self.costs[self.best] if self.best else math.inf

    @property
    def other_side_ratio(self) -> Numeric:
        """The cheapest of the side that is not chosen over the choice; infinite where that side has none [-]."""
        return max(sides(self.costs)) / self.costs[self.best] if self.best else math.inf


def choose(values: Values, by: Rule | None = None) -> Choice:
    """Return the choice for a scenario.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    by : Rule, or None for that of this book

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> choose(complete({})).chosen
    ('self-rewarding', 'rlaif', 'hosted')
    """
    found = costs(values, allowed(values, by), by)
    ranked = sorted((name for name in found if found[name] < math.inf), key=found.__getitem__)
    chosen = tuple(name for name in found if ranked and found[name] <= TIE * found[ranked[0]])
    rest = [name for name in ranked if name not in chosen]
    return Choice(found, ranked[0] if ranked else None, chosen, rest[0] if rest else None)


def wins(found: Mapping[str, Numeric], choice: Choice) -> Condition:
    """Return where drawn costs of the chosen methods are the least of all allowed ones.

    Parameters
    ----------
    found : dict of name to drawn costs, as of :func:`costs`
    choice : Choice

    Returns
    -------
    booleans, one for each draw

    Examples
    --------
    >>> choice = Choice({"rlaif": 1.0, "human-dpo": 2.0}, "rlaif", ("rlaif",), "human-dpo")
    >>> wins({"rlaif": 2.0, "human-dpo": 3.0}, choice), wins({"rlaif": 4.0, "human-dpo": 3.0}, choice)
    (True, False)
    """
    lowest = reduce(minimum, (found[name] for name in choice.costs))
    return (reduce(minimum, (found[name] for name in choice.chosen)) <= lowest) & (lowest < math.inf)


def flip(values: Values, choice: Choice, name: str, grid: Any) -> float | None:
    """Return the value of an input, nearest to its own, at which the choice changes sides; None where no value does.

    The sides are people alone and methods with a judge. Values are those of a grid.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    choice : Choice at these values
    name : of the input
    grid : NumPy array of values above 0

    Examples
    --------
    >>> import numpy
    >>> from costlib.economics.scenarios import complete
    >>> values = complete({})
    >>> bool(flip(values, choose(values), "judge_agreement", numpy.linspace(0.5, 1, 501)) > 0.5)
    True
    """
    if choice.best is None:
        return None
    people, judges = sides(costs(values | {name: grid}, list(choice.costs)))
    other = grid[judges < people if choice.best in PEOPLE else people < judges]
    own = human_work.usd_per_comparison(values) if name == "human_usd_per_pair" else values[name]
    return min(other, key=lambda value: abs(math.log(value / max(own, 1e-9))), default=None)
