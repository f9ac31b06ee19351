"""What people still do in each method: demonstrations, labels, validation of a judge, evaluation; their hours and pay.

Every comparison costs the same, whatever it is for. Numbers may be arrays.
"""

from typing import NamedTuple

from costlib.base._arrays import Numeric
from costlib.economics import labels, scenarios
from costlib.facts import catalog
from costlib.facts.parameters import Values

VALIDATED = (
    "self-rewarding",
    "rlaif",
    "hybrid",
    "constitutional",
    "targeted",
    "hosted",
)  # methods with a judge that has to be certified
MINUTES_PER_HOUR = 60


class Work(NamedTuple):
    """Comparisons that people make in a method, by what they are for [comparisons]."""

    labels: Numeric
    validation: Numeric
    evaluation: Numeric

    @property
    def total(self) -> Numeric:
        """All comparisons."""
        return self.labels + self.validation + self.evaluation


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
    (Work(labels=0, validation=500, evaluation=805), 11711)
    """
    if name == "published":
        return Work(0, 0, 0)
    share = label_share(name, values)
    validation = values["num_validation_pairs"] if name in VALIDATED else 0
    return Work(share * scenarios.num_pairs(values), validation, values["num_evaluation_comparisons"])


def label_share(name: str, values: Values) -> Numeric:
    """Return the share of a method's labels that people give [fraction].

    >>> label_share("constitutional", scenarios.complete({})) < label_share("human-dpo", scenarios.complete({}))
    True
    """
    helpful = catalog.assumption("constitution-helpful-share")
    return {"human-ppo": 1, "human-dpo": 1, "hybrid": values["hard_share"], "targeted": values["targeted_share"],
            "constitutional": helpful}.get(name, 0)  # fmt: skip


def label_usd(values: Values) -> Numeric:
    """Return what one comparison by people costs in a scenario, with fees, rework and raters [USD].

    >>> round(label_usd(scenarios.complete({})), 4)
    0.8844
    """
    names = ("human_usd_per_pair", "platform_fee", "rework_share", "raters_per_pair")
    return labels.human_label(*(values[name] for name in names))


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
    """Return what people are paid in a method: for demonstrations, for labels, and for validation and evaluation.

    Examples
    --------
    >>> tuple(round(usd, 2) for usd in paid("rlaif", scenarios.complete({})))
    (0.0, 0.0, 1154.14)
    """
    made, each = of(name, values), label_usd(values)
    seed = 0.0 if name == "published" else values["num_sft_examples"] * values["seed_usd_per_example"]
    return Paid(seed, made.labels * each, (made.validation + made.evaluation) * each)


def hours(comparisons: Numeric, values: Values) -> Numeric:
    """Return the hours in which people make comparisons, rework and raters included [hours].

    >>> round(hours(30, scenarios.complete({})), 2)  # 2 minutes each, a tenth of them twice
    1.1
    """
    made = comparisons * values["raters_per_pair"] * (1 + values["rework_share"])
    return made * values["minutes_per_comparison"] / MINUTES_PER_HOUR


def cost_factor(values: Values) -> Numeric:
    """Return what n pairs by people cost over their direct price, fee, rework and evaluation included.

    Returns
    -------
    (1 + fee) (1 + rework) (1 + evaluation comparisons / n) [-]

    Examples
    --------
    >>> round(cost_factor(scenarios.complete({})), 4)
    1.4174
    """
    bare = labels.human_label(1, values["platform_fee"], values["rework_share"])
    return bare * (1 + values["num_evaluation_comparisons"] / scenarios.num_pairs(values))
