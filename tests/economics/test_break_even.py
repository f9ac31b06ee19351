"""Where sides change, against the closed forms of chapter 14 worked out by hand."""

import math

import numpy as np
import pytest
from earlier import EARLIER

from costlib.economics import break_even, methods, scenarios, shares

PUBLISHED = scenarios.complete(EARLIER)
PEOPLE, JUDGE, OWN = (method(PUBLISHED) for method in (methods.human_dpo, methods.rlaif, methods.self_rewarding))
LABEL = 0.67 * 1.2 * 1.1  # price of a comparison, with a fee of 20 % and a tenth made again
JUDGED = 2 * (830 * 2.5 + 61 * 2.5 * 4) / 1e6 / 2  # both orders, at half of the list price


def test_pairs_from_which_a_judge_is_cheaper():
    # Equation eq-even-pairs, with 18 % of the judge's labels unusable.
    candidates = PEOPLE.line("candidates").usd / 10_906
    each = (JUDGED + 0.18 * candidates) / 0.82
    assert break_even.pairs_for(1, PUBLISHED) == pytest.approx(500 * LABEL / (LABEL - each), rel=1e-9)
    assert break_even.least_human_price(PUBLISHED) == pytest.approx(each / 1.2 / 1.1, rel=1e-9)


def test_a_hybrid_pays_later_by_the_share_of_its_judge():
    later = break_even.pairs_for(1, PUBLISHED, methods.hybrid)
    assert later * (1 - 0.2) == pytest.approx(break_even.pairs_for(1, PUBLISHED), rel=1e-9)


def test_cheap_people_leave_no_number_of_pairs():
    cheap = PUBLISHED | {"human_usd_per_pair": np.array([0.67, 0.001])}
    found = break_even.pairs_for(1, cheap)
    assert found[0] == pytest.approx(break_even.pairs_for(1, PUBLISHED), rel=1e-12) and found[1] == math.inf


def test_price_of_a_gpu_hour_up_to_which_the_model_itself_is_cheaper():
    by_hand = LABEL * (10_906 - 500) / (OWN.gpu_hours - PEOPLE.gpu_hours)
    assert break_even.gpu_price(PUBLISHED) == pytest.approx(by_hand, rel=1e-9)
    assert break_even.gpu_price(PUBLISHED | {"num_validation_pairs": 20_000}) == 0


def test_counts_of_comparisons_bound_the_ratio():
    assert break_even.ratio_limit(PUBLISHED) == (10_906 + 805) / (500 + 805)
    assert break_even.ratio_limit(PUBLISHED | {"num_validation_pairs": 0, "num_evaluation_comparisons": 0}) == math.inf
    dear = PUBLISHED | {"human_usd_per_pair": 1000.0}
    assert 0.99 * 11_711 / 1305 < methods.human_dpo(dear).usd / methods.rlaif(dear).usd < 11_711 / 1305


@pytest.mark.parametrize("method", [methods.rlaif, methods.self_rewarding])
def test_price_of_a_comparison_for_a_ratio(method):
    prices = np.array([0.5, 2.5, 50.0])
    found = break_even.human_price_for(2, PUBLISHED | {"price_usd_per_gpu_hour": prices}, method)
    for gpu, human in zip(prices, found, strict=True):
        at = PUBLISHED | {"price_usd_per_gpu_hour": float(gpu), "human_usd_per_pair": float(human)}
        assert methods.human_dpo(at).usd == pytest.approx(2 * method(at).usd, rel=1e-9)


def test_no_price_of_a_comparison_where_the_judge_takes_as_many():
    assert break_even.human_price_for(1, PUBLISHED | {"num_validation_pairs": 10_906}) == math.inf
    assert break_even.human_price_for(9, PUBLISHED) == math.inf  # above the quotient of the comparisons


def test_rounds_by_hand():
    rounds = break_even.Rounds(once=10, people=100, judge=5, audit=0, validation=20)
    assert rounds.usd(2) == (210, 40) and rounds.usd(2, again=True) == (210, 60)
    # An audit of 40 and staff of 30 and 50: 10 + 30 + 2 x 100 + 40 against 10 + 50 + 2 x 5 + 20.
    checked = break_even.Rounds(10, 100, 5, audit=40, validation=20, people_staff=30, judge_staff=50)
    assert checked.usd(2) == (280, 90) and checked.usd(2, again=True) == (320, 110)


def test_rounds_of_a_scenario_start_with_its_methods():
    assert break_even.rounds(PUBLISHED).usd(1) == pytest.approx((PEOPLE.usd, JUDGE.usd), rel=1e-12)


@pytest.mark.parametrize(
    ("gap", "side", "value"),
    [(lambda x: 2 * x - 6, "above", 3), (lambda x: 6 - 2 * x, "below", 3), (lambda x: x + 1, "always", 0),
     (lambda x: -x - 1, "never", 0), (lambda x: 5, "always", 0), (lambda x: -5, "never", 0)],
)  # fmt: skip
def test_crossing_of_a_line(gap, side, value):
    assert break_even.crossing(gap, at=1.0) == (side, value)


def test_break_evens_broadcast():
    prices = np.array([1.0, 2.5, 10.0])
    found = break_even.break_evens(PUBLISHED | {"price_usd_per_gpu_hour": prices})
    for place, price in enumerate(prices):
        alone = break_even.break_evens(PUBLISHED | {"price_usd_per_gpu_hour": float(price)})
        at_place = [float(np.broadcast_to(column, 3)[place]) for column in found]
        assert at_place == pytest.approx(list(alone), rel=1e-12)


def test_shares_of_a_method():
    assert shares.of_lines(PEOPLE, "labels") == pytest.approx(10_906 * LABEL / PEOPLE.usd, rel=1e-12)
    # No hosted judge and no people's time is GPU time: what is left is evaluation and labels.
    assert shares.paid_usd(PEOPLE, PUBLISHED) == pytest.approx((10_906 + 805) * LABEL, rel=1e-9)
    labels = OWN.line("labels").gpu_hours * 2.5 / OWN.usd
    without = shares.of_gpus(OWN, PUBLISHED, without=["labels"])
    assert shares.of_gpus(OWN, PUBLISHED) - without == pytest.approx(labels, rel=1e-9)


def test_the_price_at_which_the_model_itself_is_cheaper_does_not_depend_on_the_price_of_today():
    # Both sides are straight lines in the price, so that they cross at the same one from wherever one looks; a price of
    # today that entered would leave its rounding, at a dear one that of numbers a million times as large.
    today, dear = (break_even.gpu_price(PUBLISHED | {"price_usd_per_gpu_hour": price}) for price in (2.5, 1e6))
    assert dear == pytest.approx(today, rel=1e-13)
