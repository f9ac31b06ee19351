"""Other designs of the comparison between people and a judge: what is compared changes, and not only an input.

Each design is a set of inputs beside those of a scenario; the words say what it does.
"""

from costlib.facts import catalog
from costlib.facts.parameters import Values

GENERATOR = "gpt-6-luna-price"  # the hosted model of the table of judges with the lowest price of 2026


def changes(values: Values) -> dict[str, Values]:
    """Return the designs by their words, each as the inputs that it changes; the scenario itself comes first.

    Parameters
    ----------
    values : dict of every parameter

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = changes(complete({}))
    >>> next(iter(found.items())), found["nobody audits people's labels"]
    (('as in this run', {}), {'audit_share': 0.0})
    """
    demonstration = catalog.find("label_prices", "instructgpt-demonstration").usd_per_label_low
    judge_staff = {f"people_{who}_days": values[f"judge_{who}_days"] for who in ("engineer", "lead")}
    rounds = {name: 2 * values[name] for name in ("num_evaluation_comparisons", "num_validation_pairs")}
    return {
        "as in this run": {},
        "nobody audits people's labels": {"audit_share": 0.0},
        "staff alike on both sides": judge_staff,
        "staff not counted": {"staff_usd_per_day": 0.0, "lead_usd_per_day": 0.0},
        "neither staff nor audit": {"staff_usd_per_day": 0.0, "lead_usd_per_day": 0.0, "audit_share": 0.0},
        "the judge sees one order": {"judge_orders": 1},
        "a judge evaluates the result": {"evaluation_by": "judge"},
        "GPUs train alone, a hosted model writes the candidates": {"candidates": GENERATOR},
        "seed data bought": {"seed_usd_per_example": demonstration},
        "labels of the model's own answers, in two rounds that are both checked": rounds,
    }
