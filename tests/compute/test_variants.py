"""Variants of alignment, who rewards, and the bill of a run, by hand."""

import re

import pytest
from command import answer, costlib, refused, told

from costlib.compute import memory, rollouts, stages
from costlib.compute.architecture import find
from costlib.compute.job import OF_VARIANT, estimate
from costlib.economics import hosted
from costlib.facts import catalog, options

VARIANTS = catalog.table("variants")
WORK = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "gpus": 8, "examples": 1024, "prompt_tokens": 256,
        "response_tokens": 256, "price_usd_per_gpu_hour": 2.0}  # fmt: skip
TEACHER = {"on-policy-distillation": {"reward_model": "llama-2-13b"}}


def variant(name, **more):
    return estimate(VARIANTS[name].stage, **WORK | TEACHER.get(name, {}) | more, variant=name)


def outside(found):
    return {line.name: (line.calls, line.usd) for line in found.bill if line.pool == rollouts.OUTSIDE}


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_the_stage_with_the_options_of_its_row(name):
    row = VARIANTS[name]
    known = options.of(row.stage, {each: getattr(row, each) for each in OF_VARIANT if each in options.options()})
    by_hand = known | ({"reward": row.reward} if row.stage != "dpo" else {}) | TEACHER.get(name, {})
    found = variant(name)
    if name != "kto":  # a single response is no option
        same = estimate(row.stage, **WORK, **by_hand)
        assert found.cost == same.cost and found.phases == same.phases
    assert {each: found.settings[each] for each in by_hand if each != "reward_model"} == {
        each: value for each, value in by_hand.items() if each != "reward_model"}  # fmt: skip
    assert known.keys() <= set(found.assumed)


def test_what_a_reader_gives_comes_before_the_row():
    given = variant("dapo", samples=4, kept_share=1, reference=True, reward_model="llama-3.2-1b")
    assert given.cost == estimate("grpo", **WORK, samples=4, reward_model="llama-3.2-1b").cost
    assert variant("online-dpo", judge="gpt-6-luna-price").settings["reward"] == "rule"


def test_a_variant_of_another_stage_is_refused_with_those_of_this_one():
    refused("^variant kto is one of dpo; ppo has ppo$", estimate, "ppo", **WORK, variant="kto")
    refused("^variant dapo is one of grpo; generate has best-of-n$", estimate, "generate", **WORK, variant="dapo")
    refused("^variant is no option of sft", estimate, "sft", **WORK, variant="kto")
    refused("did you mean dapo", estimate, "grpo", **WORK, variant="dapoo")
    assert costlib("estimate", "grpo", "--variant", "kto").exit_code == 2


# --- passes and models ------------------------------------------------------------------------------------------------

N = find("llama-2-7b").parameters
HEAD, TEACH = find("llama-2-7b").with_scalar_head().parameters / N, find("llama-2-13b").parameters / N
# 2 per parameter and token written, read or scored, 6 learned from, for each response that is written.
GRPO = {"decode": 2, "reference": 2, "old log-probabilities": 2, "update actor": 6}
BY_HAND = {
    "ppo": {"decode": 2, "reference": 2, "reward": 2 * HEAD, "value": 2 * HEAD, "update actor": 6,
            "update critic": 6 * HEAD},
    "grpo": GRPO,
    "gspo": GRPO,
    "dapo": {"decode": 2, "old log-probabilities": 1, "update actor": 3},  # every second group is thrown away
    "rloo": {"decode": 2, "reference": 2, "reward": 2 * HEAD, "update actor": 6},
    "reinforce++": GRPO | {"reward": 2 * HEAD},
    "process-reward": GRPO | {"reward": 2 * HEAD},
    "online-dpo": {"decode": 2, "reference": 2, "reward": 2 * HEAD, "update actor": 6},
    "rejection-sampling": {"decode": 2, "reward": 2 * HEAD, "update actor": 0.6},  # one of ten
    "on-policy-distillation": {"decode": 2, "teacher log-probabilities": 2 * TEACH, "update actor": 6},
    "best-of-n": {"decode": 2, "reward": 2 * HEAD},
    "dpo": {"reference": 2, "train": 6},
    "kto": {"reference": 2, "mismatched pairs": 4, "train": 6},  # policy and reference score another response
    "orpo": {"train": 6},
    "simpo": {"train": 6},
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_computes_what_its_paper_says(name):
    found = variant(name, flat_tflops=100.0)
    responses = 1024 * {"dpo": 2, "kto": 1, "orpo": 2, "simpo": 2}.get(name, found.settings.get("samples", 1))
    per_response = {step.name: step.flat_flops / N / responses for step in found.cost.steps if step.flat_flops}
    per_response.pop("prefill", None)
    tokens = {each: 256 if each == "decode" else 512 for each in BY_HAND[name]}
    assert per_response == pytest.approx({each: value * tokens[each] for each, value in BY_HAND[name].items()})


def test_models_that_take_no_part_take_no_memory():
    for name, there, gone in (
        ("dapo", "actor weights", "reference weights"),
        ("on-policy-distillation", "teacher weights", "reward weights"),
        ("simpo", "weights", "reference weights"),
        ("kto", "reference weights", "reward weights"),
    ):
        parts = variant(name).phases["train"]
        assert there in parts and gone not in parts, name
    shared = memory.weights(find("llama-2-13b")) / 8
    assert variant("on-policy-distillation").phases["train"]["teacher weights"] == pytest.approx(shared)
    picks = variant("best-of-n").phases["generate"]
    assert picks["reward weights"] == memory.weights(find("llama-2-7b").with_scalar_head())
    assert picks.total > variant("best-of-n", reward="rule").phases["generate"]["weights"] + picks["reward weights"]


# --- who rewards ------------------------------------------------------------------------------------------------------


def test_a_judge_has_the_price_of_its_tokens_and_its_latency():
    # 256 + 256 + 300 read at $0.40 a million, 100 written at $1.60; 0.55 s.
    found = estimate("grpo", **WORK, samples=4, judge="gpt-4-1-mini-rewardbench")
    usd = (812 * 0.4 + 100 * 1.6) / 1e6
    assert found.settings["reward_price"] == pytest.approx(usd) and found.settings["reward_seconds"] == 0.55
    assert outside(found) == {"rewards": (4096, pytest.approx(4096 * usd))}
    # Eight steps of 512 responses, 64 calls at a time: 8 x 8 x 0.55 s of 8 GPUs.
    waits = next(step for step in found.cost.steps if step.name == "reward calls")
    assert waits.gpu_hours == pytest.approx(8 * 8 * 0.55 * 8 / 3600)
    longer = estimate("grpo", **WORK, judge="gpt-4-1-mini-rewardbench", judge_prompt_tokens=5000, judge_tokens=0)
    assert longer.settings["reward_price"] == pytest.approx(0.002)
    assert estimate("grpo", **WORK, judge="gpt-4-1-mini-rewardbench", reward_seconds=2).settings["reward_seconds"] == 2
    paid = estimate("generate", **WORK, samples=4, judge="gpt-4-1-mini-rewardbench")
    assert outside(paid) == {"rewards": (4096, pytest.approx(4096 * usd))}


def test_a_judge_without_a_price_is_refused():
    local = "qwen3-32b-rewardbench"
    refused(f"^judge {local}: its price is not known; give reward_price", estimate, "grpo", **WORK, judge=local)
    refused(r"^judge \[-\] must be .* did you mean gpt-4-1-mini", estimate, "grpo", **WORK, judge="gpt-4-1-mini-reward")


# --- one bill ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{}, {"rollout_gpus": 2}, {"rollout_gpus": 4, "staleness": 1},
                                 {"turns": 3, "tool_seconds": 2, "tool_price": 0.01, "reward_seconds": 1}])  # fmt: skip
