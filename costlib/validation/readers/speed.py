"""Rows of speeds as cases: generation by an engine, and training on full sequences."""

import re
from dataclasses import replace

from costlib._arrays import maximum, where
from costlib.compute import inference, parallelism, timing
from costlib.compute.recognition import UnreadableError, gpu, model, number
from costlib.facts import catalog
from costlib.validation.cases import case, eager, outside, token_flops, tokens_per_second
from costlib.validation.tables import amount, bits, said, settings

LARGEST_BATCH = 2048  # sequences that a tuned engine takes at a time


def inference_case(line, row, coefficients):
    """Return the case of a row of an inference table, or raise UnreadableError."""
    metric, unit = row["metric"].lower(), row["unit"].lower()
    engine = row.get("engine", "").lower()
    kind = _kind(metric, unit)
    if kind is None:
        raise outside(f"{row['metric']} in {row['unit'] or 'no unit'}")
    arch, how = model(row["model"])
    if how == "size":
        raise UnreadableError(
            f"missing model: {row['model']} is not in the catalogue, and its cache is not known from its size"
        )
    name = gpu(row.get("gpu", ""), coefficients.hardware)
    batch_text = row.get("batch_or_concurrency", "").lower()
    if re.search(r"cpu|disk", batch_text) or re.search(r"petals", engine):
        raise outside("weights on the host, on disk, or spread over a network")
    measured = number(row, "value")
    weight_bits, kv_bits = bits(row.get("weights", "").lower()), _kv_bits(row)
    gpus = number(row, "n_gpus", required=False) or 1
    ranks = number(row, "tp", required=False)
    facts = catalog.find("gpus", name, coefficients.hardware)
    if ranks is None:
        ranks = min(inference.ranks_for(arch, facts.hbm_gb, weight_bits, coefficients=coefficients), gpus)
        while gpus % ranks or arch.heads % ranks:
            ranks -= 1
    slow = bool(re.search(r"hf|hugging|transformers|accelerate|flexgen|torchtune|zero-inference|pytorch eager", engine)
                 and not re.search(r"trt|vllm", engine))  # fmt: skip
    group = "untuned inference" if slow else "inference"
    precision = "fp8" if weight_bits < 16 and facts.fp8_dense_tflops else "bf16"
    four = bool(re.search(r"^(nv)?fp4", row.get("weights", "").lower())) and name[:4] in ("b200", "gb20", "b300")
    prompt, assumed = _prompt(row)
    if kind == "step":
        sequences = amount(batch_text, r"^ {n}$") or 1
        context = (prompt(coefficients) if prompt else 500) + (number(row, "output_len", required=False) or 0) / 2
        predict = _step_ms(arch, name, precision, metric, sequences, context, (ranks, weight_bits, kv_bits))
        scale = 1 if unit.startswith("ms") else 1e-3
        return [case(line, row, group, row["metric"], row["unit"], measured, lambda values: scale * predict(values))]
    if kind == "prefill":
        if prompt is None:
            raise UnreadableError("missing input_len")
        scale = 1000 if unit == "ms" else 1
        return [case(line, row, group, row["metric"], row["unit"], measured,
                     lambda values: scale * inference.prefill_seconds(
                         arch, _rates(name, precision, four, values), 1, prompt(values), ranks), assumed)]  # fmt: skip
    answer = number(row, "output_len", required=False)
    if prompt is None or answer is None:
        raise UnreadableError(f"missing {'input_len' if prompt is None else 'output_len'}")
    wanted = amount(batch_text, r"{n}") or LARGEST_BATCH
    length = prompt(coefficients) + answer
    if inference.largest_batch(arch, facts.hbm_gb, length, ranks, weight_bits, kv_bits, coefficients) < 1:
        raise UnreadableError(f"missing layout: the weights do not fit {ranks:g} x {name} as described")

    def predict(values):
        rates, read = _rates(name, precision, four, values), prompt(values)
        room = inference.largest_batch(arch, rates.hbm_gb, read + answer / 2, ranks, weight_bits, kv_bits, values)
        batch = _smaller(wanted, room)
        made = inference.generate(arch, rates, read, answer, batch, None, "continuous", ranks, weight_bits, kv_bits)
        shown = 1 if re.search(r"per gpu|/gpu", metric + " " + unit) else gpus
        # Some count prompts as well, and some count answers.
        each = (read + answer) / answer if re.search(r"total (?!output)|input ?\+ ?output", metric) else 1
        each = 1 / answer if kind == "answers" else each
        return made.tokens_per_second / ranks * shown * each

    assumed += ("batch",) if not amount(batch_text, r"{n}") else ()
    return [
        case(line, row, group, row["metric"], row["unit"], measured, _as_eager(predict) if slow else predict, assumed)
    ]


