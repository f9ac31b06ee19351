"""People's cost over the cost of what replaces them, in the terms that documents use: labels, pipelines, whole methods.

Which lines stand on each side decides the ratio more than any price does. Numbers may be arrays.

Sources: the article's terms :cite:`mamath2025economics`; the worth of a label :cite:`angluin1988,karger2014`.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, where
from costlib.economics import human_work, methods, scenarios
from costlib.economics.shares import usd_of
from costlib.facts.parameters import Values


def worth(judge_agreement: Numeric, human_agreement: Numeric) -> Numeric:
    """Return what a judge's label says over what one of people says, if errors are independent.

    Parameters
    ----------
    judge_agreement, human_agreement : with the preference that is meant [fraction]

    Returns
    -------
    (2 A_J - 1) / (2 A_H - 1) [-]; infinite where people's labels are no better than a coin

    Examples
    --------
    >>> worth(0.625, 0.75), worth(0.625, 0.5)
    (0.5, inf)
    """
    lead = 2 * checked("human_agreement", human_agreement, "fraction") - 1
    return where(
        lead > 0, (2 * checked("judge_agreement", judge_agreement, "fraction") - 1) / where(lead > 0, lead, 1), math.inf
    )


def whole(values: Values, method: methods.Pricing = methods.rlaif, effective: bool = False) -> Numeric:
    """Return the ratio of whole methods: DPO on human labels over what replaces it.

    Parameters
    ----------
    values : dict of every parameter
    method : one of the functions of :data:`costlib.economics.methods.METHODS`
    effective : True for each effective pair, False for each usable one

    Examples
    --------
    >>> whole(scenarios.complete({})) < whole(scenarios.complete({"num_pairs_m1": 100_000}))
    True
    """
    part = "usd_per_effective_pair" if effective else "usd"
    return getattr(methods.human_dpo(values), part) / getattr(method(values), part)


def in_terms(values: Values, found: Mapping[str, methods.Method] | None = None) -> dict[str, Numeric]:
    """Return the ratio in several terms.

    Parameters
    ----------
    values : dict of every parameter
    found : the methods at these values, as of :func:`costlib.economics.methods.compare`, or None

    Returns
    -------
    dict of the terms to the ratio; those per effective pair need both agreements above one half

    Examples
    --------
    >>> values = scenarios.complete({"human_usd_per_pair": 0.67})
    >>> found = in_terms(values)
    >>> round(found["article's terms"], 1), found["RLAIF, per usable pair"] == whole(values)
    (26.1, True)
    """
    found = found or methods.compare(values)
    people, ai = found["human-dpo"], {"RLAIF": found["rlaif"], "self-rewarding": found["self-rewarding"]}
    pair = [usd_of(method, "candidates", "labels") for method in (people, ai["RLAIF"])]
    said = worth(values["judge_agreement"], values["human_agreement"])
    return {
        "article's terms": people.pairs * human_work.usd_per_comparison(values) / found["published"].usd,
        "labelled pairs alone": pair[0] / pair[1],
        **{f"{name}, per usable pair": people.usd / method.usd for name, method in ai.items()},
        **{f"{name}, per effective pair": people.usd / method.usd * said for name, method in ai.items()},
    }


class Boundary(NamedTuple):
    """What stands on either side of a ratio, and the ratio [-]."""

    people: str
    ai: str
    ratio: Numeric


def boundaries(values: Values) -> tuple[Boundary, ...]:
    """Return what the choice of lines does to a ratio, from labels alone to every line on both sides.

    Examples
    --------
    >>> [round(each.ratio, 1) for each in boundaries(scenarios.complete({"human_usd_per_pair": 0.3}))][:2]
    [22.7, 11.7]
    """
    found = methods.compare(values)
    both = methods.published(values | {"dpo_rounds": 2})
    people, article = found["human-dpo"], found["published"]
    labels = scenarios.num_pairs(values) * human_work.usd_per_comparison(values)
    trained = [labels + usd_of(each, "fine-tuning", "training") for each in (article, both)]
    return (
        Boundary("labels", "generating and judging", methods.label_ratio(values)),
        Boundary("labels", "the pipeline, as the article has it", labels / article.usd),
        Boundary("labels, training", "the same pipeline", trained[0] / article.usd),
        Boundary("labels, training", "with DPO on both rounds", trained[1] / both.usd),
        Boundary("all items", "self-rewarding, all items", people.usd / found["self-rewarding"].usd),
        Boundary("all items", "RLAIF, all items", people.usd / found["rlaif"].usd),
    )
