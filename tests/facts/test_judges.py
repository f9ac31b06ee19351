"""Judges: price, discount and agreement of one model together, what is retired, and what is not known."""

from datetime import date

import pytest
from agreements import joint_agreements
from command import answer, refused

from costlib.calculator.door import Calculator
from costlib.economics import methods, scenarios
from costlib.facts import judges, parameters, prices


def test_the_published_judge_gives_what_version_0_9_0_published():
    # gpt-4o of December 2024 at $2.50 and $10.00, half in a batch; GPT-4 agreed in 69 %; Lee et al. appendix L: 61
    # tokens, none hidden, and 18 % of the labels followed the order of the answers.
    assert judges.sets("as-published") == pytest.approx({
        "judge_usd_per_million_input": 2.5, "judge_output_price_ratio": 4.0, "batch_discount": 0.5,
        "judge_agreement": 0.69, "judge_answer_tokens": 61, "judge_reasoning_tokens": 0,
        "unusable_share": 0.18})  # fmt: skip
    assert judges.judges()["as-published"].assumed == ()


def test_a_judge_sets_price_ratio_discount_and_agreement_of_one_model():
    # arXiv:2609.26550, table 1: 93.0 % on RewardBench; $2.50 ($0.25 if read before) and $15.00, half in a batch.
    assert judges.sets("gpt-5-4-rewardbench") == pytest.approx({
        "judge_usd_per_million_input": 2.5, "judge_output_price_ratio": 6.0, "batch_discount": 0.5,
        "judge_cached_price_ratio": 0.1, "judge_agreement": 0.93, "judge_answer_tokens": 34,
        "judge_reasoning_tokens": 200, "unusable_share": 0.18})  # fmt: skip
    # No batch price is known of this one: none is taken off.
    assert judges.sets("gpt-oss-120b-judgebench")["batch_discount"] == 0


def test_the_judge_of_2026_has_price_and_agreement_with_people_of_one_model_and_says_what_is_assumed():
    # $2.00, $0.20 where read before, $12.00; 84.9 % with the experts of MT-Bench, who agree with each other in 81 %.
    found = judges.judges()["gemini-3-1-pro-mt-bench"]
    assert (found.usd_per_million_input, found.usd_per_million_cached_input, found.usd_per_million_output) == (
        2,
        0.2,
        12,
    )
    assert (found.agreement, found.reference, found.n, found.state) == (0.849, "people, experts", 2391, "")
    assert found.assumed == tuple(judges.ASSUMED) == ("judge_answer_tokens", "judge_reasoning_tokens", "unusable_share")
    assert [found.inputs[name] for name in found.assumed] == [34, 200, 0.18]
    beside = [each for each in joint_agreements() if each.judge_agreement == found.agreement]
    assert [(each.data, each.people_agreement, each.year) for each in beside] == [("MT-Bench", 0.81, 2026)]
    assert beside[0].difference == pytest.approx(0.039)
    assert max(joint_agreements(), key=lambda each: each.year).judge == "MT-Bench, Gemini 3.1 Pro against experts"


def test_a_model_that_does_not_reason_hides_no_tokens():
    known = judges.judges()
    for name in ("gpt-4-1-rewardbench", "gpt-4o-judge-judgebench", "qwen3-32b-judgebench", "jev-1-13-rewardbench"):
        assert known[name].reasoning_tokens == 0 and "judge_reasoning_tokens" not in known[name].assumed, name
    # 106 of 1,312 outputs were invalid.
    assert known["qwen3-6-27b-judgebench"].inputs["unusable_share"] == pytest.approx(106 / 1312, abs=0.0003)


def test_the_fee_of_gpt_6_gives_the_tokens_that_it_writes():
    # $0.044 per 1,000 at $0.042 a million is what JEV reads; the rest of $12.182 at $10 and $50 is written.
    read = 0.044 / 1000 / 0.042e-6
    written = (12.182 / 1000 - read * 10e-6) / 50e-6
    assert judges.judges()["gpt-6-astra-judgebench"].answer_tokens == round(written)
    assert judges.call("gpt-6-astra-judgebench", read, written)[0] == pytest.approx(0.012182)


def test_a_call_pays_for_hidden_tokens_and_less_for_those_read_before():
    # 1,000 read at $2.00, or 800 of them at $0.20; 34 written and 200 hidden at $12.00.
    paid = 1000 * 2e-6 + (34 + 200) * 12e-6
    assert judges.call("gemini-3-1-pro-mt-bench", 1000, 34)[0] == pytest.approx(paid)
    assert judges.call("gemini-3-1-pro-mt-bench", 1000, 34, hidden=0)[0] == pytest.approx(paid - 200 * 12e-6)
    assert judges.call("gemini-3-1-pro-mt-bench", 1000, 34, cached=800)[0] == pytest.approx(paid - 800 * 1.8e-6)
    # Of this one no price is known for what it has read before.
    assert judges.call("qwen3-8-27b-judgebench", 100, 1, 0, cached=100) == judges.call(
        "qwen3-8-27b-judgebench", 100, 1, 0
    )


