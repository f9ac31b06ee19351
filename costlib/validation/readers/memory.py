"""Rows of sizes of memory as cases: rules and tables, weights and caches, training and generation as measured."""

import re

from costlib.compute import memory, parallelism
from costlib.compute.recognition import UnreadableError, model, number
from costlib.validation.cases import case, outside
from costlib.validation.readers.runs import run_case
from costlib.validation.tables import LENGTHS, amount, bits, first, said, settings

GIB = 2**30
UNITS = {"gib": GIB, "gb": 1e9, "kib": 1024, "kb": 1e3, "mib": 2**20, "mb": 1e6, "tib": 2**40, "tb": 1e12, "bytes": 1}


def memory_case(line, row, coefficients):
    """Return the case of a row of a memory table, or raise UnreadableError with the reason why there is none."""
    quantity, kind = row["quantity"].lower(), row.get("kind", "").lower()
    if "estimated" in kind and "weights" not in quantity:
        raise UnreadableError("missing measurement: estimated by the source, inputs not given")
    unit = row["unit"].strip().lower()
    if unit == "hours" and "wall" in quantity:
        return _run_of_memory_table(line, row, coefficients)
    if unit in ("%", "s") and re.fullmatch(r"[mh]fu %", quantity):
        return _utilisation(line, row, quantity, coefficients)
    size = _unit_bytes(unit)
    if not size:
        raise outside(f"{row['quantity'] or 'no quantity'} in {row['unit'] or 'no unit'}")
    measured = number(row, "value")
    group, predict, assumed = _memory(row, quantity)
    return [case(line, row, group, row["quantity"], row["unit"], measured,
                  lambda values: predict(values) / size, assumed)]  # fmt: skip


def _unit_bytes(unit):
    """Bytes of a unit such as "GiB (labelled GB)", "KB (KiB)" or "GB per GPU"; None for another."""
    found = re.match(r"([a-z]+)(?: \((kib|mib|gib)\))?(?![a-z])", unit)
    return UNITS.get(found.group(2) or found.group(1)) if found else None


def _memory(row, quantity):
    """Group, prediction in bytes, and assumptions of a row of a memory table."""
    text = said(row, "method", "precision_optimizer", "parallelism", "recompute", "other_inputs")
    given = number(row, "params", required=False)
    if "kv" in quantity:
        arch, _ = model(row["model"], given)
        tokens = (_tokens(row) or 1) * (number(row, "batch_per_gpu", required=False) or 1)
        return "analytical memory", lambda _: memory.kv_cache(arch, tokens, bits(text) if "fp8" in text else 16), ()
    if "states" in quantity or "analytical" in row.get("kind", ""):
        return _states(row, text, given)
    # Dimensions may stand in the name, and the vocabulary in the source.
    arch, _ = model(row["model"] + " " + " ".join(re.findall(r"vocab\w* \d+k?", row.get("source", ""))), given)
    if "weights" in quantity:
        return "analytical memory", lambda _: arch.parameters * bits(text) / 8, ()
    if quantity.startswith(("lora", "checkpoint")):
        raise outside(row["quantity"])
    if re.search(r"inference|generate|serving", text):
        each = bits(text)
        length = _tokens(row) or LENGTHS["short"]
        counted = _counted(quantity)

        def serving(values):
            return counted(memory.generating(arch, length, 1, bits=each, coefficients=values).total, values)

        return "measured memory", serving, ()
    return "measured memory", *_training(row, quantity, text, arch)


def _counted(quantity):
    """What a counter shows of a size, as a function of the size and of Coefficients [bytes].

    Counters of the framework's own allocations leave out the context on the GPU, a reading of the device does not.
    """
    if re.search(r"active|allocated|max gpu ram|^peak memory", quantity):
        return lambda size, values: (size - memory.framework(values).total) * values["uncounted-memory"]
    return lambda size, values: size * values["uncounted-memory"] * values["allocator-waste"]


def _tokens(row, column="seq_len"):
    """Tokens of a cell: a number, or the name of a data set of which the longest example is known."""
    text = row.get(column, "").lower()
    return float(LENGTHS[text]) if text in LENGTHS else number(row, column, required=False)


def _states(row, text, given):
    if not given:
        given = model(row["model"])[0].parameters
    gpus = number(row, "n_gpus", required=False) or first(text, r"\bdp {n}")
    if not gpus:
        raise UnreadableError("missing n_gpus")
    plan = settings(text)
    zero = plan.get("zero", 0)
    estimator = "fp32 grads" in text or "estimator" in row.get("kind", "")
    recipe = {2: "mixed-20", 3: "mixed-18"}.get(zero, "mixed-18") if estimator else "mixed-16"
    if "offload" in text and not estimator:
        raise outside("states on the host")
    offload = "none" if "offload" not in text else "all" if re.search(r"offload (all|param)", text) else "optimizer"
    layer = amount(text, r"largest layer {n}") or 0
    setup = memory.Setup(gpus=gpus, zero=zero, recipe=recipe, offload=offload)
    return "analytical memory", lambda _: memory.shard(given, setup, layer).total, ()


