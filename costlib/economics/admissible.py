"""Which methods a scenario allows, and why not the others: three rules behind every recommendation of the book."""

from functools import reduce
from typing import NamedTuple

from costlib._arrays import maximum
from costlib.compute.job import Estimate
from costlib.economics import methods
from costlib.facts import catalog

STAGES = ("sft", "generate", "dpo", "rm", "ppo")
TRAINS = {"published": (), "human-ppo": ("sft", "generate", "rm", "ppo")}
BY_DPO = ("sft", "generate", "dpo")
JUDGES_ITSELF = ("self-rewarding",)
COIN = 0.5


class Fit(NamedTuple):
    """A stage on the GPUs of a scenario: `min_gpus` is infinite where it fits on no number of them."""

    stage: str
    fits: bool
    min_gpus: float
    gb_per_gpu: float


def fits(values, stages=STAGES):
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


def needed_gpus(name, found):
    """Return the fewest GPUs on which every stage of a method fits; 0 for the article's, which has no memory.

    Parameters
    ----------
    name : of a method
    found : as of :func:`fits`
    """
    return reduce(maximum, (found[stage].min_gpus for stage in TRAINS.get(name, BY_DPO)), 0)


def stages_that_do_not_fit(name, found):
    """Return the stages of a method that need more GPUs than the scenario has."""
    return [stage for stage in TRAINS.get(name, BY_DPO) if not found[stage].fits]


def least_agreement():
    """Return how often labels must agree with the preference that is meant [fraction].

    As often as researchers agreed with the crowd whose comparisons trained an assistant, the lowest agreement of people
    found in a pipeline that worked :cite:`bai2022hh`.

    >>> least_agreement()
    0.63
    """
    return catalog.find("agreement", "bai-researcher-crowd").value_low


def judges_itself_from():
    """Return the parameters from which on a model that judges itself was tested: those of Llama 2 70B.

    :cite:`yuan2024selfrewarding`; smaller judges agree less :cite:`lee2024rlaif`.
    """
    return catalog.find("models", "llama-2-70b").parameters


def objections(values, compared=None, found=None):
    """Return why each method is not allowed; nothing where it is.

    A method is allowed if it is whole, if each of its stages fits the GPUs, if its labels agree often enough, and,
    where the model judges itself, if that was tested at its size.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    compared : dict of name to Method, as of :func:`costlib.economics.methods.compare`; computed if not given
    found : as of :func:`fits`; computed if not given

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
    return {name: tuple(_reasons(values, method, found)) for name, method in compared.items()}


def _reasons(values, method, found):
    if method.name == "published":
        yield "the article's count leaves lines out"
        return
    if unfit := stages_that_do_not_fit(method.name, found):
        yield f"does not fit the memory of the GPUs: {', '.join(unfit)}"
    least = least_agreement()
    if method.agreement <= COIN:
        yield "its labels are no better than a coin"
    elif method.agreement < least - 1e-9:
        yield f"its labels agree in {100 * method.agreement:.1f} % of cases, and no less than {100 * least:g} % worked"
    size, tested = catalog.find("models", values["policy_model"]).parameters, judges_itself_from()
    if method.name in JUDGES_ITSELF and size < tested:
        yield (f"a model judges itself only where that was tested: from {tested / 1e9:.1f}B parameters up, here "
               f"{size / 1e9:.1f}B")  # fmt: skip


def _job(stage, values):
    if stage == "generate":
        return methods.on_gpus(stage, values, methods.Data(1, values["question_tokens"], values["answer_tokens"]))
    return methods.trained(stage, values)