def test_every_price_has_a_day_and_every_batch_price_is_half_or_a_fifth_off():
    for judge in judges.judges().values():
        assert (judge.usd_per_million_input is None) == (not judge.price_date), judge.name
        assert judge.batch_discount in (None, 0.5, 0.2), judge.name


def test_what_is_given_is_not_set_and_what_is_unknown_must_be_given():
    found = judges.sets("gpt-5-4-rewardbench", ["judge_agreement"])
    assert "judge_agreement" not in found and len(found) == 7
    refused(
        "^judge gpt-5-mini-price: judge_agreement is not known of it; give it as well", judges.sets, "gpt-5-mini-price"
    )
    refused("^judge qwen3-32b-rewardbench: judge_usd_per_million_input, .* are not known of it; give them",
            judges.sets, "qwen3-32b-rewardbench")  # fmt: skip
    refused("^unknown judge 'gpt-5-4-rewardbenc'; did you mean gpt-5-4-rewardbench", judges.sets, "gpt-5-4-rewardbenc")


def test_a_model_that_is_retired_or_without_a_price_writes_no_answers():
    found = judges.priced()
    assert "o4-mini" not in found and "Qwen3 32B" not in found and found["GPT-5 mini"].state == "retires 2026-12-11"
    assert all(each.label == label and judges.call(each.name, 1, 1) for label, each in found.items())


def test_agreements_stand_side_by_side_only_on_the_same_data():
    # AlpacaEval 65.7 and 69.2 %; MT-Bench 81 and 85 %, with ties 63 and 66 %: never InstructGPT's people with them.
    pairs = {(each.people_agreement, each.judge_agreement) for each in joint_agreements()}
    assert pairs == {(0.657, 0.692), (0.81, 0.85), (0.63, 0.66), (0.81, 0.849), (0.6578, 0.6458)}


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
        assert set(judge.inputs) <= {*judges.SETS, "judge_cached_price_ratio"}
        assert judge.to_dict()["state"] == judge.state


def test_a_scenario_takes_a_judge_as_a_whole_and_holds_it():
    found = scenarios.complete({"judge": "gpt-5-4-rewardbench"})
    assert judges.sets("gpt-5-4-rewardbench").items() <= found.items()
    assert set(judges.SETS) <= set(scenarios.held({"judge": "gpt-5-4-rewardbench"}))
    given = scenarios.complete({"judge": "gpt-5-4-rewardbench", "batch_discount": 0.1})
    assert given["batch_discount"] == 0.1 and given["judge_agreement"] == 0.93
    # The default judge brings what the vocabulary has, and that of earlier versions what they had.
    usual = parameters.defaults()
    assert judges.sets(usual["judge"]).items() <= usual.items()
    # Named, it is known as any other is.
    assert set(scenarios.held({"judge": usual["judge"]})) >= {"judge", *judges.SETS} and scenarios.held({}) == ()
    earlier = scenarios.complete({"judge": "as-published"})
    assert {name: earlier[name] for name in judges.SETS} == {
        "judge_usd_per_million_input": 2.5, "judge_output_price_ratio": 4, "batch_discount": 0.5,
        "judge_agreement": 0.69, "judge_answer_tokens": 61, "judge_reasoning_tokens": 0, "unusable_share": 0.18,
    }  # fmt: skip
    refused("^judge gpt-5-price: judge_agreement is not known", scenarios.complete, {"judge": "gpt-5-price"})
    refused(r"^judge \[-\] must be one of \d+ names.*did you mean", scenarios.complete, {"judge": "gpt-5-4"})


def test_a_judge_moves_every_door_alike():
    # 10,906 usable pairs at 18 % unusable are 13,300 labels, each judged in both orders at half the price: 830 tokens
    # read, 34 written and 200 unseen.
    given = {"judge": "gpt-5-4-rewardbench", "judge_prompt_tokens": 830}
    values = scenarios.complete(given)
    usd = 10_906 / 0.82 * 2 * (830 * 2.5 + (34 + 200) * 15) / 1e6 * 0.5
    assert methods.rlaif(values).line("labels").usd == pytest.approx(usd)
    values = scenarios.complete({"judge": "gpt-5-4-rewardbench"})
    calculator = Calculator().answer({"judge": "gpt-5-4-rewardbench"})
    assert not calculator["errors"] and calculator["query"] == "judge=gpt-5-4-rewardbench"
    rows = {row["method"]: row for row in calculator["numbers"]["methods"]}
    assert rows["rlaif"]["usd"] == pytest.approx(methods.rlaif(values).usd)
    assert answer("compare", "-p", "judge=gpt-5-4-rewardbench", "--draws", 20)[4]["usd"] == pytest.approx(
        rows["rlaif"]["usd"]
    )
