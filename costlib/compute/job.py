"""One answer for one stage: FLOPs, hours, dollars, memory and the fewest GPUs, from names and counts."""

from functools import reduce
from typing import Any, NamedTuple

from costlib._arrays import checked, choice, floor, is_array, maximum, where, whole
from costlib.compute import coefficients, inference, memory, stages, timing
from costlib.compute.architecture import ATTENTION, find
from costlib.facts import catalog, earned, parameters
from costlib.facts.hardware import OF_PROCESS
from costlib.units import GB

STAGES = ("sft", "rm", "dpo", "ppo", "grpo", "generate")
PAIRED = ("rm", "dpo")
MOST_SEQUENCES = 64  # more at a time make no GPU faster


class Estimate(NamedTuple):
    """What a stage takes on some GPUs, and what each of them holds.

    `phases` are the bytes on a GPU by part; `generation_parallel` GPUs share a copy of a model that generates;
    `min_gpus` is infinite where no number of GPUs is enough, and `rest` is then what sharding cannot lower; `predicted`
    is False where one speed for all work was given.
    """

    stage: str
    model: Any
    gpu: Any
    gpus: int
    setup: memory.Setup
    cost: stages.StageCost
    phases: dict
    generation_parallel: int
    min_gpus: float
    rest: float
    predicted: bool = True

    @property
    def hours(self):
        """Wall time, all GPUs at work [h]."""
        return self.cost.gpu_hours / self.gpus

    @property
    def fullest(self):
        """The phase that needs the most memory, and its parts [bytes]."""
        return max(self.phases.items(), key=lambda item: item[1].total)

    @property
    def peak_gb(self):
        """Memory on each GPU in its fullest phase [GB]."""
        return memory.peak(self.phases) / GB

    @property
    def fits(self):
        """Whether the fullest phase fits the GPU."""
        return memory.peak(self.phases) <= self.gpu.hbm_gb * GB

    @property
    def group(self):
        """The group of measurements that time and dollars are held to, a row of `facts/earned.csv`."""
        return "inference" if self.stage == "generate" else "alignment"

    def interval(self, value):
        """Return the ends between which four fifths of measured times or dollars lie, or None if the speed was given.

        >>> low, high = estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256).interval(60)
        >>> low < 60 < high, round(low * high)
        (True, 3600)
        """
        return earned.interval(self.group, value) if self.predicted else None

    def to_dict(self):
        """Return the answer in plain numbers: counts, GB and USD; `min_gpus` is None where it fits on no number.

        The ends of 80 % intervals are None where the speed was given.
        """
        phase, parts = self.fullest
        (hours_low, hours_high), (usd_low, usd_high) = (
            self.interval(value) or (None, None) for value in (self.hours, self.cost.usd)
        )
        shares = {"generation_share": self.cost.share("generate")} if self.stage in ("ppo", "grpo") else {}
        return {
            "stage": self.stage,
            "parameters": self.model.parameters,
            "tokens": whole(self.cost.tokens),
            "flops": self.cost.flops,
            "flat_flops": self.cost.flat_flops,
            "gpu_hours": self.cost.gpu_hours,
            "hours": self.hours,
            "hours_80_low": hours_low,
            "hours_80_high": hours_high,
            "usd": self.cost.usd,
            "usd_80_low": usd_low,
            "usd_80_high": usd_high,
            "interval_group": self.group if self.predicted else None,
            **shares,
            "steps": [step._asdict() for step in self.cost.steps],
            "micro_batch": self.setup.micro_batch,
            "memory_phase": phase,
            "memory_gb_per_gpu": parts.total / GB,
            "memory_parts": {name: size / GB for name, size in parts.items()},
            "fits": self.fits,
            "min_gpus": int(self.min_gpus) if self.min_gpus < float("inf") else None,
        }


