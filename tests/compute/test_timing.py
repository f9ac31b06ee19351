"""The time of a pass by hand: what travels, what is computed twice, and what waits for the last outputs."""

import pytest

from costlib.compute import memory, parallelism, stages, timing
from costlib.compute.architecture import Flops, find
from costlib.compute.coefficients import published

BOOK = published()
H100, A100 = timing.roofline("h100-sxm-80gb"), timing.roofline("a100-sxm-80gb")
GPT, LLAMA = find("gpt-3-175b"), find("llama-2-7b")
NOTHING = {"elementwise-bytes": 1e-9, "training-launch": 1e-9, "product-wave": 1e-9}
ONE = memory.Setup(gpus=8, tensor_parallel=8)


def with_other(rates, values):
    """The same rates where other coefficients hold beside them."""
    return rates._replace(coefficients=rates.coefficients.replaced(values))


def passes(gathers=0.0, gradients=0.0, elementwise=1):
    return timing.Passes(Flops(0.0, 0.0), elementwise, gathers, gradients)


def test_alike_tensor_parallel_gpus_of_two_nodes_share_one_adapter_each():
    # An H100 node has 8 adapters of 50 GB/s and links of 450 GB/s; 400 together are slower than the links.
    reach = BOOK["link-fraction"]
    assert timing.link_rate(H100, 8) == pytest.approx(reach * 450e9)
    assert timing.link_rate(H100, 16) == pytest.approx(reach * 8 * 50e9)
    assert timing.link_rate(H100, 16, 2) == pytest.approx(reach * 4 * 50e9)
    assert timing.link_rate(H100, 16, 8) == timing.link_rate(H100, 16, 16) == pytest.approx(reach * 50e9)


def test_a_node_of_a100_has_half_the_network_of_one_of_h100():
    assert H100.network == 2 * A100.network == pytest.approx(BOOK["link-fraction"] * 50e9)


def test_gradients_of_tensor_parallel_groups_travel_by_one_adapter():
    # 175B parameters over 8 GPUs, 2 bytes each, twice, over two nodes: 0.5 x 4 x N / 8 bytes at 37 GB/s.
    setup = memory.Setup(gpus=16, tensor_parallel=8)
    bare = with_other(H100, NOTHING)
    base = timing.pass_seconds(GPT, setup, bare, passes(), 0, GPT.parameters)
    full = timing.pass_seconds(GPT, setup, bare, passes(gradients=1), 0, GPT.parameters)
    by_hand = 0.5 * 4 * GPT.parameters / 8 / (BOOK["link-fraction"] * 50e9)
    assert full - base == pytest.approx(by_hand, rel=1e-6)


def test_norms_are_on_every_tensor_parallel_gpu_unless_the_sequence_is_split():
    # Of 34 parts of a layer's activations 10 are not split: each GPU moves 10 + 24 / 8 = 13 of 34, or 34 / 8.
    bare = with_other(A100, dict.fromkeys(("training-launch", "product-wave"), 1e-09))
    split, whole = (
        timing.pass_seconds(GPT, ONE._replace(sequence_parallel=way), bare, passes(), 1e6, 0) for way in (True, False)
    )
    weights = memory.weights(GPT) / A100.bandwidth / 8
    moved = BOOK["elementwise-bytes"] * 96 * 12288 * 1e6 / A100.bandwidth
    assert split - weights == pytest.approx(moved / 8, rel=1e-3)
    assert whole - weights == pytest.approx(moved * 13 / 34, rel=1e-3)


def test_all_reduces_wait_twice_as_long_at_half_the_rate():
    slow, fast = BOOK["all-reduce-fraction"], 1
    times = []
    for reached in (slow, fast):
        rates = with_other(A100, NOTHING | {"all-reduce-fraction": reached})
        base = timing.pass_seconds(GPT, ONE, rates, passes(), 2048, 0)
        times.append(timing.pass_seconds(GPT, ONE, rates, passes(gathers=2), 2048, 0) - base)
    # Two in each of 96 layers and two passes, each moving 2 x 7 / 8 of 2048 x 12288 values of 2 bytes.
    by_hand = 2 * 96 * 2 * 2 * 7 / 8 * 2048 * 12288 * 2 / (BOOK["link-fraction"] * 300e9)
    assert times == pytest.approx([by_hand / slow, by_hand], rel=1e-6)


def test_the_last_wave_of_a_product_is_half_empty():
    # Forward alone: inner sizes 12288 twice, and 12288 and 49152 over 8 GPUs, of 96 layers; half a wave of outputs.
    bare = with_other(A100, {"elementwise-bytes": 1e-9, "training-launch": 1e-9})
    found = timing.pass_seconds(GPT, ONE, bare, passes(), 0, 0) - memory.weights(GPT) / A100.bandwidth / 8
    inner = 2 * 12288 + (12288 + 49152) / 8
    wave = BOOK["product-wave"]
    assert found == pytest.approx(0.5 * wave * 2 * inner * 96 / 271.2e12, rel=1e-6)


