"""What a run of alignment takes: lengths, responses, and who takes part."""

import math

from costlib.base._arrays import where
from costlib.compute import inference, memory, recognition, rollouts, stages, timing
from costlib.facts import catalog
from costlib.facts.catalog import assumption
from costlib.facts.hardware import room_gb
from costlib.validation.cases import missing, placed

ENGINE = "vllm"  # of reports that name none
PLACED = {"split": "split", "asynchronous": "asynchronous"}
CALLS = ("turns", "tool_seconds", "tool_concurrency")
SHARED = ("tensor_parallel", "expert_parallel", "context_parallel")


def stage_cost(row, arch, name, gpus, coefficients):
    """The StageCost of an alignment run as a function of Coefficients, and what is assumed."""
    cost = rollout_cost if row.stage in ("ppo", "grpo") else _tuning_cost
    return cost(row, arch, name, gpus, coefficients)


def stage_regime(row):
    """Return the regime of a job of alignment: its stage, and of rollouts where they are written."""
    if row.stage not in ("ppo", "grpo"):
        return row.stage
    return f"{row.stage} {PLACED.get(row.placement, 'one pool')}"


def _tuning_cost(row, arch, name, gpus, coefficients):
    length = row.sequence_length or row.mean_tokens
    trained = arch.with_scalar_head() if row.stage == "rm" else arch
    if not row.examples and not row.tokens:
        raise missing("examples")
    place, precision = placed(row, trained, name, gpus, length, coefficients)

    def cost(values):
        mean = row.mean_tokens or length * values["mean-length-fraction"]
        computed = _longest_of(place.micro_batch * gpus, mean, length)
        run = stages.Run(timing.roofline(name, precision, values), place, reach=values["software-speed"])
        # Tokens are those of all passes; two answers make a pair.
        examples = row.examples or row.tokens / mean / (1 if row.stage == "sft" else 2)
        data = stages.Data(examples, 0 * computed, computed, (row.epochs or 1) if row.examples else 1)
        if row.stage == "rm":
            return stages.reward_model(trained, data, run)
        if row.stage == "dpo" and row.reference != "none":
            return stages.dpo(trained, data, run, row.reference == "cached")
        # Without a reference, pairs are twice as many examples.
        return stages.sft(trained, data._replace(examples=examples * (2 if row.stage == "dpo" else 1)), run)

    return cost, () if row.mean_tokens else ("mean length",)


def _longest_of(sequences, mean, most):
    """Tokens for which all GPUs wait in a step: the expected longest of as many sequences.

    Of lengths that lie below `most` by a power law with this mean; a step is over when its longest sequence is.
    """
    share = mean / most
    weight = sequences * share / where(share < 1, 1 - share, 1)
    return where(share < 1, most * weight / (weight + 1), most)


def rollout_cost(row, arch, name, gpus, coefficients):
    """Cost of PPO or GRPO: responses, their lengths, and who takes part, as the report has them.

    A row of phases is one step: its answers are all written at a time.
    """
    samples = row.samples or 1
    prompts = row.get("examples") or row.get("prompts") or (row.get("rollouts") or 0) / samples
    if not prompts:
        raise missing("examples")
    prompt, response, longest, assumed = _lengths(row)
    batch = row.get("batch") or ((row.get("prompts") or row.get("rollouts")) and prompts * samples)
    batch = batch or min(prompts * samples, assumption("sequences-of-a-rollout"))
    critic = row.get("critic")
    other = (recognition.model(critic)[0] if critic else arch).with_scalar_head()
    loop, setup = _placed(row, arch, gpus)
    hbm = room_gb(catalog.find("gpus", name, coefficients.hardware))
    ranks = min(row.get("rollout_tensor_parallel") or inference.ranks_for(arch, hbm, coefficients=coefficients),
                loop.rollout_gpus or gpus)  # fmt: skip

    def cost(values):
        # A run that is asynchronous in one pool fills the place of a finished answer at once.
        waits = None if row.placement == "asynchronous" and loop.rollout_gpus is None else longest
        data = stages.Data(prompts, prompt, response(values), row.get("epochs") or 1, longest_tokens=waits)
        known = values.replaced({"decode-launch": values["eager-launch"]}) if row.get("eager") else values
        run = stages.Run(timing.roofline(name, coefficients=known), setup, generation_parallel=ranks,
                         generation_batch=batch, engine=row.get("engine") or ENGINE, loop=loop)  # fmt: skip
        if row.stage == "ppo":
            return stages.ppo(arch, data, run, other, other, samples=samples)
        return stages.grpo(arch, data, run, samples=samples)

    return cost, assumed


def _placed(row, arch, gpus):
    """Who writes and who learns: pools apart where a row says how many GPUs each has, and the layout of who learns."""
    apart = row.placement in ("split", "asynchronous") and row.get("rollout_gpus")
    learners = (row.get("train_gpus") or gpus - row.rollout_gpus) if apart else gpus
    loop = rollouts.Loop(
        rollout_gpus=row.rollout_gpus if apart else None,
        staleness=(row.get("staleness") or 1) if apart and row.placement == "asynchronous" else 0,
        **{name: row.get(name) for name in CALLS if row.get(name)},
    )
    setup = memory.Setup(learners, zero=3 if learners > 1 else 0, micro_batch=8, recompute="full",
                         lora_rank=row.get("lora_rank"))  # fmt: skip
    for each in SHARED:
        ranks = row.get(each) or 1
        if ranks > 1 and learners % ranks == 0 and (each != "tensor_parallel" or arch.heads % ranks == 0):
            setup = setup._replace(**{each: ranks})
    return loop, setup


def _lengths(row):
    """Prompt, mean response as a function, longest response, and what is assumed."""
    length, prompt, mean = row.get("sequence_length") or 0, row.prompt_tokens, row.response_tokens
    usual = prompt or assumption("prompt-tokens")
    if mean:
        # What is allowed is longer than what is written, unless many answers end there.
        longest = min(row.longest_tokens or (length if length > mean else math.inf),
                      mean * assumption("longest-over-mean"))  # fmt: skip
        return usual, (lambda _: mean), max(longest, mean), () if prompt else ("prompt length",)
    if row.stage == "ppo" and 0 < length <= 1024:
        return prompt or length / 2, (lambda _: length / 2), length / 2, ("lengths",)
    longest = row.longest_tokens or length
    return usual, (lambda values: longest * values["mean-length-fraction"]), longest, ("mean length",)
