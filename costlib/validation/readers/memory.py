"""Rows of sizes of memory as cases: rules and tables, weights and caches, training and generation as measured."""

from costlib.base._arrays import maximum, minimum
from costlib.base.units import GB
from costlib.compute import memory
from costlib.facts import catalog, schema
from costlib.facts.catalog import assumption
from costlib.facts.hardware import room_gb
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
    return [case(line, row, group, row.quantity, row.unit, row.value, lambda values: predict(values) / size,
                 regime=regime(row) if group == "measured memory" else "")]  # fmt: skip


def regime(row):
    """Return the kind of job whose errors of memory are one kind."""
    if row.what != "training":
        return "memory inference"
    return "memory full" if row.lora_rank is None else "memory qlora" if (row.base_bits or 16) < 16 else "memory lora"


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
    """What a counter shows of a size: one of the framework leaves out the context on the GPU [bytes].

    A full GPU has nothing to waste: the allocator gives back what it holds in reserve.
    """
    if row.counter == "framework":
        return (size - memory.framework(values, row.gpus or 1).total) * values["uncounted-memory"]
    size = size * values["uncounted-memory"]
    wasted = size * values["allocator-waste"]
    room = GB * room_gb(catalog.find("gpus", row.gpu)) if row.gpu else wasted
    return maximum(size, minimum(wasted, room))


def _training(row):
    for name in ("sequence_length", "micro_batch"):
        if not getattr(row, name):
            raise missing(name)
    arch, _ = architecture(row)
    setup = training_setup(row)
    return lambda values: _counted(row, memory.training(arch, row.sequence_length, setup, values).total, values)


def training_setup(row):
    """Return the costlib.compute.memory.Setup of a row of training; where it is silent, as its software does.

    A row with a `stage` is of an update, and of reinforcement learning unless of fine-tuning.
    """
    does, trains = (
        catalog.table("trainers").get(row.get("software") or "", schema.parse("trainers", {})),
        not row.lora_rank,
    )
    recipe = row.recipe or (does.recipe if trains else does.adapter_recipe) or "mixed-16"
    logits = row.get("logits") or ("chunked" if row.chunked_loss else does.logits)
    if does.update_logits and (row.get("stage") or "sft") != "sft":
        logits = does.update_logits
    zero = row.zero if row.zero is not None else does.zero if (row.gpus or 1) > 1 else 0
    if trains and recipe == "bf16-8":
        moments = 4 if row.optimizer == "adam-8bit" else 6
        recipe = f"in-backward-{moments}" if row.optimizer_in_backward else {4: "adam8bit-6"}.get(moments, recipe)
    # Updates have many micro-batches, buckets of DeepSpeed and buffers of Megatron keep gradients; others find none.
    kept = row.get("stage") or zero in (1, 2) or (row.pipeline_parallel or 1) > 1 or recipe in ("mixed-18", "mixed-20")
    return memory.Setup(
        gpus=row.gpus or 1, tensor_parallel=row.tensor_parallel or 1, zero=int(zero or 0), micro_batch=row.micro_batch,
        recompute=row.recompute or "none", recipe=recipe, lora_rank=row.lora_rank,
        lora_targets=row.lora_targets or does.lora_targets or "all", fused=bool(row.fused),
        base_bits=int(row.base_bits or (not trains and does.base_bits) or 16),
        attention_kernel=row.get("attention_kernel") or "flash", sequence_parallel=bool(row.sequence_parallel),
        offload=row.offload or "none", pipeline_parallel=row.pipeline_parallel or 1,
        expert_parallel=row.get("expert_parallel") or 1, context_parallel=row.get("context_parallel") or 1,
        logits=logits or "whole", accumulates=bool(kept),
    )  # fmt: skip


SIZES = {"cache": _cache, "weights": _weights, "states": _states, "generation": _generation, "training": _training}
