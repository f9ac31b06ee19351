"""A training run laid over GPUs: the time of a token, memory with a pipeline, and the layout that a report omits.

Where a report is silent, the layout is the fastest that fits: a tuned run. Sharding of stage 1 or 3 (1 with a
pipeline), micro-batches, recomputation and tensor parallelism are searched.

Sources: pipelines and their bubble :cite:`narayanan2021`; memory of 1F1B schedules :cite:`korthikanti2022`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from costlib._arrays import Numeric, ceil
from costlib.compute import memory, timing
from costlib.compute.architecture import Architecture, lora_parameters
from costlib.compute.architecture import training as training_flops
from costlib.compute.coefficients import Coefficients
from costlib.facts import catalog
from costlib.units import GB

MICRO_BATCHES = (1, 2, 4, 8, 16)
TENSOR_PARALLEL = (1, 2, 4, 8)
LONGEST_PIPELINE = 64


class Layout(NamedTuple):
    """How a training run lies over GPUs.

    Parameters
    ----------
    setup : costlib.compute.memory.Setup
    pipeline : GPUs, or groups of tensor-parallel GPUs, that share the layers one after the other [-]
    micro_batches : that each pipeline works on before the weights change; 1 where not known [-]
    interleaved : chunks of layers on each GPU of a pipeline; None takes the coefficient pipeline-chunks of the rates,
        and has no bubble without them [-]
    kernels : "common", or "fused" where norms and activations are fused and attention is of the latest kernels
    """

    setup: memory.Setup
    pipeline: Numeric = 1
    micro_batches: Numeric = 1
    interleaved: Numeric | None = 1
    kernels: str = "common"

    @property
    def bubble(self) -> Numeric:
        """Time that a pipeline fills and drains over the time that it works [fraction].

        >>> round(Layout(memory.Setup(64), pipeline=8, micro_batches=32).bubble, 3)
        0.219
        """
        return (self.pipeline - 1) / (self.micro_batches * self.interleaved)  # type: ignore[operator]  # None has no bubble


def token_gpu_seconds(model: Architecture, layout: Layout, rates: timing.Roofline, length: Numeric,
                      attention: str = "full") -> Numeric:  # fmt: skip
    """Return the GPU-seconds in which a run trains on one token, optimiser step and bubble shared out.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    layout : Layout
    rates : costlib.compute.timing.Roofline
    length : tokens of each sequence [tokens]
    attention : "full" or "causal"

    Returns
    -------
    seconds of one GPU for each token [s]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> layout = Layout(memory.Setup(64, zero=3, micro_batch=8, recompute="full"))
    >>> 900 < 1 / token_gpu_seconds(find("mpt-70b"), layout, timing.roofline("h100-sxm-80gb"), 2048) < 1100
    True
    """
    known = rates.coefficients
    if layout.interleaved is None:
        layout = layout._replace(interleaved=known["pipeline-chunks"])
    if layout.kernels == "fused":
        fused = {name: known[f"fused-{name}"] for name in ("elementwise-bytes", "training-attention-fraction")}
        # Such software also sends what the links carry while products go on.
        rates = rates._replace(coefficients=known.replaced(fused | {"all-reduce-fraction": 1}))
    setup = layout.setup
    tokens = setup.micro_batch * length
    flops = training_flops(model, setup.micro_batch, length, attention, setup.recompute, setup.lora_rank,
                           setup.lora_targets)  # fmt: skip
    again = 1 if setup.recompute == "full" else 0
    trained = model.parameters
    if setup.lora_rank is not None:
        trained = lora_parameters(model, setup.lora_rank, setup.lora_targets)
    # Gradients of sharded weights are scattered in each micro-batch, others once for all.
    often = 1 if setup.zero == 3 else 1 / layout.micro_batches
    passes = timing.Passes(flops, 3 + again, 2 + again, often)
    alone = setup._replace(gpus=setup.gpus / layout.pipeline)
    met = replace(model, experts=model.experts_active)  # experts stay where they are, and tokens travel to them
    trained = trained if model.experts == met.experts else min(trained, met.parameters)
    seconds = timing.pass_seconds(met, alone, rates, passes, tokens, trained)
    seconds = seconds + _written_out(model, setup, rates, length, tokens, 3 + again)
    seconds = seconds + _to_experts(model, alone, rates, tokens, 2 + again)
    reached = known["software-speed"]
    fullest = ceil(model.layers / layout.pipeline) * layout.pipeline / model.layers
    return seconds * setup.tensor_parallel / tokens * fullest * (1 + layout.bubble) / reached


def _written_out(model: Architecture, setup: memory.Setup, rates: timing.Roofline, length: Numeric, tokens: Numeric,
                 passes: Numeric) -> Numeric:  # fmt: skip
    """Seconds that the squares of attention take to memory and back, where no fused kernel keeps them on the chip."""
    if setup.attention_kernel != "eager":
        return 0
    moved = rates.coefficients["eager-attention-bytes"] * model.layers * model.heads * length * tokens * passes
    return moved / rates.bandwidth / setup.tensor_parallel


def _to_experts(model: Architecture, setup: memory.Setup, rates: timing.Roofline, tokens: Numeric,
                passes: Numeric) -> Numeric:  # fmt: skip
    """Seconds in which tokens travel to the experts that they chose and back."""
    if model.experts == 1 or setup.gpus == 1:
        return 0
    sparse = model.layers - model.dense_layers
    # Experts are spread over the GPUs of a node first, and the schedule keeps most of a token's way inside it.
    moved = 2 * 2 * model.hidden_size * model.experts_active * sparse * tokens * passes * (1 - 1 / setup.gpus)
    return moved / setup.tensor_parallel / rates.link


def held(model: Architecture, layout: Layout, length: Numeric, coefficients: Coefficients | None = None) -> Numeric:
    """Return the bytes on the fullest GPU; coefficients are as for :func:`costlib.compute.timing.roofline`."""
    return memory.training(model, length, layout.setup._replace(pipeline_parallel=layout.pipeline), coefficients).total


@lru_cache(maxsize=4096)
def chosen(model: Architecture, gpu: str, gpus: float, length: Numeric, fixed: Iterable[tuple[str, Any]] = (),
           pipeline: int | None = None, sequences: float | None = None, precision: str = "bf16",
           coefficients: Coefficients | None = None) -> Layout:  # fmt: skip
    """Return the fastest layout that fits, or the one that comes nearest to fitting.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    gpu : name of a GPU
    gpus : how many [GPUs]
    length : tokens of each sequence [tokens]
    fixed : pairs of a name of :class:`costlib.compute.memory.Setup` and its value, which the report gives
    pipeline : stages as given, 1 for none; None where a report is silent [-]
    sequences : of one update over all GPUs; None where not known [-]
    precision : "bf16" or "fp8"
    coefficients : as for :func:`costlib.compute.timing.roofline`; single numbers

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> layout = chosen(find("llama-2-70b"), "a100-sxm-80gb", 512, 4096)
    >>> layout.setup.zero, held(find("llama-2-70b"), layout, 4096) < 80e9
    (3, True)
    """
    rates, known = timing.roofline(gpu, precision, coefficients), dict(fixed)
    room = catalog.assumption("filled-memory") * rates.hbm_gb * GB
    fitting: list[Layout] = []
    sizes: dict[Layout, Numeric] = {}
    for ranks in _tried(known, "tensor_parallel", TENSOR_PARALLEL):
        if model.heads % ranks:
            continue
        for stages in _stages(model, gpus, ranks, known) if pipeline is None else (pipeline,):
            if gpus % (ranks * stages):
                continue
            each = sequences * ranks * stages / gpus if sequences else max(MICRO_BATCHES)
            # A sequence that several groups of GPUs share, so that the pipeline has enough to do.
            batches: list[float] = [size for size in MICRO_BATCHES if size <= each] or [min(1, each / stages)]
            for zero in _tried(known, "zero", (1, 3) if stages == 1 and gpus > 1 else (1,)):
                for recompute in _tried(known, "recompute", ("none", "full")):
                    for micro_batch in reversed(_tried(known, "micro_batch", tuple(batches))):
                        tried = {"tensor_parallel": ranks, "micro_batch": micro_batch, "recompute": recompute}
                        setup = memory.Setup(**known | tried | {"zero": zero if gpus > 1 else 0, "gpus": gpus})
                        place = Layout(setup, stages, _micro_batches(setup, stages, sequences))
                        sizes[place] = held(model, place, length, rates.coefficients)
                        if sizes[place] <= room:
                            fitting.append(place)  # without a pipeline smaller micro-batches are not faster
                            if stages == 1:
                                break
    if not sizes:
        raise ValueError(f"missing layout: {gpus:g} GPUs cannot be split as described")
    if not fitting:
        return min(sizes, key=sizes.__getitem__)
    return min(fitting, key=lambda each: token_gpu_seconds(model, each, rates, length))


def _stages(model: Architecture, gpus: float, ranks: int, fixed: Mapping[str, Any]) -> Sequence[int]:
    """Pipelines that are tried: beside full tensor parallelism in a node, with at least a layer on each stage."""
    if ranks < max(TENSOR_PARALLEL) or fixed.get("zero") == 3 or "lora_rank" in fixed:
        return (1,)
    return [n for n in range(1, min(LONGEST_PIPELINE, int(model.layers)) + 1) if gpus % (ranks * n) == 0]


def _tried(fixed: Mapping[str, Any], name: str, values: Sequence[Any]) -> Sequence[Any]:
    return (fixed[name],) if name in fixed else values


def _micro_batches(setup: memory.Setup, pipeline: int, sequences: float | None) -> Numeric:
    """Micro-batches of one update on each pipeline."""
    if not sequences:
        return 4 * pipeline if pipeline > 1 else 1
    return max(1, sequences * setup.tensor_parallel * pipeline / setup.gpus / setup.micro_batch)
