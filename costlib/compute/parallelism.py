"""A training run laid over GPUs: the time of a token, memory with a pipeline, and the layout that a report omits.

Where a report is silent, the layout is the fastest that fits: a tuned run. Sharding of stage 1 or 3 (1 with a
pipeline), micro-batches, recomputation and tensor parallelism are searched.

Sources: pipelines and their bubble :cite:`narayanan2021`; memory of 1F1B schedules :cite:`korthikanti2022`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from costlib.base._arrays import Numeric
from costlib.base.units import GB
from costlib.compute import memory, timing
from costlib.compute.architecture import RECOMPUTE, Architecture
from costlib.compute.coefficients import Coefficients
from costlib.facts import catalog

MICRO_BATCHES = (1, 2, 4, 8, 16)
TENSOR_PARALLEL = (1, 2, 4, 8)
# What is tried where a report is silent, and where a reader leaves the layout to the answer.
REPORTED = {"tensor_parallel": TENSOR_PARALLEL, "expert_parallel": (1, 8, 32, 64), "context_parallel": (1,),
            "recompute": ("none", "full")}  # fmt: skip
ANY = REPORTED | {"context_parallel": (1, 2, 4, 8), "recompute": RECOMPUTE}
LONGEST_PIPELINE = 64


def token_gpu_seconds(model: Architecture, setup: memory.Setup, rates: timing.Roofline, length: Numeric) -> Numeric:
    """Return the GPU-seconds in which a run trains on one token, optimizer step and bubble shared out.

    Parameters
    ----------
    model : costlib.compute.architecture.Architecture
    setup : costlib.compute.memory.Setup
    rates : costlib.compute.timing.Roofline
    length : tokens of each sequence [tokens]

    Returns
    -------
    seconds of one GPU for each token [s]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> setup = memory.Setup(64, zero=3, micro_batch=8, recompute="full", attention_kernel="flash-1", fused=True)
    >>> 900 < 1 / token_gpu_seconds(find("mpt-70b"), setup, timing.roofline("h100-sxm-80gb"), 2048) < 1100
    True
    """
    flops = timing.work(model, setup, setup.micro_batch, length, timing.counted(setup))
    seconds = timing.trained(model, setup, rates, flops, length)
    return seconds / (setup.micro_batch * length) / rates.coefficients["software-speed"]


def held(
    model: Architecture, setup: memory.Setup, length: Numeric, coefficients: Coefficients | None = None
) -> Numeric:
    """Return the bytes on the fullest GPU; coefficients are as for :func:`costlib.compute.timing.roofline`."""
    return memory.training(model, length, setup, coefficients).total


@lru_cache(maxsize=4096)
def chosen(model: Architecture, gpu: str, gpus: float, length: Numeric, fixed: Iterable[tuple[str, Any]] = (),
           pipeline: int | None = None, sequences: float | None = None, precision: str = "bf16",
           coefficients: Coefficients | None = None) -> memory.Setup:  # fmt: skip
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
    precision : as for :func:`costlib.compute.timing.roofline`
    coefficients : as for :func:`costlib.compute.timing.roofline`; single numbers

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> setup = chosen(find("llama-2-70b"), "a100-sxm-80gb", 512, 4096)
    >>> setup.pipeline_parallel, held(find("llama-2-70b"), setup, 4096) < 80e9
    (1, True)
    """
    rates = timing.roofline(gpu, precision, coefficients)
    known = dict(fixed) | ({} if pipeline is None else {"pipeline_parallel": pipeline})
    return fastest(model, rates, gpus, length, known | {"batch": sequences or 0})


