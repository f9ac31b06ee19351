"""One job, one answer: options become a job, the job a plan, the plan costs, and costs the quantities of an answer.

Options are described in `facts/options.csv`, quantities in `facts/outputs.csv`. Whoever asks what a stage takes, at the
command, in Python, on a page or in a chapter, builds a :class:`Job` and prints from an :class:`Estimate`.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from costlib.base import fmt
from costlib.base._arrays import Condition, Numeric, is_array, largest, minimum, require, where, whole
from costlib.base.units import GB, SECONDS_PER_HOUR
from costlib.compute import (
    coefficients,
    energy,
    engines,
    footprint,
    inference,
    memory,
    parallelism,
    plan,
    remedies,
    rollouts,
    stages,
    timing,
)
from costlib.compute.architecture import Architecture
from costlib.compute.models import find
from costlib.compute.plan import Job
from costlib.facts import catalog, judges, options, outputs, parameters, regimes
from costlib.facts.hardware import OF_PROCESS, Hardware, expected
from costlib.facts.prices import Prices, published

STAGES = options.STAGES
DOING = {"generate": "generating", "score": "scoring", "train": "training"}  # by phase
ENERGY = ("energy_kwh", "co2_kg")
SHORTLIST = 16  # layouts of which the whole bill is made, where the fastest is wanted
CHEAPEST, PARTS = 0, 16  # GPUs that write, where the cheapest split is wanted, of as many parts
LARGEST = 4  # parts that a reason names
# Options that a function of a stage takes under their own names.
MORE = {
    "sft": (), "rm": ("shared_prompt",), "generate": ("samples",),
    "dpo": ("cached_reference", "reference", "paired", "more_forwards"),
    "ppo": ("samples", "ppo_epochs", "score_again", "ptx_tokens", "shared_critic", "reference", "kept_share"),
    "grpo": ("samples", "ppo_epochs", "score_again", "reference", "kept_share"),
}  # fmt: skip
OF_VARIANT = ("samples", "kept_share", "reference", "score_again", "paired", "more_forwards")


def job(stage: str, model: str | None = None, gpu: str | None = None, gpus: Numeric | None = None,
        examples: Numeric | None = None, prompt_tokens: Numeric | None = None, response_tokens: Numeric | None = None,
        epochs: Numeric | None = None, *, hardware: Hardware | None = OF_PROCESS, prices: Prices | None = None,
        **more: Any) -> Job:  # fmt: skip
    """Return the Job that some options describe, as for :func:`estimate`."""
    work = {"model": model, "gpu": gpu, "gpus": gpus, "examples": examples, "prompt_tokens": prompt_tokens,
            "response_tokens": response_tokens, "epochs": epochs}  # fmt: skip
    given = {name: value for name, value in (work | more).items() if value is not None}
    chosen = options.check(stage, given, hardware)
    known, actor = coefficients.of(expected(hardware)), find(chosen["model"]).architecture
    device = catalog.find("gpus", chosen["gpu"], hardware)
    trained = actor.with_scalar_head() if stage == "rm" else actor
    if not is_array(chosen.get("rollout_gpus")) and chosen.get("rollout_gpus") == CHEAPEST:
        return _cheapest_split(stage, given, chosen["gpus"], hardware, prices)
    _settle_pools(stage, chosen)
    _settle_variant(stage, chosen)
    flat, price, setup = chosen["flat_tflops"], chosen["price_usd_per_gpu_hour"], _setup(stage, chosen)
    setup._replace(micro_batch=1).checked(trained)
    asked = None if price is not None else (device.name, chosen["provider"], chosen["price_kind"])
    quote = (prices or published()).quote(*asked) if asked else None
    if stage in plan.TAKES_TURNS and chosen["generation_batch"] is None:
        chosen["generation_batch"] = parameters.defaults()["rollout_batch"]
    waits = stage in plan.TAKES_TURNS and engines.find(chosen["engine"]).batching == "continuous"
    if stage in plan.TAKES_TURNS and not waits:
        _check_static(chosen)
    if waits and chosen["longest_tokens"] is None:
        chosen["longest_tokens"] = catalog.assumption("longest-over-mean") * chosen["response_tokens"]
    found = {
        "stage": stage,
        "model": trained,
        "data": stages.Data(**_named(stages.Data, chosen)).checked(),
        "gpu": device,
        "speed": _speed(device.name, chosen, known) if flat is None else timing.FlatSpeed(flat),
        "setup": setup,
        "coefficients": known,
        "price_usd_per_gpu_hour": quote.usd if quote else price,
        "quote": quote,
        "prices": prices,
        "more": MappingProxyType(_more(stage, chosen)),
        "options": MappingProxyType(given),
        "hardware": hardware,
        "grid": catalog.find("grids", chosen["grid"]).name,
        "critic": _scoring(chosen["critic_model"], actor) if stage == "ppo" else None,
        "reward": _rewarding(chosen, actor),
        "loop": rollouts.Loop(**_named(rollouts.Loop, chosen)).checked(),
    }
    made = Job(**_named(Job, chosen) | found)
    _check_ranks(made)
    return made if chosen.get("layout") != "auto" else _fastest(made, given)


def estimate(stage: str, model: str | None = None, gpu: str | None = None, gpus: Numeric | None = None,
             examples: Numeric | None = None, prompt_tokens: Numeric | None = None,
             response_tokens: Numeric | None = None, epochs: Numeric | None = None, *,
             hardware: Hardware | None = OF_PROCESS, prices: Prices | None = None,
             **more: Any) -> "Estimate":  # fmt: skip
    """Return what a stage takes.

    Counts, lengths, prices and GPUs may be arrays; names and choices may not. An option that is not given, or None, is
    left to what stands behind its meaning.

    Parameters
    ----------
    stage : "sft", "rm", "dpo", "ppo", "grpo" or "generate"
    hardware : costlib.facts.hardware.Hardware of the reader, with its GPU and coefficients; None for the book's alone
    prices : costlib.facts.prices.Prices of the reader; None for the book's
    OPTIONS

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError : for unknown names, with the nearest ones, values out of range, what is missing, or options that the
        stage does not use

    Examples
    --------
    >>> answer = estimate("sft", "llama-2-70b", "a100-sxm-80gb", 64, 64000, 0, 4096, recompute="full")
    >>> f"{answer.cost.flops:.4e}", answer.fits, answer.min_gpus
    ('1.4973e+20', True, 16)
    """
    return Estimate(job(stage, model, gpu, gpus, examples, prompt_tokens, response_tokens, epochs, hardware=hardware,
                        prices=prices, **more))  # fmt: skip


# Since Python 3.13 a docstring has lost its indentation here.
_DOC = estimate.__doc__ or ""
estimate.__doc__ = _DOC.replace("OPTIONS", options.described(_DOC.partition("OPTIONS")[0].rpartition("\n")[2]))


class Estimate:
    """What a job takes on its GPUs, and what each of them holds.

    `setup` has the sequences at a time, `generation_parallel` GPUs share a copy of a model that generates; `phases`
    are the bytes on a GPU by part, with the sequences settled or, where the job does not fit, the fewest that can
    pass; hours and dollars are then what it would take. `min_gpus` is infinite where no number of GPUs is enough,
    and `rest` is then what sharding cannot lower [bytes]; `predicted` is False where one speed for all work was
    given.
    """

    def __init__(self, job: Job) -> None:
        self.job, self.plan = job, plan.planned(job)
        self.stage, self.model, self.gpu, self.gpus = job.stage, job.model, job.gpu, job.gpus
        self.setup, self.generation_parallel = self.plan.setup, self.plan.generation_parallel
        self.predicted = not isinstance(job.speed, timing.FlatSpeed)

    @cached_property
    def cost(self) -> stages.StageCost:
        """Tokens, FLOPs, GPU-hours and dollars by step, a costlib.compute.stages.StageCost."""
        return self.job.cost(self.plan)

    @cached_property
    def _held(self) -> tuple[plan.Plan, dict[str, memory.Parts]]:
        return plan.held(self.job, self.plan)

    @property
    def phases(self) -> dict[str, memory.Parts]:
        """Bytes on each GPU by phase and part."""
        return self._held[1]

    @property
    def at_a_time(self) -> Numeric:
        """Sequences in the fullest phase: those that pass at a time, where the job does not fit the fewest [-]."""
        told = self._held[0]
        return told.sequences if self.fullest[0] == "generate" else told.setup.micro_batch

    @cached_property
    def _fewest(self) -> memory.Fewest:
        return plan.fewest_gpus(self.job)

    @property
    def min_gpus(self) -> Numeric:
        """The fewest GPUs on which the job fits so laid out, with one sequence or pair at a time or as given [GPUs]."""
        return self._fewest.gpus

    @property
    def rest(self) -> Numeric:
        """What more GPUs do not lower on each of them [bytes]."""
        return self._fewest.rest

    @property
    def usd(self) -> Numeric:
        """What all GPU-hours cost [USD]."""
        return self.cost.usd

    @property
    def price(self) -> dict[str, Any]:
        """The price of a GPU-hour with the range, providers, date and kind of its quote; None, and why, without one.

        >>> estimate("sft", "llama-2-7b", "h100-sxm-80gb", 8, 100, 0, 2048).price["price_providers"]
        18
        """
        quote, kind = self.job.quote, "given" if self.job.price_usd_per_gpu_hour is not None else None
        table = self.job.prices or published()
        return {
            "price_usd_per_gpu_hour": self.job.price_usd_per_gpu_hour,
            "price_low": quote and quote.low,
            "price_high": quote and quote.high,
            "price_providers": quote and quote.providers,
            "price_date": quote and quote.newest.isoformat(),
            "price_kind": quote.kind if quote else kind,
            "price_source": f"{table.name}: {quote.said}" if quote else kind,
        }

    @property
    def no_usd(self) -> str | None:
        """Why there are no dollars; None where there are."""
        if self.job.price_usd_per_gpu_hour is not None:
            return None
        chosen = {name: self.settings[name] for name in ("provider", "price_kind")}
        return (self.job.prices or published()).reason(self.gpu.name, chosen["provider"], chosen["price_kind"])

    @property
    def hours(self) -> Numeric:
        """Wall time, in which all GPUs of all pools are paid [h]."""
        return self.cost.gpu_hours / self.gpus

    @property
    def fullest(self) -> tuple[str, memory.Parts]:
        """The phase that needs the most memory, and its parts [bytes]; of arrays, that of the largest number in any."""
        return max(self.phases.items(), key=lambda item: largest(item[1].total))

    @property
    def peak_gb(self) -> Numeric:
        """Memory on each GPU in its fullest phase [GB]."""
        return memory.peak(self.phases) / GB

    @property
    def fits(self) -> Condition:
        """Whether the fullest phase fits the GPU."""
        return memory.peak(self.phases) <= self.job.room

    @property
    def reason(self) -> str | None:
        """Why the job does not fit, None where it does: what is full, in which phase, by how much, with what.

        >>> found = estimate("generate", "llama-3.1-70b", "h100-sxm-80gb", 1, 1000, 1024, 1024)
        >>> found.reason.partition(": ")[0]
        '142 of 84.9 GB on each GPU with 1 sequence at a time while generating'
        """
        if is_array(self.fits) or self.fits:
            return None
        phase, parts = self.fullest
        room, over = fmt.gigabytes(self.job.room), fmt.gigabytes(parts.total - self.job.room)
        largest = [f"{kind} {fmt.gigabytes(size)} GB" for kind, size in footprint.by_kind(parts).items() if size]
        return (f"{fmt.gigabytes(parts.total)} of {room} GB on each GPU with {self.at_a_time:g} "
                f"sequence{'s' * (self.at_a_time != 1)} at a time while {DOING[phase]}: {over} GB too much; largest: "
                f"{', '.join(largest[:LARGEST])}")  # fmt: skip

    @cached_property
    def remedies(self) -> tuple[remedies.Remedy, ...]:
        """What would make the job fit, each tried; nothing where it fits."""
        if self.reason is None:
            return ()
        given = self.settings | {"micro_batch": self.job.setup.micro_batch}  # not the one that was settled
        return remedies.found(self.job.model, given, self._with, plan.least_gpus(self.job))

    def _with(self, change: dict[str, Any]) -> "Estimate":
        """The answer to the same job with other options."""
        # What fits the layout as given fits the fastest too, which need not be searched for each of these.
        more = {**self.job.options, "layout": None, **change}
        return Estimate(job(self.stage, **more, hardware=self.job.hardware, prices=self.job.prices))

    @property
    def group(self) -> str:
        """The group of measurements that time and dollars are held to."""
        return "inference" if self.stage == "generate" else "alignment"

    @property
    def regime(self) -> str:
        """The kind of job whose measured errors make the interval of time and dollars, a row of `facts/regimes.csv`.

        >>> estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256).regime
        'ppo one pool'
        """
        if self.stage == "generate":
            found = f"generation {self.settings.get('engine', 'vllm')}"
        elif self.stage in plan.TAKES_TURNS:
            late, apart = largest(self.job.loop.staleness) > 0, self.job.loop.rollout_gpus is not None
            found = f"{self.stage} {'asynchronous' if late else 'split' if apart else 'one pool'}"
        else:
            found = self.stage
        return found if regimes.lineage(found) else self.group

    @property
    def size(self) -> dict[str, Numeric]:
        """What of the job the interval knows up to a size: tokens of a sequence, GPUs and parameters."""
        tokens = self.job.data.prompt_tokens + self.job.data.response_tokens
        return {"tokens": tokens, "gpus": self.gpus, "parameters": self.model.parameters}

    def interval(self, value: Numeric) -> tuple[Numeric, Numeric] | None:
        """Return the ends between which four fifths of measured times or dollars lie, or None if the speed was given.

        >>> low, high = estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256).interval(60)
        >>> low < 60 < high
        True
        """
        return regimes.interval(self.regime, value, 0, False, **self.size) if self.predicted else None

    @property
    def usd_interval(self) -> tuple[Numeric, Numeric] | None:
        """The same of all dollars, of which prices of labels and calls are known."""
        hours = self.cost.gpu_usd
        fees = self.usd - hours
        ends = self.interval(hours)
        return None if ends is None else (ends[0] + fees, ends[1] + fees)

    @cached_property
    def energy(self) -> energy.Energy | None:
        """Electricity and CO2 with their ranges, a costlib.compute.energy.Energy; None without the GPU's power."""
        if self.gpu.tdp_w is None:
            return None
        steps = [(step.name, step.gpu_hours) for step in self.cost.steps]
        return energy.used(steps, self.gpu.tdp_w, self.job.grid, self.job.pue, self.interval(1.0) or (1, 1))

    @property
    def rl_steps(self) -> Numeric:
        """Times that PPO or GRPO writes a batch of responses and learns from it [-]."""
        written = self.job.data.examples * self.job.data.epochs * self.job.more["samples"]
        return written / minimum(self.settings["generation_batch"], where(written > 0, written, 1))

    @property
    def step_seconds(self) -> Numeric:
        """Wall time of one of them, 0 where there is none [s]."""
        return self.hours * SECONDS_PER_HOUR / where(self.rl_steps > 0, self.rl_steps, 1)

    @cached_property
    def bill(self) -> tuple[rollouts.BillLine, ...]:
        """The steps of a run in a few lines: wall time, GPU-hours, dollars and electricity, by pool of GPUs.

        >>> found = estimate("grpo", "llama-3.1-8b", "h100-sxm-80gb", 16, 640, 256, 1024, rollout_gpus=8)
        >>> [(line.name, line.pool) for line in found.bill][:2], {line.name for line in found.bill} >= {"waits"}
        ([('rollouts', 'rollout'), ('log-probabilities', 'train')], True)
        """
        pools = {"all": self.gpus, "train": self.setup.gpus, "rollout": self.job.writers, rollouts.OUTSIDE: 1}
        found: dict[tuple[str, str], list[stages.Step]] = {}
        for step in self.cost.steps:
            found.setdefault((rollouts.BILL.get(step.name, "updates"), step.pool), []).append(step)
        return tuple(rollouts.BillLine(
            name, pool, sum(step.gpu_hours for step in steps) / pools[pool], sum(step.gpu_hours for step in steps),
            sum(step.usd for step in steps), None if self.gpu.tdp_w is None else energy.used(
                [(step.name, step.gpu_hours) for step in steps], self.gpu.tdp_w, self.job.grid, self.job.pue).kwh.value,
            sum(step.calls for step in steps)) for (name, pool), steps in found.items())  # fmt: skip

    def _idle(self, pool: str) -> Numeric:
        """Share of the GPU-hours of a pool in which it waits for the other."""
        every = [step for step in self.cost.steps if step.pool == pool]
        whole = self.hours * (self.setup.gpus if pool == "train" else self.job.writers)
        return sum(step.gpu_hours for step in every if step.name == "waits") / where(whole > 0, whole, 1)

    @property
    def settings(self) -> dict[str, Any]:
        """Every option that the stage uses, with the value that the answer rests on.

        >>> found = estimate("sft", "llama-2-7b", "a100-sxm-80gb", 8, 100, 0, 2048, recompute="full")
        >>> found.settings["micro_batch"], found.settings["zero"], "micro_batch" in found.assumed
        (32, 3, True)
        """
        job, setup = self.job, self.setup
        known = options.check(self.stage, job.options, job.hardware)
        settled = job.data._asdict() | setup._asdict() | job._asdict() | job.loop._asdict() | dict(job.more)
        settled |= {
            "rollout_tensor_parallel": self.generation_parallel,
            "gpus": job.gpus,
            "train_gpus": None if job.loop.rollout_gpus is None else setup.gpus,
        }
        found = {name: settled.get(name, value) for name, value in known.items()}
        found |= {name: known[name] for name in ("model", "critic_model", "reward_model") if name in known}
        found["gpu"] = job.gpu.name
        if "zero" in found:
            found["zero"] = setup.zero if is_array(setup.replicas) or setup.replicas > 1 else 0
        if "reward" in found:
            scores = job.reward
            found["reward"] = "rule" if scores is None else "model" if scores.scalar_head else "teacher"
        if self.stage == "generate":
            found["generation_batch"] = self.plan.sequences * self.plan.groups
        found["pue"] = energy.pue_used(job.pue).value
        return found

    @property
    def assumed(self) -> tuple[str, ...]:
        """Names of the options that nobody gave, whose values the answer chose or has from their defaults."""
        return tuple(name for name in self.settings if name not in self.job.options)

    @property
    def quantities(self) -> dict[str, outputs.Quantity]:
        """The answer: each number with its unit, its definition and, where it has one, its interval.

        >>> found = estimate("sft", "llama-2-7b", "a100-sxm-80gb", 8, 100, 0, 2048, recompute="full").quantities
        >>> found["usd"].output.unit, found["usd"].low < found["usd"].value < found["usd"].high
        ('USD', True)
        """
        cost = self.cost
        values = {"tokens": cost.tokens, "flops": cost.flops, "flat_flops": cost.flat_flops,
                  "gpu_hours": cost.gpu_hours, "hours": self.hours, "usd": cost.usd,
                  "memory_gb_per_gpu": self.peak_gb, "min_gpus": self.min_gpus}  # fmt: skip
        if self.stage in plan.TAKES_TURNS:
            values["generation_share"] = self.job.generating(cost)
            values["step_seconds"] = self.step_seconds
            if self.job.loop.rollout_gpus is not None:
                values |= {f"{pool}_idle_share": self._idle(pool) for pool in ("train", "rollout")}
        held = ("gpu_hours", "hours", "usd") if self.predicted else ()
        ends = {name: self.interval(values[name]) for name in held}
        if self.predicted:
            ends["usd"] = self.usd_interval
        for name, found in zip(ENERGY, self.energy or energy.UNKNOWN, strict=True):
            values[name], ends[name] = found.value, (found.low, found.high)
        return outputs.quantities("stage", values, ends)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in plain numbers: counts, GB and USD; what does not exist is None, with the reason.

        `min_gpus` is None where the job fits on no number of GPUs; the ends of 80 % intervals are None where the speed
        was given. `reason` and `remedies` say why the job does not fit, and what would make it.
        """
        phase, parts = self.fullest
        found = self.quantities
        numbers = {name: each.value for name, each in found.items()}
        ends = {f"{name}_{end}": getattr(found[name.removesuffix("_80")], end)
                for name in ("hours_80", "usd_80", *ENERGY) for end in ("low", "high")}  # fmt: skip
        rest = "memory" if is_array(self.rest) else f"{fmt.gigabytes(self.rest)} GB"
        never = f"fits on no number of GPUs: {rest} on each do not shrink with them"
        return outputs.plain({
            "stage": self.stage,
            "parameters": self.model.parameters,
            **numbers,
            **ends,
            **self.price,
            "tokens": whole(self.cost.tokens),
            "interval_group": self.group if self.predicted else None,
            "regime": self.regime if self.predicted else None,
            "interval_rests_on": regimes.told(self.regime) if self.predicted else None,
            "beyond_measured": list(regimes.beyond(self.regime, **self.size)) if self.predicted else [],
            "interval_reason": None if self.predicted else "the speed was given, not predicted",
            "steps": [step._asdict() for step in self.cost.steps],
            "bill": [line._asdict() for line in self.bill],
            **({"rl_steps": self.rl_steps} if self.stage in plan.TAKES_TURNS else {}),
            "micro_batch": self._held[0].setup.micro_batch,
            "memory_phase": phase,
            "memory_parts": {name: size / GB for name, size in parts.items()},
            "fits": self.fits,
            "reason": self.reason,
            "remedies": [each.to_dict() for each in self.remedies],
            "min_gpus": whole(self.min_gpus),
            "settings": self.settings,
            "assumed": list(self.assumed),
        }, {"min_gpus": never} | dict.fromkeys(("usd", "usd_80_low", "usd_80_high"), self.no_usd or "")
           | dict.fromkeys(ENERGY, "the power of this GPU is not known"))  # fmt: skip


def _settle_pools(stage: str, chosen: dict[str, Any]) -> None:
    """Put the GPUs that learn in the place of all GPUs, where others write."""
    writers, learners = chosen.get("rollout_gpus"), chosen.get("train_gpus")
    if writers is None:
        return
    if learners is None:
        learners = chosen["gpus"] - writers
        require(learners >= 1, "rollout_gpus must leave GPUs of gpus that learn, got {} of {} [GPUs]; give train_gpus "
                "instead of gpus for GPUs beside them", writers, chosen["gpus"])  # fmt: skip
    chosen["gpus"] = learners


def _cheapest_split(stage: str, given: dict[str, Any], gpus: Numeric, hardware: Hardware | None,
                    prices: Prices | None) -> Job:  # fmt: skip
    """The job whose pools of GPUs cost least together, of those that fit, in sixteenths of the GPUs."""
    if is_array(gpus) or gpus < 2 or "train_gpus" in given:
        raise ValueError(
            "rollout_gpus [GPUs] can be auto only where gpus is one number from 2 on, and without train_gpus"
        )
    least = given.get("rollout_tensor_parallel") or 1  # of them share a copy
    counts = sorted({max(least, min(gpus - 1, round(gpus * part / PARTS))) for part in range(1, PARTS)})
    tried = [Estimate(job(stage, **given | {"rollout_gpus": count}, hardware=hardware, prices=prices))
             for count in counts]  # fmt: skip
    return min(tried, key=lambda each: (not each.fits, each.hours)).job


def _named(record: type[NamedTuple], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some values whose names are fields of a record."""
    return {name: values[name] for name in record._fields if name in values}


