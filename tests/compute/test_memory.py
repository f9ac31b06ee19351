"""Bytes on each GPU against published tables, measurements, and calculations written out by hand."""

import itertools
import math

import numpy as np
import pytest
from command import refused

from costlib.compute import memory
from costlib.compute.architecture import Architecture, find
from costlib.compute.job import estimate
from costlib.compute.memory import RECIPES, Parts, PpoSetup, Setup

GIB, MIB = 2**30, 2**20
GPT3, LLAMA_7B, LLAMA_70B = find("gpt-3-175b"), find("llama-2-7b"), find("llama-2-70b")


# --- states ---------------------------------------------------------------------------------------------------------


def test_recipes_have_the_bytes_that_name_them():
    assert {name: recipe.total for name, recipe in RECIPES.items()} == {
        "mixed-16": 16, "mixed-18": 18, "mixed-20": 20, "no-master-12": 12, "bf16-8": 8, "fp32-16": 16,
        "adam8bit-10": 10, "adam8bit-6": 6, "in-backward-6": 6, "in-backward-4": 4, "paged-4": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "gpus", "printed"),
    [(7.5e9, 64, (120, 31.4, 16.6, 1.88)), (7.5e9, 4, (120, 52.5, 41.3, 30)), (7.5e9, 1024, (120, 30.1, 15.1, 0.12)),
     (128e9, 16, (2048, 608, 368, 128)), (1e12, 1024, (16000, 4011, 2013, 15.6))],
)  # fmt: skip
def test_zero_matches_figure_1_and_table_1(parameters, gpus, printed):
    # The table prints three or four digits, some of them cut and not rounded.
    for stage, gigabytes in enumerate(printed):
        ours = memory.shard(parameters, Setup(gpus=gpus, zero=stage)).total / 1e9
        assert ours == pytest.approx(gigabytes, rel=0.006, abs=0.005), stage


@pytest.mark.parametrize(
    ("parameters", "layer", "gpus", "setup", "printed"),
    [(2_851_598_336, 32e6, 8, {"zero": 2, "recipe": "mixed-20"}, 15.93 * GIB),
     (2_851_598_336, 32e6, 8, {"zero": 2, "recipe": "mixed-20", "offload": "optimizer"}, 5.31 * GIB),
     (2_851_598_336, 32e6, 8, {"zero": 3, "recipe": "mixed-18"}, 6.10 * GIB),
     (2_851_598_336, 32e6, 8, {"zero": 3, "recipe": "mixed-18", "offload": "optimizer"}, 0.79 * GIB),
     (2_851_598_336, 32e6, 8, {"zero": 3, "recipe": "mixed-18", "offload": "all"}, 0.12 * GIB),
     (737_668_096, 32.9e6, 4, {"zero": 3, "recipe": "mixed-18"}, 3291 * MIB),
     (737_668_096, 32.9e6, 4, {"zero": 3, "recipe": "mixed-18", "offload": "optimizer"}, 477 * MIB)],
)  # fmt: skip
def test_states_match_deepspeeds_estimator_for_t5(parameters, layer, gpus, setup, printed):
    ours = memory.shard(parameters, Setup(gpus=gpus, **setup), layer).total
    assert ours == pytest.approx(printed, abs=0.01 * GIB)


def test_gradients_that_are_made_beside_those_kept_are_not_counted_where_weights_are_shared_too():
    # mixed-20 of 8e9 parameters on 8 GPUs: 2 bytes while made, 4 kept. Stage 2 holds all that are made and an eighth of
    # those kept; stage 3 makes them layer by layer, in what is gathered.
    parts = {stage: memory.shard(8e9, Setup(gpus=8, zero=stage, recipe="mixed-20")) for stage in (0, 1, 2, 3)}
    assert {stage: part["gradients"] / 1e9 for stage, part in parts.items()} == {0: 48, 1: 48, 2: 20, 3: 4}
    assert parts[3] == {"weights": 2e9, "gradients": 4e9, "optimizer": 12e9, "gathered": 0}


def test_gpt_3_weights_take_350_gb():
    assert memory.weights(GPT3) / 1e9 == pytest.approx(350, rel=0.005)


