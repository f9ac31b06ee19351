"""What labels buy in quality: the published evidence, and three layers that can be modelled and are never joined.

Labels to the accuracy of a reward model; the reward model to the outcome; the outcome to the number that an evaluator
gives it. A single function from labels and their source to quality cannot be identified from what is published: which
source of labels wins depends on who judges (:func:`contrasts`). Points are percentage points, intervals hold 90 %.

Sources: `facts/quality_evidence.csv` and `facts/quality_curves.csv`; fitted values in `facts/quality_fits.csv`.
"""

import math
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric, checked, choice, log, maximum, minimum, require, where
from costlib.facts import catalog
from costlib.facts.schema import Record

Z = 1.6448536269514722  # standard errors on either side of the middle, for 90 %
EVALUATORS = ("people", "model", "benchmark")
METHODS_TESTED = ("ppo", "rl", "dpo", "best-of-n", "reward model")


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

    @property
    def own_share(self) -> float:
        """What a label says of the annotator's own majority, (1 - 2 random)^2 of one without noise [fraction]."""
        return (1 - 2 * self.random) ** 2


class Contrast(NamedTuple):
    """Two results of one study that differ in who labelled: people less AI, in points of one evaluator."""

    label: str
    human: Record
    ai: Record
    confounders: str
    in_fit: bool

    @property
    def difference(self) -> float:
        """People's labels less those of a model [points]."""
        return self.human.value - self.ai.value

    @property
    def standard_error(self) -> float | None:
        """Of the difference, where both errors are known [points]."""
        both = (self.human.standard_error, self.ai.standard_error)
        return None if None in both else math.hypot(*both)


class Kept(NamedTuple):
    """What is left of the gain of best-of-n with a quarter of the labels flipped, as measured [fraction]."""

    best_of: int
    kept: float


class Tested(NamedTuple):
    """A prediction that was written down, and what the study found; `found` is in the unit of the prediction."""

    row: Record
    found: float

    @property
    def hit(self) -> bool:
        """Whether it lies in the interval, ends included."""
        return bool(self.row.low <= self.found <= self.row.high)


def _fit(name: str) -> Expected:
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
    require(votes >= 1 and votes % 2 == 1, "votes must be an odd number of at least 1 [-], got {}", votes)
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
    doublings = log(effective_labels(_enough("labels", labels), random_error)
                    / effective_labels(_enough("than", than), than_error)) / math.log(2)  # fmt: skip
    value, *ends = (slope * doublings for slope in _fit("slope"))
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
    random = accuracy_gain(labels_by_people, labels_by_ai, 0, error).value
    return Expected(*(random + each for each in _fit("shift")))


def _enough(name: str, labels: Numeric) -> Numeric:
    least = catalog.find("quality_evidence", "gao-floor").value
    require(checked(name, labels, "labels") >= least, name + " must be at least {:g} [labels], got {}", least, labels)
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
    plateau, drop, width = (_fit(name).value for name in ("plateau", "drop", "width"))
    value = plateau - drop * math.e ** (-score / width)
    reach = where(score >= _fit("flat-from").value, _fit("flat-error").value, _fit("bend-error").value)
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
    value = 1 - _fit("loss-per-nat").value * pressure(answers) * noise
    reach = _fit("kept-error").value * noise
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
    clean, flipped = (curve(f"noise-{labels}-{way}") for way in ("clean", "flipped"))
    return [Kept(int(a.x), (b.y - flipped[0].y) / (a.y - clean[0].y))
            for a, b in zip(clean, flipped, strict=True) if a.x >= 4]  # fmt: skip


def pressure(best_of: Numeric) -> Numeric:
    """Return how far taking the best of n answers moves a policy, log n - (n - 1) / n [nats].

    >>> round(pressure(16), 3)
    1.835
    """
    return log(best_of) - (best_of - 1) / best_of


def curve(name: str) -> list[Record]:
    """Return the points of a published curve, such as "ppo-on-policy", in the order of its source."""
    rows = catalog.table("quality_curves").values()
    return [row for row in rows if row.curve == choice("curve", name, {row.curve: 0 for row in rows})]


# --- third layer: who judges, a table --------------------------------------------------------------------------------


