"""One recommendation: what is chosen, what would flip it, and that every door says the same."""

import random

import numpy as np
import pytest
from command import answer, refused, told

import costlib
from costlib.economics import admissible, comparison, methods, recommendation, scenarios
from costlib.economics.recommendation import nearest_change
from costlib.facts import catalog, parameters

FEW = 200  # draws


def advised(**answers):
    return recommendation.recommend(recommendation.scenario(**answers), FEW, answers.get("pairs") == "unknown")


def anything(number):
    """A reader with answers by chance."""
    rng = random.Random(f"reader {number}")
    answers = {
        "model": rng.choice(["1b", "llama-3.1-8b", "qwen2.5-32b", "llama-3.1-70b"]),
        "pairs": rng.choice([300, 2000, 30_000, 500_000]),
        "judges": rng.choice(["any", "any", "people", "judge"]),
        "task": rng.choice(["open", "verifiable"]),
        "data_stays": rng.random() < 0.3,
        "teacher": rng.choice([None, "llama-3.1-405b"]),
        "budget": rng.choice([0, 0, 3000, 30_000]),
        "deadline": rng.choice([0, 0, 15, 40]),
        "judge_agreement": rng.choice([0.5, 0.6, 0.7, 0.85]),
    }
    answers |= {"gpus": rng.choice([1, 8, 64])} if rng.random() < 0.5 else {}
    return {name: value for name, value in answers.items() if value is not None}


# --- one answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(30))
def test_recommendation_and_comparison_agree_for_any_reader(number):
    given = recommendation.scenario(**anything(number))
    values = scenarios.complete(given)
    best = recommendation.cheapest(values)
    compared = comparison.compared(values, 20, scenarios.held(given))
    allowed = {each.method.name: each.usd for each in compared if each.allowed}
    assert best == min(allowed, key=allowed.get, default=None)
    why = admissible.objections(values)
    assert {name for name, reasons in why.items() if not reasons} == allowed.keys()


@pytest.mark.parametrize("number", (0, 1, 2))
def test_what_is_recommended_is_allowed_and_the_rest_says_why(number):
    found = recommendation.recommend(recommendation.scenario(**anything(number)), FEW)
    ranked = [each.method.name for each in found.ranked]
    assert set(ranked) | found.forbidden.keys() == methods.METHODS.keys() and not set(ranked) & found.forbidden.keys()
    assert [each.usd for each in found.ranked] == sorted(each.usd for each in found.ranked)
    assert found.best is (found.ranked[0] if ranked else None)
    assert all(all(reasons) for reasons in found.forbidden.values())


def test_answers_become_inputs():
    given = recommendation.scenario(model="llama-3.1-8b", pairs=5000, judges="experts", task="verifiable",
                                    data_stays=True, teacher="llama-3.1-70b", budget=100, deadline=9,
                                    gpus=4)  # fmt: skip
    assert given == {
        "policy_model": "llama-3.1-8b", "num_pairs_m1": 5000, "num_pairs_m2": 0, "labels_by": "people",
        "human_usd_per_pair": 10.0, "teacher_model": "llama-3.1-70b", "teacher_terms": "allowed",
        "task_kind": "verifiable", "data_policy": "stays", "budget_usd": 100, "deadline_days": 9, "policy_gpus": 4,
    }  # fmt: skip
    assert recommendation.scenario() == {} == recommendation.scenario(pairs="unknown", judges="any")
    assert recommendation.scenario(experts=True, human_usd_per_pair=9.0) == {"human_usd_per_pair": 9.0}


def test_what_is_cheaper_in_more_than_a_twentieth_of_the_draws_ties(monkeypatch):
    given = recommendation.scenario(model="llama-3.1-8b", pairs=20_000)
    first, second, third, *others = (each.method.name for each in recommendation.ranking(given, draws=20).ranked)
    # Of a hundred draws the second is cheaper in six and the third in five.
    made = {first: [50.0] * 100, second: [49.0] * 6 + [60.0] * 94, third: [49.0] * 5 + [60.0] * 95}
    made |= dict.fromkeys({*others, *methods.offered(scenarios.complete(given))} - made.keys(), [100.0] * 100)
    monkeypatch.setattr(comparison, "drawn_usd", lambda *_, **__: {name: np.array(usd) for name, usd in made.items()})
    found = recommendation.ranking(given)
    assert found.ties == (second,)
    assert found.cheapest_share == 0.94


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"judges": "nobody"}, "^judges must be one of any, people, experts, judge, got 'nobody'$"),
        ({"judges": "judge", "people_only": True}, "contradict each other"),
        ({"pairs": "unknown", "num_pairs_m1": 500}, "^pairs is unknown and num_pairs_m1 given: leave one of them out$"),
        (
            {"judges": "experts", "human_usd_per_pair": "0"},
            r"^human_usd_per_pair \[USD/pair\] of 0 .* give their price",
        ),
        ({"task": "hard"}, r"^task_kind \[-\] must be one of open, verifiable, got 'hard'"),
        ({"pairs": "many"}, r"^num_pairs_m1 \[pairs\] must be"),
        ({"budget": -1}, r"^budget_usd \[USD\] must be"),
        ({"model": "0.5"}, r"^model must be a name, .*, or a size from 0.49B to 406B as the usual .* have, got '0.5'$"),
        ({"model": "1e14"}, "size from 0.49B to 406B as the usual dense models have, got '1e14'$"),
        ({"model": 0.3e9}, "size from 0.49B to 406B .*, got 300000000.0$"),
        ({"model": "nan"}, "size from 0.49B to 406B .*, got 'nan'$"),
        ({"mode": "llama-2-7b"}, "^unknown parameter 'mode'"),
    ],
)
def test_wrong_answers_are_named_in_one_line(answers, words):
    with pytest.raises(ValueError, match=words) as error:
        recommendation.scenario(**answers)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [10 ** (6 + each / 4) for each in range(33)])