def _recipe(text):
    if re.search(r"8-?bit (paged )?adam|adamw? ?8-?bit|paged.*8bit", text):
        return "bf16-8" if re.search(r"pure|bf16-true", text) else "adam8bit-10"
    if re.search(r"pure|bf16-true|bf16 ?/ ?nf4|^bf16,", text):
        return "bf16-8"
    return "mixed-18" if re.search(r"fp32 grad|bf16.*megatron", text) else "mixed-16"


def _training(row, quantity, text, arch):
    if re.search(r"unpacked|after init", text):
        raise UnreadableError("missing seq_len: the mean length of unpacked examples" if "unpacked" in text
                         else "outside the model: memory between two steps")  # fmt: skip
    to_host = "activation offload" in text
    if "offload" in text.replace("activation offload", ""):
        raise outside("memory with offloading to the host")
    if re.search(r"ppo|grpo|rlhf", text):
        raise UnreadableError("missing responses at a time, and the layout of the four models")
    length = _tokens(row)
    batch = number(row, "batch_per_gpu", required=False)
    if not length or not batch:
        raise UnreadableError(f"missing {'seq_len' if not length else 'batch_per_gpu'}")
    plan = settings(text)
    if (
        not re.search(r"qlora|nf4|4-bit|int4|8-bit", row.get("method", "").lower())
        and "lora" in row.get("method", "").lower()
    ):
        plan["base_bits"] = 16  # the precision column may name the base of another row
    gpus = number(row, "n_gpus", required=False) or 1
    pipeline = int(amount(text, r"\bpp {n}") or 1)
    precision = row.get("precision_optimizer", "").lower()
    pure = _recipe(precision + " " + text)
    if "lora_rank" in plan and pure == "mixed-16":
        pure = "bf16-8" if "bf16" in text else "no-master-12"
    setup = memory.Setup(**{"gpus": gpus, "zero": 0} | plan | {
        "micro_batch": batch, "recipe": pure, "fused": "compile" in text,
        "sequence_parallel": bool(re.search(r"\+ ?sp\b|sequence.parallel", text)),
    })  # fmt: skip
    place = parallelism.Layout(setup, pipeline, 4 * pipeline)
    # litgpt computes the loss of adapters in chunks of 128 tokens.
    chunked = re.search(r"chunk|litgpt", said(row, "method", "other_inputs", "note", "source"))
    counted = _counted(quantity)
    # Moments of 8 bits beside weights of 16 save two bytes, gradients freed one by one the other two.
    spared = 2 * (("optimizer in backward" in text) + (pure == "bf16-8" and bool(re.search(r"8-?bit adam", text))))

    def predict(values):
        size = parallelism.held(arch, place, length, values)
        if chunked and pipeline == 1:
            size = size - (memory.LOGIT_BYTES - 2) * setup.micro_batch * length * arch.vocabulary_size
        if to_host:
            size = size - setup.micro_batch * length * arch.layers * memory.activations(arch, length, setup)
        return counted(size - (0 if "lora_rank" in plan else spared * arch.parameters), values)

    return predict, ()


def _utilisation(line, row, quantity, coefficients):
    """A utilisation printed in a memory table."""
    runs = {"stage": "pretrain", "model": row["model"], "seq_len": row["seq_len"], "gpu": row["gpu"],
            "num_gpus": row["n_gpus"], "reported_quantity": "mfu", "value_norm": row["value"], "unit_norm": "%",
            "unit": quantity[:3].upper() + " %", "grade": "A", "id": row.get("id"), "source": row.get("source"),
            "other_inputs": said(row, "method", "parallelism", "recompute", "other_inputs")}  # fmt: skip
    return run_case(line, runs, coefficients)


def _run_of_memory_table(line, row, coefficients):
    """A wall time printed in a memory table."""
    text = said(row, "source", "method", "other_inputs")
    tokens, length = first(text, r"{n} tokens"), number(row, "seq_len", required=False)
    if not tokens or not length:
        raise UnreadableError("missing tokens of the run")
    critic = re.search(r"critic\D*(\d+m)", text)
    runs = {"stage": "ppo", "model": row["model"], "examples": str(tokens / length), "seq_len": row["seq_len"],
            "epochs": "1", "gpu": row["gpu"], "num_gpus": row["n_gpus"], "reported_quantity": "wall_hours",
            "value_norm": str(3600 * number(row, "value")), "unit_norm": "s", "per": "run", "grade": "A",
            "id": row.get("id"), "source": row.get("source"),
            "other_inputs": f"critic OPT-{critic.group(1)}" if critic else ""}  # fmt: skip
    return run_case(line, runs, coefficients)
