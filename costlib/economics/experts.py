"""Experts for the hard pairs and a hosted judge for the others: what it costs."""

from typing import NamedTuple

from costlib.base._arrays import Numeric, checked
from costlib.economics import human_work, methods
from costlib.facts import catalog
from costlib.facts.parameters import Values

LEAST = 1e-12  # share of hard pairs from which people are recruited and audited


def usd(values: Values, expert_usd: Numeric, share: Numeric) -> Numeric:
    """Return the cost of a hybrid whose labels by people are those of experts.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    expert_usd : price of an expert's comparison before fees [USD]
    share : of the pairs that experts label [fraction]

    Returns
    -------
    USD; evaluation and validation are paid at the general rate

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> values = complete({})
    >>> round(usd(values, human_work.usd_per_comparison(values), 0.2) / methods.hybrid(values).usd, 9)
    1.0
    """
    judge, people = (methods.hybrid(values | {"hard_share": end}) for end in (LEAST, 1))
    checked("share", share, "fraction")
    expert = human_work.label_usd(
        values | {"human_usd_per_pair": checked("expert_usd", expert_usd, "USD")}
    ) - human_work.label_usd(values)
    compared = human_work.unlabelled(values) * human_work.rated_share(values)
    return judge.usd + share * (people.usd + compared * expert - judge.usd)


def affordable_share(values: Values, expert_usd: Numeric) -> float:
    """Return the share of the pairs that experts may have before the hybrid costs as much as general annotators.

    Returns
    -------
    (C_h - C_0) / (C_1 - C_0), kept from 0 to 1 [fraction]

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> values = complete({})
    >>> share = affordable_share(values, 50.0)
    >>> round(usd(values, 50.0, share) / methods.human_dpo(values).usd, 9)
    1.0
    """
    people = methods.human_dpo(values).usd
    judge_alone, experts_alone = (usd(values, expert_usd, share) for share in (0, 1))
    if experts_alone <= judge_alone:
        return float(people >= judge_alone)
    return min(1.0, max(0.0, (people - judge_alone) / (experts_alone - judge_alone)))


class Terms(NamedTuple):
    """What experts at a price may label.

    Parameters
    ----------
    usd : price of an expert's comparison [USD]
    share : of the pairs before the hybrid costs as much as general annotators [fraction]
    """

    usd: Numeric
    share: Numeric


def terms(values: Values) -> list[Terms]:
    """Return the Terms at the prices of experts that were found: the article's two, and that of a vendor.

    >>> from costlib.economics.scenarios import complete
    >>> [each.usd for each in terms(complete({}))]
    [5.0, 50.0, 100.0]
    """
    article, vendor = (catalog.find("label_prices", name) for name in ("article-domain-expert", "claru-expert"))
    prices = article.usd_per_label_low, article.usd_per_label_high, vendor.usd_per_label_low
    return [Terms(price, affordable_share(values, price)) for price in prices]
