"""What people still do in each method: demonstrations, labels, checks, evaluation, the days of staff; hours and pay.

Every comparison costs the same, whatever it is for. A judge is certified by comparisons of people, and labels by people
are audited by as many, or a share of them. Numbers may be arrays.
"""

from typing import NamedTuple

from costlib.base._arrays import Condition, Numeric, checked, choice, maximum, minimum, where
from costlib.economics import labels, scenarios
from costlib.facts import catalog
from costlib.facts.parameters import Values

# Methods with a judge that has to be certified.
VALIDATED = ("self-rewarding", "rlaif", "hybrid", "constitutional", "targeted", "hosted")
NOBODY = ("published", "self-rewarding", "rlaif", "hosted", "verifiable", "distilled")  # in which people label
MINUTES_PER_HOUR = 60
LEAST = 0.01  # points of a difference below which nobody looks
UNPAID = {"human_usd_per_pair": 1e-12}  # of people who compare for nothing: 0 would follow the words


class Work(NamedTuple):
    """Comparisons that people make in a method, by what they are for [comparisons]."""

    labels: Numeric
    validation: Numeric
    evaluation: Numeric
    audit: Numeric = 0

    @property
    def checks(self) -> Numeric:
        """Comparisons that are no labels."""
        return self.validation + self.evaluation + self.audit

    @property
    def total(self) -> Numeric:
        """All comparisons."""
        return self.labels + self.checks


def of(name: str, values: Values) -> Work:
    """Return the comparisons that people make in a method; none in the article's pipeline, which counts nobody's time.

    Parameters
    ----------
    name : of a method, as in :data:`costlib.economics.methods.METHODS`
    values : dict of every parameter

    Examples
    --------
    >>> values = scenarios.complete({})
    >>> of("rlaif", values), of("human-dpo", values).total
    (Work(labels=0, validation=500, evaluation=805, audit=0), 12211.0)
    """
    share = label_share(name, values)
    if name == "published":
        return Work(0, 0, 0)
    compared = unlabelled(values) * rated_share(values)
    return of_checks(values, name in VALIDATED, share > 0)._replace(labels=share * compared)


def of_checks(values: Values, judged: bool, by_people: Condition) -> Work:
    """Return the comparisons by people that are no labels, of any method.

    A judge that only evaluates is certified like one that labels.

    Parameters
    ----------
    values : dict of every parameter
    judged : whether a judge labels
    by_people : whether people label any pair

    Examples
    --------
    >>> of_checks(scenarios.complete({"evaluation_by": "judge"}), judged=False, by_people=True)
    Work(labels=0, validation=500, evaluation=0, audit=500.0)
    """
    certify, by = values["num_validation_pairs"], values["evaluation_by"]
    audit = where(by_people, values["audit_share"] * certify, 0)
    return Work(0, certify if judged or by != "people" else 0, 0 if by == "judge" else evaluations(values), audit)


def evaluations(values: Values) -> Numeric:
    """Return the comparisons that evaluate a method, by whomever: a number, or as many as a difference needs.

    >>> evaluations(scenarios.complete({})), round(evaluations(scenarios.complete({"evaluation_points": 2})))
    (805, 4802)
    """
    points = values["evaluation_points"]
    sized = labels.evaluation_comparisons(where(points > 0, maximum(points, LEAST), 1))
    return where(points > 0, sized, values["num_evaluation_comparisons"])


def staff_usd(values: Values, people: Condition, judge: Condition) -> Numeric:
    """Return what staff cost beside those who compare: days of an engineer and of a lead for either side [USD].

    Parameters
    ----------
    values : dict of every parameter
    people : whether people label: recruiting, guidelines, quality
    judge : whether a judge labels: its prompt, its certification

    Examples
    --------
    3 and 5 days for people, 3 and 2 for a judge, at $1,000 and $1,500:

    >>> values = scenarios.complete({})
    >>> staff_usd(values, people=True, judge=False), staff_usd(values, people=False, judge=True)
    (10500.0, 6000.0)
    """
    usd: Numeric = 0.0
    for side, works in (("people", people), ("judge", judge)):
        days = values[f"{side}_engineer_days"], values[f"{side}_lead_days"]
        each = days[0] * values["staff_usd_per_day"] + days[1] * values["lead_usd_per_day"]
        usd = usd + where(works, each, 0.0)
    return usd


def words(values: Values) -> Numeric:
    """Return the words that a comparison reads: those of the question and of two answers.

    (200 + 2 x 450) tokens at three words for four tokens:

    >>> words(scenarios.complete({}))
    825.0
    """
    return (values["question_tokens"] + 2 * values["answer_tokens"]) * catalog.assumption("words-per-token")


