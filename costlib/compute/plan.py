"""A job, and how it lies on its GPUs: sequences at a time, GPUs that share a copy, memory by phase, the fewest GPUs.

:mod:`costlib.compute.job` makes one from options. Every number may be an array.
"""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from typing import Any, NamedTuple

from costlib.base._arrays import Condition, Numeric, ceil, floor, is_array, maximum, minimum, power_of_two, where
from costlib.base.units import GB
from costlib.compute import engines, inference, memory, rollouts, stages, timing
from costlib.compute.architecture import Architecture
from costlib.compute.coefficients import Coefficients
from costlib.facts.hardware import Hardware, room_gb
from costlib.facts.prices import Prices, Quote
from costlib.facts.schema import Record

PAIRED = ("rm", "dpo")
TAKES_TURNS = ("ppo", "grpo")
GENERATES = (*TAKES_TURNS, "generate")
SHARED = ("tensor_parallel", "pipeline_parallel", "expert_parallel", "context_parallel")


class Job(NamedTuple):
    """One stage to be priced: models, data, GPUs and layout, software, prices.

    Make one with :func:`costlib.compute.job.job`.

    Counts, lengths, GPUs and prices may be arrays; the plan of such a job holds one for each.

    Parameters
    ----------
    stage : sft, rm, dpo, ppo, grpo or generate
    model : Architecture that trains or generates
    data : costlib.compute.stages.Data
    gpu : costlib.facts.schema.Record, a row of gpus.csv
    speed : costlib.compute.timing.FlatSpeed or Roofline
    setup : costlib.compute.memory.Setup; a `micro_batch` of 0 is the most that fits, up to `micro_batch_limit`
    coefficients : costlib.compute.coefficients.Coefficients
    critic, reward : Architecture of each, or None
    more : dict of what the function of the stage takes besides, such as samples
    quote, prices : costlib.facts.prices.Quote that gave the price, if one did, and the table that was asked; without a
        price there are hours and no dollars
    options, hardware : dict of the options as given and the reader's hardware, for the settings of the answer and for
        the same job with other options
    The others are as in `facts/options.csv`.
    """

    stage: str
    model: Architecture
    data: stages.Data
    gpu: Record
    speed: timing.FlatSpeed | timing.Roofline
    setup: memory.Setup
    coefficients: Coefficients
    price_usd_per_gpu_hour: Numeric | None
    attention: str
    more: Mapping[str, Any]
    options: Mapping[str, Any]
    critic: Architecture | None = None
    reward: Architecture | None = None
    micro_batch_limit: Numeric = math.inf
    generation_batch: Numeric | None = None
    generation_limit: Numeric = math.inf
    reach: Numeric | None = None
    weight_bits: int = 16
    kv_bits: Numeric = 16
    rollout_tensor_parallel: Numeric | None = None
    offload_frozen: bool = False
    engine: str = "vllm"
    loop: rollouts.Loop = rollouts.Loop()
    label_price: Numeric = 0
    hardware: Hardware | None = None
    quote: Quote | None = None
    prices: Prices | None = None
    grid: str = ""
    pue: Numeric | None = None

    @property
    def room(self) -> float:
        """What a program can have of the memory of each GPU [bytes]."""
        return room_gb(self.gpu) * GB

    @property
    def writers(self) -> Numeric:
        """GPUs of the pool that generates [GPUs]."""
        return self.setup.gpus if self.loop.rollout_gpus is None else self.loop.rollout_gpus

    @property
    def gpus(self) -> Numeric:
        """GPUs of all pools [GPUs]."""
        return self.setup.gpus + (0 if self.loop.rollout_gpus is None else self.loop.rollout_gpus)

    def generating(self, cost: stages.StageCost) -> Numeric:
        """Return the share of the clock in which responses are written; a pool that does not write waits or learns."""
        part = cost.share("generate") * self.gpus / self.writers
        return where(part < 1, part, 1)

    @property
    def lengths(self) -> rollouts.Lengths:
        """Tokens of prompts and answers that are generated."""
        data = self.data
        return rollouts.Lengths(data.prompt_tokens, data.response_tokens, data.longest - data.prompt_tokens)

    def cost(self, plan: "Plan | None" = None) -> stages.StageCost:
        """Return the costlib.compute.stages.StageCost of the job, on its own plan unless one is given."""
        place = planned(self) if plan is None else plan
        step = self.generation_batch if self.stage in TAKES_TURNS else None
        run = stages.Run(self.speed, place.setup, self.price_usd_per_gpu_hour, self.attention,
                         place.generation_parallel, place.sequences * place.groups, self.reach, self.weight_bits,
                         self.kv_bits, self.engine, self.loop, step)  # fmt: skip
        others = {"critic": self.critic, "reward": self.reward}
        takes = {"ppo": ("critic", "reward"), "grpo": ("reward",), "generate": ("reward",)}.get(self.stage, ())
        models = {name: others[name] for name in takes}
        priced = getattr(stages, {"rm": "reward_model"}.get(self.stage, self.stage))
        more = {"rule": self.reward is None} if self.stage == "ppo" else {}
        cost = priced(self.model, self.data, run, **models, **more, **self.more)
        if not is_array(self.label_price) and not self.label_price:
            return cost
        return cost._replace(steps=(*cost.steps, stages.paid("labels", self.data.examples, self.label_price)))


