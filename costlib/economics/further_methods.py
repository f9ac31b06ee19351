"""Further methods of alignment, as the same list of lines as those of :mod:`costlib.economics.methods`.

Each takes the parameters of a scenario and the lines that its methods share. Constitutional AI, targeted labels and
hosted fine-tuning end with the same usable pairs as the others. Verifiable rewards and distillation have no pairs:
the policy learns from answers that it writes while it trains, as many as in PPO, and what rewards them stands as
labels. Nobody's labels of a preference can be wrong there, so both count as always right. Staff who set up a program
or a teacher are taken to need the days that a judge needs, which is an assumption.

Sources: principles, critiques and revisions :cite:`bai2022constitutional`; GRPO :cite:`shao2024grpo` with verifiable
rewards :cite:`lambert2024tulu3`; on-policy distillation :cite:`agarwal2024gkd,lu2025onpolicy`; targeted labels
:cite:`rlthf2025`; prices of services in `facts/managed_training.csv`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

from costlib.base._arrays import Numeric, choice
from costlib.compute import models
from costlib.compute.job import job
from costlib.compute.plan import Job
from costlib.compute.stages import Data
from costlib.economics import labels
from costlib.facts import catalog
from costlib.facts.parameters import Values
from costlib.facts.schema import Record

# Those of the module methods, which stands above this one: what methods share, lines, and a method.
Work: TypeAlias = Any
Line: TypeAlias = Any
Method: TypeAlias = Any
LOOPS = MappingProxyType({"grpo": "grpo", "distil": "on-policy-distillation"})  # variants that write as they train
MILLION = 1e6
MEANWHILE = "part of the training"


def constitutional(values: Values, work: Work) -> Method:
    """Return Constitutional AI: principles for what is harmless, people for what is helpful.

    For each pair about harm the model answers, then criticises and revises its answer several times; fine-tuning takes
    the revisions, and a judge that reads the principles labels the pair. People label the pairs about help.
    """
    share = catalog.assumption("constitution-helpful-share")
    judged = labels.needed_for(work.pairs * (1 - share), values["unusable_share"])
    times, critique = (catalog.assumption(f"constitution-{name}") for name in ("revisions", "critique"))
    principle, asked, answer = (
        catalog.assumption("constitution-principle"), values["question_tokens"], values["answer_tokens"])  # fmt: skip
    first = work.generated("candidates", judged, 1)
    criticised = work.generated("candidates", judged * times, 1, asked + answer + principle, critique)
    revised = work.generated("candidates", judged * times, 1, asked + answer + principle + critique, answer)
    both = work.candidates_of(judged + work.unlabelled * share)
    tuned = work.cost("fine-tuning", "train", work.trained("sft", judged * times, values["epochs"]))
    people = work.by_people(work.rated * share)
    lines = (work.seed(), _added(work.sft, tuned), _added(first, criticised, revised, both),
             _added(people, work.by_judge(judged)), work.dpo,
             work.evaluation(validated=True, labelled_by_people=share),
             work.staff(people=True, judge=True))  # fmt: skip
    return work.method("constitutional", lines, _mixed(values, share))


def verifiable(values: Values, work: Work) -> Method:
    """Return GRPO with rewards of a program that checks each answer, on as many answers as PPO learns from."""
    calls = values["num_episodes"] * values["verifier_usd_per_call"]
    lines = (work.seed(), work.sft, _none(work.sft, "candidates", "generate"),
             _none(work.sft, "labels", "label")._replace(usd=calls, note=""),
             work.cost("training", "train", loop("grpo", values)), work.evaluation(),
             work.staff(judge=True))  # fmt: skip
    return work.method("verifiable", lines, 1.0)


def distilled(values: Values, work: Work) -> Method:
    """Return on-policy distillation: a larger model scores each token that the policy writes.

    The teacher's passes are part of the training and stand there.
    """
    lines = (work.seed(), work.sft, _none(work.sft, "candidates", "generate"), _none(work.sft, "labels", "label"),
             work.cost("training", "train", loop("distil", values)), work.evaluation(),
             work.staff(judge=True))  # fmt: skip
    return work.method("distilled", lines, 1.0)


def targeted(values: Values, work: Work) -> Method:
    """Return DPO on pairs that a hosted judge labels, of which people label again the few that look wrong.

    Reward models trained on the labels, one in each round, say which those are.
    """
    share = values["targeted_share"]
    labelled = labels.needed_for(work.pairs, values["unusable_share"])
    people = work.by_people(work.rated * share)
    rounds = work.cost("training", "train", work.trained("rm", work.pairs * catalog.assumption("targeting-rounds")))
    lines = (work.seed(), work.sft, work.judged_candidates,
             _added(people, work.by_judge(labelled)), _added(work.dpo, rounds),
             work.evaluation(validated=True, labelled_by_people=share), work.staff(share > 0, judge=True))  # fmt: skip
    return work.method("targeted", lines, _mixed(values, share))


def hosted(values: Values, work: Work) -> Method:
    """Return RLAIF whose fine-tuning and DPO a service does, at its price for each token that it trains on.

    Services publish no hours: the days are those of the GPUs that they replace. Answers are written on own GPUs, since
    no service has a price for writing with any model. Where none trains the model, the price is infinite.
    """
    labelled = labels.needed_for(work.pairs, values["unusable_share"])
    length = (values["question_tokens"] + values["answer_tokens"]) * values["epochs"]
    trained = (_served("sft", work.sft, values["num_sft_examples"] * length, values),
               _served("dpo", work.dpo, 2 * work.pairs * length, values))  # fmt: skip
    lines = (work.seed(), trained[0], work.judged_candidates, work.by_judge(labelled), trained[1],
             work.evaluation(validated=True), work.staff(judge=True))  # fmt: skip
    return work.method("hosted", lines, values["judge_agreement"])


METHODS: Mapping[str, Callable[[Values, Work], Method]] = MappingProxyType({
    "constitutional": constitutional,
    "targeted": targeted,
    "verifiable": verifiable,
    "distilled": distilled,
    "hosted": hosted,
})  # fmt: skip


def loop(stage: str, values: Values) -> Job:
    """Return the job in which a policy learns from answers that it writes: "grpo", or "distil" with its teacher.

    >>> from costlib.economics.scenarios import complete
    >>> found = loop("distil", complete({"policy_model": "llama-2-7b"}))
    >>> found.reward.parameters > 9 * found.model.parameters
    True
    """
    teacher = values["teacher_model"] if stage == "distil" else None
    usual = _usual(LOOPS[choice("stage", stage, LOOPS)], values["policy_model"], values["cluster_gpu"], teacher)
    longest = catalog.assumption("longest-over-mean") * values["answer_tokens"]
    return usual._replace(
        data=Data(values["num_episodes"] / usual.more["samples"], values["question_tokens"], values["answer_tokens"],
                  longest_tokens=longest),
        setup=usual.setup._replace(gpus=values["policy_gpus"]),
        price_usd_per_gpu_hour=values["price_usd_per_gpu_hour"],
        reach=values["framework_reach"],
        generation_batch=values["rollout_batch"],
        more={**usual.more, "ppo_epochs": values["ppo_epochs"]},
    )  # fmt: skip


def service(stage: str, model: str) -> Record | None:
    """Return the lowest price at which a service trains all weights of a model of this size; None where none does.

    Prices of low quality and those without a month are left out.

    Parameters
    ----------
    stage : "sft" or "dpo"
    model : as :func:`costlib.compute.models.find` takes it

    Examples
    --------
    >>> found = service("dpo", "llama-3.1-8b")
    >>> found.provider, found.usd
    ('Fireworks', 2.0)
    """
    size = models.find(model).parameters
    choice("stage", stage, ("sft", "dpo"))
    return min((row for row in _services(stage) if _holds(row, size)), key=lambda row: row.usd, default=None)


@cache
def _services(stage: str) -> tuple[Record, ...]:
    return tuple(row for row in catalog.table("managed_training").values()
                 if row.per == "training tokens" and stage in row.stages.split("|") and row.adapters == "full"
                 and not row.model and row.quality != "low" and "-" in row.valid_from)  # fmt: skip


def _holds(row: Record, parameters: float) -> bool:
    return (row.above_parameters or 0) < parameters <= (row.up_to_parameters or float("inf"))


def _served(stage: str, own: Line, tokens: Numeric, values: Values) -> Line:
    """A line of training that a service does."""
    price = service(stage, values["policy_model"])
    usd = tokens * (price.usd / MILLION if price else float("inf"))
    return own._replace(gpu_hours=0 * own.gpu_hours, usd=usd)


@cache
def _usual(variant: str, model: str, gpu: str, teacher: str | None) -> Job:
    more: dict[str, Any] = {} if teacher is None else {"reward_model": teacher}
    return job("grpo", model, gpu, 1, 1, 1, 1, recompute="full", variant=variant, **more)


def _added(first: Line, *more: Line) -> Line:
    """Lines as one, under the name of the first."""
    parts = zip(*(line[2:5] for line in (first, *more)), strict=True)
    return first._replace(**dict(zip(("gpu_hours", "usd", "days"), map(sum, parts), strict=True)))


def _none(line: Line, name: str, kind: str) -> Line:
    none = {part: 0 * getattr(line, part) for part in ("gpu_hours", "usd", "days")}
    return line._replace(name=name, kind=kind, note=MEANWHILE, **none)


def _mixed(values: Values, share: Numeric) -> Numeric:
    """Agreement of labels of which people give a share, the judge's taken as that on all pairs."""
    return share * values["human_agreement"] + (1 - share) * values["judge_agreement"]
