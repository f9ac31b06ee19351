"""Counted FLOPs and weighed tensors of real classes against the formulas of the book."""

import csv
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from costlib.compute.architecture import forward, training
from costlib.compute.coefficients import published
from costlib.compute.models import shape
from costlib.measuring import flops, models, stages
from costlib.measuring.jobs import STAGES, StepJob, jobs
from costlib.validation.readers import steps

LLAMA = "llama-3.1-8b:layers=2,hidden_size=64,heads=4,kv_heads=2,ffn_size=160,vocabulary_size=500"
GPT2 = "gpt2:layers=2,hidden_size=64,heads=4,vocabulary_size=500"
ROOT = Path(__file__).resolve().parents[2]


def formula(job):
    """The book's FLOPs of a job, by way of the row that would be written for it."""
    row = {key: str(value or "") for key, value in job._asdict().items()}
    return steps.step_flops(steps.StepWork(row, job.step))


@pytest.mark.parametrize("name", [LLAMA, GPT2], ids=["llama", "gpt2"])
@pytest.mark.parametrize("step", ["forward", "train", "dpo", "rm", "prefill", "decode"])
def test_counted_flops_equal_the_formula(name, step):
    for reference in ("computed", "cached") if step == "dpo" else ("",):
        job = StepJob(step, name, 3, 40, reference=reference)
        assert flops.counted(job) == pytest.approx(formula(job), rel=1e-12)


def test_a_dpo_step_costs_8_6_of_a_training_step_for_each_token():
    pairs, examples = StepJob("dpo", LLAMA, 2, 48, reference="computed"), StepJob("train", LLAMA, 4, 48)
    assert flops.counted(pairs) / flops.counted(examples) == 8 / 6
    # With the reference's log-probabilities at hand a pair is two examples.
    assert flops.counted(pairs._replace(reference="cached")) == flops.counted(examples)


def test_a_ppo_iteration_by_hand():
    # Of 2 prompts of 24 tokens, each with 16 written: prefill without the logits of 23 tokens; 15 steps; reference,
    # reward and value over 40 tokens; actor and critic trained on them.
    model, n, prompt, response = shape(LLAMA), 2, 24, 16
    scalar = model.with_scalar_head()
    written = sum(forward(model, n, 1, cached=seen).total for seen in range(prompt, prompt + response - 1))
    logits = 2 * 64 * 500 * n * (prompt - 1)
    read = forward(model, n, prompt).total - logits
    scored = forward(model, n, 40).total + 2 * forward(scalar, n, 40).total
    trained = training(model, n, 40).total + training(scalar, n, 40).total
    job = StepJob("ppo", LLAMA, n, prompt, response)
    assert flops.counted(job) == pytest.approx(read + written + scored + trained, rel=1e-12)
    # The book's formula has the logits of the whole prompt and one step more.
    step = forward(model, n, 1, cached=32).total
    assert formula(job) == pytest.approx(flops.counted(job) + logits + step, rel=0.01)


def test_recomputation_repeats_the_layers_but_neither_the_head_nor_their_last_product():
    # What is computed again ends before the product whose result nobody needs: the last of each layer, of the MLP.
    once, again = (flops.counted(StepJob("train", LLAMA, 2, 32, recompute=how)) for how in ("none", "full"))
    model = shape(LLAMA)
    layers = forward(model, 2, 32).total - 2 * 64 * 500 * 64
    assert again - once == layers - 2 * 2 * 160 * 64 * 64
    assert once < again < formula(StepJob("train", LLAMA, 2, 32, recompute="full"))


def test_adapters_spare_the_gradients_of_frozen_weights():
    job = StepJob("train", LLAMA, 2, 32, lora_rank=4)
    # No gradient flows into the embedding, so the first layer's query, key and value have none for their inputs.
    skipped = 2 * 64 * 64 * (64 + 32 + 32) + 2 * 64 * 64 * 3 * 4
    assert flops.counted(job) == formula(job) - skipped


@pytest.mark.parametrize("job", [StepJob("train", LLAMA, 2, 32), StepJob("dpo", GPT2, 2, 16, reference="computed"),
                                 StepJob("decode", LLAMA, 2, 20), StepJob("ppo", LLAMA, 2, 8, 6)], ids=str)  # fmt: skip
def test_the_count_without_values_is_that_of_the_step_that_runs(job):
    step = stages.prepared(job, "cpu", torch.float32, attention="eager")
    with FlopCounterMode(display=False) as counter:
        for run in step.phases.values():
            run()
    assert counter.get_total_flops() == flops.counted(job)


@pytest.mark.parametrize("job", [StepJob("train", LLAMA, 1, 16), StepJob("train", GPT2, 1, 16),
                                 StepJob("rm", LLAMA, 1, 16),
                                 StepJob("dpo", LLAMA, 1, 16, reference="computed"), StepJob("ppo", LLAMA, 1, 8, 4),
                                 StepJob("train", LLAMA, 1, 16, lora_rank=4)], ids=str)  # fmt: skip
@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_weights_gradients_and_moments_are_predicted_to_the_byte(job, precision):
    step = stages.prepared(job, "cpu", {"bf16": torch.bfloat16, "fp32": torch.float32}[precision])
    for run in step.phases.values():
        run()
    row = {key: str(value or "") for key, value in job._asdict().items()} | {"precision": precision, "gpu": "cpu"}
    names = ("weights_bytes", "gradients_bytes", "optimizer_bytes")
    row |= {name: str(size) for name, size in zip(names, step.held(), strict=True)}
    cases = [case for case in steps.step_case(1, row, published()) if case.group == "analytical memory"]
    assert [case.predict(published()) for case in cases] == list(step.held())
    assert len(cases) == 3 and min(step.held()) > 0


def test_a_small_llama_is_weighed_by_hand():
    # Embedding and head 2 x 500 x 64; a layer 64 x (64 + 32 + 32 + 64) and 3 x 64 x 160; 5 norms of 64.
    count = 2 * 500 * 64 + 2 * (64 * 192 + 3 * 64 * 160) + 5 * 64
    step = stages.prepared(StepJob("train", LLAMA, 1, 8), "cpu", torch.bfloat16)
    for run in step.phases.values():
        run()
    assert step.held() == (2 * count, 2 * count, 4 * count)


def test_classes_of_the_catalogue_have_the_sizes_that_are_counted():
    # The sizes in count_with_pytorch.py were typed from the sources; here they come from the catalogue.
    with (ROOT / "tests" / "data" / "pytorch_counts.csv").open(encoding="utf-8", newline="") as file:
        counted = {row["model"]: int(row["parameters"]) for row in csv.DictReader(file)}
    small = [name for name in counted if counted[name] < 3e9]
    assert len(small) >= 8
    for name in small:
        model = models.build(name, "meta", torch.bfloat16)
        assert sum(p.numel() for p in model.parameters()) == counted[name]


def test_every_stage_has_jobs_that_can_be_counted():
    found = jobs(GPT2, STAGES, "cpu", longest=32)
    assert {job.step for job in found} == {"forward", "train", "dpo", "rm", "ppo", "prefill", "decode"}
    assert len(set(found)) == len(found)
    assert all(flops.counted(job) > 0 for job in found)
