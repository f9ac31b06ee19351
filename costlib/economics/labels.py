"""What one preference label costs, from a person or a judge, and how much it says.

A label says which of two answers is preferred. It is usable if it names one of them, and it carries information as far
as it agrees with the preference that is meant. Every number may be an array.

Sources: prices of people and of judges as in `facts/label_prices.csv`; the arithmetic of a hosted judge as in
:cite:`lee2024rlaif`, appendix L; a self-hosted judge is priced by :mod:`costlib.compute.stages`.
"""

import math

from costlib.base._arrays import Numeric, checked, require, where
from costlib.facts import catalog

MINUTES_PER_HOUR = 60
TOKENS_PER_PRICE = 1e6


def human_label(usd_per_comparison: Numeric, platform_fee: Numeric = 0, rework_share: Numeric = 0,
                raters: Numeric = 1) -> Numeric:  # fmt: skip
    """Return what one label by people costs.

    Parameters
    ----------
    usd_per_comparison : paid to the annotator or vendor, at least 0 [USD]
    platform_fee : the platform's fee on top, at least 0 [fraction]
    rework_share : comparisons made again after a check of quality, at least 0 [fraction]
    raters : people who compare each pair, at least 0 [-]

    Returns
    -------
    usd_per_comparison x (1 + platform_fee) x (1 + rework_share) x raters [USD]

    Raises
    ------
    ValueError : for a negative, NaN, infinite or non-numeric argument

    Examples
    --------
    >>> round(human_label(0.30, platform_fee=0.2), 2)
    0.36
    """
    return (
        checked("usd_per_comparison", usd_per_comparison, "USD")
        * (1 + checked("platform_fee", platform_fee, "fraction"))
        * (1 + checked("rework_share", rework_share, "fraction"))
        * checked("raters", raters, "people per pair")
    )


def usd_per_comparison(wage_usd_per_hour: Numeric, minutes: Numeric) -> Numeric:
    """Return the price of a comparison from a wage and the time that it takes [USD].

    Examples
    --------
    36.8 seconds at $21 an hour (:cite:`li2023alpacaeval`):

    >>> round(usd_per_comparison(21, 36.8 / 60), 3)
    0.215
    """
    wage = checked("wage_usd_per_hour", wage_usd_per_hour, "USD per hour")
    return wage * checked("minutes", minutes, "minutes per comparison") / MINUTES_PER_HOUR


def hosted_label(prompt_tokens: Numeric, answer_tokens: Numeric, usd_per_million_input: Numeric,
                 usd_per_million_output: Numeric, orders: Numeric = 2, repeats: Numeric = 1,
                 batch_discount: Numeric = 0) -> Numeric:  # fmt: skip
    """Return what one label by a hosted judge costs.

    Parameters
    ----------
    prompt_tokens, answer_tokens : that the judge reads and writes in one call, at least 0 [tokens]
    usd_per_million_input, usd_per_million_output : list prices [USD per million tokens]
    orders : orders of the two answers that are judged, 2 against position bias [-]
    repeats : calls for each order [-]
    batch_discount : taken off for calls that may wait, 0 to 1 [fraction]

    Returns
    -------
    orders x repeats x (prompt tokens x input price + answer tokens x output price) x (1 - batch_discount) [USD]

    Raises
    ------
    ValueError : for a value out of range

    Examples
    --------
    GPT-4 in both orders, as in :cite:`lee2024rlaif`, appendix L:

    >>> round(hosted_label(830, 61, 30, 60), 5)
    0.05712
    """
    share = checked("batch_discount", batch_discount, "fraction")
    require(share <= 1, "batch_discount must be at most 1 [fraction], got {}", batch_discount)
    read = checked("prompt_tokens", prompt_tokens, "tokens") * checked(
        "usd_per_million_input", usd_per_million_input, "USD"
    )
    written = checked("answer_tokens", answer_tokens, "tokens")
    written = written * checked("usd_per_million_output", usd_per_million_output, "USD")
    calls = checked("orders", orders, "-") * checked("repeats", repeats, "-")
    return calls * (read + written) / TOKENS_PER_PRICE * (1 - share)


def paid_range() -> tuple[float, float]:
    """Return the lowest and the highest published price of a paid comparison of two answers [USD].

    Of people paid by a platform or a vendor, where the evidence is not low; experts and volunteers are left out.

    Examples
    --------
    >>> paid_range()
    (0.3, 10.0)
    """
    paid = [
        label for label in catalog.table("label_prices").values()
        if label.kind in ("human-crowd", "human-vendor") and label.usd_per_label_low and label.quality != "low"
    ]  # fmt: skip
    return min(label.usd_per_label_low for label in paid), max(label.usd_per_label_high for label in paid)


def needed_for(usable: Numeric, unusable_share: Numeric) -> Numeric:
    """Return how many labels must be made so that enough are usable.

    Parameters
    ----------
    usable : labels that are wanted, at least 0 [-]
    unusable_share : that cannot be parsed, tie, or change with the order, from 0 to below 1 [fraction]

    Examples
    --------
    >>> round(needed_for(820, 0.18))
    1000
    """
    share = checked("unusable_share", unusable_share, "fraction")
    require(share < 1, "unusable_share must be below 1 [fraction], got {}", unusable_share)
    return checked("usable", usable, "labels") / (1 - share)


