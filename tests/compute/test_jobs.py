"""Jobs, steps and layouts at the edges that a large job never meets, by hand."""

import math

import numpy as np
import pytest
from command import refused
from own_hardware import OURS

from costlib import facts
from costlib.compute import (
    architecture,
    coefficients,
    inference,
    memory,
    parallelism,
    plan,
    recognition,
    scaling,
    stages,
    strategies,
    throughput,
    timing,
)
from costlib.compute.architecture import find
from costlib.compute.job import estimate, job
from costlib.compute.stages import Data, Run
from costlib.facts import catalog, claims, hardware, names, parameters

LLAMA, A100 = find("llama-2-7b"), timing.roofline("a100-sxm-80gb")
SCALAR = LLAMA.with_scalar_head()
FLAT = Run(timing.FlatSpeed(100))
DATA = Data(1000, 256, 256)


# --- steps ----------------------------------------------------------------------------------------------------------


def who(cost):
    return [(step.name, step.model) for step in cost.steps]


GENERATED = [("prefill", "actor"), ("decode", "actor"), ("reference", "reference")]


def test_each_step_says_which_model_works():
    updates = [("advantages", "-"), ("update actor", "actor")]
    assert who(stages.ppo(LLAMA, DATA, FLAT)) == [
        *GENERATED, ("reward", "reward"), ("value", "critic"), *updates, ("update critic", "critic")]  # fmt: skip
    assert who(stages.ppo(LLAMA, DATA, FLAT, ptx_tokens=1, score_again=True, shared_critic=True)) == [
        *GENERATED,
        ("old log-probabilities", "actor"),
        ("reward", "reward"),
        *updates,
        ("pre-training mix", "actor"),
    ]
    assert who(stages.grpo(LLAMA, DATA, FLAT, reward=SCALAR)) == [
        *GENERATED, ("old log-probabilities", "actor"), ("reward", "reward"), *updates]  # fmt: skip
    assert who(stages.grpo(LLAMA, DATA, FLAT, score_again=False)) == [*GENERATED, *updates]
    assert who(stages.sft(LLAMA, DATA, FLAT)) == [("train", "policy")]
    assert who(stages.dpo(LLAMA, DATA, FLAT)) == [("reference", "reference"), ("train", "policy")]
    for shared in (True, False):
        assert who(stages.reward_model(SCALAR, DATA, FLAT, shared)) == [("train", "reward")]
    assert who(stages.generate(LLAMA, DATA, FLAT)) == [("prefill", "policy"), ("decode", "policy")]
    assert who(stages.judge(LLAMA, DATA, FLAT)) == [("prefill", "judge"), ("decode", "judge")]


def test_shares_are_of_the_steps_named():
    cost = stages.ppo(LLAMA, DATA, FLAT)
    hours = {step.name: step.gpu_hours for step in cost.steps}
    assert cost.share("generate") == pytest.approx((hours["prefill"] + hours["decode"]) / cost.gpu_hours)
    assert cost.share("reward", "value") == pytest.approx((hours["reward"] + hours["value"]) / cost.gpu_hours)
    assert cost.share("poetry") == 0 and stages.sft(LLAMA, Data(0, 1, 1), FLAT).share("train") == 0


