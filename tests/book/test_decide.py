"""The page Decide shows what `costlib recommend` answers."""

import pytest

import costlib
from costlib.base import fmt


@pytest.fixture(scope="module")
def decisions(monkeypatch_module=None):
    import importlib

    return importlib.import_module("decisions")


@pytest.mark.parametrize(("case", "model", "pairs"), [
    ("labels have to come from people", "llama-3.1-8b", 1000),
    ("a program can tell what is right", "llama-3.1-70b", 1_000_000),
])  # fmt: skip
def test_a_cell_is_the_answer_of_the_command(decisions, case, model, pairs):
    found = costlib.recommend(model=model, pairs=pairs, **decisions.CASES[case])
    methods, interval, given = decisions.answers()[case, pairs, model]
    assert given == found.scenario and methods[0].name == found.method
    assert methods[0].usd == found.best.usd
    assert tuple(interval) == pytest.approx((found.best.usd_low, found.best.usd_high))
    cell = decisions._cell(methods, interval, given)
    assert fmt.rounded(found.best.usd, 2) in cell and f"calculator.html?policy_model={model}" in cell


def test_nothing_forbidden_stands_in_a_cell(decisions):
    for (case, _, model), (methods, _, _) in decisions.answers().items():
        forbidden = costlib.recommend(model=model, draws=5, **decisions.CASES[case]).found.forbidden
        assert not {method.name for method in methods} & {
            name for name, reasons in forbidden.items() if not any("budget" in each for each in reasons)
        }