def test_attention_runs_at_the_rate_of_its_generation():
    # The best kernels of 2023 reach 73 % of the peak on A100 and 35 % on H100, and skip half of the square.
    assert A100.attention == pytest.approx(2 * 0.73 * 312e12)
    assert H100.attention == pytest.approx(2 * 0.35 * 989e12)
    attention = timing.Passes(Flops(0.0, 1e18), 1, 0, 0)
    times = [
        timing.pass_seconds(GPT, memory.Setup(), with_other(rates, NOTHING), attention, 0, 0)
        - memory.weights(GPT) / rates.bandwidth
        for rates in (A100, H100)
    ]
    share = BOOK["training-attention-fraction"]
    assert times == pytest.approx([1e18 / share / 455.52e12, 1e18 / share / 692.3e12], rel=1e-6)


def test_a_product_in_8_bits_runs_at_the_best_that_was_measured():
    assert timing.roofline("h100-sxm-80gb", "fp8").matmul == pytest.approx(1402.6e12)
    # Where none was measured, the share of 16 bits.
    assert timing.roofline("gh200-144gb", "fp8").matmul == pytest.approx(828.6 / 989 * 1979e12)


def test_a_pipeline_waits_for_its_fullest_stage():
    # 96 layers on 10 stages: six have ten layers, so all take the time of ten.
    ten, twelve = (memory.Setup(8 * stages, 8, pipeline_parallel=stages, pipeline_chunks=1, batch=1000)
                   for stages in (10, 12))  # fmt: skip
    uneven, smooth = (
        parallelism.token_gpu_seconds(GPT, each, A100, 2048) / (1 + timing.bubble(each, BOOK)) for each in (ten, twelve)
    )
    assert uneven / smooth == pytest.approx(10 * 10 / 96, rel=1e-3)


def test_kernels_of_attention_differ_as_their_papers_say():
    # On H100 those of 2023 reach 35 % of the peak and those since 75 %, on A100 both are the same, and the first half.
    attention = timing.Passes(Flops(0.0, 1e18), 1, 0, 0)

    def seconds(rates, kernel):
        setup, bare = memory.Setup(attention_kernel=kernel), with_other(rates, NOTHING)
        return timing.pass_seconds(GPT, setup, bare, attention, 0, 0) - memory.weights(GPT) / rates.bandwidth

    assert seconds(H100, "flash") / seconds(H100, "flash-3") == pytest.approx(0.75 / 0.35)
    assert seconds(A100, "flash") == pytest.approx(seconds(A100, "flash-3"))
    first, second = BOOK["first-attention-fraction"], BOOK["training-attention-fraction"]
    assert seconds(A100, "flash-1") / seconds(A100, "flash") == pytest.approx(second / first)


def test_time_goes_by_the_kernel_however_flops_are_counted():
    data, setup = stages.Data(64, 0, 4096), memory.Setup(8, zero=3, micro_batch=4)
    full, half = (stages.sft(LLAMA, data, stages.Run(A100, setup, attention=how)) for how in ("full", "causal"))
    assert full.gpu_hours == half.gpu_hours and full.flops > half.flops


def test_packed_documents_attend_within_their_own_lengths():
    # Sixteen documents of 1,024 tokens in a row of 16,384: a sixteenth of the pairs, and all else alike.
    run = stages.Run(A100, memory.Setup(8, zero=3), attention="causal")
    row, packed = (stages.sft(LLAMA, stages.Data(64, 0, 16384, document_tokens=size), run) for size in (None, 1024))
    attention = 3 * 2 * 32 * 4096 * 16384 * 16384 * 64
    assert row.flops - packed.flops == pytest.approx(attention * 15 / 16)
    assert packed.gpu_hours < row.gpu_hours


def test_tokens_travel_to_their_experts_over_the_link_and_beyond_a_node_over_the_network():
    # Two experts of each of 32 layers, there and back in two passes, 4,096 values of two bytes for each token.
    model, bare, moved = find("mixtral-8x7b"), with_other(A100, NOTHING), 2 * 2 * 2 * 32 * 2 * 4096 * 2048
    none, two = (timing.Passes(Flops(0.0, 0.0), 1, gathers, 0) for gathers in (0, 2))
    spread = memory.Setup(16, expert_parallel=8)
    there = [timing.pass_seconds(model, spread, bare, each, 2048, 0) for each in (none, two)]
    assert there[1] - there[0] == pytest.approx(moved * 7 / 8 / A100.link, rel=1e-6)
    # Of sixteen GPUs half are in the node, itself among them.
    there = [
        timing.pass_seconds(model, spread._replace(expert_parallel=16), bare, each, 2048, 0) for each in (none, two)
    ]
    assert there[1] - there[0] == pytest.approx(moved * ((1 / 2 - 1 / 16) / A100.link + 1 / 2 / A100.network), rel=1e-6)


