"""What a run of alignment takes: lengths, responses, and who takes part."""

from costlib._arrays import where
from costlib.compute import inference, memory, recognition, stages, timing
from costlib.facts import catalog
from costlib.facts.catalog import assumption
from costlib.validation.cases import missing, placed

ENGINE = "vllm"  # of reports that name none


def stage_cost(row, arch, name, gpus, coefficients):
    """The StageCost of an alignment run as a function of Coefficients, and what is assumed."""
    cost = rollout_cost if row.stage in ("ppo", "grpo") else _tuning_cost
    return cost(row, arch, name, gpus, coefficients)


def _tuning_cost(row, arch, name, gpus, coefficients):
    length = row.sequence_length
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
    setup = memory.Setup(gpus, zero=3 if gpus > 1 else 0, micro_batch=8, recompute="full")
    hbm = catalog.find("gpus", name, coefficients.hardware).hbm_gb
    ranks = min(inference.ranks_for(arch, hbm, coefficients=coefficients), gpus)

    def cost(values):
        # An asynchronous run fills the place of a finished answer at once.
        waits = None if row.placement == "asynchronous" else longest
        data = stages.Data(prompts, prompt, response(values), row.get("epochs") or 1, longest_tokens=waits)
        run = stages.Run(timing.roofline(name, coefficients=values), setup, generation_parallel=ranks,
                         generation_batch=batch, engine=row.get("engine") or ENGINE)  # fmt: skip
        if row.stage == "ppo":
            return stages.ppo(arch, data, run, other, other, samples=samples)
        return stages.grpo(arch, data, run, samples=samples)

    return cost, assumed


def _lengths(row):
    """Prompt, mean response as a function, longest response, and what is assumed."""
    length, prompt, mean = row.get("sequence_length") or 0, row.prompt_tokens, row.response_tokens
    usual = prompt or assumption("prompt-tokens")
    if mean:
        return usual, (lambda _: mean), row.longest_tokens or max(length, mean), () if prompt else ("prompt length",)
    if row.stage == "ppo" and 0 < length <= 1024:
        return prompt or length / 2, (lambda _: length / 2), length / 2, ("lengths",)
    longest = row.longest_tokens or length
    return usual, (lambda values: longest * values["mean-length-fraction"]), longest, ("mean length",)
