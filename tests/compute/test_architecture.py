"""Parameters and FLOPs against the real model classes, and against calculations written out by hand."""

import csv

import numpy as np
import pytest
from command import refused
from conftest import ROOT

from costlib.compute.architecture import Architecture, find, forward, lora_parameters, training
from costlib.facts import catalog

with (ROOT / "tests" / "data" / "pytorch_counts.csv").open(encoding="utf-8", newline="") as file:
    COUNTED = list(csv.DictReader(file))
FAMILIES = ("gpt2", "opt-1.3b", "opt-13b", "llama-2-7b", "llama-2-70b", "llama-3-8b", "mistral-7b", "mixtral-8x7b",
            "qwen2.5-7b", "gemma-2-9b", "pythia-6.9b", "deepseek-v3")  # fmt: skip
LLAMA = find("llama-2-70b")


def small(**changes):
    """A model small enough for a pencil."""
    dimensions = {"layers": 2, "hidden_size": 8, "heads": 4, "kv_heads": 2, "head_size": 2, "ffn_size": 16}
    return Architecture(**dimensions | {"mlp_matrices": 3, "vocabulary_size": 100} | changes)


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: f"{row['model']}-{row['tokens']}")
def test_agrees_with_the_model_class_as_pytorch_counts_it(row):
    model = find(row["model"])
    assert model.parameters == int(row["parameters"]) == catalog.find("models", row["model"]).parameters
    ours = forward(model, 1, int(row["tokens"])).total
    assert ours == pytest.approx(int(row["forward_flops"]), rel=1e-9)


def test_counts_cover_the_architectures_of_the_catalogue():
    assert set(FAMILIES) <= {row["model"] for row in COUNTED}
    assert len({row["model"] for row in COUNTED}) >= 20
    assert all(row["torch"] and row["transformers"] for row in COUNTED)


@pytest.mark.parametrize("name", catalog.table("models"))
def test_the_matrices_make_up_the_counted_total(name):
    # What is left are norms and biases: a few thousandths of the smallest models, less of all others.
    assert 0 <= find(name).other_parameters < 0.001 * find(name).parameters
    assert find(name).parameters_active == catalog.find("models", name).parameters_active


def test_llama_2_70b_parameters_by_hand():
    # 80 layers of 8192 x 128 x (64 + 8 + 8 + 64) + 3 x 8192 x 28672, two embeddings of 32000 x 8192, 161 norms of 8192
    layers = 80 * (8192 * 128 * 144 + 3 * 8192 * 28672)
    assert LLAMA.layer_matrices == layers == 68_451_041_280
    assert LLAMA.parameters == layers + 2 * 32000 * 8192 + 161 * 8192 == 68_976_648_192


def test_llama_2_70b_fine_tuning_flops_by_hand():
    # 64,000 sequences of 4,096: a token meets layers and head, and 4 x 80 x 64 x 128 FLOPs for each token it sees.
    tokens, matrices = 64_000 * 4096, 68_451_041_280 + 32_000 * 8192
    square = 4 * 80 * 8192 * tokens * 4096
    full, causal = 3 * (2 * matrices * tokens + square), 3 * (2 * matrices * tokens + square / 2)
    assert training(LLAMA, 64_000, 4096).total == pytest.approx(full, rel=1e-14)
    assert training(LLAMA, 64_000, 4096, attention="causal").total == pytest.approx(causal, rel=1e-14)
    assert [f"{flops:.4e}" for flops in (causal, full, full * 4 / 3)] == ["1.1230e+20", "1.1652e+20", "1.5536e+20"]
    assert training(LLAMA, 64_000, 4096, recompute="full").total == pytest.approx(full * 4 / 3, rel=1e-14)


def test_selective_recomputation_repeats_attention_alone():
    once, selective = training(LLAMA, 1, 4096), training(LLAMA, 1, 4096, recompute="selective")
    assert selective.matmul == once.matmul
    assert selective.attention == pytest.approx(once.attention * 4 / 3)


def test_a_cache_saves_the_tokens_but_not_what_they_attend_to():
    # Ten tokens after ninety attend to 10 x (90 + 10) pairs of the square, to 10 x (90 + 5) if causal.
    model = small()
    assert forward(model, 1, 10, cached=90).attention == 4 * 2 * 4 * 2 * 10 * 100
    assert forward(model, 1, 10, cached=90, attention="causal").attention == 4 * 2 * 4 * 2 * 10 * 95
    assert forward(model, 1, 10, cached=90).matmul == forward(model, 1, 10).matmul


def test_causal_attention_of_all_tokens_is_the_sum_over_single_steps():
    model, steps = small(), [forward(small(), 1, 1, cached=n, attention="causal") for n in range(50)]
    at_once = forward(model, 1, 50, attention="causal")
    assert sum(step.total for step in steps) == pytest.approx(at_once.total)