def test_a_token_is_enough_and_a_longest_answer_may_be_the_mean():
    assert Data(1, 1, 0).checked().length == Data(1, 0, 1).checked().length == 1
    assert Data(1, 1, 5, longest_tokens=5).checked().longest == 6 and Data(1, 1, 5).longest == 6
    assert Data(1, 1, 5, fill=1).checked().fill == 1
    refused(
        r"^longest_tokens must be at least response_tokens \[tokens\], got 4 and 5$",
        Data(1, 1, 5, longest_tokens=4).checked,
    )
    refused(r"^longest_tokens must be a finite number .* \[tokens\]", Data(1, 1, 5, longest_tokens=-1).checked)
    refused(r"^epochs must be .* \[passes\], got -1$", Data(1, 1, 5, -1).checked)
    refused(r"^fill must be above 0 and at most 1 \[fraction\], got 1.5$", Data(1, 1, 5, fill=1.5).checked)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (FLAT._replace(speed=timing.FlatSpeed(0)), r"^tflops must be a finite number above 0 \[TFLOP/s\], got 0$"),
        (Run(A100, generation_parallel=0), r"^generation_parallel must be .* above 0 \[GPUs\], got 0$"),
        (Run(A100, generation_batch=0), r"^generation_batch must be .* above 0 \[sequences\], got 0$"),
        (Run(A100, reach=0), r"^reach must be .* above 0 \[fraction\], got 0$"),
        (Run(A100, price_usd_per_gpu_hour=-1), r"^price_usd_per_gpu_hour must be .* \[USD per GPU-hour\], got -1$"),
        (Run(A100, memory.Setup(micro_batch=0)), r"^micro_batch must be .* above 0 \[sequences\], got 0$"),
        (
            Run(A100, memory.Setup(gpus=3, tensor_parallel=2)),
            r"^gpus must be a multiple of tensor_parallel \[GPUs\], got 3 and 2$",
        ),
        (Run(A100, memory.Setup(lora_rank=5000)), r"^lora_rank must be at most the hidden size, 4096 \[-\], got 5000$"),
        (Run(A100, memory.Setup(base_bits=4)), r"^base_bits below 16 needs adapters \(lora_rank\) \[bits\], got 4$"),
    ],
)
def test_runs_that_cannot_be_are_refused_by_name(run, words):
    refused(words, stages.ppo, LLAMA, DATA, run)


def test_a_rank_as_wide_as_the_model_is_allowed():
    assert memory.Setup(lora_rank=4096).checked(LLAMA).lora_rank == 4096


@pytest.mark.parametrize(
    ("function", "named", "words"),
    [
        (stages.ppo, {"ppo_epochs": -1}, r"^ppo_epochs must be .* \[passes\]"),
        (stages.grpo, {"ppo_epochs": -1}, r"^ppo_epochs must be .* \[passes\]"),
        (stages.ppo, {"ptx_tokens": -1}, r"^ptx_tokens must be .* \[tokens per token\]"),
        (stages.ppo, {"samples": 0}, r"^samples must be .* above 0 \[responses per prompt\]"),
        (stages.generate, {"samples": 0}, r"^samples must be .* above 0 \[responses per prompt\]"),
        (stages.judge, {"judgments": 0}, r"^judgments must be .* above 0 \[judgments per response\]"),
    ],
)
def test_counts_that_cannot_be_are_refused_by_name(function, named, words):
    refused(words, function, LLAMA, DATA, FLAT, **named)


# --- generation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "words"),
    [({"samples": 0}, r"^samples must be .* above 0 \[answers per prompt\], got 0$"),
     ({"response_tokens": -1}, r"^response_tokens must be .* \[tokens\], got -1$"),
     ({"prompt_tokens": -1}, r"^prompt_tokens must be .* \[tokens\], got -1$"),
     ({"longest_tokens": 5}, r"^longest_tokens must be at least response_tokens \[tokens\], got 5 and 9$"),
     ({"batching": "magic"}, r"^batching must be one of continuous, static, got 'magic'$"),
     ({"tensor_parallel": 0}, r"^tensor_parallel must be .* above 0 \[GPUs\]")],
)  # fmt: skip
def test_generation_that_cannot_be_is_refused_by_name(named, words):
    usual = {"prompt_tokens": 9, "response_tokens": 9, "sequences": 4}
    refused(words, inference.generate, LLAMA, A100, **usual | named)


def test_a_batch_waits_for_its_longest_answer_unless_places_are_filled_at_once():
    static = inference.generate(LLAMA, A100, 100, 200, 8, 400, "static")
    step = inference.decode_step(LLAMA, A100, 8 * 200 / 400, 200).seconds
    assert static.decode_seconds == pytest.approx(400 * step)
    filled = inference.generate(LLAMA, A100, 100, 200, 8, 400, "continuous")
    assert filled.decode_seconds == pytest.approx(200 * inference.decode_step(LLAMA, A100, 8, 200).seconds)
    assert (filled.answers, filled.tensor_parallel) == (8, 1)
    assert filled.prefill_seconds == pytest.approx(inference.prefill_seconds(LLAMA, A100, 8, 100))
    four = inference.generate(LLAMA, A100, 100, 200, 8, samples=4)
    assert four.prefill_seconds == pytest.approx(inference.prefill_seconds(LLAMA, A100, 2, 100))
    assert inference.generate(LLAMA, A100, 100, 0, 8).decode_seconds == 0


