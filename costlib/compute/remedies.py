"""What would make a job fit that does not: changes of its options, each evaluated, the cheapest to do first.

A remedy is what a reader gives at the command, in place of an option of that name. What it does to the trained model's
quality, or to the memory of the host, is not computed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from costlib._arrays import Numeric
from costlib.compute import memory
from costlib.compute.architecture import Architecture
from costlib.facts import options

Change: TypeAlias = dict[str, Any]
# Of a change to the costlib.compute.job.Estimate of the job that has it.
Answered: TypeAlias = Callable[[Change], Any]
RANK = 16  # of adapters that nobody asked for
HALVINGS = 6  # of the lengths
# What is tried: of each line the changes one after the other, until the job fits.
SWITCHES: tuple[dict[str, Change], ...] = (
    {"activations computed again": {"recompute": "full"}},
    {"states sharded over the GPUs": {"zero": 3}},
    {"attention without the square of a sequence": {"attention_kernel": "flash"}},
    {"fused norms and gates": {"fused": True}},
    {"cache in 8 bits": {"kv_bits": 8}, "cache in 4 bits": {"kv_bits": 4}},
    {"scorers on the host while they wait": {"offload_frozen": True}},
    {"optimizer on the host": {"offload": "optimizer"}, "all states on the host": {"offload": "all"}},
    {"moments in 8 bits": {"recipe": "adam8bit-10"}},
    {"weights in 8 bits": {"weight_bits": 8}, "weights in 4 bits": {"weight_bits": 4}},
)
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
        flags = {name: options.options()[name].flag for name in self.change}
        return " ".join(flags[name] + ("" if value is True else f" {value}") for name, value in self.change.items())

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values."""
        return {"options": self.options, **self._asdict()}


def found(model: Architecture, settings: Mapping[str, Any],
          answered: Answered) -> tuple[Remedy, ...]:  # fmt: skip
    """Return what was tried to make a job fit: single changes and, if none is enough, combinations that are.

    Parameters
    ----------
    model : Architecture that trains or generates
    settings : options of the job with their values, as of :attr:`costlib.compute.job.Estimate.settings`
    answered : function of a change to the answer of the changed job

    Returns
    -------
    tuple of Remedy, the cheapest to do first

    Examples
    --------
    >>> from costlib.compute.job import estimate
    >>> asked = estimate("generate", "llama-3.1-70b", "h100-sxm-80gb", 1, 1000, 1024, 1024)
    >>> [(each.options, round(each.memory_gb_per_gpu)) for each in asked.remedies if each.fits]
    [('--weight-bits 8', 74), ('--gpus 2', 72), ('--gpus 4', 72)]
    """
    tried = [remedy for changes in _singles(model, settings) if (remedy := _first(changes, answered))]
    tried += _more_gpus({}, answered)
    if not any(each.fits for each in tried):
        for more in ((), ADAPTERS[-1:]):
            tried += [each for each in _combined(settings, more, answered) if each not in tried]
    return tuple(tried)


def _singles(model: Architecture, settings: Mapping[str, Any]) -> Iterator[dict[str, Change]]:
    """Single changes that the stage knows and the job does not have yet; the sharding of one GPU is none."""
    if settings.get("micro_batch", 0) > 1:
        yield {"fewer sequences at a time": {"micro_batch": 0}}
    for changes in SWITCHES + ADAPTERS:
        left = {does: new for does, change in changes.items() if (new := _new(settings, change))}
        if settings["gpus"] > 1 or not any("zero" in change for change in left.values()):
            yield left
    if "tensor_parallel" in settings and not settings.get("critic_model"):
        ranks = [n for n in (2, 4, 8) if n > settings["tensor_parallel"] and not model.heads % n + settings["gpus"] % n]
        yield {f"each layer over {n} GPUs": {"tensor_parallel": n} for n in ranks}
    lengths = {name: settings[name] for name in ("prompt_tokens", "response_tokens", "longest_tokens")
               if settings.get(name)}  # fmt: skip
    yield {f"1/{2**halving} of the tokens": {
        name: max(1, int(value // 2**halving)) for name, value in lengths.items()
    } for halving in range(1, HALVINGS)}  # fmt: skip


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
    if name == "offload":
        return memory.OFFLOAD.index(value) > memory.OFFLOAD.index(now)
    return now is None if name == "lora_rank" else value != now


def _first(changes: Mapping[str, Change], answered: Answered) -> Remedy | None:
    """The first of some changes with which the job fits, else the last; None without any."""
    remedy = None
    for does, change in changes.items():
        remedy = _tried(does, change, answered(change))
        if remedy.fits:
            break
    return remedy


def _tried(does: str, change: Change, answer: Any) -> Remedy:
    hours, usd = (answer.hours, answer.usd) if answer.fits else (None, None)
    return Remedy(change, does, answer.peak_gb, bool(answer.fits), hours, usd)


def _more_gpus(change: Change, answered: Answered) -> list[Remedy]:
    """As many GPUs as a change leaves to be needed, and twice as many, if any number is enough."""
    fewest, most = answered(change).min_gpus, options.options()["gpus"].maximum or 1
    counts = {"the fewest GPUs": fewest, "twice the fewest GPUs": 2 * fewest}
    changes = {does: change | {"gpus": int(count)} for does, count in counts.items() if count <= most}
    return [_tried(does, each, answered(each)) for does, each in changes.items()]


def _combined(settings: Mapping[str, Any], more: Sequence[Mapping[str, Change]],
              answered: Answered) -> Iterator[Remedy]:  # fmt: skip
    """The switches and some more on top of each other until the job fits, at last on more GPUs; none that is idle."""
    parts: list[Change] = []
    for changes in (*SWITCHES, *more):
        parts.append(_new(settings, list(changes.values())[-1]))
        if answered(_together(parts)).fits:
            break
    else:
        parts += [{"gpus": each.change["gpus"]} for each in _more_gpus(_together(parts), answered)[:1]]
    for part in parts[-2::-1]:
        fewer = [each for each in parts if each is not part]
        if answered(_together(fewer)).fits:
            parts = fewer
    if (answer := answered(_together(parts))).fits:
        yield _tried("all of these together", _together(parts), answer)


def _together(parts: Sequence[Change]) -> Change:
    return {name: value for part in parts for name, value in part.items()}
