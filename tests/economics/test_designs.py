"""Other designs of the comparison, by hand."""

import pytest

from costlib.economics import break_even, curve, designs, human_work, methods, scenarios
from costlib.facts import parameters

PUBLISHED = scenarios.complete({})
PAIRS = scenarios.num_pairs(PUBLISHED)


def under(words):
    return PUBLISHED | designs.changes(PUBLISHED)[words]


def saved(words):
    return curve.saved(under(words), PAIRS)


def test_every_design_is_a_valid_scenario():
    for change in designs.changes(PUBLISHED).values():
        scenarios.complete(parameters.check(change))


def test_what_stands_on_both_sides_drops_out_of_what_is_saved():
    # Seed data and staff that both pay alike change the dollars of each side and not their difference.
    assert saved("seed data bought") == pytest.approx(saved("as in this run"), rel=1e-9)
    assert saved("staff alike on both sides") == pytest.approx(saved("staff not counted"), rel=1e-9)
    # 4,830 demonstrations at $10 on either side.
    for side in curve.SIDES:
        more = methods.METHODS[side](under("seed data bought")).usd - methods.METHODS[side](PUBLISHED).usd
        assert more == pytest.approx(48_300)


def test_an_audit_is_five_hundred_comparisons_of_one_side():
    # 500 x c less with people, nothing with a judge.
    less = saved("as in this run") - saved("nobody audits people's labels")
    assert less == pytest.approx(500 * human_work.label_usd(PUBLISHED))


def test_without_staff_and_audit_people_are_cheaper_below_what_certifies_the_judge():
    # n_V c / (c - c_+): a little above the 500 comparisons that certify it.
    found = break_even.people_cheaper("pairs", under("neither staff nor audit"))
    assert found.side == "below" and 500 < found.value < 510


def test_two_rounds_check_twice():
    # 805 + 500 comparisons more on either side.
    for side in curve.SIDES:
        words = "labels of the model's own answers, in two rounds that are both checked"
        more = methods.METHODS[side](under(words)).usd - methods.METHODS[side](PUBLISHED).usd
        assert more == pytest.approx(1_305 * human_work.label_usd(PUBLISHED))
