"""Readers of measured rows: which cases a row gives, what predicts each, and why there are none.

What a reader asks of the science is written out here again, setting by setting; the science has its own tests.
"""

import math
from collections import defaultdict

import pytest
from command import refused

from costlib.compute import coefficients, engines, inference, memory, parallelism, stages, timing
from costlib.compute.architecture import find, forward, lora_parameters, training
from costlib.compute.models import shape
from costlib.facts import catalog, hardware, schema
from costlib.facts.schema import Record
from costlib.validation.cases import placed
from costlib.validation.readers import alignment, runs, speed, steps
from costlib.validation.readers.memory import UNITS, memory_case, training_setup
from costlib.validation.tables import STEPS, record

BOOK = coefficients.published()
LLAMA, A100, H100 = find("llama-2-7b"), "a100-sxm-80gb", "h100-sxm-80gb"
GPT2 = find("gpt2")


def rounded(value):
    return pytest.approx(value, rel=1e-9)


# --- steps measured by costlib ---------------------------------------------------------------------------------------


def step_row(step, **cells):
    usual = {"step": step, "model": "gpt2", "gpu": "A100", "sequences": "2", "tokens": "64", "id": "x"}
    return dict.fromkeys(STEPS, "") | usual | {name: str(value) for name, value in cells.items()}


def step_cases(step, known=BOOK, **cells):
    return {each.quantity: each for each in steps.step_case(2, step_row(step, **cells), known)}


def value(case, known=BOOK):
    return float(case.predict(known))


def scalar():
    return GPT2.with_scalar_head()


FLOPS = {
    "forward": forward(GPT2, 2, 64).total,
    "train": training(GPT2, 2, 64).total,
    # Pairs are two sequences each: the policy trains, the reference reads.
    "dpo": training(GPT2, 4, 64).total + forward(GPT2, 4, 64).total,
    "rm": training(scalar(), 4, 64).total,
    # Without the logits of all tokens but the last of each prompt.
    "prefill": forward(GPT2, 2, 64).total - 2 * 768 * 50257 * 2 * 63,
    "decode": forward(GPT2, 2, 1, cached=64).total,
}


@pytest.mark.parametrize("step", FLOPS)
def test_flops_of_a_step(step):
    found = step_cases(step, flops=7)
    assert list(found) == [f"{step} FLOPs"]
    case = found[f"{step} FLOPs"]
    assert (case.group, case.unit, case.measured, case.id) == ("parameters and FLOPs", "FLOP", 7, "x")
    assert value(case) == rounded(FLOPS[step])


def test_flops_of_variants_of_a_step():
    assert value(step_cases("train", flops=1, recompute="full")["train FLOPs"]) == rounded(
        training(GPT2, 2, 64, recompute="full").total
    )
    assert value(step_cases("train", flops=1, lora_rank=8)["train FLOPs"]) == rounded(
        training(GPT2, 2, 64, lora_rank=8).total
    )
    assert value(step_cases("dpo", flops=1, reference="cached")["dpo FLOPs"]) == rounded(training(GPT2, 4, 64).total)
    ppo = stages.ppo(GPT2, stages.Data(2, 64, 32), stages.Run(timing.FlatSpeed(1)))
    assert value(step_cases("ppo", flops=1, response_tokens=32)["ppo FLOPs"]) == rounded(ppo.flops)


def test_tensors_of_a_step_in_bytes():
    parts = {"weights_bytes": 1, "gradients_bytes": 2, "optimizer_bytes": 3}
    n, head = GPT2.parameters, scalar().parameters
    # All of 16 bits: weights and gradients two bytes each, moments four; twice that in 32 bits.
    for precision, scale in (("bf16", 1), ("fp32", 2), ("", 1)):
        found = step_cases("train", precision=precision, **parts)
        assert {name: (value(each), each.measured, each.unit, each.group) for name, each in found.items()} == {
            "train weights": (scale * 2 * n, 1, "bytes", "analytical memory"),
            "train gradients": (scale * 2 * n, 2, "bytes", "analytical memory"),
            "train optimizer": (scale * 4 * n, 3, "bytes", "analytical memory"),
        }  # fmt: skip
    assert value(step_cases("rm", weights_bytes=1)["rm weights"]) == 2 * head
    assert value(step_cases("ppo", response_tokens=8, optimizer_bytes=1)["ppo optimizer"]) == 4 * (n + head)
    llama = step_cases("train", model="llama-2-7b", lora_rank=8, **parts)
    adapters = lora_parameters(LLAMA, 8)
    assert value(llama["train weights"]) == 2 * LLAMA.parameters + 2 * adapters
    assert value(llama["train gradients"]) == 2 * adapters and value(llama["train optimizer"]) == 4 * adapters
    # One matrix for query, key and value has one adapter: not counted.
    refused("^no value: neither flops, bytes nor seconds$", step_cases, "train", lora_rank=8, **parts)


def pass_seconds(model, setup, flops, elementwise, travels, tokens, trained, known=BOOK):
    rates = timing.roofline(A100, coefficients=known)
    return timing.pass_seconds(model, setup, rates, timing.Passes(flops, elementwise, *travels), tokens, trained)


def test_seconds_of_a_step():
    rates, reach = timing.roofline(A100, coefficients=BOOK), BOOK["software-speed"]
    setup = memory.Setup(micro_batch=2, recipe="bf16-8")
    seconds = {
        name: value(step_cases(name, seconds=1)[name])
        for name in ("forward", "train", "prefill", "decode", "dpo", "rm")
    }
    assert seconds["forward"] == rounded(
        timing.pass_seconds(GPT2, setup, rates, timing.Passes(forward(GPT2, 2, 64), 1, 1, 0), 128, 0) / reach
    )
    assert seconds["prefill"] == rounded(inference.prefill_seconds(GPT2, rates, 2, 64))
    plain = engines.rates(rates, "hf-generate")
    assert seconds["decode"] == rounded(inference.decode_step(GPT2, plain, 2, 64).seconds)

    def hours(stage, model, data, sequences):
        run = stages.Run(rates, setup._replace(micro_batch=sequences), generation_batch=2, reach=reach)
        return 3600 * stage(model, data, run).gpu_hours

    assert seconds["train"] == rounded(hours(stages.sft, GPT2, stages.Data(2, 0, 64), 2))
    assert seconds["dpo"] == rounded(hours(stages.dpo, GPT2, stages.Data(2, 0, 64), 4))
    assert seconds["rm"] == rounded(hours(stages.reward_model, scalar(), stages.Data(2, 0, 64), 4))
    cached = value(step_cases("dpo", seconds=1, reference="cached")["dpo"])
    assert cached == rounded(hours(stages.sft, GPT2, stages.Data(4, 0, 64), 4))
    groups = {name: step_cases(name, seconds=1, response_tokens=8)[name].group for name in seconds | {"ppo": 0}}
    assert groups == dict.fromkeys(("forward", "train", "dpo", "rm"), "own training") | {
        "prefill": "own inference", "decode": "own inference", "ppo": "own alignment"}  # fmt: skip