def estimate(stage, model, gpu, gpus, examples, prompt_tokens, response_tokens, epochs=1, *, fill=1,
             longest_tokens=None, samples=None, ppo_epochs=1, critic_model=None, reward_model=None, attention="full",
             flat_tflops=None, price_usd_per_gpu_hour=None, micro_batch=None, generation_batch=512,
             hardware=OF_PROCESS, **setup):  # fmt: skip
    """Return what a stage takes.

    Counts, lengths, prices and GPUs may be arrays where `micro_batch` is given; names may not.

    Parameters
    ----------
    stage : "sft", "rm", "dpo", "ppo", "grpo" or "generate"
    model, gpu : names of the catalogue, or of the GPU of `hardware`
    gpus : how many [GPUs]
    examples : examples (sft), pairs (rm, dpo) or prompts (ppo, grpo, generate) [-]
    prompt_tokens, response_tokens, epochs, fill, longest_tokens : as in :class:`costlib.compute.stages.Data`
    price_usd_per_gpu_hour : None takes the published price [USD per GPU-hour]
    flat_tflops : one speed for all work instead of the roofline of the GPU [TFLOP/s]
    attention : "full" or "causal"
    micro_batch : sequences at a time on each GPU, a pair being two; None takes the most that fit, up to 64 [-]
    samples : responses to each prompt; None takes 8 for grpo, else 1 [-]
    ppo_epochs, generation_batch : as in :mod:`costlib.compute.stages`
    critic_model, reward_model : names; None takes the actor's size for ppo, and a rule instead of a model for grpo
    hardware : costlib.facts.hardware.Hardware of the reader, with its GPU and coefficients; None for the book's alone
    setup : other settings of :class:`costlib.compute.memory.Setup`, such as zero (here 3 unless given), recompute,
        lora_rank

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError : for unknown names, with the nearest ones, or values out of range

    Examples
    --------
    >>> answer = estimate("sft", "llama-2-70b", "a100-sxm-80gb", 64, 64000, 0, 4096, recompute="full")
    >>> f"{answer.cost.flops:.4e}", answer.fits, answer.min_gpus
    ('1.5536e+20', True, 17)
    """
    choice("stage", stage, STAGES)
    choice("attention", attention, ATTENTION)
    for name in setup:
        choice("setting", name, memory.Setup._fields)
    known = coefficients.of(hardware)
    arch, device = find(model), catalog.find("gpus", gpu, hardware)
    gpus = checked("gpus", gpus, "GPUs", low_is_allowed=False)
    trained = arch.with_scalar_head() if stage == "rm" else arch
    critic = _trunk(critic_model, arch if stage == "ppo" else None)
    reward = _trunk(reward_model, arch if stage == "ppo" else None)
    data = stages.Data(examples, prompt_tokens, response_tokens, epochs, fill, longest_tokens).checked()
    plan = memory.Setup(**{"zero": 3} | setup | {"gpus": gpus, "micro_batch": 1})
    if stage == "generate":
        plan = plan._replace(lora_rank=None, base_bits=16)
    plan.checked(trained)

    def phases(gpus=gpus, sequences=1, answers=1, ranks=1):
        here = plan._replace(gpus=gpus, micro_batch=sequences)
        return _phases(stage, trained, critic, reward, data, here, ranks, answers, known)

    fewest = 2 if stage in PAIRED else 1
    if micro_batch is not None:
        fewest = checked("micro_batch", micro_batch, "sequences", low_is_allowed=False)
    splits = _splits(arch) if "generate" in phases() else [1]

    def peak(ranks, gpus=gpus):
        return memory.peak(phases(gpus, fewest, ranks=ranks))

    def enough(ranks):
        return memory.min_gpus(lambda count: peak(ranks, count), device.hbm_gb, plan.tensor_parallel, at_least=ranks)

    needed = reduce(_fewer, map(enough, splits))
    ranks = _ranks(splits, arch, device, gpus, peak, known)
    if micro_batch is None:
        micro_batch = _most_sequences(lambda most: phases(sequences=most, ranks=ranks), device.hbm_gb, fewest)
    plan = plan._replace(micro_batch=micro_batch)
    groups = maximum(1, floor(gpus / ranks))
    answers = 1
    if "generate" in phases():
        room = memory.largest_micro_batch(lambda n: phases(answers=n, ranks=ranks)["generate"].total, device.hbm_gb)
        wanted = maximum(1, floor(generation_batch / groups))
        answers = where((room >= 1) & (room < wanted), room, wanted)
    if stage == "generate":
        plan = plan._replace(micro_batch=answers)
    if price_usd_per_gpu_hour is None:
        price_usd_per_gpu_hour = parameters.defaults()["price_usd_per_gpu_hour"]
    speed = timing.FlatSpeed(flat_tflops) if flat_tflops is not None else timing.roofline(gpu, coefficients=known)
    run = stages.Run(speed, plan, price_usd_per_gpu_hour, attention, ranks, answers * groups)
    cost = _cost(stage, trained, critic, reward, data, run, samples, ppo_epochs)
    return Estimate(stage, arch, device, gpus, plan, cost, phases(gpus, micro_batch, answers, ranks), ranks, *needed,
                    flat_tflops is None)  # fmt: skip


