"""How well one GPU is used by the sequences that pass at a time: tokens a second, share of its peak, memory."""

from typing import NamedTuple

from costlib.base._arrays import Numeric
from costlib.base.units import GB, SECONDS_PER_HOUR
from costlib.compute import inference, memory, stages
from costlib.compute.architecture import Architecture, forward
from costlib.compute.architecture import training as training_flops
from costlib.compute.timing import Roofline


class Throughput(NamedTuple):
    """What one GPU does at some sequences at a time.

    Parameters
    ----------
    tokens_per_s : trained or written [tokens/s]
    share_of_peak : of the dense 16-bit peak; each product counts once, whatever is computed again [fraction]
    gb : memory that it takes [GB]
    """

    tokens_per_s: Numeric
    share_of_peak: Numeric
    gb: Numeric


def training(model: Architecture, data: stages.Data, run: stages.Run) -> Throughput:
    """Return the Throughput of one GPU of a run that fine-tunes.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    data : costlib.compute.stages.Data, at least one example
    run : costlib.compute.stages.Run with the rates of a GPU

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> setup = memory.Setup(gpus=8, zero=3, micro_batch=16)
    >>> run = stages.Run(roofline("a100-sxm-80gb"), setup)
    >>> 0.4 < training(find("llama-2-7b"), stages.Data(1000, 256, 256), run).share_of_peak < 0.7
    True
    """
    rates: Roofline = run.speed  # type: ignore[assignment]  # one speed for all work has no peak
    cost = stages.sft(model, data, run)
    speed = cost.tokens / cost.gpu_hours / SECONDS_PER_HOUR
    share = training_flops(model, 1, data.length).total / data.length * speed / rates.peak
    return Throughput(speed, share, memory.training(model, data.length, run.setup, rates.coefficients).total / GB)


def decoding(model: Architecture, rates: Roofline, prompt_tokens: Numeric, response_tokens: Numeric, sequences: Numeric,
             tensor_parallel: Numeric = 1) -> Throughput:  # fmt: skip
    """Return the Throughput of each GPU of a group that writes, in the middle of its answers.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    rates : costlib.compute.timing.Roofline
    prompt_tokens, response_tokens : of one answer, for all of which there is room in the cache [tokens]
    sequences : at a time on the group, above 0 [-]
    tensor_parallel : GPUs of the group [GPUs]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> from costlib.compute.timing import roofline
    >>> one, many = (decoding(find("llama-2-7b"), roofline("a100-sxm-80gb"), 256, 256, n) for n in (1, 16))
    >>> 10 < many.tokens_per_s / one.tokens_per_s < 16
    True
    """
    context = prompt_tokens + response_tokens / 2
    step = inference.decode_step(model, rates, sequences, context, tensor_parallel).seconds
    flops = forward(model, sequences, 1, cached=context, attention="causal").total / tensor_parallel
    length, known = prompt_tokens + response_tokens, rates.coefficients
    held = memory.generating(model, length, sequences, tensor_parallel, coefficients=known)
    return Throughput(sequences / step / tensor_parallel, flops / step / rates.peak, held.total / GB)
