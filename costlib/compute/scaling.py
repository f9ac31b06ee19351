"""What a cost grows with: exponents, and the lengths at which one term of a cost overtakes another.

The exponent of a cost C in a quantity x is d ln C / d ln x: 1 is growth in proportion, 2 is a square.

Sources: the terms in the length of a sequence :cite:`kaplan2020,narayanan2021`; the square that attention without flash
keeps :cite:`korthikanti2022`.
"""

import math
from collections.abc import Callable, Iterable
from statistics import linear_regression
from typing import Any

from costlib.base._arrays import Numeric, checked, log
from costlib.compute import memory
from costlib.compute.architecture import Architecture, forward


def exponent(costs: Iterable[float], sizes: Iterable[float]) -> float:
    """Return the exponent of a cost over sizes: the slope of the straight line through the logarithms.

    Parameters
    ----------
    costs, sizes : numbers above 0, at least two of each, in any unit

    Returns
    -------
    slope by least squares [-]

    Raises
    ------
    statistics.StatisticsError : for fewer than two points, or numbers of different counts

    Examples
    --------
    >>> round(exponent([3, 12, 48], [1, 2, 4]), 6)
    2.0
    """
    return linear_regression(list(map(math.log, sizes)), list(map(math.log, costs))).slope


def elasticity(cost: Callable[[dict[str, Any]], Numeric], inputs: dict[str, Any], name: str,
               factor: float = 1.1) -> Numeric:  # fmt: skip
    """Return the exponent of a cost in one of its inputs, from what it is at this input and at a multiple of it.

    Parameters
    ----------
    cost : function of a dict of inputs to a cost above 0, or to an array of several
    inputs : dict of name to value
    name : of the input that is changed; its value is not 0
    factor : by which it is multiplied, not 1 [-]

    Returns
    -------
    ln(changed / unchanged) / ln(factor) [-]

    Examples
    --------
    >>> round(elasticity(lambda x: 5 * x["side"] ** 2, {"side": 3}, "side"), 6)
    2.0
    """
    return log(cost(inputs | {name: factor * inputs[name]}) / cost(inputs)) / math.log(factor)


def crossing_length(model: Architecture) -> Numeric:
    """Return the length at which attention takes as many FLOPs as the matrix products, the full square counted.

    Parameters
    ----------
    model : Architecture

    Returns
    -------
    2 x matrix parameters of a token / (4 x layers x heads x head_size), and the index where attention is sparse
    [tokens]; twice that for the causal half

    Examples
    --------
    >>> from costlib.compute.architecture import find, forward
    >>> llama = find("llama-2-7b")
    >>> at = forward(llama, 1, crossing_length(llama))
    >>> round(crossing_length(llama)), round(at.attention / at.matmul, 9)
    (25204, 1.0)
    """
    one = forward(model, 1, 1)
    return one.matmul / one.attention


def eager_crossing_length(model: Architecture) -> Numeric:
    """Return the length at which the square that attention without flash keeps is as large as all else it keeps.

    Parameters
    ----------
    model : Architecture

    Returns
    -------
    activation bytes of a token and layer / (5 x heads) [tokens]

    Examples
    --------
    >>> from costlib.compute.architecture import find
    >>> round(eager_crossing_length(find("llama-2-7b")))
    1165
    """
    return memory.activations(model, 0) / (5 * model.heads)


def length_exponent(length: Numeric, crossing: Numeric) -> Numeric:
    """Return the exponent in the length of a cost with a term in it and a term in its square, equal at a crossing.

    Parameters
    ----------
    length : at least 0 [tokens]
    crossing : where both terms are equal, above 0 [tokens]

    Returns
    -------
    1 + length / (length + crossing), from 1 far below the crossing to 2 far above [-]

    Examples
    --------
    >>> length_exponent(0, 1000), length_exponent(1000, 1000)
    (1.0, 1.5)
    """
    at = checked("crossing", crossing, "tokens", low_is_allowed=False)
    return 1 + checked("length", length, "tokens") / (length + at)