def _cost(stage, model, critic, reward, data, run, samples, ppo_epochs):
    samples = (8 if stage == "grpo" else 1) if samples is None else samples
    if stage == "ppo":
        return stages.ppo(model, data, run, critic, reward, samples, ppo_epochs)
    if stage == "grpo":
        return stages.grpo(model, data, run, reward, samples, ppo_epochs)
    if stage == "generate":
        return stages.generate(model, data, run, samples)
    return {"sft": stages.sft, "rm": stages.reward_model, "dpo": stages.dpo}[stage](model, data, run)


def _phases(stage, model, critic, reward, data, plan, ranks, answers, known):
    """Bytes on one GPU, by phase and part."""
    longest = data.prompt_tokens + (data.response_tokens if data.longest_tokens is None else data.longest_tokens)
    # Adapters switched off are the reference for nothing.
    reference = "separate" if plan.lora_rank is None else "adapters-off"
    if stage == "generate":
        return {"generate": memory.generating(model, longest, answers, ranks, coefficients=known)}
    if stage in ("ppo", "grpo"):
        setup = memory.PpoSetup(plan, "separate" if critic else "none", reference, "separate" if reward else "none",
                                generation_parallel=ranks, sequences=answers)  # fmt: skip
        return memory.ppo(model, critic, reward, data.prompt_tokens, longest - data.prompt_tokens, setup, known)
    parts = memory.training(model, data.length, plan, known)
    if stage == "dpo" and reference == "separate":
        parts = memory.one_gathered(parts | memory.frozen_weights(model, plan).named("reference"))
    return {"train": parts}


def _most_sequences(phases, hbm_gb, fewest):
    """The most sequences at a time that fit, in steps of two's powers; the fewest where none fit."""
    most = fewest
    while most < MOST_SEQUENCES and memory.peak(phases(2 * most)) <= hbm_gb * GB:
        most *= 2
    return most


def _splits(model):
    """Numbers of GPUs over which the heads of a model can be spread."""
    return [ranks for ranks in range(1, int(model.heads) + 1) if model.heads % ranks == 0]


def _ranks(splits, model, gpu, gpus, peak, known):
    """GPUs that share one copy of a model that generates: enough to leave room for the cache, if there are as many."""
    roomy = inference.ranks_for(model, gpu.hbm_gb, coefficients=known) if len(splits) > 1 else 1
    order = [ranks for ranks in splits if ranks >= roomy] + [ranks for ranks in reversed(splits) if ranks < roomy]
    if is_array(peak(1)):
        return _ranks_of_each(order, gpu, gpus, peak)
    preferred = [ranks for ranks in order if ranks <= gpus]
    return next((ranks for ranks in preferred if peak(ranks) <= gpu.hbm_gb * GB), preferred[0])


def _ranks_of_each(order, gpu, gpus, peak):
    """The same where GPUs or lengths are arrays: the first in order of those that fit, else of those that there are."""
    first = fitting = 0 * peak(1)
    for ranks in reversed(order):
        first = where(ranks <= gpus, ranks, first)
        fitting = where((ranks <= gpus) & (peak(ranks) <= gpu.hbm_gb * GB), ranks, fitting)
    return where(fitting > 0, fitting, first)


def _fewer(one, other):
    """The lesser of two numbers of GPUs, and of what sharding cannot lower where they are equal."""
    better = (other.gpus < one.gpus) | ((other.gpus == one.gpus) & (other.rest < one.rest))
    return memory.Fewest(where(better, other.gpus, one.gpus), where(better, other.rest, one.rest))


def _trunk(name, otherwise):
    """The architecture of a critic or reward model."""
    chosen = find(name) if name is not None else otherwise
    return None if chosen is None else chosen.with_scalar_head()