def test_four_bit_weights_take_4_127_bits_in_the_layers_and_16_elsewhere():
    layers, rest = LLAMA_7B.layer_matrices, LLAMA_7B.parameters - LLAMA_7B.layer_matrices
    assert memory.weights(LLAMA_7B, 4) == pytest.approx(layers * 4.127 / 8 + rest * 2)
    assert memory.weights(LLAMA_7B, 8) == layers + rest * 2


# --- cache and activations ------------------------------------------------------------------------------------------


def test_kv_cache_of_opt_13b_and_llama_3_1():
    assert memory.kv_cache(find("opt-13b"), 1) == 2 * 40 * 40 * 128 * 2 == 819_200
    published = {"llama-3.1-8b": 15.62, "llama-3.1-70b": 39.06}  # GiB, printed as GB
    for name, gibibytes in published.items():
        assert memory.kv_cache(find(name), 128_000) / GIB == pytest.approx(gibibytes, abs=0.01)
    # The published row of the 405B model counts 16 key-value heads; the model has 8.
    assert memory.kv_cache(find("llama-3.1-405b"), 128_000) / GIB == pytest.approx(123.05 / 2, abs=0.01)
    assert memory.kv_cache(find("deepseek-v3"), 1) == 61 * 576 * 2 == 70_272


@pytest.mark.parametrize("ranks", [1, 8])
@pytest.mark.parametrize("length", [1024, 2048])
def test_activations_match_korthikanti_table_2(ranks, length):
    hidden, square = 12288, 5 * 96 * length / 12288
    eager = Setup(gpus=ranks, tensor_parallel=ranks, attention_kernel="eager", dropout=True, sequence_parallel=False)
    rows = {
        eager: 10 + 24 / ranks + square / ranks,
        eager._replace(sequence_parallel=True): (34 + square) / ranks,
        eager._replace(recompute="selective"): 10 + 24 / ranks,
        eager._replace(recompute="selective", sequence_parallel=True): 34 / ranks,
        eager._replace(attention_kernel="flash"): 10 + 24 / ranks,
        Setup(gpus=ranks, tensor_parallel=ranks, dropout=True): 34 / ranks,
        eager._replace(recompute="full"): 2,
    }
    for setup, per_width in rows.items():
        assert memory.activations(GPT3, length, setup) / hidden == pytest.approx(per_width), setup


def test_gated_models_keep_near_45_instead_of_34():
    per_width = memory.activations(LLAMA_7B, 4096) / 4096
    # Norms 2 x 6, inputs of products 2 x 2, q k v and output 4 x 2; gate, value, activated gate, product 8 x 11008/4096
    assert per_width == pytest.approx(12 + 4 + 8 + 8 * 11008 / 4096)
    assert 44 < per_width < 47


def test_full_recomputation_rebuilds_one_whole_layer_with_its_gradients():
    # 2 x hidden for each of 32 layers; one layer with its square of attention, 5 x heads x length, and its gradients.
    setup = Setup(recompute="full", attention_kernel="eager")
    layer = 12 * 4096 + 4 * 4096 + 8 * 4096 + 8 * 11008 + 5 * 32 * 4096
    parts = memory.training(LLAMA_7B, 4096, setup)
    assert parts["activations"] == 4096 * (32 * 2 * 4096 + 2 * layer) and parts["logits"] == 0
    # Where the layer takes less than the logits, these are the peak: 14 bytes of 32,000 words and no layer.
    flash = memory.training(LLAMA_7B, 4096, Setup(recompute="full"))
    assert (flash["activations"], flash["logits"]) == (4096 * 32 * 2 * 4096, 4096 * 14 * 32000)
    # On the host, the inputs of the layers take nothing here.
    assert memory.training(LLAMA_7B, 4096, setup._replace(offload="activations"))["activations"] == 4096 * 2 * layer


def test_logits_whole_in_chunks_and_fused():
    # Whole: 14 bytes a word; in chunks 16-bit logits and gradients alone; fused, as many as fill the hidden states.
    layer = 12 * 4096 + 4 * 4096 + 4 * 5120 + 8 * 14336
    sizes = {"whole": (2 * 32 * 4096, 14 * 128_256), "chunked": (2 * 32 * 4096, 4 * 128_256),
             "fused": (2 * 32 * 4096 + 2 * layer, 0)}  # fmt: skip
    for logits, (kept, words) in sizes.items():
        parts = memory.training(find("llama-3.1-8b"), 2048, Setup(recompute="full", logits=logits))
        assert (parts["activations"], parts["logits"]) == (2048 * kept, 2048 * words), logits


