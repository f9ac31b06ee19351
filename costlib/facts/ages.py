"""How old the facts are on which the defaults rest, so that no old price or agreement drives an answer unsaid.

A default names its sources, and the key of a source has the year of what was read. Where a year is all that is known, a
fact counts as old from the first day on which it may be: one of 2024 is old to an edition of November 2026. Counts and
choices of a design do not age; what people, judges and GPUs cost, how well they agree and how much they write does.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from costlib.facts import catalog, judges, parameters
from costlib.facts.prices import EDITION

OLDEST = EDITION.replace(year=EDITION.year - 2)  # facts of before are old
AGEING = ("people", "judges", "methods")  # groups of inputs; prices age in every group
SPEEDS = ("tokens", "calls/hour")  # units of what a model or a person does, which age without a range too
# Defaults that nothing follows any more once the other input is given.
INSTEAD = {"human_usd_per_word": "human_usd_per_pair", "reading_words_per_minute": "minutes_per_comparison",
           "judge_instruction_tokens": "judge_prompt_tokens"}  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")


def year(name: str) -> int | None:
    """Return the year of the oldest source that the default of an input names; None for an assumption of this book.

    >>> year("answer_tokens"), year("annotators")
    (2023, None)
    """
    return _oldest(parameters.vocabulary()[name].source)


def old(given: Collection[str] = (), judge: str | None = None) -> dict[str, int]:
    """Return the defaults that age and rest on facts from more than two years before the edition, with their years.

    Parameters
    ----------
    given : inputs that have a value of their own, and rest on no default
    judge : name of a row of `judge_prices.csv` that sets inputs in place of their defaults; None for the default one

    Examples
    --------
    >>> old()["answer_tokens"], "answer_tokens" in old(["answer_tokens"])
    (2023, False)
    >>> "judge_agreement" in old(judge="gpt-5-4-rewardbench"), old(judge="as-published")["judge_agreement"]
    (False, 2023)
    """
    known = {
        name: year(name) for name, each in parameters.vocabulary().items()
        if each.unit.startswith("USD/") or (each.group in AGEING and (each.shape or each.unit in SPEEDS))
        if not name.startswith("num_")
    }  # fmt: skip
    if judge is not None:
        known |= _of_judge(judge)
    drives = {name: of for name, of in known.items() if not {name, INSTEAD.get(name)} & set(given)}
    return {name: of for name, of in drives.items() if of and date(of, 1, 1) < OLDEST}


def said(given: Mapping[str, Any]) -> str:
    """Say which defaults under a scenario rest on old facts; nothing where none does.

    Parameters
    ----------
    given : inputs by name that have a value of their own
    """
    found: dict[int, list[str]] = {}
    for name, of in old(given, given.get("judge")).items():
        found.setdefault(of, []).append(name)
    if not found:
        return ""
    told = "; ".join(f"{of}: {', '.join(names)}" for of, names in sorted(found.items()))
    return f"defaults that rest on facts more than two years old, by year: {told}"


def rests_on(given: Mapping[str, Any], judge: str) -> list[str]:
    """Return what an answer rests on: what its judge is and what is assumed of it, and which defaults are old.

    Parameters
    ----------
    given : inputs by name that have a value of their own
    judge : name of a row of `judge_prices.csv`

    Examples
    --------
    >>> [each.partition(":")[0] for each in rests_on({}, "gemini-3-1-pro-mt-bench")]
    ['judge Gemini 3.1 Pro (MT-Bench)', 'defaults that rest on facts more than two years old, by year']
    """
    return [*filter(None, (judges.said(judge, given), said(given)))]


def _of_judge(name: str) -> dict[str, int | None]:
    """The years behind what a judge sets: of its price, of its agreement, and of what is assumed of it."""
    judge = judges.judges()[name]
    found = dict.fromkeys(judges.SETS, _oldest(judge.source))
    # A price has a day of its own.
    priced = judge.price_date and (*map(int, judge.price_date.split("-")), 1, 1)[:3]
    if priced and date(*priced) >= OLDEST:
        found |= dict.fromkeys(judges.SETS[:3], EDITION.year)
    assumed = catalog.table("assumptions")
    return found | {each: _oldest(assumed[judges.ASSUMED[each]].source) for each in judge.assumed}


def _oldest(source: str) -> int | None:
    return min((int(of) for of in _YEAR.findall(source)), default=None)
