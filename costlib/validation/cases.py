"""A case: a measured value beside the function that predicts it; and where a training run was placed.

The function takes Coefficients and asks the science again each time it is called, so that it can be evaluated at the
published values, over draws, and with any other.
"""

import re
from typing import NamedTuple

from costlib.base.errors import UnreadableError
from costlib.compute import parallelism, recognition, timing
from costlib.compute.architecture import forward
from costlib.facts import catalog

SAME_KERNEL = {"flash-2": "flash"}
LONG = 16384  # tokens of a sequence, from which on attention takes a large part of the time


class Case(NamedTuple):
    """A measured value and the function of Coefficients that predicts it; `assumed` is what the report leaves open.

    `utilisation` is what the measured value makes of the dense peak, where it is a speed or a time [fraction]; `share`
    is the function of the same that predicts what part of a PPO step generates [fraction]. `regime` names those cases
    whose errors are taken to be of one kind; the group where nothing else is said. `most` is what the named GPU
    has, in the unit, where it is a size of memory.
    """

    line: int
    id: str
    source: str
    group: str
    quantity: str
    unit: str
    measured: float
    predict: object
    assumed: tuple = ()
    utilisation: float | None = None
    share: object = None
    regime: str = ""
    most: float | None = None


def outside(quantity):
    """Return the reason for a quantity that the model does not predict."""
    return UnreadableError(f"outside the model: {quantity}")


def missing(name):
    """Return the reason for a row that lacks an input."""
    return UnreadableError(f"missing {name}")


def case(line, row, group, quantity, unit, measured, predict, assumed=(), utilisation=None, share=None,
         regime=""):  # fmt: skip
    """Return a Case of a row, with its identifier and source."""
    named = row.get("id") or row.get("name") or row.get("model") or f"line {line}"
    return Case(line, named, row.get("source") or "", group, quantity, unit, measured, predict, tuple(assumed),
                utilisation, share, regime or group)  # fmt: skip


def architecture(row):
    """Return what :func:`costlib.compute.recognition.model` does: the Architecture of a row, how it was recognised."""
    sizes = {name: row.get(name) for name in ("layers", "hidden_size", "heads", "vocabulary_size")}
    return recognition.model(row.model, row.get("parameters"), row.get("parameters_active"), **sizes)


def tokens_per_second(arch, place, name, length, precision="bf16"):
    """Return the function that predicts the speed of training on one GPU [tokens/s]."""
    return lambda values: (
        1 / parallelism.token_gpu_seconds(arch, place, timing.roofline(name, precision, values), length)
    )


def token_flops(arch, length):
    """FLOPs of training on a token, as published utilisations count them: all parameters, the whole square."""
    return 3 * (2 * arch.parameters_active + forward(arch, 1, length).attention / length)


def placed(row, arch, name, gpus, length, coefficients):
    """Layout of a training run, the fastest with these Coefficients where a report is silent, and its precision."""
    precision = computed_in(row, name, coefficients)
    plan = {each: getattr(row, each) for each in ("zero", "micro_batch", "recompute", "recipe", "lora_rank",
                                                  "lora_targets", "base_bits", "tensor_parallel")}  # fmt: skip
    plan = {each: value for each, value in plan.items() if value not in (None, "")}
    pipeline = row.pipeline_parallel
    ranks = plan.get("tensor_parallel", 1) * (pipeline or 1)
    if gpus % ranks or arch.heads % plan.get("tensor_parallel", 1):
        raise UnreadableError(f"column tensor_parallel: times pipeline_parallel it must divide {gpus:g} GPUs and the "
                              f"{arch.heads:g} heads of the model, got {ranks:g}")  # fmt: skip
    plan |= kernels(row)
    # Norms were split over tensor-parallel GPUs from 2022 on, about when attention was fused.
    plan["sequence_parallel"] = plan["attention_kernel"] != "eager" or bool(row.sequence_parallel)
    spread = ("pipeline_chunks", "expert_parallel", "context_parallel", "offload")
    plan |= {each: row.get(each) for each in spread if row.get(each)}
    if arch.experts == 1:
        plan.pop("expert_parallel", None)
    if "zero" in plan and (pipeline or 1) > 1:
        plan["zero"] = min(plan["zero"], 1)
    found = parallelism.chosen(
        arch, name, gpus, length, tuple(plan.items()), pipeline, row.batch, precision, coefficients
    )
    return found, precision


def kernels(row):
    """Return the kernels of a row as settings of a layout: as it gives them, else those of its software."""
    used = software(row)
    given = row.get("kernels") or ("fused" if used and used.fused else "")
    kernel = row.get("attention_kernel") or (used.attention_kernel if used else "flash")
    return {"attention_kernel": SAME_KERNEL.get(kernel, kernel), "fused": given == "fused",
            "overlap": bool(row.get("async_tensor_parallel") or (used and used.overlap))}  # fmt: skip


def software(row):
    """Return the first row of the table of training software that a row names, or whose tables it is from, or None."""
    texts = " ".join(str(row.get(each) or "") for each in ("software", "source", "id", "name", "as_reported"))
    known = catalog.table("training_software").values()
    return next((each for each in known if re.search(each.pattern, texts, re.IGNORECASE)), None)


def training_regime(row, arch):
    """Return the regime of a case of training: the kind of job whose errors are taken to be of one kind."""
    if (row.get("sequence_length") or 0) >= LONG:
        return "training long"
    if row.get("precision") == "fp8" or (row.get("base_bits") or 16) < 16:
        return "training quantised"
    return f"training {'adapters' if row.get('lora_rank') else 'mixture' if arch.experts > 1 else 'dense'}"


def computed_in(row, name, coefficients):
    """Return the precision of matrix products: fp8, by tensor or by row, where the row says so and the GPU has it."""
    if row.precision != "fp8" or not catalog.find("gpus", name, coefficients.hardware).fp8_dense_tflops:
        return "bf16"
    return "fp8-rowwise" if row.get("fp8_scaling") == "rowwise" else "fp8"
