"""The page Decide shows what `costlib recommend` answers."""

import decisions
import pytest

import costlib
from costlib.base import fmt
from costlib.economics import admissible, scenarios


@pytest.mark.parametrize(("case", "model", "pairs"), [
    ("labels have to come from people", "llama-3.1-8b", 1000),
    ("a program can tell what is right", "llama-3.1-70b", 1_000_000),
])  # fmt: skip
def test_a_cell_is_the_answer_of_the_command(case, model, pairs):
    found = costlib.recommend(model=model, pairs=pairs, **decisions.CASES[case])
    shown, given = decisions.answers()[case, pairs, model]
    best = shown[0]
    assert given == found.scenario and best.method.name == found.method
    assert (best.usd, best.usd_low, best.usd_high) == (found.best.usd, found.best.usd_low, found.best.usd_high)
    assert [each.method.name for each in shown[1:]] == list(found.found.ties)
    cell = decisions._cell(shown, given)
    assert fmt.rounded(found.best.usd, 2) in cell and f"calculator.html?policy_model={model}" in cell


def test_a_program_is_one_more_method_and_not_always_the_cheapest():
    # What question 3 promises: it stands in each cell of its case, first in some of them.
    named = [[each.method.name for each in shown] for (case, _, _), (shown, _) in decisions.answers().items()
             if case == "a program can tell what is right"]  # fmt: skip
    assert all("verifiable" in each for each in named) and {each[0] == "verifiable" for each in named} == {True, False}


def test_nothing_forbidden_stands_in_a_cell():
    for shown, given in decisions.answers().values():
        found = admissible.objections(scenarios.complete(given), {each.method.name: each.method for each in shown})
        assert not any(found.values()), given