def contrasts(evaluator: str | None = None, in_fit: bool | None = None) -> list[Contrast]:
    """Return every published pair of results of one study and method that differ in who labelled.

    Parameters
    ----------
    evaluator : people, model or benchmark; None for all
    in_fit : True for those that predictions are made of, False for those left out; None for all

    Examples
    --------
    People rate the policy of people's labels higher, and GPT-4 that of GPT-4's labels:

    >>> [round(each.difference, 1) for each in contrasts() if each.label.startswith("AlpacaFarm")][:2]
    [5.1, -2.9]
    """
    if evaluator is not None:
        choice("evaluator", evaluator, EVALUATORS)
    rows = catalog.table("quality_evidence")
    every = [Contrast(row.label, rows[row.human], rows[row.ai], row.confounders, row.in_fit)
             for row in catalog.table("quality_contrasts").values()]  # fmt: skip
    return [each for each in every if evaluator in (None, each.human.evaluator) and in_fit in (None, each.in_fit)]


# --- dollars ---------------------------------------------------------------------------------------------------------


def usd_per_point(usd: Numeric, gain: Numeric, standard_error: Numeric) -> Expected:
    """Return what a point of win rate cost, with the gain known to its standard error.

    Parameters
    ----------
    usd : paid for the gain, at least 0 [USD]
    gain : measured [points]
    standard_error : of the gain, at least 0 [points]

    Returns
    -------
    usd / gain; an end is infinite where the gain there is none [USD per point]

    Examples
    --------
    $3,000 for 55.1 - 44.3 points, 1.7 of error each (:cite:`dubois2023alpacafarm`):

    >>> [round(each) for each in usd_per_point(3000, 10.8, 1.7 * 2**0.5)]
    [278, 203, 438]
    """
    paid, reach = checked("usd", usd, "USD"), Z * checked("standard_error", standard_error, "points")

    def each(points: Numeric) -> Numeric:
        return where(points > 0, paid / where(points > 0, points, 1.0), math.inf)

    return Expected(each(gain), each(gain + reach), each(gain - reach))


def relative_usd_per_point(usd: float, gain: tuple[float, float], other_usd: float, other_gain: tuple[float, float],
                           start_error: float) -> Expected:  # fmt: skip
    """Return how many times as much a point cost in one way as in another that began at the same start.

    Parameters
    ----------
    usd, other_usd : paid, above 0 [USD]
    gain, other_gain : each with the standard error of its end alone [points]
    start_error : standard error of the start that both gains share [points]

    Returns
    -------
    (usd / gain) / (other_usd / other_gain), with the interval of Fieller for the quotient of the gains [-]

    Raises
    ------
    ValueError : where the gain is not clearly above nothing, so that the interval has no ends

    Examples
    --------
    >>> [round(each, 1) for each in relative_usd_per_point(3000, (10.8, 1.7), 304, (5.7, 1.77), 1.7)]
    [5.2, 1.8, 8.7]
    """
    (first, error), (second, other_error) = gain, other_gain
    # Fieller: the quotients r at which (second - r first) is Z of its standard errors from nothing; the start enters
    # it with (r - 1).
    a = first**2 - Z**2 * (error**2 + start_error**2)
    b = first * second - Z**2 * start_error**2
    c = second**2 - Z**2 * (other_error**2 + start_error**2)
    require(a > 0, "gain must be clearly above nothing [points], got {}", first)
    root = math.sqrt(b**2 - a * c)
    price = usd / other_usd
    return Expected(price * second / first, price * (b - root) / a, price * (b + root) / a)


# --- what a further study should find --------------------------------------------------------------------------------


