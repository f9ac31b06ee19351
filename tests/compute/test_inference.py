"""Seconds and dollars against published measurements, hand calculations and what must hold of any GPU."""

import dataclasses
import itertools
import math
import statistics

import numpy as np
import pytest
from command import refused

from costlib.compute import engines, inference, memory, stages, timing
from costlib.compute.architecture import find
from costlib.compute.coefficients import published
from costlib.compute.inference import decode_step, generate, largest_batch, serve
from costlib.compute.timing import roofline
from costlib.facts import catalog

LLAMA_8B, LLAMA_70B = find("llama-3.1-8b"), find("llama-2-70b")
H100, A100 = roofline("h100-sxm-80gb"), roofline("a100-sxm-80gb")


# --- against measurements -------------------------------------------------------------------------------------------


def test_training_throughput_of_published_h100_runs():
    # Coefficients were fitted to these rows as one source of many, so this holds the fit, not a prediction.
    errors = []
    for row in catalog.table("measured_throughput").values():
        if row.gpu != "h100-sxm-80gb" or row.precision != "bf16":
            continue
        setup = memory.Setup(row.gpus, 1, int(row.zero), row.micro_batch, row.recompute, attention_kernel="flash-1",
                             fused=True, batch=row.batch or 0)  # fmt: skip
        data = stages.Data(1000, 0, row.sequence_length)
        cost = stages.sft(find(row.model), data, stages.Run(roofline(row.gpu), setup))
        errors.append(cost.tokens / (cost.gpu_hours * 3600) / row.tokens_per_s_per_gpu - 1)
    assert len(errors) == 70
    assert statistics.median(map(abs, errors)) < 0.05
    assert abs(statistics.median(errors)) < 0.05


def test_generation_throughput_of_published_engine_rows():
    errors = []
    for row in catalog.table("measured_inference").values():
        if row.source != "nvidia2025trtllm":
            continue
        model, ranks = find(row.model), row.tensor_parallel
        rates = engines.roofline(row.gpu, row.weight_format or "fp8")
        bits = {"bits": int(row.weight_bits), "kv_bits": row.kv_bits}
        context = row.prompt_tokens + row.response_tokens  # room for whole answers
        batch = min(2048, largest_batch(model, rates.hbm_gb, context, ranks, **bits))
        served = generate(model, rates, row.prompt_tokens, row.response_tokens, batch, tensor_parallel=ranks, **bits)
        errors.append(served.tokens_per_second / row.value - 1)
    assert len(errors) == 40
    assert statistics.median(map(abs, errors)) < 0.12


def test_one_sequence_on_an_h100_as_measured():
    # vLLM, Llama 3.1 8B in bf16: 6.44 ms without context, and 4.37e-5 ms more for each token of it. Engines of one
    # class share their coefficients: SGLang took longer between kernels, so the step is predicted too long.
    empty, full = (decode_step(LLAMA_8B, H100, 1, context).seconds * 1000 for context in (0, 100_000))
    assert 6.44 < empty < 1.25 * 6.44
    assert (full - empty) / 100_000 == pytest.approx(4.37e-5, rel=0.01)


def test_one_sequence_on_a_gpu_of_much_bandwidth_waits_for_its_tensor_cores():
    # SGLang on an H20 (Qwen's speed benchmark, 2,048 tokens after one): 47.1, 97.1 and 96.5 tokens/s of Qwen3 14B.
    # 14.0e9 weights of 2 bytes over 3.6e12 bytes/s are 7.8 ms and would give 100 tokens/s or more with launches.
    model, reported = find("qwen3-14b"), {"bf16": 47.1, "fp8": 97.11, "int4": 96.49}
    for form, speed in reported.items():
        bits = int(catalog.find("weight_formats", form).bits)
        seconds = decode_step(model, engines.roofline("h20-96gb", form), 1, 1024, bits=bits).seconds
        assert 1 / seconds == pytest.approx(speed, rel=0.2), form


