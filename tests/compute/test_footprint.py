"""What a model asks of GPUs before a job is planned, by hand and against planned jobs."""

import pytest

from costlib.compute import footprint, memory
from costlib.compute.architecture import find
from costlib.compute.job import estimate


def test_states_for_each_parameter_by_hand():
    # 2 bytes of weights and 2 of gradients, 12 of the optimizer; a frozen model 2; adapters of 1 % 0.16.
    each = footprint.state_bytes("mixed-16", adapters=0.01)
    assert each["inference"] == 2
    assert each["LoRA"] == pytest.approx(2.16)
    assert each["SFT"] == 16
    assert each["DPO"] == 16 + 2
    assert each["PPO"] == 16 + 16 + 2 + 2
    assert each["PPO, value head"] == 16 + 2 + 2
    assert each["PPO, adapters"] == pytest.approx(2.16 + 2.16 + 2)
    assert each["PPO, value head and adapters"] == pytest.approx(2.16 + 2)


def test_states_follow_the_recipe():
    # Everything in 16 bits: 2 of weights, 2 of gradients, two moments of 2.
    assert footprint.state_bytes("bf16-8")["PPO"] == 8 + 8 + 2 + 2


@pytest.mark.parametrize("phase", ["generate", "score", "train"])
def test_every_byte_of_a_phase_has_one_owner(phase):
    parts = estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 512, 256, 256, micro_batch=1).phases[phase]
    owned = footprint.by_owner(parts)
    assert tuple(owned) == footprint.OWNERS
    assert sum(owned.values()) == pytest.approx(parts.total)
    assert owned["actor"] == sum(size for name, size in parts.items() if name.startswith("actor "))


def test_logits_belong_to_the_activations():
    assert footprint.by_owner(memory.Parts(activations=3, logits=4, framework=1))["activations"] == 7


def test_one_gpu_alone_holds_what_a_planned_job_on_it_does():
    needs = footprint.on_one_gpu(find("opt-1.3b"), 256, 256, "mixed-16", 16)
    trains, answers = {"zero": 0, "recompute": "full", "micro_batch": 1}, {"generation_batch": 1}
    jobs = {"inference": ("generate", answers), "LoRA": ("sft", trains | {"lora_rank": 16}), "SFT": ("sft", trains),
            "DPO": ("dpo", trains | {"micro_batch": 2}),
            "PPO": ("ppo", trains | answers | {"longest_tokens": 256})}  # fmt: skip
    for way, (stage, plan) in jobs.items():
        job = estimate(stage, "opt-1.3b", "a100-sxm-80gb", 1, 1, 256, 256, **plan)
        assert needs[way] == pytest.approx(job.peak_gb * 1e9), way
