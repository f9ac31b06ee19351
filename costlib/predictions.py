"""What the model makes of a measurement: one function for each kind of table, from the cells of a row to cases.

A case is a measured value beside a function that predicts it. The function asks the science again each time, so that it
can be evaluated over draws of the coefficients. A row without a case has a reason.
"""

import re
from dataclasses import replace

from costlib import layout, memory, throughput, timing
from costlib.cases import case, outside, token_flops, tokens_per_second
from costlib.coefficients import coefficient
from costlib.facts import catalog
from costlib.measurements import LENGTHS, amount, first, said, settings
from costlib.recognition import UnreadableError, gpu, model, number
from costlib.runs import run_case

GIB = 2**30
UNITS = {"gib (labelled gb)": GIB, "gib": GIB, "gb (1e9)": 1e9, "gb": 1e9, "kb (kib)": 1024, "kb": 1e3, "mib": 2**20,
         "mb": 1e6, "tb": 1e12, "bytes": 1}  # fmt: skip
LARGEST_BATCH = 2048  # sequences that a tuned engine takes at a time


# --- memory ---------------------------------------------------------------------------------------------------------


def memory_case(line, row):
    """Return the case of a row of a memory table, or raise UnreadableError with the reason why there is none."""
    quantity, kind = row["quantity"].lower(), row.get("kind", "").lower()
    if "estimated" in kind and "weights" not in quantity:
        raise UnreadableError("missing measurement: estimated by the source, inputs not given")
    unit = row["unit"].strip().lower()
    if unit == "hours" and "wall" in quantity:
        return _run_of_memory_table(line, row)
    if unit in ("%", "s") and re.fullmatch(r"[mh]fu %", quantity):
        return _utilisation(line, row, quantity)
    if unit not in UNITS:
        raise outside(f"{row['quantity'] or 'no quantity'} in {row['unit'] or 'no unit'}")
    measured = number(row, "value")
    group, predict, assumed = _memory(row, quantity)
    return [case(line, row, group, row["quantity"], row["unit"], measured,
                  lambda: predict() / UNITS[unit], assumed)]  # fmt: skip


def _memory(row, quantity):
    """Group, prediction in bytes, and assumptions of a row of a memory table."""
    text = said(row, "method", "precision_optimizer", "parallelism", "recompute", "other_inputs")
    given = number(row, "params", required=False)
    if "kv" in quantity:
        arch, _ = model(row["model"], given)
        tokens = (_tokens(row) or 1) * (number(row, "batch_per_gpu", required=False) or 1)
        return "analytical memory", lambda: memory.kv_cache(arch, tokens, _bits(text) if "fp8" in text else 16), ()
    if "states" in quantity or "analytical" in row.get("kind", ""):
        return _states(row, text, given)
    # Dimensions may stand in the name, and the vocabulary in the source.
    arch, _ = model(row["model"] + " " + " ".join(re.findall(r"vocab\w* \d+k?", row.get("source", ""))), given)
    if "weights" in quantity:
        return "analytical memory", lambda: arch.parameters * _bits(text) / 8, ()
    if quantity.startswith(("lora", "checkpoint")):
        raise outside(row["quantity"])
    if re.search(r"inference|generate|serving", text):
        bits = _bits(text)
        length = _tokens(row) or LENGTHS["short"]
        counted = _counted(quantity)
        return "measured memory", lambda: counted(memory.generating(arch, length, 1, bits=bits).total), ()
    return "measured memory", *_training(row, quantity, text, arch)


def _counted(quantity):
    """What a counter shows of a size, as a function of the size [bytes].

    Counters of the framework's own allocations leave out the context on the GPU, a reading of the device does not.
    """
    if re.search(r"active|allocated|max gpu ram|^peak memory", quantity):
        return lambda size: size - memory.framework().total
    return lambda size: size * coefficient("allocator-waste")


def _tokens(row, column="seq_len"):
    """Tokens of a cell: a number, or the name of a data set of which the longest example is known."""
    text = row.get(column, "").lower()
    return float(LENGTHS[text]) if text in LENGTHS else number(row, column, required=False)