def _speed(gpu: str, chosen: Mapping[str, Any], known: coefficients.Coefficients) -> timing.Roofline:
    """The rates of the GPUs, with the links and the products that options name."""
    return timing.roofline(gpu, chosen.get("precision") or "bf16", known, chosen["link"], chosen.get("network"))


def _check_static(chosen: Mapping[str, Any]) -> None:
    """Refuse what an engine of static batches cannot do."""
    engine = chosen["engine"]
    if chosen["partial_rollouts"]:
        raise ValueError(f"partial_rollouts means nothing with engine {engine}, whose batches end with their longest "
                         "response")  # fmt: skip
    if engines.find(engine).rollout == "static-rollout-fraction" and chosen["rollout_gpus"] is not None:
        raise ValueError(f"rollout_gpus means nothing with engine {engine}, which writes inside the training program")


def _check_ranks(job: Job) -> None:
    """Raise a ValueError where the GPUs that write cannot share a copy of the model as asked."""
    ranks = job.rollout_tensor_parallel
    if ranks is not None:
        require((ranks <= job.writers) & (job.model.heads % ranks == 0), "rollout_tensor_parallel must divide the "
                "heads of the model and be at most the GPUs that write, {} [GPUs], got {}", job.writers,
                ranks)  # fmt: skip


