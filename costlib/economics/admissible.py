"""Which methods a scenario allows, and why not the others: the rules of `facts/rules.csv` behind every answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from costlib.base import fmt
from costlib.base._arrays import Condition, Numeric, choice, choices, largest, maximum
from costlib.compute import models
from costlib.compute.job import Estimate
from costlib.compute.plan import Job
from costlib.compute.stages import Data
from costlib.economics import further_methods, human_work, methods, scenarios
from costlib.facts import catalog
from costlib.facts.parameters import Values

STAGES = ("sft", "generate", "dpo", "rm", "ppo", *further_methods.LOOPS, "judge")
BY_DPO = ("sft", "generate", "dpo")
TRAINS = {
    "published": (),
    "human-ppo": ("sft", "generate", "rm", "ppo"),
    "self-rewarding": (*BY_DPO, "judge"),
    "targeted": (*BY_DPO, "rm"),
    "verifiable": ("sft", "grpo"),
    "distilled": ("sft", "distil"),
    "hosted": ("generate",),
}  # stages of a method on the GPUs of a scenario; BY_DPO of all others
COIN = 0.5
WHO = {"human_agreement": "people", "judge_agreement": "the judge"}
Said: TypeAlias = Mapping[str, str] | None


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
    stages : of :data:`STAGES`; "judge" is left out where the model itself judges, which its writing holds

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
    named = choices("stages", stages, STAGES, "stages")
    asked = {stage: Estimate(_job(stage, values)) for stage in named
             if stage != "judge" or values["own_judge"] != "policy"}  # fmt: skip
    return {stage: Fit(stage, each.fits, each.min_gpus, each.peak_gb) for stage, each in asked.items()}


def fewest_gpus(values: Values, stages: Iterable[str] = BY_DPO) -> Numeric:
    """Return the fewest GPUs of a scenario on which stages fit; infinite where they fit on no number.

    >>> from costlib.economics.scenarios import complete
    >>> fewest_gpus(complete({})) <= 64
    True
    """
    asked = choices("stages", stages, STAGES, "stages", 1)
    return reduce(maximum, (0, *(each.min_gpus for each in fits(values, asked).values())))


def needed_gpus(name: str, found: Mapping[str, Fit]) -> Numeric:
    """Return the fewest GPUs on which every stage of a method fits; 0 for the article's, which has no memory.

    Parameters
    ----------
    name : of a method
    found : as of :func:`fits`
    """
    return reduce(maximum, (0, *(found[stage].min_gpus for stage in _trained(name, found))))


def stages_that_do_not_fit(name: str, found: Mapping[str, Fit]) -> list[str]:
    """Return the stages of a method that need more GPUs than the scenario has."""
    return [stage for stage in _trained(name, found) if not found[stage].fits]


def _trained(name: str, found: Mapping[str, Fit]) -> list[str]:
    return [stage for stage in TRAINS.get(choice("name", name, methods.METHODS), BY_DPO) if stage in found]


class Rule(NamedTuple):
    """What a choice rests on.

    Parameters
    ----------
    least_agreement : of labels with the preference that is meant, which they have to exceed [fraction]
    tested_parameters : size of a model from which it may judge itself [parameters]
    """

    least_agreement: Numeric
    tested_parameters: Numeric


def rule(**changes: float) -> Rule:
    """Return the rule of this book, or the same with changes.

    Labels must agree more often than taking the longer answer does, which is free :cite:`li2023alpacaeval`. A model
    judges itself from the size of Llama 2 70B up :cite:`yuan2024selfrewarding`; smaller judges agree less
    :cite:`lee2024rlaif`.

    >>> rule().least_agreement, rule(least_agreement=0.5).least_agreement
    (0.6219, 0.5)
    """
    return Rule(catalog.find("rules", "free-rule").value, catalog.find("rules", "own-judge").value)._replace(**changes)


def enough_agreement(name: str, values: Values, by: Rule) -> Condition:
    """Return whether everybody who labels for a method agrees often enough, and more often than a coin.

    Parameters
    ----------
    name : of a method
    values : dict of every parameter; numbers may be arrays
    by : Rule
    """
    enough: Condition = True
    for each in _labellers(name, values):
        agreed = values[each]
        enough = enough & (agreed > COIN) & ((agreed > by.least_agreement) | (agreed >= 1))
    return enough


def _labellers(name: str, values: Values) -> list[str]:
    """The parameters that say how often those who label for a method agree."""
    share = human_work.label_share(name, values)
    people, judge = ["human_agreement"] * bool(largest(share) > 0), ["judge_agreement"] * (name in human_work.VALIDATED)
    return people + judge


class Asked(NamedTuple):
    """A method in a scenario, and what its rules are asked about."""

    values: Values
    method: methods.Method
    found: Mapping[str, Fit]
    by: Rule


def objections(values: Values, compared: Mapping[str, methods.Method] | None = None,
               found: Mapping[str, Fit] | None = None,
               by: Rule | None = None) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """Return why each method is not allowed; nothing where it is. The rules are the rows of `facts/rules.csv`.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    compared : dict of name to Method, as of :func:`costlib.economics.methods.compare`; all methods if not given
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
    compared = methods.compare(values, methods.METHODS) if compared is None else compared
    found = fits(values) if found is None else found
    by = rule() if by is None else by
    return {name: tuple(said for _, said in broken(Asked(values, method, found, by)))
            for name, method in compared.items()}  # fmt: skip