def test_phases_of_ppo_add_up():
    cells = {"seconds": 9, "generate_seconds": 1, "score_seconds": 2, "train_seconds": 3, "response_tokens": 32}
    found = step_cases("ppo", **cells)
    assert [(each.quantity, each.measured, each.group) for each in found.values()] == [
        ("ppo", 9, "own alignment"), ("ppo generate", 1, "own phases of alignment"),
        ("ppo score", 2, "own phases of alignment"), ("ppo train", 3, "own phases of alignment")]  # fmt: skip
    times = {name: value(each) for name, each in found.items()}
    assert times["ppo"] == rounded(times["ppo generate"] + times["ppo score"] + times["ppo train"])
    setup = memory.Setup(micro_batch=2, recipe="bf16-8")
    run = stages.Run(timing.roofline(A100, coefficients=BOOK), setup, generation_batch=2, engine="hf-generate")
    cost = stages.ppo(GPT2, stages.Data(2, 64, 32), run)
    assert times["ppo"] == rounded(cost.gpu_hours * 3600)
    assert times["ppo generate"] == rounded(cost.share("generate") * cost.gpu_hours * 3600)
    assert times["ppo train"] == rounded(cost.share("update actor", "update critic") * cost.gpu_hours * 3600)
    # Phases are of PPO, and of a GPU that is known.
    refused("no value", step_cases, "train", generate_seconds=1)
    refused("no value", step_cases, "ppo", gpu="abacus", response_tokens=8, generate_seconds=1)


def test_peaks_of_a_step_leave_out_the_context_and_count_what_is_reserved():
    setup, waste = memory.Setup(micro_batch=2, recipe="bf16-8"), BOOK["allocator-waste"]
    context = memory.framework(BOOK).total

    def peaks(step, **cells):
        found = step_cases(step, allocated_bytes=1, reserved_bytes=2, **cells)
        assert [(each.quantity, each.measured, each.group, each.unit) for each in found.values()] == [
            (f"{step} allocated", 1, "own memory", "bytes"),
            (f"{step} reserved", 2, "own memory", "bytes"),
        ]
        allocated, reserved = map(value, found.values())
        assert reserved == rounded(waste * allocated)
        return allocated + context

    assert peaks("train") == rounded(memory.training(GPT2, 64, setup, BOOK).total)
    assert peaks("prefill") == rounded(memory.generating(GPT2, 64, 2, coefficients=BOOK).total)
    assert peaks("decode") == rounded(memory.generating(GPT2, 65, 2, coefficients=BOOK).total)
    # The logits, 6 bytes of 50,257 words, are more than a layer of GPT-2, 34 bytes of 768.
    assert peaks("forward") == rounded(2 * GPT2.parameters + 2 * 64 * 6 * 50257 + context)
    pairs = memory.training(GPT2, 64, setup._replace(micro_batch=4), BOOK).total
    assert peaks("dpo") == rounded(pairs + 2 * GPT2.parameters) and peaks("dpo", reference="cached") == rounded(pairs)
    assert peaks("rm") == rounded(memory.training(scalar(), 64, setup._replace(micro_batch=4), BOOK).total)
    phases = memory.ppo(GPT2, scalar(), scalar(), 64, 32, memory.PpoSetup(setup, sequences=2), BOOK)
    assert peaks("ppo", response_tokens=32) == rounded(max(parts.total for parts in phases.values()))
    each = step_cases("ppo", response_tokens=32, **{f"{phase}_allocated_bytes": 1 for phase in phases})
    assert {name: value(case) + context for name, case in each.items()} == {
        f"ppo {phase} allocated": rounded(parts.total) for phase, parts in phases.items()}  # fmt: skip
    # In 32 bits the parts are not those of the book.
    refused("no value", step_cases, "train", precision="fp32", allocated_bytes=1)


@pytest.mark.parametrize(
    ("step", "cells", "words"),
    [
        ("train", {"status": "out of memory"}, "^not measured: out of memory$"),
        ("matmul", {}, "^outside the model: a reading of the device, not of a model$"),
        ("copy", {}, "reading of the device"),
        ("context", {}, "reading of the device"),
        ("poetry", {}, "^outside the model: step poetry$"),
        ("", {}, r"^outside the model: step \(empty\)$"),
        ("train", {"precision": "fp16"}, "^column precision: must be bf16 or fp32, got 'fp16'$"),
        ("train", {"sequences": ""}, "column sequences: empty"),
        ("train", {"tokens": ""}, "column tokens: empty"),
        ("ppo", {"flops": 1}, "column response_tokens: empty"),
        ("train", {}, "^no value: neither flops, bytes nor seconds$"),
    ],
)
def test_rows_of_steps_without_cases(step, cells, words):
    refused(words, step_cases, step, **cells)


