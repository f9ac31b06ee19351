"""The compute of InstructGPT by hand, and beside what its paper printed."""

import pytest

from costlib.compute.architecture import find
from costlib.compute.stages import Data
from costlib.facts import catalog
from costlib.validation import instructgpt

FULL = Data(12_725, 1024, 1024, epochs=16), Data(256_000, 1024, 1024)
LARGE, SMALL = find("gpt-3-175b").parameters, instructgpt.small_model().parameters


def test_the_printed_compute_is_met_if_every_example_is_charged_its_full_context():
    days = instructgpt.petaflop_days(*FULL)
    for step, stage in (("train", "sft"), ("ppo", "ppo")):
        printed = catalog.find("measured_runs", f"instructgpt-{stage}-175b").value_norm
        assert days[step] == pytest.approx(printed, rel=0.04)


def test_days_by_hand():
    days = instructgpt.petaflop_days(*FULL)
    assert days["train"] == pytest.approx(6 * LARGE * 12_725 * 16 * 2048 / 8.64e19)
    # 10 per token by the actor and its reference, 8 by a critic and 2 by a reward model of 6B, 8 full contexts of 6.
    tokens = 256_000 * 2048
    assert days["loop"] == pytest.approx(10 * (LARGE + SMALL) * tokens / 8.64e19, rel=1e-6)
    assert days["pre-training mix"] == pytest.approx(8 * 6 * LARGE * tokens / 8.64e19)
    assert days["ppo"] == pytest.approx(days["loop"] + days["pre-training mix"])


def test_the_mix_is_full_contexts_whatever_the_length_of_an_episode():
    full, short = (
        instructgpt.petaflop_days(FULL[0], ppo)["pre-training mix"] for ppo in (FULL[1], Data(256_000, 166, 100))
    )
    assert short == pytest.approx(full)


def test_the_reward_model_reads_nine_responses_to_each_prompt():
    assert instructgpt.reward_days(33_207) == pytest.approx(6 * SMALL * 9 * 33_207 * 2048 / 8.64e19)
