"""torchtune's table: read from the facts, and computed again by hand."""

import itertools

import pytest

from costlib.compute.architecture import find
from costlib.validation import torchtune


def test_the_printed_table():
    printed = [torchtune.measured(step) for step in torchtune.STEPS]
    assert printed == [(42.9, 9174), (24.9, 7210), (8.5, 8210), (4.6, 8035)]


def test_memory_of_recomputation_by_hand():
    # Llama 3.2 3B: 8 bytes of states; an input of 2 x 3,072 bytes for each of 28 layers and 8,192 tokens, and one layer
    # in full: norms and residuals 8 x 3,072, queries and keys 4 x (3,072 + 1,024), a fused gate 6 x 8,192.
    kept = 8192 * (28 * 2 * 3072 + 8 * 3072 + 4 * (3072 + 1024) + 6 * 8192)
    by_hand = (8 * find("llama-3.2-3b").parameters + kept) / 2**30
    assert torchtune.computed("recomputed")[0] == pytest.approx(by_hand, rel=0.02)


def test_a_chunk_of_logits_by_hand():
    # 8,192 tokens x 128,256 words x 10 bytes, in eight chunks.
    assert torchtune.chunk_of_logits() == pytest.approx(8192 * 128_256 * 10 / 8 / 2**30)


def test_the_order_of_the_measured_speeds_is_that_of_the_computed_ones():
    for one, other in itertools.combinations(list(torchtune.STEPS)[:3], 2):
        printed, ours = ([way(step)[1] for step in (one, other)] for way in (torchtune.measured, torchtune.computed))
        assert (printed[0] > printed[1]) == (ours[0] > ours[1])