def test_seconds_in_32_bits_need_a_file_of_the_device():
    found = step_cases("train", precision="fp32", seconds=1, status="measured")["train"]
    refused("^missing hardware: speeds in fp32 need a file of costlib calibrate$", value, found)
    gpu = {"name": "mine", "label": "Mine", "device": "A device", "precision": "fp32", "bf16_dense_tflops": 100,
           "hbm_gb": 80, "hbm_bandwidth_gb_per_s": 1000}  # fmt: skip
    known = coefficients.of(hardware.checked({"gpu": gpu}))
    own = step_cases("train", known, precision="fp32", seconds=1, gpu="A device")["train"]
    run = stages.Run(timing.roofline("mine", coefficients=known), memory.Setup(micro_batch=2, recipe="bf16-8"),
                     reach=known["software-speed"])  # fmt: skip
    assert value(own, known) == rounded(3600 * stages.sft(GPT2, stages.Data(2, 0, 64), run).gpu_hours)
    # Rows of the half from which its coefficients come are of that half; without a file all are reported.
    halves = {each: step_cases("train", known, id=each, seconds=1, gpu="A device", precision="fp32")["train"].source
              for each in map(str, range(40))}  # fmt: skip
    sides = defaultdict(set)
    for name, source in halves.items():
        sides[source].add(steps.calibrates({"id": name, "gpu": "A device", "precision": "fp32", "seed": ""}))
    assert sides == {"calibration half of own rows": {True}, "costlib measure": {False}}
    assert {step_cases("train", id=each, seconds=1)["train"].source for each in halves} == {"costlib measure"}


# --- memory ---------------------------------------------------------------------------------------------------------


def sized(what, **cells):
    row = {"model": "llama-2-7b", "what": what, "quantity": "size", "value": "7", "unit": "bytes", "id": "x"}
    kind, typed, _ = record("memory", row | {name: str(each) for name, each in cells.items()})
    [case] = memory_case(2, typed, BOOK)
    assert kind == "memory" and (case.measured, case.quantity) == (7, "size")
    return case


def counted(size, counter=""):
    if counter == "framework":
        return rounded((size - memory.framework(BOOK).total) * BOOK["uncounted-memory"])
    return rounded(size * BOOK["uncounted-memory"] * BOOK["allocator-waste"])


def test_sizes_by_rule():
    assert value(sized("cache")) == value(sized("cache", sequence_length=1)) == 2 * 32 * 4096 * 2
    assert value(sized("cache", sequence_length=100, micro_batch=3, kv_bits=8)) == 300 * 2 * 32 * 4096
    assert (
        value(sized("weights")) == 2 * LLAMA.parameters
        and value(sized("weights", weight_bits=4)) == LLAMA.parameters / 2
    )
    states = sized("states", gpus=64, zero=1, parameters=7.5e9, model="7.5B")
    assert value(states) == rounded(4 * 7.5e9 + 12 * 7.5e9 / 64) and states.group == "analytical memory"
    assert value(sized("states", gpus=1)) == rounded(16 * LLAMA.parameters)
    assert value(sized("states", gpus=8, zero=3, largest_layer=1e9)) == rounded(2 * LLAMA.parameters + 4e9)
    assert value(sized("states", gpus=2, recipe="mixed-18", offload="all", zero=3)) == 0
    for unit, size in UNITS.items():
        assert value(sized("weights", unit=unit)) == rounded(2 * LLAMA.parameters / size)
    assert (
        UNITS["GiB"],
        UNITS["GB"],
        UNITS["KiB"],
        UNITS["KB"],
        UNITS["MiB"],
        UNITS["MB"],
        UNITS["TiB"],
        UNITS["TB"],
    ) == (1024**3, 1000**3, 1024, 1000, 1024**2, 1000**2, 1024**4, 1000**4)


def test_sizes_of_generation():
    question = catalog.find("assumptions", "short-question").value
    held = memory.generating(LLAMA, question, 1, coefficients=BOOK).total
    assert value(sized("generation")) == counted(held) and sized("generation").group == "measured memory"
    assert value(sized("generation", counter="framework")) == counted(held, "framework")
    fewer = memory.generating(LLAMA, 2000, 1, bits=8, coefficients=BOOK).total
    assert value(sized("generation", sequence_length=2000, weight_bits=8)) == counted(fewer)


def test_sizes_of_training():
    def held(changes=None, pipeline=1, length=2048):
        # Gradients wait for the next micro-batch where a pipeline or a sharded optimizer has buffers for them.
        setup = memory.Setup(micro_batch=2, sequence_parallel=False, accumulates=pipeline > 1)._replace(**changes or {})
        return parallelism.held(LLAMA, setup._replace(pipeline_parallel=pipeline), length, BOOK)

    def case(**cells):
        return value(sized("training", **{"sequence_length": 2048, "micro_batch": 2} | cells))

    assert case() == counted(held()) and case(counter="framework") == counted(held(), "framework")
    changes = {
        "gpus": 8,
        "tensor_parallel": 2,
        "zero": 1,
        "recompute": "full",
        "recipe": "mixed-18",
        "accumulates": True,
    }
    assert case(**changes, sequence_parallel="yes") == counted(held(changes | {"sequence_parallel": True}))
    assert case(fused="yes") == counted(held({"fused": True}))
    assert case(lora_rank=8, lora_targets="qv", base_bits=4) == counted(
        held({"lora_rank": 8, "lora_targets": "qv", "base_bits": 4})
    )
    assert case(gpus=4, pipeline_parallel=4) == counted(held({"gpus": 4}, 4))
    assert case(chunked_loss="yes") == counted(held({"logits": "chunked"}))
    for where in ("activations", "optimizer", "all"):
        assert case(offload=where) == counted(held({"offload": where}))
    # Gradients freed one by one save two bytes, moments of 8 bits beside weights of 16 the other two.
    for cells, recipe in (({}, "bf16-8"), ({"optimizer_in_backward": "yes"}, "in-backward-6"),
                          ({"optimizer": "adam-8bit"}, "adam8bit-6"),
                          ({"optimizer": "adam-8bit", "optimizer_in_backward": "yes"}, "in-backward-4")):  # fmt: skip
        assert case(recipe="bf16-8", **cells) == counted(held({"recipe": recipe}))
    # A GPU that is full has nothing to waste: CUDA reports 79.25 GiB of an A100 with 80 GB.
    assert case(gpu="a100-sxm-80gb", recipe="bf16-8", micro_batch=1, sequence_length=4096) <= 79.25 * 2**30
    assert case(optimizer="adam-8bit") == counted(held())
    adapters = held({"recipe": "bf16-8", "lora_rank": 8})
    assert case(recipe="bf16-8", lora_rank=8, optimizer_in_backward="yes") == counted(adapters)