@pytest.mark.parametrize("stage", ["ppo", "grpo"])
def test_dollars_of_gpus_are_those_of_their_hours_and_no_calls(stage, how):
    found = estimate(stage, **WORK, **how)
    lines = [line for line in found.bill if line.pool != rollouts.OUTSIDE]
    assert all(line.usd == pytest.approx(2 * line.gpu_hours) for line in lines)
    assert sum(line.usd for line in lines) == pytest.approx(found.cost.gpu_usd) == pytest.approx(2 * found.hours * 8)
    assert found.usd - found.cost.gpu_usd == pytest.approx(sum(usd for _, usd in outside(found).values()))


def test_calls_and_labels_are_paid_one_by_one_and_outside():
    found = estimate("grpo", **WORK, samples=2, turns=3, tool_price=0.01, reward_price=0.5, label_price=0.1)
    written = 1024 * 2
    assert outside(found) == {"tools": (written * 3, pytest.approx(written * 0.03)),
                              "rewards": (written, written * 0.5), "labels": (1024, pytest.approx(102.4))}  # fmt: skip
    for stage in ("rm", "dpo"):  # a label is bought once
        labels = estimate(stage, **WORK, epochs=3, label_price=0.7)
        assert outside(labels) == {"labels": (1024, pytest.approx(716.8))}, stage
    plain, labelled = (estimate("dpo", **WORK, label_price=price) for price in (0, 100))
    shares = [[offer.busy_share for offer in hosted.offers(each.job, each.cost)[0]] for each in (plain, labelled)]
    assert shares[0] == shares[1] and shares[0]  # who rents buys labels too


def test_every_step_has_its_line():
    steps = {step.name for name in VARIANTS for step in variant(name).cost.steps}
    updates = {"advantages", "train", "update actor", "update critic"}
    assert steps - updates <= rollouts.BILL.keys() and not updates & rollouts.BILL.keys()
    assert {rollouts.BILL[name] for name in stages.WRITING} == {"rollouts"}


def test_the_command_prints_the_bill_and_gives_it_as_data():
    more = {"variant": "dapo", "reward_price": 0.01}
    words = [part for name, value in (WORK | more).items() if name != "price_usd_per_gpu_hour"
             for part in (f"--{name.replace('_', '-')}", value)]  # fmt: skip
    printed, found = told("estimate", "grpo", *words), answer("estimate", "grpo", *words)
    assert "variant   DAPO: samples 16, kept_share 0.5, reference no, score_again yes" in printed
    assert re.search(r"^rewards +outside +- +- +163.84 +- +16K?,?384?", printed, re.M), printed
    assert found["bill"][0].keys() == {"name", "pool", "hours", "gpu_hours", "usd", "kwh", "calls"}
    assert sum(line["usd"] for line in found["bill"]) == pytest.approx(found["usd"])
