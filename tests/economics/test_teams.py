"""What a team is allowed, and what people do in each method."""

import pytest
from earlier import EARLIER

from costlib.economics import admissible, human_work, methods, scenarios
from costlib.facts import catalog

PUBLISHED = scenarios.complete(EARLIER)


def allowed(changes, by=None):
    found = admissible.objections(PUBLISHED | changes, by=by)
    return [name for name in methods.METHODS if not found[name]]


def test_a_small_model_does_not_judge_itself_unless_that_is_allowed():
    small = {"policy_model": "llama-3.1-8b"}
    assert "self-rewarding" not in allowed(small)
    assert "self-rewarding" in allowed(small, admissible.rule(tested_parameters=0))
    assert "self-rewarding" in allowed({})


def test_what_does_not_fit_is_not_allowed():
    assert allowed({"policy_gpus": 1}) == []
    # The policy with its reference fits where four models do not.
    between = int(admissible.fewest_gpus(PUBLISHED))
    assert between < admissible.fewest_gpus(PUBLISHED, ("ppo",))
    assert allowed({}) and set(allowed({})) - set(allowed({"policy_gpus": between})) == {"human-ppo"}


def test_a_judge_that_agrees_less_often_than_a_free_rule_labels_nowhere():
    # Not in a hybrid either, although 0.2 x 0.73 + 0.8 x 0.61 = 0.634 is above the 0.6219 of the free rule.
    poor = set(allowed({"judge_agreement": 0.61}))
    assert not {"rlaif", "hybrid"} & poor and "human-dpo" in poor
    assert "rlaif" in allowed({"judge_agreement": 0.61}, admissible.rule(least_agreement=0))
    assert "rlaif" not in allowed({"judge_agreement": 0.5}, admissible.rule(least_agreement=0))


@pytest.mark.parametrize("by", ["judge", "both"])
def test_a_judge_that_evaluates_is_held_to_what_one_that_labels_is(by):
    people = admissible.objections(PUBLISHED | {"evaluation_by": by, "data_policy": "stays"})["human-dpo"]
    assert people == ("a hosted judge reads prompts and answers to evaluate, and here they may not leave",)
    poor = admissible.objections(PUBLISHED | {"evaluation_by": by, "judge_agreement": 0.6})["human-dpo"]
    assert poor == ("the judge that evaluates agrees in 60.0 % of cases, and taking the longer answer, which is free, "
                    "in 62.2 %",)  # fmt: skip
    # 500 comparisons certify it, and its prompt takes staff as long as that of a judge that labels.
    given = PUBLISHED | {"evaluation_by": by, "judge_engineer_days": 3.0, "staff_usd_per_day": 1000.0}
    assert human_work.of("human-dpo", given).validation == 500
    usual = methods.human_dpo(given | {"evaluation_by": "people"}).line("staff").usd
    assert methods.human_dpo(given).line("staff").usd - usual == 3000


def test_fewer_raters_than_pairs_leave_pairs_unread_and_every_check_read():
    # 0.75 of 10,906 pairs; 805 comparisons of evaluation at 0.67 x 1.2 x 1.1 = $0.8844 as before.
    some = PUBLISHED | {"raters_per_pair": 0.75}
    assert human_work.of("human-dpo", some) == human_work.of("human-dpo", PUBLISHED)._replace(labels=0.75 * 10_906)
    assert methods.human_dpo(some).line("evaluation").usd == pytest.approx(805 * 0.8844)
    assert methods.human_dpo(some).line("labels").usd == pytest.approx(0.75 * 10_906 * 0.8844)
    assert methods.human_dpo(PUBLISHED | {"raters_per_pair": 3}).line("evaluation").usd == pytest.approx(
        3 * 805 * 0.8844
    )


def test_audiences_are_those_of_the_table():
    found = scenarios.audiences()
    assert len(found) == 4
    assert sum(map(len, found.values())) == len(catalog.table("audiences"))


@pytest.mark.parametrize("name", methods.METHODS)
def test_people_are_paid_by_the_comparison(name):
    # The dollars of a method that go with the price of a comparison are its comparisons, each at 0.67 x 1.2 x 1.1.
    method = methods.METHODS[name]
    paid = method(PUBLISHED).usd - method(PUBLISHED | human_work.UNPAID).usd
    assert human_work.of(name, PUBLISHED).total * 0.67 * 1.2 * 1.1 == pytest.approx(paid, rel=1e-9, abs=1e-9)


def test_hours_and_hidden_costs_by_hand():
    assert human_work.hours(300, PUBLISHED) == pytest.approx(300 * 1.1 * 2 / 60)
    assert human_work.cost_factor(PUBLISHED) == pytest.approx(1.2 * 1.1 * (1 + 805 / 10_906))