def _fastest(job: Job, given: Mapping[str, Any]) -> Job:
    """The job in the fastest layout that fits, of all that leave what is given as it is; offloaded where no other does.

    Where answers are written, the fastest layouts of training are tried with each number of GPUs that can share a copy
    while they write, by the bill of the whole run.
    """
    setup, length = job.setup, job.data.length
    turns = job.stage in plan.TAKES_TURNS
    counts = setup.gpus, length, job.data.longest, job.writers, job.generation_batch
    if isinstance(job.speed, timing.FlatSpeed) or any(map(is_array, counts)):
        raise ValueError("layout can be auto only where gpus and lengths are one number each, and without flat_tflops")
    free = {*parallelism.ANY, "pipeline_parallel", "micro_batch", "zero"} - {name for name in given if given[name] != 0}
    if setup.lora_rank is not None:
        free -= {"zero"}
    fixed = {name: value for name, value in setup._asdict().items() if name not in free | {"gpus"}}
    if turns and not setup.batch:  # no GPU has more than its part of a batch at a time
        written = job.data.examples * job.data.epochs * job.more["samples"]
        fixed["batch"] = minimum(job.generation_batch, where(written > 0, written, 1))
    for offload in dict.fromkeys((setup.offload, *(() if "offload" in given else ("optimizer", "all")))):
        found = parallelism.ranked(job.model, job.speed, setup.gpus, length, fixed | {"offload": offload},
                                   parallelism.ANY, lambda each: _learning(job, each))  # fmt: skip
        laid = [job._replace(setup=each._replace(batch=setup.batch)) for each in found]
        if turns:
            laid = _quickest(laid)
        if Estimate(laid[0]).fits:
            break
    # The layout without a search may take more sequences at a time than are tried.
    return min((Estimate(each) for each in (laid[0], job)), key=lambda each: (not each.fits, each.hours)).job