def _bits(text):
    return next(
        (bits for bits, names in ((4, r"4-bit|int4|nf4|fp4"), (8, r"int8|fp8|8-bit")) if re.search(names, text)), 16
    )


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
    return "analytical memory", lambda: memory.shard(given, setup, layer).total, ()


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
    place = layout.Layout(setup, pipeline, 4 * pipeline)
    # litgpt computes the loss of adapters in chunks of 128 tokens.
    chunked = re.search(r"chunk|litgpt", said(row, "method", "other_inputs", "note", "source"))
    counted = _counted(quantity)
    # Moments of 8 bits beside weights of 16 save two bytes, gradients freed one by one the other two.
    spared = 2 * (("optimizer in backward" in text) + (pure == "bf16-8" and bool(re.search(r"8-?bit adam", text))))

    def predict():
        size = layout.held(arch, place, length)
        if chunked and pipeline == 1:
            size = size - (memory.LOGIT_BYTES - 2) * setup.micro_batch * length * arch.vocabulary_size
        if to_host:
            size = size - setup.micro_batch * length * arch.layers * memory.activations(arch, length, setup)
        return counted(size - (0 if "lora_rank" in plan else spared * arch.parameters))

    return predict, ()


def _utilisation(line, row, quantity):
    """A utilisation printed in a memory table."""
    runs = {"stage": "pretrain", "model": row["model"], "seq_len": row["seq_len"], "gpu": row["gpu"],
            "num_gpus": row["n_gpus"], "reported_quantity": "mfu", "value_norm": row["value"], "unit_norm": "%",
            "unit": quantity[:3].upper() + " %", "grade": "A", "id": row.get("id"), "source": row.get("source"),
            "other_inputs": said(row, "method", "parallelism", "recompute", "other_inputs")}  # fmt: skip
    return run_case(line, runs)


def _run_of_memory_table(line, row):
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
    return run_case(line, runs)


# --- inference ------------------------------------------------------------------------------------------------------


def inference_case(line, row):
    """Return the case of a row of an inference table, or raise UnreadableError."""
    metric, unit = row["metric"].lower(), row["unit"].lower()
    engine = row.get("engine", "").lower()
    if not re.search(r"tok|itl", metric) or unit not in ("tok/s", "tokens/s", "ms", "ms per context token"):
        raise outside(f"{row['metric']} in {row['unit'] or 'no unit'}")
    arch, how = model(row["model"])
    if how == "size":
        raise UnreadableError(
            f"missing model: {row['model']} is not in the catalogue, and its cache is not known from its size"
        )
    name = gpu(row.get("gpu", ""))
    batch_text = row.get("batch_or_concurrency", "").lower()
    if re.search(r"cpu|disk", batch_text) or re.search(r"petals", engine):
        raise outside("weights on the host, on disk, or spread over a network")
    measured = number(row, "value")
    bits, kv_bits = _bits(row.get("weights", "").lower()), _kv_bits(row)
    gpus = number(row, "n_gpus", required=False) or 1
    ranks = number(row, "tp", required=False)
    hbm = catalog.find("gpus", name).hbm_gb
    if ranks is None:
        ranks = min(throughput.ranks_for(arch, hbm, bits), gpus)
        while gpus % ranks or arch.heads % ranks:
            ranks -= 1
    eager = bool(re.search(r"hf|hugging|transformers|accelerate|flexgen|torchtune|zero-inference|pytorch eager", engine)
                 and not re.search(r"trt|vllm", engine))  # fmt: skip
    group = "untuned inference" if eager else "inference"
    precision = "fp8" if bits < 16 and catalog.find("gpus", name).fp8_dense_tflops else "bf16"
    four = bool(re.search(r"^(nv)?fp4", row.get("weights", "").lower())) and name[:4] in ("b200", "gb20", "b300")
    if "itl" in metric:
        return [case(line, row, group, row["metric"], row["unit"], measured,
                      _step_ms(arch, name, precision, metric, ranks, bits, kv_bits))]  # fmt: skip
    prompt, assumed = _prompt(row)
    answer = number(row, "output_len", required=False)
    if prompt is None or answer is None:
        raise UnreadableError(f"missing {'input_len' if prompt is None else 'output_len'}")
    wanted = amount(batch_text, r"{n}") or LARGEST_BATCH
    if throughput.largest_batch(arch, hbm, prompt() + answer, ranks, bits, kv_bits) < 1:
        raise UnreadableError(f"missing layout: the weights do not fit {ranks:g} x {name} as described")

    def predict():
        rates = _rates(name, precision, four)
        room = throughput.largest_batch(arch, hbm, prompt() + answer / 2, ranks, bits, kv_bits)
        batch = _smaller(wanted, room)
        made = throughput.generate(arch, rates, prompt(), answer, batch, None, "continuous", ranks, bits, kv_bits)
        shown = 1 if "per gpu" in metric else gpus
        return made.tokens_per_second / ranks * shown

    assumed += ("batch",) if not amount(batch_text, r"{n}") else ()
    return [
        case(line, row, group, row["metric"], row["unit"], measured, _as_eager(predict) if eager else predict, assumed)
    ]