def broken(case: Asked) -> Iterator[tuple[str, str]]:
    """Yield each rule that forbids a method, by its name in `facts/rules.csv`, and what it says of the case."""
    for row in catalog.table("rules").values():
        asked = row.kind == "rule" and (not row.methods or case.method.name in row.methods.split("|"))
        if asked and (numbers := RULES[row.name](case)) is not None:
            yield row.name, row.says.format(**numbers)
            if row.name == "whole":
                return


def _fits(case: Asked) -> Said:
    unfit = stages_that_do_not_fit(case.method.name, case.found)
    return {"stages": ", ".join(unfit)} if unfit else None


def _coin(case: Asked) -> Said:
    poor = [each for each in _labellers(case.method.name, case.values) if case.values[each] <= COIN]
    return {"who": " and ".join(map(WHO.__getitem__, poor))} if poor else None


def _free_rule(case: Asked) -> Said:
    if _coin(case) or enough_agreement(case.method.name, case.values, case.by):
        return None
    least = case.by.least_agreement
    poor = {each: case.values[each] for each in _labellers(case.method.name, case.values)
            if case.values[each] <= least}  # fmt: skip
    return {"who": " and ".join(map(WHO.__getitem__, poor)), "here": _percent(min(poor.values())),
            "least": _percent(least)}  # fmt: skip


def _own_judge(case: Asked) -> Said:
    size, tested = models.find(scenarios.own_judge(case.values)).parameters, case.by.tested_parameters
    return {"tested": _billions(tested), "here": _billions(size)} if size < tested else None


def _teacher(case: Asked) -> tuple[models.Model, models.Model]:
    return models.find(case.values["teacher_model"]), models.find(case.values["policy_model"])


def _teacher_size(case: Asked) -> Said:
    if case.values["teacher_terms"] == "none":
        return None
    teacher, student = _teacher(case)
    larger = teacher.parameters > student.parameters
    return None if larger else {"teacher": teacher.label, "student": student.label}


def _teacher_tokens(case: Asked) -> Said:
    if case.values["teacher_terms"] == "none":
        return None
    teacher, student = _teacher(case)
    sizes = teacher.architecture.vocabulary_size, student.architecture.vocabulary_size
    return None if sizes[0] == sizes[1] else {"teacher": teacher.label, "student": student.label,
                                              "theirs": f"{sizes[0]:,}", "here": f"{sizes[1]:,}"}  # fmt: skip


def _hosted_writer(case: Asked) -> Said:
    return {} if case.values["data_policy"] == "stays" and case.values["candidates"] != "own" else None


def _hosted_evaluation(case: Asked) -> Said:
    return {} if case.values["data_policy"] == "stays" and case.values["evaluation_by"] != "people" else None


def _poor_evaluation(case: Asked) -> Said:
    agreed, least = case.values["judge_agreement"], case.by.least_agreement
    if case.values["evaluation_by"] == "people" or agreed >= 1 or agreed > least:
        return None
    return {"here": _percent(agreed), "least": _percent(least)}


def _judge_labels(case: Asked) -> Said:
    if case.values["labels_by"] != "judge":
        return None
    return {} if human_work.label_share(case.method.name, case.values) > 0 else None


def _service_price(case: Asked) -> Said:
    return None if further_methods.service("dpo", case.values["policy_model"]) else {}


def _budget(case: Asked) -> Said:
    most = case.values["budget_usd"]
    over = most > 0 and case.method.usd > most
    return {"here": f"${fmt.dollars(case.method.usd)}", "most": f"${fmt.dollars(most)}"} if over else None


def _deadline(case: Asked) -> Said:
    most = case.values["deadline_days"]
    late = most > 0 and case.method.days > most
    return {"here": fmt.rounded(case.method.days, 2), "most": fmt.number(most)} if late else None


def _answered(name: str, answer: str) -> Callable[[Asked], Said]:
    """A rule that forbids where the reader gave an answer."""
    return lambda case: {} if case.values[name] == answer else None


# What each row of rules.csv finds in a case: the numbers of its sentence where it forbids, None where it does not.
RULES: Mapping[str, Callable[[Asked], Said]] = MappingProxyType({
    "whole": lambda _: {},
    "fits": _fits,
    "coin": _coin,
    "free-rule": _free_rule,
    "own-judge": _own_judge,
    "checkable": _answered("task_kind", "open"),
    "teacher-terms": _answered("teacher_terms", "none"),
    "teacher-size": _teacher_size,
    "teacher-tokens": _teacher_tokens,
    "data-stays": _answered("data_policy", "stays"),
    "hosted-writer": _hosted_writer,
    "hosted-evaluation": _hosted_evaluation,
    "poor-evaluation": _poor_evaluation,
    "people-label": _answered("labels_by", "people"),
    "judge-labels": _judge_labels,
    "service-price": _service_price,
    "budget": _budget,
    "deadline": _deadline,
})  # fmt: skip


def _percent(share: Numeric) -> str:
    return f"{100 * share:.1f} %"


def _billions(parameters: Numeric) -> str:
    return f"{parameters / 1e9:.1f}B"


def _job(stage: str, values: Values) -> Job:
    if stage in further_methods.LOOPS:
        return further_methods.loop(stage, values)
    if stage == "judge":
        judge = values | {"policy_model": scenarios.own_judge(values)}
        data = Data(1, methods.judge_prompt(values, answers=1), values["judge_answer_tokens"])
        return methods.on_gpus("generate", judge, data)
    if stage == "generate":
        return methods.on_gpus(stage, values, Data(1, values["question_tokens"], values["answer_tokens"]))
    return methods.trained(stage, values)
