"""Days by resource, teams that have to agree, and experts for the hard pairs, worked out by hand."""

import numpy as np
import pytest
from earlier import EARLIER

from costlib.economics import break_even, calendar_time, experts, methods, scenarios

PUBLISHED = scenarios.complete(EARLIER)


def days(name, resource):
    return sum(
        row[calendar_time.RESOURCES.index(resource)] for row in calendar_time.by_resource(PUBLISHED, [name])[name]
    )


def test_days_of_people_and_of_a_judge_by_hand():
    # 11,711 comparisons of two minutes, a tenth of them twice, by ten people six hours a day on five days of seven.
    assert days("human-dpo", "people compare") == pytest.approx(11_711 * 1.1 * 2 / 60 / 60 * 7 / 5, rel=1e-9)
    assert days("human-dpo", "set-up of people") == 10 and days("human-dpo", "hosted judge") == 0
    # 18 % of the labels are unusable; each is judged in both orders, 4,167 calls an hour.
    assert days("rlaif", "hosted judge") == pytest.approx(10_906 / 0.82 * 2 / 4167 / 24, rel=1e-9)
    assert days("published", "set-up of people") == 0


@pytest.mark.parametrize("name", methods.METHODS)
def test_resources_add_up_to_a_method(name):
    found = calendar_time.by_resource(PUBLISHED, [name])[name]
    assert sum(map(sum, found)) == pytest.approx(methods.METHODS[name](PUBLISHED).days, abs=1e-9)


def test_teams_that_agree_in_pairs():
    # Ten people have 45 pairs: 20 minutes for each are 15 of their 60 hours.
    assert calendar_time.team_hours(10, 6, 20) == 60 - 45 * 20 / 60
    sizes = np.arange(1, 60)
    hours = calendar_time.team_hours(sizes, 6, 15)
    assert hours.max() == calendar_time.team_hours(calendar_time.fastest_team(6, 15), 6, 15)
    assert calendar_time.fastest_team(6, 1000) == 1


def test_enough_annotators_are_as_fast_as_a_judge():
    side, annotators = calendar_time.annotators_as_fast(PUBLISHED)
    assert side == "above"
    at = PUBLISHED | {"annotators": annotators}
    assert methods.human_dpo(at).days == pytest.approx(methods.rlaif(at).days, rel=1e-9)
    # Where certifying the judge takes more comparisons than there are pairs, people are done first in any number.
    assert calendar_time.annotators_as_fast(PUBLISHED | {"num_validation_pairs": 20_000}).side == "always"


def test_share_that_experts_may_have():
    for expert in (5.0, 50.0):
        share = experts.affordable_share(PUBLISHED, expert)
        assert experts.usd(PUBLISHED, expert, share) == pytest.approx(methods.human_dpo(PUBLISHED).usd, rel=1e-9)
    # Experts who cost as little as the general rate may have all pairs but for the judge's validation.
    assert experts.affordable_share(PUBLISHED | {"num_validation_pairs": 0}, 0.67) == pytest.approx(1.0)


def test_an_expert_premium_by_hand():
    # A fifth of 10,906 pairs at 50 dollars in place of 0.67, with fee and rework.
    premium = experts.usd(PUBLISHED, 50.0, 0.2) - methods.hybrid(PUBLISHED).usd
    assert premium == pytest.approx(0.2 * 10_906 * (50 - 0.67) * 1.2 * 1.1, rel=1e-6)


@pytest.mark.parametrize("method", [methods.rlaif, methods.self_rewarding])
@pytest.mark.parametrize("name", ["human_usd_per_pair", "price_usd_per_gpu_hour"])
def test_prices_at_which_people_become_cheaper(name, method):
    side, price = break_even.people_cheaper(name, PUBLISHED, method)
    assert side == {"human_usd_per_pair": "below", "price_usd_per_gpu_hour": "above"}[name]
    at = PUBLISHED | {name: price}
    assert methods.human_dpo(at).usd == pytest.approx(method(at).usd, rel=1e-6)


def test_what_moves_is_one_of_three():
    with pytest.raises(
        ValueError, match=r"^what must be .*pairs, human_usd_per_pair.* price_usd_per_gpu_hour, got 'price'"
    ):
        break_even.people_cheaper("price", PUBLISHED)


def test_people_are_cheaper_for_few_pairs_at_any_price_or_at_none():
    assert break_even.people_cheaper("pairs", PUBLISHED).value == pytest.approx(break_even.pairs_for(1, PUBLISHED))
    few = PUBLISHED | {"num_pairs_m1": 100, "num_pairs_m2": 0}
    assert break_even.people_cheaper("human_usd_per_pair", few).side == "always"
