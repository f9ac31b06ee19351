"""What is allowed and why not, methods side by side, and amounts, by hand on made-up methods."""

import math
import operator

import numpy as np
import pytest
from command import refused
from earlier import EARLIER

from costlib.economics import (
    admissible,
    break_even,
    calendar_time,
    comparison,
    experts,
    human_work,
    labels,
    ladder,
    methods,
    ratios,
    scenarios,
    shares,
    uncertainty,
)
from costlib.economics.admissible import Fit, Rule
from costlib.economics.methods import Line, Method
from costlib.facts import catalog, parameters

PUBLISHED = scenarios.complete(EARLIER)
FITS = {
    stage: Fit(stage, True, gpus, 10.0)
    for stage, gpus in zip(admissible.STAGES, (2, 4, 8, 16, 32, 32, 32, 4), strict=True)
}


def method(name="rlaif", usd=100.0, agreement=0.7, pairs=10.0):
    lines = (Line("seed data", "seed", 0.0, usd / 4, 1.0), Line("labels", "label", 2.0, usd * 3 / 4, 3.0))
    return Method(name, lines, pairs, agreement)


# --- rules ----------------------------------------------------------------------------------------------------------


def test_the_stages_of_a_method_must_fit():
    assert admissible.needed_gpus("human-ppo", FITS) == 32  # fine-tuning, generation, reward model and PPO
    assert admissible.needed_gpus("rlaif", FITS) == 8 and admissible.needed_gpus("published", FITS) == 0
    tight = FITS | {"rm": FITS["rm"]._replace(fits=False), "dpo": FITS["dpo"]._replace(fits=False)}
    assert admissible.stages_that_do_not_fit("human-ppo", tight) == ["rm"]
    assert admissible.stages_that_do_not_fit("rlaif", tight) == ["dpo"]
    assert admissible.stages_that_do_not_fit("published", tight) == []


@pytest.mark.parametrize(
    ("each", "found", "reasons"),
    [
        (method(), FITS, ()),
        (method("published"), FITS, ("the article's count leaves lines out",)),
        (
            method(),
            FITS | {"sft": FITS["sft"]._replace(fits=False), "dpo": FITS["dpo"]._replace(fits=False)},
            ("does not fit the memory of the GPUs: sft, dpo",),
        ),
        (
            method("self-rewarding"),
            FITS,
            ("a model judges itself only where that was tested: from 100.0B parameters up, here 69.0B",),
        ),
    ],
)
def test_reasons_against_a_method(each, found, reasons):
    by = Rule(0.63, 100e9)
    assert admissible.objections(PUBLISHED, {each.name: each}, found, by) == {each.name: reasons}


FREE = "labels of {} agree in {} % of cases, and taking the longer answer, which is free, in 62.2 %"


@pytest.mark.parametrize(
    ("name", "people", "judge", "reasons"),
    [
        ("rlaif", 0.73, 0.5, ("labels of the judge are no better than a coin",)),
        ("rlaif", 0.5, 0.69, ()),  # people label nothing there
        ("rlaif", 0.73, 0.51, (FREE.format("the judge", "51.0"),)),
        ("rlaif", 0.73, 0.6219, (FREE.format("the judge", "62.2"),)),
        ("rlaif", 0.73, 0.622, ()),
        ("human-dpo", 0.6, 0.69, (FREE.format("people", "60.0"),)),
        ("human-dpo", 0.73, 0.5, ()),
        # Asked of each who labels, and not of the mean of a mixture.
        ("hybrid", 0.95, 0.61, (FREE.format("the judge", "61.0"),)),
        ("hybrid", 0.6, 0.61, (FREE.format("people and the judge", "60.0"),)),
        ("hybrid", 0.5, 0.5, ("labels of people and the judge are no better than a coin",)),
        ("verifiable", 0.5, 0.5, ()),
    ],
)
def test_who_labels_must_agree_more_often_than_a_free_rule(name, people, judge, reasons):
    values = PUBLISHED | {"human_agreement": people, "judge_agreement": judge, "task_kind": "verifiable"}
    assert admissible.objections(values, {name: method(name)}, FITS) == {name: reasons}


