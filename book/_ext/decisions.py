"""Sphinx extension: answers of `costlib recommend` for the main combinations of a reader's answers, as a table."""

import html
from functools import cache

from directives import _Drawn, _escaped
from markup import EXTENSION

from costlib.base import fmt, sampling
from costlib.calculator import panel, query
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
    """For each case the methods and the budget by number of pairs, with a link to the calculator at these inputs."""

    def run(self):
        """Draw a table for each case."""
        header = ["pairs", *(catalog.find("models", model).label for model in MODELS)]
        found = []
        for case in CASES:
            rows = [[fmt.number(pairs), *(_cell(*answers()[case, pairs, model]) for model in MODELS)]
                    for pairs in recommendation.SIZES]  # fmt: skip
            found += [*self.markdown(f"**{case[0].upper()}{case[1:]}**"), self.table(header, rows, "decisions")]
        return found


def _cell(found, interval, given):
    address = html.escape(f"calculator.html?{query(given)}")
    usd, low, high = (_escaped(f"${fmt.rounded(float(each), 2)}") for each in (found[0].usd, *interval))
    link = f'<a href="{address}">{panel.SHORT[found[0].name]}</a>'
    others = "".join(f" or {panel.SHORT[method.name]}" for method in found[1:])
    return f"{link}{others}: **{usd}** ({low} to {high})"


def setup(app):
    """Register with Sphinx."""
    app.add_directive("decision-table", DecisionTable)
    return EXTENSION
