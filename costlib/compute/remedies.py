"""What would make a job fit that does not: changes of its options, each evaluated, the cheapest to do first.

Where no single change is enough, all that lower the memory are tried together, on each number of GPUs that can share a
layer, without adapters and with them; what is not needed is then taken away again. The fewest GPUs are sought in the
layout as given and, below that number, in every layout that :mod:`costlib.compute.job` can find.

A remedy is what a reader gives at the command, in place of an option of that name. What it does to the trained model's
quality, or to the memory of the host, is not computed.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from costlib.base._arrays import Numeric
from costlib.compute import memory
from costlib.compute.architecture import RECOMPUTE, Architecture
from costlib.facts import options

Change: TypeAlias = dict[str, Any]
# Of a change to the costlib.compute.job.Estimate of the job that has it.
Answered: TypeAlias = Callable[[Change], Any]
AUTO: Change = {"layout": "auto"}
POWERS, WIDEST, MOST_COUNTS = [2**n for n in range(15)], 8, 64  # numbers of GPUs that are tried
RANK = 16  # of adapters that nobody asked for
HALVINGS = 6  # of the lengths
LENGTHS = ("prompt_tokens", "response_tokens", "longest_tokens")
MOST_RANKS, NODE, TWICE = (
    64,
    (2, 4, 8),
    (2, 4, 8, 16, 32, 64),
)  # GPUs that share a layer, and those tried where their number is free
# What is tried: of each line the changes one after the other, until the job fits.
SWITCHES: tuple[dict[str, Change], ...] = (
    {"every second product computed again": {"recompute": "selective"},
     "activations computed again": {"recompute": "full"}},
    {"logits in chunks": {"logits": "chunked"}, "logits fused with the loss": {"logits": "fused"}},
    {"states sharded over the GPUs": {"zero": 3}},
    {"attention without the square of a sequence": {"attention_kernel": "flash"}},
    {"fused norms and gates": {"fused": True}},
    {"cache in 8 bits": {"kv_bits": 8}, "cache in 4 bits": {"kv_bits": 4}},
    {"scorers on the host while they wait": {"offload_frozen": True}},
    {"inputs of layers on the host": {"offload": "activations"}, "optimizer on the host": {"offload": "optimizer"},
     "all states on the host": {"offload": "all"}},
    {"moments in 8 bits": {"recipe": "adam8bit-10"}, "moments in 8 bits, no master copy": {"recipe": "adam8bit-6"}},
    {"weights in 8 bits": {"weight_bits": 8}, "weights in 4 bits": {"weight_bits": 4}},
)  # fmt: skip
STRONGER = {"offload": memory.OFFLOAD, "logits": memory.LOGITS, "recompute": RECOMPUTE}
ADAPTERS: tuple[dict[str, Change], ...] = (
    {"adapters (LoRA)": {"lora_rank": RANK}},
    {"adapters, base in 8 bits": {"lora_rank": RANK, "base_bits": 8},
     "adapters, base in 4 bits": {"lora_rank": RANK, "base_bits": 4}},
)  # fmt: skip


class Remedy(NamedTuple):
    """A change of options that was tried: what it does, memory on each GPU [GB], whether it fits, hours, USD."""

    change: Change
    does: str
    memory_gb_per_gpu: Numeric
    fits: bool
    hours: Numeric | None
    usd: Numeric | None

    @property
    def options(self) -> str:
        """The change as options of the command.

        >>> Remedy({"lora_rank": 16, "fused": True}, "", 1.0, True, 1.0, 1.0).options
        '--lora-rank 16 --fused'
        """
        return options.typed(self.change)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values."""
        return {"options": self.options, **self._asdict()}


def found(model: Architecture, settings: Mapping[str, Any], answered: Answered,
          least: Numeric = 1) -> tuple[Remedy, ...]:  # fmt: skip
    """Return what was tried to make a job fit: single changes and, if none is enough, combinations that are.

    Parameters
    ----------
    model : Architecture that trains or generates
    settings : options of the job with their values, as of :attr:`costlib.compute.job.Estimate.settings`
    answered : function of a change to the answer of the changed job
    least : GPUs below which no layout holds the job, as of :func:`costlib.compute.plan.least_gpus` [GPUs]

    Returns
    -------
    tuple of Remedy, the cheapest to do first

    Examples
    --------
    >>> from costlib.compute.job import estimate
    >>> asked = estimate("generate", "llama-3.1-70b", "h100-sxm-80gb", 1, 1000, 1024, 1024)
    >>> [(each.options, round(each.memory_gb_per_gpu)) for each in asked.remedies if each.fits]
    [('--weight-bits 8', 76), ('--gpus 2', 76), ('--gpus 4', 68)]
    """
    known: dict[tuple[tuple[str, Any], ...], Any] = {}

    def answer(change: Change) -> Any:
        """The answer to a change, computed once; None for one that the job cannot have."""
        key = tuple(sorted(change.items()))
        if key not in known:
            try:
                known[key] = answered(change)
            except ValueError:
                known[key] = None
        return known[key]

    alone = [remedy for changes in _singles(model, settings) if (remedy := _first(changes, answer))]
    more = _more_gpus({}, answer)
    laid = [*_laid_out(settings, answer, least, more)]
    if any(each.fits and each.change.keys().isdisjoint(LENGTHS) for each in alone):
        return (*alone, *laid, *more)
    together: list[Remedy] = []
    for found in _combined(model, settings, answer, not any(each.fits for each in more)):
        together += [found] if found not in together else []
    return (*alone, *together, *laid, *more)