def test_every_rule_has_a_row_and_every_row_a_rule():
    rows = catalog.table("rules")
    assert [name for name, row in rows.items() if row.kind == "rule"] == list(admissible.RULES)
    assert {name for row in rows.values() for name in row.methods.split("|") if name} <= methods.METHODS.keys()
    assert rows["own-judge"].value == catalog.find("models", "llama-2-70b").parameters
    # Somebody labels in each method that is asked how often labels agree, and in no other.
    for name in methods.METHODS.keys() - {"published"}:
        people, judge = human_work.label_share(name, PUBLISHED) > 0, name in human_work.VALIDATED
        assert (name in rows["free-rule"].methods.split("|")) == (people or judge) == (
            name in rows["coin"].methods.split("|"))  # fmt: skip
        assert (name in rows["judge-labels"].methods.split("|")) == people, name
        assert (name in rows["people-label"].methods.split("|")) == (name not in ("human-ppo", "human-dpo")), name


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"task_kind": "open"}, "verifiable", "no program can tell"),
        ({"data_policy": "stays"}, "rlaif", "may not leave"),
        ({"data_policy": "stays"}, "hosted", "may not leave"),
        ({"labels_by": "people"}, "hybrid", "people alone may"),
        ({"labels_by": "judge"}, "targeted", "a judge or program alone may"),
        ({}, "distilled", "no owner allows that"),
        ({"teacher_terms": "allowed"}, "distilled", "Llama 2 70B is no larger than Llama 2 70B"),
        ({"teacher_terms": "allowed", "teacher_model": "llama-3.1-405b"}, "distilled",
         "Llama 3.1 405B has 128,256, Llama 2 70B 32,000"),
        ({"budget_usd": 99}, "rlaif", "costs $100, above the budget of $99"),
        ({"deadline_days": 3}, "rlaif", "takes 4 days, and the deadline is 3"),
    ],
)  # fmt: skip
def test_answers_forbid_methods_and_say_why(changes, name, said):
    found = admissible.objections(PUBLISHED | changes, {name: method(name)}, FITS)[name]
    assert len(found) == 1 and said in found[0], found


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"data_policy": "stays", "labels_by": "people"}, "human-dpo"),
        ({"data_policy": "stays"}, "self-rewarding"),
        ({"task_kind": "verifiable", "labels_by": "judge"}, "verifiable"),
        ({"policy_model": "llama-2-7b", "teacher_terms": "allowed"}, "distilled"),
        ({"budget_usd": 100, "deadline_days": 4}, "rlaif"),
    ],
)
def test_answers_allow_the_other_methods(changes, name):
    assert admissible.objections(PUBLISHED | changes, {name: method(name)}, FITS)[name] == ()


def test_the_rule_of_the_book_and_a_changed_one():
    size = admissible.rule().tested_parameters
    assert admissible.rule() == Rule(0.6219, 68_976_648_192)
    assert admissible.rule(least_agreement=0.5) == Rule(0.5, size)
    # A model of exactly the tested size may judge itself.
    same = method("self-rewarding")
    assert admissible.objections(PUBLISHED, {same.name: same}, FITS)[same.name] == ()


# --- side by side ---------------------------------------------------------------------------------------------------