def test_a_trainer_keeps_what_its_software_keeps_where_a_row_is_silent():
    # prime-rl: weights in 32 bits, adapters beside experts, the head fused with the loss in updates alone.
    cells = {"gpus": 8.0, "micro_batch": 1, "sequence_length": 16384.0, "software": "prime-rl"}
    row = schema.Record(vars(schema.parse("measured_memory", {})) | cells)
    full = training_setup(row)
    assert (full.recipe, full.logits, full.zero, full.accumulates) == ("fp32-16", "whole", 3, False)
    update = training_setup(schema.Record(vars(row) | {"stage": "grpo", "lora_rank": 16.0}))
    assert (update.recipe, update.logits, update.base_bits, update.lora_targets) == ("fp32-16", "fused", 32, "experts")
    assert update.accumulates and training_setup(schema.Record(vars(row) | {"stage": "sft"})).logits == "whole"
    # What the row says counts.
    said = training_setup(schema.Record(vars(row) | {"recipe": "bf16-8", "zero": 1.0, "chunked_loss": True}))
    assert (said.recipe, said.zero, said.logits) == ("bf16-8", 1, "chunked")


@pytest.mark.parametrize(
    ("cells", "words"),
    [({"what": "states"}, "^missing gpus$"),
     ({"what": "states", "gpus": 2, "offload": "optimizer"}, "^outside the model: states on the host$"),
     ({"what": "training", "micro_batch": 1}, "^missing sequence_length$"),
     ({"what": "training", "sequence_length": 9}, "^missing micro_batch$"),
     ({"what": "training", "kind": "estimated"}, "^missing measurement: estimated by the source, inputs not given$"),
     ({"what": "cache", "value": ""}, "^missing value$"),
     ({"what": "other"}, "^missing responses at a time, mean lengths, or the layout of several models$"),
     ({"what": "file"}, "^outside the model: size$"), ({"what": "file", "quantity": ""}, "^outside the model: file$")],
)  # fmt: skip
def test_rows_of_memory_without_a_case(cells, words):
    refused(words, sized, **cells)


def test_estimates_of_weights_count():
    assert value(sized("weights", kind="estimated")) == 2 * LLAMA.parameters


# --- speeds ---------------------------------------------------------------------------------------------------------


def served(what, **cells):
    row = {"model": "llama-3.1-8b", "gpu": H100, "what": what, "metric": "m", "value": "7", "unit": "ms", "id": "x"}
    row |= {"batch": "1"} if what.startswith("step") else {}
    _, typed, _ = record("inference", row | {name: str(each) for name, each in cells.items()})
    [case] = speed.inference_case(2, typed, BOOK)
    return case


LLAMA_8B = find("llama-3.1-8b")
RATES, FP8 = timing.roofline(H100, "bf16", BOOK), timing.roofline(H100, "fp8", BOOK)


def test_times_of_an_engine_in_milliseconds_or_seconds():
    def step(tokens, batch=1, ranks=1, bits=16, kv=16, rates=RATES):
        return 1000 * inference.decode_step(LLAMA_8B, rates, batch, tokens, ranks, bits, kv).seconds

    usual = catalog.find("assumptions", "context-of-a-step").value
    assert value(served("step")) == rounded(step(usual)) and value(served("step", unit="s")) == rounded(
        step(usual) / 1000
    )
    assert value(served("step", prompt_tokens=300, response_tokens=100, batch=4)) == rounded(step(350, 4))
    assert value(served("step", prompt_tokens=300, gpus=2, tensor_parallel=2)) == rounded(step(300, ranks=2))
    assert value(served("step", prompt_tokens=300, weight_bits=8)) == rounded(step(300, bits=8, kv=8, rates=FP8))
    assert value(served("step", prompt_tokens=300, weight_bits=8, kv_bits=16)) == rounded(step(300, bits=8, rates=FP8))
    share = BOOK["mean-length-fraction"]
    assert value(served("step", longest_prompt_tokens=1000)) == rounded(step(1000 * share))
    assert value(served("step slope", unit="ms per context token")) == rounded((step(100_000) - step(0)) / 100_000)
    assert value(served("step intercept")) == rounded(step(0))
    assert (served("step").group, served("step").assumed) == ("inference", ())
    alone = served("step", batch="")
    assert value(alone) == value(served("step")) and alone.assumed == ("batch",)
    read = 1000 * inference.prefill_seconds(LLAMA_8B, RATES, 1, 2000, 1)
    assert value(served("prefill", prompt_tokens=2000)) == rounded(read)
    assumed = served("prefill", prompt_tokens=2000, assumed="prompt_tokens", unit="s")
    assert value(assumed) == rounded(read / 1000) and assumed.assumed == ("prompt_tokens",)
    slow = served("step", eager="yes")
    assert slow.group == "untuned inference" and value(slow) == rounded(
        1000 * inference.decode_step(LLAMA_8B, engines.rates(RATES, "hf-generate"), 1, usual).seconds
    )


def test_tokens_and_answers_a_second():
    def made(batch, ranks=1, bits=16, kv=16, rates=RATES):
        room = inference.largest_batch(LLAMA_8B, rates.hbm_gb, 200 + 50, ranks, bits, kv, BOOK)
        return inference.generate(
            LLAMA_8B, rates, 200, 100, min(batch, room), None, "continuous", ranks, bits, kv
        ).tokens_per_second

    cells = {"prompt_tokens": 200, "response_tokens": 100, "unit": "tokens/s"}
    usual = catalog.find("assumptions", "sequences-of-an-engine").value
    one = served("tokens", **cells, batch=16)
    assert value(one) == rounded(made(16)) and one.assumed == ()
    assert served("tokens", **cells).assumed == ("batch",) and value(served("tokens", **cells)) == rounded(made(usual))
    assert value(served("tokens", **cells, batch=1e6)) == rounded(made(1e6))
    # Two copies on two GPUs, one copy over two, and one of the two alone.
    assert value(served("tokens", **cells, batch=16, gpus=2)) == rounded(2 * made(16))
    assert value(served("tokens", **cells, batch=16, gpus=2, tensor_parallel=2)) == rounded(made(16, 2))
    assert value(served("tokens", **cells, batch=16, gpus=2, tensor_parallel=2, of_one_gpu="yes")) == rounded(
        made(16, 2) / 2
    )
    # Prompts count where they are counted; an answer is 100 tokens.
    assert value(served("tokens", **cells, batch=16, counts_prompts="yes")) == rounded(3 * made(16))
    assert value(served("answers", **cells, batch=16)) == rounded(made(16) / 100)
    assert value(served("tokens", **cells, batch=16, weight_bits=8)) == rounded(made(16, bits=8, kv=8, rates=FP8))