def test_a_served_load_by_hand():
    load = inference.serve(LLAMA, A100, 256, 256, 1e6, 2.5, tensor_parallel=2, most_sequences=64)
    batch = inference.generate(LLAMA, A100, 256, 256, 64, None, "continuous", 2)
    groups = math.ceil(1e6 / 86400 * batch.seconds / 64)
    assert (load.groups, load.tensor_parallel, load.gpus, load.sequences) == (groups, 2, 2 * groups, 64)
    assert load.usd_per_month == pytest.approx(2 * groups * 730.5 * 2.5)
    assert load.answer_seconds == pytest.approx(batch.seconds) and load.tokens_per_second == pytest.approx(
        batch.tokens_per_second
    )
    assert load.usd_per_answer == pytest.approx(2 * 2.5 * batch.seconds / 64 / 3600)
    # There is room for the longest answer of each sequence; none is no deployment.
    room = inference.largest_batch(LLAMA, A100.hbm_gb, 256 + 4000)
    assert (
        inference.serve(LLAMA, A100, 256, 256, 1e6, 2.5, 1, most_sequences=1e6, longest_tokens=4000).sequences == room
    )
    none = inference.serve(find("llama-2-70b"), A100, 256, 256, 1e6, 2.5, 1)
    assert none.groups == none.usd_per_month == math.inf
    refused(
        r"^answers_per_day must be .* above 0 \[answers/day\], got 0$", inference.serve, LLAMA, A100, 256, 256, 0, 2.5
    )
    assert inference.serve(LLAMA, A100, 256, 256, 1, 2.5, 1).groups == 1


def test_a_group_that_decodes_uses_each_of_its_gpus():
    one, two = (throughput.decoding(LLAMA, A100, 256, 256, 16, ranks) for ranks in (1, 2))
    # FLOPs and tokens of a step are shared out, and so is what it holds.
    assert two.share_of_peak / one.share_of_peak == pytest.approx(two.tokens_per_s / one.tokens_per_s)
    assert two.gb == pytest.approx(memory.generating(LLAMA, 512, 16, 2).total / 1e9)


# --- settings, layouts, strategies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("gpus", "ranks", "zero"), [(1, 1, 0), (2, 1, 3), (2, 2, 0), (4, 2, 3), (8, 1, 3)])
def test_settings_say_what_is_sharded(gpus, ranks, zero):
    found = estimate("sft", "llama-2-7b", "a100-sxm-80gb", gpus, 100, 0, 512, tensor_parallel=ranks, recompute="full")
    assert found.settings["zero"] == zero and found.settings["gpus"] == gpus


def test_settings_say_how_many_answers_are_generated_at_once():
    few, many = (estimate("ppo", "llama-2-7b", "a100-sxm-80gb", gpus, 1000, 256, 1024) for gpus in (8, 64))
    # The answers of a step are those of the parameter; memory leaves room for fewer at a time where they are long.
    assert few.settings["generation_batch"] == many.settings["generation_batch"] == 512
    long = estimate("ppo", "llama-2-7b", "a100-sxm-80gb", 8, 1000, 256, 8192)
    assert 8 * long.plan.sequences < 512 == long.settings["generation_batch"]


def test_heads_that_an_even_number_does_not_divide_stay_on_one_gpu():
    odd = find("gpt2-xl")  # 25 heads
    assert odd.heads == 25 and parallelism.chosen(odd, "a100-sxm-80gb", 8, 1024).tensor_parallel == 1
    refused("^missing layout: 8 GPUs cannot be split as described$", parallelism.chosen, odd, "a100-sxm-80gb", 8, 1024,
            (("tensor_parallel", 2),))  # fmt: skip


@pytest.mark.parametrize("gpus", [16, 32, 64])
def test_stages_of_a_pipeline_keep_their_weights_whole(gpus):
    # Each micro-batch would gather sharded weights anew on every stage: there the optimizer alone is shared.
    alone, first = (parallelism.chosen(find("llama-2-70b"), "a100-sxm-80gb", gpus, 4096, (), n) for n in (1, 2))
    assert alone.pipeline_parallel == 1 and (first.pipeline_parallel, first.zero) == (2, 1)


