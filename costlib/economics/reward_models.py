"""From labels to the accuracy of a reward model, and from the reward model to the outcome: two layers, never joined.

Points are percentage points, intervals hold 90 %. What stands between the outcome and a number, who judges it, is in
:mod:`costlib.economics.quality`.

Sources: `facts/annotators.csv` and `facts/quality_curves.csv`; fitted values in `facts/quality_fits.csv`.
"""

import math
from typing import NamedTuple

from costlib.base._arrays import Numeric, checked, choice, count, log, maximum, minimum, require, where
from costlib.facts import catalog
from costlib.facts.schema import Record


class Expected(NamedTuple):
    """A number and the ends of its 90 % interval."""

    value: Numeric
    low: Numeric
    high: Numeric


class LabelErrors(NamedTuple):
    """How the labels of an annotator err: at random, which more labels average out, and always in the same way.

    `agreement` is with the majority of people, `systematic` how often the majority of the annotator's own labels
    differs from it, `random` how often one label differs from the annotator's own majority; all fractions.
    """

    label: str
    agreement: float
    systematic: float
    random: float
    usd: float

    @property
    def ceiling(self) -> float:
        """Agreement with people's majority that no number of labels passes [fraction]."""
        return 1 - self.systematic

    @property
    def systematic_share(self) -> float:
        """How much of the disagreement stays however many labels are bought, at most all of it [fraction]."""
        return min(1.0, self.systematic / (1 - self.agreement))


class Kept(NamedTuple):
    """What is left of the gain of best-of-n with a quarter of the labels flipped, as measured [fraction]."""

    best_of: int
    kept: float


def fit(name: str) -> Expected:
    """Return a fitted value of `facts/quality_fits.csv` with its interval.

    >>> fit("slope").value
    1.1
    """
    row = catalog.find("quality_fits", name)
    return Expected(row.value, row.low, row.high)


# --- labels ----------------------------------------------------------------------------------------------------------


def label_information(annotator: str) -> LabelErrors:
    """Return random and systematic error of an annotator's labels, apart, with their price.

    Parameters
    ----------
    annotator : name of a row in `facts/annotators.csv`: "people", "gpt-4-alpacaeval", "chatgpt", ...; "longest" takes
        the longer answer, costs nothing and knows nothing

    Returns
    -------
    LabelErrors. The two errors do not add up to the disagreement; random error is measured against a majority of
    three, so it is overstated.

    Raises
    ------
    ValueError : for an unknown annotator

    Examples
    --------
    People err at random alone, since they are the reference; a rule errs in the same way every time:

    >>> people, longest = label_information("people"), label_information("longest")
    >>> people.systematic, longest.random
    (0.0, 0.0)
    >>> round(label_information("gpt-4-alpacaeval").systematic_share, 2), longest.systematic_share
    (0.92, 1.0)

    Source: :cite:`li2023alpacaeval`, 650 instructions with four labels each.
    """
    row = catalog.find("annotators", annotator)
    return LabelErrors(row.label, row.agreement / 100, row.systematic / 100, row.random / 100, row.usd_per_label)