def test_weights_that_ran_are_predicted_where_they_are_said_not_to_fit():
    """138 GB on one GPU of 80: of a row that has a value, something ran, and one sequence at a time is the least."""
    one = {"prompt_tokens": 9, "response_tokens": 9, "unit": "tokens/s", "model": "llama-2-70b"}
    made = inference.generate(find("llama-2-70b"), RATES, 9, 9, 1)
    assert value(served("tokens", **one)) == rounded(made.tokens_per_second)
    # A batch that is never filled again ran as it is said.
    eager = engines.rates(RATES, "hf-generate")
    made = inference.generate(find("llama-2-70b"), eager, 9, 9, 4, batching="static")
    assert value(served("tokens", **one, batch=4, eager="yes")) == rounded(made.tokens_per_second)


def test_a_model_that_is_published_in_four_bits_has_no_eight():
    cells = {"model": "gpt-oss-20b", "prompt_tokens": 2000}
    said = [value(served("prefill", weight_bits=bits, **cells)) for bits in (8, 4, 16)]
    rates = engines.roofline(H100, "fp4", BOOK)
    assert said[0] == said[1] == rounded(1000 * inference.prefill_seconds(find("gpt-oss-20b"), rates, 1, 2000, 1, 4))
    assert said[2] != said[0]


def test_four_bit_products_are_faster_where_the_gpu_has_them():
    name = next(name for name, gpu in catalog.table("gpus").items() if gpu.fp4_over_fp8 and gpu.fp4_over_fp8 != 1)
    facts = catalog.find("gpus", name)
    cells = {"gpu": name, "prompt_tokens": 2000, "weight_bits": 4}
    plain, eight = timing.roofline(name, "bf16", BOOK), timing.roofline(name, "fp8", BOOK)
    faster = eight._replace(matmul=eight.matmul * facts.fp4_over_fp8 * BOOK["four-bit-fraction"])
    # Weights alone in 4 bits are multiplied in 16.
    for weight_format, rates in (("fp4", faster), ("", plain)):
        expected = 1000 * inference.prefill_seconds(LLAMA_8B, rates, 1, 2000, 1, 4)
        assert value(served("prefill", weight_format=weight_format, **cells)) == rounded(expected)


def test_ranks_of_an_engine_divide_its_gpus_and_the_heads():
    large = {"model": "llama-2-70b", "prompt_tokens": 300}
    # 138 GB of weights take half of four GPUs of 80 GB. Three divide no 64 heads and two no three GPUs.
    for gpus, ranks in ((3, 1), (6, 2), (8, 4), (2, 2), (1, 1)):
        expected = 1000 * inference.decode_step(find("llama-2-70b"), RATES, 1, 300, ranks).seconds
        assert value(served("step", gpus=gpus, **large)) == rounded(expected), gpus


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"what": "", "unit": "", "metric": "poems"}, "^outside the model: poems in no unit$"),
        ({"what": "", "unit": "ms", "metric": "poems"}, "^outside the model: poems in ms$"),
        (
            {"what": "step", "model": "unheard-of 9.9B"},
            "^missing model: unheard-of 9.9B is not in the catalogue, and its cache",
        ),
        (
            {"what": "step", "offload": "host"},
            "^outside the model: weights on the host, on disk, or spread over a network$",
        ),
        ({"what": "step", "value": ""}, "^missing value$"),
        ({"what": "prefill"}, "^missing prompt_tokens$"),
        ({"what": "tokens", "response_tokens": 9}, "^missing prompt_tokens$"),
        ({"what": "tokens", "prompt_tokens": 9}, "^missing response_tokens$"),
    ],
)
def test_rows_of_engines_without_a_case(cells, words):
    refused(words, served, **cells)


def trained(**cells):
    row = {"model": "llama-2-7b", "gpu": A100, "sequence_length": "2048", "tokens_per_s_per_gpu": "3000", "gpus": "8",
           "zero": "3", "micro_batch": "4", "recompute": "full", "id": "x"}  # fmt: skip
    _, typed, _ = record("throughput", row | {name: str(each) for name, each in cells.items()})
    return {each.quantity: each for each in speed.throughput_case(2, typed, BOOK)}


def test_speed_parameters_and_flops_of_training():
    found = trained(parameters=6.74e9, mfu_pct=50)
    assert list(found) == ["tokens/s/GPU", "parameters", "FLOPs per token"]
    assert {each.group for each in found.values()} == {"training throughput", "parameters and FLOPs"}
    setup = memory.Setup(gpus=8, zero=3, micro_batch=4, recompute="full")
    seconds = parallelism.token_gpu_seconds(LLAMA, setup, timing.roofline(A100, "bf16", BOOK), 2048)
    assert value(found["tokens/s/GPU"]) == rounded(1 / seconds) and found["tokens/s/GPU"].measured == 3000
    assert value(found["parameters"]) == LLAMA.parameters and found["parameters"].measured == 6.74e9
    # Half of 312 TFLOP/s over 3,000 tokens/s; 6N and the square of 2,048 tokens.
    assert found["FLOPs per token"].measured == rounded(0.5 * 312e12 / 3000)
    assert value(found["FLOPs per token"]) == rounded(6 * LLAMA.parameters + 12 * 32 * 4096 * 2048)
    assert list(trained()) == ["tokens/s/GPU"] and list(trained(model="unheard-of 9.9B", mfu_pct=50)) == [
        "tokens/s/GPU"
    ]
    assert trained(gpu=H100, precision="fp8", mfu_pct=50)["FLOPs per token"].measured == rounded(0.5 * 1979e12 / 3000)
    assert trained(precision="fp8", mfu_pct=50)["FLOPs per token"].measured == rounded(0.5 * 312e12 / 3000)
    refused("^missing sequence_length$", trained, sequence_length="")
    refused("^missing tokens_per_s_per_gpu$", trained, tokens_per_s_per_gpu="")


