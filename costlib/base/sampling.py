"""Quantiles of ranges, and draws of a result: what every interval is made of."""

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric, is_array, where

TAIL = 1e-9  # probability beyond which no quantile is taken


def quantile_of(parameter: Any, uniform: Numeric) -> Numeric:
    """Return the value of an input at a quantile of its range.

    Parameters
    ----------
    parameter : costlib.facts.parameters.Parameter with a range
    uniform : quantile, from 0 to 1; a number or an array

    Returns
    -------
    uniform: low + u (high - low); loguniform: low (high / low)^u; triangular: with its mode at the published default;
    lognormal: with four fifths between the ends and half on either side of the published default

    Examples
    --------
    >>> from costlib.facts import parameters
    >>> price = parameters.vocabulary()["price_usd_per_gpu_hour"]
    >>> price.shape, round(quantile_of(price, 0.0), 2), round(quantile_of(price, 1.0), 2)
    ('loguniform', 1.08, 5.12)
    """
    low, high, mode = parameter.low, parameter.high, parameter.default
    if parameter.shape == "loguniform":
        return low * (high / low) ** uniform
    if parameter.shape == "lognormal":
        from statistics import NormalDist  # half a dozen modules, for two of the inputs

        place = _standard_normal(uniform) / NormalDist().inv_cdf(0.9)
        return mode * where(place < 0, mode / low, high / mode) ** place
    if parameter.shape == "triangular" and high > low:
        split = (mode - low) / (high - low)
        rising = low + ((high - low) * (mode - low) * uniform) ** 0.5
        falling = high - ((high - low) * (high - mode) * (1 - uniform)) ** 0.5
        return where(uniform < split, rising, falling)
    return low + (high - low) * uniform


def halfway(parameter: Any, value: Numeric) -> Numeric:
    """Return a value moved halfway to the published one, on a logarithmic scale where the range has that shape.

    Parameters
    ----------
    parameter : costlib.facts.parameters.Parameter with a range
    value : a number or an array

    Examples
    --------
    >>> from costlib.facts import parameters
    >>> price = parameters.vocabulary()["price_usd_per_gpu_hour"]  # 2.5, log-uniform
    >>> round(halfway(price, 4 * 2.5) / 2.5, 9)
    2.0
    """
    if parameter.shape in ("loguniform", "lognormal"):
        return (parameter.default * value) ** 0.5
    return (parameter.default + value) / 2


def _standard_normal(uniform: Numeric) -> Numeric:
    """Quantiles of the standard normal distribution; none is infinite, since no draw is that sure."""
    from statistics import NormalDist

    quantile = NormalDist().inv_cdf
    if is_array(uniform):
        flat = [quantile(min(max(each, TAIL), 1 - TAIL)) for each in uniform.ravel().tolist()]
        return as_array(flat).reshape(uniform.shape)
    return quantile(min(max(uniform, TAIL), 1 - TAIL))


class Sample(NamedTuple):
    """Draws of a result, sorted."""

    ordered: Sequence[float]

    @property
    def median(self) -> float:
        """The value that half of the draws exceed."""
        return self.quantile(0.5)

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 90 % interval."""
        return self.quantile(0.05), self.quantile(0.95)

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return float(sum(self.ordered) / len(self.ordered))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean: how far the number of draws leaves it open."""
        mean, count = self.mean, len(self.ordered)
        return math.sqrt(sum((value - mean) ** 2 for value in self.ordered) / max(1, count - 1) / count)

    @property
    def ends_error(self) -> float:
        """How far the number of draws leaves the ends of the interval open: the larger standard error, as a share.

        By order statistics: an end lies among the draws within one standard error of its own share.
        """
        wide = math.sqrt(0.05 * 0.95 / len(self.ordered))
        ends = [
            (self.quantile(max(0, p - wide)), self.quantile(p), self.quantile(min(1, p + wide))) for p in (0.05, 0.95)
        ]
        return max((high - low) / 2 / end if high > low else 0.0 for low, end, high in ends)

    def quantile(self, share: float) -> float:
        """Return the value below which a share of the draws lies, interpolated."""
        place = share * (len(self.ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(self.ordered) - 1)
        if self.ordered[high] == self.ordered[low]:  # also where both are infinite
            return float(self.ordered[low])
        return float(self.ordered[low] + (place - low) * (self.ordered[high] - self.ordered[low]))

    @property
    def median_interval(self) -> tuple[float, float]:
        """The ends of the 95 % interval of the median, by the ranks of the draws."""
        reach = 0.98 / len(self.ordered) ** 0.5
        return self.quantile(0.5 - reach), self.quantile(0.5 + reach)

    def share_above(self, threshold: float) -> tuple[float, float]:
        """Return the share of the draws above a threshold, and its standard error."""
        share = sum(1 for value in self.ordered if value > threshold) / len(self.ordered)
        return share, math.sqrt(share * (1 - share) / len(self.ordered))


def sample(results: Numeric | list[float] | tuple[float, ...]) -> Sample:
    """Return draws of a result as a Sample; a single number is a result that no draw reaches."""
    if is_array(results):
        import numpy as np

        return Sample(np.sort(results))
    return Sample(sorted(results if isinstance(results, (list, tuple)) else [results]))


def stream(seed: str, count: int) -> Sequence[float]:
    """Return the first numbers of a stream, evenly spread from 0 to 1: an array where NumPy is installed, else a list.

    Both are those of the standard library's generator, so that a page in a browser draws what a notebook draws.

    >>> [round(float(each), 3) for each in stream("2025 answer_tokens", 3)] == [
    ...     round(float(each), 3) for each in stream("2025 answer_tokens", 5)[:3]]
    True
    """
    generator = random.Random(seed)
    try:
        import numpy as np
    except ImportError:
        return [generator.random() for _ in range(count)]
    # What random() makes of two words of the generator; numpy.random would have to be loaded for the same numbers.
    words = np.frombuffer(generator.randbytes(8 * count), "<u4").reshape(-1, 2) >> (5, 6)
    return (words[:, 0] * 2.0**26 + words[:, 1]) / 2**53


def as_array(numbers: Sequence[float]) -> Any:
    """Return numbers as an array where NumPy is installed, else as they are."""
    try:
        import numpy as np
    except ImportError:
        return numbers
    return np.array(numbers)