class Plan(NamedTuple):
    """What a job leaves open, settled.

    Parameters
    ----------
    setup : costlib.compute.memory.Setup with the sequences that pass at a time
    generation_parallel : GPUs that share one copy of a model that generates [GPUs]
    sequences : responses at a time on each of these groups; 1 where none is generated [-]
    rollout_gpus : GPUs of a pool of their own that generate; None where those of `setup` do [GPUs]
    """

    setup: memory.Setup
    generation_parallel: Numeric = 1
    sequences: Numeric = 1
    rollout_gpus: Numeric | None = None

    @property
    def groups(self) -> Numeric:
        """Groups of GPUs that generate side by side [-]."""
        gpus = self.setup.gpus if self.rollout_gpus is None else self.rollout_gpus
        return maximum(1, floor(gpus / self.generation_parallel))


def planned(job: Job) -> Plan:
    """Return the Plan of a job: what it gives, and for all else the most that fits its GPUs.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Plan : micro-batches in powers of two up to the job's limit; groups of GPUs whose cache has room

    Examples
    --------
    >>> from costlib.compute.job import job
    >>> plan = planned(job("sft", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 0, 2048, recompute="full"))
    >>> plan.setup.micro_batch
    32
    """
    ranks, held = _shared_by(job)
    sequences = _sequences(job, ranks, held["generate"]) if "generate" in held else 1
    # What generates does so before training, and holds no activations.
    micro_batch = _micro_batch(job, [parts for name, parts in held.items() if name != "generate"])
    at_a_time = sequences if job.stage == "generate" else micro_batch
    return Plan(job.setup._replace(micro_batch=at_a_time), ranks, sequences, job.loop.rollout_gpus)


def fewest_sequences(job: Job) -> Numeric:
    """Return the fewest sequences that can pass at a time: those given, or one, or the two of a pair.

    Both responses of a pair that stand behind one prompt are one sequence.
    """
    one = 2 if job.stage in PAIRED and not job.more.get("shared_prompt") else 1
    return where(job.setup.micro_batch > 0, job.setup.micro_batch, one)


def phases(job: Job, setup: memory.Setup, ranks: Numeric = 1, sequences: Numeric = 1) -> dict[str, memory.Parts]:
    """Return the bytes on one GPU by phase and part.

    Parameters
    ----------
    job : Job
    setup, ranks, sequences : as in :class:`Plan`

    Returns
    -------
    dict of phase to costlib.compute.memory.Parts [bytes]
    """
    if job.stage == "generate":
        return {"generate": _generating(job, ranks, sequences)}
    if job.stage in TAKES_TURNS:
        return _taking_turns(job, setup, ranks, sequences)
    data = job.data
    length = data.length + (data.response_tokens if job.more.get("shared_prompt") else 0)
    parts = memory.training(job.model, length, setup, job.coefficients)
    if job.stage != "dpo" or not job.more.get("reference", True):
        return {"train": parts}
    # Adapters switched off are the reference for nothing.
    other = memory.Parts() if setup.lora_rank else memory.frozen_weights(job.model, setup).named("reference")
    first = memory.states(job.model, setup) | memory.framework(job.coefficients, setup.gpus)
    first |= memory.scoring(job.model, length, setup, job.coefficients)
    return {"score": memory.one_gathered(first | other), "train": memory.one_gathered(parts | other)}