def test_mixture_with_all_experts_active_equals_dense():
    dense, mixture = small(ffn_size=64), small(ffn_size=16, experts=4, experts_active=4)
    router = 2 * 8 * 4  # layers x hidden size x experts
    assert mixture.parameters == mixture.parameters_active == dense.parameters + router
    assert forward(mixture, 3, 5).matmul == forward(dense, 3, 5).matmul + 2 * router * 15
    assert forward(mixture, 3, 5).attention == forward(dense, 3, 5).attention


def test_mixture_computes_with_its_active_experts():
    # Two of four experts and one shared: (2 + 1) x 3 x 8 x 16 in each of two layers, attention, router and head.
    mixture = small(experts=4, experts_active=2, shared_experts=1)
    attention, router, head = 8 * 2 * (4 + 2 + 2 + 4), 8 * 4, 8 * 100
    assert mixture.matmul_parameters == 2 * (attention + 3 * 3 * 8 * 16 + router) + head
    assert mixture.parameters == 2 * (attention + 5 * 3 * 8 * 16 + router) + 2 * head


def test_lora_trains_adapters_and_skips_the_gradients_of_frozen_weights():
    # Rank 1 on a layer: q 8+8, k 8+4, v 8+4, output 8+8, three MLP matrices 8+16: 128 values, in two layers.
    model = small()
    assert lora_parameters(model, 1) == 2 * (16 + 12 + 12 + 16 + 3 * 24)
    assert lora_parameters(model, 3, "attention") == 3 * 2 * 56
    assert lora_parameters(model, 3, "qv") == 3 * 2 * 28
    passes = training(model, 1, 10, lora_rank=1)
    # Forward and the gradient of the inputs through all matrices; the adapters all three.
    assert passes.matmul == 2 * 2 * model.matmul_parameters * 10 + 3 * 2 * lora_parameters(model, 1) * 10
    assert passes.attention == training(model, 1, 10).attention


def test_lora_of_rank_0_trains_nothing():
    assert lora_parameters(LLAMA, 0) == 0
    assert training(LLAMA, 1, 512, lora_rank=0) == forward(LLAMA, 1, 512)


def test_a_scalar_head_replaces_the_vocabulary():
    trunk = LLAMA.with_scalar_head()
    assert LLAMA.matmul_parameters - trunk.matmul_parameters == 8192 * (32_000 - 1)
    assert LLAMA.parameters - trunk.parameters == 8192 * (32_000 - 1)
    tied = small(tied_embeddings=1)  # the embedding stays for the input
    assert tied.with_scalar_head().parameters == tied.parameters + 8


def test_arrays_give_what_single_models_give():
    layers, hidden = np.array([2, 4, 8]), np.array([64, 128, 256])
    many = Architecture(layers, hidden, hidden / 16, hidden / 32, 16, 4 * hidden, 2, 1000)
    each = [Architecture(*row) for row in zip(layers, hidden, hidden / 16, hidden / 32, [16] * 3, 4 * hidden, [2] * 3,
                                              [1000] * 3, strict=True)]  # fmt: skip
    np.testing.assert_array_equal(many.parameters, [one.parameters for one in each])
    for how in ({}, {"recompute": "full"}, {"lora_rank": 4}):
        np.testing.assert_array_equal(training(many, 3, 100, **how).total,
                                      [training(one, 3, 100, **how).total for one in each])  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"kv_heads": 3}, "heads must be a multiple of kv_heads .*4 heads and 3 kv_heads"),
     ({"layers": 0}, r"layers must be a finite number above 0 \[-\], got 0"),
     ({"hidden_size": float("nan")}, "hidden_size must be"),
     ({"experts": 2, "experts_active": 3}, "experts_active must be at most experts .* got 3 of 2"),
     ({"mlp_matrices": 4}, "mlp_matrices must be 2, or 3"),
     ({"dense_layers": 3}, "dense_layers must be at most layers .* got 3 of 2"),
     ({"heads": np.array([4, 6]), "kv_heads": 4}, "heads must be a multiple of kv_heads")],
)  # fmt: skip
def test_impossible_dimensions_are_refused(changes, message):
    refused(message, small, **changes)


def test_unknown_names_and_ways_offer_the_nearest():
    refused("unknown model 'llama2-70b'; did you mean llama-2-70b", find, "llama2-70b")
    with pytest.raises(ValueError, match="attention must be one of full, causal, band, got 'causl'; did you mean"):
        forward(LLAMA, 1, 10, attention="causl")
    refused("recompute must be one of none, selective, full, got 'half'", training, LLAMA, 1, 10, recompute="half")
    refused("lora_rank must be a finite number of at least 0", training, LLAMA, 1, 10, lora_rank=-1)
    refused(r"length must be .* \[tokens\], got -1", forward, LLAMA, 1, -1)
