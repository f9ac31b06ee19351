"""What a run of alignment takes, from the words of its report: lengths, responses, and who takes part."""

import re

from costlib._arrays import where
from costlib.compute import inference, parallelism, stages, timing
from costlib.compute.recognition import UnreadableError, model, number
from costlib.facts import catalog
from costlib.validation.cases import placed
from costlib.validation.tables import amount, first

PAIR = r"(\d+)(?: prompt)? ?\+ ?(\d+)(?: answer| generation| tokens|[, ;)]|$)"  # prompt + response
PROMPT_TOKENS = 150  # of a generated answer where only the answer's length is given, as in the tables of NeMo RL


def stage_cost(row, stage, arch, name, gpus, text, length, coefficients):
    """The StageCost of an alignment run as a function of Coefficients, and what is assumed."""
    examples = number(row, "examples", required=False)
    if not examples:
        raise UnreadableError("missing examples")
    if stage in ("ppo", "grpo"):
        return _rollout_cost(row, stage, arch, name, gpus, text, length, examples, coefficients)
    return _tuning_cost(row, stage, arch, name, gpus, text, length, examples, coefficients)


def _mean_length(row, text, length):
    """Mean tokens of an example as a function; assumed where only the largest length is known."""
    if re.search(r"(?<!not )(?<!un)packed", text):
        return (lambda _: length), ()
    if mean := first(text, r"mean(?: length)? {n} tok", r"average(?: length)? {n} tok"):
        return (lambda _: mean), ()
    return (lambda values: length * values["mean-length-fraction"]), ("mean length",)


def _tuning_cost(row, stage, arch, name, gpus, text, length, examples, coefficients):
    epochs = number(row, "epochs", required=False) or 1
    mean, assumed = _mean_length(row, text, length)
    per = row.get("per", "").lower()
    if product := re.search(r"([\d,]+) steps x (?:bs )?([\d,]+)", text):
        examples, epochs = (float(part.replace(",", "")) for part in product.groups())
        examples, epochs = examples * epochs, 1
    if "iteration" in per:
        examples = (amount(per, r"{n}") or examples) * (amount(text, r"micro-?b(?:atch|s)? {n}") or 1)
    trained = arch.with_scalar_head() if stage == "rm" else arch
    place, eight = placed(row, trained, name, gpus, text, length, coefficients)
    cached = bool(re.search(r"ref(?:erence)? log-?probs? cached", text))

    def cost(values):
        computed = _longest_of(place.setup.micro_batch * gpus, mean(values), length)
        run = stages.Run(timing.roofline(name, "fp8" if eight else "bf16", values), place.setup,
                         reach=values["software-speed"])  # fmt: skip
        data = stages.Data(examples, 0 * computed, computed, epochs)
        if stage == "rm":
            return stages.reward_model(trained, data, run)
        if stage == "dpo" and not re.search(r"simpo|orpo", text):
            return stages.dpo(trained, data, run, cached)
        # Without a reference, pairs are twice as many examples.
        return stages.sft(trained, data._replace(examples=examples * (2 if stage == "dpo" else 1)), run)

    return cost, assumed


def _longest_of(sequences, mean, most):
    """Tokens for which all GPUs wait in a step: the expected longest of as many sequences.

    Of lengths that lie below `most` by a power law with this mean; a step is over when its longest sequence is.
    """
    share = mean / most
    weight = sequences * share / where(share < 1, 1 - share, 1)
    return where(share < 1, most * weight / (weight + 1), most)


def _rollout_cost(row, stage, arch, name, gpus, text, length, examples, coefficients):
    """Cost of PPO or GRPO: responses, their lengths, and who takes part, as the report has them."""
    prompt, response, longest, assumed = _lengths(text, length, stage)
    samples = first(text, r"\bn ?= ?{n}", r"x ?{n} (?:responses|rollouts|samples)", r"prompts x {n}\b",
                    r"{n} samples ?/ ?prompt") or 1  # fmt: skip
    responses = examples
    if samples > 1 and not re.search(r"episodes|rollouts,", text):
        responses = examples * samples
    batch = first(text, r"g-gbs {n}", r"global batch(?: size)? {n}", r"(?:^|[ ,;(])bs {n}") or (
        responses if row.get("per", "run").lower() not in ("run", "") else min(responses, 1024)
    )
    critic = stage == "ppo"
    small = re.search(r"(?:critic|reward|rm|value model)\D{0,25}?(opt-)?(\d+(?:\.\d+)?)\s?([mb])\b", text)
    other = model(("opt-" if small.group(1) else "") + small.group(2) + small.group(3))[0] if small else arch
    other = other.with_scalar_head()
    setup = parallelism.memory.Setup(gpus, zero=3 if gpus > 1 else 0, micro_batch=8, recompute="full")
    hbm = catalog.find("gpus", name, coefficients.hardware).hbm_gb
    ranks = min(inference.ranks_for(arch, hbm, coefficients=coefficients), gpus)
    epochs = number(row, "epochs", required=False) or 1
    steps = amount(row.get("per", "").lower(), r"{n} steps") or 1
    if re.search(r"questions x|batch [\d,]+ prompts", text) and steps == 1:
        steps = first(text, r"{n} (?:ppo )?steps") or 0
        if not steps:
            raise UnreadableError("missing steps of the run")
        if prompts := amount(text, r"batch {n} prompts"):
            responses = prompts * samples
    # An asynchronous run fills the place of a finished answer at once.
    waits = not re.search(r"1-step off|async", text + row["model"].lower())

    def cost(values):
        answer = response(values)
        data = stages.Data(
            steps * responses / samples, prompt, answer, epochs, longest_tokens=longest if waits else None
        )
        run = stages.Run(
            timing.roofline(name, coefficients=values), setup, generation_parallel=ranks, generation_batch=batch
        )
        if critic:
            return stages.ppo(arch, data, run, other, other, samples=samples)
        return stages.grpo(arch, data, run, samples=samples)

    return cost, assumed


def _lengths(text, length, stage):
    """Prompt, mean response as a function, longest response, and what is assumed."""
    if pair := re.search(PAIR, text):
        prompt, response = map(float, pair.groups())
        return prompt, (lambda _: response), response, ()
    if response := amount(text, r"generation exactly {n}"):
        return amount(text, r"prompt ?<= ?{n}") or PROMPT_TOKENS, (lambda _: response), response, ()
    mean = first(text, r"mean response ~?{n}", r"mean (?:generated|answer)(?: length)? {n}")
    most = first(text, r"max seq {n}", r"max response {n}", r"response length {n}", r"max(?:imum)? length {n}")
    if not mean and "generated tokens" in text:
        mean = length
    if mean:
        return PROMPT_TOKENS, (lambda _: mean), max(most or length, mean), ("prompt length",)
    if stage == "ppo" and length <= 1024:
        return length / 2, (lambda _: length / 2), length / 2, ("lengths",)
    longest = most or length
    return PROMPT_TOKENS, (lambda values: longest * values["mean-length-fraction"]), longest, ("mean length",)