def effective_share(agreement: Numeric) -> Numeric:
    """Return the share of a label that is information, if errors are independent.

    A label that agrees with probability A moves an average preference by 2A - 1 of a perfect one; a coin, A = 1/2, by
    nothing. Errors of one judge are not independent: it is wrong on the same pairs again, so that more of its labels,
    or repeated ones, help less than this says. Sixteen judgments did not raise the agreement in :cite:`lee2024rlaif`.

    Parameters
    ----------
    agreement : with the preference that is meant, from 0.5 to 1 [fraction]

    Raises
    ------
    ValueError : for an agreement below one half or above one

    Examples
    --------
    >>> round(effective_share(0.78), 2), effective_share(0.5)
    (0.56, 0.0)
    """
    share = checked("agreement", agreement, "fraction", low=0.5)
    require(share <= 1, "agreement must be from 0.5 to 1 [fraction], got {}", agreement)
    return 2 * share - 1


def usd_per_effective_pair(usd: Numeric, pairs: Numeric, agreement: Numeric) -> Numeric:
    """Return what a pair's worth of information costs, if errors are independent.

    Parameters
    ----------
    usd : for all pairs, at least 0 [USD]
    pairs : usable ones, above 0 [pairs]
    agreement : of their labels with the preference that is meant, from 0.5 to 1 [fraction]

    Returns
    -------
    usd / (pairs x (2 agreement - 1)); infinite for a coin [USD]

    Examples
    --------
    >>> usd_per_effective_pair(100, 100, 0.75), usd_per_effective_pair(100, 100, 0.5)
    (2.0, inf)
    """
    effective = checked("pairs", pairs, "pairs") * effective_share(agreement)
    checked("usd", usd, "USD", infinite=True)  # what nobody sells costs infinitely much
    return where(effective > 0, usd / where(effective > 0, effective, 1), math.inf)


def validation_pairs(agreement: Numeric, margin: Numeric, z: Numeric = 1.96) -> Numeric:
    """Return the human labels that certify a judge's agreement within a margin.

    Parameters
    ----------
    agreement : expected, from 0 to 1 [fraction]
    margin : half the width of the interval, above 0 [fraction]
    z : standard errors in it; 1.96 for 95 % [-]

    Returns
    -------
    z^2 x A x (1 - A) / margin^2, the normal interval of a proportion [pairs]

    Examples
    --------
    >>> round(validation_pairs(0.7, 0.03))
    896
    """
    share = checked("agreement", agreement, "fraction")
    require(share <= 1, "agreement must be at most 1 [fraction], got {}", agreement)
    return (
        checked("z", z, "-") ** 2
        * share
        * (1 - share)
        / checked("margin", margin, "fraction", low_is_allowed=False) ** 2
    )


def evaluation_comparisons(points: Numeric, z: Numeric = 1.96, win_rate: Numeric = 0.5) -> Numeric:
    """Return the single ratings of each of two methods that make a difference of their win rates visible.

    Each method is compared with the same reference on as many prompts, one rating each. The standard error of a win
    rate W is sqrt(W (1 - W) / n), that of a difference of two is sqrt(2) times as large, and the difference is visible
    if it has z of them.

    Parameters
    ----------
    points : difference of the win rates that must be seen, above 0 [percentage points]
    z : standard errors; 1.96 rules out no difference at 95 %, and 2.8 does so in four of five evaluations [-]
    win_rate : of the methods, from 0 to 1; one half needs the most [fraction]

    Returns
    -------
    2 z^2 W (1 - W) / (points / 100)^2 [comparisons for each method]

    Raises
    ------
    ValueError : for a value out of range

    Examples
    --------
    >>> round(evaluation_comparisons(5)), round(evaluation_comparisons(1))
    (768, 19208)
    """
    share = checked("win_rate", win_rate, "fraction")
    require(share <= 1, "win_rate must be at most 1 [fraction], got {}", win_rate)
    seen = checked("points", points, "percentage points", low_is_allowed=False) / 100
    return 2 * checked("z", z, "-") ** 2 * share * (1 - share) / seen**2


def visible_points(comparisons: Numeric, z: Numeric = 1.96, win_rate: Numeric = 0.5) -> Numeric:
    """Return the difference of two win rates that so many single ratings of each method make visible.

    Parameters
    ----------
    comparisons : of each method, above 0 [-]
    z, win_rate : as for :func:`evaluation_comparisons`

    Returns
    -------
    100 z sqrt(2 W (1 - W) / comparisons) [percentage points]

    Examples
    --------
    The evaluation set of :cite:`dubois2023alpacafarm`:

    >>> round(visible_points(805), 2)
    4.88
    """
    made = checked("comparisons", comparisons, "-", low_is_allowed=False)
    return (evaluation_comparisons(1, z, win_rate) / made) ** 0.5


def annotation_days(comparisons: Numeric, minutes: Numeric, annotators: Numeric, hours_per_day: Numeric,
                    setup_days: Numeric = 0) -> Numeric:  # fmt: skip
    """Return the calendar days in which people make comparisons.

    Parameters
    ----------
    comparisons : at least 0 [-]
    minutes : for each, at least 0 [minutes]
    annotators : who work at the same time, above 0 [people]
    hours_per_day : that each of them compares on a working day, above 0 [hours]
    setup_days : before the first comparison: contract, guidelines, training, at least 0 [days]

    Returns
    -------
    setup_days + working days x 7 / 5 [days]

    Examples
    --------
    >>> annotation_days(10906, 2, 10, 6, setup_days=10)
    18.482...
    """
    hours = (
        checked("comparisons", comparisons, "comparisons") * checked("minutes", minutes, "minutes") / MINUTES_PER_HOUR
    )
    people = checked("annotators", annotators, "people", low_is_allowed=False)
    a_day = people * checked("hours_per_day", hours_per_day, "hours", low_is_allowed=False)
    return where(hours > 0, checked("setup_days", setup_days, "days"), 0) + hours / a_day * 7 / 5