def test_selective_recomputation_with_flash_keeps_attention_and_every_second_product():
    # The input 2 x 4,096 and the output of attention; half the outputs of products: queries and output 4,096 each, keys
    # and values 1,024, gate and up 14,336, down 4,096, two bytes each.
    products = 2 * (4096 + 2 * 1024 + 4096 + 2 * 14336 + 4096)
    model, setup = find("llama-3.1-8b"), Setup(recompute="selective")
    assert memory.activations(model, 8192, setup) == 2 * 4096 + 2 * 4096 + products / 2
    # Written out, it is the square alone that is computed again.
    assert memory.activations(model, 8192, setup._replace(attention_kernel="eager")) == memory.activations(model, 8192)


@pytest.mark.parametrize("experts", [2, 8])
def test_a_mixture_keeps_its_tokens_sorted_by_expert(experts):
    dense, mixture = (Architecture(2, 64, 4, 4, 16, ffn, 3, 100, **more) for ffn, more in (
        (256, {}), (128, {"experts": experts, "experts_active": 2})))  # fmt: skip
    # Two active experts of half the width hold what one does, and both inputs of 64 in two bytes, sorted by expert and
    # padded, and the outputs of both, padded and not; fused kernels pad nothing.
    assert memory.activations(mixture, 2048) - memory.activations(dense, 2048) == 2 * 4 * 2 * 64
    one, other = (memory.activations(each, 2048, Setup(fused=True)) for each in (mixture, dense))
    assert one - other == 2 * 2 * 2 * 64


def test_grouped_queries_keep_fewer_keys():
    grouped, full = find("llama-3-8b"), Architecture(32, 4096, 32, 32, 128, 14336, 3, 128256)
    saved = memory.activations(full, 2048) - memory.activations(grouped, 2048)
    assert saved == 4 * (32 - 8) * 128  # keys and values, two bytes each


@pytest.mark.parametrize(("fused", "gibibytes"), [(False, 60.0), (True, 51.0)], ids=["written out", "compiled kernels"])
def test_measured_fine_tuning_of_llama_3_2_3b(fused, gibibytes):
    # torchtune, README: two packed sequences of 4,096 on one A100, everything in bf16, no recomputation.
    setup = Setup(micro_batch=2, recipe="bf16-8", fused=fused, accumulates=False)
    ours = memory.training(find("llama-3.2-3b"), 4096, setup).total / GIB
    assert ours == pytest.approx(gibibytes, rel=0.06)


@pytest.mark.parametrize(
    ("gpus", "changes", "gibibytes"),
    [(8, {}, 77.0), (128, {}, 62.0), (8, {"micro_batch": 4, "recompute": "full"}, 83.9),
     (8, {"micro_batch": 8, "recompute": "full", "context_parallel": 2}, 84.2),
     (8, {"micro_batch": 16, "recompute": "full", "context_parallel": 4}, 84.0),
     (8, {"micro_batch": 32, "recompute": "full", "context_parallel": 8}, 84.5)],
)  # fmt: skip
def test_measured_pre_training_of_llama_3_1_8b(gpus, changes, gibibytes):
    # torchtitan, benchmarks of December 2024, tables 1 to 3: FSDP, compiled; the sequences of 32,768 to 262,144 tokens
    # are counted here as 4 to 32 of 8,192, which take as much where no square is kept.
    setup = Setup(gpus=gpus, zero=3, micro_batch=2, recompute="selective", recipe="fp32-16", fused=True,
                  accumulates=False)._replace(**changes)  # fmt: skip
    ours = memory.training(find("llama-3.1-8b"), 8192, setup) | {"framework": 0}
    assert ours.total / GIB == pytest.approx(gibibytes, rel=0.1)


