"""Published runs of training and alignment as cases: utilisation, speed, GPU-hours, wall time, dollars, FLOPs."""

import re

from costlib import layout, stages, throughput, timing
from costlib._elementwise import where
from costlib.cases import case, outside, token_flops, tokens_per_second
from costlib.coefficients import coefficient
from costlib.facts import catalog
from costlib.formulas import SECONDS_PER_HOUR
from costlib.measurements import amount, first, said, sequences_of_update, settings
from costlib.recognition import UnreadableError, gpu, model, number

MANY_GPUS = 512  # of a pre-training run whose report gives GPU-hours and not how many GPUs; speeds hardly depend on it
TRAINING = ("pretrain", "sft")
ALIGNMENT = ("sft", "rm", "dpo", "ppo", "grpo")
PF_DAY = 1e15 * 86_400
PAIR = r"(\d+)(?: prompt)? ?\+ ?(\d+)(?: answer| generation| tokens|[, ;)]|$)"  # prompt + response
PROMPT_TOKENS = 150  # of a generated answer where only the answer's length is given, as in the tables of NeMo RL


def run_case(line, row):
    """Return the cases of a row of a runs table, or raise UnreadableError with the reason why there are none."""
    stage, quantity = row["stage"].lower(), row["reported_quantity"].lower()
    if stage not in {*TRAINING, *ALIGNMENT}:
        raise outside(f"stage {stage or '(empty)'}")
    if not row.get("value_norm"):
        raise UnreadableError("missing value_norm: the source reports no number")
    measured, text = number(row, "value_norm"), said(row, "unit", "other_inputs", "model")
    count = number(row, "params_b", required=False)
    active = number(row, "active_params_b", required=False)
    arch, how = model(row["model"], count and 1e9 * count, active and 1e9 * active)
    assumed = ("architecture",) if how == "size" else ()
    if quantity == "pf_days":
        return [_flops_case(line, row, stage, arch, measured)]
    if (row.get("grade") or "A").upper() == "C":
        raise UnreadableError("missing inputs: the table grades the row as not predictable")
    name = gpu(row.get("gpu", ""))
    gpus = number(row, "num_gpus", required=False)
    if not gpus:
        if quantity != "gpu_hours" and quantity != "mfu":
            raise UnreadableError("missing num_gpus")
        gpus, assumed = MANY_GPUS if stage == "pretrain" else 8, (*assumed, "num_gpus")
    if quantity in ("mfu", "tokens_per_s"):
        if stage not in TRAINING:
            raise outside(f"{quantity} of one phase of {stage}")
        return [_speed_case(line, row, arch, name, gpus, text, measured, assumed)]
    if quantity not in ("wall_hours", "gpu_hours", "usd"):
        raise outside(row["reported_quantity"])
    length = number(row, "seq_len", required=False)
    if not length and stage in ("ppo", "grpo") and (pair := re.search(PAIR, text)):
        length = float(pair.group(1)) + float(pair.group(2))
    if not length:
        raise UnreadableError("missing seq_len")
    if stage == "pretrain":
        hours, flops, group = *_pretraining_hours(row, arch, name, gpus, text, length), _group(row)
    else:
        cost, more = _stage_cost(row, stage, arch, name, gpus, text, length)
        assumed, group = assumed + more, "alignment" + ("" if _given(row) else ", one input assumed")
        hours, flops = (lambda: cost().gpu_hours), (lambda: cost().flops)
    cases = []
    if stage in ("ppo", "grpo") and (part := _generation_share(row, text, measured)):
        cases = [case(line, row, "generation share", f"{stage} generation share", "%", part,
                      lambda: 100 * cost().share("generate"), assumed)]  # fmt: skip
    if re.search(r"generat|gen phase", row["model"].lower() + " " + row.get("id", "")):
        if not cases:
            raise outside("one phase of a step")
        return cases
    unit, scale = _time_unit(row, quantity, gpus, text)
    share = flops() / (measured / scale * SECONDS_PER_HOUR * timing.roofline(name).peak)
    part = (lambda: cost().share("generate")) if stage in ("ppo", "grpo") else None
    time = case(line, row, group, f"{stage} {quantity}", unit, measured, lambda: hours() * scale, assumed, share, part)
    return [*cases, time]


def _given(row):
    """Whether the table says that all inputs are known; a table without grades is taken to know them."""
    return (row.get("grade") or "A").upper() == "A"


def _generation_share(row, text, measured):
    """The share of the time that a report spends generating [%]; None where it does not say."""
    if share := amount(text, r"generation {n} ?%"):
        return share
    if whole := amount(row.get("unit", ""), r"s of {n} s"):
        return 100 * measured / whole
    part = first(text, r"\(gen {n}", r"rollout {n}[, ]", r"\({n} inference")
    return 100 * part / measured if part and part < measured else None