def test_positions_that_a_run_learns_are_parameters():
    plain, learned = (
        trained(model="mpt-7b", parameters=6.65e9, position_embeddings=n)["parameters"] for n in ("", 4096)
    )
    mpt = find("mpt-7b")
    assert value(plain) == mpt.parameters
    assert value(learned) - value(plain) == (4096 - mpt.position_embeddings) * mpt.hidden_size


# --- runs -----------------------------------------------------------------------------------------------------------


def ran(stage, known=BOOK, **cells):
    row = {"stage": stage, "model": "llama-2-7b", "gpu": A100, "gpus": "8", "sequence_length": "2048", "id": "x",
           "reported_quantity": "gpu_hours", "value_norm": "7", "unit_norm": "GPU-h"}  # fmt: skip
    _, typed, _ = record("runs", row | {name: str(each) for name, each in cells.items()})
    return runs.run_case(2, typed, known)


LAYOUT = {"zero": 3, "micro_batch": 4, "recompute": "full", "tensor_parallel": 1}


def token_seconds(length=2048, **changes):
    setup = memory.Setup(gpus=8, zero=3, micro_batch=4, recompute="full")._replace(**changes)
    return parallelism.token_gpu_seconds(LLAMA, setup, timing.roofline(A100, "bf16", BOOK), length)


def test_hours_of_pretraining():
    [case] = ran("pretrain", tokens=1e9, **LAYOUT)
    seconds = token_seconds() * 1e9 / BOOK["run-goodput"]
    assert value(case) == rounded(seconds / 3600)
    assert (case.group, case.quantity, case.unit, case.measured, case.share) == (
        "training throughput",
        "pretrain gpu_hours",
        "GPU-h",
        7,
        None,
    )
    # What seven GPU-hours make of the peak.
    flops = 1e9 * (6 * LLAMA.parameters + 12 * 32 * 4096 * 2048)
    assert case.utilisation == rounded(flops / (7 * 3600 * 312e12))
    for unit, per_hour in (("s", 3600), ("min", 60), ("h", 1), ("d", 1 / 24)):
        [wall] = ran("pretrain", tokens=1e9, reported_quantity="wall_hours", unit_norm=unit, **LAYOUT)
        assert value(wall) == rounded(seconds / 3600 / 8 * per_hour) and wall.unit == unit
        assert wall.utilisation == rounded(flops / (7 / per_hour * 8 * 3600 * 312e12))
    [usd] = ran("pretrain", tokens=1e9, reported_quantity="usd", usd_per_gpu_hour=2, unit_norm="", **LAYOUT)
    assert value(usd) == rounded(2 * seconds / 3600) and usd.unit == "USD"
    # Steps are of a batch and lose nothing to restarts.
    [step] = ran("pretrain", per="step", steps=3, batch=64, **LAYOUT)
    assert value(step) == rounded(
        value(ran("pretrain", tokens=3 * 64 * 2048, batch=64, **LAYOUT)[0]) * BOOK["run-goodput"]
    )
    assert value(ran("pretrain", per="step", batch=64, **LAYOUT)[0]) == rounded(value(step) / 3)


def test_utilisation_and_speed_of_a_run():
    flops = 6 * LLAMA.parameters + 12 * 32 * 4096 * 2048
    [mfu] = ran("pretrain", reported_quantity="mfu", value_norm=50, unit_norm="%", **LAYOUT)
    assert value(mfu) == rounded(100 * flops / token_seconds() / 312e12)
    assert (mfu.group, mfu.quantity, mfu.utilisation) == ("training throughput", "utilisation", rounded(0.5))
    [rate] = ran("pretrain", reported_quantity="mfu", value_norm=156, unit_norm="TFLOP/s", **LAYOUT)
    assert value(rate) == rounded(flops / token_seconds() / 1e12) and rate.utilisation == rounded(0.5)
    # Hardware utilisation counts the forward pass that is computed again.
    [again] = ran("pretrain", reported_quantity="mfu", value_norm=50, unit_norm="%", counts_recompute="yes", **LAYOUT)
    assert value(again) == rounded(4 / 3 * value(mfu)) and again.utilisation == rounded(0.375)
    kept = LAYOUT | {"recompute": "none", "micro_batch": 1}
    once, same = (
        ran("sft", reported_quantity="mfu", value_norm=50, unit_norm="%", counts_recompute=each, **kept)[0]
        for each in ("yes", "no")
    )
    assert value(once) == value(same)
    for unit, gpus in (("tokens/s", 1), ("tokens/s/job", 8)):
        [speed_case] = ran("sft", reported_quantity="tokens_per_s", value_norm=3000, unit_norm=unit, **LAYOUT)
        assert value(speed_case) == rounded(gpus / token_seconds())
        assert speed_case.utilisation == rounded(3000 / gpus * flops / 312e12) and speed_case.quantity == "speed"


def test_petaflop_days_are_6_flops_for_each_parameter_and_token():
    [case] = ran("pretrain", reported_quantity="pf_days", tokens=1e9)
    assert value(case) == rounded(6 * LLAMA.parameters * 1e9 / (1e15 * 86400)) and case.group == "parameters and FLOPs"
    [examples] = ran("sft", reported_quantity="pf_days", examples=1000, epochs=3)
    assert value(examples) == rounded(6 * LLAMA.parameters * 3 * 1000 * 2048 / (1e15 * 86400))
    refused("^missing tokens$", ran, "sft", reported_quantity="pf_days")
    for stage in ("ppo", "grpo", "dpo", "rm"):
        refused(
            f"^outside the model: FLOPs of {stage} in a unit whose count is not stated$",
            ran,
            stage,
            reported_quantity="pf_days",
            tokens=1,
        )


