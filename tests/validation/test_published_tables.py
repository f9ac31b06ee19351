"""Published sizes of memory computed again: hand calculations, and what the rows must have."""

import pytest

from costlib.compute import coefficients, memory
from costlib.compute.architecture import find
from costlib.validation import published

ROWS = published.rows()


def test_states_of_zero_by_hand():
    # 7.5e9 parameters of 16 bytes, all shared by 64 GPUs: 1.875 GB, printed as 1.9.
    row = ROWS["zero-fig1-4"]
    assert published.size(row) == pytest.approx(16 * 7.5 / 64)
    assert published.difference(row) == pytest.approx(1.875 / 1.9 - 1)


def test_a_cache_by_hand():
    # Llama 3.1 8B: keys and values of 32 layers with 8 heads of 128 in 16 bits, 128,000 tokens.
    by_hand = 2 * 32 * 8 * 128 * 2 * 128_000 / 2**30
    assert published.size(ROWS["hf-llama31-kv-3"]) == pytest.approx(by_hand)


def test_settings_are_numbers_words_and_truths():
    expected = memory.Setup(gpus=1, micro_batch=2, recipe="bf16-8", fused=True)
    assert published.setup(ROWS["torchtune-3b-flags-2"]) == expected


def test_every_row_can_be_computed():
    for row in ROWS.values():
        if row.what == "largest actor":
            small, large = published.actor_shares(row, ["opt-125m", "opt-66b"]).values()
            assert small < 1 < large
        else:
            assert -0.6 < published.difference(row) < 0.7, row.name


def test_a_critic_that_trains_whole_is_counted_once():
    # Of OPT-350M 16 bytes for each parameter, where the other parts are as with the critic's adapters.
    row = ROWS["dschat-largest-actor-a100-80gb"]
    scalar, plan = find("opt-350m").with_scalar_head(), memory.PpoSetup(published.setup(row))
    phases = memory.ppo(find("opt-13b"), scalar, scalar, 256, 256, plan, coefficients.published())
    others = [sum(size for part, size in parts.items() if not part.startswith("critic")) for parts in phases.values()]
    by_hand = (max(others) + 16 * scalar.parameters) / (79.25 * 2**30)
    # The critic's adapters, a seventh of a percent of the memory, are counted besides.
    assert published.actor_shares(row, ["opt-13b"])["opt-13b"] == pytest.approx(by_hand, abs=0.0015)


def test_a_row_of_another_kind_is_an_error():
    with pytest.raises(KeyError, match="largest actor"):
        published.size(ROWS["dschat-largest-actor-a100-80gb"])