def held(job: Job, plan: Plan) -> tuple[Plan, dict[str, memory.Parts]]:
    """Return the plan for which memory is told, and the bytes on one GPU by phase and part.

    It is the one that was settled; where that does not fit, the same with the fewest sequences that can pass, so that
    what is full is not the batch that was wanted.

    Examples
    --------
    >>> from costlib.compute.job import job
    >>> large = job("generate", "llama-3.1-70b", "h100-sxm-80gb", 1, 1000, 1024, 1024)
    >>> least, parts = held(large, planned(large))
    >>> least.sequences, round(parts["generate"]["KV cache"] / 1e9, 2)
    (1, 0.67)
    """
    settled = phases(job, *plan[:3])
    fits = memory.peak(settled) <= job.room
    if _everywhere(fits):
        return plan, settled
    few = where(fits, plan.setup.micro_batch, 1 if job.stage == "generate" else fewest_sequences(job))
    least = plan._replace(setup=plan.setup._replace(micro_batch=few), sequences=where(fits, plan.sequences, 1))
    return least, phases(job, *least[:3])


def fewest_gpus(job: Job) -> memory.Fewest:
    """Return the fewest GPUs on which a job fits with the fewest sequences at a time, at the best split of its heads.

    Returns
    -------
    costlib.compute.memory.Fewest
    """
    few, setup, apart = fewest_sequences(job), job.setup, job.loop.rollout_gpus is not None
    group = setup.tensor_parallel * setup.pipeline_parallel * setup.context_parallel
    least = setup.pipeline_parallel * setup.expert_parallel

    def enough(ranks: Numeric, writes: bool = not apart) -> memory.Fewest:
        def peak(gpus: Numeric) -> Numeric:
            if apart and writes:  # whatever the layout of those that learn
                return _generating(job, ranks, 1).total + 0 * gpus
            held = phases(job, job.setup._replace(gpus=gpus, micro_batch=few), ranks)
            return memory.peak({name: parts for name, parts in held.items() if not apart or name != "generate"})

        times, more = (1, ranks) if apart and writes else (group, maximum(ranks, least))
        return memory.min_gpus(peak, room_gb(job.gpu), times, at_least=more)

    given: Iterable[Numeric] | None = None if job.rollout_tensor_parallel is None else [job.rollout_tensor_parallel]
    splits = given or (inference.splits(job.model) if job.stage in GENERATES else [1])
    if not apart:
        return reduce(_fewer, map(enough, splits))
    learns, writes = enough(1), reduce(_fewer, (enough(ranks, True) for ranks in splits))
    return memory.Fewest(learns.gpus + writes.gpus, maximum(learns.rest, writes.rest))


def least_gpus(job: Job) -> Numeric:
    """Return GPUs below which no layout holds a job: what it trains, each value once, fills as many [GPUs].

    Examples
    --------
    6.738e9 parameters of 16 bytes are 107.8 GB, more than one GPU of 80 GB has:

    >>> from costlib.compute.job import job
    >>> least_gpus(job("sft", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 0, 2048))
    2
    """
    one: dict[str, Any] = dict.fromkeys((*SHARED, "gpus", "micro_batch"), 1)
    alone = job.setup._replace(zero=0, **one)
    trains = [job.model, *([job.critic] if job.critic and not job.more.get("shared_critic") else [])]
    held = 0 if job.stage == "generate" else sum(memory.states(model, alone).total for model in trains)
    return maximum(1, ceil(held / job.room))


def _generating(job: Job, ranks: Numeric, sequences: Numeric) -> memory.Parts:
    length = rollouts.kept(job.lengths, engines.find(job.engine).kept, sequences)
    parts = memory.generating(job.model, length, sequences, ranks, job.weight_bits, job.kv_bits, job.coefficients)
    if job.stage == "generate" and job.reward is not None:
        # Its passes follow those that write, and take less than the cache did.
        parts |= memory.Parts({"reward weights": memory.weights(job.reward) / ranks})
    return parts


def _taking_turns(job: Job, setup: memory.Setup, ranks: Numeric, sequences: Numeric) -> dict[str, memory.Parts]:
    critic = "none" if job.critic is None else "shared" if job.more.get("shared_critic") else "separate"
    reference = "separate" if setup.lora_rank is None else "adapters-off"
    none = () if job.more.get("reference", True) else ("reference",)
    reward = "none" if job.reward is None else "separate"
    who = memory.PpoSetup(setup, critic, reference, reward, job.offload_frozen, ranks, sequences, job.kv_bits)
    lengths = job.data.prompt_tokens, job.data.longest - job.data.prompt_tokens
    # None is a model that takes no part, which the setup says.
    held = memory.ppo(job.model, job.critic, job.reward, *lengths, who, job.coefficients)  # type: ignore[arg-type]
    teaches = job.reward is not None and not job.reward.scalar_head
    named = ("reward ", "teacher ") if teaches else ("", "")
    held = {phase: memory.Parts({part.replace(*named): size for part, size in parts.items()
                                 if not part.startswith(none)}) for phase, parts in held.items()}  # fmt: skip
    writes = _generating(job, ranks, sequences)
    if job.loop.rollout_gpus is not None:
        return held | {"generate": writes}
    del writes["framework"]
    if job.weight_bits == 16:
        del writes["weights"]  # the same as those that learn, gathered or not
    held["generate"] |= writes.named("generation")
    return held