def test_steps_of_code_that_launches_each_kernel_do_not_go_with_the_size():
    # transformers 4.51 on an H20: 59.83, 45.94 and 40.66 tokens/s of 28, 36 and 40 layers, 1.7B to 14B.
    rates = engines.rates(roofline("h20-96gb"), "hf-generate")
    for name, speed in (("qwen3-1.7b", 59.83), ("qwen3-4b", 45.94), ("qwen3-14b", 40.66)):
        assert 1 / decode_step(find(name), rates, 1, 1024).seconds == pytest.approx(speed, rel=0.1)


# --- by hand --------------------------------------------------------------------------------------------------------


def test_bandwidth_bounds_a_single_sequence():
    # 8 A100s read 8 x 2,039 GB/s; 2 bytes for each of the 68.7e9 weights a token meets: at most 118.7 tokens/s.
    weights = 2 * (LLAMA_70B.parameters - 32_000 * 8192)
    ceiling = 8 * 2039e9 / weights
    assert ceiling == pytest.approx(118.7, abs=0.1)
    step = decode_step(LLAMA_70B, A100, 1, 0, tensor_parallel=8)
    assert step.products == pytest.approx(1 / (0.9 * ceiling), rel=1e-4)
    assert 1 / step.seconds < ceiling


def test_arithmetic_bounds_many_sequences():
    # Above matmul rate x 2 bytes / (2 FLOPs x bandwidth) = 794.5e12 / (0.9 x 3.35e12) = 263.5 sequences.
    few, many = (decode_step(LLAMA_8B, H100, sequences, 0) for sequences in (250, 280))
    assert few.products == pytest.approx(decode_step(LLAMA_8B, H100, 1, 0).products)
    assert many.products == pytest.approx(2 * LLAMA_8B.matmul_parameters * 280 / 794.5e12)


def test_a_mixture_reads_the_experts_that_someone_chose():
    mixtral = find("mixtral-8x7b")
    one, crowd = (decode_step(mixtral, H100, sequences, 0).products for sequences in (1, 64))
    # Two of eight experts for one sequence: the active parameters. For 64 sequences practically all.
    assert one * H100.bandwidth == pytest.approx(2 * (mixtral.parameters_active - 32_000 * 4096), rel=0.001)
    assert crowd * H100.bandwidth == pytest.approx(2 * (mixtral.parameters - 32_000 * 4096), rel=0.001)


def test_fewer_bits_leave_embeddings_at_sixteen():
    # Layers at 4.127 bits, head at 16; the input embedding is looked up and not read.
    step = decode_step(LLAMA_8B, H100, 1, 0, bits=4)
    head = 2 * 128_256 * 4096
    assert step.products * H100.bandwidth == pytest.approx(LLAMA_8B.layer_matrices * 4.127 / 8 + head)


def test_a_cache_is_copied_where_gpus_outnumber_its_heads():
    # Falcon-40B has 8 key-value heads: on 16 GPUs each reads as much as on 8. A latent cache is never split.
    falcon, latent = find("falcon-40b"), find("deepseek-v3")
    assert decode_step(falcon, H100, 8, 500, 16).cache == decode_step(falcon, H100, 8, 500, 8).cache
    assert decode_step(latent, H100, 8, 500, 64).cache == decode_step(latent, H100, 8, 500, 1).cache
    held = [memory.generating(latent, 500, 8, ranks)["KV cache"] for ranks in (1, 64)]
    assert held[0] == held[1] == 8 * 500 * 61 * 576 * 2


