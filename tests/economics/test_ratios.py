"""The ratio of people's cost to that of AI feedback, in several terms, against sums worked out by hand."""

import math

import numpy as np
import pytest
from earlier import EARLIER

from costlib.base import sampling
from costlib.economics import methods, ratios, scenarios
from costlib.facts import parameters

PUBLISHED = scenarios.complete(EARLIER)
KNOWN = parameters.vocabulary()


def flat(sequences, factor):
    """What sequences cost at the article's flat speed and $2.50: 1,720,320 GPU-hours for 2e12 x 6 x 70e9 FLOPs."""
    return sequences * 4096 * 70e9 * factor * 1_720_320 / (2e12 * 6 * 70e9) * 2.5


def test_boundaries_of_the_article_by_hand():
    found = ratios.boundaries(PUBLISHED | {"human_usd_per_pair": 0.3})
    labels, calls = 10_906 * 0.3, flat(49_077, 2)
    trained, trained_both = flat(4830, 6) + flat(3964, 16), flat(4830, 6) + flat(10_906, 16)
    by_hand = [labels / calls, labels / (calls + trained), (labels + trained) / (calls + trained),
               (labels + trained_both) / (calls + trained_both)]  # fmt: skip
    assert [each.ratio for each in found[:4]] == pytest.approx(by_hand, rel=1e-9)


def test_whole_methods_are_the_last_boundaries():
    own, rlaif = ratios.boundaries(PUBLISHED)[4:]
    assert (own.ratio, rlaif.ratio) == (ratios.whole(PUBLISHED, methods.self_rewarding), ratios.whole(PUBLISHED))


def test_per_effective_pair_weighs_by_the_leads():
    weighed = ratios.whole(PUBLISHED, effective=True) / ratios.whole(PUBLISHED)
    assert weighed == pytest.approx((2 * 0.69 - 1) / (2 * 0.73 - 1), rel=1e-9)
    terms = ratios.in_terms(PUBLISHED)
    pairs = [sum(method(PUBLISHED).line(name).usd for name in ("candidates", "labels"))
             for method in (methods.human_dpo, methods.rlaif)]  # fmt: skip
    assert terms["labelled pairs alone"] == pytest.approx(pairs[0] / pairs[1], rel=1e-12)
    assert terms["RLAIF, per effective pair"] == pytest.approx(ratios.whole(PUBLISHED, effective=True), rel=1e-9)


def test_terms_broadcast():
    prices = np.array([0.3, 1.5])
    found = ratios.in_terms(PUBLISHED | {"human_usd_per_pair": prices})
    for place, price in enumerate(prices):
        alone = ratios.in_terms(PUBLISHED | {"human_usd_per_pair": float(price)})
        assert [ratio[place] for ratio in found.values()] == pytest.approx(list(alone.values()), rel=1e-12)


def test_halfway_to_the_published_value():
    # A GPU-hour's price of another shape than log-uniform would be the arithmetic mean.
    price = KNOWN["price_usd_per_gpu_hour"]
    assert sampling.halfway(price, 2.5 * 9) == pytest.approx(2.5 * 3)
    uniform = next(each for each in KNOWN.values() if each.shape == "uniform")
    assert sampling.halfway(uniform, uniform.default + 1) == uniform.default + 0.5


def test_interval_of_a_median_by_ranks():
    # 9,604 draws: ranks 0.49 and 0.51, since 0.98 / sqrt(9604) = 0.01.
    low, high = sampling.sample([float(n) for n in range(9604)]).median_interval
    assert low == pytest.approx(0.49 * 9603) and high == pytest.approx(0.51 * 9603)


def test_a_ratio_that_is_not_a_number_stays_one():
    assert math.isnan(sampling.sample(math.nan).median)
