"""The stages of Part II by hand: which parameters of a scenario become which options of a job."""

import pytest

from costlib.compute.job import estimate
from costlib.economics import anatomy, scenarios

VALUES = scenarios.complete({
    "aligned_model": "opt-1.3b", "cluster_gpu": "h100-sxm-80gb", "num_gpus": 4, "prompt_tokens": 100,
    "response_tokens": 300, "price_usd_per_gpu_hour": 3.0, "micro_batch": 1, "zero_stage": 2, "recompute": "full",
    "precision_recipe": "mixed-18", "num_demonstrations": 1000, "num_preference_pairs": 2000, "num_episodes": 4000,
    "epochs": 2, "ppo_epochs": 3, "rollout_batch": 128, "group_size": 8,
})  # fmt: skip
LAYOUT = {"zero": 2, "recompute": "full", "recipe": "mixed-18", "price_usd_per_gpu_hour": 3.0}


@pytest.mark.parametrize(
    ("stage", "examples", "more"),
    [
        ("sft", 1000, LAYOUT | {"epochs": 2, "micro_batch": 1}),
        # Both responses of a pair pass together, two at least.
        ("rm", 2000, LAYOUT | {"epochs": 2, "micro_batch": 2}), ("dpo", 2000, LAYOUT | {"epochs": 2, "micro_batch": 2}),
        ("ppo", 4000, LAYOUT | {"ppo_epochs": 3, "micro_batch": 1, "generation_batch": 128}),
        # An episode is an answer: 500 prompts with eight each.
        ("grpo", 500, LAYOUT | {"ppo_epochs": 3, "micro_batch": 1, "generation_batch": 128, "samples": 8}),
        ("generate", 4000, {"price_usd_per_gpu_hour": 3.0}),
    ],
)  # fmt: skip
def test_a_stage_is_the_job_that_its_parameters_describe(stage, examples, more):
    found = anatomy.estimated(stage, VALUES)
    expected = estimate(stage, "opt-1.3b", "h100-sxm-80gb", 4, examples, 100, 300, **more)
    assert found.job.options.keys() >= {"model", "gpu", "gpus"}
    assert (found.cost, found.setup, found.phases) == (expected.cost, expected.setup, expected.phases)
    assert found.settings == expected.settings


def test_the_most_that_fits_stays_the_most_that_fits():
    most = VALUES | {"micro_batch": 0}
    assert anatomy.estimated("dpo", most).setup.micro_batch > 2
    assert anatomy.estimated("dpo", VALUES | {"micro_batch": 4}).setup.micro_batch == 4


def test_changes_go_before_what_follows_from_the_scenario():
    assert anatomy.estimated("sft", VALUES, gpus=8, lora_rank=16).setup[0] == 8
    assert anatomy.estimated("sft", VALUES, lora_rank=16).setup.lora_rank == 16