def _time_unit(row, quantity, gpus, text):
    """Unit of the reported value, and what turns GPU-hours into it."""
    if quantity == "usd":
        price = amount(text.replace("$", ""), r"{n} ?/ ?(?:gpu|h800|h100|a100|a800)-h")
        if not price:
            raise UnreadableError("missing price: USD per GPU-hour")
        return "USD", price
    return ("GPU-h", 1) if quantity == "gpu_hours" else ("s", SECONDS_PER_HOUR / gpus)


def _flops_case(line, row, stage, arch, measured):
    """Petaflop/s-days as their sources count them: 6 FLOPs for each parameter and token."""
    length, tokens = number(row, "seq_len", required=False), number(row, "tokens_b", required=False)
    examples, epochs = number(row, "examples", required=False), number(row, "epochs", required=False) or 1
    if stage in ("ppo", "grpo", "dpo", "rm"):
        raise outside(f"FLOPs of {stage} in a unit whose count is not stated")
    tokens = 1e9 * tokens if tokens else (examples or 0) * epochs * (length or 0)
    if not tokens:
        raise UnreadableError("missing tokens_b")
    return case(line, row, "parameters and FLOPs", "PF-days", "PF-days", measured,
                lambda: 6 * arch.parameters_active * tokens / PF_DAY)  # fmt: skip


# --- training -------------------------------------------------------------------------------------------------------


def _place(row, arch, name, gpus, text, length):
    """Layout of a training run, precision, and what is assumed of it."""
    eight = "fp8" in text and bool(catalog.find("gpus", name).fp8_dense_tflops)
    plan = settings(text)
    pipeline = int(amount(text, r"\bpp {n}") or 1)
    update = sequences_of_update(text, length)
    if "tensor_parallel" in plan and (
        gpus % (plan["tensor_parallel"] * pipeline) or arch.heads % plan["tensor_parallel"]
    ):
        del plan["tensor_parallel"]
    if "lora_rank" in plan:
        plan["recipe"] = "bf16-8"
    elif re.search(r"8-?bit", text):
        plan["recipe"] = "adam8bit-10"
    plan["attention_kernel"] = _kernel(row, name, text)
    if "sequence parallel" in text:
        plan["sequence_parallel"] = True
    if gpus % pipeline:
        pipeline = 1
    if "zero" in plan and pipeline > 1:
        plan["zero"] = min(plan["zero"], 1)
    place = layout.chosen(arch, name, gpus, length, tuple(plan.items()), pipeline, update, "fp8" if eight else "bf16")
    interleaved = None if "interleaved" in text or "1f1b" not in text else 1
    software = said(row, "source", "other_inputs", "unit", "id")
    kernels = "fused" if re.search(r"nemo(?!-?rl)|megatron-?bridge|transformer engine|mlperf", software) else "common"
    return place._replace(interleaved=interleaved if pipeline > 1 else 1, kernels=kernels), eight


def _kernel(row, name, text):
    """Whether attention was written out: on GPUs without fused kernels, and before there were any."""
    early = re.search(r"^(gpt|opt|bloom|mt-nlg|glm|megatron|bloomberg)", row["model"].lower()) and name.startswith(
        "a100"
    )
    if "flash" in text:
        return "flash"
    return "eager" if early or name.startswith("v100") or "eager attention" in text else "flash"


def _speed_case(line, row, arch, name, gpus, text, measured, assumed):
    length = number(row, "seq_len", required=False)
    if not length:
        raise UnreadableError("missing seq_len")
    place, eight = _place(row, arch, name, gpus, text, length)
    speed = tokens_per_second(arch, place, name, length, eight)
    unit = row.get("unit_norm") or row.get("unit")
    if "tokens/s" in unit.lower():
        scale = gpus if "job" in unit.lower() else 1
        share = measured / scale * token_flops(arch, length) / timing.roofline(name).peak
        return case(line, row, _group(row), "speed", unit, measured, lambda: scale * speed(), assumed, share)
    each = token_flops(arch, length)
    counted = 4 / 3 if re.search(r"hfu", row.get("unit", "").lower()) and place.setup.recompute == "full" else 1
    peak = timing.roofline(name).peak / 100 if "%" in unit else 1e12
    return case(
        line,
        row,
        _group(row),
        "utilisation",
        unit,
        measured,
        lambda: speed() * each * counted / peak,
        assumed,
        measured / counted * peak / timing.roofline(name).peak,
    )


def _group(row):
    """Rows with every input are one group, rows with one assumed another."""
    return "training throughput" if _given(row) else "training, one input assumed"