@pytest.mark.parametrize(
    ("stage", "cells", "words"),
    [("poetry", {}, "^outside the model: stage poetry$"), ("", {}, r"^outside the model: stage \(empty\)$"),
     ("sft", {"value_norm": ""}, "^missing value_norm: the source reports no number$"),
     ("sft", {"grade": "C"}, "^missing inputs: the table grades the row as not predictable$"),
     ("sft", {"gpus": "", "reported_quantity": "wall_hours", "unit_norm": "h"}, "^missing gpus$"),
     ("ppo", {"reported_quantity": "mfu"}, "^outside the model: mfu of one phase of ppo$"),
     ("sft", {"reported_quantity": "poems"}, "^outside the model: poems$"),
     ("sft", {"sequence_length": ""}, "^missing sequence_length$"),
     ("pretrain", {"sequence_length": "", "reported_quantity": "mfu"}, "^missing sequence_length$"),
     ("sft", {}, "^missing examples$"), ("ppo", {}, "^missing examples$"), ("pretrain", {}, "^missing tokens$"),
     ("pretrain", {"per": "step"}, "^missing batch: sequences of a step$"),
     ("sft", {"examples": 9, "reported_quantity": "usd"}, "^missing usd_per_gpu_hour$"),
     ("sft", {"examples": 9, "reported_quantity": "wall_hours", "unit_norm": "moons"},
      "^column unit_norm: must be one of ms, s, min, h, d, weeks, got 'moons'$"),
     ("ppo", {"examples": 9, "phase": "generation"}, "^outside the model: one phase of a step$")],
)  # fmt: skip
def test_rows_of_runs_without_a_case(stage, cells, words):
    refused(words, ran, stage, **cells)


def test_what_a_run_leaves_open_is_assumed():
    def assumed(stage="pretrain", **cells):
        return ran(stage, **{"tokens": 1e9} | LAYOUT | cells)[-1].assumed

    assert assumed() == () and assumed(model="GPT 9.9B") == ("architecture",)
    assert assumed(expert_parallel=2, context_parallel=4) == ()  # of a dense model, which has no experts to share
    assert assumed(gpus="") == ("gpus",) and assumed(gpus="", reported_quantity="mfu", unit_norm="%") == ("gpus",)
    assert (
        assumed("sft", examples=9, tokens="") == ("mean length",) and assumed("sft", examples=9, mean_tokens=300) == ()
    )
    for grade, group in (
        ("", "training throughput"),
        ("A", "training throughput"),
        ("B", "training, one input assumed"),
    ):
        assert ran("pretrain", tokens=1e9, grade=grade, **LAYOUT)[0].group == group
    for grade, group in (("", "alignment"), ("A", "alignment"), ("B", "alignment, one input assumed")):
        assert ran("sft", examples=9, mean_tokens=300, grade=grade, **LAYOUT)[0].group == group
    # In a table without grades a mean that is taken from a limit is an input assumed.
    assert ran("sft", examples=9, **LAYOUT)[0].group == "alignment, one input assumed"


# --- runs of alignment ----------------------------------------------------------------------------------------------


def tuned(stage, **cells):
    [case] = ran(stage, **LAYOUT | {"mean_tokens": 512, "examples": 1000} | cells)
    return value(case)


def expected(stage, model, examples, *more, epochs=1, mean=512):
    # The longest of 4 x 8 sequences below 2,048 tokens, by a power law with this mean.
    power = 32 * (mean / 2048) / (1 - mean / 2048)
    longest = 2048 * power / (power + 1)
    place = parallelism.chosen(
        model,
        A100,
        8,
        2048,
        (*LAYOUT.items(), ("attention_kernel", "flash"), ("sequence_parallel", True)),
        None,
        None,
        "bf16",
        BOOK,
    )
    run = stages.Run(timing.roofline(A100, "bf16", BOOK), place, reach=BOOK["software-speed"])
    return rounded(stage(model, stages.Data(examples, 0, longest, epochs), run, *more).gpu_hours)


def test_hours_of_tuning():
    assert tuned("sft") == expected(stages.sft, LLAMA, 1000)
    assert tuned("sft", epochs=3) == expected(stages.sft, LLAMA, 1000, epochs=3)
    assert tuned("rm") == expected(stages.reward_model, LLAMA.with_scalar_head(), 1000)
    assert tuned("dpo") == expected(stages.dpo, LLAMA, 1000, False)
    assert tuned("dpo", reference="cached", epochs=2) == expected(stages.dpo, LLAMA, 1000, True, epochs=2)
    assert tuned("dpo", reference="none") == expected(stages.sft, LLAMA, 2000)
    # Tokens are those of all passes, and of both answers of a pair.
    assert tuned("sft", examples="", tokens=512_000, epochs=3) == expected(stages.sft, LLAMA, 1000)
    assert tuned("dpo", examples="", tokens=512_000) == expected(stages.dpo, LLAMA, 500, False)
    share = BOOK["mean-length-fraction"]
    assert tuned("sft", mean_tokens="") == expected(stages.sft, LLAMA, 1000, mean=2048 * share)


def rolled(stage, **cells):
    usual = {
        "examples": 1000,
        "prompt_tokens": 200,
        "response_tokens": 100,
        "longest_tokens": 400,
        "batch": 64,
        "samples": 2,
    }
    return ran(stage, **usual | cells)


# Of answers of 100 tokens the longest have 2.2 times as many, though 400 are allowed.
def of_rollouts(stage, *others, prompt=200, response=100, longest=220, batch=64, samples=2, epochs=1, gpus=8, zero=3):
    setup = memory.Setup(gpus, zero=zero, micro_batch=8, recompute="full")
    run = stages.Run(timing.roofline(A100, coefficients=BOOK), setup, generation_parallel=1, generation_batch=batch)
    return stage(
        LLAMA, stages.Data(1000, prompt, response, epochs, longest_tokens=longest), run, *others, samples=samples
    )


