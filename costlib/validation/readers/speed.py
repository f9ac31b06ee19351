"""Rows of speeds as cases: generation by an engine, and training on full sequences."""

from dataclasses import replace
from typing import NamedTuple

from costlib.base._arrays import maximum, where
from costlib.compute import engines, inference, parallelism, recognition
from costlib.facts import catalog
from costlib.facts.catalog import assumption
from costlib.facts.hardware import room_gb
from costlib.facts.names import gpu_in_report
from costlib.validation.cases import (
    architecture,
    case,
    computed_in,
    kernels,
    missing,
    outside,
    token_flops,
    tokens_per_second,
    training_regime,
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
    group = "untuned inference" if row.eager else "inference"
    alone = engines.alone(_format(row, arch))
    of = "generation quantised" if alone else f"generation {_engine(row)}"
    return [case(line, row, group, row.metric, row.unit, row.value, predict, assumed, regime=of)]


def _engine(row):
    """The engine of a row by the name that its report gives; one of recorded kernels where it gives none."""
    return "hf-generate" if row.eager else engines.called(row.engine or "")


def _format(row, arch):
    """Format of the weights of a row: that in which they are published, else floating point where it says no more."""
    bits = int(row.weight_bits or 16)
    return (bits < 16 and engines.published_in(arch)) or row.weight_format or {16: "bf16", 8: "fp8", 4: "int4"}[bits]


class _Sharing(NamedTuple):
    """GPUs that share a layer, bits of a weight and of a value in the cache, groups that attend alone."""

    tensor_parallel: float
    bits: int
    kv_bits: float
    attention_parallel: float


def _split(row, arch, facts, coefficients):
    bits = int(catalog.find("weight_formats", _format(row, arch), None).bits)
    gpus, ranks = row.gpus or 1, row.tensor_parallel
    if not ranks:
        ranks = min(inference.ranks_for(arch, room_gb(facts), bits, coefficients=coefficients), gpus)
        while gpus % ranks or arch.heads % ranks:
            ranks -= 1
    # A model without experts has nothing else that its GPUs could share.
    spread = ranks if row.attention_data_parallel and arch.experts > 1 else 1
    return _Sharing(ranks, bits, row.kv_bits or (16 if bits == 16 else 8), spread)


def _rates(row, arch, facts, coefficients):
    """The roofline of a GPU for weights of the format of a row, under its engine."""
    return engines.rates(engines.roofline(facts.name, _format(row, arch), coefficients), _engine(row))


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
        rates = _rates(row, arch, facts, values)

        def at(tokens):
            return MS[row.unit] * 1000 * inference.decode_step(arch, rates, row.batch or 1, tokens, *split).seconds

        if row.what == "step slope":
            return (at(100_000) - at(0)) / 100_000
        return at(0 if row.what == "step intercept" else context)

    return predict, () if row.batch else ("batch",)


def _prefill(row, arch, facts, split, _):
    """The time in which a prompt is read, as a function [ms]."""
    prompt = _prompt(row)
    if prompt is None:
        raise missing("prompt_tokens")
    ranks, bits, _, spread = split
    return (lambda values: MS[row.unit] * 1000 * inference.prefill_seconds(
        arch, _rates(row, arch, facts, values), 1, prompt(values), ranks, bits, spread)), _assumed(row)  # fmt: skip


def _speed(row, arch, facts, split, coefficients):
    """Tokens or answers a second, of one GPU or all, as a function."""
    ranks, bits, kv_bits, spread = split
    engine = engines.find(_engine(row))
    # Where whole answers have their room, they have it in every layer.
    kept = replace(arch, windowed_layers=0) if engine.kept == 1 else arch
    prompt, answer = _prompt(row), row.response_tokens
    if prompt is None or answer is None:
        raise missing("prompt_tokens" if prompt is None else "response_tokens")
    wanted = row.batch or assumption("sequences-of-an-engine")

    def predict(values):
        rates, read = _rates(row, arch, facts, values), prompt(values)
        length = read + answer * engine.kept
        room = inference.largest_batch(kept, rates.hbm_gb, length, ranks, bits, kv_bits, values, spread)
        # A batch that is not filled again ran as it is said. Where nothing fits, something did.
        batch = where((engine.batching == "static") | (wanted < room), wanted, maximum(1, room))
        made = inference.generate(arch, rates, read, answer, batch, None, engine.batching, ranks, bits, kv_bits,
                                  attention_parallel=spread)  # fmt: skip
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
                  tokens_per_second(arch, place, name, length, precision),
                  regime=training_regime(row, arch))]  # fmt: skip
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