def _micro_batch(job: Job, held: Iterable[memory.Parts]) -> Numeric:
    """Sequences at a time: those given, or the most that fit, in powers of two; the fewest where not even they do.

    Of the responses of a batch, which PPO and GRPO share out, none learns from more than its part.
    """
    given, room = job.setup.micro_batch, job.room
    if not held or (not is_array(given) and given > 0):
        return given
    most = reduce(minimum, (memory.most_sequences(parts, room) for parts in held))
    limit = job.micro_batch_limit
    if job.stage in TAKES_TURNS and job.generation_batch is not None:
        part = job.generation_batch * job.setup.tensor_parallel / job.setup.gpus
        limit = minimum(limit, maximum(1, part))
    most = maximum(fewest_sequences(job), power_of_two(minimum(most, limit)))
    return where(given > 0, given, most)


def _sequences(job: Job, ranks: Numeric, parts: memory.Parts) -> Numeric:
    """Responses at a time on each group of GPUs: those wanted, or as many as there is room for."""
    wanted = job.generation_limit
    if job.generation_batch is not None:
        wanted = minimum(wanted, maximum(1, floor(job.generation_batch / maximum(1, floor(job.writers / ranks)))))
    # An engine of its own fills a share of the memory, one beside training takes what is left.
    own = job.stage == "generate" or job.loop.rollout_gpus is not None
    usable = job.coefficients["usable-memory"] if own else 1
    room = floor(memory.most_sequences(parts, job.room * usable) / _share_kept(job))
    # Where only one fits, and beyond that share, it passes alone. Where none does, time is as if the batch did.
    alone = (room < 1) & (parts.total <= job.room)
    return where(alone, 1, where((room >= 1) & (room < wanted), room, wanted))


def _share_kept(job: Job) -> Numeric:
    """Cache of one sequence among many over that of the longest answer alone [fraction]."""
    whole, mean = (rollouts.kept(job.lengths, share, 1e9) for share in (1, engines.find(job.engine).kept))
    one, many = (memory.kv_cache(job.model, length, job.kv_bits, length) for length in (whole, mean))
    return many / where(one > 0, one, 1)


def _shared_by(job: Job) -> tuple[Numeric, dict[str, memory.Parts]]:
    """GPUs that share one copy of a model that generates, and bytes by phase with one sequence and response at a time.

    Enough GPUs to leave room for the cache, if there are as many.
    """
    setup, given = job.setup._replace(micro_batch=1), job.rollout_tensor_parallel
    if job.stage not in GENERATES:
        return 1, phases(job, setup)
    if given is not None:
        return given, phases(job, setup, given)
    gpus, hbm = job.writers, room_gb(job.gpu)
    first = found = 0 * gpus
    for ranks in _order(job.model, hbm, job.weight_bits, job.coefficients):
        there = ranks <= gpus
        first = where(there & (first == 0), ranks, first)
        held = phases(job, setup, ranks)
        found = where(there & (held["generate"].total <= job.room) & (found == 0), ranks, found)
        if _everywhere(found == ranks):
            return ranks, held
        if _everywhere(found > 0):
            break
    found = where(found > 0, found, first)
    return found, phases(job, setup, found)


@lru_cache(maxsize=1024)
def _order(model: Architecture, hbm_gb: Numeric, bits: int, coefficients: Coefficients) -> tuple[int, ...]:
    """Splits of the heads, those first that leave room for the cache, the smallest of them before all."""
    splits = inference.splits(model)
    roomy = inference.ranks_for(model, hbm_gb, bits, coefficients=coefficients)
    smaller = [ranks for ranks in reversed(splits) if ranks < roomy]
    return (*(ranks for ranks in splits if ranks >= roomy), *smaller)


def _everywhere(condition: Condition) -> bool:
    return condition.all() if is_array(condition) else condition


def _fewer(one: memory.Fewest, other: memory.Fewest) -> memory.Fewest:
    """The lesser of two numbers of GPUs, and of what sharding cannot lower where they are equal."""
    better = (other.gpus < one.gpus) | ((other.gpus == one.gpus) & (other.rest < one.rest))
    return memory.Fewest(where(better, other.gpus, one.gpus), where(better, other.rest, one.rest))