def test_intervals_and_ratios_of_drawn_dollars():
    central = {"human-dpo": method("human-dpo", 200.0), "rlaif": method("rlaif", 100.0)}
    # The judge costs as much as the number of the draw, people ten times that of the draw: a ratio of 10 in all.
    drawn = {"human-dpo": 10 * np.arange(1.0, 102.0), "rlaif": np.arange(1.0, 102.0)}
    people, judge = comparison.with_intervals(central, drawn, {"human-dpo": (), "rlaif": ("why",)})
    assert (judge.usd_low, judge.usd_high, judge.usd) == (6.0, 96.0, 100.0)
    assert (judge.ratio, judge.ratio_low, judge.ratio_high) == (2.0, 10.0, 10.0)
    assert (people.ratio, people.ratio_low, people.ratio_high) == (1.0, 1.0, 1.0)
    # 10 n less n of each draw n from 1 to 101: 9 x 6 and 9 x 96 at the ends.
    assert (judge.saved, judge.saved_low, judge.saved_high) == (100.0, 54.0, 864.0)
    assert (people.allowed, judge.allowed, judge.objections) == (True, False, ("why",))
    lists = comparison.with_intervals(
        central, {name: list(each) for name, each in drawn.items()}, {"human-dpo": (), "rlaif": ()}
    )
    assert [each[1:6] for each in lists] == [each[1:6] for each in (people, judge)]
    with pytest.raises(ValueError, match="shorter"):
        comparison._each(operator.sub, [1.0, 2.0], [1.0])
    found = judge.quantities
    assert {name: (q.value, q.low, q.high) for name, q in found.items()} == {
        "usd": (100.0, 6.0, 96.0),
        "gpu_hours": (2.0, None, None),
        "days": (4.0, None, None),
        "usd_per_effective_pair": (pytest.approx(100 / (10 * 0.4)), None, None),
        "ratio": (2.0, 10.0, 10.0),
        "saved": (100.0, 54.0, 864.0),
        "usd_without_staff": (100.0, None, None),
    }
    plain = judge.to_dict()
    assert (
        plain["method"] == "rlaif"
        and plain["label"] == "RLAIF with a hosted judge"
        and plain["pairs"] == 10
        and plain["days"] == 4.0
    )
    assert (plain["usd_low"], plain["usd_high"], plain["ratio_low"], plain["ratio_high"]) == (6.0, 96.0, 10.0, 10.0)
    assert plain["allowed"] is False and plain["objections"] == ["why"]
    assert plain["lines"][0] == {
        "name": "seed data",
        "kind": "seed",
        "gpu_hours": 0.0,
        "usd": 25.0,
        "days": 1.0,
        "note": "",
    }


def test_draws_are_made_in_powers_of_two(monkeypatch):
    asked = []
    monkeypatch.setattr(comparison.uncertainty, "draw", lambda draws, known: asked.append(draws) or {})
    comparison._all_draws.cache_clear()
    for count in (0, 1, 2, 3, 4, 5, 1024, 1025):
        comparison._all_draws(count, known=True)
    comparison._all_draws.cache_clear()
    assert asked == [1, 1, 2, 4, 4, 8, 1024, 2048]


def test_one_by_one_gives_what_all_at_once_gives_and_keeps_what_is_fixed():
    names = [name for name in parameters.vocabulary() if parameters.vocabulary()[name].shape]
    rows = list(comparison.draws_one_by_one(PUBLISHED, 2, 4, names))
    assert len(rows) == 2 and rows[0] == {
        name: each.usd for name, each in methods.compare(PUBLISHED, methods.offered(PUBLISHED)).items()
    }
    whole = comparison.drawn_usd(PUBLISHED, 8)
    one = list(comparison.draws_one_by_one(PUBLISHED, 5, 6))
    assert one[0]["rlaif"] == pytest.approx(float(whole["rlaif"][5]), rel=1e-9)


def test_amounts_of_methods_and_their_quotients():
    found = {"human-dpo": method("human-dpo", 200.0), "rlaif": method("rlaif", 100.0)}
    assert comparison.amount(found, "rlaif.usd") == 100 and comparison.amount(found, "rlaif.seed-data.usd") == 25
    assert (
        comparison.amount(found, "human-dpo.labels.usd / rlaif.seed-data.usd") == 6
        and found["rlaif"].amount("days") == 4
    )
    with pytest.raises(ValueError, match=r"^the method of an amount must be one of human-dpo, rlaif, got 'poetry'"):
        comparison.amount(found, "poetry.usd")
    with pytest.raises(ValueError, match=r"^line must be one of .*, got 'poetry'"):
        found["rlaif"].amount("poetry.usd")