def test_what_no_rule_knows_is_named():
    refused(r"^missing gpu: \(empty\)$", names.gpu_in_report, "")
    refused("^missing gpu: abacus is not in the catalogue$", names.gpu_in_report, "abacus")
    refused("^missing gpu: A100 or H100 names several$", names.gpu_in_report, "A100 or H100")


def test_strategies_alone_are_what_they_say():
    found = strategies.singles(memory.Setup(gpus=8, zero=3, recompute="full"), 16, SCALAR, "small")
    assert {name: (each.setup, each.roles, each.scorer) for name, each in found.items()} == {
        "four equal models": ({}, {}, None),
        "adapters": ({"lora_rank": 16}, {"reference": "adapters-off"}, None),
        "adapters, 4-bit base": ({"lora_rank": 16, "base_bits": 4}, {"reference": "adapters-off"}, None),
        "value head on the actor": ({}, {"critic": "shared"}, None),
        "critic and reward: small": ({}, {}, SCALAR),
        "ZeRO 0": ({"zero": 0}, {}, None),
        "ZeRO 1": ({"zero": 1}, {}, None),
        "ZeRO 2": ({"zero": 2}, {}, None),
        "recompute: none": ({"recompute": "none"}, {}, None),
        "micro-batch of 1": ({"micro_batch": 1}, {}, None),
        "8-bit moments": ({"recipe": "adam8bit-10"}, {}, None),
        "everything in 16 bits": ({"recipe": "bf16-8"}, {}, None),
        "frozen models on the host": ({}, {"offload_frozen": True}, None),
        "optimizer on the host": ({"offload": "optimizer"}, {}, None),
    }


def test_a_small_rollout_batch_is_one_answer_on_each_group():
    eight = memory.Setup(gpus=8, zero=3)
    case = strategies.StrategyCase(find("opt-1.3b"), A100, eight, 1, 256, 256, 1000, 4, 2.5)
    assert (
        strategies.answers_at_a_time(case) == 1 and strategies.answers_at_a_time(case._replace(rollout_batch=12)) == 1.5
    )


# --- facts that travel with an answer --------------------------------------------------------------------------------


def test_draws_keep_the_hardware_whose_ranges_they_are_of():
    own = hardware.checked(OURS)
    assert coefficients.draws(3, hardware=own).hardware is own and coefficients.draws(3).hardware is None
    assert repr(coefficients.of(own)) == f"<{len(coefficients.published())} coefficients with those of our-gpu>"
    assert coefficients.of(own).replaced({"product-wave": 1.0}).hardware is own


def test_frames_have_a_row_for_each_record():
    assert len(facts.frame("claims")) == len(claims.ledger()) and len(facts.frame("parameters")) == len(
        parameters.vocabulary()
    )
    assert facts.frame("gpus").attrs["units"]["hbm_gb"] == "GB, 1e9 bytes"
    refused("^unknown table 'poems'", facts.frame, "poems")


@pytest.mark.parametrize("content", [None, [], "gpu", 3])
def test_a_hardware_file_holds_names_and_values(content):
    words = f"^a hardware file must hold 'gpu' and 'coefficients', got a {type(content).__name__}$"
    refused(words, hardware.checked, content)


# --- what only some jobs meet ---------------------------------------------------------------------------------------


def test_lengths_that_cannot_be_are_refused_by_name():
    refused(r"^length must be .* above 0 \[tokens\], got 0$", inference.largest_batch, LLAMA, 80, 0)
    refused(r"^length must be .* \[tokens\], got -1$", scaling.length_exponent, -1, 5)
    refused(r"^crossing must be .* above 0 \[tokens\], got 0$", scaling.length_exponent, 5, 0)
    assert scaling.length_exponent(0, 5) == 1 and scaling.length_exponent(5, 5) == 1.5


def test_a_batch_of_one_is_one():
    run = Run(A100, memory.Setup(), generation_batch=1)
    one = inference.generate(LLAMA, A100, 256, 256, 1, None, "static")
    found = stages.generate(LLAMA, Data(10, 256, 256), run)
    assert found.gpu_hours * 3600 == pytest.approx(10 * (one.prefill_seconds + one.decode_seconds))


