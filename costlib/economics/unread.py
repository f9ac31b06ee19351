"""Inputs that an answer does not read: whatever value one takes, no number of the answer moves.

Some are of chapters that the answer leaves out, some mean nothing beside another input, as the price of a word where
that of a pair is given.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from costlib.base._arrays import choices
from costlib.economics import admissible, methods, scenarios
from costlib.facts import parameters
from costlib.facts.parameters import Parameter, Values
from costlib.facts.prices import Prices

TRIED = 5  # other names that are tried
# What the comparison of methods reads in the place of an input of other chapters.
INSTEAD = {
    "gpu": "cluster_gpu", "num_gpus": "policy_gpus", "aligned_model": "policy_model",
    "prompt_tokens": "question_tokens", "response_tokens": "answer_tokens", "num_preference_pairs": "num_pairs_m1",
    "num_human_pairs": "num_pairs_m1", "num_demonstrations": "num_sft_examples", "platform_fee_low": "platform_fee",
    "platform_fee_high": "platform_fee", "price_usd_per_pair_low": "human_usd_per_pair",
    "price_usd_per_pair_high": "human_usd_per_pair",
}  # fmt: skip


def unread(given: Mapping[str, Any], numbers: Callable[[Values], Any] | None = None,
           table: Prices | None = None) -> tuple[str, ...]:  # fmt: skip
    """Return the inputs of a scenario that move no number of an answer, tried at their limits and between.

    Of a scenario that names every input with a range, only those that differ from the published values are tried.

    Parameters
    ----------
    given : inputs by name, as for :func:`costlib.economics.scenarios.complete`
    numbers : function of all values to those of the answer; None takes the methods and what speaks against each
    table : prices of the reader

    Examples
    --------
    >>> unread({"gpu": "h100-sxm-80gb", "human_usd_per_pair": 2.0, "human_usd_per_word": 0.01})
    ('gpu', 'human_usd_per_word')
    """
    numbers = numbers or _compared
    whole = parameters.check(given)
    here = numbers(scenarios.complete(whole, table=table))
    return tuple(name for name in scenarios.meant(whole)
                 if not any(there != here for there in _moved(whole, name, numbers, table)))  # fmt: skip


def said(names: tuple[str, ...]) -> Iterator[str]:
    """Say which inputs an answer did not read, and what it reads instead; nothing where it read all.

    >>> [*said(("gpu", "lora_rank"))]
    ['not read: gpu (cluster_gpu is), lora_rank: no value of these moves this answer']
    """
    names = choices("names", names, parameters.vocabulary(), "inputs")
    if names:
        each = [name + (f" ({INSTEAD[name]} is)" if name in INSTEAD else "") for name in names]
        yield f"not read: {', '.join(each)}: no value of {'it' if len(names) < 2 else 'these'} moves this answer"


def _compared(values: Values) -> Any:
    found = methods.compare(values, methods.offered(values))
    return found, admissible.objections(values, found)


def _moved(given: Values, name: str, numbers: Callable[[Values], Any], table: Prices | None) -> Iterator[Any]:
    """The numbers of an answer at other values of an input, of those that the scenario allows."""
    for value in _others(parameters.vocabulary()[name], given[name]):
        try:
            yield numbers(scenarios.complete(given | {name: value}, table=table))
        except (ValueError, OverflowError, ZeroDivisionError):  # as a judge without a price
            continue


def _others(known: Parameter, value: Any) -> Iterator[Any]:
    """Other values of an input."""
    if known.choices:
        others = dict.fromkeys(each for each in (known.default, *known.choices) if each != value)
        yield from list(others)[:TRIED]
        return
    low, high = known.minimum or 0, known.maximum or math.inf
    near = (2 * value, value / 2, known.default, value + 1, known.low, known.high, low, high)
    found = [known.type(each) for each in near if each is not None and low <= each <= high]
    yield from dict.fromkeys(each for each in found if each != value)
