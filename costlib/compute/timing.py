"""From work to seconds on a GPU: the rates that bound it, and the time of a pass.

A pass takes the time of its matrix products at the best rate measured for the GPU, of attention at the rate of its
kernels, of reading and writing everything else at the memory's bandwidth, and of what travels between GPUs. Few
coefficients, each a row of `facts/coefficients.csv` with its source; none belongs to a model or a run.

Source: the roofline :cite:`williams2009roofline`.
"""

from typing import NamedTuple

from costlib._arrays import Numeric, checked, choice, maximum, where
from costlib.compute import memory
from costlib.compute.architecture import Architecture, Flops
from costlib.compute.coefficients import Coefficients, given
from costlib.facts import catalog
from costlib.facts.hardware import room_gb
from costlib.text import shown
from costlib.units import FLOPS_PER_TFLOP, GB, MICROSECOND

PRECISIONS = ("bf16", "fp8")


class FlatSpeed(NamedTuple):
    """One sustained speed for all work, as the article has it [TFLOP/s per GPU]."""

    tflops: Numeric

    def seconds(self, flops: Numeric) -> Numeric:
        """Return the GPU-seconds of some FLOPs, wherever they come from."""
        return flops / (checked("tflops", self.tflops, "TFLOP/s", low_is_allowed=False) * FLOPS_PER_TFLOP)


class Roofline(NamedTuple):
    """The rates that bound a GPU; make one with :func:`roofline`.

    Parameters
    ----------
    matmul : matrix products, best measured [FLOP/s]
    peak : dense peak [FLOP/s]
    attention : attention of the best kernels of 2023, which skip half of the square, the full square counted [FLOP/s]
    bandwidth : reading and writing memory, sustained [bytes/s]
    link, network : to GPUs of the node and of others, sustained, per direction [bytes/s]
    hbm_gb : memory [GB]
    coefficients : costlib.compute.coefficients.Coefficients, from which these rates are and all that they leave open;
        a rate does not follow where these are replaced, so ask :func:`roofline` again
    """

    matmul: Numeric
    peak: Numeric
    attention: Numeric
    bandwidth: Numeric
    link: Numeric
    network: Numeric
    hbm_gb: Numeric
    coefficients: Coefficients


def roofline(gpu: str, precision: str = "bf16", coefficients: Coefficients | None = None) -> Roofline:
    """Return the rates of a GPU of the catalogue.

    Parameters
    ----------
    gpu : name of a GPU
    precision : of matrix products, "bf16" or "fp8"
    coefficients : costlib.compute.coefficients.Coefficients, whose hardware's GPU may be named as well; None takes
        those with which this process was started

    Raises
    ------
    ValueError : for an unknown GPU, with the nearest names, or fp8 on a GPU without it

    Examples
    --------
    >>> rates = roofline("a100-sxm-80gb")
    >>> round(rates.matmul / 1e12, 1), round(rates.bandwidth / 1e12, 3)
    (271.2, 1.835)
    """
    known = given(coefficients)
    facts = catalog.find("gpus", gpu, known.hardware)
    peak = facts.bf16_dense_tflops if choice("precision", precision, PRECISIONS) == "bf16" else facts.fp8_dense_tflops
    if peak is None:
        raise ValueError(f"precision must be bf16 on {facts.label}, which has no fp8, got {shown(precision)}")
    share = known["matmul-fraction"]
    if precision == "fp8" and facts.best_fp8_matmul_tflops:
        share = facts.best_fp8_matmul_tflops / peak
    elif facts.best_matmul_tflops:
        share = facts.best_matmul_tflops / facts.bf16_dense_tflops
    reach = known["link-fraction"]
    kernels = facts.flash_attention_share or catalog.assumption("attention-without-measurement")
    network = (facts.network_gb_per_s or catalog.assumption("network-without-node")) * known["network-fraction"]
    return Roofline(
        matmul=share * peak * FLOPS_PER_TFLOP,
        peak=facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        attention=2 * kernels * facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        bandwidth=known["memory-bandwidth-fraction"] * facts.hbm_bandwidth_gb_per_s * GB,
        link=reach * (facts.link_gb_per_s or network) * GB,
        network=reach * network * GB,
        hbm_gb=room_gb(facts),
        coefficients=known,
    )


