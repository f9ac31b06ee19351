"""A scenario: some parameters given, the others published, and the one that follows from others."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from costlib.base import fmt
from costlib.base._arrays import Numeric, checked, mapping
from costlib.base.text import plain
from costlib.base.units import FLOPS_INFERENCE, FLOPS_TRAINING
from costlib.compute import models
from costlib.economics.article import (
    FLOPS_DPO,
    Calls,
    SyntheticCost,
    calculate_cost,
    calculate_gpu_hours,
    calculate_sustained_performance_tflops,
    calculate_synthetic_cost,
    calculate_total_flops,
    calculate_total_tokens,
    count_inference_calls,
)
from costlib.facts import ages, catalog, hardware, judges, parameters, prices
from costlib.facts.parameters import Values

PRICE, GPU = "price_usd_per_gpu_hour", "cluster_gpu"

# Inputs that say one thing together: who gives a part of them should know at what the rest stays.
HALVES = (("num_pairs_m1", "num_pairs_m2"), ("question_tokens", "answer_tokens"),
          ("gpu_time_factor", "generation_time_factor"), ("annotators", "annotation_hours_per_day"),
          ("staff_usd_per_day", "lead_usd_per_day"), ("people_engineer_days", "people_lead_days"),
          ("judge_engineer_days", "judge_lead_days"), ("judge_usd_per_million_input", "judge_output_price_ratio"),
          ("judge_cached_share", "judge_cached_price_ratio"),
          ("pretraining_gpu_hours", "pretraining_tokens", "pretraining_parameters"))  # fmt: skip
OWN_MODELS = {"aligned_model", "policy_model"}  # inputs that may be a file


def complete(given: Mapping[str, Any], own: hardware.Hardware | None = hardware.OF_PROCESS,
             table: prices.Prices | None = None) -> Values:  # fmt: skip
    """Return a value for every parameter of the vocabulary.

    The sustained speed is back-solved from the pre-training run, so it follows when that run is changed and the
    speed itself is not given. So does the price when another GPU is, see :func:`quoted`. A judge brings its price,
    discount and agreement, as far as these are not given.

    Parameters
    ----------
    given : dict of parameter name to value; any subset of the vocabulary
    own : costlib.facts.hardware.Hardware of the reader, whose GPU may be named; None for none
    table : prices of the reader, which that of any GPU of the catalogue follows; None for the book's

    Raises
    ------
    ValueError : as :func:`costlib.facts.parameters.check`, for a model that cannot be read, for another GPU whose price
        nobody knows, and for a judge of which something is not known or given

    Examples
    --------
    >>> complete({})["sustained_tflops"] == parameters.defaults()["sustained_tflops"]
    True
    >>> round(complete({"pretraining_gpu_hours": 860160})["sustained_tflops"], 4)
    271.2674
    >>> complete({"cluster_gpu": "h100-sxm-80gb"})["price_usd_per_gpu_hour"]
    3.99
    >>> found = complete({"judge": "gpt-5-4-rewardbench", "judge_agreement": 0.9})
    >>> found["judge_usd_per_million_input"], found["judge_output_price_ratio"], found["judge_agreement"]
    (2.5, 6.0, 0.9)
    """
    checked = parameters.check(given, own)
    mine = own_models(checked).get("aligned_model")
    values = parameters.defaults() | _of_judge(checked) | checked
    if mine and values["lora_rank"] > mine.architecture.hidden_size:
        size = f"the hidden size of {mine.label}, {mine.architecture.hidden_size}"
        raise ValueError(f"lora_rank [-] must be at most {size}, got {values['lora_rank']}")
    if quote := quoted(checked, table):
        values[PRICE] = quote.usd
    if "sustained_tflops" not in checked:
        values["sustained_tflops"] = back_solved_tflops(values)
        parameters.check({"sustained_tflops": values["sustained_tflops"]})
    return values


def quoted(given: Mapping[str, Any], table: prices.Prices | None = None) -> prices.Quote | None:
    """Return the quote that a scenario's price follows: where it sets another GPU and no price; None elsewhere.

    A GPU of the reader's own hardware keeps the published price, since nobody rents it out. With a `table` of the
    reader the published GPU follows its prices too.

    Raises
    ------
    ValueError : for a GPU of the catalogue whose price nobody knows

    Examples
    --------
    >>> quoted({"cluster_gpu": "h100-sxm-80gb"}).providers, quoted({"epochs": 2})
    (18, None)
    >>> quoted({"cluster_gpu": "h20-96gb"})
    Traceback (most recent call last):
        ...
    ValueError: price_usd_per_gpu_hour [USD/GPU-h] must be given: no price of h20-96gb is known
    """
    gpu = mapping("given", given).get(GPU, parameters.defaults()[GPU])
    same = table is None and gpu == parameters.defaults()[GPU]
    if PRICE in given or same or gpu not in hardware.published("gpus"):
        return None
    table = table or prices.published()
    if found := table.quote(gpu):
        return found
    raise ValueError(f"{PRICE} [USD/GPU-h] must be given: {table.reason(gpu)}")


def price_held(given: Mapping[str, Any], table: prices.Prices | None = None) -> str:
    """Say the same beside intervals, which do not draw a price that came with a GPU."""
    said = price_said(given, table)
    return said and f"{said}; the intervals hold it"


def price_said(given: Mapping[str, Any], table: prices.Prices | None = None) -> str:
    """Say which price a scenario's GPU, in any spelling, brought with it, and from where; nothing where it did not.

    >>> price_said({"cluster_gpu": "H100"})
    'price of h100-sxm-80gb: $3.99 a GPU-hour (median on-demand of 18 providers, $2.96 to $12.29, November 2026)'
    """
    named = parameters.check({GPU: given[GPU]}) if GPU in mapping("given", given) else {}
    quote = quoted({**given, **named}, table)
    return f"price of {quote.gpu}: ${quote.usd:,.2f} a GPU-hour ({quote.said})" if quote else ""


def own_models(values: Mapping[str, Any]) -> dict[str, models.Model]:
    """Return the models of a scenario that are the reader's own, by the inputs that name them.

    >>> found = own_models({"policy_model": "gpt2:layers=2", "aligned_model": "gpt2"})
    >>> {name: model.label for name, model in found.items()}
    {'policy_model': 'GPT-2 (layers 2)'}
    """
    known = catalog.table("models")
    return {name: models.find(values[name]) for name in sorted(OWN_MODELS & values.keys()) if values[name] not in known}


def rests_on(given: Mapping[str, Any], values: Values) -> list[str]:
    """Return what an answer rests on: its judge, old defaults, what came in part, and pairs in hand.

    Parameters
    ----------
    given : inputs by name that have a value of their own
    values : dict of every parameter

    Examples
    --------
    >>> rests_on({"num_pairs_m1": 500}, complete({"num_pairs_m1": 500}))[-1]
    'kept at the published value, beside num_pairs_m1: num_pairs_m2 6,942'
    >>> rests_on({}, complete({"pairs_in_hand": 4_000}))[-1].partition(":")[0]
    'of the 4,000 pairs in hand 4,000 are used and 6,906 are still to be labelled'
    """
    known, lines = {*held(given), *given}, ages.rests_on(given, values["judge"])
    for group in HALVES:
        named = " and ".join(name for name in group if name in given)
        kept = ", ".join(f"{name} {plain(values[name])}" for name in group if name not in known)
        lines += [f"kept at the published value, beside {named}: {kept}"] if named and kept else []
    if values["own_judge"] != "policy":
        lines.append(
            f"own judge: {models.find(own_judge(values)).label} on own GPUs in the place of the model itself, taken to "
            "agree with people as often as judge_agreement says: give that of yours"
        )
    if in_hand := values["pairs_in_hand"]:
        used = min(in_hand, num_pairs(values))
        lines.append(
            f"of the {in_hand:,} pairs in hand {used:,} are used and {num_pairs(values) - used:,} are still to be "
            "labelled: those in hand cost people's methods no answers and no labels; staff, audit and evaluation stay, "
            "and a judge labels all of its own"
        )
    return lines


def by_content(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario with what a reader's own models are in place of where they lie.

    >>> by_content({"policy_model": "gpt2", "epochs": 2})
    {'policy_model': 'gpt2', 'epochs': 2}
    >>> by_content({"policy_model": "gpt2:layers=2"}) == by_content({"policy_model": "gpt2: layers=2"})
    True
    """
    return {**values, **{name: model.content for name, model in own_models(values).items()}}


