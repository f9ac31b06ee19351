"""What labels bought in quality, by who judged, in dollars a point, and what a further study should find.

A single function from labels and their source to quality cannot be identified from what is published: which source of
labels wins depends on who judges (:func:`contrasts`). The two layers beneath are in
:mod:`costlib.economics.reward_models`. Points are percentage points, intervals hold 90 %.

Sources: `facts/quality_evidence.csv`; fitted values in `facts/quality_fits.csv`.
"""

import math
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric, checked, choice, require, where
from costlib.base.text import shown
from costlib.economics.reward_models import Expected, accuracy_gap, enough, fit, kept_gain
from costlib.facts import catalog
from costlib.facts.schema import Record

Z = 1.6448536269514722  # standard errors on either side of the middle, for 90 %
EVALUATORS = ("people", "model", "benchmark")
METHODS_TESTED = ("ppo", "rl", "dpo", "best-of-n", "reward model")


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


class Tested(NamedTuple):
    """A prediction that was written down, and what the study found; `found` is in the unit of the prediction."""

    row: Record
    found: float

    @property
    def hit(self) -> bool:
        """Whether it lies in the interval, ends included."""
        return bool(self.row.low <= self.found <= self.row.high)


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

    points = checked("gain", gain, "points", low=-math.inf)
    return Expected(each(points), each(points + reach), each(points - reach))


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
    (first, error), (second, other_error) = _with_error("gain", gain), _with_error("other_gain", other_gain)
    checked("start_error", start_error, "points")
    # Fieller: the quotients r at which (second - r first) is Z of its standard errors from nothing; the start enters
    # it with (r - 1).
    a = first**2 - Z**2 * (error**2 + start_error**2)
    b = first * second - Z**2 * start_error**2
    c = second**2 - Z**2 * (other_error**2 + start_error**2)
    require(a > 0, "gain must be clearly above nothing [points], got {}", first)
    root = math.sqrt(b**2 - a * c)
    price = checked("usd", usd, "USD") / checked("other_usd", other_usd, "USD", low_is_allowed=False)
    return Expected(price * second / first, price * (b - root) / a, price * (b + root) / a)


def _with_error(name: str, gain: tuple[float, float]) -> tuple[Numeric, Numeric]:
    """A gain and its standard error, or a ValueError."""
    if not isinstance(gain, tuple) or len(gain) != 2:
        raise ValueError(f"{name} must be a number and its standard error [points], got {shown(gain)}")
    return checked(name, gain[0], "points", low=-math.inf), checked(name, gain[1], "points")


class Purchase(NamedTuple):
    """Labels of one source, what they cost and what they bought in AlpacaFarm, in the eyes of people."""

    usd: float
    gain: float
    per_point: Expected
    checked: Expected | None


def purchases() -> dict[str, Purchase]:
    """Return what was bought in AlpacaFarm: GPT-4's labels, people's, and people's as a step beyond GPT-4's.

    Returns
    -------
    of each: dollars paid for labels [USD], gain [points], what a point cost [USD per point], and what it cost with two
    evaluations by people, one before and one after; a step beyond needs none of its own

    Examples
    --------
    19,465 labels at $0.01562 moved a win rate from 44.3 to 50.0, and 10,000 at $0.30 moved it to 55.1
    (:cite:`dubois2023alpacafarm`):

    >>> {who: (round(each.usd), round(each.gain, 1), round(each.per_point.value)) for who, each in purchases().items()}
    {'GPT-4': (304, 5.7, 53), 'people': (3000, 10.8, 278), 'people after GPT-4': (2696, 5.1, 529)}
    """
    start, by_gpt4, by_people = (_farm(name) for name in ("sft", "ppo-gpt4", "ppo-human"))
    usd = {"GPT-4": by_gpt4.number_labels * by_gpt4.usd_per_label, "people": _farm("label-usd").value}
    evaluations = 2 * _farm("evaluation-usd").value

    def bought(usd: float, before: Record, after: Record, checks: float | None = None) -> Purchase:
        gain, error = after.value - before.value, math.hypot(after.standard_error, before.standard_error)
        checked = None if checks is None else usd_per_point(usd + checks, gain, error)
        return Purchase(usd, gain, usd_per_point(usd, gain, error), checked)

    return {
        "GPT-4": bought(usd["GPT-4"], start, by_gpt4, evaluations),
        "people": bought(usd["people"], start, by_people, evaluations),
        "people after GPT-4": bought(usd["people"] - usd["GPT-4"], by_gpt4, by_people),
    }


def relative_prices() -> dict[str, Expected]:
    """Return how many times as much a point cost in people's labels as in GPT-4's, with one thing changed at a time.

    Examples
    --------
    >>> {case: round(each.value, 1) for case, each in relative_prices().items()}
    {'as paid': 5.2, "as many of GPT-4's labels": 10.1, 'two evaluations': 2.3, 'another price of people': 11.6}
    """
    start, by_gpt4, by_people = (_farm(name) for name in ("sft", "ppo-gpt4", "ppo-human"))
    paid, checks = {name: each.usd for name, each in purchases().items()}, 2 * _farm("evaluation-usd").value

    def relative(people: float, ai: float) -> Expected:
        ends = ((each.value - start.value, each.standard_error) for each in (by_people, by_gpt4))
        return relative_usd_per_point(people, next(ends), ai, next(ends), start.standard_error)

    elsewhere = catalog.find("quality_evidence", "lee-summaries-human").usd_per_label
    return {
        "as paid": relative(paid["people"], paid["GPT-4"]),
        "as many of GPT-4's labels": relative(paid["people"], by_people.number_labels * by_gpt4.usd_per_label),
        "two evaluations": relative(paid["people"] + checks, paid["GPT-4"] + checks),
        "another price of people": relative(by_people.number_labels * elsewhere, paid["GPT-4"]),
    }


def _farm(name: str) -> Record:
    return catalog.find("quality_evidence", f"alpacafarm-{name}")


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
    targeted mix is only said to be no worse than AI's labels alone. More labels of one kind:
    :func:`costlib.economics.reward_models.accuracy_gain`.

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
    for name, labels in (("labels_by_people", labels_by_people), ("labels_by_ai", labels_by_ai)):
        checked(name, 0 if labels is None else labels, "labels")
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
        return fit("targeted")
    if quantity == "random mix":
        mixed, noise = [given["share"] * each for each in fit("outcome")], fit("evaluation-error").value
        reach = math.hypot((mixed[2] - mixed[1]) / 2, Z * noise)
        return Expected(mixed[0], mixed[0] - reach, mixed[0] + reach)
    people, ai = _numbers(quantity, labels_by_people, labels_by_ai, same_pairs)
    if quantity == "accuracy":
        return accuracy_gap(people, ai, error)
    require(0.25 <= people / ai <= 4, "labels_by_people must be from a quarter to four times labels_by_ai [labels], "
            "as measured, got {:g} times", people / ai)  # fmt: skip
    return fit("outcome")


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
    return enough("labels_by_people", people), enough("labels_by_ai", ai)


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
