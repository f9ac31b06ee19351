"""Published runs of training and alignment as cases: utilisation, speed, GPU-hours, wall time, dollars, FLOPs."""

from costlib.base.errors import UnreadableError
from costlib.base.text import shown
from costlib.base.units import SECONDS_PER_HOUR
from costlib.compute import timing
from costlib.facts.catalog import assumption
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import (
    architecture,
    case,
    missing,
    outside,
    placed,
    token_flops,
    tokens_per_second,
    training_regime,
)
from costlib.validation.readers.alignment import stage_cost, stage_regime
from costlib.validation.readers.phases import generating

TRAINING = ("pretrain", "sft")
ALIGNMENT = ("sft", "rm", "dpo", "ppo", "grpo")
ROLLOUTS = ("ppo", "grpo")
PF_DAY = 1e15 * 86_400
HOURS = {"ms": 1e-3 / SECONDS_PER_HOUR, "s": 1 / SECONDS_PER_HOUR, "min": 1 / 60, "h": 1, "d": 24, "weeks": 168}
SPEEDS = ("tokens_per_s", "samples_per_s", "mfu")
UTILISATIONS = {"%": 0.01, "fraction": 1}  # of the peak


def run_case(line, row, coefficients):
    """Return the cases of a row of a runs table, or raise UnreadableError with the reason why there are none."""
    if row.stage not in {*TRAINING, *ALIGNMENT}:
        raise outside(f"stage {row.stage or '(empty)'}")
    if row.value_norm is None:
        raise missing("value_norm: the source reports no number")
    arch, how = architecture(row)
    assumed = ("architecture",) if how == "size" else ()
    if row.reported_quantity == "pf_days":
        return [_flops_case(line, row, arch)]
    if row.grade == "C":
        raise missing("inputs: the table grades the row as not predictable")
    name, gpus = gpu_in_report(row.gpu, coefficients.hardware), row.gpus
    if not gpus:
        if row.reported_quantity not in ("gpu_hours", "mfu"):
            raise missing("gpus")
        gpus = assumption("gpus-of-pretraining" if row.stage == "pretrain" else "gpus-of-tuning")
        assumed = (*assumed, "gpus")
    if row.reported_quantity in SPEEDS:
        if row.stage not in TRAINING:
            return [_stage_speed(line, row, arch, name, gpus, assumed, coefficients)]
        return [_speed_case(line, row, arch, name, gpus, assumed, coefficients)]
    if row.reported_quantity not in ("wall_hours", "gpu_hours", "usd"):
        raise outside(row.reported_quantity)
    _has_lengths(row)
    return _time_cases(line, row, arch, name, gpus, assumed, coefficients)


def _has_lengths(row):
    """Refuse a row of whose sequences no length is known."""
    if not (row.sequence_length or row.mean_tokens or (row.stage in ROLLOUTS and _answers(row))):
        raise missing("response_tokens or longest_tokens" if row.stage in ROLLOUTS else "sequence_length")


def _answers(row):
    return row.response_tokens or row.longest_tokens


def _time_cases(line, row, arch, name, gpus, assumed, coefficients):
    """The time or price of a run, and the share of it that generates, where that was published."""
    if row.stage == "pretrain":
        hours, flops, of = _pretraining_hours(row, arch, name, gpus, coefficients)
        cost, group = None, _group(row)
    else:
        cost, more = stage_cost(row, arch, name, gpus, coefficients)
        assumed, group = assumed + more, _of_alignment(row, more)
        of = stage_regime(row)
        hours, flops = (lambda values: cost(values).gpu_hours), (lambda values: cost(values).flops)
    writes = row.stage in ROLLOUTS
    cases = []
    if writes and row.generation_share:
        cases = [case(line, row, "generation share", f"{row.stage} generation share", "%", row.generation_share,
                      lambda values: 100 * generating(cost(values), row, gpus), assumed,
                      regime="share of generating")]  # fmt: skip
    if row.phase:
        if not cases:
            raise outside("one phase of a step")
        return cases
    unit, scale = _time_unit(row, gpus)
    peak = timing.roofline(name, coefficients=coefficients).peak
    used = flops(coefficients) / (row.value_norm / scale * SECONDS_PER_HOUR * peak)
    share = (lambda values: generating(cost(values), row, gpus)) if writes else None
    time = case(line, row, group, f"{row.stage} {row.reported_quantity}", unit, row.value_norm,
                lambda values: hours(values) * scale, assumed, used, share, of)  # fmt: skip
    return [*cases, time]


def _given(row):
    """Whether the table says that all inputs are known; a table without grades is taken to know them."""
    return row.grade in ("", "A")


def _group(row):
    """Rows with every input are one group, rows with one assumed another."""
    return "training throughput" if _given(row) else "training, one input assumed"