def test_two_layers_are_gathered_and_one_has_its_gradient():
    # A layer of Llama 2 7B has 4 x 4,096 x 4,096 + 3 x 4,096 x 11,008 parameters. Two are there in 16 bits, with the
    # gradient of one in 16 bits and, where gradients are kept in 32, a copy of it in these.
    layer = 4 * 4096**2 + 3 * 4096 * 11008
    sharded = Setup(gpus=8, zero=3)
    each = {"mixed-16": 2 * 2 + 2, "fp32-16": 2 * 2 + 2 + 4}
    for recipe, size in each.items():
        assert memory.states(LLAMA_7B, sharded._replace(recipe=recipe))["gathered"] == size * layer, recipe
    # One GPU gathers nothing, unless its weights wait on the host.
    assert memory.states(LLAMA_7B, Setup(zero=3))["gathered"] == 0
    assert memory.states(LLAMA_7B, Setup(offload="all")) == {
        "weights": 0, "gradients": 0, "optimizer": 0, "gathered": 6 * layer}  # fmt: skip
    # A pipeline of two gathers its 16 layers and the embedding once, with their gradients until the last micro-batch.
    stage = memory.states(LLAMA_7B, sharded._replace(pipeline_parallel=2, recipe="fp32-16"))["gathered"]
    assert stage == (2 + 4) * (16 * layer + 32000 * 4096)
    # Under 4-bit layers the largest matrix is there in 16 bits.
    quantised = memory.states(LLAMA_7B, Setup(lora_rank=8, base_bits=4))
    assert quantised["gathered"] == 2 * 4096 * 11008


def test_frozen_weights_of_32_bits_are_gathered_in_16():
    layer, rest = 4 * 4096**2 + 3 * 4096 * 11008, LLAMA_7B.parameters
    held = memory.states(LLAMA_7B, Setup(gpus=8, zero=3, lora_rank=8, base_bits=32))
    assert held["weights"] == 4 * rest / 8 and held["gathered"] == 2 * 2 * layer


def test_a_step_is_as_full_as_its_fullest_instant():
    # Where no gradients wait, Llama 2 7B on one GPU with 64 tokens is fullest when all 16 bytes are there and nothing
    # else; with 32,768 tokens while 14 bytes are, beside inputs of 32 layers and 14 bytes for each of 32,000 words.
    setup = Setup(recompute="full", accumulates=False)
    short, long = (memory.training(LLAMA_7B, tokens, setup) for tokens in (64, 32768))
    assert short.total == 16 * LLAMA_7B.parameters + short["framework"]
    kept = 32768 * (32 * 2 * 4096 + 14 * 32000)
    assert long.total == 14 * LLAMA_7B.parameters + kept + long["framework"] and long["gradients"] == 0
    both = memory.training(LLAMA_7B, np.array([64.0, 32768.0]), setup)
    np.testing.assert_allclose(both.total, [short.total, long.total])


def test_the_reference_of_dpo_scores_before_the_update():
    found = estimate("dpo", "llama-3.1-8b", "h100-sxm-80gb", 8, 10, 256, 256, micro_batch=2, recompute="full")
    first, update = found.phases["score"], found.phases["train"]
    # 16-bit logits and their 32-bit copy, of two sequences of 512 tokens; eight bytes more while it is differentiated.
    assert (first["logits"], update["logits"]) == (1024 * 6 * 128_256, 1024 * 14 * 128_256)
    assert first["reference weights"] == update["reference weights"] == 2 * find("llama-3.1-8b").parameters / 8


def test_a_pipeline_holds_its_fullest_stage():
    # GPT-3 on 8 stages of 12 of its 96 layers: the first has the embedding, and inputs of 8 micro-batches of 12 layers.
    setup = Setup(gpus=64, tensor_parallel=8, pipeline_parallel=8, recompute="full")
    parts = memory.training(GPT3, 2048, setup)
    layers = 12 * 12 * 12288**2
    assert parts["weights"] == pytest.approx(2 * (layers + 50257 * 12288) / 8, rel=1e-3)
    layer = 34 - 2 + 0  # of 12,288 bytes: no dropout, no square
    assert parts["activations"] == pytest.approx(2048 * 12288 * (96 * 2 + 2 * (layer - 0)) / 8, rel=0.05)
    assert parts["logits"] == 0
    # The last stage has the logits, and one micro-batch of 12 layers; with a vocabulary eight times as large it leads.
    wide = memory.training(Architecture(96, 12288, 96, 96, 128, 49152, 2, 8 * 50257), 2048, setup)
    assert wide["logits"] == 2048 * 14 * 8 * 50257 / 8
    assert wide["activations"] == 2048 * 12 * 2 * 12288 / 8


