"""Updates of a trainer alone as cases: seconds of a micro-batch, tokens per second, and the peak of memory.

Each GPU, or each group that shares its sequences, works on one full sequence; so a micro-batch holds as many tokens as
sequences of that length fit beside each other. The rest is as for a speed of a run and a size of memory.
"""

from costlib.facts import schema
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import architecture, case, missing, placed, tokens_per_second
from costlib.validation.readers.fits import fitting_case

SAME = ("model", "software", "gpu", "gpus", "sequence_length", "lora_rank", "recompute", "expert_parallel",
        "context_parallel", "offload")  # fmt: skip
REGIME = "training long"


def update_case(line, row, coefficients):
    """Return the cases of a row of updates, or raise UnreadableError with the missing input."""
    for name in ("gpus", "sequence_length"):
        if not row.get(name):
            raise missing(name)
    _, assumed, speed = trainer(row, row.sequence_length, coefficients)
    tokens = row.sequence_length * row.gpus / (row.context_parallel or 1)
    found = []
    if row.seconds_per_micro_batch:
        found.append(case(line, row, "RL update", "seconds per micro-batch", "s", row.seconds_per_micro_batch,
                          lambda values: tokens / (speed(values) * row.gpus), assumed,
                          regime=REGIME))  # fmt: skip
    if row.tokens_per_second:
        found.append(case(line, row, "RL update", "tokens per second", "tokens/s", row.tokens_per_second,
                          lambda values: speed(values) * row.gpus, assumed, regime=REGIME))  # fmt: skip
    if row.peak_memory_gib:
        found += [each._replace(group="RL update memory") for each in fitting_case(line, _memory(row), coefficients)]
    if not found:
        raise missing("seconds_per_micro_batch, tokens_per_second or peak_memory_gib")
    return found


def trainer(row, length, coefficients):
    """Return the Architecture of a trainer, what is assumed, and the function of its speed [tokens/s of a GPU]."""
    arch, how = architecture(row)
    name = gpu_in_report(row.gpu, coefficients.hardware)
    run = _like("measured_runs", row, stage="sft", tensor_parallel=1, zero=3 if row.gpus > 1 else 0)
    place, precision = placed(run, arch, name, row.gpus, length, coefficients)
    speed = tokens_per_second(arch, place, name, length, precision)
    return arch, ("architecture",) if how == "size" else (), speed


def _memory(row):
    return _like("measured_memory", row, what="training", quantity="peak memory of an update", counter="framework",
                 value=row.peak_memory_gib, unit="GiB", zero=3 if row.gpus > 1 else 0, recipe="", stage=row.stage,
                 software=row.software)  # fmt: skip


def _like(table, row, **more):
    """A record of another table with what the two have in common: a group of one sequence, sharded over all GPUs."""
    cells = vars(schema.parse(table, {})) | {name: row.get(name) for name in (*SAME, "id", "name", "source", "status")}
    cells |= {"micro_batch": 1, "attention_kernel": row.get("attention_kernel") or ""}
    cells |= {"recipe": "bf16-8"} if row.get("lora_rank") else {}
    return schema.Record(cells | more)
