"""How old the facts behind the defaults are, and that an answer says so."""

import re
from datetime import date

import pytest

from costlib import compare, recommend
from costlib.base import fmt
from costlib.calculator.door import Calculator
from costlib.cli.params import COLUMNS
from costlib.facts import ages, catalog, judges, parameters, prices


def test_two_years_before_the_edition():
    assert date(2026, 11, 27) == prices.EDITION
    assert date(2024, 11, 27) == ages.OLDEST


def test_the_year_of_a_default_is_that_of_its_oldest_source():
    # yuan2024selfrewarding;li2023alpacaeval; an assumption of this book has none.
    assert ages.year("answer_tokens") == 2023 and ages.year("packing_fill") is None
    for each in parameters.vocabulary().values():
        assert ages.year(each.name) or each.source == "costofalignment", each.name


def test_counts_and_choices_do_not_age():
    assert not {"num_pairs_m1", "num_evaluation_comparisons", "judge_orders", "zero_stage", "epochs"} & set(ages.old())
    assert {"answer_tokens", "human_usd_per_word"} <= set(ages.old())


def test_every_old_default_that_drives_a_comparison_is_said_in_its_answer():
    lines = list(compare(draws=20).parts())
    (line,) = (part for part in lines if isinstance(part, str) and part.startswith("defaults that rest"))
    years = dict(re.findall(r"(\d{4}): ([^;]*)", line))
    named = {name: int(year) for year, names in years.items() for name in names.split(", ")}
    assert named == ages.old() and all(year <= 2024 for year in named.values())


def test_an_answer_says_what_is_assumed_of_its_judge_and_when_it_retires():
    lines = [part for part in compare(draws=20).parts() if isinstance(part, str)]
    assert ("judge Gemini 3.1 Pro (MT-Bench): price of 2026-11-20; nobody published, and assumed: judge_answer_tokens, "
            "judge_reasoning_tokens, unusable_share") in lines  # fmt: skip
    lines = [*compare(judge="as-published", draws=20).parts()]
    assert "judge GPT-4o, agreement of GPT-4 (AlpacaEval): price of 2024-12, retires 2027-01-14" in lines
    found = Calculator().answer({"judge": "as-published"})
    said = "Judge GPT-4o, agreement of GPT-4 (AlpacaEval): price of 2024-12, retires 2027-01-14."
    assert f"<p>{said}</p>" in fmt.unbroken(found["lines"])


def test_a_recommendation_says_it_too():
    found = recommend(pairs=5000, human_usd_per_word=0.003, draws=50)
    assert found.rests_on == ages.rests_on(found.scenario, "gemini-3-1-pro-mt-bench") == found.to_dict()["rests_on"]
    assert set(found.rests_on) <= {part for part in found.parts() if isinstance(part, str)}
    assert "human_usd_per_word" not in found.rests_on[1] and "hard_share" in found.rests_on[1]


def test_what_is_given_takes_the_place_of_what_it_would_follow():
    assert not {"human_usd_per_word", "judge_instruction_tokens"} & set(
        ages.old(["human_usd_per_pair", "judge_prompt_tokens"])
    )
    assert set(ages.INSTEAD) | set(ages.INSTEAD.values()) <= set(parameters.vocabulary())


def test_what_is_given_rests_on_no_default():
    given = {name: parameters.defaults()[name] for name in ages.old()}
    assert ages.said(given) == "" != ages.said({})
    assert not any("defaults that rest" in str(part) for part in compare(given, draws=20).parts())


@pytest.mark.parametrize("name", ["gpt-5-4-rewardbench", "gemini-3-1-pro-mt-bench"])
def test_a_judge_of_2026_brings_no_old_price_or_agreement(name):
    # What is assumed of it may still rest on a source of 2024, and is said.
    assert set(ages.old(judge=name)) & set(judges.SETS) == {"unusable_share"}


def test_a_price_with_a_day_is_as_old_as_that_day():
    # gpt-4o of December 2024 is younger than two years; GPT-4's agreement and the tokens of Lee et al. are older.
    old = set(ages.old(judge="as-published")) & set(judges.SETS)
    assert old == {"judge_agreement", "judge_answer_tokens", "judge_reasoning_tokens", "unusable_share"}


def test_the_list_of_inputs_has_their_years():
    known = parameters.vocabulary()
    assert [COLUMNS["facts of"](known[name]) for name in ("answer_tokens", "packing_fill")] == ["2023", "-"]


def test_no_fee_of_a_service_that_closed_is_one_of_today():
    # Mechanical Turk closed on 30 September 2026; Prolific takes 42.8 % of companies and 33.3 % of universities.
    known = catalog.table("label_terms")
    ended = {row.name for row in known.values() if row.ends and date.fromisoformat(row.ends) <= prices.EDITION}
    assert ended == {"mturk-fee", "alpacafarm-wage"}
    fees = {row.name: row.low for row in known.values() if row.kind == "fee" and not row.ends}
    assert fees == {"prolific-fee-companies": 0.428, "prolific-fee-universities": 0.333}


def test_every_term_of_labels_has_a_day_a_unit_and_an_order():
    units = {"fee": {"fraction"}, "wage": {"USD/h"}, "minutes": {"minutes"}, "price": {"USD/label", "USD/50 words"}}
    for row in catalog.table("label_terms").values():
        assert re.fullmatch(r"\d{4}(-\d\d){0,2}", row.date), row.name
        assert row.unit in units[row.kind] and (row.high is None or row.low <= row.high), row.name
