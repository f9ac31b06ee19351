"""One answer for one stage: from the command line, in numbers that add up, and never silently wrong."""

import math
import re

import numpy as np
import pytest
from command import answer, costlib, ends_by_hand, refused, told
from conftest import ROOT

from costlib import face
from costlib.compute import architecture, memory, plan
from costlib.compute.job import STAGES, estimate, job
from costlib.facts import options

KEYS = {"parameters", "tokens", "flops", "gpu_hours", "hours", "usd", "memory_gb_per_gpu", "memory_parts", "fits",
        "min_gpus"}  # fmt: skip
LLAMA = ("--model", "llama-2-70b", "--gpu", "a100-sxm-80gb", "--gpus", "64")
SEVEN = ("--model", "llama-2-7b", "--gpu", "a100-sxm-80gb", "--gpus", 8)
TOKENS = ("--prompt-tokens", 256, "--response-tokens", 256)
DATA = ("--examples", "64000", "--prompt-tokens", "0", "--response-tokens", "4096")


def test_llama_2_70b_full_fine_tuning():
    full = answer("estimate", "sft", *LLAMA, *DATA, "--flat-tflops", 135.6, "--price", 2.5, "--attention", "full")
    assert (full["parameters"], full["tokens"]) == (68_976_648_192, 262_144_000)
    assert f"{full['flops']:.4e}" == "1.1652e+20"
    assert f"{answer('estimate', 'sft', *LLAMA, *DATA)['flops']:.4e}" == "1.1230e+20"
    assert f"{answer('estimate', 'sft', *LLAMA, *DATA, '--recompute', 'full')['flops']:.4e}" == "1.4973e+20"
    assert full["gpu_hours"] == pytest.approx(full["flops"] / 135.6e12 / 3600)
    assert full["hours"] == pytest.approx(full["gpu_hours"] / 64)
    assert full["usd"] == pytest.approx(full["gpu_hours"] * 2.5)
    # Full activations of one sequence do not fit, and no number of GPUs changes that.
    assert (full["fits"], full["min_gpus"]) == (False, None)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_answers_in_numbers_that_add_up(stage):
    found = answer("estimate", stage, *SEVEN, *TOKENS, "--examples", 1000)
    assert found.keys() >= KEYS
    assert found["memory_gb_per_gpu"] == pytest.approx(sum(found["memory_parts"].values()))
    for quantity in ("flops", "gpu_hours", "usd"):
        assert 0 < found[quantity] == pytest.approx(sum(step[quantity] for step in found["steps"]))
    assert found["usd"] == pytest.approx(found["price_usd_per_gpu_hour"] * found["gpu_hours"])
    assert found["fits"] == (found["memory_gb_per_gpu"] <= 80)
    assert found["fits"] and 1 <= found["min_gpus"] <= 8
    assert ("generation_share" in found) == (stage in ("ppo", "grpo"))
    if stage in ("ppo", "grpo"):
        assert 0 < found["generation_share"] < 1


@pytest.mark.parametrize("stage", ["sft", "dpo", "ppo", "grpo"])
@pytest.mark.parametrize("model", ["llama-3.2-1b", "llama-2-13b", "mixtral-8x7b"])
def test_the_fewest_gpus_fit_and_one_less_does_not(stage, model):
    common = {"recompute": "full", "micro_batch": 2 if stage == "dpo" else 1}

    def on(gpus):
        return estimate(stage, model, "a100-sxm-80gb", gpus, 100, 256, 256, **common)

    fewest = on(8).min_gpus
    assert fewest < math.inf and on(fewest).fits
    assert fewest == 1 or not on(fewest - 1).fits


def test_a_model_that_generates_is_shared_by_the_fewest_gpus_that_hold_it():
    # 138 GB of weights need two GPUs of 80 GB, and four to leave half of each to the cache.
    found = [estimate("generate", "llama-2-70b", "h100-sxm-80gb", gpus, 100, 256, 256) for gpus in (1, 2, 8)]
    assert [each.min_gpus for each in found] == [2, 2, 2]
    assert [each.fits for each in found] == [False, True, True]
    assert [each.generation_parallel for each in found] == [1, 2, 4]
    # 512 answers on two groups of four GPUs: 256 on each, if there is room.
    assert found[2].setup.micro_batch == 256


