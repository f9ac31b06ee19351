"""The stages against published figures, hand calculations and what must hold of any run."""

import itertools

import numpy as np
import pytest
from command import refused

from costlib.compute import stages
from costlib.compute.architecture import Architecture, find, forward, training
from costlib.compute.memory import Setup
from costlib.compute.stages import Data, Run
from costlib.compute.timing import FlatSpeed, roofline
from costlib.economics import article

LLAMA = find("llama-2-7b")
SCALAR = LLAMA.with_scalar_head()
DATA = Data(1000, 256, 256)
FLAT = Run(FlatSpeed(100), price_usd_per_gpu_hour=2.0)
A100 = Run(roofline("a100-sxm-80gb"), Setup(gpus=8, zero=3, micro_batch=4), 2.0)


def every_stage(run, data=DATA):
    """Each stage once, by name."""
    return {
        "sft": stages.sft(LLAMA, data, run),
        "rm": stages.reward_model(SCALAR, data, run),
        "dpo": stages.dpo(LLAMA, data, run),
        "ppo": stages.ppo(LLAMA, data, run),
        "grpo": stages.grpo(LLAMA, data, run, reward=SCALAR),
        "generate": stages.generate(LLAMA, data, run),
        "judge": stages.judge(LLAMA, data, run, judgments=3),
    }


def step(cost, name):
    return next(step for step in cost.steps if step.name == name)


# --- published ------------------------------------------------------------------------------------------------------


def test_ppo_of_four_equal_models_counts_20_and_44_per_parameter_and_token():
    # 2 each to generate, and for reward, value and reference; 6 each for two updates, once or three times.
    for epochs, factor in {1: 20, 3: 44}.items():
        cost = stages.ppo(LLAMA, DATA, FLAT, critic=LLAMA, reward=LLAMA, ppo_epochs=epochs)
        assert cost.flat_flops == pytest.approx(factor * LLAMA.parameters * 1000 * 512)


def test_ppo_with_its_pretraining_mix_by_hand():
    cost = stages.ppo(LLAMA, DATA, FLAT, critic=LLAMA, reward=LLAMA, ptx_tokens=8)
    assert cost.flat_flops == pytest.approx((20 + 8 * 6) * LLAMA.parameters * 1000 * 512)


def test_dpo_costs_8_thirds_of_sft_for_a_pair_and_4_thirds_for_a_token():
    sft, dpo = stages.sft(LLAMA, DATA, FLAT), stages.dpo(LLAMA, DATA, FLAT)
    assert dpo.flops / sft.flops == pytest.approx(8 / 3)
    assert (dpo.flops / dpo.tokens) / (sft.flops / sft.tokens) == pytest.approx(4 / 3)
    # The article's 16 for a position of a pair is the same count.
    assert dpo.flat_flops == pytest.approx(article.FLOPS_DPO * LLAMA.parameters * 1000 * 512)


def test_a_cached_reference_scores_once():
    data = DATA._replace(epochs=3)
    once, each = (stages.dpo(LLAMA, data, FLAT, cached_reference=cached) for cached in (True, False))
    assert step(each, "reference").flops == pytest.approx(3 * step(once, "reference").flops)
    # 6N for each epoch and 2N once, of each token of each answer.
    assert once.flat_flops == pytest.approx((3 * 6 + 2) * LLAMA.parameters * 2 * 1000 * 512)


def test_a_pair_costs_two_examples_and_less_behind_one_prompt():
    sft = stages.sft(SCALAR, DATA, FLAT)
    pair, packed = (stages.reward_model(SCALAR, DATA, FLAT, shared) for shared in (False, True))
    assert pair.flops == pytest.approx(2 * sft.flops)
    assert sft.flops < packed.flops < pair.flops
    assert packed.tokens == 1000 * (256 + 2 * 256)
    # Three passes; each prompt token sees the prompt, each token of an answer the prompt and its own answer.
    pairs_of_tokens = 256 * 256 + 2 * 256 * 512
    by_hand = 3 * (2 * SCALAR.matmul_parameters * 768 + 4 * 32 * 4096 * pairs_of_tokens) * 1000
    assert packed.flops == pytest.approx(by_hand)


def test_a_packed_pair_passes_its_prompt_and_both_answers_by_hand():
    # Four packed pairs of 256 + 2 x 256 tokens on one A100, three passes: none forward alone, so no part is hidden.
    run = A100._replace(setup=Setup(micro_batch=4))
    rates, tokens, share = run.speed, 4 * (256 + 2 * 256), run.speed.coefficients
    products = 3 * 2 * SCALAR.matmul_parameters * tokens / rates.matmul
    squares = 4 * (256 * 256 + 2 * 256 * 512)  # each token sees the prompt, those of an answer its own answer too
    attention = 3 * 4 * 32 * 4096 * squares / (share["training-attention-fraction"] * rates.attention)
    traffic = 3 * share["elementwise-bytes"] * 32 * 4096 * tokens / rates.bandwidth
    # The last wave of each product: inner sizes of two passes, and of gradients, which are products over the tokens.
    inner = 2 * (2 * 4096 + 32 * 128 + 11008) + 4 * tokens
    wave = share["product-wave"] * 32 * inner / rates.matmul
    # Of an update of 128 sequences four are a 32nd; it reads and writes 16 bytes for each parameter.
    update = 2 * 16 * SCALAR.parameters / 32 / rates.bandwidth
    cost = stages.reward_model(SCALAR, DATA, run, shared_prompt=True)
    assert cost.gpu_hours == pytest.approx(
        1000 / 4 * (products + attention + traffic + wave + update) / 3600, rel=1e-12
    )
    assert [step.tokens for step in cost.steps] == [1000 * (256 + 2 * 256)]


