"""Exponents and crossings by hand, and against the counts of the architecture."""

import math
import statistics
from dataclasses import replace

import numpy as np
import pytest

from costlib.compute import memory, scaling
from costlib.compute.architecture import find, forward

LLAMA = find("llama-2-7b")


def test_the_exponent_of_a_power_law_is_its_power():
    sizes = [1, 10, 500]
    assert scaling.exponent([7 * size**1.5 for size in sizes], sizes) == pytest.approx(1.5)


def test_the_exponent_is_that_of_the_straight_line_through_the_logarithms():
    # ln C = 0, 1, 1 over ln N = 0, 1, 2: slope (3 x 3 - 3 x 2) / (3 x 5 - 9).
    costs, sizes = [1, math.e, math.e], [1, math.e, math.e**2]
    assert scaling.exponent(costs, sizes) == pytest.approx(0.5)
    assert scaling.exponent(costs, sizes) == pytest.approx(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def test_one_point_has_no_exponent():
    with pytest.raises(statistics.StatisticsError):
        scaling.exponent([1], [1])


def test_elasticity_by_hand():
    # 2 x^3 + 2 at 1 and 2: 4 and 18.
    assert scaling.elasticity(lambda v: 2 * v["x"] ** 3 + 2, {"x": 1}, "x", 2) == pytest.approx(math.log2(4.5))
    both = scaling.elasticity(lambda v: np.array([v["x"], v["y"]]), {"x": 3, "y": 5}, "x")
    assert both == pytest.approx([1, 0])


def test_attention_equals_the_products_at_the_crossing():
    flops = forward(LLAMA, 1, scaling.crossing_length(LLAMA))
    assert flops.attention == pytest.approx(flops.matmul)
    # Llama 2 7B by hand: 2 x 6,607,077,376 / (4 x 32 layers x 32 heads x 128).
    assert scaling.crossing_length(LLAMA) == pytest.approx(2 * 6_607_077_376 / (4 * 32 * 32 * 128))
    # With an index of 64 heads of 128 beside each layer's attention, 2 x 32 layers x 8192 more for each pair.
    indexed = replace(LLAMA, index_size=8192)
    assert scaling.crossing_length(indexed) == pytest.approx(2 * 6_607_077_376 / (4 * 32 * 32 * 128 + 2 * 32 * 8192))


def test_the_square_equals_all_else_at_the_eager_crossing():
    length = scaling.eager_crossing_length(LLAMA)
    eager, flash = (
        memory.activations(LLAMA, length, memory.Setup(attention_kernel=kernel)) for kernel in ("eager", "flash")
    )
    assert eager == pytest.approx(2 * flash)


def test_the_exponent_in_the_length_goes_from_one_to_two():
    # s + s^2 / 1000: its derivative times s over itself.
    lengths = np.array([0.001, 1000, 1e9])
    by_hand = (lengths + 2 * lengths**2 / 1000) / (lengths + lengths**2 / 1000)
    assert scaling.length_exponent(lengths, 1000) == pytest.approx(by_hand)
    assert scaling.length_exponent(1000, 1000) == 1.5
    with pytest.raises(ValueError, match=r"crossing must be a finite number above 0 \[tokens\], got 0"):
        scaling.length_exponent(1, 0)