def test_shares_of_lines_and_of_gpu_time():
    each, values = method(usd=100.0), {"price_usd_per_gpu_hour": 10.0}
    assert shares.usd_of(each, "labels", "seed data") == 100 and shares.of_lines(each, "labels") == 0.75
    assert shares.gpu_usd(each, values) == 20 and shares.paid_usd(each, values) == 80
    assert shares.of_gpus(each, values) == 0.2 and shares.of_gpus(each, values, ["labels"]) == 0.0
    assert shares.of_gpus(each, values, ["seed data"]) == 0.2


# --- methods --------------------------------------------------------------------------------------------------------


def test_the_articles_lines_say_which_it_does_not_count():
    notes = {line.name: line.note for line in methods.published(PUBLISHED).lines}
    unpaid = "not counted by the article"
    assert notes == {
        "seed data": unpaid,
        "fine-tuning": "",
        "candidates": "",
        "labels": "",
        "training": "",
        "evaluation": unpaid,
        "staff": unpaid,
        "failed runs and sweeps": unpaid,
    }
    kinds = [line.kind for line in methods.published(PUBLISHED).lines]
    assert kinds == ["seed", "train", "generate", "label", "train", "evaluate", "staff", "overhead"]


def test_what_people_are_paid_by_hand():
    values = PUBLISHED | {"seed_usd_per_example": 2.0}
    each = 0.67 * 1.2 * 1.1
    assert human_work.paid("published", values) == (0, 0, 0)
    assert human_work.paid("human-dpo", values) == pytest.approx((4830 * 2, 10_906 * each, 805 * each))
    assert human_work.paid("rlaif", values) == pytest.approx((4830 * 2, 0, (500 + 805) * each))
    assert human_work.paid("rlaif", values).total == pytest.approx(4830 * 2 + 1305 * each)
    assert human_work.of("hybrid", values) == (0.2 * 10_906, 500, 805, 0)
    assert human_work.of("human-ppo", values) == (10_906, 0, 805, 0) and human_work.of("self-rewarding", values) == (
        0,
        500,
        805,
        0,
    )
    # An audit of as many comparisons as certify a judge, wherever people label.
    audited = values | {"audit_share": 1.0}
    assert [human_work.of(name, audited).audit for name in ("human-ppo", "human-dpo", "hybrid", "rlaif")] == [
        500, 500, 500, 0]  # fmt: skip
    assert human_work.paid("human-dpo", audited).checks == pytest.approx((805 + 500) * each)


def test_labels_of_effective_pairs():
    assert method(usd=100.0, agreement=0.75).usd_per_effective_pair == 20
    assert method(usd=1.0, agreement=0.5).usd_per_effective_pair == math.inf


@pytest.mark.parametrize(
    ("function", "named", "words"),
    [
        (
            labels.validation_pairs,
            {"agreement": 1.1, "margin": 0.03},
            r"^agreement must be at most 1 \[fraction\], got 1.1$",
        ),
        (
            labels.annotation_days,
            {"comparisons": 1, "minutes": 1, "annotators": 1, "hours_per_day": 0},
            r"^hours_per_day must be a finite number above 0 \[hours\], got 0$",
        ),
        (
            labels.effective_share,
            {"agreement": 0.4},
            r"^agreement must be a finite number of at least 0.5 \[fraction\], got 0.4$",
        ),
        (labels.effective_share, {"agreement": 1.01}, r"^agreement must be from 0.5 to 1 \[fraction\], got 1.01$"),
        (labels.needed_for, {"usable": -1, "unusable_share": 0.5}, r"^usable must be .* \[labels\], got -1$"),
        (
            labels.needed_for,
            {"usable": 1, "unusable_share": 1.0},
            r"^unusable_share must be below 1 \[fraction\], got 1.0$",
        ),
        (
            labels.hosted_label,
            {
                "prompt_tokens": 1,
                "answer_tokens": 1,
                "usd_per_million_input": 1,
                "usd_per_million_output": 1,
                "batch_discount": 1.2,
            },
            r"^batch_discount must be at most 1 \[fraction\], got 1.2$",
        ),
    ],
)
def test_limits_of_labels_are_said_with_their_units(function, named, words):
    refused(words, function, **named)


def test_limits_themselves_are_allowed():
    assert labels.validation_pairs(1, 0.1) == 0 and labels.validation_pairs(0, 0.1) == 0
    assert labels.hosted_label(1, 1, 1, 1, batch_discount=1) == 0 and labels.effective_share(1) == 1


