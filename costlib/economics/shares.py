"""What part of a method's cost is what: single lines, GPU time, and what is paid at a price and not predicted."""

from collections.abc import Iterable

from costlib.base._arrays import Numeric, choices
from costlib.economics.methods import LINES, Method
from costlib.facts.parameters import Values


def usd_of(method: Method, *names: str) -> Numeric:
    """Return the dollars of lines, named as in :data:`costlib.economics.methods.LINES` [USD]."""
    return sum(method.line(name).usd for name in choices("names", names, LINES, "lines"))


def of_lines(method: Method, *names: str) -> Numeric:
    """Return the share of lines in the dollars of a method.

    Examples
    --------
    >>> from costlib.economics import methods, scenarios
    >>> method = methods.human_dpo(scenarios.complete({}))
    >>> of_lines(method, "labels") < of_lines(method, "labels", "staff"), round(of_lines(method, *methods.LINES), 9)
    (True, 1.0)
    """
    return usd_of(method, *names) / method.usd


def gpu_usd(method: Method, values: Values) -> Numeric:
    """Return the dollars of a method that are GPU time, the one part that is predicted [USD]."""
    return method.gpu_hours * values["price_usd_per_gpu_hour"]


def paid_usd(method: Method, values: Values) -> Numeric:
    """Return the dollars of a method that are paid at given prices and not predicted [USD].

    Examples
    --------
    >>> from costlib.economics import methods, scenarios
    >>> values = scenarios.complete({})
    >>> method = methods.human_dpo(values)
    >>> round(gpu_usd(method, values) + paid_usd(method, values) - method.usd, 9)
    0.0
    """
    return method.usd - gpu_usd(method, values)


def of_gpus(method: Method, values: Values, without: Iterable[str] = ()) -> Numeric:
    """Return the share of GPU time in the dollars of a method, without that of the lines named."""
    apart = (
        sum(method.line(name).gpu_hours for name in choices("without", without, LINES, "lines"))
        * values["price_usd_per_gpu_hour"]
    )
    return (gpu_usd(method, values) - apart) / method.usd
