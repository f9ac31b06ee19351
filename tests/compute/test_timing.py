"""The time of a pass by hand: what travels, what is computed twice, and what waits for the last outputs."""

import pytest

from costlib.compute import memory, parallelism, timing
from costlib.compute.architecture import Flops, find
from costlib.compute.coefficients import published

BOOK = published()
H100, A100 = timing.roofline("h100-sxm-80gb"), timing.roofline("a100-sxm-80gb")
GPT = find("gpt-3-175b")
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
    plan = parallelism.Layout(memory.Setup(80, tensor_parallel=8), pipeline=10, micro_batches=1000)
    even = plan._replace(pipeline=12)
    uneven, smooth = (
        parallelism.token_gpu_seconds(GPT, each._replace(setup=each.setup._replace(gpus=8 * each.pipeline)), A100, 2048)
        / (1 + each.bubble)
        for each in (plan, even)
    )
    assert uneven / smooth == pytest.approx(10 * 10 / 96, rel=1e-3)
