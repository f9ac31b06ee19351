"""Engines that write answers: how well each uses a GPU, how it fills its batches, and in what format it has weights.

Rows of `facts/engines.csv` name the coefficients of each, those of `facts/weight_formats.csv` the precision of its
products; :mod:`costlib.compute.inference` has the time of a step.
"""

import re
from functools import cache

from costlib.base.units import MICROSECOND
from costlib.compute import architecture, timing
from costlib.compute.architecture import Architecture
from costlib.compute.coefficients import Coefficients, given
from costlib.compute.timing import Roofline
from costlib.facts import catalog
from costlib.facts.schema import Record

DEFAULT = "vllm"


def find(name: str) -> Record:
    """Return an engine, or raise a ValueError that offers the nearest names.

    >>> find("hf-generate").batching
    'static'
    """
    return catalog.find("engines", name, None)


def called(words: str) -> str:
    """Return the engine that a report means, the default where it names none that is known.

    >>> called("TensorRT-LLM 1.2 PyTorch backend"), called("transformers 4.51"), called("")
    ('tensorrt-llm', 'hf-generate', 'vllm')
    """
    known = catalog.table("engines", None)
    return next((name for name in known if re.search(known[name].spellings, words, re.IGNORECASE)), DEFAULT)


def rates(speed: Roofline, name: str) -> Roofline:
    """Return the rates of a GPU while an engine writes.

    Parameters
    ----------
    speed : costlib.compute.timing.Roofline
    name : of an engine

    Examples
    --------
    >>> gpu = timing.roofline("a100-sxm-80gb")
    >>> rates(gpu, "deepspeed-hybrid").bandwidth < gpu.bandwidth, rates(gpu, "hf-generate").layer_launch > 0
    (True, True)
    """
    engine, known = find(name), speed.coefficients
    reached = known[engine.bandwidth] / known["memory-bandwidth-fraction"]
    host = known[engine.host] * MICROSECOND if engine.host else 0
    repeats = known[engine.repeats] if engine.repeats else 0
    return speed._replace(bandwidth=speed.bandwidth * reached, layer_launch=host, repeats=repeats)


@cache
def published_in(model: Architecture) -> str | None:
    """Return the format in which alone the weights of a model are published, None for the usual 16 bits.

    >>> published_in(architecture.find("gpt-oss-20b")), published_in(architecture.find("llama-2-7b"))
    ('fp4', None)
    """
    formats = catalog.table("weight_formats", None)
    models = ((name, each) for name, form in formats.items() for each in (form.models or "").split("|") if each)
    return next((name for name, each in models if architecture.find(each) is model), None)


def alone(weight_format: str) -> bool:
    """Say whether weights alone are in a format of fewer than 16 bits, and products are of 16.

    >>> alone("int4"), alone("fp8")
    (True, False)
    """
    form = catalog.find("weight_formats", weight_format, None)
    return bool(form.bits < 16 and form.products == "bf16")


def roofline(gpu: str, weight_format: str = "bf16", coefficients: Coefficients | None = None) -> Roofline:
    """Return the rates of a GPU for an engine whose weights have a format.

    Products are computed in the precision of the format where the GPU has it, else in 16 bits, for which weights of
    fewer bits are dequantised.

    Parameters
    ----------
    gpu : name of a GPU
    weight_format : a row of weight_formats.csv
    coefficients : as for :func:`costlib.compute.timing.roofline`

    Raises
    ------
    ValueError : for an unknown GPU or format, with the nearest names

    Examples
    --------
    >>> [round(roofline("b200-sxm-180gb", each).matmul / 1e12) for each in ("bf16", "fp8", "fp4", "int4")]
    [1745, 3432, 5863, 1745]
    """
    known = given(coefficients)
    stored, facts = catalog.find("weight_formats", weight_format, None), catalog.find("gpus", gpu, known.hardware)
    if stored.products != "bf16" and facts.fp8_dense_tflops and (stored.products == "fp8" or facts.fp4_over_fp8):
        eight = timing.roofline(gpu, "fp8", known)
        more = facts.fp4_over_fp8 * known["four-bit-fraction"] if stored.products == "fp4" else 1
        return eight._replace(matmul=eight.matmul * more)
    if stored.bits < 16:
        known = known.replaced({"product-tile": known["dequantised-tile"]})
    return timing.roofline(gpu, "bf16", known)