def _mean_length(row, text, length):
    """Mean tokens of an example as a function; assumed where only the largest length is known."""
    if re.search(r"(?<!not )(?<!un)packed", text):
        return (lambda: length), ()
    if mean := first(text, r"mean(?: length)? {n} tok", r"average(?: length)? {n} tok"):
        return (lambda: mean), ()
    return (lambda: length * coefficient("mean-length-fraction")), ("mean length",)


def _stage_cost(row, stage, arch, name, gpus, text, length):
    """The StageCost of an alignment run as a function, and what is assumed."""
    examples = number(row, "examples", required=False)
    if not examples:
        raise UnreadableError("missing examples")
    if stage in ("ppo", "grpo"):
        return _rollout_cost(row, stage, arch, name, gpus, text, length, examples)
    return _tuning_cost(row, stage, arch, name, gpus, text, length, examples)


def _pretraining_hours(row, arch, name, gpus, text, length):
    per = row.get("per", "").lower()
    tokens = number(row, "tokens_b", required=False)
    tokens = tokens and 1e9 * tokens
    if "step" in per or "iteration" in per:
        update = sequences_of_update(text, length)
        if not update:
            raise UnreadableError("missing global batch of a step")
        tokens = update * length * (amount(per, r"{n}") or 1)
    elif "tokens" in per:
        tokens = {"t": 1e12, "b": 1e9}[re.search(r"\d\s?([tb])", per).group(1)] * float(re.search(r"[\d.]+", per)[0])
    if not tokens:
        raise UnreadableError("missing tokens_b")
    place, eight = _place(row, arch, name, gpus, text, length)
    speed = tokens_per_second(arch, place, name, length, eight)
    whole = "step" not in per and "iteration" not in per

    def hours():
        return tokens / speed() / SECONDS_PER_HOUR / (coefficient("run-goodput") if whole else 1)

    return hours, lambda: tokens * token_flops(arch, length)


def _tuning_cost(row, stage, arch, name, gpus, text, length, examples):
    epochs = number(row, "epochs", required=False) or 1
    mean, assumed = _mean_length(row, text, length)
    per = row.get("per", "").lower()
    if product := re.search(r"([\d,]+) steps x (?:bs )?([\d,]+)", text):
        examples, epochs = (float(part.replace(",", "")) for part in product.groups())
        examples, epochs = examples * epochs, 1
    if "iteration" in per:
        examples = (amount(per, r"{n}") or examples) * (amount(text, r"micro-?b(?:atch|s)? {n}") or 1)
    trained = arch.with_scalar_head() if stage == "rm" else arch
    place, eight = _place(row, trained, name, gpus, text, length)
    cached = bool(re.search(r"ref(?:erence)? log-?probs? cached", text))

    def cost():
        computed = _longest_of(place.setup.micro_batch * gpus, mean(), length)
        run = stages.Run(timing.roofline(name, "fp8" if eight else "bf16"), place.setup,
                         reach=coefficient("software-speed"))  # fmt: skip
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


# --- alternating models ---------------------------------------------------------------------------------------------


def _rollout_cost(row, stage, arch, name, gpus, text, length, examples):
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
    setup = layout.memory.Setup(gpus, zero=3 if gpus > 1 else 0, micro_batch=8, recompute="full")
    ranks = min(throughput.ranks_for(arch, catalog.find("gpus", name).hbm_gb), gpus)
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

    def cost():
        answer = response()
        data = stages.Data(
            steps * responses / samples, prompt, answer, epochs, longest_tokens=longest if waits else None
        )
        run = stages.Run(timing.roofline(name), setup, generation_parallel=ranks, generation_batch=batch)
        if critic:
            return stages.ppo(arch, data, run, other, other, samples=samples)
        return stages.grpo(arch, data, run, samples=samples)

    return cost, assumed


def _lengths(text, length, stage):
    """Prompt, mean response as a function, longest response, and what is assumed."""
    if pair := re.search(PAIR, text):
        prompt, response = map(float, pair.groups())
        return prompt, (lambda: response), response, ()
    if response := amount(text, r"generation exactly {n}"):
        return amount(text, r"prompt ?<= ?{n}") or PROMPT_TOKENS, (lambda: response), response, ()
    mean = first(text, r"mean response ~?{n}", r"mean (?:generated|answer)(?: length)? {n}")
    most = first(text, r"max seq {n}", r"max response {n}", r"response length {n}", r"max(?:imum)? length {n}")
    if not mean and "generated tokens" in text:
        mean = length
    if mean:
        return PROMPT_TOKENS, (lambda: mean), max(most or length, mean), ("prompt length",)
    if stage == "ppo" and length <= 1024:
        return length / 2, (lambda: length / 2), length / 2, ("lengths",)
    longest = most or length
    return PROMPT_TOKENS, (lambda: longest * coefficient("mean-length-fraction")), longest, ("mean length",)