def elementwise_bytes(model: Architecture, rates: Roofline, tokens: Numeric, passes: Numeric = 1) -> Numeric:
    """Return the bytes that norms, activations and residuals move for some tokens [bytes]."""
    return rates.coefficients["elementwise-bytes"] * model.layers * model.hidden_size * tokens * passes


def link_rate(rates: Roofline, gpus: Numeric, ranks: Numeric = 1) -> Numeric:
    """Return the rate at which each of `gpus` GPUs receives what all share [bytes/s].

    Within a node it is that of the link. Between nodes each node receives the data once, over the adapters of all its
    GPUs together, if that is slower. Of `ranks` tensor-parallel GPUs each shares other data with its like: fewer
    adapters, down to one, bring it.
    """
    node = rates.coefficients["nodes"]
    between = rates.network * maximum(1, node / ranks)
    slower = where(rates.link < between, rates.link, between)
    return where(gpus > node, slower, rates.link)


class Passes(NamedTuple):
    """The passes of a micro-batch: FLOPs, passes over its activations, and how often weights and gradients travel."""

    flops: Flops
    elementwise: Numeric
    gathers: Numeric
    gradients: Numeric


def pass_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric,
                 trained: Numeric) -> Numeric:  # fmt: skip
    """Return the seconds of one micro-batch on one group of tensor-parallel GPUs.

    Parameters
    ----------
    model : Architecture
    setup : costlib.compute.memory.Setup
    rates : Roofline
    passes : Passes of the micro-batch: FLOPs, elementwise passes, times that weights and gradients travel
    tokens : of the micro-batch [tokens]
    trained : parameters whose gradients travel [parameters]

    Returns
    -------
    seconds, in which host, matrix products and memory overlap as the hardware lets them [s]
    """
    ranks, known = setup.tensor_parallel, rates.coefficients
    weight_reads = passes.elementwise * memory.weights(model) / rates.bandwidth
    products = maximum(passes.flops.matmul / rates.matmul, weight_reads)
    attention = passes.flops.attention / (known["training-attention-fraction"] * rates.attention)
    traffic = elementwise_bytes(model, rates, tokens, passes.elementwise) / rates.bandwidth
    # Norms and residuals are on each of the tensor-parallel GPUs, unless the sequence is split as well.
    again = 0 if setup.sequence_parallel else catalog.assumption("activations-not-split") * (ranks - 1)
    busy = (products + attention + traffic * (1 + again)) / ranks
    busy = busy + _last_wave_seconds(model, setup, rates, passes, tokens)
    host = known["training-launch"] * MICROSECOND * model.layers * passes.elementwise
    return maximum(busy, host) + _travel_seconds(model, setup, rates, passes, tokens, trained)


def _last_wave_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes,
                       tokens: Numeric) -> Numeric:  # fmt: skip
    """Seconds in which part of a GPU waits for the last outputs of a product.

    A GPU computes a few million outputs at once, and the last such wave is half full in the mean. What that takes
    goes with the inner size of a product: small where many GPUs or experts share it, yet not smaller with it.
    """
    ranks = setup.tensor_parallel
    inner = 2 * model.hidden_size + (model.heads * model.head_size + model.ffn_size) / ranks
    # Gradients of weights are products over the tokens: of queries to values, output, and both halves of the MLP.
    training = where(passes.gradients > 0, 1, 0)
    inner = inner * (passes.elementwise - training) + 4 * tokens * training
    # Half a wave, and two FLOPs for each of its outputs and each step along the inner size.
    return rates.coefficients["product-wave"] * inner * model.layers / rates.matmul


def _travel_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric,
                    trained: Numeric) -> Numeric:  # fmt: skip
    ranks = setup.tensor_parallel
    replicas = setup.gpus / ranks
    shared = passes.gradients * 2 * trained * (1 if setup.zero == 3 else 2)
    if setup.zero == 3:
        shared = shared + passes.gathers * 2 * model.parameters
    # A ring moves all but one part of N; with one GPU nothing travels.
    across = (1 - 1 / replicas) * shared / ranks / link_rate(rates, setup.gpus, ranks)
    # Two all-reduces for each layer, forward, backward and again, each moving the tokens' hidden states twice.
    reduced = 2 * model.layers * passes.gathers * 2 * 2 * model.hidden_size * tokens * (1 - 1 / ranks)
    slower = rates.coefficients["all-reduce-fraction"]
    return across + reduced / link_rate(rates, ranks) / slower
