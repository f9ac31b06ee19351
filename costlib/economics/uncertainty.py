"""How sure an answer is: seeded draws from the ranges of the inputs, intervals, and what drives the spread.

Draws come from the standard library's generator, one stream for each input, so that a page in a browser and a notebook
draw the same numbers. Where NumPy is installed they are evaluated as arrays.

Two intervals answer two questions. Whoever starts a run knows how many pairs it has, how many comparisons evaluate it
and what its seed data cost: the *conditional* interval keeps them (`known=True`). Before that nobody knows them, and
the *unconditional* interval draws them as well (`known=False`).

Sources: ranges and shapes as in `facts/parameters.csv`; Sobol indices :cite:`sobol2001,saltelli2010`, computed by SALib
:cite:`herman2017salib`.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from costlib.base import sampling
from costlib.base._arrays import choice, choices, count, is_array
from costlib.base.sampling import quantile_of
from costlib.base.text import shown
from costlib.economics import scenarios
from costlib.facts import parameters
from costlib.facts.inputs import Input
from costlib.facts.parameters import Values

SEED = 2025
DRAWS = 2000  # of every published interval, at every door; more leave the ends open by less
PAIRS = ("num_pairs_m1", "num_pairs_m2")  # the range of the first is that of both together
# How often people and a judge agree with people is measured on the same data, and high or low for both together.
TOGETHER = {"judge_agreement": "human_agreement"}
# Of fewer, not one in twenty lies beyond each end of a 90 % interval, and how far an end is open cannot be told.
LEAST = 20
COUNT = Input("draws", int, "-", "draws of the uncertain inputs", DRAWS, 1, 10_000_000, None)


def uncertain(names: Iterable[str] | None = None, known: bool = True) -> dict[str, parameters.Parameter]:
    """Return the inputs that have a range, by name: those named, or all.

    Parameters
    ----------
    names : of inputs; None for all
    known : whether those that a reader knows before the run are left out, where none are named

    >>> "price_usd_per_gpu_hour" in uncertain(), "seed_usd_per_example" in uncertain()
    (True, False)
    >>> sorted(uncertain(known=False).keys() - uncertain().keys())
    ['num_evaluation_comparisons', 'num_pairs_m1', 'seed_usd_per_example']
    """
    words = parameters.vocabulary()
    if names is None:
        names = [name for name, word in words.items() if not (known and word.known)]
    else:
        names = choices("names", names, words, "inputs")
    return {name: words[name] for name in names if words[name].shape}


def label(name: str) -> str:
    """Return what an input is called in a sentence or a table; "pairs", and those that are drawn, are of both rounds.

    >>> label("human_usd_per_pair"), label("num_pairs_m1"), label("pairs")
    ('price of a comparison by people', 'number of pairs', 'number of pairs')
    """
    if name in ("pairs", PAIRS[0]):
        return "number of pairs"
    known = parameters.vocabulary()[choices("name", [name], parameters.vocabulary(), "inputs")[0]]
    return known.label or known.meaning.partition(";")[0].partition(":")[0]


def draw(names: Iterable[str] | None = None, draws: int = DRAWS, seed: int = SEED,
         known: bool = True) -> dict[str, Any]:  # fmt: skip
    """Return draws of the uncertain inputs, by name.

    Parameters
    ----------
    names : inputs to draw; None for all that have a range
    draws : how many, at least 1
    seed : any number; the same seed gives the same draws everywhere
    known : as for :func:`uncertain`

    Returns
    -------
    dict of name to draws: arrays where NumPy is installed, else lists

    Examples
    --------
    >>> first, again = draw(draws=3), draw(draws=3)
    >>> all(list(first[name]) == list(again[name]) for name in first)
    True
    """
    draws = COUNT.parse(list(draws) if is_array(draws) else draws)  # one number, no array of them
    found, seed = {}, count("seed", seed, "-")
    for name, word in uncertain(names, known).items():
        uniform = sampling.stream(f"{seed} {TOGETHER.get(name, name)}", draws)
        found[name] = quantile_of(word, uniform) if is_array(uniform) else [quantile_of(word, u) for u in uniform]
    return found


def enough(draws: Any) -> int:
    """Return a number of draws of which a 90 % interval can be made, or raise a ValueError.

    >>> enough(1)
    Traceback (most recent call last):
        ...
    ValueError: draws [-] must be at least 20, got 1: of fewer not one lies beyond each end of a 90 % interval
    """
    count: int = COUNT.parse(list(draws) if is_array(draws) else draws)  # one number, no array of them
    if count < LEAST:
        raise ValueError(f"{COUNT.name} [{COUNT.unit}] must be at least {LEAST}, got {count}: of fewer not one lies "
                         "beyond each end of a 90 % interval")  # fmt: skip
    return count


def placed(values: Values, drawn: Mapping[str, Any]) -> Values:
    """Return a scenario with draws in place of its values; drawn pairs are those of both rounds, in their proportion.

    >>> found = placed({"num_pairs_m1": 100, "num_pairs_m2": 300, "epochs": 1}, {"num_pairs_m1": 1000.0})
    >>> found["num_pairs_m1"], found["num_pairs_m2"]
    (250.0, 750.0)
    """
    if PAIRS[0] not in drawn:
        return {**values, **drawn}
    return {**values, **drawn, **scenarios.of_pairs(values, drawn[PAIRS[0]])}


def free(drawn: Mapping[str, Any], fixed: Collection[str]) -> dict[str, Any]:
    """Return draws without those of fixed inputs; whoever knows the pairs of one round knows those of both.

    >>> free({"num_pairs_m1": 1, "platform_fee": 2}, ["num_pairs_m2"])
    {'platform_fee': 2}
    """
    fixed = choices("fixed", fixed, parameters.vocabulary(), "inputs")
    kept = {*fixed, PAIRS[0]} if PAIRS[1] in fixed else fixed
    return {name: found for name, found in drawn.items() if name not in kept}


def held(values: Values) -> list[str]:
    """Return the inputs with a range that a run sets on purpose: their value is known, and is not drawn.

    A chapter sees values and not who named them, so that one at the published value counts as not set; whoever has the
    names asks :func:`costlib.economics.scenarios.held`.

    >>> from costlib.facts.parameters import defaults
    >>> held(defaults() | {"rework_share": 0.2, "num_pairs_m1": 5})
    ['num_pairs_m1', 'rework_share']
    """
    return [name for name, known in uncertain(known=False).items() if values[name] != known.default]


def around(values: Values, fixed: Collection[str] | None = None, draws: int = DRAWS, seed: int = SEED,
           known: bool = True) -> Values:  # fmt: skip
    """Return a scenario with draws in place of every input that has a range.

    Parameters
    ----------
    values : dict of every parameter
    fixed : names that keep their value although they have a range; None for those of :func:`held`
    draws, seed, known : as for :func:`draw`

    Examples
    --------
    >>> from costlib.facts.parameters import defaults
    >>> found = around(defaults() | {"platform_fee": 0.1}, draws=3)
    >>> found["platform_fee"], len(found["price_usd_per_gpu_hour"])
    (0.1, 3)
    """
    kept = held(values) if fixed is None else fixed
    return placed(values, free(draw(draws=draws, seed=seed, known=known), kept))


def monte_carlo(function: Callable[[Values], Any], values: Values, names: Iterable[str] | None = None,
                draws: int = DRAWS, seed: int = SEED, fixed: Collection[str] = (),
                known: bool = True) -> Any:  # fmt: skip
    """Return what a function makes of drawn inputs.

    Parameters
    ----------
    function : of a dict of values to a number, or to a dict or tuple of numbers; it must broadcast
    values : dict of every parameter; inputs without a range, and those in `fixed`, keep these
    names, draws, seed, known : as for :func:`draw`
    fixed : names that keep their value although they have a range

    Returns
    -------
    what `function` returns, with arrays of draws in place of numbers (lists without NumPy)
    """
    drawn = free(draw(names, draws, seed, known), fixed)
    if all(map(is_array, drawn.values())):
        return function(placed(values, drawn))
    return [function(placed(values, dict(zip(drawn, row, strict=True)))) for row in zip(*drawn.values(), strict=True)]


def tornado(function: Callable[[Values], Any], values: Values, names: Iterable[str] | None = None,
            known: bool = True) -> list[tuple[str, Any, Any]]:  # fmt: skip
    """Return how far a result moves when each input alone goes to the ends of its range.

    Parameters
    ----------
    function : of a dict of values to a number
    values : dict of every parameter
    names : inputs to move; None for all that have a range
    known : as for :func:`uncertain`

    Returns
    -------
    list of (name, result at low, result at high), widest first, on the scale of the logarithm where both are positive
    """
    bars = [
        (name, *(function(placed(values, {name: end})) for end in (word.low, word.high)))
        for name, word in uncertain(names, known).items()
    ]
    return sorted(bars, key=lambda bar: -_width(*bar[1:]))


def sobol(function: Callable[[Values], Any], names: Iterable[str] | None = None, log: bool = True, samples: int = 1024,
          seed: int = SEED, values: Values | None = None,
          known: bool = True) -> dict[str, tuple[float, ...]]:  # fmt: skip
    """Return Sobol indices of a result: the share of its variance that each input explains.

    Parameters
    ----------
    function : of a dict of values to a number; it must broadcast
    names : inputs to vary; None for all that have a range
    log : True to explain the variance of the logarithm, for results that span orders of magnitude
    samples : base samples, a power of two
    values : dict of the inputs that stay
    known : as for :func:`uncertain`; False for the shares of the unconditional interval

    Returns
    -------
    dict of name to (first order, its 95 % half-width, total, its 95 % half-width); zeros where nothing varies. Inputs
    that are drawn together share those of the one under whose name they are drawn
    """
    import numpy as np
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as design

    inputs = uncertain(names, known)
    if not inputs:
        raise ValueError(f"names must hold an input with a range, got {shown(names)}")
    twins = {name: inputs.pop(name) for name, other in TOGETHER.items() if inputs.keys() >= {name, other}}
    problem = {"num_vars": len(inputs), "names": list(inputs), "bounds": [[0.0, 1.0]] * len(inputs)}
    points = design.sample(
        problem, count("samples", samples, "samples", 2), calc_second_order=False, seed=count("seed", seed, "-")
    )
    drawn = {name: quantile_of(word, points[:, place]) for place, (name, word) in enumerate(inputs.items())}
    columns = dict(zip(inputs, points.T, strict=True))
    drawn |= {name: quantile_of(word, columns[TOGETHER[name]]) for name, word in twins.items()}
    results = function(placed(values or {}, drawn))
    found = analysis.analyze(problem, np.log(results) if log else results, calc_second_order=False, seed=seed)
    indices = zip(found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], strict=True)
    return dict(zip(inputs, (tuple(map(float, np.nan_to_num(row))) for row in indices), strict=True))


def sobol_of_factor(name: str, names: Iterable[str] | None) -> float:
    """Return the Sobol index of one log-uniform factor in the logarithm of a product of several, without draws.

    Parameters
    ----------
    name : of the input
    names : of all inputs that are factors or divisors, `name` among them

    Returns
    -------
    ln(high / low)^2 over its sum for all of them; first order and total, since a logarithm of a product is a sum

    Examples
    --------
    >>> both = ["human_usd_per_word", "price_usd_per_gpu_hour"]
    >>> round(sum(sobol_of_factor(each, both) for each in both), 12)
    1.0
    """
    ranges = {each: known for each, known in uncertain(names).items() if known.shape == "loguniform"}
    if names is None or not ranges or {*names} != ranges.keys():
        raise ValueError(f"names must be those of log-uniform inputs, got {shown(names)}")
    choice("name", name, ranges)
    spans = {each: math.log(known.high / known.low) ** 2 for each, known in ranges.items()}  # type: ignore[operator]
    return spans[name] / sum(spans.values())


def _width(low: float, high: float) -> float:
    if low == high:
        return 0.0
    return abs(math.log(high / low)) if low > 0 and high > 0 else abs(high - low)