def _learning(job: Job, setup: memory.Setup) -> Numeric:
    """Bytes on a GPU in the fullest phase of those that do not write; infinite where a critic cannot lie so."""
    try:
        held = plan.phases(job, setup)
    except ValueError:
        return math.inf
    return max(parts.total for name, parts in held.items() if name != "generate")


def _quickest(laid: Sequence[Job]) -> list[Job]:
    """Of jobs in layouts of training, the first that fit with each split of the model that writes; quickest first.

    Splits beyond a node are tried where none within it fits.
    """
    one = laid[0]
    asked = [] if one.rollout_tensor_parallel is None else [one.rollout_tensor_parallel]
    splits = asked or [ranks for ranks in inference.splits(one.model) if ranks <= one.writers]
    node = one.coefficients["nodes"]
    for among in ([ranks for ranks in splits if ranks <= node], [ranks for ranks in splits if ranks > node]):
        found: list[Job] = []
        for each in laid:
            found += [place for ranks in among if memory.peak(plan.phases(
                place := each._replace(rollout_tensor_parallel=ranks), each.setup, ranks)) <= each.room]  # fmt: skip
            if len(found) >= SHORTLIST:
                break
        if found:
            return sorted(found, key=lambda each: Estimate(each).hours)
    return [one]


def _setup(stage: str, chosen: Mapping[str, Any]) -> memory.Setup:
    """The layout as far as options say it; of 4-bit weights nothing is sharded, which only few programs can."""
    if stage == "generate":
        return memory.Setup(chosen["gpus"], micro_batch=1)
    zero = {4: 0}.get(chosen["base_bits"], 3) if chosen["zero"] is None else chosen["zero"]
    known = {name: value for name, value in _named(memory.Setup, chosen).items() if value is not None}
    return memory.Setup(**known | {"zero": zero})


