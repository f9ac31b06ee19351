"""Judges: price, discount and agreement of one model together, what is retired, and what is not known."""

from datetime import date

import pytest
from command import answer, refused

from costlib.calculator.door import Calculator
from costlib.economics import methods, scenarios
from costlib.facts import judges, parameters, prices


def test_the_published_judge_sets_the_published_inputs():
    published = parameters.defaults()
    assert judges.sets(judges.PUBLISHED) == {name: published[name] for name in judges.SETS}


def test_a_judge_sets_price_ratio_discount_and_agreement_of_one_model():
    # arXiv:2609.26550, table 1: 93.0 % on RewardBench; $2.50 and $15.00, half in a batch.
    assert judges.sets("gpt-5-4-rewardbench") == pytest.approx({
        "judge_usd_per_million_input": 2.5, "judge_output_price_ratio": 6.0, "batch_discount": 0.5,
        "judge_agreement": 0.93})  # fmt: skip
    # No batch price is known of this one: none is taken off.
    assert judges.sets("gpt-oss-120b-judgebench")["batch_discount"] == 0


def test_what_is_given_is_not_set_and_what_is_unknown_must_be_given():
    found = judges.sets("gpt-5-4-rewardbench", ["judge_agreement"])
    assert "judge_agreement" not in found and len(found) == 3
    refused(
        "^judge gpt-5-mini-price: judge_agreement is not known of it; give it as well", judges.sets, "gpt-5-mini-price"
    )
    refused("^judge qwen3-32b-rewardbench: judge_usd_per_million_input, .* are not known of it; give them",
            judges.sets, "qwen3-32b-rewardbench")  # fmt: skip
    refused("^unknown judge 'gpt-5-4-rewardbenc'; did you mean gpt-5-4-rewardbench", judges.sets, "gpt-5-4-rewardbenc")


def test_retired_and_announced_models_are_marked_at_the_date_of_the_edition():
    assert date(2026, 11, 27) == prices.EDITION
    states = {each.label: each.state for each in judges.judges().values()}
    assert states["o4-mini"] == "retired"  # 23 October 2026
    assert states["Claude Sonnet 4.5"] == "retires 2026-11-30" and states["GPT-6 Sol"] == ""


def test_kappa_and_the_best_of_four_are_no_agreement_on_pairs():
    known = judges.judges()
    assert known["gpt-5-4-judgebench-kappa"].agreement is None
    assert known["gpt-5-4-judgebench-kappa"].kappa == 0.606
    assert known["qwen3-32b-rewardbench-2"].agreement is None is known["qwen3-32b-rewardbench-2"].kappa


def test_every_agreement_is_a_possible_input():
    for judge in judges.judges().values():
        parameters.check(judge.inputs)
        assert judge.to_dict()["state"] == judge.state


def test_a_scenario_takes_a_judge_as_a_whole_and_holds_it():
    found = scenarios.complete({"judge": "gpt-5-4-rewardbench"})
    assert {name: found[name] for name in judges.SETS} == judges.sets("gpt-5-4-rewardbench")
    assert set(judges.SETS) <= set(scenarios.held({"judge": "gpt-5-4-rewardbench"}))
    given = scenarios.complete({"judge": "gpt-5-4-rewardbench", "batch_discount": 0.1})
    assert given["batch_discount"] == 0.1 and given["judge_agreement"] == 0.93
    assert (
        scenarios.complete({"judge": "as-published"}) == scenarios.complete({})
        and scenarios.held({"judge": "as-published"}) == ()
    )
    refused("^judge gpt-5-price: judge_agreement is not known", scenarios.complete, {"judge": "gpt-5-price"})
    refused(r"^judge \[-\] must be one of \d+ names.*did you mean", scenarios.complete, {"judge": "gpt-5-4"})


def test_a_judge_moves_every_door_alike():
    # 10,906 usable pairs at 18 % unusable are 13,300 labels, each judged in both orders at half the price.
    values = scenarios.complete({"judge": "gpt-5-4-rewardbench"}) | {"judge_prompt_tokens": 830}
    usd = 10_906 / 0.82 * 2 * (830 * 2.5 + 61 * 15) / 1e6 * 0.5
    assert methods.rlaif(values).line("labels").usd == pytest.approx(usd)
    values = scenarios.complete({"judge": "gpt-5-4-rewardbench"})
    calculator = Calculator().answer({"judge": "gpt-5-4-rewardbench"})
    assert not calculator["errors"] and calculator["query"] == "judge=gpt-5-4-rewardbench"
    rows = {row["method"]: row for row in calculator["numbers"]["methods"]}
    assert rows["rlaif"]["usd"] == pytest.approx(methods.rlaif(values).usd)
    assert answer("compare", "-p", "judge=gpt-5-4-rewardbench", "--draws", 5)[4]["usd"] == pytest.approx(
        rows["rlaif"]["usd"]
    )
