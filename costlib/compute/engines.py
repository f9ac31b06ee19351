"""Engines that write answers: how well each uses a GPU, and how it fills its batches.

Rows of `facts/engines.csv` name the coefficients of each; :mod:`costlib.compute.inference` has the time of a step.
"""

from costlib.compute.coefficients import Coefficients
from costlib.compute.timing import Roofline
from costlib.facts import catalog
from costlib.facts.schema import Record

# What an engine sets for itself, and the column of engines.csv that names whose value it takes.
SET = {"memory-bandwidth-fraction": "bandwidth", "decode-launch": "launch", "engine-step": "step"}


def find(name: str) -> Record:
    """Return an engine, or raise a ValueError that offers the nearest names.

    >>> find("hf-generate").batching
    'static'
    """
    return catalog.find("engines", name, None)


def at(coefficients: Coefficients, name: str) -> Coefficients:
    """Return Coefficients with those of an engine in place.

    >>> from costlib.compute.coefficients import published
    >>> at(published(), "hf-generate")["decode-launch"]
    400.0
    """
    engine = find(name)
    return coefficients.replaced({each: coefficients[getattr(engine, column)] for each, column in SET.items()})


def rates(speed: Roofline, name: str) -> Roofline:
    """Return the rates of a GPU while an engine writes.

    Parameters
    ----------
    speed : costlib.compute.timing.Roofline
    name : of an engine

    Examples
    --------
    >>> from costlib.compute.timing import roofline
    >>> gpu = roofline("a100-sxm-80gb")
    >>> round(rates(gpu, "hf-generate").bandwidth / gpu.bandwidth, 2)
    0.38
    """
    known = at(speed.coefficients, name)
    reached = known["memory-bandwidth-fraction"] / speed.coefficients["memory-bandwidth-fraction"]
    return speed._replace(bandwidth=speed.bandwidth * reached, coefficients=known)
