"""The published numbers, unrounded, against calculations written out by hand.

No expected value here comes from running costlib. Each is given as a fraction of the documents' own integers, so that
the reader can follow it with a pencil: FLOPs per GPU-hour = S x 1e12 x 3600, and S itself = 8.4e23 / (1,720,320 x 3600)
/ 1e12, so an amount of F FLOPs takes F x 1,720,320 / 8.4e23 GPU-hours.
"""

from fractions import Fraction

import pytest
from conftest import ROOT

from costlib.economics import article, scenarios
from costlib.facts import parameters
from costlib.report import notebooks

PRETRAINING_FLOPS = 2 * 10**12 * 70 * 10**9 * 6  # 8.4e23
HOURS_PER_FLOP = Fraction(1_720_320, PRETRAINING_FLOPS)
PRICE = Fraction(5, 2)
PUBLISHED = parameters.defaults()


def dollars(flops, price=PRICE):
    """What FLOPs cost, exactly: hours per FLOP, times the price."""
    return float(flops * HOURS_PER_FLOP * price)


def sequences(count, factor):
    """FLOPs of `count` sequences of 4,096 tokens at `factor` FLOPs per parameter and token of a 70B model."""
    return count * 4096 * 70 * 10**9 * factor


SFT, CALLS, DPO_M1 = sequences(4830, 6), sequences(49_077, 2), sequences(3964, 16)


def test_llama_2_sustained_tflops_matches_table_2():
    by_hand = float(Fraction(PRETRAINING_FLOPS, 1_720_320 * 3600 * 10**12))
    assert by_hand == pytest.approx(135.63368055555557, rel=1e-15)
    assert scenarios.back_solved_tflops(PUBLISHED) == pytest.approx(by_hand, rel=1e-14)
    # 8.4e23 / 6,193,152,000 GPU-seconds / 1e12, and of the A100's dense peak of 312 TFLOP/s:
    assert by_hand / 312 == pytest.approx(0.434723, abs=1e-6)


def test_default_speed_of_the_vocabulary_is_the_back_solved_one():
    assert PUBLISHED["sustained_tflops"] == scenarios.back_solved_tflops(PUBLISHED)


@pytest.mark.parametrize(
    ("part", "flops", "unrounded"),
    [("sft_usd", SFT, 42.54282547), ("inference_usd", CALLS, 144.09070018), ("dpo_usd", DPO_M1, 93.10683791),
     ("total_usd", SFT + CALLS + DPO_M1, 279.74036357)],
)  # fmt: skip
def test_parts_of_the_synthetic_cost(part, flops, unrounded):
    ours = getattr(scenarios.synthetic_cost(PUBLISHED), part)
    assert ours == pytest.approx(dollars(flops), rel=1e-13)
    assert ours == pytest.approx(unrounded, abs=1e-8)


@pytest.mark.parametrize(
    ("flops", "hours"), [(SFT, 17.0171301888), (CALLS, 57.6362800742), (DPO_M1, 37.2427351654)]
)  # each by hand: flops x 1,720,320 / 8.4e23
def test_gpu_hours_of_the_parts(flops, hours):
    assert float(flops * HOURS_PER_FLOP) == pytest.approx(hours, abs=1e-9)
    assert article.calculate_gpu_hours(float(flops), PUBLISHED["sustained_tflops"]) == pytest.approx(hours, abs=1e-9)


def test_cost_per_pair():
    assert scenarios.synthetic_cost(PUBLISHED).total_usd / 10_906 == pytest.approx(0.02565013, abs=1e-8)


@pytest.mark.parametrize(("price", "ratio"), [(0.30, 11.69584524), (1.50, 58.47922621)])
def test_ratios(price, ratio):
    human = article.calculate_human_cost(scenarios.num_pairs(PUBLISHED), price)
    assert human == pytest.approx(10_906 * price, rel=1e-14)  # 3,271.80 and 16,359.00
    synthetic = scenarios.synthetic_cost(PUBLISHED).total_usd
    assert article.calculate_cost_ratio(human, synthetic) == pytest.approx(ratio, abs=1e-8)


def test_inference_calls():
    # M1: 3,964 / 2 = 1,982 prompts, x 4 = 7,928 answers and as many judgments; M2: 3,471, 13,884, 13,884.
    assert article.count_inference_calls(3964) == (1982, 7928, 7928, 17_838)
    assert article.count_inference_calls(6942) == (3471, 13_884, 13_884, 31_239)
    assert article.count_inference_calls(10_906).total == 49_077


def test_listings_as_typed_give_seven_cents_more():
    # The listings type 135.6: each amount grows by 135.63368.../135.6.
    growth = 135.63368055555557 / 135.6
    typed = article.calculate_sft_cost(4830, 4096, 1, 70e9, 135.6, 2.50)
    assert typed == pytest.approx(dollars(SFT) * growth, rel=1e-12)
    calls = article.calculate_forward_pass_cost(49_077, 4096, 70e9, 135.6, 2.50)
    dpo = article.calculate_dpo_cost(3964, 4096, 1, 70e9, 135.6, 2.50, num_rounds=1)
    assert [round(usd, 2) for usd in (typed, calls, dpo, typed + calls + dpo)] == [42.55, 144.13, 93.13, 279.81]


def published(chapter, key):
    """An unrounded number as a chapter has published it."""
    return next(record["value"] for record in notebooks.records(ROOT / "notebooks" / f"{chapter}.ipynb", "key")
                if record["key"] == key)  # fmt: skip


def test_layers_shared_with_the_reference_by_hand():
    # Llama 2 7B: a layer has 4 x 4,096^2 of attention and 3 x 4,096 x 11,008 of its MLP. 16 of them and the embedding
    # below lose 12 bytes of optimizer, 2 of gradients and the 2 of the reference's copy, each shared by 8 GPUs.
    shared = 16 * (4 * 4096**2 + 3 * 4096 * 11_008) + 32_000 * 4096
    assert published("10_optimisation", "spared_gb") == pytest.approx(shared * (12 + 2 + 2) / 8 / 1e9, rel=1e-9)


def test_logits_of_a_whole_distribution_by_hand():
    # 64 sequences of 512 tokens on each GPU, 16-bit logits over 32,000 words.
    assert published("10_optimisation", "kl_logits") == pytest.approx(64 * 512 * 32_000 * 2 / 1e9, rel=1e-9)


def test_hosted_judgments_by_hand():
    # The article: $144.09 for 49,077 x 4,096 tokens. A judgment reads 830 and writes 61 tokens (Lee et al.); 1,000 of
    # them by Claude Haiku 5.5, at $0.10 and $0.50 a million, and by Claude Opus 5.5, at $4 and $20.
    million = dollars(CALLS) / (49_077 * 4096) * 1e6
    assert published("04_synthetic_cost", "own_million") == pytest.approx(million, rel=1e-9)
    assert published("04_synthetic_cost", "own_thousand") == pytest.approx(million * 891 / 1000, rel=1e-9)
    for key, read, written in (("haiku_thousand", 0.1, 0.5), ("opus_thousand", 4, 20)):
        assert published("04_synthetic_cost", key) == pytest.approx((830 * read + 61 * written) / 1000, rel=1e-9)