def written(name: str, value: Any) -> str:
    """Return the value of an input as a page writes it: a reader's own model by its label, which names no folder.

    >>> written("policy_model", "gpt2:layers=2"), written("policy_model", "gpt2"), written("human_usd_per_pair", 2.0)
    ('GPT-2 (layers 2)', 'gpt2', '2')
    """
    own = own_models({name: value}).get(name) if isinstance(name, str) else None
    return own.label if own else fmt.short(value)


def back_solved_tflops(values: Values) -> Numeric:
    """Return the speed that the pre-training run of a scenario implies [TFLOP/s per GPU].

    >>> round(back_solved_tflops(parameters.defaults()), 6)
    135.633681
    """
    flops = calculate_total_flops(
        values["pretraining_tokens"], values["pretraining_parameters"], values["training_flops_factor"]
    )
    return calculate_sustained_performance_tflops(flops, values["pretraining_gpu_hours"])


def synthetic_cost(values: Values) -> SyntheticCost:
    """Return what the synthetic pairs of a scenario cost, by the article's model.

    Parameters
    ----------
    values : dict that holds at least the parameters of chapter 4; numbers or NumPy arrays

    Returns
    -------
    costlib.economics.article.SyntheticCost [USD]

    Examples
    --------
    >>> round(synthetic_cost(parameters.defaults()).total_usd, 2)
    279.74
    >>> round(synthetic_cost(parameters.defaults() | {"dpo_rounds": 2}).total_usd, 2)
    442.79
    """
    return calculate_synthetic_cost(
        num_sft_examples=values["num_sft_examples"],
        num_inference_calls=inference_calls(values).total,
        num_dpo_pairs=dpo_pairs(values),
        sequence_length=values["sequence_length"],
        epochs=values["epochs"],
        model_parameters=values["model_parameters"],
        sustained_performance_tflops=values["sustained_tflops"],
        price_per_hour=values["price_usd_per_gpu_hour"],
    )