def test_experts_lie_on_the_gpus_that_share_them():
    # Qwen3-235B-A22B: 94 layers of 128 experts of 3 x 4,096 x 1,536; all else is on every GPU, a stage at a time.
    model = find("qwen3-235b-a22b")
    experts = 94 * 128 * 3 * 4096 * 1536
    alone = memory.states(model, Setup(gpus=64, zero=1, recipe="mixed-18"))
    spread = memory.states(model, Setup(gpus=64, zero=1, recipe="mixed-18", expert_parallel=32))
    assert alone["weights"] == 2 * model.parameters
    assert spread["weights"] == pytest.approx(2 * (model.parameters - experts * 31 / 32))
    assert spread["optimizer"] == pytest.approx(12 * model.parameters / 64) == pytest.approx(alone["optimizer"])


# Scripts of verl at 4352971: examples/grpo_trainer/run_deepseek671b_math_megatron_80gb.sh and _96gb.sh, and
# run_qwen3-235b_megatron_96gb.sh. Megatron keeps gradients in 32 bits and shares out its optimizer; what scores waits
# on the host. The pages name 256 H100, and 96 and 32 GPUs of 96 GB as the fewest; smaller GPUs are asked for here.
RUNS = {
    "DeepSeek-V3 on 256": ("deepseek-v3", 256, 4096, {"pipeline_parallel": 16, "expert_parallel": 16}),
    "DeepSeek-V3 on 96": ("deepseek-v3", 96, 9632, {"pipeline_parallel": 12, "tensor_parallel": 8, "expert_parallel": 8,
                                                    "offload": "optimizer"}),
    "Qwen3-235B-A22B on 32": ("qwen3-235b-a22b", 32, 9632, {"pipeline_parallel": 8, "tensor_parallel": 4,
                                                            "expert_parallel": 4, "offload": "optimizer"}),
}  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_published_grpo_of_large_mixtures_fits(run):
    model, gpus, response, more = RUNS[run]
    settings = {"recompute": "full", "logits": "fused", "recipe": "mixed-18", "zero": 1, "offload_frozen": True}
    # The length of an answer in a script is the longest that it may have.
    settings |= {"longest_tokens": response, "micro_batch": 1}
    found = estimate("grpo", model, "h100-sxm-80gb", gpus, 512, 2048, response, **settings, **more)
    assert found.fits, found.reason
    # Half as many do not hold it, as the pages say of the last two.
    assert found.min_gpus > gpus / 2


# --- properties -----------------------------------------------------------------------------------------------------

SETUPS = [
    Setup(zero=zero, recompute=recompute, recipe=recipe, lora_rank=rank, micro_batch=2)
    for zero, recompute, recipe, rank in itertools.product(
        (0, 1, 2, 3), ("none", "full"), ("mixed-16", "mixed-20"), (None, 16)
    )
]


def of_step(setup, gpus):
    """All bytes of a training step, and of the fullest phase of a PPO step, on each of some GPUs."""
    plan = setup._replace(gpus=gpus)
    scalar = LLAMA_7B.with_scalar_head()
    step = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, PpoSetup(plan))
    return memory.training(LLAMA_7B, 512, plan).total, memory.peak(step)


@pytest.mark.parametrize("setup", SETUPS)
def test_more_gpus_never_need_more_memory_each(setup):
    # A second GPU brings buffers of what travels between them, and layers that are gathered.
    each = [of_step(setup, gpus) for gpus in (2, 3, 8, 64, 1000)]
    for more, fewer in itertools.pairwise(reversed(each)):
        assert more[0] <= fewer[0] and more[1] <= fewer[1]


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("hbm_gb", [24, 80, 141])
def test_fewest_gpus_are_enough_and_one_less_is_not(setup, hbm_gb):
    def needed(gpus):
        return memory.training(LLAMA_7B, 512, setup._replace(gpus=gpus)).total

    fewest = memory.min_gpus(needed, hbm_gb).gpus
    counted = next((gpus for gpus in range(1, 3000) if needed(gpus) <= hbm_gb * 1e9), math.inf)
    assert fewest == counted


def test_fewest_gpus_come_in_multiples_of_tensor_parallel():
    def needed(gpus):
        return memory.training(LLAMA_70B, 2048, Setup(gpus, 8, 3, recompute="full")).total

    fewest = memory.min_gpus(needed, 80, tensor_parallel=8).gpus
    assert fewest % 8 == 0 and needed(fewest) <= 80e9 < needed(fewest - 8)