def usd_per_comparison(values: Values) -> Numeric:
    """Return the price of one comparison before fees: as given, or by its words [USD].

    >>> round(usd_per_comparison(scenarios.complete({})), 3)  # 825 words at $0.11 for 50
    1.815
    >>> usd_per_comparison(scenarios.complete({"human_usd_per_pair": 0.67}))
    0.67
    """
    given = values["human_usd_per_pair"]
    return where(given > 0, given, values["human_usd_per_word"] * words(values))


def minutes(values: Values) -> Numeric:
    """Return the time that a person takes for one comparison: as given, or by its words [minutes].

    >>> round(minutes(scenarios.complete({})), 2)  # 825 words at 238 a minute
    3.47
    """
    given = values["minutes_per_comparison"]
    return where(given > 0, given, words(values) / values["reading_words_per_minute"])


def label_share(name: str, values: Values) -> Numeric:
    """Return the share of a method's labels that people give [fraction].

    >>> label_share("constitutional", scenarios.complete({})) < label_share("human-dpo", scenarios.complete({}))
    True
    """
    helpful = catalog.assumption("constitution-helpful-share")
    shares = {"human-ppo": 1, "human-dpo": 1, "hybrid": values["hard_share"], "targeted": values["targeted_share"],
              "constitutional": helpful, **dict.fromkeys(NOBODY, 0)}  # fmt: skip
    return shares[choice("name", name, shares)]


def label_usd(values: Values) -> Numeric:
    """Return what one comparison by people costs in a scenario, with fees, rework and raters [USD].

    >>> values = scenarios.complete({"human_usd_per_pair": 0.67, "platform_fee": 0.2})
    >>> round(label_usd(values), 4)  # a tenth made again
    0.8844
    """
    raters = maximum(values["raters_per_pair"], 1)
    return labels.human_label(usd_per_comparison(values), values["platform_fee"], values["rework_share"], raters)


def rated_share(values: Values) -> Numeric:
    """Return the share of the pairs that people compare at all: below 1 where raters are fewer than pairs [fraction].

    Checks and evaluations are compared by at least one person each.

    >>> rated_share(scenarios.complete({"raters_per_pair": 0.75})), rated_share(scenarios.complete({}))
    (0.75, 1)
    """
    return minimum(values["raters_per_pair"], 1)


def unlabelled(values: Values) -> Numeric:
    """Return the usable pairs that have no label by people yet: those of both rounds less those in hand [pairs].

    Of pairs in hand nobody knows which are hard, about help, or judged wrongly: where people label a share of the
    pairs, that share of those in hand is spared, and a judge labels all of its own.

    >>> unlabelled(scenarios.complete({"pairs_in_hand": 10_000}))
    906
    """
    return maximum(scenarios.num_pairs(values) - values["pairs_in_hand"], 0)


class Paid(NamedTuple):
    """What people are paid in a method [USD]."""

    seed: Numeric
    labels: Numeric
    checks: Numeric

    @property
    def total(self) -> Numeric:
        """All of it [USD]."""
        return self.seed + self.labels + self.checks


def paid(name: str, values: Values) -> Paid:
    """Return what people are paid in a method: for demonstrations, for labels, and for checks and evaluation.

    Examples
    --------
    >>> values = scenarios.complete({"human_usd_per_pair": 0.67, "platform_fee": 0.2})
    >>> tuple(round(usd, 2) for usd in paid("rlaif", values))  # 1,305 comparisons at $0.8844
    (0.0, 0.0, 1154.14)
    """
    made, each = of(name, values), label_usd(values)
    seed = 0.0 if name == "published" else values["num_sft_examples"] * values["seed_usd_per_example"]
    return Paid(seed, made.labels * each, made.checks * each)


def hours(comparisons: Numeric, values: Values) -> Numeric:
    """Return the hours in which people make comparisons, rework and raters included [hours].

    >>> round(hours(30, scenarios.complete({"minutes_per_comparison": 2})), 2)  # a tenth of them twice
    1.1
    """
    return judgements(comparisons, values) * minutes(values) / MINUTES_PER_HOUR


def judgements(comparisons: Numeric, values: Values) -> Numeric:
    """Return how often a person judges in all, for comparisons with raters and rework.

    >>> round(judgements(100, scenarios.complete({"raters_per_pair": 3})))  # a tenth of them twice
    330
    """
    return (
        checked("comparisons", comparisons, "comparisons")
        * maximum(values["raters_per_pair"], 1)
        * (1 + values["rework_share"])
    )


def cost_factor(values: Values) -> Numeric:
    """Return what n pairs by people cost over their direct price: fee, rework, audit and evaluation included.

    Returns
    -------
    (1 + fee) (1 + rework) (1 + (evaluation + audit comparisons) / n) [-]

    Examples
    --------
    >>> round(cost_factor(scenarios.complete({"platform_fee": 0.2})), 4)
    1.4779
    """
    bare = labels.human_label(1, values["platform_fee"], values["rework_share"])
    return bare * (1 + of("human-dpo", values).checks / scenarios.num_pairs(values))