def _laid_out(settings: Mapping[str, Any], answered: Answered, least: Numeric,
              more: Sequence[Remedy]) -> Iterator[Remedy]:  # fmt: skip
    """The fastest layout on the GPUs of the job, and the fewest GPUs that any layout takes, if fewer than as given.

    Where the layout as given never fits, powers of two are tried, as far from the least number as `WIDEST`. The host
    holds nothing that nobody put there.
    """
    if "layout" not in settings:
        return
    if settings["layout"] != AUTO["layout"] and (answer := answered(AUTO)) is not None:
        yield tried("the fastest layout that is found", AUTO, answer)
    top = more[0].change["gpus"] if more else 0
    counts = range(int(least), top) if top else [n for n in POWERS if least <= n <= WIDEST * least]
    if len(counts) > MOST_COUNTS:  # whole nodes
        counts = [n for n in counts if n % NODE[-1] == 0]
    for count in counts:
        change = AUTO | {"offload": settings["offload"], "gpus": count}
        if (answer := answered(change)) is not None and answer.fits:
            yield tried(
                "the fewest GPUs found, offloading as it is" if top else "GPUs in the fastest layout", change, answer
            )
            return


def _singles(model: Architecture, settings: Mapping[str, Any]) -> Iterator[dict[str, Change]]:
    """Single changes that the stage knows and the job does not have yet; the sharding of one GPU is none."""
    if settings.get("micro_batch", 0) > 1:
        yield {"fewer sequences at a time": {"micro_batch": 0}}
    for changes in SWITCHES + ADAPTERS:
        left = {does: new for does, change in changes.items() if (new := _new(settings, change))}
        if settings["gpus"] > 1 or not any("zero" in change for change in left.values()):
            yield left
    for does, shared in (("experts over {expert_parallel} GPUs", _experts), ("each layer over {tensor_parallel} GPUs",
                         _ranks), ("layers over a pipeline of {pipeline_parallel}", _stages)):  # fmt: skip
        yield {does.format(**change): change for change in shared(model, settings, settings["gpus"])}
    lengths = {name: settings[name] for name in LENGTHS if settings.get(name)}
    yield {f"1/{2**halving} of the tokens": {
        name: max(1, int(value // 2**halving)) for name, value in lengths.items()
    } for halving in range(1, HALVINGS)}  # fmt: skip


def _ranks(model: Architecture, settings: Mapping[str, Any], gpus: int) -> list[Change]:
    """More GPUs that share each layer, as heads and GPUs can be divided; 0 are as many as it takes."""
    now, every = settings.get("tensor_parallel", MOST_RANKS), math.gcd(int(model.heads), gpus)
    return [{"tensor_parallel": n} for n in (range(MOST_RANKS + 1) if gpus else NODE) if n > now and every % n == 0]


def _experts(model: Architecture, settings: Mapping[str, Any], gpus: int) -> list[Change]:
    """More GPUs that share the experts of a layer; 0 are as many as it takes."""
    now, most = settings.get("expert_parallel", MOST_RANKS), min(model.experts, MOST_RANKS)
    return [{"expert_parallel": n} for n in (TWICE if gpus else NODE) if now < n <= most and (gpus or n) % n == 0]


def _stages(model: Architecture, settings: Mapping[str, Any], gpus: int) -> list[Change]:
    """Longer pipelines, whose stages share out the optimizer alone; 0 are as many GPUs as it takes."""
    now, most = settings.get("pipeline_parallel", MOST_RANKS), min(model.layers, MOST_RANKS)
    each = [n for n in (TWICE if gpus else NODE) if now < n <= most and (gpus or n) % n == 0]
    return [{"pipeline_parallel": n, "zero": min(1, settings["zero"])} for n in each]


def _new(settings: Mapping[str, Any], change: Change) -> Change:
    """What of a change is new to a job; nothing where the stage does not know it, or has as much already."""
    if not change.keys() <= settings.keys():
        return {}
    return {name: value for name, value in change.items() if _is_less(name, value, settings[name])}


def _is_less(name: str, value: Any, now: Any) -> bool:
    """Whether a setting takes less memory than that of now; a rank that was given stays."""
    if name.endswith("bits"):
        return value < now
    if name == "recipe":
        return memory.RECIPES[value].total < memory.RECIPES[now].total
    if name in STRONGER:
        return STRONGER[name].index(value) > STRONGER[name].index(now)
    return now is None if name == "lora_rank" else value != now


def _first(changes: Mapping[str, Change], answered: Answered) -> Remedy | None:
    """The first of some changes with which the job fits, else the last; None without any."""
    remedy = None
    for does, change in changes.items():
        if (answer := answered(change)) is None:
            continue
        remedy = tried(does, change, answer)
        if remedy.fits:
            break
    return remedy


def tried(does: str, change: Change, answer: Any) -> Remedy:
    """Return a change as it turned out, from what it does and the answer of the job that has it."""
    hours, usd = (answer.hours, answer.usd) if answer.fits else (None, None)
    return Remedy(change, does, answer.peak_gb, bool(answer.fits), hours, usd)


def _more_gpus(change: Change, answered: Answered) -> list[Remedy]:
    """As many GPUs as a change leaves to be needed, and twice as many, if any number is enough."""
    if (answer := answered(change)) is None:
        return []
    fewest, most = answer.min_gpus, options.options()["gpus"].maximum or 1
    counts = {"the fewest GPUs in this layout": fewest, "twice the fewest GPUs": 2 * fewest}
    changes = {does: change | {"gpus": int(count)} for does, count in counts.items() if count <= most}
    return [tried(does, each, answer) for does, each in changes.items() if (answer := answered(each))]


def _combined(model: Architecture, settings: Mapping[str, Any], answered: Answered,
              more: bool) -> Iterator[Remedy]:  # fmt: skip
    """The smallest sets of changes that were found to be enough: one without new adapters, and one with them.

    They are of the GPUs of the job or, where these are too few and `more` says so, of the fewest that are then needed.
    """
    for adapters in (False, True):
        sets = [_pruned(parts, answered) for parts in _sets(model, settings, adapters, settings["gpus"])
                if _fits(parts, answered)]  # fmt: skip
        if not sets and more:
            wider = [[{"gpus": enough.change["gpus"]}, *parts] for parts in _sets(model, settings, adapters, 0)
                     if (enough := _enough(_together(parts), answered))]  # fmt: skip
            sets = [_pruned(min(wider, key=lambda parts: parts[0]["gpus"]), answered)] if wider else []
        if sets:
            change = _together(min(sets, key=len))
            yield tried("all of these together", change, answered(change))


def _sets(model: Architecture, settings: Mapping[str, Any], adapters: bool, gpus: int) -> Iterator[list[Change]]:
    """All that lowers the memory of a job, on each number of GPUs that can share a layer, with each kind of adapters.

    Of base weights in 4 bits, which nobody shards unasked, sharded ones are a kind of their own.
    """
    fewer: Change = {"micro_batch": 0} if settings.get("micro_batch", 0) > 1 else {}
    switches = [_new(settings, list(changes.values())[-1]) for changes in SWITCHES]
    switches = [fewer, *(change for change in switches if gpus != 1 or "zero" not in change)]
    found = [[new] for changes in ADAPTERS for change in changes.values() if (new := _new(settings, change))]
    sharded = [[*kind, {"zero": 3}] for kind in found if kind[0].get("base_bits") == 4 and gpus != 1]
    experts = [{}, *_experts(model, settings, gpus)][-1]
    for kind in [*found, *sharded] if adapters else [[]]:
        for rank in ({}, *_ranks(model, settings, gpus), *_stages(model, settings, gpus)):
            yield [*kind, *switches, experts, rank]


def _enough(change: Change, answered: Answered) -> Remedy | None:
    """A number of GPUs with which a change fits, counted from those that share a layer."""
    least = {"gpus": change["tensor_parallel"]} if "tensor_parallel" in change else {}
    return next((each for each in _more_gpus(change | least, answered) if each.fits), None)


def _pruned(parts: Sequence[Change], answered: Answered) -> list[Change]:
    """As few of some changes as are enough, the first of them being the last to go, and of each line the least."""
    needed = [part for part in parts if part]
    for part in needed[::-1]:
        if len(needed) > 1 and _fits(fewer := [each for each in needed if each is not part], answered):
            needed = fewer
    for changes in SWITCHES:
        mild, *_, strong = [*changes.values(), *changes.values()]
        weaker = [mild if part == strong else part for part in needed]
        needed = weaker if weaker != needed and _fits(weaker, answered) else needed
    return needed


def _fits(parts: Sequence[Change], answered: Answered) -> bool:
    answer = answered(_together(parts))
    return answer is not None and bool(answer.fits)


def _together(parts: Sequence[Change]) -> Change:
    return {name: value for part in parts for name, value in part.items()}
