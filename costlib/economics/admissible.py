"""Which methods a scenario allows, and why not the others: three rules behind every recommendation of the book."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import NamedTuple

from costlib.base._arrays import Condition, Numeric, maximum
from costlib.compute import models
from costlib.compute.job import Estimate
from costlib.compute.plan import Job
from costlib.compute.stages import Data
from costlib.economics import methods
from costlib.facts import catalog
from costlib.facts.parameters import Values

STAGES = ("sft", "generate", "dpo", "rm", "ppo")
TRAINS = {"published": (), "human-ppo": ("sft", "generate", "rm", "ppo")}
BY_DPO = ("sft", "generate", "dpo")
JUDGES_ITSELF = ("self-rewarding",)
COIN = 0.5


class Fit(NamedTuple):
    """A stage on the GPUs of a scenario: `min_gpus` is infinite where it fits on no number of them."""

    stage: str
    fits: Condition
    min_gpus: Numeric
    gb_per_gpu: Numeric


def fits(values: Values, stages: Iterable[str] = STAGES) -> dict[str, Fit]:
    """Return how each stage fits the GPUs of a scenario, as its methods run it: sharded, activations computed again.

    Parameters
    ----------
    values : dict of every parameter; numbers may be arrays
    stages : of :data:`STAGES`

    Returns
    -------
    dict of stage to Fit

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = fits(complete({}))
    >>> found["dpo"].fits, found["dpo"].min_gpus < found["ppo"].min_gpus
    (True, True)
    """
    asked = {stage: Estimate(_job(stage, values)) for stage in stages}
    return {stage: Fit(stage, each.fits, each.min_gpus, each.peak_gb) for stage, each in asked.items()}


def needed_gpus(name: str, found: Mapping[str, Fit]) -> Numeric:
    """Return the fewest GPUs on which every stage of a method fits; 0 for the article's, which has no memory.

    Parameters
    ----------
    name : of a method
    found : as of :func:`fits`
    """
    return reduce(maximum, (0, *(found[stage].min_gpus for stage in TRAINS.get(name, BY_DPO))))


def stages_that_do_not_fit(name: str, found: Mapping[str, Fit]) -> list[str]:
    """Return the stages of a method that need more GPUs than the scenario has."""
    return [stage for stage in TRAINS.get(name, BY_DPO) if not found[stage].fits]


class Rule(NamedTuple):
    """What a choice rests on.

    Parameters
    ----------
    least_agreement : of labels with the preference that is meant [fraction]
    tested_parameters : size of a model from which it may judge itself [parameters]
    power : 1 where information grows with the lead over a coin, 2 with its square, 0 to count pairs [-]
    """

    least_agreement: Numeric
    tested_parameters: Numeric
    power: Numeric = 1


def rule(**changes: float) -> Rule:
    """Return the rule of this book, or the same with changes.

    Labels must agree as often as researchers agreed with the crowd whose comparisons trained an assistant, the lowest
    agreement of people found in a pipeline that worked :cite:`bai2022hh`. A model judges itself from the size of Llama
    2 70B up :cite:`yuan2024selfrewarding`; smaller judges agree less :cite:`lee2024rlaif`.

    >>> rule().least_agreement, rule(power=2).power
    (0.63, 2)
    """
    tested = catalog.find("models", "llama-2-70b").parameters
    return Rule(catalog.find("agreement", "bai-researcher-crowd").value_low, tested)._replace(**changes)


def objections(values: Values, compared: Mapping[str, methods.Method] | None = None,
               found: Mapping[str, Fit] | None = None,
               by: Rule | None = None) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """Return why each method is not allowed; nothing where it is.

    A method is allowed if it is whole, if each of its stages fits the GPUs, if its labels agree often enough, and,
    where the model judges itself, if that was tested at its size.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    compared : dict of name to Method, as of :func:`costlib.economics.methods.compare`; computed if not given
    found : as of :func:`fits`; computed if not given
    by : Rule, or None for that of this book

    Returns
    -------
    dict of method to tuple of reasons

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> objections(complete({"policy_model": "llama-3.1-8b"}))["self-rewarding"]
    ('a model judges itself only where that was tested: from 69.0B parameters up, here 8.0B',)
    """
    compared = methods.compare(values) if compared is None else compared
    found = fits(values) if found is None else found
    by = rule() if by is None else by
    return {name: tuple(_reasons(values, method, found, by)) for name, method in compared.items()}


def _reasons(values: Values, method: methods.Method, found: Mapping[str, Fit], by: Rule) -> Iterator[str]:
    if method.name == "published":
        yield "the article's count leaves lines out"
        return
    if unfit := stages_that_do_not_fit(method.name, found):
        yield f"does not fit the memory of the GPUs: {', '.join(unfit)}"
    if method.agreement <= COIN:
        yield "its labels are no better than a coin"
    elif method.agreement < by.least_agreement - 1e-9:
        least = f"{100 * by.least_agreement:g} %"
        yield f"its labels agree in {100 * method.agreement:.1f} % of cases, and no less than {least} worked"
    size, tested = models.find(values["policy_model"]).parameters, by.tested_parameters
    if method.name in JUDGES_ITSELF and size < tested:
        yield (f"a model judges itself only where that was tested: from {tested / 1e9:.1f}B parameters up, here "
               f"{size / 1e9:.1f}B")  # fmt: skip


def _job(stage: str, values: Values) -> Job:
    if stage == "generate":
        return methods.on_gpus(stage, values, Data(1, values["question_tokens"], values["answer_tokens"]))
    return methods.trained(stage, values)