def fastest(model: Architecture, rates: timing.Roofline, gpus: float, length: Numeric, fixed: Mapping[str, Any],
            tried: Mapping[str, Sequence[Any]] = REPORTED,
            needs: Callable[[memory.Setup], Numeric] | None = None) -> memory.Setup:  # fmt: skip
    """Return the fastest layout that fits, as :func:`chosen`, on rates that are given.

    Parameters
    ----------
    model, rates, gpus, length, fixed : as for :func:`chosen`, the sequences of an update as `batch` among the fixed
    tried : by setting, values that are tried where it is not fixed; one that is not there keeps its default
    needs : function of a layout to the bytes on its fullest GPU; None takes those of training alone [bytes]
    """
    return ranked(model, rates, gpus, length, fixed, tried, needs)[0]


def ranked(model: Architecture, rates: timing.Roofline, gpus: float, length: Numeric, fixed: Mapping[str, Any],
           tried: Mapping[str, Sequence[Any]] = REPORTED,
           needs: Callable[[memory.Setup], Numeric] | None = None) -> list[memory.Setup]:  # fmt: skip
    """Return the layouts that fit, the fastest first, or the one alone that comes nearest; as :func:`fastest`."""
    room = catalog.assumption("filled-memory") * rates.hbm_gb * GB
    fitting: list[memory.Setup] = []
    sizes: dict[memory.Setup, Numeric] = {}
    options = {name: (fixed[name],) if name in fixed else values for name, values in tried.items()}
    for place in _places(model, gpus, fixed, options):
        ranks, stages = place["tensor_parallel"], place["pipeline_parallel"]
        each = fixed["batch"] * ranks * stages / gpus if fixed.get("batch") else max(MICRO_BATCHES)
        # A sequence that several groups of GPUs share, so that the pipeline has enough to do.
        batches: list[float] = [size for size in MICRO_BATCHES if size <= each] or [min(1, each / stages)]
        zeros = (fixed["zero"],) if "zero" in fixed else (1, 3) if stages == 1 and gpus > 1 else (1,)
        sized = (fixed["micro_batch"],) if "micro_batch" in fixed else tuple(batches)
        for zero, recompute in product(zeros, options["recompute"]):
            for micro_batch in reversed(sized):
                more = place | {"micro_batch": micro_batch, "recompute": recompute, "gpus": gpus}
                setup = memory.Setup(**{**fixed, **more, "zero": zero if gpus > 1 else 0})
                sizes[setup] = needs(setup) if needs else held(model, setup, length, rates.coefficients)
                if sizes[setup] <= room:
                    fitting.append(setup)  # without a pipeline smaller micro-batches are not faster
                    if stages == 1:
                        break
    if not sizes:
        raise ValueError(f"missing layout: {gpus:g} GPUs cannot be split as described")
    if not fitting:
        return [min(sizes, key=sizes.__getitem__)]
    return sorted(fitting, key=lambda each: token_gpu_seconds(model, each, rates, length))


def _places(model: Architecture, gpus: float, fixed: Mapping[str, Any],
            options: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Splits of layers, experts and sequences over GPUs that are tried."""
    spread = options["expert_parallel"] if model.experts > 1 or "expert_parallel" in fixed else (1,)
    for ranks, experts, context in product(options["tensor_parallel"], spread, options["context_parallel"]):
        known = "pipeline_parallel" in fixed
        for stages in (fixed["pipeline_parallel"],) if known else _stages(model, gpus, max(ranks, experts), fixed):
            shared = experts == 1 or gpus % (stages * experts) == model.experts % experts == 0
            if shared and model.heads % ranks == gpus % (ranks * stages * context) == 0 and stages <= model.layers:
                yield {"tensor_parallel": ranks, "pipeline_parallel": stages, "expert_parallel": experts,
                       "context_parallel": context}  # fmt: skip


def _stages(model: Architecture, gpus: float, ranks: int, fixed: Mapping[str, Any]) -> Sequence[int]:
    """Pipelines that are tried: beside layers or experts shared in a node, with at least a layer on each stage."""
    if ranks < max(TENSOR_PARALLEL) or fixed.get("zero") == 3 or "lora_rank" in fixed:
        return (1,)
    return [n for n in range(1, min(LONGEST_PIPELINE, int(model.layers)) + 1) if gpus % (ranks * n) == 0]