def test_a_size_is_read_as_a_model_of_that_size_or_refused(size):
    # Half a billion to 405 billion: the usual models are at most four times as large as the next, so that the nearest
    # is at most 2.4 times away.
    if 0.45e9 <= size <= 446e9:
        taken = catalog.find("models", recommendation.named(size)).parameters
        assert 1 / 2.45 < taken / size < 2.45
    else:
        refused("size from 0.49B to 406B", recommendation.named, size)


def test_gpus_that_nobody_names_hold_every_method():
    for model in ("1b", "llama-3.1-8b", "llama-3.1-70b"):
        values = scenarios.complete(recommendation.scenario(model=model))
        assert all(each.fits for each in admissible.fits(values, ("sft", "generate", "dpo", "rm", "ppo")).values())


# --- what is forbidden ------------------------------------------------------------------------------------------------


def test_people_alone_where_labels_must_come_from_them():
    found = advised(model="llama-3.1-8b", pairs=20_000, people_only=True)
    assert {each.method.name for each in found.ranked} == {"human-dpo", "human-ppo"}
    assert found.best.method.name == "human-dpo"


def test_data_that_stays_leaves_no_hosted_judge_and_no_service():
    found = advised(model="llama-3.1-70b", pairs=20_000, data_stays=True)
    assert {each.method.name for each in found.ranked} == {"human-dpo", "human-ppo", "self-rewarding"}


def test_a_judge_at_chance_labels_nowhere():
    found = advised(model="llama-3.1-8b", judge_agreement=0.5)
    assert {each.method.name for each in found.ranked} == {"human-dpo", "human-ppo"}


def test_what_is_known_of_quality_begins_with_no_common_sign_and_each_rule_has_its_source():
    known = advised(model="llama-3.1-8b").known
    assert known[0].name == "no-common-sign" and "Studies disagree" in known[0].says
    for row in catalog.table("rules").values():
        assert row.evidence and row.source and row.locator


# --- what would flip it -----------------------------------------------------------------------------------------------


def test_a_flip_is_where_both_methods_cost_the_same():
    found = advised(model="llama-3.1-8b", pairs=20_000)
    assert found.best.method.name == "rlaif"
    flips = {each.name: each for each in found.flips}
    assert [each.times for each in found.flips] == sorted(each.times for each in found.flips)
    # The service and the own GPUs cost the same there.
    price = flips["price_usd_per_gpu_hour"]
    at = methods.compare(found.values | {"price_usd_per_gpu_hour": price.value}, ("rlaif", "hosted"))
    assert at["rlaif"].usd == pytest.approx(at["hosted"].usd, rel=1e-9) and price.method == "hosted"
    # A judge is forbidden at the agreement of the free rule, and the next that is allowed is named.
    assert flips["judge_agreement"].value == pytest.approx(0.6219, abs=1e-9)
    assert flips["judge_agreement"].method == "human-dpo"


def test_a_flip_far_away_is_found_and_without_one_the_limits_are_told():
    # A judge is cheaper than a program where people, who certify it, cost ten thousands of times less than $10,000.
    found = advised(model="llama-3.1-8b", pairs=20_000, task="verifiable", human_usd_per_pair=10_000.0)
    price = next(each for each in found.flips if each.name == "human_usd_per_pair")
    assert price.times > 2**13
    at = methods.compare(found.values | {"human_usd_per_pair": price.value}, (found.best.method.name, price.method))
    one, other = (each.usd for each in at.values())
    assert one == pytest.approx(other, rel=1e-9)
    # Whatever is neither a flip nor absent from the case is told with its limits.
    told_of = {each.name for each in found.flips} | {each.name for each in found.unmoved}
    assert told_of == set(recommendation.FLIPS) - {"budget_usd", "deadline_days"}
    for each in found.unmoved:
        known = parameters.vocabulary()["num_pairs_m1" if each.name == "pairs" else each.name]
        assert (each.low, each.high) == (known.minimum or (1 if known.type is int else 1e-12), known.maximum)
        moved = [{each.name: end} if each.name != "pairs" else {"num_pairs_m1": end, "num_pairs_m2": 0}
                 for end in (each.low, each.high)]  # fmt: skip
        assert {recommendation.cheapest(found.values | end) for end in moved} == {found.best.method.name}
    said = " ".join(repr(costlib.recommend(model="8b", pairs=20_000, draws=20)).split())
    assert "none flips it within its limits: pairs (1 to 1e12), " in said