def test_a_judge_reads_and_writes_all_tokens_of_each_call():
    cost = stages.judge(LLAMA, DATA._replace(epochs=2), FLAT, judgments=3)
    assert cost.tokens == 1000 * 2 * 3 * (256 + 256)


def test_idle_gpus_are_paid():
    # Two GPUs to a copy: of five, four generate and all are rented.
    pairs = A100._replace(generation_parallel=2, generation_batch=64)
    paid = [stages.generate(LLAMA, DATA, pairs._replace(setup=Setup(gpus, zero=3))).gpu_hours for gpus in (4, 5)]
    assert paid[1] == pytest.approx(paid[0] * 5 / 4)
    # One sequence at a time keeps one GPU of eight busy.
    one, eight = (stages.generate(LLAMA, DATA, A100._replace(generation_batch=batch)).gpu_hours for batch in (1, 8))
    assert one == pytest.approx(8 * eight)


# --- by hand --------------------------------------------------------------------------------------------------------


def test_a_flat_speed_gives_the_articles_hours_and_dollars():
    cost = stages.sft(LLAMA, DATA, FLAT)
    flops = 3 * forward(LLAMA, 1000, 512).total
    assert cost.gpu_hours == pytest.approx(flops / 100e12 / 3600)
    assert cost.usd == pytest.approx(2 * cost.gpu_hours)


def test_generation_reads_the_prompt_once_and_writes_token_by_token():
    cost = stages.generate(LLAMA, DATA, FLAT, samples=4)
    assert [step.tokens for step in cost.steps] == [1000 * 256, 4 * 1000 * 256]
    read, written = cost.steps
    assert read.flops == forward(LLAMA, 1000, 256).total
    assert written.flops == forward(LLAMA, 4000, 256, cached=256, attention="causal").total


def test_the_critic_is_charged_for_every_token():
    cost = stages.ppo(LLAMA, DATA, FLAT)
    assert step(cost, "value").tokens == step(cost, "update critic").tokens == 1000 * 512
    small = find("opt-350m").with_scalar_head()
    cheaper = stages.ppo(LLAMA, DATA, FLAT, critic=small, reward=small)
    assert step(cheaper, "value").flops == forward(small, 1000, 512).total


def test_what_a_shared_critic_and_a_rule_save():
    names = [step.name for step in stages.ppo(LLAMA, DATA, FLAT, shared_critic=True).steps]
    assert "value" not in names and "update critic" not in names
    names = [step.name for step in stages.grpo(LLAMA, DATA, FLAT).steps]
    assert "reward" not in names and "value" not in names and "old log-probabilities" in names


def test_advantages_are_negligible():
    for run in (FLAT, A100):
        cost = stages.ppo(LLAMA, DATA, run)
        assert 0 < step(cost, "advantages").flops < 1e-8 * cost.flops
        assert 0 < step(cost, "advantages").usd < 1e-8 * cost.usd


def test_padding_costs_what_it_fills():
    half = DATA._replace(fill=0.5)
    assert stages.sft(LLAMA, half, FLAT).flops == pytest.approx(2 * stages.sft(LLAMA, DATA, FLAT).flops)
    assert stages.sft(LLAMA, half, FLAT).tokens == stages.sft(LLAMA, DATA, FLAT).tokens


def test_recomputation_adds_a_third_of_the_flops():
    again = FLAT._replace(setup=Setup(recompute="full"))
    assert stages.sft(LLAMA, DATA, again).flops == pytest.approx(4 / 3 * stages.sft(LLAMA, DATA, FLAT).flops)


def test_frameworks_slow_the_stages_whose_models_take_turns():
    whole = A100._replace(reach=1.0)
    known = A100.speed.coefficients
    shares = {True: known["rollout-fraction"], False: known["rl-update-fraction"]}
    for name in ("sft", "rm", "dpo", "generate", "judge"):
        assert every_stage(A100)[name].usd == every_stage(whole)[name].usd
    for name in ("ppo", "grpo"):
        for usual, best in zip(every_stage(A100)[name].steps, every_stage(whole)[name].steps, strict=True):
            share = 1 if usual.name == "weight sync" else shares[usual.name in stages.WRITING]
            assert usual.usd == pytest.approx(best.usd / share)
        assert every_stage(FLAT)[name].usd == every_stage(FLAT._replace(reach=1.0))[name].usd


