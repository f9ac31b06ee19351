"""Which method to choose: the cheapest for each pair's worth of information of those that are allowed.

A method is allowed if each of its stages fits the GPUs of the scenario, if its labels agree often enough with the
preference that is meant, and, where a model judges itself, if that was tested at its size. The rule compares costs and
does not say which method gives the better model. Numbers of :func:`costs` may be arrays.

Sources: the lowest agreement of people in a pipeline that worked :cite:`bai2022hh`; a model that judges itself
:cite:`yuan2024selfrewarding`.
"""

import math
from functools import reduce
from typing import NamedTuple

from costlib._arrays import where
from costlib.compute.job import estimate
from costlib.economics import labels, methods
from costlib.facts import catalog, parameters

NAMES = ("human-ppo", "human-dpo", "hybrid", "self-rewarding", "rlaif")
PEOPLE = ("human-ppo", "human-dpo")
TIE = 1.1  # closer than one in ten is no difference


class Rule(NamedTuple):
    """What a choice rests on.

    Parameters
    ----------
    least_agreement : of labels with the preference that is meant [fraction]
    tested_parameters : size of a model from which it may judge itself [parameters]
    power : 1 where information grows with the lead over a coin, 2 with its square, 0 to count pairs [-]
    """

    least_agreement: float
    tested_parameters: float
    power: float = 1


def rule(**changes):
    """Return the rule of this book, or the same with changes.

    >>> rule().least_agreement, rule(power=2).power
    (0.63, 2)
    """
    found = Rule(
        catalog.find("agreement", "bai-researcher-crowd").value_low, catalog.find("models", "llama-2-70b").parameters
    )
    return found._replace(**changes)


def audiences():
    """Return the parameters that each example of a reader sets, by its name.

    >>> list(audiences())
    ['frontier lab', 'enterprise team', 'startup', 'university']
    """
    given = {}
    for row in catalog.table("audiences").values():
        given.setdefault(row.audience, {})[row.parameter] = row.value
    return {name: parameters.check(rows) for name, rows in given.items()}


def stage(name, values):
    """Return the estimate of a stage on the GPUs of a scenario, sharded and with all activations computed again."""
    where_it_runs = (values[each] for each in ("policy_model", "cluster_gpu", "policy_gpus"))
    return estimate(name, *where_it_runs, 1000, values["question_tokens"], values["answer_tokens"], recompute="full")


def fewest_gpus(values, stages=("sft", "generate", "dpo")):
    """Return the fewest GPUs of a scenario on which stages fit; infinite where they fit on no number.

    >>> from costlib.economics.scenarios import complete
    >>> fewest_gpus(complete({})) <= 64
    True
    """
    return max(stage(name, values).min_gpus for name in stages)


def fits(values, *stages):
    """Return whether a method with these training stages fits the GPUs of a scenario."""
    return all(stage(name, values).fits for name in ("sft", "generate", *stages))


def allowed(values, by=None):
    """Return the names of the methods that fit and, where the model judges itself, were tested.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    by : Rule, or None for that of this book

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> allowed(complete({"policy_model": "llama-3.1-8b"}))
    ['human-ppo', 'human-dpo', 'hybrid', 'rlaif']
    """
    tested = catalog.find("models", values["policy_model"]).parameters >= (by or rule()).tested_parameters
    dpo = [name for name in NAMES[1:] if tested or name != "self-rewarding"]
    return [*(["human-ppo"] if fits(values, "rm", "ppo") else []), *(dpo if fits(values, "dpo") else [])]


def costs(values, names=NAMES, by=None):
    """Return what methods cost for each pair's worth of information.

    Parameters
    ----------
    values : dict of every parameter; numbers may be arrays
    names : of the methods
    by : Rule, or None for that of this book

    Returns
    -------
    dict of name to USD; infinite where labels agree too rarely, or no more often than a coin

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = costs(complete({}), ["human-dpo", "rlaif"])
    >>> round(found["human-dpo"] / found["rlaif"], 1)
    6.7
    """
    least, _, power = by or rule()
    found = {}
    for name, method in methods.compare(values, names).items():
        each = labels.usd_per_effective_pair(method.usd, method.pairs, method.agreement, power)
        found[name] = where((method.agreement > 0.5) & (method.agreement >= least - 1e-9), each, math.inf)
    return found


def smaller(first, second):
    """Return the smaller of two, elementwise where they are arrays."""
    return where(first < second, first, second)


def sides(found):
    """Return the least cost with labels by people alone, and the least with a judge, of costs by name [USD]."""
    both = [[cost for name, cost in found.items() if (name in PEOPLE) == people] for people in (True, False)]
    return [reduce(smaller, side, math.inf) for side in both]


class Choice(NamedTuple):
    """A choice and what it is taken from.

    Parameters
    ----------
    costs : of the allowed methods by name, for each effective pair [USD]
    best : the cheapest, or None where no method is allowed
    chosen : names that cost up to :data:`TIE` times the cheapest
    next : the cheapest that is not chosen, or None
    """

    costs: dict
    best: str | None
    chosen: tuple
    next: str | None

    @property
    def people_ratio(self):
        """Labels by people alone over the choice; infinite where they are not allowed [-]."""
        return sides(self.costs)[0] / self.costs[self.best] if self.best else math.inf

    @property
    def other_side_ratio(self):
        """The cheapest of the side that is not chosen over the choice; infinite where that side has none [-]."""
        return max(sides(self.costs)) / self.costs[self.best] if self.best else math.inf


def choose(values, by=None):
    """Return the choice for a scenario.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    by : Rule, or None for that of this book

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> choose(complete({})).chosen
    ('self-rewarding', 'rlaif')
    """
    found = costs(values, allowed(values, by), by)
    ranked = sorted((name for name in found if found[name] < math.inf), key=found.get)
    chosen = tuple(name for name in found if ranked and found[name] <= TIE * found[ranked[0]])
    rest = [name for name in ranked if name not in chosen]
    return Choice(found, ranked[0] if ranked else None, chosen, rest[0] if rest else None)


def wins(found, choice):
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
    lowest = reduce(smaller, (found[name] for name in choice.costs))
    return (reduce(smaller, (found[name] for name in choice.chosen)) <= lowest) & (lowest < math.inf)


def flip(values, choice, name, grid):
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
    >>> float(flip(values, choose(values), "judge_agreement", numpy.linspace(0.5, 1, 501)))
    0.604
    """
    if choice.best is None:
        return None
    people, judges = sides(costs(values | {name: grid}, list(choice.costs)))
    other = grid[judges < people if choice.best in PEOPLE else people < judges]
    return min(other, key=lambda value: abs(math.log(value / max(values[name], 1e-9))), default=None)