def majority_error(error: Numeric, votes: int) -> Numeric:
    """Return how often the majority of an odd number of votes is wrong, if they err independently and alike.

    Parameters
    ----------
    error : of one vote, from 0 to 1 [fraction]
    votes : 1, 3, 5, ... [-]

    Raises
    ------
    ValueError : for an even number of votes or an error above one

    Examples
    --------
    >>> round(majority_error(0.25, 3), 5), 10 / 64
    (0.15625, 0.15625)
    """
    share = checked("error", error, "fraction")
    require(share <= 1, "error must be at most 1 [fraction], got {}", error)
    require(count("votes", votes, "votes", 1) % 2 == 1, "votes must be an odd number of at least 1 [-], got {}", votes)
    wrong = range(votes // 2 + 1, votes + 1)
    return sum(math.comb(votes, k) * share**k * (1 - share) ** (votes - k) for k in wrong)


# --- first layer: labels to the accuracy of a reward model -----------------------------------------------------------


def effective_labels(labels: Numeric, random_error: Numeric) -> Numeric:
    """Return how many labels without random error teach as much, n (1 - 2e)^2.

    Parameters
    ----------
    labels : n, at least 0 [labels]
    random_error : e, share of labels flipped at random, from 0 to below one half [fraction]; an error that is always
        made in the same way is not random, and no number of labels buys it off

    Raises
    ------
    ValueError : for an error of one half or more, of which nothing can be learnt

    Examples
    --------
    >>> effective_labels(10_000, 0.25)
    2500.0
    """
    share = checked("random_error", random_error, "fraction")
    require(share < 0.5, "random_error must be below 0.5 [fraction], got {}", random_error)
    return checked("labels", labels, "labels") * (1 - 2 * share) ** 2


def accuracy_gain(labels: Numeric, than: Numeric, random_error: Numeric = 0, than_error: Numeric = 0) -> Expected:
    """Return how much more accurate a reward model is with other labels of the same kind.

    Valid from 2,000 labels, below which hardly anything is learnt :cite:`gao2023overoptimization`, and measured up to
    64,000 :cite:`stiennon2020`.

    Parameters
    ----------
    labels, than : numbers of labels that are compared, at least 2,000 [labels]
    random_error, than_error : of the two, from 0 to below one half [fraction]

    Returns
    -------
    s log2(n_eff / n_eff') with s = 1.1 points for each doubling; the interval is that of s [points]

    Raises
    ------
    ValueError : for fewer than 2,000 labels

    Examples
    --------
    >>> round(accuracy_gain(40_000, 10_000).value, 9), round(accuracy_gain(10_000, 10_000, 0.25).value, 9)
    (2.2, -2.2)
    """
    checked("than_error", than_error, "fraction")
    doublings = log(effective_labels(enough("labels", labels), random_error)
                    / effective_labels(enough("than", than), than_error)) / math.log(2)  # fmt: skip
    value, *ends = (slope * doublings for slope in fit("slope"))
    return Expected(value, minimum(*ends), maximum(*ends))


def accuracy_gap(labels_by_people: Numeric, labels_by_ai: Numeric, error: Numeric) -> Expected:
    """Return how much more accurate, on people's labels, a reward model is that learnt from people than from a judge.

    Parameters
    ----------
    labels_by_people, labels_by_ai : at least 2,000 [labels]
    error : how often the judge's labels differ from people's, from 0 to below one half [fraction]

    Returns
    -------
    s log2(n_H / (n_J (1 - 2e)^2)) + b: the error as if it were random, and the shift b that it leaves over, which five
    reward models of :cite:`lee2024rlaif` tell; the interval is that of a sixth [points]

    Raises
    ------
    ValueError : for fewer than 2,000 labels, or an error of one half or more

    Examples
    --------
    >>> [round(each, 1) for each in accuracy_gap(92_000, 92_000, 0.22)]
    [5.1, -3.9, 14.0]
    """
    labels = enough("labels_by_people", labels_by_people), enough("labels_by_ai", labels_by_ai)
    random = accuracy_gain(*labels, 0, checked("error", error, "fraction")).value
    return Expected(*(random + each for each in fit("shift")))


def enough(name: str, labels: Numeric) -> Numeric:
    """Return a number of labels that teaches anything, at least 2,000; `name` is that of the argument [labels].

    >>> enough("labels", 2000)
    2000
    """
    least = catalog.find("quality_evidence", "gao-floor").value
    require(
        checked(name, labels, "labels") >= least, f"{name} must be at least {{:g}} [labels], got {{}}", least, labels
    )
    return labels


# --- second layer: a reward model to the outcome ---------------------------------------------------------------------


def benchmark_score(reward_bench: Numeric) -> Expected:
    """Return the mean of nine benchmarks after PPO, from the score of its reward model on RewardBench 2.

    Valid from 6 to 69, for reward models of the model's own family (`ppo-on-policy`). The bend rests on three models
    that learnt from flipped labels; others, with higher scores, end about 4 points lower.

    Parameters
    ----------
    reward_bench : score on RewardBench 2 [points]

    Returns
    -------
    P - D exp(-score / w), which is flat from 50 on; the ends are the largest error of a point left out of the fit, from
    50 on and below [points]

    Raises
    ------
    ValueError : for a score that was not measured

    Examples
    --------
    >>> round(benchmark_score(55.0).value, 1), round(benchmark_score(65.0).value, 1)
    (59.7, 60.0)

    Source: :cite:`malik2025rewardbench2`, table 8.
    """
    measured = [point.x for point in curve("ppo-on-policy")]
    score = checked("reward_bench", reward_bench, "points")
    least, most = min(measured), max(measured)
    allowed = (score >= least) & (score <= most)
    require(allowed, "reward_bench must be from {} to {} [points], got {}", least, most, reward_bench)
    plateau, drop, width = (fit(name).value for name in ("plateau", "drop", "width"))
    value = plateau - drop * math.e ** (-score / width)
    reach = where(score >= fit("flat-from").value, fit("flat-error").value, fit("bend-error").value)
    return Expected(value, value - reach, value + reach)


def kept_gain(random_error: Numeric, best_of: Numeric) -> Expected:
    """Return the share of the gain of best-of-n that is left when labels are flipped at random.

    Measured at a quarter of flipped labels and 4 to 1,024 answers :cite:`dubois2023alpacafarm`; for fewer flips the
    loss is taken to grow as the labels needed for the same variance, (1 - 2e)^-2 - 1, an assumption.

    Parameters
    ----------
    random_error : e, labels flipped at random, from 0 to 0.25 [fraction]
    best_of : n answers of which the best is taken, from 4 to 1,024 [answers]

    Returns
    -------
    1 - k (log n - (n - 1) / n) ((1 - 2e)^-2 - 1) / 3: noise and pressure multiply, since what best-of-n gains in
    reward it also gains in noise; never below zero [fraction]

    Raises
    ------
    ValueError : outside of what was measured

    Examples
    --------
    >>> [round(kept_gain(0.25, best_of).value, 2) for best_of in (16, 1024)]
    [0.82, 0.4]
    """
    share, answers = checked("random_error", random_error, "fraction"), checked("best_of", best_of, "answers")
    require(share <= 0.25, "random_error must be from 0 to 0.25 [fraction], got {}", random_error)
    require((answers >= 4) & (answers <= 1024), "best_of must be from 4 to 1024 [answers], got {}", best_of)
    noise = ((1 - 2 * share) ** -2 - 1) / 3
    value = 1 - fit("loss-per-nat").value * pressure(answers) * noise
    reach = fit("kept-error").value * noise
    return Expected(maximum(value, 0.0), maximum(value - reach, 0.0), minimum(value + reach, 1.0))


def kept_measured(labels: str) -> list[Kept]:
    """Return the measured shares behind :func:`kept_gain`, from best of 4 on.

    Parameters
    ----------
    labels : gpt4 or pool

    Examples
    --------
    >>> [round(each.kept, 2) for each in kept_measured("gpt4") if each.best_of in (16, 1024)]
    [0.8, 0.53]
    """
    choice("labels", labels, ("gpt4", "pool"))
    clean, flipped = (curve(f"noise-{labels}-{way}") for way in ("clean", "flipped"))
    return [Kept(int(a.x), (b.y - flipped[0].y) / (a.y - clean[0].y))
            for a, b in zip(clean, flipped, strict=True) if a.x >= 4]  # fmt: skip


def pressure(best_of: Numeric) -> Numeric:
    """Return how far taking the best of n answers moves a policy, log n - (n - 1) / n [nats].

    >>> round(pressure(16), 3)
    1.835
    """
    answers = checked("best_of", best_of, "answers", low=1)
    return log(answers) - (answers - 1) / answers


def curve(name: str) -> list[Record]:
    """Return the points of a published curve, such as "ppo-on-policy", in the order of its source."""
    rows = catalog.table("quality_curves").values()
    return [row for row in rows if row.curve == choice("name", name, {row.curve: 0 for row in rows})]
