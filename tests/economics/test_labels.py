"""What a label costs and says, against published arithmetic and hand calculations."""

import numpy as np
import pytest

from costlib.economics import labels
from costlib.facts import catalog


def test_lee_et_al_appendix_l():
    # 304 words at $0.11 for 50 words; two orders of 830 tokens in at $0.03 and 61 out at $0.06 a thousand.
    person, judge = 304 * 0.11 / 50, 2 * (830 * 0.03 + 61 * 0.06) / 1000
    assert labels.human_label(person) == pytest.approx(0.6688)
    assert labels.hosted_label(830, 61, 30, 60) == pytest.approx(judge) == pytest.approx(0.05712)
    assert person / judge == pytest.approx(11.7, abs=0.05)
    prices = catalog.table("label_prices")
    assert prices["lee-human"].usd_per_label_low == pytest.approx(person)
    assert prices["lee-ai"].usd_per_label_low == pytest.approx(judge)


def test_the_range_of_paid_comparisons_is_that_of_the_rows_that_count():
    # AlpacaFarm's crowd at $0.30 and the upper end of a vendor's $1 to $10; not volunteers, nor short texts.
    prices = catalog.table("label_prices")
    low, high = prices["alpacafarm-crowd"].usd_per_label_low, prices["lambert-human"].usd_per_label_high
    assert labels.paid_range() == (low, high) == (0.3, 10)


def test_alpacafarm_pays_21_dollars_an_hour_for_36_8_seconds():
    assert labels.usd_per_comparison(21, 36.8 / 60) == pytest.approx(21 * 36.8 / 3600)


def test_fees_rework_and_raters_multiply():
    # $1 x 1.2 x 1.1 x 3
    assert labels.human_label(1, platform_fee=0.2, rework_share=0.1, raters=3) == pytest.approx(3.96)


def test_a_hosted_label_by_hand():
    # 2 orders x 3 repeats x (1,000 x $2 + 100 x $8) per million, half off
    assert labels.hosted_label(1000, 100, 2, 8, orders=2, repeats=3, batch_discount=0.5) == pytest.approx(0.0084)


def test_unusable_labels_are_made_good():
    made = labels.needed_for(1000, 0.2)
    assert made == 1250 and made * (1 - 0.2) == 1000
    assert labels.needed_for(1000, 0) == 1000


def test_effective_share_is_nothing_for_a_coin_and_all_for_certainty():
    assert [labels.effective_share(a) for a in (0.5, 0.75, 1)] == [0, 0.5, 1]


def test_effective_share_is_the_shift_of_an_average_vote():
    # Independent implementation: votes of +1 and -1 that are right with probability 0.69 average 0.38.
    votes = np.where(np.random.default_rng(3).random(1_000_000) < 0.69, 1, -1)
    assert votes.mean() == pytest.approx(labels.effective_share(0.69), abs=0.003)


def test_validation_sample_gives_its_margin():
    # The interval of a proportion: 1.96 x sqrt(0.7 x 0.3 / n) = 0.03
    pairs = labels.validation_pairs(0.7, 0.03)
    assert 1.96 * (0.7 * 0.3 / pairs) ** 0.5 == pytest.approx(0.03)


def test_calendar_days_by_hand():
    # 10,906 x 2 minutes = 363.5 hours; ten people x 6 hours = 6.06 working days = 8.48 calendar days, after ten.
    assert labels.annotation_days(10_906, 2, 10, 6, 10) == pytest.approx(10 + 10_906 * 2 / 60 / 60 * 7 / 5)
    # Without a comparison nothing is set up; with one, all of it. One hour of a day of six, without, is 7 / 30 days.
    assert labels.annotation_days(0, 2, 10, 6, 10) == labels.annotation_days(10, 0, 10, 6, 10) == 0
    assert labels.annotation_days(1, 2, 10, 6, 10) == pytest.approx(10 + 1 / 30 / 60 * 7 / 5)
    assert labels.annotation_days(60, 1, 1, 6) == pytest.approx(7 / 30)


def test_arrays_give_what_single_values_give():
    prices = np.array([0.3, 1.0, 3.5])
    each = [labels.human_label(price, 0.2) for price in prices]
    np.testing.assert_allclose(labels.human_label(prices, 0.2), each)


USUAL = {
    labels.human_label: {"usd_per_comparison": 1, "platform_fee": 0.2, "rework_share": 0.1, "raters": 3},
    labels.usd_per_comparison: {"wage_usd_per_hour": 21, "minutes": 1},
    labels.hosted_label: {"prompt_tokens": 830, "answer_tokens": 61, "usd_per_million_input": 30,
                          "usd_per_million_output": 60, "orders": 2, "repeats": 1, "batch_discount": 0.5},
    labels.needed_for: {"usable": 820, "unusable_share": 0.18},
    labels.effective_share: {"agreement": 0.78},
    labels.validation_pairs: {"agreement": 0.7, "margin": 0.03},
    labels.annotation_days: {"comparisons": 10_906, "minutes": 2, "annotators": 10, "hours_per_day": 6,
                             "setup_days": 10},
}  # fmt: skip


# Of each argument, as its docstring has it or, for a count, what it counts.
UNITS = {"usd_per_comparison": "USD", "platform_fee": "fraction", "rework_share": "fraction",
         "raters": "people per pair", "wage_usd_per_hour": "USD per hour", "prompt_tokens": "tokens",
         "answer_tokens": "tokens", "usd_per_million_input": "USD", "usd_per_million_output": "USD", "orders": "-",
         "repeats": "-", "batch_discount": "fraction", "usable": "labels", "unusable_share": "fraction",
         "agreement": "fraction", "margin": "fraction", "comparisons": "comparisons", "annotators": "people",
         "hours_per_day": "hours", "setup_days": "days"}  # fmt: skip


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "1", True], ids=repr)
@pytest.mark.parametrize(("function", "name"), [(function, name) for function in USUAL for name in USUAL[function]],
                         ids=lambda part: getattr(part, "__name__", part))  # fmt: skip
def test_every_argument_is_checked_and_named(function, name, wrong):
    unit = UNITS.get(name, "minutes( per comparison)?")
    with pytest.raises(ValueError, match=rf"^{name} must be a (finite )?number .*\[{unit}\], got .*{wrong!r}"):
        function(**USUAL[function] | {name: wrong})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: labels.hosted_label(1, 1, 1, 1, batch_discount=1.2), "batch_discount must be at most 1"),
        (lambda: labels.needed_for(10, 1), "unusable_share must be below 1"),
        (lambda: labels.effective_share(0.4), "agreement must be a finite number of at least 0.5"),
        (lambda: labels.effective_share(1.1), "agreement must be from 0.5 to 1"),
        (lambda: labels.validation_pairs(0.7, 0), "margin must be a finite number above 0"),
        (lambda: labels.annotation_days(1, 1, 0, 1), r"annotators must be .* \[people\], got 0"),
    ],
)
def test_impossible_values_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