# --- experts, teams, crossings --------------------------------------------------------------------------------------


def test_shares_of_experts_stay_from_nothing_to_all():
    assert experts.affordable_share(PUBLISHED, 1e6) == pytest.approx(0, abs=0.01)
    # Where the judge alone costs more than people, experts may have none; where they cost less than it, all or none.
    dear = PUBLISHED | {"judge_usd_per_million_input": 1e5}
    assert experts.affordable_share(dear, 1e6) == 0.0
    assert experts.affordable_share(dear, 0.0) == 0.0 and experts.affordable_share(PUBLISHED, 0.1) == 1.0


def test_teams_by_hand():
    assert calendar_time.collecting_days(300, 60) == 7 and calendar_time.WORKING_DAYS == 1.4
    assert calendar_time.team_hours(1, 6, 20) == 6 and calendar_time.team_hours(2, 6, 60) == 11
    assert calendar_time.fastest_team(6, 360) == 1 and calendar_time.fastest_team(6, 15) == 24


def test_numbers_of_annotators_that_no_team_has(monkeypatch):
    def days(fast_from, always=None):
        """RLAIF takes ten days; people as many days as make them equally fast from a number of annotators on."""

        def of(slow):
            return lambda values: method()._replace(lines=(Line("x", "label", 0, 0, slow(values)),))

        monkeypatch.setattr(methods, "rlaif", of(lambda v: 10.0))
        monkeypatch.setattr(
            methods, "human_dpo", of(lambda v: 10.0 * fast_from / v["annotators"] if always is None else always)
        )

    days(4.0)
    assert calendar_time.annotators_as_fast(PUBLISHED) == ("above", pytest.approx(4.0))
    days(0.6)  # two thirds of an annotator is fewer than one
    assert calendar_time.annotators_as_fast(PUBLISHED) == ("always", 0.0)
    days(1.0)
    assert calendar_time.annotators_as_fast(PUBLISHED) == ("above", pytest.approx(1.0))
    days(1.0, always=20.0)
    assert calendar_time.annotators_as_fast(PUBLISHED).side == "never"
    days(1.0, always=5.0)
    assert calendar_time.annotators_as_fast(PUBLISHED).side == "always"

    # Where the judge's days fall with annotators faster than people's, people are first below a number of them.
    def judge(values):
        return method()._replace(lines=(Line("x", "label", 0, 0, 10 * 4.0 / values["annotators"]),))

    monkeypatch.setattr(methods, "rlaif", judge)
    monkeypatch.setattr(methods, "human_dpo", lambda v: method()._replace(lines=(Line("x", "label", 0, 0, 10.0),)))
    assert calendar_time.annotators_as_fast(PUBLISHED) == ("below", pytest.approx(4.0))
    monkeypatch.setattr(methods, "human_dpo", lambda v: method()._replace(lines=(Line("x", "label", 0, 0, 80.0),)))
    assert calendar_time.annotators_as_fast(PUBLISHED) == ("never", 0.0)


def test_break_evens_are_those_of_their_functions():
    assert break_even.break_evens(PUBLISHED) == (
        break_even.gpu_price(PUBLISHED),
        break_even.least_human_price(PUBLISHED),
        break_even.pairs_for(1, PUBLISHED),
    )


def test_sides_meet_where_they_cost_the_same_or_nowhere():
    found = break_even.sides_meet(PUBLISHED)
    at = PUBLISHED | {"num_pairs_m1": found.pairs, "num_pairs_m2": 0}
    assert methods.rlaif(at).usd == pytest.approx(methods.human_dpo(at).usd)
    assert found.usd_per_gpu_hour == break_even.gpu_price(PUBLISHED)
    # People for nothing: none of the sides ever meet again.
    free = break_even.sides_meet(PUBLISHED | human_work.UNPAID)
    assert free.pairs is None and free.usd_per_gpu_hour is None
    # Without a pair people make no more comparisons than the judge has certified: at no price is the judge cheaper.
    few = break_even.sides_meet(PUBLISHED | {"num_pairs_m1": 0, "num_pairs_m2": 0})
    assert few.pairs is None and few.usd_per_comparison is None
    at = PUBLISHED | {"human_usd_per_pair": found.usd_per_comparison}
    assert methods.rlaif(at).usd == pytest.approx(methods.human_dpo(at).usd)


