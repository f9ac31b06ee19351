"""The outputs of many points: names and choices in groups, numbers as arrays."""

import math
from functools import cache

import numpy as np

from costlib.base._arrays import is_array
from costlib.base.text import shown
from costlib.compute.job import STAGES
from costlib.economics import admissible, anatomy, methods, scenarios
from costlib.facts import parameters
from costlib.sweeping import expressions, points

BLOCK = 2**14  # so few that the arrays of one method stay in the cache of a core
DERIVED = ("pretraining_gpu_hours", "pretraining_tokens", "pretraining_parameters", "training_flops_factor")


def block(plan):
    """Return how many points of a plan are evaluated together: more where they fall into many groups."""
    groups = math.prod(len(spread.levels) for spread in plan.vary.values() if spread.named)
    return min(plan.chunk, BLOCK * 2 ** math.ceil(math.log2(groups)))


def evaluated(plan, start, stop):
    """Return the inputs and outputs of some points.

    Parameters
    ----------
    plan : costlib.sweeping.plan.SweepPlan
    start, stop : first point, and the first after the last

    Returns
    -------
    (dict of inputs, as of :func:`costlib.sweeping.points.columns`, dict of outputs, dict of axes of maps by their
    expression); all arrays, those of comparisons of bool, of float64 otherwise; NaN is where there is no value, as of
    a division by zero, and a comparison of it is then of float64, too

    Raises
    ------
    ValueError : as the functions that are evaluated

    Examples
    --------
    >>> from costlib.sweeping.plan import read
    >>> plan = read({"design": "grid", "outputs": ["rlaif.pairs"], "vary": {"num_pairs_m1": [10, 20]}})
    >>> evaluated(plan, 0, 2)[1]["rlaif.pairs"].tolist()
    [6952.0, 6962.0]
    """
    inputs = points.columns(plan, start, stop)
    named = [name for name, spread in plan.vary.items() if spread.named]
    wanted = plan.outputs | {axis["of"]: axis["of"] for axes in plan.maps for axis in axes if isinstance(axis, dict)}
    parsed = {name: expressions.parse(text) for name, text in wanted.items()}
    found = {name: np.empty(stop - start) for name in parsed}
    numbers = {name: values for name, values in inputs.items() if name not in named}
    for chosen, rows in _groups(plan, inputs, named, stop - start):
        values = _completed(plan, chosen) | {name: values[rows] for name, values in numbers.items()}
        if plan.vary.keys() & set(DERIVED) and "sustained_tflops" not in {*plan.vary, *plan.fixed}:
            values["sustained_tflops"] = scenarios.back_solved_tflops(values)
        for name, result in _results(parsed, values).items():
            found[name][rows] = result
    if unknown := [name for name in wanted if name not in plan.outputs and np.isnan(found[name]).any()]:
        raise ValueError(f"maps: {shown(unknown[0])} has no value at some points, where it divides by zero")
    known = [name for name, each in parsed.items() if each.holds and not np.isnan(found[name]).any()]
    found |= {name: found[name].astype(bool) for name in known}
    return inputs, {name: found[name] for name in plan.outputs}, {name: found[name] for name in wanted}


def amounts(names, values):
    """Return outputs by name for the values of a scenario, numbers or arrays.

    Parameters
    ----------
    names : of :func:`costlib.sweeping.expressions.catalogue`, or of parameters
    values : dict of every parameter

    Examples
    --------
    >>> found = amounts(["published.usd", "ppo.fits", "epochs"], scenarios.complete({}))
    >>> round(found["published.usd"], 2), found["ppo.fits"], found["epochs"]
    (279.74, True, 1)
    """
    asked = {name.partition(".")[0] for name in names}
    compared = methods.compare(values, [name for name in methods.METHODS if name in asked])
    jobs = {stage: anatomy.estimated(stage, values) for stage in STAGES if stage in asked}
    fits = admissible.fits(values) if _asks_for_fits(names) else {}
    found = {}
    for name in names:
        first, _, rest = name.partition(".")
        if first in compared:
            found[name] = _of_method(compared[first], rest, fits)
        elif first in jobs:
            found[name] = _of_stage(jobs[first], rest)
        else:
            found[name] = methods.label_ratio(values) if first == "article" else values[name]
    return found


def _asks_for_fits(names):
    return any(name.endswith(".min_gpus") and name.partition(".")[0] in methods.METHODS for name in names)


def _of_method(method, amount, fits):
    if amount == "min_gpus":
        return admissible.needed_gpus(method.name, fits)
    return method.amount(amount)


def _of_stage(job, amount):
    if amount == "memory_gb":
        return job.peak_gb
    if amount == "generation_share":
        return job.job.generating(job.cost)
    return getattr(job if amount in ("hours", "min_gpus", "fits") else job.cost, amount)


def _results(parsed, values):
    names = dict.fromkeys(name for each in parsed.values() for name in each.names)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A number that nothing varies is NumPy's too, so that a division by zero is infinite there as well.
        found = {
            name: value if is_array(value) else np.float64(value) for name, value in amounts(names, values).items()
        }
        return {name: expressions.value(each, found) for name, each in parsed.items()}


def _groups(plan, inputs, named, count):
    """Yield the names and choices that some points share, and where these points are."""
    if not named:
        yield (), slice(None)
        return
    code = np.zeros(count, dtype=np.int64)
    for name in named:
        code = code * len(plan.vary[name].levels) + inputs[name]
    order = np.argsort(code, kind="stable")
    edges = np.flatnonzero(np.diff(code[order])) + 1
    for rows in np.split(order, edges):
        chosen = tuple((name, plan.vary[name].levels[inputs[name][rows[0]]]) for name in named)
        whole = slice(None) if rows.size == count else rows
        yield chosen, whole


def _completed(plan, chosen):
    # A price that varies follows no GPU; each point has its own.
    varied = {scenarios.PRICE: parameters.defaults()[scenarios.PRICE]} if scenarios.PRICE in plan.vary else {}
    return dict(_complete(tuple((plan.fixed | varied).items()), chosen))


@cache
def _complete(fixed, chosen):
    """The scenario of one group: what is fixed, its names and choices, and all else as published."""
    return scenarios.complete(dict(fixed) | dict(chosen))