def test_hours_and_shares_of_rollouts():
    head = LLAMA.with_scalar_head()
    [case] = rolled("ppo")
    cost = of_rollouts(stages.ppo, head, head)
    assert value(case) == rounded(cost.gpu_hours) and (case.group, case.assumed) == ("alignment", ())
    assert float(case.share(BOOK)) == rounded(cost.share("generate"))
    small = find("opt-350m").with_scalar_head()
    assert value(rolled("ppo", critic="opt-350m")[0]) == rounded(of_rollouts(stages.ppo, small, small).gpu_hours)
    assert value(rolled("grpo")[0]) == rounded(of_rollouts(stages.grpo).gpu_hours)
    assert value(rolled("grpo", placement="asynchronous")[0]) == rounded(
        of_rollouts(stages.grpo, longest=None).gpu_hours
    )
    assert value(rolled("grpo", epochs=3, samples="")[0]) == rounded(
        of_rollouts(stages.grpo, epochs=3, samples=1).gpu_hours
    )
    one = of_rollouts(stages.grpo, gpus=1, zero=0).gpu_hours
    assert value(rolled("grpo", gpus=1)[0]) == rounded(one)
    at_most = catalog.find("assumptions", "sequences-of-a-rollout").value
    assert value(rolled("grpo", batch="")[0]) == rounded(of_rollouts(stages.grpo, batch=min(2000, at_most)).gpu_hours)
    share, hours = rolled("grpo", generation_share=40)
    assert (share.group, share.unit, share.measured, share.quantity) == (
        "generation share",
        "%",
        40,
        "grpo generation share",
    )
    assert (
        value(share) == rounded(100 * of_rollouts(stages.grpo).share("generate")) and hours.quantity == "grpo gpu_hours"
    )
    assert [each.group for each in rolled("grpo", generation_share=40, phase="generation")] == ["generation share"]
    [sft] = ran("sft", examples=9, generation_share=40, **LAYOUT)
    assert sft.share is None and sft.quantity == "sft gpu_hours"


def test_lengths_of_rollouts_that_a_run_leaves_open():
    usual = catalog.find("assumptions", "prompt-tokens").value
    mean = BOOK["mean-length-fraction"]

    def lengths(**cells):
        row = {
            "sequence_length": 2048.0,
            "prompt_tokens": None,
            "response_tokens": None,
            "longest_tokens": None,
            "stage": "grpo",
        }
        prompt, response, longest, assumed = alignment._lengths(Record(row | cells))
        return prompt, response(BOOK), longest, assumed

    # The longest has 2.2 times the mean, or what is allowed where that is less; a length below the mean allows nothing.
    assert lengths(prompt_tokens=90.0, response_tokens=300.0) == (90, 300, rounded(660), ())
    assert lengths(response_tokens=300.0) == (usual, 300, rounded(660), ("prompt length",))
    assert lengths(prompt_tokens=90.0, response_tokens=3000.0) == (90, 3000, rounded(6600), ())
    assert lengths(prompt_tokens=90.0, response_tokens=300.0, longest_tokens=500.0) == (90, 300, 500, ())
    # A short PPO run halves its sequence; others have a mean below their longest.
    assert lengths(stage="ppo", sequence_length=1024.0) == (512, 512, 512, ("lengths",))
    assert lengths(stage="ppo", sequence_length=1024.0, prompt_tokens=90.0) == (90, 512, 512, ("lengths",))
    assert lengths(stage="grpo", sequence_length=1024.0) == (usual, 1024 * mean, 1024, ("mean length",))
    assert lengths(stage="ppo", sequence_length=1025.0) == (usual, 1025 * mean, 1025, ("mean length",))
    assert lengths(longest_tokens=500.0, prompt_tokens=90.0) == (90, 500 * mean, 500, ("mean length",))


def test_a_cut_model_is_one_too():
    assert shape("gpt2").parameters == GPT2.parameters
    assert math.isclose(
        value(step_cases("forward", model="gpt2:layers=6", flops=1)["forward FLOPs"]),
        forward(shape("gpt2:layers=6"), 2, 64).total,
    )


# --- layouts of training --------------------------------------------------------------------------------------------


def laid(**cells):
    row = {"stage": "pretrain", "model": "llama-2-7b", "gpu": A100, "reported_quantity": "mfu", "value_norm": "9"}
    _, typed, _ = record("runs", row | {name: str(each) for name, each in cells.items()})
    return placed(typed, LLAMA, A100, cells.get("gpus", 8), 2048, BOOK)


def test_a_layout_keeps_what_a_report_says():
    place, precision = laid(pipeline_parallel=4, tensor_parallel=2, zero=3, batch=64, pipeline_chunks=2, micro_batch=2)
    # A pipeline shards the optimizer at most; 64 sequences of one pipeline in micro-batches of two.
    assert (place.pipeline_parallel, place.tensor_parallel, place.zero, place.pipeline_chunks) == (4, 2, 1, 2)
    assert (place.micro_batch, timing.micro_batches(place), place.fused, precision) == (2, 32, False, "bf16")
    sharded, _ = laid(pipeline_parallel=2, zero=3, batch=64, gpus=8)
    assert sharded.zero == 1 and sharded.pipeline_parallel == 2
    assert laid(pipeline_parallel=2, zero=0)[0].zero == 0
    alone, _ = laid(pipeline_parallel=1, pipeline_chunks=4, zero=3)
    assert (alone.pipeline_parallel, alone.zero) == (1, 3)
    assert laid(kernels="fused")[0].fused and laid(gpus=3)[0].gpus == 3
    for kernel, split, expected in (("", "", True), ("eager", "", False), ("eager", "yes", True), ("flash", "", True)):
        setup = laid(attention_kernel=kernel, sequence_parallel=split)[0]
        assert (setup.sequence_parallel, setup.attention_kernel) == (expected, kernel or "flash")
    words = r"^column tensor_parallel: times pipeline_parallel it must divide {} GPUs and the 32 heads .*, got {}$"
    refused(words.format(8, 6), laid, pipeline_parallel=3, tensor_parallel=2)
    refused(words.format(9, 3), laid, tensor_parallel=3, gpus=9)
    refused(words.format(8, 3), laid, pipeline_parallel=3)


def test_products_in_8_bits_are_of_gpus_that_have_them():
    assert laid(precision="fp8")[1] == "bf16"
    [fast, plain] = (
        ran("pretrain", gpu=H100, reported_quantity="mfu", value_norm=50, unit_norm="%", precision=each, **LAYOUT)[0]
        for each in ("fp8", "")
    )
    assert value(fast) > 1.2 * value(plain)
