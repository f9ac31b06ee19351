"""Sphinx extension: answers of `costlib recommend` for the main combinations of a reader's answers, as a table."""

import html
from functools import cache

from directives import _Drawn, _escaped
from markup import EXTENSION

from costlib.base import fmt
from costlib.calculator import query
from costlib.economics import methods, recommendation
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
    """Return the answer of each case, number of pairs and model: the methods that the draws do not tell from the
    cheapest, which stands first, and the inputs.

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
    found = recommendation.ranking(given)
    return [found.ranked[0], *(each for each in found.ranked if each.method.name in found.ties)], given


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


def _cell(found, given):
    best, *others = found
    address = html.escape(f"calculator.html?{query(given)}")
    usd, low, high = (_dollars(each) for each in (best.usd, best.usd_low, best.usd_high))
    link = f'<a href="{address}">{methods.NAMES[best.method.name].short}</a>'
    also = "".join(f" or {methods.NAMES[each.method.name].short}: {_dollars(each.usd)}" for each in others)
    return f"{link}: **{usd}** ({low} to {high}){also}"


def _dollars(usd):
    return _escaped(f"${fmt.rounded(float(usd), 2)}")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("decision-table", DecisionTable)
    return EXTENSION