@pytest.mark.parametrize(
    ("gap", "least", "found"),
    [(lambda x: 3 - x, 0, ("below", 3.0)), (lambda x: x - 3, 0, ("above", 3.0)), (lambda x: x + 3, 0, ("always", 0.0)),
     (lambda x: -x - 3, 0, ("never", 0.0)), (lambda x: 2.0, 0, ("always", 0.0)), (lambda x: -2.0, 0, ("never", 0.0)),
     (lambda x: 0.0, 0, ("never", 0.0)), (lambda x: 3 - x, 3, ("never", 0.0)), (lambda x: x - 3, 4, ("always", 0.0)),
     (lambda x: 3 - x, 2.9, ("below", 3.0))],
)  # fmt: skip
def test_where_a_line_changes_its_sign(gap, least, found):
    for at in (1.0, 2.0, 5.0):
        assert break_even.crossing(gap, at, least) == (found[0], pytest.approx(found[1]))


# --- names that pages show ------------------------------------------------------------------------------------------


def test_rungs_and_boundaries_have_their_names():
    assert [rung.label for rung in ladder.rungs(PUBLISHED)] == [
        "as published", "DPO on both rounds", "the paper's calls", "list price of a GPU", "measured length",
        "roofline, own lengths", "failed runs", "people's work", "staff"]  # fmt: skip
    changes = [rung.changes for rung in ladder.rungs(PUBLISHED)]
    assert changes[0] == {} and changes[2] == {"pairs_per_prompt": 1.0, "judgments_per_response": 3}
    assert changes[5] == dict.fromkeys(
        ("cluster_gpu", "question_tokens", "answer_tokens", "packing_fill", "unusable_share")
    )
    assert changes[6] == {"run_overhead": None}
    assert changes[7] == dict.fromkeys(("num_evaluation_comparisons", "num_validation_pairs", "seed_usd_per_example"))
    found = ratios.boundaries(PUBLISHED)
    assert [(each.people, each.ai) for each in found] == [
        ("labels", "generating and judging"), ("labels", "the pipeline, as the article has it"),
        ("labels, training", "the same pipeline"), ("labels, training", "with DPO on both rounds"),
        ("all items", "self-rewarding, all items"), ("all items", "RLAIF, all items")]  # fmt: skip
    assert list(ratios.in_terms(PUBLISHED)) == [
        "article's terms", "labelled pairs alone", "RLAIF, per usable pair", "self-rewarding, per usable pair",
        "RLAIF, per effective pair", "self-rewarding, per effective pair"]  # fmt: skip
    assert ratios.worth(0.75, 1.0) == 0.5
    assert ratios.whole(PUBLISHED, effective=True) == pytest.approx(
        methods.human_dpo(PUBLISHED).usd_per_effective_pair / methods.rlaif(PUBLISHED).usd_per_effective_pair
    )


def test_a_speed_that_follows_is_checked_like_one_that_is_given():
    fast = {"pretraining_gpu_hours": parameters.vocabulary()["pretraining_gpu_hours"].minimum}
    limit = parameters.vocabulary()["sustained_tflops"].maximum
    assert scenarios.back_solved_tflops(parameters.defaults() | fast) > limit
    refused("^sustained_tflops ", scenarios.complete, fast)
    assert scenarios.complete(fast | {"sustained_tflops": 100.0})["sustained_tflops"] == 100.0


def test_the_width_of_a_span_is_a_ratio_where_both_ends_are_above_0():
    assert uncertainty._width(1.0, math.e) == uncertainty._width(math.e, 1.0) == 1
    assert (
        uncertainty._width(-1.0, 3.0) == 4 and uncertainty._width(0.0, 3.0) == 3 and uncertainty._width(2.0, 2.0) == 0
    )
