"""Of every input at every door: moving it moves a number of the answer, or the door says that it was not read."""

import pytest
from command import answer, told

import costlib
from costlib.facts import parameters

NAMES = list(parameters.vocabulary())
# Who compares methods of Parts II and III reads nothing of these, which other chapters do.
OF_CHAPTERS = {
    "num_human_pairs", "price_usd_per_pair_low", "price_usd_per_pair_high", "platform_fee_low", "platform_fee_high",
    "hidden_cost_factor_low", "hidden_cost_factor_high", "gpu", "list_price_usd_per_gpu_hour",
    "measured_sequence_length", "aligned_model", "num_gpus", "num_demonstrations", "num_preference_pairs",
    "prompt_tokens", "response_tokens", "zero_stage", "precision_recipe", "recompute", "micro_batch", "lora_rank",
    "answers_per_day", "monthly_budget_usd", "weight_bits", "kv_bits", "group_size",
}  # fmt: skip


def other(name):
    """Another value of an input than the published one, by hand where the limits are far away."""
    known = parameters.vocabulary()[name]
    if name in ("platform_fee_low", "hidden_cost_factor_low"):
        return known.type(known.default / 2 or known.minimum)  # stays below its upper end
    if name == "own_judge":
        return "llama-3.1-8b"  # the first of the list is this book's policy
    if known.choices:
        return next(each for each in known.choices if each != known.default)
    if name == "deadline_days":
        return 1
    return known.type(next(each for each in (3 * known.default, known.maximum, known.minimum)
                           if each != known.default and known.minimum <= each <= known.maximum))  # fmt: skip


def numbers(found):
    """What a comparison says, apart from the words on what it read and the width of intervals."""
    names = ("usd", "days", "gpu_hours", "usd_per_effective_pair", "objections", "lines", "pairs")
    return [[row[name] for name in names] for row in found.to_dict()]


@pytest.mark.parametrize("name", NAMES)
def test_an_input_of_compare_moves_a_number_or_is_named(name):
    found = costlib.compare({name: other(name)}, draws=20)
    moved = numbers(found) != numbers(costlib.compare(draws=20))
    assert found.unread == () if moved else found.unread == (name,)
    assert (name in OF_CHAPTERS) <= (name in found.unread)
    assert ("not read: " + name in repr(found)) is not moved
    assert all(row["unread"] == list(found.unread) for row in found.to_dict())


def test_every_door_that_takes_inputs_names_what_it_did_not_read():
    line = "not read: gpu (cluster_gpu is), human_usd_per_word: no value of these moves this answer"
    pairs = ("-p", "gpu=h100", "-p", "human_usd_per_word=0.01", "-p", "human_usd_per_pair=2", "--draws", 20)
    assert line in told("compare", *pairs, columns=200)
    assert {*answer("recommend", "-p", "lora_rank=8", "--gpu", "h100", "--draws", 20)["unread"]} == {"lora_rank"}
    assert "unread" not in costlib.compare(draws=20).to_frame()
    pytest.importorskip("pyarrow")
    swept = costlib.sweep({"vary": {"epochs": [1, 2]}, "fixed": {"lora_rank": 8, "judge_orders": 1},
                           "outputs": ["rlaif.usd"]})  # fmt: skip
    assert swept.unread == ("lora_rank",) and swept.to_dict()[0]["unread"] == ["lora_rank"]
    assert "not read: lora_rank: no value of it moves this answer" in repr(swept)


@pytest.mark.parametrize("stage", ["sft", "rm", "dpo", "ppo", "grpo", "generate"])
def test_an_estimate_refuses_what_its_stage_does_not_read(stage):
    from costlib.facts import options

    work = {"model": "llama-2-7b", "gpu": "h100", "gpus": 8, "examples": 9, "prompt_tokens": 99, "response_tokens": 99}
    for name, known in options.options().items():
        if stage not in known.stages:
            some = "gpt2" if known.kind else known.maximum or True
            value = known.choices[0] if known.choices and not known.kind else some
            with pytest.raises(ValueError, match=f"{name} is no option of {stage}"):
                costlib.estimate(stage, **work, **{name: value})