def held(given: Mapping[str, Any], table: prices.Prices | None = None) -> tuple[str, ...]:
    """Return the inputs that a scenario knows, which are not drawn: those that it names, also at the published value.

    Who names every input that has a range, as `notebooks/scenarios/published.yml` does, names none in particular: of
    these only what differs from the published values is known. A price that follows another GPU or a reader's own
    `table` is known too, and what a judge brings that is named.

    >>> held({"human_usd_per_pair": 2.0, "judge_agreement": parameters.defaults()["judge_agreement"]})
    ('human_usd_per_pair', 'judge_agreement')
    >>> held(parameters.defaults() | {"rework_share": 0.2})
    ('rework_share',)
    >>> held({"judge": "gpt-5-4-rewardbench"})[:3]
    ('judge', 'judge_usd_per_million_input', 'judge_output_price_ratio')
    """
    follows = (PRICE,) if quoted(given, table) else ()
    return (*meant(given), *follows, *(judges.sets(given["judge"], given) if "judge" in given else ()))


def meant(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the inputs that a scenario names on purpose: all, or of every input with a range those that differ.

    >>> meant({"epochs": 1}), meant(parameters.defaults() | {"rework_share": 0.2})
    (('epochs',), ('rework_share',))
    """
    known, given = parameters.vocabulary(), mapping("given", given)
    everything = all(name in given for name, word in known.items() if word.shape)
    return tuple(name for name, value in given.items() if not (everything and value == known[name].default))


def _of_judge(given: Mapping[str, Any]) -> dict[str, float]:
    """What the judge of a scenario brings; nothing where it is the default one, whose values the vocabulary has."""
    usual = parameters.defaults()["judge"]
    name = given.get("judge", usual)
    return {} if name == usual else judges.sets(name, given)


def own_judge(values: Values) -> str:
    """Return the model that judges on own GPUs: the one that is aligned, unless another is named.

    >>> own_judge(complete({})), own_judge(complete({"own_judge": "llama-3.1-70b"}))
    ('llama-2-70b', 'llama-3.1-70b')
    """
    named: str = values["policy_model" if values["own_judge"] == "policy" else "own_judge"]
    return named


def num_pairs(values: Values) -> Numeric:
    """Return the synthetic pairs of both rounds [pairs].

    >>> num_pairs(parameters.defaults())
    10906
    """
    return values["num_pairs_m1"] + values["num_pairs_m2"]


def audiences() -> dict[str, Values]:
    """Return the parameters that each example of a reader sets, by its name.

    >>> list(audiences())
    ['frontier lab', 'enterprise team', 'startup', 'university']
    """
    given: dict[str, Values] = {}
    for row in catalog.table("audiences").values():
        given.setdefault(row.audience, {})[row.parameter] = row.value
    return {name: parameters.check(rows) for name, rows in given.items()}


def said(values: Values) -> str:
    """Return in words what a scenario aligns, on what and with how many pairs.

    >>> said(complete({}))
    'Llama 2 70B on 64 NVIDIA A100 SXM 80 GB, 10,906 usable pairs'
    """
    gpu = catalog.find("gpus", values[GPU]).label
    return (f"{models.find(values['policy_model']).label} on {values['policy_gpus']:,} {gpu}, "
            f"{num_pairs(values):,.0f} usable pairs")  # fmt: skip


def of_pairs(values: Values, pairs: Numeric) -> Values:
    """Return the inputs that make another number of usable pairs, both rounds in the proportion of a scenario.

    >>> {name: round(count) for name, count in of_pairs(parameters.defaults(), 5453).items()}
    {'num_pairs_m1': 1982, 'num_pairs_m2': 3471}
    """
    first = checked("pairs", pairs, "pairs") * (values["num_pairs_m1"] / num_pairs(values))
    return {"num_pairs_m1": first, "num_pairs_m2": pairs - first}


def dpo_pairs(values: Values) -> Numeric:
    """Return the synthetic pairs that DPO trains on: of the first round, or of both [pairs].

    >>> dpo_pairs(parameters.defaults()), dpo_pairs(parameters.defaults() | {"dpo_rounds": 2})
    (3964, 10906)
    """
    return values["num_pairs_m1"] + (values["dpo_rounds"] - 1) * values["num_pairs_m2"]


def inference_calls(values: Values) -> Calls:
    """Return the model calls that make the synthetic pairs of both rounds, as :class:`costlib.economics.article.Calls`.

    >>> inference_calls(parameters.defaults()).total
    49077.0
    """
    rounds = ("responses_per_prompt", "pairs_per_prompt", "judgments_per_response")
    return count_inference_calls(num_pairs(values), **{name: values[name] for name in rounds})


class SyntheticStage(NamedTuple):
    """A stage of the synthetic pipeline from its count to its cost, in the article's model.

    Parameters
    ----------
    count : examples, calls or pairs [-]
    tokens, flops, gpu_hours, usd : [tokens, FLOPs, GPU-h, USD]
    """

    count: Numeric  # type: ignore[assignment]  # a column, and no longer a method of tuples
    tokens: Numeric
    flops: Numeric
    gpu_hours: Numeric
    usd: Numeric


def synthetic_stages(values: Values) -> dict[str, SyntheticStage]:
    """Return the stages whose sum is :func:`synthetic_cost`, each from its count to its cost.

    Parameters
    ----------
    values : as for :func:`synthetic_cost`

    Returns
    -------
    dict of "SFT", "inference" and "DPO" to SyntheticStage

    Examples
    --------
    >>> stages = synthetic_stages(parameters.defaults())
    >>> {name: round(stage.gpu_hours, 3) for name, stage in stages.items()}
    {'SFT': 17.017, 'inference': 57.636, 'DPO': 37.243}
    """
    passes = values["epochs"]
    work = {
        "SFT": (values["num_sft_examples"], passes, FLOPS_TRAINING),
        "inference": (inference_calls(values).total, 1, FLOPS_INFERENCE),
        "DPO": (dpo_pairs(values), passes, FLOPS_DPO),
    }
    return {name: _synthetic_stage(values, *amounts) for name, amounts in work.items()}


def _synthetic_stage(values: Values, count: Numeric, passes: Numeric, factor: Numeric) -> SyntheticStage:
    tokens = calculate_total_tokens(count, values["sequence_length"], passes)
    flops = calculate_total_flops(tokens, values["model_parameters"], factor)
    hours = calculate_gpu_hours(flops, values["sustained_tflops"])
    return SyntheticStage(count, tokens, flops, hours, calculate_cost(hours, values["price_usd_per_gpu_hour"]))


def ladder(values: Values, changes: Iterable[Values]) -> list[Values]:
    """Return a scenario after each of several changes, every one on top of those before it.

    Parameters
    ----------
    values : dict of parameter name to value
    changes : dicts, each the parameters that one step changes

    Examples
    --------
    >>> ladder({"a": 1, "b": 1}, [{"a": 2}, {"b": 3}])
    [{'a': 2, 'b': 1}, {'a': 2, 'b': 3}]
    """
    return list(accumulate(changes, lambda before, change: before | change, initial=values))[1:]


def synthetic_usd_at(values: Values, pairs: Numeric, fixed_dpo: bool = False) -> Numeric:
    """Return what another number of synthetic pairs costs, where fine-tuning is paid once whatever their number.

    Parameters
    ----------
    values : as for :func:`synthetic_cost`, whose own pairs fix the cost of one
    pairs : number or NumPy array, at least 0 [pairs]
    fixed_dpo : True where DPO is paid once as well, as on a first round that does not grow

    Returns
    -------
    dollars, a constant and a part in proportion to the pairs [USD]

    Examples
    --------
    >>> round(synthetic_usd_at(parameters.defaults(), 10906), 2), round(synthetic_usd_at(parameters.defaults(), 0), 2)
    (279.74, 42.54)
    """
    cost = synthetic_cost(values)
    once = cost.sft_usd + (cost.dpo_usd if fixed_dpo else 0)
    return once + (cost.total_usd - once) * checked("pairs", pairs, "pairs") / num_pairs(values)
