"""torchtune's table: read from the facts, and computed again by hand."""

import itertools

import pytest

from costlib.compute.architecture import find
from costlib.validation import torchtune


def test_the_printed_table():
    printed = [torchtune.measured(step) for step in torchtune.STEPS]
    assert printed == [(42.9, 9174), (24.9, 7210), (8.5, 8210), (4.6, 8035)]


def test_memory_of_recomputation_by_hand():
    # Llama 3.2 3B: 8 bytes of states once all gradients are made. Before they are, 6 bytes; an input of 2 x 3,072 bytes
    # for each of 28 layers and 8,192 tokens, and one layer and its gradients: norms and residuals 8 x 3,072, queries
    # and keys 4 x (3,072 + 1,024), a fused gate 6 x 8,192. That is 21.6 GiB, less than the 23.9 GiB of all states.
    kept = 8192 * (28 * 2 * 3072 + 2 * (8 * 3072 + 4 * (3072 + 1024) + 6 * 8192))
    parameters = find("llama-3.2-3b").parameters
    assert 6 * parameters + kept < 8 * parameters
    assert torchtune.computed("recomputed")[0] == pytest.approx(8 * parameters / 2**30)


def test_memory_of_adapters_by_hand():
    # 2 bytes of frozen weights; adapters of rank 64 of 8 bytes on the inputs and outputs of 28 layers: query and output
    # 2 x 3,072, key and value 3,072 + 1,024, three matrices 3,072 + 8,192. The inputs of the layers wait on the host,
    # so one layer and its gradients are all that is there, before the adapters have gradients.
    adapters = 64 * 28 * (2 * (2 * 3072) + 2 * (3072 + 1024) + 3 * (3072 + 8192))
    kept = 8192 * 2 * (8 * 3072 + 4 * (3072 + 1024) + 6 * 8192)
    by_hand = (2 * 3_212_749_824 + 6 * adapters + kept) / 2**30
    assert torchtune.computed("adapters of rank 64")[0] == pytest.approx(by_hand, rel=1e-3)


def test_a_chunk_of_logits_by_hand():
    # 8,192 tokens x 128,256 words x 14 bytes, in eight chunks.
    assert torchtune.chunk_of_logits() == pytest.approx(8192 * 128_256 * 14 / 8 / 2**30)


def test_the_order_of_the_measured_speeds_is_that_of_the_computed_ones():
    for one, other in itertools.combinations(list(torchtune.STEPS)[:3], 2):
        printed, ours = ([way(step)[1] for step in (one, other)] for way in (torchtune.measured, torchtune.computed))
        assert (printed[0] > printed[1]) == (ours[0] > ours[1])
