"""A case: a measured value beside the function that predicts it.

The function asks the science again each time it is called, so that it can be evaluated over draws of the coefficients.
"""

from typing import NamedTuple

from costlib import layout, timing
from costlib.architecture import forward
from costlib.recognition import UnreadableError


class Case(NamedTuple):
    """A measured value and the function that predicts it; `assumed` is what the report leaves open.

    `utilisation` is what the measured value makes of the dense peak, where it is a speed or a time [fraction]; `share`
    is the function that predicts what part of a PPO step generates [fraction].
    """

    line: int
    id: str
    source: str
    group: str
    quantity: str
    unit: str
    measured: float
    predict: object
    assumed: tuple = ()
    utilisation: float | None = None
    share: object = None


def outside(quantity):
    """Return the reason for a quantity that the model does not predict."""
    return UnreadableError(f"outside the model: {quantity}")


def case(line, row, group, quantity, unit, measured, predict, assumed=(), utilisation=None, share=None):
    """Return a Case of a row, with the identifier and source of its cells."""
    named = row.get("id") or row.get("model") or f"line {line}"
    return Case(
        line, named, row.get("source", ""), group, quantity, unit, measured, predict, tuple(assumed), utilisation, share
    )


def tokens_per_second(arch, place, name, length, eight=False):
    """Return the function that predicts the speed of training on one GPU [tokens/s]."""
    return lambda: 1 / layout.token_gpu_seconds(arch, place, timing.roofline(name, "fp8" if eight else "bf16"), length)


def token_flops(arch, length):
    """FLOPs of training on a token, as published utilisations count them: all parameters, the whole square."""
    return 3 * (2 * arch.parameters_active + forward(arch, 1, length).attention / length)