def test_fewest_gpus_of_arrays():
    sizes = np.array([7e9, 70e9, 700e9])
    fewest = memory.min_gpus(lambda gpus: 10e9 + 16 * sizes / gpus, 80).gpus
    # 16 bytes x size / 70 GB: 1.6, 16, 160
    np.testing.assert_array_equal(fewest, [2, 16, 160])


def test_lora_of_rank_0_holds_no_gradients_and_no_optimizer():
    parts = memory.training(LLAMA_7B, 512, Setup(lora_rank=0))
    assert parts["gradients"] == parts["optimizer"] == parts["adapters"] == 0
    assert parts["weights"] == memory.weights(LLAMA_7B)


def test_adapters_hold_sixteen_bytes_and_the_base_two_or_half():
    adapters = 16 * 32 * (4 * 8192 + 3 * (4096 + 11008))  # rank x layers x inputs and outputs
    for bits in (16, 4):
        parts = memory.training(LLAMA_7B, 512, Setup(lora_rank=16, base_bits=bits))
        assert parts["adapters"] + parts["gradients"] + parts["optimizer"] == 16 * adapters
        # Embeddings and head, which are not quantised, have 32 bits beside 4-bit layers.
        cast = 2 * 2 * 32000 * 4096 + 2 * 65 * 4096 if bits == 4 else 0
        assert parts["weights"] == memory.weights(LLAMA_7B, bits) + cast


def test_activations_do_not_shrink_with_lora():
    full, lora = (memory.training(LLAMA_7B, 512, Setup(lora_rank=rank)) for rank in (None, 8))
    assert full["activations"] == lora["activations"] and full["logits"] == lora["logits"]


def test_four_equal_models_hold_36_bytes_for_each_parameter():
    states = Parts()
    for role, size in {"actor": 16, "critic": 16, "reference": 2, "reward": 2}.items():
        part = memory.states(LLAMA_7B, Setup()) if size == 16 else memory.frozen_weights(LLAMA_7B, Setup())
        assert part.total == size * LLAMA_7B.parameters
        states |= part.named(role)
    assert states.total == 36 * LLAMA_7B.parameters


def test_phases_of_a_ppo_step_hold_what_they_need():
    scalar, setup = LLAMA_7B.with_scalar_head(), Setup(gpus=8, zero=3, micro_batch=4)
    phases = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, PpoSetup(setup, sequences=64))
    assert set(phases) == {"generate", "score", "train"}
    assert phases["generate"]["generation KV cache"] == 64 * 512 * 2 * 32 * 32 * 128 * 2
    assert "activations" not in phases["generate"] and "generation KV cache" not in phases["train"]
    assert memory.peak(phases) == max(parts.total for parts in phases.values())
    for parts in phases.values():
        assert parts.total == sum(parts.values())
        assert parts["actor optimizer"] == 12 * LLAMA_7B.parameters / 8


def test_scoring_holds_one_layer_with_its_square_of_attention():
    scalar = LLAMA_7B.with_scalar_head()
    flash, eager = (
        memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, PpoSetup(Setup(attention_kernel=kernel, recompute="full")))
        for kernel in ("flash", "eager")
    )
    # Bytes for each token: a layer, and 5 x heads x length. Without the square the logits are more, 6 for each word.
    layer = 12 * 4096 + 4 * 4096 + 8 * 4096 + 8 * 11008
    assert eager["score"]["activations"] == 512 * (layer + 5 * 32 * 512) and eager["score"]["logits"] == 0
    assert flash["score"]["logits"] == 512 * 6 * 32000 > 512 * layer and flash["score"]["activations"] == 0


def test_what_a_ppo_step_can_do_without():
    scalar, plan = LLAMA_7B.with_scalar_head(), Setup(gpus=8, zero=3, lora_rank=16)
    full = PpoSetup(plan)
    every = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, full)["train"]
    adapters = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, full._replace(reference="adapters-off"))["train"]
    assert every.total - adapters.total == every["reference weights"]
    # Models take turns, so those of one are gathered at a time: of a frozen base, the weights of two layers.
    assert every["gathered"] == 2 * 2 * (4 * 4096**2 + 3 * 4096 * 11008)
    assert [part for part in every if part.endswith("gathered")] == ["gathered"]
    shared = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, full._replace(critic="shared"))["train"]
    assert not [part for part in shared if part.startswith("critic")]
    host = memory.ppo(LLAMA_7B, scalar, scalar, 256, 256, full._replace(offload_frozen=True))
    assert "reward weights" in host["score"] and "reward weights" not in host["train"]