def test_the_share_of_generation_is_an_output():
    def share(longest, batch):
        run = A100._replace(generation_batch=batch)
        return stages.ppo(LLAMA, DATA._replace(longest_tokens=longest), run).share("generate")

    shares = [share(*each) for each in ((256, 4096), (256, 512), (256, 32), (1024, 32))]
    assert all(more > less for less, more in itertools.pairwise(shares))
    assert 0 < shares[0] < 0.3 and shares[-1] > 0.5


# --- properties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [FLAT, A100], ids=["flat", "roofline"])
def test_sub_steps_sum_to_the_stage(run):
    for cost in every_stage(run).values():
        for quantity in ("flops", "flat_flops", "gpu_hours", "usd"):
            assert getattr(cost, quantity) == pytest.approx(sum(getattr(step, quantity) for step in cost.steps))
            assert getattr(cost, quantity) > 0
        assert sum(cost.share(step.name) for step in cost.steps) == pytest.approx(1)


@pytest.mark.parametrize("run", [FLAT, A100], ids=["flat", "roofline"])
def test_twice_the_data_costs_twice_and_no_data_nothing(run):
    once, twice = every_stage(run), every_stage(run, DATA._replace(examples=2000))
    epochs, none = every_stage(run, DATA._replace(epochs=2)), every_stage(run, DATA._replace(examples=0))
    for name, cost in once.items():
        assert twice[name].usd == pytest.approx(2 * cost.usd)
        assert epochs[name].usd == pytest.approx(2 * cost.usd)
        assert none[name].usd == none[name].flops == none[name].tokens == 0


def test_no_speed_is_faster_than_the_peak():
    for cost in every_stage(A100._replace(reach=1.0)).values():
        assert cost.flops / (cost.gpu_hours * 3600) < 312e12


def test_lora_saves_the_gradients_of_the_weights():
    lora = A100._replace(setup=A100.setup._replace(lora_rank=16))
    full, adapters = stages.sft(LLAMA, DATA, A100), stages.sft(LLAMA, DATA, lora)
    assert 2 / 3 * full.flops < adapters.flops < 0.72 * full.flops
    assert adapters.usd < full.usd
    assert adapters.flops == training(LLAMA, 1000, 512, lora_rank=16).total


@pytest.mark.parametrize("run", [FLAT, A100], ids=["flat", "roofline"])
def test_arrays_give_what_single_runs_give(run):
    examples, prompts, widths = np.array([10.0, 1e3, 1e5]), np.array([0.0, 256.0, 4000.0]), np.array([512, 1024, 4096])
    gpus, prices = np.array([1.0, 8.0, 64.0]), np.array([1.0, 2.0, 4.0])

    def model(width):
        return Architecture(12, width, width / 64, width / 64, 64, 4 * width, 2, 32_000)

    def ppo(width, examples, prompt, gpus, price):
        here = run._replace(setup=Setup(gpus=gpus, zero=3, micro_batch=2), price_usd_per_gpu_hour=price)
        return stages.ppo(model(width), Data(examples, prompt, 100), here).usd

    each = [ppo(*values) for values in zip(widths, examples, prompts, gpus, prices, strict=True)]
    np.testing.assert_allclose(ppo(widths, examples, prompts, gpus, prices), each, rtol=1e-12)


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [(Data(-1, 1, 1), r"examples must be a finite number of at least 0 \[examples\], got -1"),
     (Data(1, float("nan"), 1), "prompt_tokens must be"),
     (Data(1, 1, 1, fill=1.5), "fill must be above 0 and at most 1"),
     (Data(1, 1, 1, fill=0), "fill must be a finite number above 0"),
     (Data(1, 0, 0), "prompt_tokens and response_tokens must come to at least 1")],
)  # fmt: skip
def test_impossible_data_are_refused(data, message):
    refused(message, stages.sft, LLAMA, data, FLAT)


def test_impossible_runs_are_refused():
    with pytest.raises(ValueError, match=r"price_usd_per_gpu_hour must be .* \[USD per GPU-hour\], got -2"):
        stages.sft(LLAMA, DATA, FLAT._replace(price_usd_per_gpu_hour=-2))
    refused("reach must be a finite number above 0", lambda: stages.ppo(LLAMA, DATA, A100._replace(reach=0)))
    with pytest.raises(ValueError, match="tensor_parallel must divide the heads"):
        stages.sft(LLAMA, DATA, A100._replace(setup=Setup(gpus=7, tensor_parallel=7)))
    refused("samples must be", stages.grpo, LLAMA, DATA, FLAT, samples=0)
    with pytest.raises(ValueError, match=r"samples must be .* above 0 \[responses per prompt\], got 0"):
        stages.generate(LLAMA, DATA, A100, samples=0)
    refused("judgments must be", stages.judge, LLAMA, DATA, A100, judgments=0)
    refused("ppo_epochs must be", stages.ppo, LLAMA, DATA, FLAT, ppo_epochs=-1)