def predict(quantity: str, *, labels_by_people: float | None = None, labels_by_ai: float | None = None,
            same_pairs: bool = False, error: float | None = None, share: float | None = None,
            best_of: float | None = None, method: str | None = None,
            evaluator: str | None = None) -> Expected:  # fmt: skip
    """Return what a study that nobody has fitted should find, or refuse with the input that is missing.

    Parameters
    ----------
    quantity : what the study prints
        "accuracy": of reward models on people's labels, people's labels less AI's [points]; takes both numbers, error
        "outcome": of policies or benchmarks, people's labels less AI's [points]; takes both numbers, method, evaluator
        "random mix": outcome with a share of people's labels placed at random, less AI's alone [points]; takes share,
        method, evaluator
        "targeted mix": the same with people's labels where the judge is weakest; takes share, method, evaluator
        "targeted accuracy": of labels on people's labels, a share of them corrected by people [percent]; takes error
        and share
        "kept gain": share of the gain of best-of-n left with flipped labels [fraction]; takes error and best_of
    labels_by_people, labels_by_ai : at least 2,000 [labels]
    same_pairs : both labelled the same pairs, so that the numbers need not be known
    error : how often the AI's labels differ from people's; for "kept gain" the share flipped at random [fraction]
    share : of labels that are people's in a mix, from 0 to 1 [fraction]
    best_of : answers of which the best is taken [answers]
    method : ppo, rl, dpo, best-of-n or reward model
    evaluator : people, model or benchmark

    Returns
    -------
    Expected. Outcomes have the same wide interval for every evaluator, since contrasts of each have both signs; a
    targeted mix is only said to be no worse than AI's labels alone. More labels of one kind: :func:`accuracy_gain`.

    Raises
    ------
    ValueError : for an input that is missing, or outside of what was measured

    Examples
    --------
    >>> [round(each, 1) for each in predict("outcome", same_pairs=True, method="dpo", evaluator="model")]
    [-1.1, -11.2, 9.1]
    >>> predict("accuracy", same_pairs=True)
    Traceback (most recent call last):
        ...
    ValueError: error is needed to predict accuracy [fraction]
    """
    given: dict[str, Any] = {
        "error": error, "share": share, "best_of": best_of, "method": method, "evaluator": evaluator,
    }  # fmt: skip
    units = {"error": "fraction", "share": "fraction", "best_of": "answers"}
    for name in NEEDED[choice("quantity", quantity, NEEDED)]:
        if given[name] is None:
            raise ValueError(f"{name} is needed to predict {quantity} [{units.get(name, '-')}]")
    for name in ("error", "share"):
        if (part := given[name]) is not None:
            require(checked(name, part, "fraction") <= 1, name + " must be at most 1 [fraction], got {}", part)
    if method is not None and evaluator is not None:
        choice("method", method, METHODS_TESTED)
        choice("evaluator", evaluator, EVALUATORS)
    if quantity == "kept gain":
        return kept_gain(error, best_of)
    if quantity == "targeted accuracy":
        right = 100 * (1 - given["error"])
        corrected = min(100.0, right + 100 * given["share"])
        return Expected(corrected, right, corrected)
    if quantity == "targeted mix":
        return _fit("targeted")
    if quantity == "random mix":
        mixed, noise = [given["share"] * each for each in _fit("outcome")], _fit("evaluation-error").value
        reach = math.hypot((mixed[2] - mixed[1]) / 2, Z * noise)
        return Expected(mixed[0], mixed[0] - reach, mixed[0] + reach)
    people, ai = _numbers(quantity, labels_by_people, labels_by_ai, same_pairs)
    if quantity == "accuracy":
        return accuracy_gap(people, ai, error)
    require(0.25 <= people / ai <= 4, "labels_by_people must be from a quarter to four times labels_by_ai [labels], "
            "as measured, got {:g} times", people / ai)  # fmt: skip
    return _fit("outcome")


NEEDED = {
    "accuracy": ("error",), "outcome": ("method", "evaluator"), "random mix": ("share", "method", "evaluator"),
    "targeted mix": ("share", "method", "evaluator"), "targeted accuracy": ("error", "share"),
    "kept gain": ("error", "best_of"),
}  # fmt: skip


def _numbers(quantity: str, people: float | None, ai: float | None, same_pairs: bool) -> tuple[float, float]:
    """Both numbers of labels; of the same pairs only their quotient counts."""
    if same_pairs and people is None and ai is None:
        return 10_000, 10_000
    for name, number in (("labels_by_people", people), ("labels_by_ai", ai)):
        if number is None:
            raise ValueError(f"{name} is needed to predict {quantity} [labels]")
    return _enough("labels_by_people", people), _enough("labels_by_ai", ai)


def tested() -> list[Tested]:
    """Return every prediction of `facts/quality_predictions.csv` beside what its study found.

    The predictions were written down, and their file registered by its hash, before they were compared; their authors
    knew the two studies, which decided no fitted value.

    Examples
    --------
    >>> found = tested()
    >>> len(found), sorted({each.row.study for each in found})
    (26, ['HyPER', 'RLTHF'])
    """
    rows = catalog.table("quality_evidence")
    return [Tested(row, round(rows[row.first].value - (rows[row.second].value if row.second else 0), 9))
            for row in catalog.table("quality_predictions").values()]  # fmt: skip