def test_arrays_give_what_single_settings_give():
    gpus, length = np.array([1.0, 8.0, 64.0]), np.array([512.0, 1024.0, 4096.0])
    many = memory.training(LLAMA_7B, length, Setup(gpus=gpus, zero=3, recompute="full"))
    for place, (count, tokens) in enumerate(zip(gpus, length, strict=True)):
        one = memory.training(LLAMA_7B, tokens, Setup(gpus=count, zero=3, recompute="full"))
        assert many.total[place] == pytest.approx(one.total, rel=1e-14)


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setup", "message"),
    [({"tensor_parallel": 128, "gpus": 128}, "tensor_parallel must divide the heads .*got 128 for 32"),
     ({"tensor_parallel": 3, "gpus": 3}, "tensor_parallel must divide the heads"),
     ({"tensor_parallel": 8, "gpus": 12}, "gpus must be a multiple of tensor_parallel .* got 12 and 8"),
     ({"gpus": 0}, r"gpus must be a finite number above 0 \[GPUs\], got 0"),
     ({"micro_batch": 0}, "micro_batch must be"), ({"zero": 4}, "zero must be one of 0, 1, 2, 3, got 4"),
     ({"recipe": "mixed16"}, "recipe must be one of .* did you mean mixed-16"),
     ({"recompute": "fully"}, "recompute must be one of .* did you mean full"),
     ({"base_bits": 4}, "base_bits below 16 needs adapters"),
     ({"lora_rank": 8, "base_bits": 5}, "base_bits must be one of 32, 16, 8, 4, got 5"),
     ({"offload": "cpu"}, "offload must be one of none, activations, optimizer, all, got 'cpu'"),
     ({"logits": "half"}, "logits must be one of whole, chunked, fused, got 'half'"),
     ({"gpus": 8, "pipeline_parallel": 3}, r"must be a multiple of tensor_parallel x pipeline_parallel .* got 8 and 3"),
     ({"gpus": 64, "pipeline_parallel": 64}, r"pipeline_parallel must be at most the layers, 32 \[-\], got 64"),
     ({"gpus": 8, "expert_parallel": 8}, r"at most the experts, 1, and the GPUs of each of 1 stages \[GPUs\], got 8"),
     ({"context_parallel": 0}, "context_parallel must be"),
     ({"lora_rank": -1}, "lora_rank must be")],
)  # fmt: skip
def test_impossible_settings_are_refused(setup, message):
    refused(message, lambda: memory.training(LLAMA_7B, 512, Setup(**setup)))


def test_impossible_ppo_settings_are_refused():
    scalar = LLAMA_7B.with_scalar_head()
    with pytest.raises(ValueError, match="adapters-off only where the actor has adapters"):
        memory.ppo(LLAMA_7B, scalar, scalar, 1, 1, PpoSetup(reference="adapters-off"))
    with pytest.raises(ValueError, match="critic must be one of .*, got 'share'; did you mean shared"):
        memory.ppo(LLAMA_7B, scalar, scalar, 1, 1, PpoSetup(critic="share"))
    refused("^reference must be one of separate, adapters-off, got 'none'$", PpoSetup(reference="none").checked,
            LLAMA_7B)  # fmt: skip
    refused("^reward must be one of separate, none, got 'shared'$", PpoSetup(reward="shared").checked, LLAMA_7B)
    refused("length must be", lambda: memory.training(LLAMA_7B, float("nan")))
    refused(r"^trained must be a finite number of at least 0 \[parameters\], got -1$", memory.shard, -1, Setup())
    refused("hbm_gb must be", memory.min_gpus, lambda gpus: 1, 0)


def test_what_never_fits_is_said_and_not_counted():
    answer = memory.min_gpus(lambda gpus: memory.training(LLAMA_70B, 4096, Setup(gpus, zero=3)).total, 80)
    assert answer.gpus == math.inf and answer.rest > 80e9
