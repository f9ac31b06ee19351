"""From the article's headline to equal footing: its pipeline as its assumptions give way one after the other.

Sources: the article :cite:`mamath2025economics`; the calls of the paper behind it :cite:`yuan2024selfrewarding`; the
list price and the measured length as in `facts/parameters.csv`.
"""

from typing import Any, NamedTuple

from costlib.base._arrays import Numeric
from costlib.economics import human_work, methods, ratios, scenarios, shares
from costlib.facts.parameters import Values

WORK = ("fine-tuning", "candidates", "labels", "training")
OWN_LENGTHS = ("cluster_gpu", "question_tokens", "answer_tokens", "packing_fill", "unusable_share")
CHECKS = ("num_evaluation_comparisons", "num_validation_pairs", "seed_usd_per_example")
STAFF = ("judge_engineer_days", "judge_lead_days", "staff_usd_per_day", "lead_usd_per_day")


class Rung(NamedTuple):
    """One step of the ladder, which keeps those before it.

    Parameters
    ----------
    label : what changes
    changes : parameters that take the step, with the value that they take; None where each has its own from here on
    usd : total of the pipeline [USD]
    ratio : people's cost over it: their labels alone, and all lines on the last rung [-]
    """

    label: str
    changes: dict[str, Any]
    usd: Numeric
    ratio: Numeric


def rungs(values: Values) -> tuple[Rung, ...]:
    """Return the pipeline from as published to all lines on both sides.

    Five rungs stay in the article's model. Then its flat speed and one length give way to the roofline and to lengths
    of their own, and last come failed runs and, on both sides, what people do besides the labels, and staff.

    Parameters
    ----------
    values : dict of every parameter, single numbers

    Returns
    -------
    tuple of Rung

    Examples
    --------
    >>> [round(rung.usd, 2) for rung in rungs(scenarios.complete({}))][:4]
    [279.74, 442.79, 843.05, 1381.44]
    """
    listed = {"price_usd_per_gpu_hour": values["list_price_usd_per_gpu_hour"]}
    steps: dict[str, Values] = {
        "as published": {},
        "DPO on both rounds": {"dpo_rounds": 2},
        "the paper's calls": {"pairs_per_prompt": 1.0, "judgments_per_response": 3},
        "list price of a GPU": listed,
        "measured length": {"sequence_length": values["measured_sequence_length"]},
    }
    labels = scenarios.num_pairs(values) * human_work.usd_per_comparison(values)
    totals = [methods.published(at).usd for at in scenarios.ladder(values, steps.values())]
    found = [Rung(*step, usd, labels / usd) for step, usd in zip(steps.items(), totals, strict=True)]
    whole = methods.self_rewarding(values | listed)
    worked = shares.usd_of(whole, *WORK)
    swept, checked = worked + whole.line("failed runs and sweeps").usd, whole.usd_without_staff
    people = methods.human_dpo(values | listed).usd_without_staff
    return (
        *found,
        Rung("roofline, own lengths", dict.fromkeys(OWN_LENGTHS), worked, labels / worked),
        Rung("failed runs", {"run_overhead": None}, swept, labels / swept),
        Rung("people's work", dict.fromkeys(CHECKS), checked, people / checked),
        Rung("staff", dict.fromkeys(STAFF), whole.usd, ratios.whole(values | listed, methods.self_rewarding)),
    )
