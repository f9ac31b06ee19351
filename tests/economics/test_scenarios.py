"""Scenarios: the article's stages, their ladder and their scale, by hand."""

import numpy as np
import pytest

from costlib.economics import scenarios

# 2 passes over 10 examples; 4 + 8 pairs, two of a prompt; 100 tokens each; 1e9 parameters at 1 TFLOP/s and $36 an hour.
SMALL = {
    "num_sft_examples": 10, "num_pairs_m1": 4, "num_pairs_m2": 8, "responses_per_prompt": 4, "pairs_per_prompt": 2,
    "judgments_per_response": 1, "dpo_rounds": 1, "sequence_length": 100, "epochs": 2, "model_parameters": 1e9,
    "sustained_tflops": 1, "price_usd_per_gpu_hour": 36,
}  # fmt: skip


def test_calls_of_two_rounds_by_hand():
    # 12 pairs are 6 prompts, 6 x 4 responses, and a judgment of each.
    assert scenarios.inference_calls(SMALL) == (6, 24, 24, 54)


def test_dpo_trains_on_one_round_or_on_both():
    assert scenarios.dpo_pairs(SMALL) == 4
    assert scenarios.dpo_pairs(SMALL | {"dpo_rounds": 2}) == 12


def test_stages_by_hand():
    stages = scenarios.synthetic_stages(SMALL)
    # Tokens: 10 x 100 x 2, 54 x 100, 4 x 100 x 2. FLOPs: 6, 2 and 16 for each of 1e9 parameters.
    assert [stage.count for stage in stages.values()] == [10, 54, 4]
    assert [stage.tokens for stage in stages.values()] == [2000, 5400, 800]
    assert [stage.flops for stage in stages.values()] == [1.2e13, 1.08e13, 1.28e13]
    # At 1e12 FLOPs a second, and a cent a second.
    assert [stage.gpu_hours * 3600 for stage in stages.values()] == pytest.approx([12, 10.8, 12.8])
    assert [stage.usd for stage in stages.values()] == pytest.approx([0.12, 0.108, 0.128])


def test_stages_add_up_to_the_cost_of_the_scenario():
    cost = scenarios.synthetic_cost(SMALL)
    assert [stage.usd for stage in scenarios.synthetic_stages(SMALL).values()] == pytest.approx(cost[:3])
    assert cost.total_usd == pytest.approx(0.356)


def test_another_number_of_pairs_by_hand():
    # $0.12 once and $0.236 for 12 pairs; with DPO paid once, $0.248 once and $0.108 for 12 pairs.
    pairs = np.array([0, 12, 120])
    assert scenarios.synthetic_usd_at(SMALL, pairs) == pytest.approx([0.12, 0.356, 2.48])
    assert scenarios.synthetic_usd_at(SMALL, pairs, fixed_dpo=True) == pytest.approx([0.248, 0.356, 1.328])


def test_each_rung_of_a_ladder_keeps_those_before_it():
    first, second = scenarios.ladder(SMALL, [{"dpo_rounds": 2}, {"epochs": 1}])
    assert first == SMALL | {"dpo_rounds": 2}
    assert second == SMALL | {"dpo_rounds": 2, "epochs": 1}
