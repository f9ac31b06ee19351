"""Sphinx extension: answers of `costlib recommend` for the main combinations of a reader's answers, as a table."""

import html
from functools import cache

from directives import _Drawn, _escaped
from markup import EXTENSION

from costlib.base import fmt, sampling
from costlib.calculator import query
from costlib.economics import choice, comparison, methods, recommendation, scenarios
from costlib.facts import catalog

MODELS = ("llama-3.1-8b", "llama-3.1-70b")
CASES = {
    "anything goes": {},
    "labels have to come from people": {"people_only": True},
    "prompts and answers may not leave": {"data_stays": True},
    "a program can tell what is right": {"task": "verifiable"},
    "people have to be experts": {"experts": True},
}


@cache
def answers():
    """Return the answer of each case, number of pairs and model: the methods that cost within a tenth of each other,
    the cheapest first, the interval of its dollars, and the inputs.

    >>> len(answers()) == len(CASES) * len(recommendation.SIZES) * len(MODELS)
    True
    """
    found = {}
    for case, given in CASES.items():
        for model in MODELS:
            inputs = recommendation.scenario(model=model, **given)
            for pairs in recommendation.SIZES:
                found[case, pairs, model] = _answer({**inputs, "num_pairs_m1": pairs, "num_pairs_m2": 0})
    return found


def _answer(given):
    values = scenarios.complete(given)
    found = choice.choose(values)
    names = sorted(found.chosen, key=found.costs.__getitem__)
    drawn = comparison.drawn_usd(values, fixed=scenarios.held(given), names=names[:1])[names[0]]
    return [methods.METHODS[name](values) for name in names], sampling.sample(drawn).interval, given


class DecisionTable(_Drawn):
    """The method and the budget for each case and number of pairs, with a link to the calculator at its inputs."""

    def run(self):
        """Draw the table."""
        labels = [catalog.find("models", model).label for model in MODELS]
        header = ["your case", "pairs", *(each for label in labels for each in (label, "budget, 90 % interval"))]
        rows = []
        for case in CASES:
            for pairs in recommendation.SIZES:
                cells = [cell for model in MODELS for cell in _cells(*answers()[case, pairs, model])]
                rows.append([case, fmt.number(pairs), *cells])
        return [self.table(header, rows, "decisions")]


def _cells(found, interval, given):
    address = html.escape(f"calculator.html?{query(given)}")
    low, high = (f"${fmt.dollars(end)}" for end in interval)
    others = "".join(f", or {method.label}" for method in found[1:])
    return [f'<a href="{address}">{html.escape(found[0].label)}</a>{html.escape(others)}',
            _escaped(f"${fmt.dollars(found[0].usd)}, {low} to {high}")]  # fmt: skip


def setup(app):
    """Register with Sphinx."""
    app.add_directive("decision-table", DecisionTable)
    return EXTENSION