def test_adapters_make_the_frozen_actor_the_reference():
    common = ("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256)
    full, lora = (estimate(*common, lora_rank=rank) for rank in (None, 16))
    assert "reference weights" in full.phases["train"] and "reference weights" not in lora.phases["train"]
    assert lora.min_gpus < full.min_gpus and lora.cost.usd < full.cost.usd


def test_a_smaller_critic_costs_less():
    small = {"critic_model": "llama-3.2-1b", "reward_model": "llama-3.2-1b"}
    common = ("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256)
    equal, mixed = (estimate(*common, micro_batch=4, **models) for models in ({}, small))
    assert mixed.cost.usd < equal.cost.usd and memory.peak(mixed.phases) < memory.peak(equal.phases)


def test_a_model_too_large_for_any_number_of_small_gpus_is_said_not_to_fit():
    found = answer("estimate", "generate", "--model", "deepseek-v3", "--gpu", "t4-16gb", "--gpus", 8, "--examples", 1,
                   "--prompt-tokens", 10, "--response-tokens", 10)  # fmt: skip
    assert found["fits"] is False
    printed = told("estimate", "sft", *LLAMA, *DATA, columns=300, code=3)
    assert printed.startswith("does not fit: 156 of 85.1 GB")
    assert "fits on no number of GPUs in this layout: 139 GB" in printed


def test_an_answer_that_no_number_of_gpus_gives_says_what_they_do_not_share():
    # Nothing is sharded: 16 bytes of states. One sequence of 512 tokens keeps on 32 layers the inputs of norms and
    # products and their copies (12 + 4 + 8) x 4,096 and 8 x 11,008 of the MLP, 14 bytes for each of 32,000 logits.
    # PyTorch and its context take 0.65 GB, buffers between GPUs 1 GB.
    kept = 512 * (32 * (24 * 4096 + 8 * 11_008) + 14 * 32_000)
    by_hand = (16 * 6_738_415_616 + kept) / 1e9 + 0.65 + 1
    found = estimate("sft", "llama-2-7b", "a100-sxm-80gb", 8, 100, 0, 512, zero=0).to_dict()
    assert found["min_gpus"] is None and by_hand == pytest.approx(113, abs=0.4)
    assert found["min_gpus_reason"] == "fits on no number of GPUs: 113 GB on each do not shrink with them"


def test_the_table_shows_steps_parts_and_the_fewest_gpus():
    printed = told("estimate", "ppo", *SEVEN, *TOKENS, "--examples", 1000)
    for text in ("prefill", "decode", "update critic", "actor optimizer", "logits", "of it generating",
                 "fewest GPUs: 4", "of 85.1 GB"):  # fmt: skip
        assert text in printed


@pytest.mark.parametrize(
    ("stage", "group", "regime"),
    [("sft", "alignment", "sft"), ("grpo", "alignment", "grpo one pool"),
     ("generate", "inference", "generation vllm")],
)  # fmt: skip
def test_time_and_cost_have_the_interval_of_their_regime(stage, group, regime):
    asked = (stage, *SEVEN, *TOKENS, "--examples", 1e8, "--price", 2)
    found, (down, up) = answer("estimate", *asked), ends_by_hand(regime)
    assert (found["interval_group"], found["regime"], found["beyond_measured"]) == (group, regime, [])
    for name in ("hours", "usd"):
        ends = [found[f"{name}_80_low"], found[f"{name}_80_high"]]
        assert ends == pytest.approx([found[name] * down, found[name] * up])
    printed = told("estimate", *asked, columns=300)
    ends = f"80 %: {found['hours_80_low']:,.2f} to {found['hours_80_high']:,.2f} hours"
    assert ends in printed and f"interval  {regime}: 80 % of " in printed
    assert (
        f"80 %: ${found['usd_80_low']:,.0f} to ${found['usd_80_high']:,.0f}, at $2.00 a GPU-hour (as given" in printed
    )


def test_a_speed_that_was_given_has_no_interval():
    asked = ("sft", *LLAMA, *DATA, "--flat-tflops", 135.6)
    found = answer("estimate", *asked)
    assert [found[f"{name}_80_{end}"] for name in ("hours", "usd") for end in ("low", "high")] == [None] * 4
    assert found["interval_group"] is None
    assert found["interval_reason"] == "the speed was given, not predicted"
    printed = told("estimate", *asked, code=3)
    assert "interval  none: the speed was given, not predicted" in printed and "80 %:" not in printed


def test_the_example_on_its_page_is_what_the_command_prints():
    page = (ROOT / "book" / "estimate.md").read_text(encoding="utf-8")
    command = re.search(r"^costlib estimate (sft.+?)\n```", page, re.M | re.S)[1].replace("\\\n", " ").split()
    printed = told("estimate", *command).rstrip()
    assert f"```text\n{printed}\n```" in page
    held, room = re.match(r"fits +([\d.]+) of ([\d.]+) GB", printed).groups()
    assert f"fills {held} of the {room} GB" in " ".join(page.split()), "the sentence beside it says the same"


def test_the_page_names_every_key_of_the_object():
    page = (ROOT / "book" / "estimate.md").read_text(encoding="utf-8")
    found = face.estimate("ppo", model="llama-2-7b", gpu="a100-sxm-80gb", gpus=8, prompts=100, prompt_tokens=256,
                          response_tokens=256).to_dict()  # fmt: skip
    assert [key for key in found if f"`{key}`" not in page] == ["stage"]


@pytest.mark.parametrize(
    ("stage", "changes", "message"),
    [
        ("sftt", {}, "stage must be one of sft, rm, dpo, ppo, grpo, generate, got 'sftt'; did you mean sft"),
        ("sft", {"--model": "llama2-71b"}, r"model \[-\] must be .* got 'llama2-71b'; did you mean llama-2-7"),
        ("sft", {"--gpu": "a1000"}, r"gpu \[-\] must be .* got 'a1000'; known: a100-sxm-80gb"),
        (
            "sft",
            {"--recompute": "ful"},
            r"recompute .* one of none, selective, full, got 'ful'; did you mean full",
        ),
        ("sft", {"--zero": "4"}, r"zero \[-\] must be one of 0, 1, 2, 3, got '4'"),
        (
            "sft",
            {"--recipe": "mixed"},
            r"recipe \[-\] must be one of 11 names.*did you mean mixed-20",
        ),
        ("sft", {"--attention": "half"}, r"attention \[-\] must be one of full, causal, got 'half'"),
        ("sft", {"--tensor-parallel": "128"}, "tensor_parallel must divide the heads of a model .* got 128 for 64"),
        ("sft", {"--gpus": "0"}, r"gpus \[GPUs\] must be a whole number from 1 to 1,000,000, got '0'"),
        ("sft", {"--gpus": "2.5"}, r"gpus \[GPUs\] must be a whole number .*, got '2.5'"),
        ("sft", {"--examples": "-5"}, r"examples \[examples\] must be a number from 0 .*, got '-5'"),
        ("sft", {"--examples": "1,000"}, r"examples \[examples\] must be .*; write 1000 or 1.000"),
        ("sft", {"--flat-tflops": "0"}, r"flat_tflops \[TFLOP/s\] must be a number from 0.001 to .*, got '0'"),
        ("sft", {"--price": "-1"}, r"price_usd_per_gpu_hour \[USD/GPU-h\] must be .*, got '-1'"),
        ("sft", {"--lora-rank": "2.5"}, r"lora_rank \[-\] must be a whole number from 1 to .*, got '2.5'"),
        ("sft", {"--lora-rank": "8193"}, r"lora_rank must be at most the hidden size, 8192.* got 8193"),
        ("sft", {"--samples": "4"}, "samples is no option of sft; it is one of ppo, grpo, generate"),
        ("dpo", {"--weight-bits": "8"}, "weight_bits is no option of dpo; it is one of ppo, grpo, generate"),
        (
            "ppo",
            {"--critic-model": "llama-2-7"},
            r"critic_model \[-\] must be .*'llama-2-7'; did you mean llama-2-7",
        ),
        ("sft", {"--base-bits": "4"}, r"base_bits means nothing without lora_rank \[-\]: rank of adapters"),
    ],
)
def test_bad_options_are_refused_with_what_is_allowed(stage, changes, message):
    options = {"--model": "llama-2-70b", "--gpu": "a100-sxm-80gb", "--gpus": "64", "--examples": "10",
               "--prompt-tokens": "5", "--response-tokens": "5"} | changes  # fmt: skip
    result = costlib("estimate", stage, *(part for option in options.items() for part in option))
    assert result.exit_code == 2 and re.search(message, result.output), result.output


@pytest.mark.parametrize("wrong", [{"fused": "no"}, {"dropout": "no"}, {"micro_batch": 0.5}, {"lora_rank": 2.5}])
def test_a_value_of_another_type_is_refused(wrong):
    (name,) = wrong
    words = rf"{name} \[.*\] must be (true or false|a whole number)"
    refused(words, estimate, "sft", "llama-2-7b", "a100-sxm-80gb", 8, 1, 1, 1, **wrong)


# --- the one description of the options ------------------------------------------------------------------------------


def test_choices_are_those_of_the_science():
    known = options.options()
    for name, allowed in memory.SETTINGS.items():
        assert set(known[name].choices) == set(allowed), name
    assert set(known["attention"].choices) == set(architecture.ATTENTION)
    assert options.STAGES == STAGES


@pytest.mark.parametrize("name", memory.Setup._fields)
def test_defaults_are_those_of_the_layout(name):
    # What the answer chooses itself is no default of the layout: sharding, and sequences at a time. That gradients wait
    # for the next micro-batch is no option.
    if name not in ("zero", "micro_batch", "accumulates"):
        assert options.options()[name].default == memory.Setup._field_defaults[name]


CALLS = {"turns": 2, "tool_seconds": 1, "tool_concurrency": 64}
JUDGED = {"judge": "gpt-4-1-mini-rewardbench"}


def test_each_option_moves_the_answer_of_a_stage_that_uses_it():
    moved = {"longest_tokens": 900, "epochs": 2, "fill": 0.5, "price_usd_per_gpu_hour": 1, "flat_tflops": 100,
             "attention": "full", "micro_batch": 2, "micro_batch_limit": 2, "zero": 1, "tensor_parallel": 2,
             "recompute": "full", "recipe": "bf16-8", "lora_rank": 8, "attention_kernel": "eager", "fused": True,
             "dropout": True, "offload": "all", "shared_prompt": True, "cached_reference": True, "samples": 4,
             "ppo_epochs": 2, "critic_model": "llama-3.2-1b", "reward_model": "llama-3.2-1b", 
             "shared_critic": True, "offload_frozen": True, "ptx_tokens": 1, "reach": 0.9, "generation_batch": 64,
             "generation_limit": 16, "provider": "AWS", "price_kind": "spot", "weight_bits": 8, "kv_bits": 8,
             "rollout_tensor_parallel": 2,
             "gpus": 16, "grid": "france", "pue": 2, "logits": "fused", "pipeline_parallel": 2,
             "context_parallel": 2, "document_tokens": 64,
             "engine": "hf-generate", "rollout_gpus": 4,
             "partial_rollouts": True, "speculative_tokens": 2, "rollout_tokens_per_second": 100,
             "reward_seconds": 1, "reward_price": 0.01, "reference": False, "kept_share": 0.5,
             "label_price": 1}  # fmt: skip
    by_stage = {"score_again": {"ppo": True, "grpo": False}, "epochs": {"dpo": 3},
                "reward": {"ppo": "rule", "grpo": "model", "generate": "model"},
                "variant": {"dpo": "simpo", "grpo": "dapo", "generate": "best-of-n"}}  # fmt: skip

    with_others = {"layout": ("auto", {"model": "llama-2-70b"}), "link": (10, {"model": "llama-2-70b"}),
                   "network": (1, {"gpus": 16}), "overlap": (True, {"tensor_parallel": 2}),
                   "pipeline_chunks": (1, {"pipeline_parallel": 2}), "precision": ("fp8", {"gpu": "h100-sxm-80gb"}),
                   "batch": (4096, {"zero": 1}), "lora_targets": ("qv", {"lora_rank": 8}),
                   "base_bits": (4, {"lora_rank": 8}),
                   "sequence_parallel": (False, {"tensor_parallel": 2}),
                   "staleness": (1, {"rollout_gpus": 4}),
                   "train_gpus": (6, {"rollout_gpus": 4, "train_gpus": 4, "gpus": None}),
                   "tool_seconds": (9, CALLS), "tool_concurrency": (9, CALLS), "tool_price": (1, CALLS),
                   "turns": (3, CALLS), "reward_concurrency": (9, {"reward_seconds": 1}),
                   "judge": ("gpt-4-1-mini-rewardbench", {}), "judge_tokens": (999, JUDGED),
                   "judge_prompt_tokens": (999, JUDGED),
                   "expert_parallel": (2, {"model": "qwen3-30b-a3b", "zero": 1})}  # fmt: skip
    work = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "gpus": 8, "examples": 1000, "prompt_tokens": 256,
            "response_tokens": 256, "epochs": 1}  # fmt: skip
    told = {"model", "gpu", "examples", "prompt_tokens", "response_tokens"}
    assert moved.keys() | with_others.keys() | by_stage.keys() | told == options.options().keys()
    for name, option in options.options().items():
        for stage in [] if name in told else option.stages:
            value, others = with_others.get(name, (moved.get(name), {}))
            value = by_stage.get(name, {}).get(stage, value)
            if (name, stage) == ("variant", "ppo"):  # has no other
                continue
            base = work | others | ({"epochs": 3} if name == "cached_reference" else {})
            base |= (
                {"micro_batch": 16} if name not in ("micro_batch", "micro_batch_limit") and stage != "generate" else {}
            )
            found = [estimate(stage, **each) for each in (base, base | {name: value})]
            one, other = ((each.cost.usd, each.hours, each.cost.flops, each.peak_gb, each.energy.co2_kg.value)
                          for each in found)  # fmt: skip
            assert one != pytest.approx(other, rel=1e-9), (name, stage)


# --- what the answer rests on ----------------------------------------------------------------------------------------


def test_the_answer_says_what_it_chose():
    found = answer("estimate", "ppo", *SEVEN, *TOKENS, "--examples", 256_000, "--recompute", "full")
    settings, assumed = found["settings"], found["assumed"]
    assert (settings["zero"], settings["micro_batch"], settings["generation_batch"]) == (3, found["micro_batch"], 512)
    assert settings["price_usd_per_gpu_hour"] == 2.7 and settings["attention"] == "causal"
    assert {"zero", "micro_batch", "price_usd_per_gpu_hour"} <= set(assumed)
    assert not {"model", "gpu", "gpus", "recompute"} & set(assumed)
    assert settings["model"] == "llama-2-7b" and settings["recompute"] == "full"


@pytest.mark.parametrize(
    ("gpus", "more", "zero"),
    [(8, {}, 3), (1, {}, 0), (8, {"lora_rank": 8}, 3), (8, {"lora_rank": 8, "base_bits": 4}, 0),
     (8, {"lora_rank": 8, "base_bits": 4, "zero": 3}, 3), (8, {"tensor_parallel": 8}, 0)],
)  # fmt: skip
def test_weights_are_sharded_on_several_gpus_unless_they_are_4_bit(gpus, more, zero):
    found = estimate("sft", "llama-2-7b", "h200-sxm-141gb", gpus, 10, 256, 256, recompute="full", **more)
    assert found.settings["zero"] == zero


def test_one_gpu_holds_the_same_at_every_stage_of_sharding():
    def held(stage, zero):
        return estimate(stage, "llama-3.2-1b", "a100-sxm-80gb", 1, 10, 256, 256, zero=zero).phases

    for stage in ("sft", "ppo"):
        whole, sharded = held(stage, 0), held(stage, 3)
        for phase in whole:
            assert sharded[phase].total == pytest.approx(whole[phase].total)


def by_trying(stage, length, limit, model, **more):
    """The largest power of two at which every phase of training fits, one after the other, until one does not."""
    most = 2 if stage == "dpo" else 1
    while 2 * most <= limit:
        tried = estimate(stage, model, "a100-sxm-80gb", 8, 10, 0, length, micro_batch=2 * most, **more)
        if any(parts.total > 79.25 * 2**30 for name, parts in tried.phases.items() if name != "generate"):
            break
        most *= 2
    return most


@pytest.mark.parametrize("stage", ["sft", "dpo", "ppo"])
@pytest.mark.parametrize("length", [128, 1000, 4096])
@pytest.mark.parametrize("limit", [64, 8, 48])
def test_the_most_that_fit_is_what_trying_finds(stage, length, limit):
    found = estimate(stage, "llama-2-7b", "a100-sxm-80gb", 8, 10, 0, length, recompute="full", micro_batch_limit=limit)
    assert found.setup.micro_batch == by_trying(stage, length, limit, "llama-2-7b", recompute="full")


def test_what_a_plan_settles_by_hand():
    # Three GPUs, two for a copy, hold one whole group. A pair behind one prompt is one sequence, two apart are two.
    assert plan.Plan(memory.Setup(gpus=3), generation_parallel=2).groups == 1
    pair = ("rm", "llama-2-7b", "a100-sxm-80gb", 8, 10, 256, 256)
    assert [plan.fewest_sequences(job(*pair, shared_prompt=shared)) for shared in (True, False)] == [1, 2]
    # Pages of cache are those of the mean answer half written, where answers of a batch wait those of the longest one;
    # the memory of learning is that of the longest.
    work = ("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 512, 256, 256)
    mean, tail, waits = (estimate(*work, longest_tokens=most, micro_batch=1, recompute="full", engine=engine)
                         for most, engine in ((256, "vllm"), (4096, "vllm"), (4096, "hf-generate")))  # fmt: skip
    cached = [answer.phases["generate"]["generation KV cache"] / answer.plan.sequences
              for answer in (mean, tail, waits)]  # fmt: skip
    assert cached[0] == cached[1] and cached[2] / cached[0] == pytest.approx((256 + 4096) / (256 + 128))
    assert tail.phases["train"]["activations"] / mean.phases["train"]["activations"] == pytest.approx(4352 / 512)


@pytest.mark.parametrize("stage", ["sft", "ppo", "generate"])
def test_a_longest_answer_below_the_mean_is_refused_before_anything_is_computed(stage):
    refused = (
        "longest_tokens is no option of sft" if stage == "sft" else "longest_tokens must be at least response_tokens"
    )
    with pytest.raises(ValueError, match=refused):
        estimate(stage, "gpt2", "t4-16gb", 1, 10, 16, 16, longest_tokens=8)


@pytest.mark.parametrize("stage", ["ppo", "grpo"])
def test_a_gpu_learns_from_no_more_than_its_part_of_the_responses(stage):
    # 512 responses on 64 GPUs are 8 for each, on 64 groups of two 16 for each group, and on 1,024 GPUs half a response.
    for gpus, ranks, most in ((64, 1, 8), (128, 2, 8), (64, 2, 16), (1024, 1, 1)):
        found = estimate(stage, "llama-2-7b", "a100-sxm-80gb", gpus, 4096, 256, 256, recompute="full",
                         tensor_parallel=ranks, generation_batch=512)  # fmt: skip
        assert found.setup.micro_batch == most


@pytest.mark.parametrize("stage", ["sft", "dpo", "ppo", "grpo", "generate"])
def test_an_array_of_jobs_is_as_many_jobs(stage):
    lengths, gpus = np.array([64.0, 500.0, 3000.0, 9000.0]), np.array([4, 8, 64, 1])
    more = {} if stage == "generate" else {"recompute": "full"}
    many = estimate(stage, "llama-2-13b", "a100-sxm-80gb", gpus, 1000, 128, lengths, **more)
    for place, (count, length) in enumerate(zip(gpus.tolist(), lengths.tolist(), strict=True)):
        one = estimate(stage, "llama-2-13b", "a100-sxm-80gb", count, 1000, 128, length, **more)
        for name in ("hours", "peak_gb", "min_gpus", "fits"):
            every = np.broadcast_to(getattr(many, name), 4)
            assert every[place] == pytest.approx(getattr(one, name)), (name, length)
        assert np.broadcast_to(many.setup.micro_batch, 4)[place] == one.setup.micro_batch


def test_quantities_have_units_definitions_and_the_interval():
    found = estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 100, 256, 256)
    for name, each in found.quantities.items():
        assert each.output.id == f"stage.{name}" and each.output.unit and each.output.definition
        assert (each.low is None) == (not each.output.interval)
    assert found.quantities["usd"].low == found.interval(found.cost.usd)[0]