def _of_alignment(row, assumed):
    """The same; a table without grades does not know a mean that was taken from a limit."""
    known = row.grade == "A" or ("mean length" not in assumed and _given(row))
    return "alignment" if known else "alignment, one input assumed"


def _time_unit(row, gpus):
    """Unit of the reported value, and what turns GPU-hours into it."""
    if row.reported_quantity == "usd":
        if not row.usd_per_gpu_hour:
            raise missing("usd_per_gpu_hour")
        return "USD", row.usd_per_gpu_hour
    if row.reported_quantity == "gpu_hours":
        return "GPU-h", 1
    unit = row.unit_norm or "s"
    if unit not in HOURS:
        raise UnreadableError(f"column unit_norm: must be one of {', '.join(HOURS)}, got {shown(unit)}")
    # Seconds of an hour first, as every other time has them.
    return unit, SECONDS_PER_HOUR / gpus if unit == "s" else 1 / HOURS[unit] / gpus


def _flops_case(line, row, arch):
    """Petaflop/s-days as their sources count them: 6 FLOPs for each parameter and token."""
    if row.stage in (*ROLLOUTS, "dpo", "rm"):
        raise outside(f"FLOPs of {row.stage} in a unit whose count is not stated")
    tokens = row.tokens or (row.examples or 0) * (row.epochs or 1) * (row.sequence_length or 0)
    if not tokens:
        raise missing("tokens")
    return case(line, row, "parameters and FLOPs", "PF-days", "PF-days", row.value_norm,
                lambda _: 6 * arch.parameters_active * tokens / PF_DAY)  # fmt: skip


def _speed_case(line, row, arch, name, gpus, assumed, coefficients):
    length = row.sequence_length
    if not length:
        raise missing("sequence_length")
    place, precision = placed(row, arch, name, gpus, length, coefficients)
    speed = tokens_per_second(arch, place, name, length, precision)
    unit, dense = row.unit_norm, timing.roofline(name, coefficients=coefficients).peak
    each = token_flops(arch, length)
    if row.reported_quantity != "mfu":
        # An answer of all GPUs is said to be one, or is more than the peak of one GPU allows.
        scale = gpus if "job" in unit or (unit in ("tokens/s", "") and row.value_norm * each > dense) else 1
        scale = gpus / length if row.reported_quantity == "samples_per_s" else scale
        return case(line, row, _group(row), "speed", unit or "tokens/s", row.value_norm,
                    lambda values: scale * speed(values), assumed, row.value_norm / scale * each / dense,
                    regime=training_regime(row, arch))  # fmt: skip
    counted = 4 / 3 if row.counts_recompute and place.recompute == "full" else 1
    if unit not in UTILISATIONS and "flop" not in unit.lower():
        raise UnreadableError(f"column unit_norm: must be %, fraction or TFLOP/s, got {shown(unit)}")
    peak = UTILISATIONS[unit] * dense if unit in UTILISATIONS else 1e12
    return case(line, row, _group(row), "utilisation", unit, row.value_norm,
                lambda values: speed(values) * each * counted / peak, assumed,
                row.value_norm / counted * peak / dense, regime=training_regime(row, arch))  # fmt: skip


def _stage_speed(line, row, arch, name, gpus, assumed, coefficients):
    """Tokens, pairs or answers per second of a whole step of alignment: of one GPU unless the unit says of all."""
    if row.reported_quantity == "mfu":
        raise outside(f"mfu of one phase of {row.stage}")
    _has_lengths(row)
    cost, more = stage_cost(row, arch, name, gpus, coefficients)
    each = row.examples if row.reported_quantity == "samples_per_s" else None
    scale = gpus if each or "job" in row.unit_norm else 1

    def speed(values):
        found = cost(values)
        return scale * (each or found.tokens) / (found.gpu_hours * SECONDS_PER_HOUR)

    return case(line, row, _of_alignment(row, more), "speed", row.unit_norm or "tokens/s", row.value_norm, speed,
                assumed + more, regime=stage_regime(row))  # fmt: skip


def _pretraining_hours(row, arch, name, gpus, coefficients):
    length, tokens = row.sequence_length, row.tokens
    if row.per == "step":
        if not row.batch:
            raise missing("batch: sequences of a step")
        tokens = row.batch * length * (row.steps or 1)
    if not tokens:
        raise missing("tokens")
    place, precision = placed(row, arch, name, gpus, length, coefficients)
    speed = tokens_per_second(arch, place, name, length, precision)

    def hours(values):
        return tokens / speed(values) / SECONDS_PER_HOUR / (1 if row.per == "step" else values["run-goodput"])

    return hours, (lambda _: tokens * token_flops(arch, length)), training_regime(row, arch)