def test_products_of_narrow_experts_take_longer():
    # Qwen3 30B-A3B: 8 of 128 experts with three matrices of 2,048 x 768 in 48 layers.
    model, setup, bare = find("qwen3-30b-a3b"), memory.Setup(), with_other(H100, NOTHING)
    share = 8 * 3 * 2048 * 768 * 48 / model.matmul_parameters
    seconds = timing.pass_seconds(model, setup, bare, timing.Passes(Flops(1e18, 0.0), 1, 0, 0), 0, 0)
    assert seconds == pytest.approx(1e18 / H100.matmul * (1 + share * BOOK["expert-width"] / 768), rel=1e-6)


def test_frozen_weights_of_four_bits_become_sixteen_in_each_pass():
    # Read half a byte and write two for each of 6.5e9 values of the layers, forward and backward.
    bare, passes_ = with_other(A100, NOTHING), timing.Passes(Flops(0.0, 0.0), 3, 2, 1)
    whole, few = (
        timing.pass_seconds(LLAMA, memory.Setup(lora_rank=8, base_bits=bits), bare, passes_, 1, 0) for bits in (16, 4)
    )
    moved = 2.5 * LLAMA.layer_matrices * 2
    assert few - whole == pytest.approx(moved / (BOOK["dequantisation-fraction"] * A100.bandwidth), rel=1e-6)


def test_an_update_reads_and_writes_its_states_once_for_all_micro_batches():
    # 16 bytes for each parameter, read and written, shared out over 8 GPUs; every micro-batch has its part.
    setup = memory.Setup(8, zero=1, micro_batch=1)
    seconds = [parallelism.token_gpu_seconds(LLAMA, setup._replace(batch=batch), A100, 2048) for batch in (8, 16)]
    update = 2 * 16 * LLAMA.parameters / 8 / A100.bandwidth
    gradients = 7 / 8 * 2 * 2 * LLAMA.parameters / A100.link
    assert seconds[0] - seconds[1] == pytest.approx((update + gradients) / 2 / 2048, rel=1e-6)


def test_an_optimizer_on_the_host_serves_a_node_and_sends_by_its_link():
    # 1e10 parameters a second for eight GPUs together; gradients down and weights up, two bytes each.
    setup = memory.Setup(8, zero=1, micro_batch=1, batch=8)
    on, off = (parallelism.token_gpu_seconds(LLAMA, setup._replace(offload=where), A100, 2048)
               for where in ("none", "optimizer"))  # fmt: skip
    mine = LLAMA.parameters / 8
    host = 8 * mine / 1e10 + 4 * mine / (BOOK["link-fraction"] * 32e9) - 32 * mine / A100.bandwidth
    assert off - on == pytest.approx(host / 2048, rel=1e-6)


def test_keys_and_values_go_around_beside_the_attention_of_a_split_sequence():
    # Over two GPUs a sequence takes twice the time of its half where attention is longer than what travels.
    one, two = (memory.Setup(8, zero=3, context_parallel=parts, batch=8) for parts in (1, 2))
    bare = with_other(A100, NOTHING)
    flops = timing.work(LLAMA, one, 1, 65536, "band")
    seconds = [timing.pass_seconds(LLAMA, each, bare, timing.Passes(flops, 3, 0, 0), 65536, 0) for each in (one, two)]
    assert seconds[0] / seconds[1] == pytest.approx(2, rel=1e-6)
    slow = bare._replace(link=1e6)
    kept = 2 * LLAMA.kv_values * 65536 / 2 * 3 / 1e6
    waits = timing.pass_seconds(LLAMA, two, slow, timing.Passes(Flops(0.0, flops.attention), 3, 0, 0), 65536, 0)
    assert waits == pytest.approx(kept, rel=1e-2)


def test_links_of_a_reader_take_the_place_of_those_of_the_catalogue():
    reach = BOOK["link-fraction"]
    rates = timing.roofline("h100-sxm-80gb", link=100, network=12.5)
    assert (rates.link, rates.network) == pytest.approx((reach * 100e9, reach * 12.5e9))
    with pytest.raises(ValueError, match=r"network must be .* above 0 \[GB/s\], got 0"):
        timing.roofline("h100-sxm-80gb", network=0)
