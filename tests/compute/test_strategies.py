"""Strategies against the parts that they change, by hand, and against a planned job."""

import pytest

from costlib.compute import memory, strategies
from costlib.compute.architecture import find, lora_parameters, nearest_in_size
from costlib.compute.job import estimate
from costlib.compute.models import student_of
from costlib.compute.timing import roofline

ACTOR, A100 = find("opt-1.3b"), roofline("a100-sxm-80gb")
EIGHT = memory.Setup(gpus=8, zero=3, micro_batch=4, recompute="full")
CASE = strategies.StrategyCase(ACTOR, A100, EIGHT, 1, 256, 256, 1024, 512, 2.5)
SCALAR = ACTOR.with_scalar_head().parameters


def states(parts):
    """What does not depend on the sequences."""
    return sum(size for name, size in parts.items() if name.endswith(("weights", "gradients", "optimizer", "adapters")))


def test_nothing_is_the_job_as_it_was_planned():
    job = estimate("ppo", "opt-1.3b", "a100-sxm-80gb", 8, 1024, 256, 256, micro_batch=4, recompute="full",
                   longest_tokens=256, price_usd_per_gpu_hour=2.5)  # fmt: skip
    assert strategies.phases(CASE)["train"].total == pytest.approx(job.phases["train"].total)
    assert strategies.cost(CASE).usd == pytest.approx(job.cost.usd)


def test_adapters_train_what_they_have_and_need_no_reference():
    whole = strategies.StrategyCase(ACTOR, A100, memory.Setup(), 1, 256, 256, 1024, 512, 2.5)
    held = strategies.phases(whole, strategies.adapters(16))["score"]
    # Actor and critic: frozen weights of 2 bytes, adapters of 16; a reward model of 2; no reference.
    few = [lora_parameters(model, 16) for model in (ACTOR, ACTOR.with_scalar_head())]
    assert states(held) == pytest.approx(2 * ACTOR.parameters + 2 * 2 * SCALAR + 16 * sum(few))
    assert not [name for name in held if name.startswith("reference")]


def test_a_value_head_saves_a_critic_and_its_passes():
    saved = strategies.phases(CASE)["train"].total - strategies.phases(CASE, strategies.value_head())["train"].total
    assert saved == pytest.approx(16 * SCALAR / 8)
    names = [step.name for step in strategies.cost(CASE, strategies.value_head()).steps]
    assert "value" not in names and "update critic" not in names


def test_a_smaller_scorer_is_critic_and_reward_model():
    small = find("opt-350m").with_scalar_head()
    whole = strategies.StrategyCase(ACTOR, A100, memory.Setup(), 1, 256, 256, 1024, 512, 2.5)
    held = strategies.phases(whole, strategies.Strategy({}, {}, small))["score"]
    assert states(held) == pytest.approx((16 + 2) * (ACTOR.parameters + small.parameters))


def test_two_strategies_at_once_change_what_each_changes():
    both = strategies.adapters(16) | strategies.value_head() | strategies.only(lora_rank=8, zero=0)
    assert both.setup == {"lora_rank": 8, "zero": 0}
    assert both.roles == {"reference": "adapters-off", "critic": "shared"}


def test_singles_leave_out_what_the_setup_has():
    one_gpu = strategies.singles(memory.Setup(recompute="none"), 16, None, "125M")
    assert not [name for name in one_gpu if name.startswith("ZeRO")]
    assert "recompute: full" in one_gpu and "recompute: none" not in one_gpu
    assert one_gpu["critic and reward: 125M"].scorer is None


def test_answers_wait_where_the_cache_has_no_room_and_a_micro_batch_never_does():
    # 512 episodes on eight copies; with 10 GB of room beside the rest, as many as the cache of each takes.
    assert strategies.answers_at_a_time(CASE) == 64
    held = strategies.phases(CASE)["generate"].total
    cache = memory.kv_cache(ACTOR, 512)
    for room, answers in ((held + 10.5 * cache, 4 + 10), (held / 2, 4)):
        tight = CASE._replace(rates=A100._replace(hbm_gb=room / 1e9))
        assert strategies.answers_at_a_time(tight) == answers


def test_an_update_in_pieces_by_hand():
    one, many = (strategies.update(CASE, size, 64) for size in (1, 64))
    # 8 x 64 sequences of 512 tokens; actor and critic each pass forward twice and backward, counted twice.
    matrices = ACTOR.matmul_parameters + ACTOR.with_scalar_head().matmul_parameters
    attention = 2 * 4 * 24 * 2048 * 512
    assert many.flops == pytest.approx(8 * 64 * 512 * 4 * (2 * matrices + attention), rel=1e-6)
    assert one.flops == pytest.approx(many.flops)
    assert one.size == pytest.approx(strategies.phases(CASE, strategies.only(micro_batch=1))["train"].total)
    assert one.seconds > many.seconds


def test_each_rung_keeps_those_before_it():
    alone = CASE._replace(setup=memory.Setup(micro_batch=4))
    steps = {"none": strategies.NOTHING, "small": strategies.only(micro_batch=1), "head": strategies.value_head()}
    rungs = strategies.ladder(alone, steps)
    assert rungs["none"] == strategies.phases(alone)
    both = strategies.only(micro_batch=1) | strategies.value_head()
    assert rungs["head"] == strategies.phases(alone, both, sequences=1)


def test_one_gpu_alone_shards_nothing_and_more_share_the_states():
    one, eight = (strategies.on_gpus(CASE, gpus, strategies.only(zero=3)) for gpus in (1, 8))
    assert states(one["score"]) == pytest.approx((16 + 2) * (ACTOR.parameters + SCALAR))
    assert "gathered" not in one["train"]
    assert states(eight["score"]) == pytest.approx(states(one["score"]) / 8)


def test_everything_in_32_bits_by_hand():
    whole = strategies.StrategyCase(ACTOR, A100, memory.Setup(recipe="mixed-16"), 1, 256, 256, 1024, 512, 2.5)
    held = strategies.phases(whole)
    wide = strategies.in_32_bits(held)
    # Trained states take 4 + 4 + 8 bytes as they took 2 + 2 + 12; frozen weights 4 for 2.
    assert states(wide["score"]) == pytest.approx((16 + 4) * (ACTOR.parameters + SCALAR))
    assert wide["train"]["framework"] == held["train"]["framework"]
    assert wide["train"]["logits"] == pytest.approx(8 / 10 * held["train"]["logits"])


def test_the_nearest_model_is_nearest_as_a_ratio():
    # 20B lies 2.97 times above 6.7B and 3.4 times below 69B.
    assert nearest_in_size(20e9, ["llama-2-7b", "llama-2-70b"]) == "llama-2-7b"
    assert nearest_in_size(22e9, ["llama-2-7b", "llama-2-70b"]) == "llama-2-70b"


@pytest.mark.parametrize(
    ("teacher", "student"),
    [("llama-2-70b", "llama-7b"), ("gpt-3-175b", "gpt-j-6b"), ("pythia-14m", "pythia-14m")],
)
def test_a_student_is_of_the_family_or_of_the_catalogue_or_the_teacher(teacher, student):
    assert student_of(teacher) == student
