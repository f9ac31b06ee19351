"""Rows of speeds as cases: generation by an engine, and training on full sequences."""

from dataclasses import replace

from costlib._arrays import maximum, where
from costlib.compute import inference, parallelism, recognition, timing
from costlib.facts import catalog
from costlib.facts.catalog import assumption
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import (
    architecture,
    case,
    computed_in,
    eager,
    kernels,
    missing,
    outside,
    token_flops,
    tokens_per_second,
)

MS = {"s": 1e-3, "ms": 1, "ms/token": 1, "ms per context token": 1}


def inference_case(line, row, coefficients):
    """Return the case of a row of an inference table, or raise UnreadableError."""
    if not row.what:
        raise outside(f"{row.metric} in {row.unit or 'no unit'}")
    arch, how = architecture(row)
    if how == "size":
        raise missing(f"model: {row.model} is not in the catalogue, and its cache is not known from its size")
    if row.offload == "host":
        raise outside("weights on the host, on disk, or spread over a network")
    if row.value is None:
        raise missing("value")
    facts = catalog.find("gpus", gpu_in_report(row.gpu, coefficients.hardware), coefficients.hardware)
    predict, assumed = PREDICTED[row.what.split()[0]](row, arch, facts, _split(row, arch, facts, coefficients),
                                                      coefficients)  # fmt: skip
    at = (lambda values: predict(eager(values))) if row.eager else predict
    group = "untuned inference" if row.eager else "inference"
    return [case(line, row, group, row.metric, row.unit, row.value, at, assumed)]


def _split(row, arch, facts, coefficients):
    """GPUs that share a layer, bits of a weight, and bits of a value in the cache."""
    bits, gpus, ranks = row.weight_bits or 16, row.gpus or 1, row.tensor_parallel
    if not ranks:
        ranks = min(inference.ranks_for(arch, facts.hbm_gb, bits, coefficients=coefficients), gpus)
        while gpus % ranks or arch.heads % ranks:
            ranks -= 1
    return ranks, bits, row.kv_bits or (16 if bits == 16 else 8)


def _rates(row, facts, coefficients):
    """The roofline of a GPU; products of 4-bit values are faster where the GPU has them."""
    rates = timing.roofline(facts.name, _precision(row, facts), coefficients)
    return rates._replace(matmul=rates.matmul * (facts.fp4_over_fp8 or 1)) if row.weight_format == "fp4" else rates


def _prompt(row):
    """Tokens of a prompt as a function: the mean, or a share of the longest; None where neither is known."""
    if row.prompt_tokens:
        return lambda _: row.prompt_tokens
    if row.longest_prompt_tokens:
        return lambda values: row.longest_prompt_tokens * values["mean-length-fraction"]
    return None


def _assumed(row):
    return tuple(filter(None, row.assumed.split(";")))


def _step(row, arch, facts, split, coefficients):
    """The time of a decoding step, or its slope or intercept over the context, as a function [ms]."""
    prompt = _prompt(row)
    context = prompt(coefficients) if prompt else assumption("context-of-a-step")
    context = context + (row.response_tokens or 0) / 2

    def predict(values):
        rates = timing.roofline(facts.name, _precision(row, facts), values)

        def at(tokens):
            return MS[row.unit] * 1000 * inference.decode_step(arch, rates, row.batch or 1, tokens, *split).seconds

        if row.what == "step slope":
            return (at(100_000) - at(0)) / 100_000
        return at(0 if row.what == "step intercept" else context)

    return predict, ()


def _precision(row, facts):
    return "fp8" if (row.weight_bits or 16) < 16 and facts.fp8_dense_tflops else "bf16"


def _prefill(row, arch, facts, split, _):
    """The time in which a prompt is read, as a function [ms]."""
    prompt = _prompt(row)
    if prompt is None:
        raise missing("prompt_tokens")
    return (lambda values: MS[row.unit] * 1000 * inference.prefill_seconds(
        arch, _rates(row, facts, values), 1, prompt(values), split[0])), _assumed(row)  # fmt: skip


def _speed(row, arch, facts, split, coefficients):
    """Tokens or answers a second, of one GPU or all, as a function."""
    ranks, bits, kv_bits = split
    prompt, answer = _prompt(row), row.response_tokens
    if prompt is None or answer is None:
        raise missing("prompt_tokens" if prompt is None else "response_tokens")
    wanted = row.batch or assumption("sequences-of-an-engine")
    whole = prompt(coefficients) + answer
    if inference.largest_batch(arch, facts.hbm_gb, whole, ranks, bits, kv_bits, coefficients) < 1:
        raise missing(f"layout: the weights do not fit {ranks:g} x {facts.name} as described")

    def predict(values):
        rates, read = _rates(row, facts, values), prompt(values)
        room = inference.largest_batch(arch, rates.hbm_gb, read + answer / 2, ranks, bits, kv_bits, values)
        batch = maximum(1, where(wanted < room, wanted, room))
        made = inference.generate(arch, rates, read, answer, batch, None, "continuous", ranks, bits, kv_bits)
        shown = 1 if row.of_one_gpu else row.gpus or 1
        # Some count prompts as well, and some count answers.
        each = (read + answer) / answer if row.counts_prompts else 1
        return made.tokens_per_second / ranks * shown * (1 / answer if row.what == "answers" else each)

    return predict, _assumed(row) + (() if row.batch else ("batch",))


PREDICTED = {"step": _step, "prefill": _prefill, "tokens": _speed, "answers": _speed}


def throughput_case(line, row, coefficients):
    """Return the cases of a row of a throughput table: parameters, FLOPs of a token, and tokens per second."""
    length, measured = row.sequence_length, row.tokens_per_s_per_gpu
    if not length or not measured:
        raise missing("sequence_length" if not length else "tokens_per_s_per_gpu")
    name, gpus = gpu_in_report(row.gpu, coefficients.hardware), row.gpus or assumption("gpus-of-tuning")
    # What a run sets for itself, its count says too, and no other.
    arch, how = recognition.model(row.model, None if row.position_embeddings else row.parameters)
    if row.position_embeddings:
        arch = replace(arch, position_embeddings=row.position_embeddings)
    plan = {"tensor_parallel": row.tensor_parallel or 1, "zero": row.zero, "micro_batch": row.micro_batch,
            "recompute": row.recompute}  # fmt: skip
    plan = kernels(row) | {each: value for each, value in plan.items() if value not in (None, "")}
    precision = computed_in(row, name, coefficients)
    place = parallelism.chosen(arch, name, gpus, length, tuple(plan.items()), 1, row.batch, precision, coefficients)
    cases = [case(line, row, "training throughput", "tokens/s/GPU", "tokens/s", measured,
                  tokens_per_second(arch, place, name, length, precision))]  # fmt: skip
    if how == "size":
        return cases
    if row.parameters:
        cases.append(case(line, row, "parameters and FLOPs", "parameters", "-", row.parameters,
                          lambda _: arch.parameters))  # fmt: skip
    if row.mfu_pct:
        facts = catalog.find("gpus", name, coefficients.hardware)
        peak = (facts.fp8_dense_tflops if precision == "fp8" else facts.bf16_dense_tflops) * 1e12
        cases.append(case(line, row, "parameters and FLOPs", "FLOPs per token", "FLOP",
                          row.mfu_pct / 100 * peak / measured, lambda _: token_flops(arch, length)))  # fmt: skip
    return cases