def test_attention_of_its_own_needs_no_copies_of_the_cache_and_all_weights_beside_experts():
    # Qwen3 235B-A22B, 4 key-value heads on 8 GPUs: split, each holds one of 4 for all sequences, copied once. Apart,
    # each holds all 4 for an eighth: half of that.
    model = find("qwen3-235b-a22b")
    split, apart = (decode_step(model, H100, 512, 2000, 8, attention_parallel=n) for n in (1, 8))
    assert apart.cache == pytest.approx(split.cache / 2)
    experts = 94 * 128 * 3 * 4096 * 1536
    assert inference.routed_parameters(model) == pytest.approx(experts)
    few = decode_step(model, H100, 1e-9, 0, 8, attention_parallel=8).products
    beside = model.matmul_parameters - experts * 8 / 128
    assert few == pytest.approx(2 * beside / H100.bandwidth, rel=1e-6)
    # Weights of 16 bits: an eighth of the experts, and all else, on each GPU.
    held = 2 * (experts / 8 + model.parameters - experts) + 0.65e9
    room = [(0.9 * 141e9 - held) // (94 * 2 * 4 * 128 * 2 * 2000 / 8), 0]
    assert largest_batch(model, 141, 2000, 8, attention_parallel=8) == pytest.approx(room[0], abs=1)
    refused("attention_parallel must divide tensor_parallel .* got 3 for 8", decode_step, model, H100, 1, 0, 8,
            attention_parallel=3)  # fmt: skip


def test_a_short_prompt_waits_for_the_weights():
    seconds = inference.prefill_seconds(LLAMA_8B, A100, 1, 1)
    assert seconds > 2 * LLAMA_8B.matmul_parameters / (0.9 * 2039e9)  # the embedding is looked up
    assert inference.prefill_seconds(LLAMA_8B, A100, 1, 0) == 0


def test_heads_that_few_numbers_divide_do_not_ask_for_many_gpus():
    # 71 heads: one GPU of 16 GB holds the 13.8 GB of weights, and the next number is 71.
    assert inference.ranks_for(find("falcon-7b"), 16) == 1
    assert inference.ranks_for(LLAMA_70B, 80) == 4


def test_the_longest_answer_holds_a_static_batch():
    equal = generate(LLAMA_8B, H100, 100, 200, 64, 200, "static")
    long = generate(LLAMA_8B, H100, 100, 200, 64, 800, "static")
    flowing = generate(LLAMA_8B, H100, 100, 200, 64, 800, "continuous")
    assert flowing.seconds == pytest.approx(equal.seconds)
    assert 2 * equal.seconds < long.seconds < 4 * equal.seconds


def test_a_prompt_is_read_once_for_all_its_samples():
    alone, group = (generate(LLAMA_8B, H100, 500, 100, 64, samples=samples) for samples in (1, 8))
    assert alone.prefill_seconds == pytest.approx(8 * group.prefill_seconds)
    assert alone.decode_seconds == group.decode_seconds


def test_largest_batch_fills_the_memory_and_no_more():
    batch = largest_batch(LLAMA_8B, 80, 4096)
    held = [memory.generating(LLAMA_8B, 4096, sequences).total for sequences in (batch, batch + 1)]
    assert held[0] <= 0.9 * 80e9 < held[1]
    assert largest_batch(find("llama-3.1-405b"), 80, 4096) == 0


def test_serving_a_load_by_hand():
    load = serve(LLAMA_8B, H100, 500, 500, 5e6, 3.0)
    batch = generate(LLAMA_8B, H100, 500, 500, 256)
    # 5e6 / 86,400 = 57.9 answers a second, of which a GPU gives 256 in the time of a batch.
    gpus = math.ceil(5e6 / 86_400 / (256 / batch.seconds))
    assert (load.gpus, load.sequences) == (gpus, 256)
    assert load.usd_per_month == pytest.approx(gpus * 3.0 * 730.5)
    assert load.usd_per_answer == pytest.approx(batch.seconds / 3600 * 3.0 / 256)
    assert load.usd_per_million_tokens == pytest.approx(load.usd_per_answer / 500 * 1e6)
    assert serve(LLAMA_8B, H100, 500, 500, 1, 3.0).gpus == 1
    # One answer a day keeps one group busy enough: four GPUs for a month of 730.5 hours.
    group = serve(LLAMA_70B, H100, 500, 500, 1, 3.0, tensor_parallel=4)
    assert (group.groups, group.gpus, group.usd_per_month) == (1, 4, pytest.approx(4 * 730.5 * 3.0))
    assert serve(find("llama-3.1-405b"), H100, 500, 500, 1, 3.0, tensor_parallel=1).gpus == math.inf


def test_serving_takes_the_group_that_holds_the_weights_unless_told():
    # 139 GB of weights take at most half of four GPUs of 80 GB.
    assert serve(LLAMA_70B, A100, 500, 500, 1, 3.0).tensor_parallel == 4


def test_a_static_batch_keeps_room_for_its_longest_answers():
    room = largest_batch(LLAMA_8B, H100.hbm_gb, 500 + 2000)
    load = serve(LLAMA_8B, H100, 500, 500, 1, 3.0, longest_tokens=2000, batching="static")
    assert load.sequences == room < 256
    assert load.answer_seconds == generate(LLAMA_8B, H100, 500, 500, room, 2000, "static").seconds


def test_a_full_load_fills_the_memory_up_to_the_limit_of_the_engine():
    for kept, length in ((0.5, 128 + 1024), (1, 128 + 2048)):
        batch = largest_batch(LLAMA_8B, H100.hbm_gb, length)
        assert inference.full_load(LLAMA_8B, H100, 128, 2048, kept) == generate(LLAMA_8B, H100, 128, 2048, batch)
    assert inference.full_load(LLAMA_8B, H100, 128, 2048, most_sequences=16).answers == 16


def test_the_batch_where_arithmetic_takes_over_by_hand():
    # Two bytes and two FLOPs for each parameter: the ratio of the rates. In 8 bits the layers are half the bytes.
    ratio = H100.matmul / H100.bandwidth
    assert inference.crossover_batch(LLAMA_8B, H100) == pytest.approx(ratio)
    head = LLAMA_8B.vocabulary_size * LLAMA_8B.hidden_size / LLAMA_8B.matmul_parameters
    assert inference.crossover_batch(LLAMA_8B, H100, 8) == pytest.approx(ratio * (head + (1 - head) / 2))


def test_the_context_where_the_cache_takes_over_by_hand():
    # Llama 3.1 8B caches 2 x 32 layers x 8 heads x 128 x 2 bytes for a token; 16 GPUs hold 8 heads twice.
    by_hand = 2 * LLAMA_8B.matmul_parameters / H100.matmul / (131_072 / H100.bandwidth)
    assert inference.crossover_context(LLAMA_8B, H100) == pytest.approx(by_hand)
    assert inference.crossover_context(LLAMA_8B, H100, kv_bits=8) == pytest.approx(2 * by_hand)
    assert inference.crossover_context(LLAMA_8B, H100, 16) == pytest.approx(by_hand / 2)


def test_layers_with_a_window_push_the_context_out_or_away():
    """Alone C tokens; where half of the layers read 128 at most, (c + 128) / 2 = C, and where all do, nothing is C."""
    half = find("gpt-oss-20b")
    assert (half.windowed_layers, half.layers, half.window) == (12, 24, 128)
    every = half.layers * 2 * half.kv_heads * half.head_size * 2
    alone = 2 * half.matmul_parameters / H100.matmul / (every / H100.bandwidth)
    assert alone > 128
    assert inference.crossover_context(half, H100) == pytest.approx(2 * alone - 128)
    assert inference.crossover_context(dataclasses.replace(half, windowed_layers=24), H100) == math.inf
    wide = dataclasses.replace(half, window=100_000)
    assert inference.crossover_context(wide, H100) == pytest.approx(alone)


def test_the_slowest_bound_of_a_step_has_a_name():
    assert inference.Decoding(products=2, cache=3, traffic=1, link=0, launch=0).slowest == "cache"


# --- properties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["llama-3.1-8b", "mixtral-8x7b", "qwen2.5-0.5b", "deepseek-v3"])
def test_more_sequences_give_more_tokens_and_longer_steps(name):
    steps = [decode_step(find(name), H100, sequences, 500).seconds for sequences in (1, 2, 8, 64, 512, 4096)]
    assert all(later >= sooner for sooner, later in itertools.pairwise(steps))
    rates = [sequences / seconds for sequences, seconds in zip((1, 2, 8, 64, 512, 4096), steps, strict=True)]
    assert all(later >= sooner for sooner, later in itertools.pairwise(rates))


def test_more_gpus_for_a_copy_shorten_the_step_but_not_the_gpu_time():
    seconds = [decode_step(LLAMA_70B, A100, 16, 500, ranks).seconds for ranks in (2, 4, 8)]
    assert all(more < fewer for fewer, more in itertools.pairwise(seconds))
    assert all(2 * more > fewer for fewer, more in itertools.pairwise(seconds))


@pytest.mark.parametrize("gpu", catalog.table("gpus"))
def test_every_gpu_of_the_catalogue_has_rates(gpu):
    rates = roofline(gpu)
    assert 0 < rates.matmul <= rates.peak and min(rates[:7]) > 0
    # A sequence waits for 15 GB of weights, read at 90 % of the bandwidth of the data sheet, and for the launches.
    read = 2 * LLAMA_8B.matmul_parameters / (0.9e9 * catalog.find("gpus", gpu).hbm_bandwidth_gb_per_s)
    step = decode_step(LLAMA_8B, rates, 1, 0)
    # An H20 has so little arithmetic that one sequence waits for a whole tile of rows.
    least = max(read, 2 * published()["product-tile"] * LLAMA_8B.matmul_parameters / rates.matmul)
    assert step.products == pytest.approx(least) and read < step.seconds < 1.5 * least + 0.01


def test_arrays_give_what_single_values_give():
    sequences, context = np.array([1.0, 64.0, 512.0]), np.array([0.0, 100.0, 5000.0])
    many = decode_step(LLAMA_8B, H100, sequences, context).seconds
    each = [decode_step(LLAMA_8B, H100, *pair).seconds for pair in zip(sequences, context, strict=True)]
    np.testing.assert_allclose(many, each, rtol=1e-14)
    batches = largest_batch(LLAMA_8B, H100.hbm_gb, np.array([512.0, 4096.0, 1e7]))
    np.testing.assert_array_equal(
        batches, [largest_batch(LLAMA_8B, H100.hbm_gb, length) for length in (512, 4096, 1e7)]
    )


# --- bad input ------------------------------------------------------------------------------------------------------


def test_impossible_requests_are_refused():
    refused("unknown gpu 'h100-80gb'; did you mean", roofline, "h100-80gb")
    refused("precision must be bf16 on NVIDIA A100 .*, got 'fp8'", roofline, "a100-sxm-80gb", "fp8")
    refused("precision must be one of bf16, fp8, fp8-rowwise, got 'int8'", roofline, "h100-sxm-80gb", "int8")
    with pytest.raises(ValueError, match=r"tensor_parallel must divide the heads of a model \[GPUs\], got 3 for 32"):
        decode_step(LLAMA_8B, H100, 1, 0, tensor_parallel=3)
    refused("sequences must be a finite number above 0", decode_step, LLAMA_8B, H100, 0, 0)
    refused("longest_tokens must be at least response_tokens .* got 5 and 10", generate, LLAMA_8B, H100, 1, 10, 1, 5)
    with pytest.raises(ValueError, match="batching must be one of continuous, static, got 'dynamic'"):
        generate(LLAMA_8B, H100, 1, 10, 1, batching="dynamic")
    refused("answers_per_day must be", serve, LLAMA_8B, H100, 1, 1, 0, 1)
    refused(r"tflops must be a finite number above 0 \[TFLOP/s\], got 0", lambda: timing.FlatSpeed(0).seconds(1))
