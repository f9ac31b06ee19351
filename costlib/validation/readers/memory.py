"""Rows of sizes of memory as cases: rules and tables, weights and caches, training and generation as measured."""

from costlib.compute import memory, parallelism
from costlib.facts.catalog import assumption
from costlib.units import GB
from costlib.validation.cases import architecture, case, missing, outside

GIB = 2**30
UNITS = {"GiB": GIB, "GB": GB, "KiB": 1024, "KB": 1e3, "MiB": 2**20, "MB": 1e6, "TiB": 2**40, "TB": 1e12, "bytes": 1}
OUTSIDE = {"other": "responses at a time, mean lengths, or the layout of several models"}


def memory_case(line, row, coefficients):
    """Return the case of a row of a memory table, or raise UnreadableError with the reason why there is none."""
    if row.kind == "estimated" and row.what != "weights":
        raise missing("measurement: estimated by the source, inputs not given")
    if row.unit not in UNITS:
        raise outside(f"{row.quantity or 'no quantity'} in {row.unit or 'no unit'}")
    if row.value is None:
        raise missing("value")
    if row.what not in SIZES:
        raise missing(OUTSIDE[row.what]) if row.what in OUTSIDE else outside(row.quantity or row.what)
    group = "analytical memory" if row.what in ("states", "weights", "cache") else "measured memory"
    predict, size = SIZES[row.what](row), UNITS[row.unit]
    return [case(line, row, group, row.quantity, row.unit, row.value, lambda values: predict(values) / size)]


def _cache(row):
    arch, _ = architecture(row)
    tokens = (row.sequence_length or 1) * (row.micro_batch or 1)
    return lambda _: memory.kv_cache(arch, tokens, row.kv_bits or 16, row.sequence_length or 1)


def _weights(row):
    arch, _ = architecture(row)
    return lambda _: arch.parameters * (row.weight_bits or 16) / 8


def _states(row):
    arch, _ = architecture(row)  # also where the count is given, which may contradict the name
    trained = row.parameters or arch.parameters
    if not row.gpus:
        raise missing("gpus")
    recipe = row.recipe or "mixed-16"
    if (row.offload or "none") != "none" and recipe == "mixed-16":
        raise outside("states on the host")
    setup = memory.Setup(gpus=row.gpus, zero=row.zero or 0, recipe=recipe, offload=row.offload or "none")
    return lambda _: memory.shard(trained, setup, row.largest_layer or 0).total


def _generation(row):
    arch, _ = architecture(row)
    length = row.sequence_length or assumption("short-question")

    def size(values):
        held = memory.generating(arch, length, 1, bits=row.weight_bits or 16, coefficients=values)
        return _counted(row, held.total, values)

    return size


def _counted(row, size, values):
    """What a counter shows of a size: one of the framework leaves out the context on the GPU [bytes]."""
    if row.counter == "framework":
        return (size - memory.framework(values).total) * values["uncounted-memory"]
    return size * values["uncounted-memory"] * values["allocator-waste"]


def _training(row):
    if row.offload in ("optimizer", "all"):
        raise outside("memory with offloading to the host")
    for name in ("sequence_length", "micro_batch"):
        if not getattr(row, name):
            raise missing(name)
    arch, _ = architecture(row)
    length, pipeline = row.sequence_length, row.pipeline_parallel or 1
    setup = memory.Setup(
        gpus=row.gpus or 1, tensor_parallel=row.tensor_parallel or 1, zero=row.zero or 0, micro_batch=row.micro_batch,
        recompute=row.recompute or "none", recipe=row.recipe or "mixed-16", lora_rank=row.lora_rank,
        lora_targets=row.lora_targets or "all", base_bits=row.base_bits or 16, fused=bool(row.fused),
        attention_kernel=row.get("attention_kernel") or "flash", sequence_parallel=bool(row.sequence_parallel),
    )  # fmt: skip
    setup = setup._replace(pipeline_parallel=pipeline)
    # Moments of 8 bits beside weights of 16 save two bytes, gradients freed one by one the other two.
    spared = 2 * (bool(row.optimizer_in_backward) + (setup.recipe == "bf16-8" and row.optimizer == "adam-8bit"))

    def size(values):
        held = parallelism.held(arch, setup, length, values)
        if row.chunked_loss and pipeline == 1:
            held = held - (memory.LOGIT_BYTES - 2) * setup.micro_batch * length * arch.vocabulary_size
        if row.offload == "activations":
            held = held - setup.micro_batch * length * arch.layers * memory.activations(arch, length, setup)
        return _counted(row, held - (spared * arch.parameters if row.lora_rank is None else 0), values)

    return size


SIZES = {"cache": _cache, "weights": _weights, "states": _states, "generation": _generation, "training": _training}
