"""From work to seconds on a GPU: the rates that bound it, and the time of a pass.

A pass takes the time of its matrix products at the best rate measured for the GPU, of attention at the rate of its
kernels, of reading and writing everything else at the memory's bandwidth, and of what travels between GPUs. Few
coefficients, each a row of `facts/coefficients.csv` with its source; none belongs to a model or a run.

Source: the roofline :cite:`williams2009roofline`.
"""

from typing import NamedTuple

from costlib.base._arrays import Numeric, ceil, checked, choice, is_array, maximum, minimum, where
from costlib.base.text import shown
from costlib.base.units import FLOPS_PER_TFLOP, GB, MICROSECOND
from costlib.compute import memory
from costlib.compute.architecture import Architecture, Flops, lora_parameters, training
from costlib.compute.coefficients import Coefficients, given
from costlib.facts import catalog
from costlib.facts.hardware import room_gb

PRECISIONS = ("bf16", "fp8", "fp8-rowwise")


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
    attention, latest_attention : attention of the best kernels of 2023, and of those since, which skip half of the
        square, the full square counted [FLOP/s]
    bandwidth : reading and writing memory, sustained [bytes/s]
    link, network, host : to GPUs of the node, of others, and to the host, sustained, per direction [bytes/s]
    hbm_gb : memory [GB]
    coefficients : costlib.compute.coefficients.Coefficients, from which these rates are and all that they leave open;
        a rate does not follow where these are replaced, so ask :func:`roofline` again
    layer_launch : time in which an engine launches a layer while the GPU works on others; 0 with recorded kernels [s]
    repeats : passes of an engine over a cache that it writes out for each query head; 0 where it reads it in place [-]
    """

    matmul: Numeric
    peak: Numeric
    attention: Numeric
    latest_attention: Numeric
    bandwidth: Numeric
    link: Numeric
    network: Numeric
    host: Numeric
    hbm_gb: Numeric
    coefficients: Coefficients
    layer_launch: Numeric = 0
    repeats: Numeric = 0


def roofline(gpu: str, precision: str = "bf16", coefficients: Coefficients | None = None, link: Numeric | None = None,
             network: Numeric | None = None) -> Roofline:  # fmt: skip
    """Return the rates of a GPU of the catalogue.

    Parameters
    ----------
    gpu : name of a GPU
    precision : of matrix products: "bf16", "fp8" with one scale for a tensor, or "fp8-rowwise" with one for a row
    coefficients : costlib.compute.coefficients.Coefficients, whose hardware's GPU may be named as well; None takes
        those with which this process was started
    link, network : to each GPU of the node and of other nodes, per direction, where they are not the catalogue's [GB/s]

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
    eight = choice("precision", precision, PRECISIONS) != "bf16"
    peak = facts.fp8_dense_tflops if eight else facts.bf16_dense_tflops
    if peak is None:
        raise ValueError(f"precision must be bf16 on {facts.label}, which has no fp8, got {shown(precision)}")
    share = known["matmul-fraction"]
    if eight and facts.best_fp8_matmul_tflops:
        share = facts.best_fp8_matmul_tflops / peak
    elif facts.best_matmul_tflops:
        share = facts.best_matmul_tflops / facts.bf16_dense_tflops
    share = share * (known["rowwise-fraction"] if precision == "fp8-rowwise" else 1)
    reach = known["link-fraction"]
    kernels = facts.flash_attention_share or catalog.assumption("attention-without-measurement")
    latest = facts.latest_attention_share or kernels
    adapters = (facts.network_gb_per_s or catalog.assumption("network-without-node")) * known["network-fraction"]
    between = adapters if network is None else checked("network", network, "GB/s", low_is_allowed=False)
    inside = facts.link_gb_per_s or between
    inside = inside if link is None else checked("link", link, "GB/s", low_is_allowed=False)
    return Roofline(
        matmul=share * peak * FLOPS_PER_TFLOP,
        peak=facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        attention=2 * kernels * facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        latest_attention=2 * latest * facts.bf16_dense_tflops * FLOPS_PER_TFLOP,
        bandwidth=known["memory-bandwidth-fraction"] * facts.hbm_bandwidth_gb_per_s * GB,
        link=reach * inside * GB,
        network=reach * between * GB,
        host=reach * (facts.host_gb_per_s or catalog.assumption("host-link")) * GB,
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
    """The passes of a micro-batch: FLOPs with the square that its kernel counts as full, passes over its activations,
    and how often weights and gradients travel."""

    flops: Flops
    elementwise: Numeric
    gathers: Numeric
    gradients: Numeric


def trained(model: Architecture, setup: memory.Setup, rates: Roofline, flops: Flops, length: Numeric) -> Numeric:
    """Return the GPU-seconds in which a micro-batch trains: its passes, its part of an update, and its pipeline's wait.

    Parameters
    ----------
    model : Architecture
    setup : costlib.compute.memory.Setup
    rates : Roofline
    flops : Flops of the micro-batch as :func:`work` gives them, the square as :func:`counted` has it [FLOPs]
    length : of each sequence [tokens]

    Returns
    -------
    seconds of all GPUs that share the model together [s]
    """
    n, again = micro_batches(setup), 1 if setup.recompute == "full" else 0
    # What is selected by a fused kernel is every second product, with all that lies between.
    passed = 3 + (again or (setup.recompute == "selective" and setup.attention_kernel != "eager"))
    learns = model.parameters
    if setup.lora_rank is not None:
        learns = lora_parameters(model, setup.lora_rank, setup.lora_targets)
    # Gradients of sharded weights are scattered in each micro-batch, others once for an update.
    passes = Passes(flops, passed, 2 + again, 1 if setup.zero == 3 else 1 / n)
    seconds = pass_seconds(model, setup, rates, passes, setup.micro_batch * length, learns)
    return _of_group(model, setup, rates, seconds + _update_seconds(setup, rates, learns) / n)


def work(model: Architecture, setup: memory.Setup, sequences: Numeric, length: Numeric, attention: str,
         cached: Numeric = 0) -> Flops:  # fmt: skip
    """Return the FLOPs of a pass forward and back in a layout, as :func:`costlib.compute.architecture.training` does.

    Beside a fused kernel of attention selective recomputation repeats every second product instead of attention.

    >>> from costlib.compute.architecture import find
    >>> plans = memory.Setup(), memory.Setup(recompute="selective")
    >>> one, other = (work(find("llama-2-7b"), plan, 1, 512, "full") for plan in plans)
    >>> round(other.matmul / one.matmul, 3), other.attention == one.attention
    (1.167, True)
    """
    how = setup.recompute
    if how != "selective" or setup.attention_kernel == "eager":
        return training(model, sequences, length, attention, how, setup.lora_rank, setup.lora_targets, cached)
    once = training(model, sequences, length, attention, "none", setup.lora_rank, setup.lora_targets, cached)
    return once + Flops(model.matmul_parameters * sequences * length, 0)


def scored(model: Architecture, setup: memory.Setup, rates: Roofline, flops: Flops, length: Numeric) -> Numeric:
    """Return the GPU-seconds of a forward pass of a micro-batch; arguments as for :func:`trained` [s]."""
    seconds = pass_seconds(model, setup, rates, Passes(flops, 1, 1, 0), setup.micro_batch * length, 0)
    return _of_group(model, setup, rates, seconds)


def counted(setup: memory.Setup) -> str:
    """Return how the square of attention is counted where it takes time: "full" where it is written out, else "band".

    >>> counted(memory.Setup()), counted(memory.Setup(attention_kernel="eager"))
    ('band', 'full')
    """
    return "full" if setup.attention_kernel == "eager" else "band"


def micro_batches(setup: memory.Setup) -> Numeric:
    """Return the micro-batches of one update on each replica, at least one [-].

    Where the sequences of an update are not known, they are as many as is usual, and enough to fill a pipeline.

    >>> micro_batches(memory.Setup(16, micro_batch=2, batch=256)), micro_batches(memory.Setup(8, pipeline_parallel=8))
    (8.0, 128.0)
    """
    replicas = setup.gpus / (setup.tensor_parallel * setup.pipeline_parallel * setup.context_parallel)
    fills = where(setup.pipeline_parallel > 1, 4 * setup.pipeline_parallel, 1)
    usual = maximum(catalog.assumption("sequences-of-an-update"), fills * replicas * setup.micro_batch)
    return maximum(1, where(setup.batch > 0, setup.batch, usual) / (replicas * setup.micro_batch))


def bubble(setup: memory.Setup, coefficients: Coefficients) -> Numeric:
    """Return the time that a pipeline fills and drains over the time that it works [fraction].

    Seven of 8 stages wait for 32 micro-batches:

    >>> from costlib.compute.coefficients import published
    >>> bubble(memory.Setup(8, pipeline_parallel=8, pipeline_chunks=1, batch=32), published())
    0.21875
    """
    chunks = where(setup.pipeline_chunks > 0, setup.pipeline_chunks, coefficients["pipeline-chunks"])
    return (setup.pipeline_parallel - 1) / (micro_batches(setup) * chunks)


def _of_group(model: Architecture, setup: memory.Setup, rates: Roofline, seconds: Numeric) -> Numeric:
    """GPU-seconds of what the GPUs of a stage do one after the other: the fullest stage, and the pipeline's wait."""
    gpus = setup.tensor_parallel * setup.context_parallel
    stages = setup.pipeline_parallel
    if not is_array(stages) and stages == 1:
        return seconds * gpus
    fullest = ceil(model.layers / stages) * stages / model.layers
    return seconds * gpus * fullest * (1 + bubble(setup, rates.coefficients))


def pass_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric,
                 trained: Numeric) -> Numeric:  # fmt: skip
    """Return the seconds of one micro-batch on the GPUs that share each of its layers, those of all stages added up.

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
    rates = _software(setup, rates)
    known, ranks = rates.coefficients, setup.tensor_parallel
    split, mine = ranks * setup.context_parallel, tokens / setup.context_parallel
    held = model.parameters - _elsewhere(model, setup)
    weight_reads = passes.elementwise * 2 * held / ranks / rates.bandwidth
    products = maximum(passes.flops.matmul * _grouped(model, setup, known) / rates.matmul / split, weight_reads)
    attention = maximum(_attention_seconds(model, setup, rates, passes, tokens) / split,
                        _ring_seconds(model, setup, rates, passes, tokens))  # fmt: skip
    traffic = elementwise_bytes(model, rates, mine, passes.elementwise) / rates.bandwidth
    # Norms and residuals are on each of the tensor-parallel GPUs, unless the sequence is split as well.
    again = 0 if setup.sequence_parallel else catalog.assumption("activations-not-split") * (ranks - 1)
    busy = products + attention + traffic * (1 + again) / ranks + _last_wave_seconds(model, setup, rates, passes, mine)
    busy = busy + _dequantised_seconds(model, setup, rates, passes)
    waits = known["training-launch"] * MICROSECOND * model.layers * passes.elementwise
    if setup.offload != "none":
        waits = maximum(waits, _host_seconds(model, setup, rates, passes, mine))
    busy = maximum(busy, waits)
    return (
        busy
        + _travel_seconds(model, setup, rates, passes, mine, trained)
        + _to_experts(model, setup, rates, passes, mine)
    )


def _software(setup: memory.Setup, rates: Roofline) -> Roofline:
    """The rates of software whose norms and activations are fused, and whose all-reduces go on beside products."""
    if not (setup.fused or setup.overlap):
        return rates
    known = rates.coefficients
    changed = {"elementwise-bytes": known["fused-elementwise-bytes"]} if setup.fused else {}
    return rates._replace(coefficients=known.replaced(changed | ({"all-reduce-fraction": 1} if setup.overlap else {})))


def _attention_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes,
                       tokens: Numeric) -> Numeric:  # fmt: skip
    """Seconds of attention on one GPU, at the rate of its kernel; written out, its squares travel as well."""
    kernel, known = catalog.find("attention_kernels", setup.attention_kernel), rates.coefficients
    seconds = passes.flops.attention / (known[kernel.reach] * getattr(rates, kernel.rates))
    if setup.attention_kernel != "eager":
        return seconds
    pairs = tokens * tokens / setup.micro_batch
    return (
        seconds
        + known["eager-attention-bytes"] * model.layers * model.heads * pairs * passes.elementwise / rates.bandwidth
    )


def _ring_seconds(
    model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric
) -> Numeric:
    """Seconds in which keys and values of a sequence go around the GPUs that share it, beside their attention."""
    ring = setup.context_parallel
    if not is_array(ring) and ring == 1:
        return 0
    moved = 2 * model.kv_values * tokens * (1 - 1 / ring) * passes.elementwise
    return moved / setup.tensor_parallel / link_rate(rates, ring * setup.tensor_parallel, setup.tensor_parallel)


def _mixes(model: Architecture) -> bool:
    return is_array(model.experts) or model.experts > 1


def _expert_parameters(model: Architecture, experts: Numeric) -> Numeric:
    """Parameters of some experts of each layer that has any."""
    return experts * model.mlp_matrices * model.hidden_size * model.ffn_size * (model.layers - model.dense_layers)


def _elsewhere(model: Architecture, setup: memory.Setup) -> Numeric:
    """Parameters of experts that stay on other GPUs, to which tokens travel."""
    if not _mixes(model):
        return 0
    ranks = setup.tensor_parallel
    return _expert_parameters(model, model.experts) * (1 - ranks / maximum(ranks, setup.expert_parallel))


def _grouped(model: Architecture, setup: memory.Setup, known: Coefficients) -> Numeric:
    """What products take where part of them is that of experts, whose narrow matrices fill a GPU badly."""
    if not _mixes(model):
        return 1
    share = _expert_parameters(model, model.experts_active) / model.matmul_parameters
    split = where(setup.expert_parallel >= setup.tensor_parallel, 1, setup.tensor_parallel)
    return 1 + share * known["expert-width"] * split / model.ffn_size


def _to_experts(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric) -> Numeric:
    """Seconds in which tokens travel to the experts that they chose and back, those of other nodes by the network."""
    ring = setup.expert_parallel
    if not _mixes(model) or (not is_array(ring) and ring == 1):
        return 0
    moved = 2 * 2 * model.hidden_size * model.experts_active * (model.layers - model.dense_layers) * tokens
    moved = moved * passes.gathers / setup.tensor_parallel
    inside = minimum(1, rates.coefficients["nodes"] / ring)
    return where(ring > setup.tensor_parallel, moved, 0) * (
        (inside - 1 / ring) / rates.link + (1 - inside) / rates.network
    )


def _dequantised_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes) -> Numeric:
    """Seconds in which frozen weights of few bits become 16 bits, once for each pass that uses them."""
    if setup.base_bits == 16 or setup.lora_rank is None:
        return 0
    moved = (setup.base_bits / 8 + 2) * model.layer_matrices * passes.gathers / setup.tensor_parallel
    return moved / (rates.coefficients["dequantisation-fraction"] * rates.bandwidth)


def _host_seconds(
    model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric
) -> Numeric:
    """Seconds in which weights come from the host, or a layer's input goes there and comes back."""
    if setup.offload == "all":
        return passes.gathers * 2 * model.parameters / setup.gpus / rates.host
    kept = 2 * 2 * model.layers * model.hidden_size * tokens / setup.tensor_parallel / rates.host
    return kept * where(passes.elementwise > 1, 1, 0) if setup.offload == "activations" else 0 * kept


