"""Published runs of training and alignment as cases: utilisation, speed, GPU-hours, wall time, dollars, FLOPs."""

import re

from costlib.compute import timing
from costlib.compute.recognition import UnreadableError, gpu, model, number
from costlib.units import SECONDS_PER_HOUR
from costlib.validation.cases import case, outside, placed, token_flops, tokens_per_second
from costlib.validation.readers.alignment import PAIR, stage_cost
from costlib.validation.tables import amount, first, said, sequences_of_update

MANY_GPUS = 512  # of a pre-training run whose report gives GPU-hours and not how many GPUs; speeds hardly depend on it
TRAINING = ("pretrain", "sft")
ALIGNMENT = ("sft", "rm", "dpo", "ppo", "grpo")
PF_DAY = 1e15 * 86_400


def run_case(line, row, coefficients):
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
    name = gpu(row.get("gpu", ""), coefficients.hardware)
    gpus = number(row, "num_gpus", required=False)
    if not gpus:
        if quantity != "gpu_hours" and quantity != "mfu":
            raise UnreadableError("missing num_gpus")
        gpus, assumed = MANY_GPUS if stage == "pretrain" else 8, (*assumed, "num_gpus")
    if quantity in ("mfu", "tokens_per_s"):
        if stage not in TRAINING:
            raise outside(f"{quantity} of one phase of {stage}")
        return [_speed_case(line, row, arch, name, gpus, text, measured, assumed, coefficients)]
    if quantity not in ("wall_hours", "gpu_hours", "usd"):
        raise outside(row["reported_quantity"])
    length = number(row, "seq_len", required=False)
    if not length and stage in ("ppo", "grpo") and (pair := re.search(PAIR, text)):
        length = float(pair.group(1)) + float(pair.group(2))
    if not length:
        raise UnreadableError("missing seq_len")
    if stage == "pretrain":
        hours, flops, group = *_pretraining_hours(row, arch, name, gpus, text, length, coefficients), _group(row)
    else:
        cost, more = stage_cost(row, stage, arch, name, gpus, text, length, coefficients)
        assumed, group = assumed + more, "alignment" + ("" if _given(row) else ", one input assumed")
        hours, flops = (lambda values: cost(values).gpu_hours), (lambda values: cost(values).flops)
    cases = []
    if stage in ("ppo", "grpo") and (part := _generation_share(row, text, measured)):
        cases = [case(line, row, "generation share", f"{stage} generation share", "%", part,
                      lambda values: 100 * cost(values).share("generate"), assumed)]  # fmt: skip
    if re.search(r"generat|gen phase", row["model"].lower() + " " + row.get("id", "")):
        if not cases:
            raise outside("one phase of a step")
        return cases
    unit, scale = _time_unit(row, quantity, gpus, text)
    peak = timing.roofline(name, coefficients=coefficients).peak
    share = flops(coefficients) / (measured / scale * SECONDS_PER_HOUR * peak)
    part = (lambda values: cost(values).share("generate")) if stage in ("ppo", "grpo") else None
    time = case(line, row, group, f"{stage} {quantity}", unit, measured, lambda values: hours(values) * scale,
                assumed, share, part)  # fmt: skip
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
    if quantity == "gpu_hours":
        return "GPU-h", 1
    unit = (row.get("unit_norm") or "s").strip()
    hours = {"h": 1, "hours": 1, "min": 60, "minutes": 60, "days": 1 / 24, "d": 1 / 24}.get(unit.lower())
    return ("s", SECONDS_PER_HOUR / gpus) if hours is None else (unit, hours / gpus)


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
                lambda _: 6 * arch.parameters_active * tokens / PF_DAY)  # fmt: skip


# --- training -------------------------------------------------------------------------------------------------------


def _speed_case(line, row, arch, name, gpus, text, measured, assumed, coefficients):
    length = number(row, "seq_len", required=False)
    if not length:
        raise UnreadableError("missing seq_len")
    place, eight = placed(row, arch, name, gpus, text, length, coefficients)
    speed = tokens_per_second(arch, place, name, length, eight)
    unit, dense = row.get("unit_norm") or row.get("unit"), timing.roofline(name, coefficients=coefficients).peak
    if "tokens/s" in unit.lower():
        scale = gpus if "job" in unit.lower() else 1
        share = measured / scale * token_flops(arch, length) / dense
        return case(line, row, _group(row), "speed", unit, measured, lambda values: scale * speed(values),
                    assumed, share)  # fmt: skip
    each = token_flops(arch, length)
    counted = 4 / 3 if re.search(r"hfu", row.get("unit", "").lower()) and place.setup.recompute == "full" else 1
    peak = dense / 100 if "%" in unit else 1e12
    return case(
        line,
        row,
        _group(row),
        "utilisation",
        unit,
        measured,
        lambda values: speed(values) * each * counted / peak,
        assumed,
        measured / counted * peak / dense,
    )


def _group(row):
    """Rows with every input are one group, rows with one assumed another."""
    return "training throughput" if _given(row) else "training, one input assumed"


def _pretraining_hours(row, arch, name, gpus, text, length, coefficients):
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
    place, eight = placed(row, arch, name, gpus, text, length, coefficients)
    speed = tokens_per_second(arch, place, name, length, eight)
    whole = "step" not in per and "iteration" not in per

    def hours(values):
        return tokens / speed(values) / SECONDS_PER_HOUR / (values["run-goodput"] if whole else 1)

    return hours, lambda _: tokens * token_flops(arch, length)
