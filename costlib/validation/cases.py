"""A case: a measured value beside the function that predicts it; and where a training run was placed.

The function takes Coefficients and asks the science again each time it is called, so that it can be evaluated at the
published values, over draws, and with any other.
"""

import re
from typing import NamedTuple

from costlib.compute import parallelism, timing
from costlib.compute.architecture import forward
from costlib.compute.recognition import UnreadableError
from costlib.facts import catalog
from costlib.validation.tables import amount, said, sequences_of_update, settings


class Case(NamedTuple):
    """A measured value and the function of Coefficients that predicts it; `assumed` is what the report leaves open.

    `utilisation` is what the measured value makes of the dense peak, where it is a speed or a time [fraction]; `share`
    is the function of the same that predicts what part of a PPO step generates [fraction].
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


def eager(coefficients):
    """Return Coefficients of code that launches each kernel alone and reaches less of the bandwidth."""
    return coefficients.replaced({"memory-bandwidth-fraction": coefficients["eager-bandwidth-fraction"],
                                  "decode-launch": coefficients["eager-launch"]})  # fmt: skip


def outside(quantity):
    """Return the reason for a quantity that the model does not predict."""
    return UnreadableError(f"outside the model: {quantity}")


def case(line, row, group, quantity, unit, measured, predict, assumed=(), utilisation=None, share=None):
    """Return a Case of a row, with the identifier and source of its cells."""
    named = row.get("id") or row.get("model") or f"line {line}"
    return Case(
        line, named, row.get("source", ""), group, quantity, unit, measured, predict, tuple(assumed), utilisation, share
    )


def tokens_per_second(arch, place, name, length, eight=False):
    """Return the function that predicts the speed of training on one GPU [tokens/s]."""
    precision = "fp8" if eight else "bf16"
    return lambda values: (
        1 / parallelism.token_gpu_seconds(arch, place, timing.roofline(name, precision, values), length)
    )


def token_flops(arch, length):
    """FLOPs of training on a token, as published utilisations count them: all parameters, the whole square."""
    return 3 * (2 * arch.parameters_active + forward(arch, 1, length).attention / length)


def placed(row, arch, name, gpus, text, length, coefficients):
    """Layout of a training run, the fastest with these Coefficients where a report is silent, and whether in 8 bits."""
    eight = "fp8" in text and bool(catalog.find("gpus", name, coefficients.hardware).fp8_dense_tflops)
    plan = settings(text)
    pipeline = amount(text, r"\bpp {n}")
    pipeline = pipeline and int(pipeline)
    update = sequences_of_update(text, length)
    if "tensor_parallel" in plan and (
        gpus % (plan["tensor_parallel"] * (pipeline or 1)) or arch.heads % plan["tensor_parallel"]
    ):
        del plan["tensor_parallel"]
    if "lora_rank" in plan:
        plan["recipe"] = "bf16-8"
    elif re.search(r"8-?bit", text):
        plan["recipe"] = "adam8bit-10"
    plan["attention_kernel"] = _kernel(row, name, text)
    # Norms were split over tensor-parallel GPUs from 2022 on, about when attention was fused.
    plan["sequence_parallel"] = plan["attention_kernel"] == "flash" or "sequence parallel" in text
    if pipeline and gpus % pipeline:
        pipeline = None
    if "zero" in plan and (pipeline or 1) > 1:
        plan["zero"] = min(plan["zero"], 1)
    software = said(row, "source", "other_inputs", "unit", "id")
    kernels = "fused" if re.search(r"nemo(?!-?rl)|megatron-?bridge|transformer engine|mlperf", software) else "common"
    if re.search(r"nemo(?!-?rl)|megatron", software) and "lora_rank" not in plan:
        plan.setdefault("zero", 1)  # Megatron and what is built on it keep weights whole, and share layers instead
    place = parallelism.chosen(
        arch, name, gpus, length, tuple(plan.items()), pipeline, update, "fp8" if eight else "bf16", coefficients
    )
    interleaved = None if "interleaved" in text or "1f1b" not in text else 1
    return place._replace(interleaved=interleaved if place.pipeline > 1 else 1, kernels=kernels), eight


def _kernel(row, name, text):
    """Whether attention was written out: on GPUs without fused kernels, and before there were any."""
    early = re.search(r"^(gpt|opt|bloom|mt-nlg|glm|megatron|bloomberg)", row["model"].lower()) and name.startswith(
        "a100"
    )
    if "flash" in text:
        return "flash"
    return "eager" if early or name.startswith("v100") or "eager attention" in text else "flash"
