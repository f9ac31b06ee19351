"""From work to seconds on a GPU: the rates that bound it, and the time of a pass.

A pass takes the time of its matrix products at the best rate measured for the GPU, of attention at the rate of its
kernels, of reading and writing everything else at the memory's bandwidth, and of what travels between GPUs. Few
coefficients, each a row of `facts/coefficients.csv` with its source; none belongs to a model or a run.

Source: the roofline :cite:`williams2009roofline`.
"""

from typing import NamedTuple

from costlib import memory
from costlib._elementwise import checked, choice, maximum, where
from costlib.architecture import Flops
from costlib.coefficients import coefficient
from costlib.facts import catalog
from costlib.formulas import FLOPS_PER_TFLOP

MICROSECOND = 1e-6
PRECISIONS = ("bf16", "fp8")


class FlatSpeed(NamedTuple):
    """One sustained speed for all work, as the article has it [TFLOP/s per GPU]."""

    tflops: float

    def seconds(self, flops):
        """Return the GPU-seconds of some FLOPs, wherever they come from."""
        return flops / (checked("tflops", self.tflops, "TFLOP/s", low_is_allowed=False) * FLOPS_PER_TFLOP)


class Roofline(NamedTuple):
    """The rates that bound a GPU; make one with :func:`roofline`.

    Parameters
    ----------
    matmul : matrix products, best measured [FLOP/s]
    peak : dense peak [FLOP/s]
    bandwidth : reading and writing memory, sustained [bytes/s]
    link, network : to GPUs of the node and of others, sustained, per direction [bytes/s]
    hbm_gb : memory [GB]
    """

    matmul: float
    peak: float
    bandwidth: float
    link: float
    network: float
    hbm_gb: float


def roofline(gpu, precision="bf16"):
    """Return the rates of a GPU of the catalogue.

    Parameters
    ----------
    gpu : name of a GPU
    precision : of matrix products, "bf16" or "fp8"

    Raises
    ------
    ValueError : for an unknown GPU, with the nearest names, or fp8 on a GPU without it

    Examples
    --------
    >>> rates = roofline("a100-sxm-80gb")
    >>> round(rates.matmul / 1e12, 1), round(rates.bandwidth / 1e12, 3)
    (271.2, 1.835)
    """
    facts = catalog.find("gpus", gpu)
    peak = facts.bf16_dense_tflops if choice("precision", precision, PRECISIONS) == "bf16" else facts.fp8_dense_tflops
    if peak is None:
        raise ValueError(f"precision must be bf16 on {facts.label}, which has no fp8, got {precision!r}")
    share = coefficient("matmul-fraction")
    if facts.best_matmul_tflops:
        share = facts.best_matmul_tflops / facts.bf16_dense_tflops
    reach = coefficient("link-fraction")
    return Roofline(
        matmul=share * peak * FLOPS_PER_TFLOP,
        peak=facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        bandwidth=coefficient("memory-bandwidth-fraction") * facts.hbm_bandwidth_gb_per_s * memory.GB,
        link=reach * (facts.link_gb_per_s or coefficient("network")) * memory.GB,
        network=reach * coefficient("network") * memory.GB,
        hbm_gb=facts.hbm_gb,
    )


def elementwise_bytes(model, tokens, passes=1):
    """Return the bytes that norms, activations and residuals move for some tokens [bytes]."""
    return coefficient("elementwise-bytes") * model.layers * model.hidden_size * tokens * passes


def link_rate(rates, gpus):
    """Return the rate at which each of `gpus` GPUs receives what all share [bytes/s].

    Within a node it is that of the link. Between nodes each node receives the data once, over the adapters of all its
    GPUs together, if that is slower.
    """
    node = coefficient("nodes")
    between = rates.network * node
    slower = where(rates.link < between, rates.link, between)
    return where(gpus > node, slower, rates.link)


class Passes(NamedTuple):
    """The passes of a micro-batch: FLOPs, passes over its activations, and how often weights and gradients travel."""

    flops: Flops
    elementwise: float
    gathers: float
    gradients: float


def pass_seconds(model, setup, rates, passes, tokens, trained):
    """Return the seconds of one micro-batch on one group of tensor-parallel GPUs.

    Parameters
    ----------
    model : Architecture
    setup : costlib.memory.Setup
    rates : Roofline
    passes : Passes of the micro-batch: FLOPs, elementwise passes, times that weights and gradients travel
    tokens : of the micro-batch [tokens]
    trained : parameters whose gradients travel [parameters]

    Returns
    -------
    seconds, in which host, matrix products and memory overlap as the hardware lets them [s]
    """
    ranks = setup.tensor_parallel
    weight_reads = passes.elementwise * memory.weights(model) / rates.bandwidth
    products = maximum(passes.flops.matmul / rates.matmul, weight_reads)
    attention = passes.flops.attention / (coefficient("training-attention-fraction") * rates.peak)
    traffic = elementwise_bytes(model, tokens, passes.elementwise) / rates.bandwidth
    busy = (products + attention + traffic) / ranks
    host = coefficient("training-launch") * MICROSECOND * model.layers * passes.elementwise
    return maximum(busy, host) + _travel_seconds(model, setup, rates, passes, tokens, trained)


def _travel_seconds(model, setup, rates, passes, tokens, trained):
    ranks = setup.tensor_parallel
    replicas = setup.gpus / ranks
    shared = passes.gradients * 2 * trained * (1 if setup.zero == 3 else 2)
    if setup.zero == 3:
        shared = shared + passes.gathers * 2 * model.parameters
    # A ring moves all but one part of N; with one GPU nothing travels.
    across = (1 - 1 / replicas) * shared / ranks / link_rate(rates, setup.gpus)
    # Two all-reduces for each layer, forward, backward and again, each moving the tokens' hidden states twice.
    reduced = 2 * model.layers * passes.gathers * 2 * 2 * model.hidden_size * tokens * (1 - 1 / ranks)
    return across + reduced / link_rate(rates, ranks)