def _more(stage: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the function of a stage takes besides, with what stands for nothing given."""
    return {name: 1 if chosen[name] is None else chosen[name] for name in MORE[stage]}


def _settle_variant(stage: str, chosen: dict[str, Any]) -> None:
    """Put what a variant of a stage has in the place of what nobody gave, and what a judge asks for a call."""
    if "variant" not in chosen:
        return
    known, asked = catalog.table("variants"), chosen["variant"] or stage
    variant = known.get(asked)  # a stage without variants of its own has no row
    if variant is not None and stage != variant.stage:
        own = ", ".join(name for name, row in known.items() if stage == row.stage)
        raise ValueError(f"variant {asked} is one of {variant.stage}; {stage} has {own}")
    for name in OF_VARIANT if variant is not None else ():
        if chosen.get(name) is None:
            chosen[name] = getattr(variant, name)
    if "reward" not in chosen:
        return
    usual = "rule" if variant is None else variant.reward
    if chosen["reward"] is None:
        named = "model" if chosen["reward_model"] else "rule" if chosen["judge"] else usual
        chosen["reward"] = "teacher" if usual == "teacher" else named
    elif chosen["reward"] == "rule" and chosen["reward_model"]:
        raise ValueError("reward_model means nothing with reward rule, which takes its place; give one of them")
    seconds = 0.0
    if chosen["judge"]:
        if chosen["judge_prompt_tokens"] is None:
            judged = chosen["prompt_tokens"] + chosen["response_tokens"]
            chosen["judge_prompt_tokens"] = judged + catalog.assumption("judge-instructions")
        read, written = chosen["judge_prompt_tokens"], chosen["judge_tokens"]
        chosen["reward_price"], seconds = judges.call(chosen["judge"], read, written)
    if chosen["reward_seconds"] is None:
        chosen["reward_seconds"] = seconds


def _rewarding(chosen: Mapping[str, Any], actor: Architecture) -> Architecture | None:
    """The architecture of what scores responses: a reward model, or the teacher of a distillation; None for a rule."""
    kind, name = chosen.get("reward", "rule"), chosen.get("reward_model")
    if kind == "teacher":
        return find(name).architecture if name else actor
    return _scoring(name, actor) if kind == "model" else None


def _scoring(name: str | None, otherwise: Architecture) -> Architecture:
    """The architecture of a critic or reward model."""
    return (find(name).architecture if name is not None else otherwise).with_scalar_head()