def test_a_budget_that_allows_nothing_says_from_which_one_something_is_allowed():
    found = advised(model="llama-3.1-8b", pairs=5000, budget=500)
    assert (found.best, found.next, found.ranked, found.cheapest_share) == (None, None, (), 0)
    budget = next(each for each in found.flips if each.name == "budget_usd")
    cheapest = min(methods.METHODS[name](found.values).usd for name in ("rlaif", "hosted", "targeted"))
    assert budget.value == pytest.approx(cheapest) and budget.method == "rlaif"


@pytest.mark.parametrize(
    ("switch", "here", "low", "high", "found"),
    [(7.0, 2.0, 0.1, 100, 7.0), (7.0, 20.0, 0.1, 100, 7.0), (7.0, 2.0, 0.1, 5, None), (2.0, 2.0, 0.1, 100, 2.0),
     (1e9, 2.0, 0.1, 1e12, 1e9), (1e-11, 2.0, 1e-12, 10, 1e-11), (3e12, 2.0, 0.1, 1e12, None),
     (1e12, 2.0, 1, 1e12, 1e12)],
)  # fmt: skip
def test_the_nearest_change_by_hand(switch, here, low, high, found):
    def winner(value):
        return "a" if value < switch else "b"

    value = nearest_change(winner, winner(here), here, low, high)
    assert value == (None if found is None else pytest.approx(found, rel=1e-9))


def test_of_two_changes_the_nearer_by_its_ratio_counts():
    # From 10, 4 is 2.5 times away and 24 is 2.4 times.
    assert nearest_change(lambda v: "a" if 4 < v < 24 else "b", "a", 10.0, 0.1, 100) == pytest.approx(24)


# --- shown ------------------------------------------------------------------------------------------------------------


def test_unknown_pairs_give_an_answer_for_each_size_and_a_wider_interval():
    one, unknown = advised(model="llama-3.1-8b"), advised(model="llama-3.1-8b", pairs="unknown")
    assert list(unknown.by_pairs) == [1000, 10_000, 100_000, 1_000_000] and not one.by_pairs
    for size, method in unknown.by_pairs.items():
        values = unknown.values | {"num_pairs_m1": size, "num_pairs_m2": 0}
        assert method.name == recommendation.cheapest(values)
        assert method.usd == methods.METHODS[method.name](values).usd
    assert unknown.best.usd_high > one.best.usd_high and unknown.best.usd == one.best.usd


def test_an_answer_says_as_which_model_a_size_was_read():
    words = "40b read as qwen2.5-32b, the nearest in size of the usual dense models"
    found = costlib.recommend(model="40b", gpu="h100", draws=20)
    assert found.to_dict()["read_as"] == [words, "h100 read as h100-sxm-80gb"]
    assert answer("recommend", "--model", "40b", "--draws", 20)["read_as"] == [words]
    assert f"\nread: {words}\n" in told("recommend", "--model", "40b", "--draws", 20, columns=300)
    assert costlib.recommend(model="llama-3.1-8b", draws=20).read_as == [] == costlib.recommend(draws=20).read_as
    assert told("recommend", "--model", "1e14", code=2).endswith("as the usual dense models have, got '1e14'\n")


def test_plain_values_hold_what_the_answer_says():
    found = costlib.recommend(model="llama-3.1-8b", pairs=20_000, draws=FEW)
    plain = found.to_dict()
    assert plain["method"] == found.method == "rlaif" and plain["usd"] == found.best.usd
    assert plain["next"]["method"] == found.next.method.name and plain["scenario"] == found.scenario
    assert set(plain["scenario"]) <= parameters.vocabulary().keys()
    allowed = [each["method"] for each in plain["methods"] if not each["forbidden"]]
    assert allowed == [each.method.name for each in found.found.ranked]
    assert found.to_frame()["usd"][0] == plain["usd"]
    nothing = costlib.recommend(model="llama-3.1-8b", budget=1, draws=20).to_dict()
    assert (
        nothing["method"] is None and nothing["next"] is None and all(each["forbidden"] for each in nothing["methods"])
    )