def _update_seconds(setup: memory.Setup, rates: Roofline, learns: Numeric) -> Numeric:
    """Seconds of a step of the optimizer, which reads and writes all that it holds, on the GPU or on the host."""
    shards = setup.gpus / (setup.tensor_parallel * setup.pipeline_parallel) if setup.zero else 1
    mine = learns / setup.tensor_parallel / shards
    if setup.offload not in ("optimizer", "all"):
        return 2 * memory.RECIPES[setup.recipe].total * mine / rates.bandwidth
    # A node's processors serve all its GPUs; gradients come down and weights go up.
    known = rates.coefficients
    busy = minimum(known["nodes"], setup.gpus) * mine / known["host-optimizer"] / GB
    return busy + 4 * mine / rates.host


def _last_wave_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes,
                       tokens: Numeric) -> Numeric:  # fmt: skip
    """Seconds in which part of a GPU waits for the last outputs of a product.

    A GPU computes a few million outputs at once, and the last such wave is half full in the mean. What that takes
    goes with the inner size of a product: small where many GPUs or experts share it, yet not smaller with it.
    """
    ranks = setup.tensor_parallel
    inner = 2 * model.hidden_size + (model.heads * model.head_size + model.ffn_size) / ranks
    # Gradients of weights are products over the tokens: of queries to values, output, and both halves of the MLP.
    backward = where(passes.gradients > 0, 1, 0)
    inner = inner * (passes.elementwise - backward) + 4 * tokens * backward
    # Half a wave, and two FLOPs for each of its outputs and each step along the inner size.
    return rates.coefficients["product-wave"] * inner * model.layers / rates.matmul


def _travel_seconds(model: Architecture, setup: memory.Setup, rates: Roofline, passes: Passes, tokens: Numeric,
                    trained: Numeric) -> Numeric:  # fmt: skip
    ranks, gpus = setup.tensor_parallel, setup.gpus / setup.pipeline_parallel
    elsewhere = _elsewhere(model, setup)
    learns = trained if setup.lora_rank is not None else maximum(0, trained - elsewhere)
    shared = passes.gradients * 2 * learns * (1 if setup.zero == 3 else 2)
    if setup.zero == 3:
        shared = shared + passes.gathers * 2 * (model.parameters - elsewhere)
    # A ring moves all but one part of N; with one GPU nothing travels.
    across = (1 - ranks / gpus) * shared / ranks / link_rate(rates, gpus, ranks)
    # Two all-reduces for each layer, forward, backward and again, each moving the tokens' hidden states twice.
    reduced = 2 * model.layers * passes.gathers * 2 * 2 * model.hidden_size * tokens * (1 - 1 / ranks)
    slower = rates.coefficients["all-reduce-fraction"]
    return across + reduced / link_rate(rates, ranks) / slower