def _kv_bits(row):
    text = (row.get("kv_dtype", "") or "").lower()
    if re.search(r"8", text):
        return 8
    if re.search(r"16", text) or _bits(row.get("weights", "").lower()) == 16:
        return 16
    return 8  # engines that compute in 8 bits keep the cache in 8 bits unless told otherwise


def _smaller(first, second):
    from costlib._elementwise import maximum, where

    return maximum(1, where(first < second, first, second))


def _rates(name, precision, four):
    """The roofline of a GPU; products of 4-bit values run at twice the rate of 8 bits where the GPU has them."""
    rates = timing.roofline(name, precision)
    return rates._replace(matmul=2 * rates.matmul) if four else rates


def _as_eager(predict):
    """The same where the engine launches each kernel alone and reaches less of the bandwidth."""
    from costlib.coefficients import drawn

    def slower():
        with drawn({"memory-bandwidth-fraction": coefficient("eager-bandwidth-fraction"),
                    "decode-launch": coefficient("eager-launch")}):  # fmt: skip
            return predict()

    return slower


def _step_ms(arch, name, precision, metric, ranks, bits, kv_bits):
    def predict():
        rates = timing.roofline(name, precision)

        def at(context):
            return 1000 * throughput.decode_step(arch, rates, 1, context, ranks, bits, kv_bits).seconds

        return (at(100_000) - at(0)) / 100_000 if "slope" in metric else at(0 if "intercept" in metric else 500)

    return predict


def _prompt(row):
    """Tokens of a prompt as a function, and what is assumed: the number, a stated mean, or a share of the largest."""
    text = row.get("input_len", "").lower()
    if re.fullmatch(r"[\d,. ]+", text):
        tokens = number(row, "input_len")
        return (lambda: tokens), ()
    if mean := amount(text, r"mean {n}(?! ?output)"):
        return (lambda: mean), ("input_len",)
    if most := amount(text, r"max input {n}"):
        return (lambda: most * coefficient("mean-length-fraction")), ("input_len",)
    return None, ()


# --- throughput -----------------------------------------------------------------------------------------------------


def throughput_case(line, row):
    """Return the cases of a row of a throughput table: parameters, FLOPs of a token, and tokens per second."""
    length, gpus = number(row, "seq_len"), number(row, "n_gpus", required=False) or 8
    measured = number(row, "tokens_per_s_per_gpu")
    counted = number(row, "num_params", required=False)
    name = gpu(row["gpu"].replace("_", "-"))
    text = row["model"]
    known = re.fullmatch(r"\d+(\.\d+)?[mb]", text.lower()) and "foundry" in row.get("source_status", "")
    arch, how = model(f"mpt-{text}" if known else text, None if known else counted)
    if known:  # the benchmark learns one position for each place of a sequence
        arch = replace(arch, position_embeddings=length)
    eight = "fp8" in row.get("precision", "").lower()
    options = said(row, "sharding")
    plan = settings(options) | {"micro_batch": int(number(row, "microbatch", required=False) or 0)}
    plan["recompute"] = {"true": "full", "false": "none"}.get(row.get("activation_ckpt", "").lower())
    plan = {key: value for key, value in plan.items() if value not in (None, 0)}
    place = layout.chosen(arch, name, gpus, length, tuple(plan.items()), 1,
                          number(row, "global_batch_seqs", required=False), "fp8" if eight else "bf16")  # fmt: skip
    tag = {"id": f"{text} x {length:g} on {gpus:g}", "source": row.get("source_status", "")}
    cases = [case(line, tag, "training throughput", "tokens/s/GPU", "tokens/s", measured,
                   tokens_per_second(arch, place, name, length, eight))]  # fmt: skip
    if counted and how != "size":
        cases.append(case(line, tag, "parameters and FLOPs", "parameters", "-", counted, lambda: arch.parameters))
    share = number(row, "mfu_pct", required=False)
    if share and how != "size":
        facts = catalog.find("gpus", name)
        peak = (facts.fp8_dense_tflops if eight else facts.bf16_dense_tflops) * 1e12
        cases.append(case(line, tag, "parameters and FLOPs", "FLOPs per token", "FLOP", share / 100 * peak / measured,
                           lambda: token_flops(arch, length)))  # fmt: skip
    return cases