def test_gradients_of_experts_stay_where_they_are():
    # Seven of eight experts are elsewhere: 32 layers of 8 experts with three matrices of 4,096 x 14,336 each.
    mixture, rates = find("mixtral-8x7b"), timing.roofline("a100-sxm-80gb")
    place = memory.Setup(64, zero=1, expert_parallel=8)
    once, never = (timing.Passes(architecture.training(mixture, 1, 2048), 3, 2, often) for often in (1, 1e-12))
    found = [timing.pass_seconds(mixture, place, rates, each, 2048, mixture.parameters) for each in (once, never)]
    met = mixture.parameters - 7 / 8 * 32 * 8 * 3 * 4096 * 14336
    by_hand = (1 - 1 / 64) * 2 * 2 * met / timing.link_rate(rates, 64)
    assert found[0] - found[1] == pytest.approx(by_hand, rel=1e-6)


def test_a_count_finds_a_mixture_only_with_its_active_parameters():
    mixture = catalog.find("models", "mixtral-8x7b")
    same = recognition.model("unheard-of", mixture.parameters, mixture.parameters_active)
    assert same[1] == "count" and same[0].parameters == mixture.parameters
    assert recognition.model("unheard-of", find("llama-2-7b").parameters)[1] == "count"
    assert recognition.model("unheard-of", find("llama-2-7b").parameters, 1e9)[1] == "size"


def test_dimensions_that_a_report_gives_make_a_model_like_gpt():
    model, how = recognition.model("unheard-of", None, layers=2, hidden_size=2048)
    assert how == "dimensions" and (model.layers, model.heads, model.kv_heads, model.head_size) == (2, 16, 16, 128)
    assert (model.ffn_size, model.mlp_matrices, model.vocabulary_size, model.tied_embeddings) == (8192, 2, 50257, 1)
    # Heads of about 128, in eights where there are as many: 7 of 1,000 stay seven, 10 of 1,400 are eight.
    assert [recognition._heads(width) for width in (100, 1000, 1400, 2048, 12288)] == [1, 7, 8, 16, 96]


def test_settings_say_how_many_answers_are_written_at_a_time():
    found = estimate("generate", "llama-2-7b", "a100-sxm-80gb", 2, 100, 256, 256, generation_batch=64)
    assert found.settings["generation_batch"] == found.plan.sequences * found.plan.groups == 64


def test_arrays_of_jobs_take_what_each_alone_would():
    gpus, given = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0.0, 1.0, 2.0, 0.0])

    def usd(stage, gpus, micro_batch, price):
        options = {} if stage == "generate" else {"micro_batch": micro_batch, "recompute": "full"}
        return estimate(
            stage, "llama-2-13b", "a100-sxm-40gb", gpus, 100, 256, 256, price_usd_per_gpu_hour=price, **options
        )

    for stage in ("sft", "dpo", "ppo", "generate"):
        together = usd(stage, gpus, given, 2.0)
        alone = [usd(stage, int(n), int(size), 2.0) for n, size in zip(gpus, given, strict=True)]
        assert np.broadcast_to(together.cost.usd, (4,)).tolist() == pytest.approx([each.cost.usd for each in alone]), (
            stage
        )
        assert np.broadcast_to(together.peak_gb, (4,)).tolist() == pytest.approx([each.peak_gb for each in alone]), (
            stage
        )


def test_a_job_that_cannot_be_laid_out_is_refused_before_anything_is_computed():
    for stage in ("sft", "ppo"):
        refused("^gpus must be a multiple of tensor_parallel", job, stage, "llama-2-7b", "a100-sxm-80gb", 3, 9, 8, 8,
                tensor_parallel=2)  # fmt: skip


def test_the_fewest_sequences_are_those_given_or_one_example():
    def fewest(stage, **more):
        return plan.fewest_sequences(job(stage, "llama-2-7b", "a100-sxm-80gb", 1, 9, 8, 8, **more))

    assert [fewest("sft"), fewest("dpo"), fewest("ppo")] == [1, 2, 1]
    assert [fewest("sft", micro_batch=1), fewest("dpo", micro_batch=1), fewest("dpo", micro_batch=4)] == [1, 1, 4]