def _kind(metric, unit):
    """What a metric is: tokens, answers, a decoding step or a prefill; None for another."""
    rate = re.fullmatch(r"(tok|token|tokens|req|requests|samples|queries)/s(/gpu)?", unit)
    if rate:
        return "tokens" if rate.group(1).startswith("tok") else "answers"
    if unit not in ("ms", "s", "ms per context token", "ms/token"):
        return None
    if re.search(r"itl|tpot|inter-token|per output token|time per token|decode step", metric):
        return "step"
    return "prefill" if re.search(r"ttft|time to first token|prefill (latency|time)", metric) else None


def _kv_bits(row):
    text = (row.get("kv_dtype", "") or "").lower()
    if re.search(r"8", text):
        return 8
    if re.search(r"16", text) or bits(row.get("weights", "").lower()) == 16:
        return 16
    return 8  # engines that compute in 8 bits keep the cache in 8 bits unless told otherwise


def _smaller(first, second):
    return maximum(1, where(first < second, first, second))


def _rates(name, precision, four, coefficients):
    """The roofline of a GPU; products of 4-bit values run at twice the rate of 8 bits where the GPU has them."""
    rates = timing.roofline(name, precision, coefficients)
    return rates._replace(matmul=2 * rates.matmul) if four else rates


def _as_eager(predict):
    """The same where the engine launches each kernel alone and reaches less of the bandwidth."""
    return lambda values: predict(eager(values))


def _step_ms(arch, name, precision, metric, sequences, length, split):
    """The time of a decoding step, or its slope or intercept over the context, as a function [ms]."""

    def predict(values):
        rates = timing.roofline(name, precision, values)

        def at(context):
            return 1000 * inference.decode_step(arch, rates, sequences, context, *split).seconds

        return (at(100_000) - at(0)) / 100_000 if "slope" in metric else at(0 if "intercept" in metric else length)

    return predict


def _prompt(row):
    """Tokens of a prompt as a function, and what is assumed: the number, a stated mean, or a share of the largest."""
    text = row.get("input_len", "").lower()
    if re.fullmatch(r"[\d,. ]+", text):
        tokens = number(row, "input_len")
        return (lambda _: tokens), ()
    if mean := amount(text, r"mean {n}(?! ?output)"):
        return (lambda _: mean), ("input_len",)
    if most := amount(text, r"max input {n}"):
        return (lambda values: most * values["mean-length-fraction"]), ("input_len",)
    return None, ()


def throughput_case(line, row, coefficients):
    """Return the cases of a row of a throughput table: parameters, FLOPs of a token, and tokens per second."""
    length, gpus = number(row, "seq_len"), number(row, "n_gpus", required=False) or 8
    measured = number(row, "tokens_per_s_per_gpu")
    counted = number(row, "num_params", required=False)
    name = gpu(row["gpu"].replace("_", "-"), coefficients.hardware)
    text = row["model"]
    foundry = re.fullmatch(r"\d+(\.\d+)?[mb]", text.lower()) and "foundry" in row.get("source_status", "")
    arch, how = model(f"mpt-{text}" if foundry else text, None if foundry else counted)
    if foundry and how != "name" and counted:
        arch, how = model("", counted)
        how = "size"  # found by its count, which then proves nothing
    if foundry:  # the benchmark learns one position for each place of a sequence
        arch = replace(arch, position_embeddings=length)
    eight = "fp8" in row.get("precision", "").lower()
    options = said(row, "sharding")
    plan = settings(options) | {"micro_batch": int(number(row, "microbatch", required=False) or 0)}
    plan["recompute"] = {"true": "full", "false": "none"}.get(row.get("activation_ckpt", "").lower())
    plan = {"tensor_parallel": 1} | {key: value for key, value in plan.items() if value not in (None, 0)}
    update, precision = number(row, "global_batch_seqs", required=False), "fp8" if eight else "bf16"
    place = parallelism.chosen(arch, name, gpus, length, tuple(plan.items()), 1, update, precision, coefficients)
    tag = {"id": f"{text} x {length:g} on {gpus:g}", "source": row.get("source_status", "")}
    cases = [case(line, tag, "training throughput", "tokens/s/GPU", "tokens/s", measured,
                   tokens_per_second(arch, place, name, length, eight))]  # fmt: skip
    if counted and how != "size":
        cases.append(case(line, tag, "parameters and FLOPs", "parameters", "-", counted, lambda _: arch.parameters))
    share = number(row, "mfu_pct", required=False)
    if share and how != "size":
        facts = catalog.find("gpus", name, coefficients.hardware)
        peak = (facts.fp8_dense_tflops if eight else facts.bf16_dense_tflops) * 1e12
        cases.append(case(line, tag, "parameters and FLOPs", "FLOPs per token", "FLOP", share / 100 * peak / measured,
                           lambda _: token_flops(arch, length)))  # fmt: skip
    return cases
