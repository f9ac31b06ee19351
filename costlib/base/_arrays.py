"""The few elementwise helpers that Python's operators lack, and the one check that every public number passes.

NumPy is used only when an argument is an array, so that importing the science never imports it.
"""

import math
import sys
from collections.abc import Collection, Iterable, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, TypeVar, Union

from costlib.base.text import nearest, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
Numeric: TypeAlias = Union[float, "NDArray[np.float64]"]  # a number, or an array of them
Condition: TypeAlias = Union[bool, "NDArray[np.bool_]"]  # what comparing two of them gives
PLAIN = (float, int)
LARGEST = sys.float_info.max  # a whole number may be larger, which no product with a float stands


def is_array(value: object) -> TypeGuard["NDArray[Any]"]:
    """Say whether `value` is a NumPy array or wraps one (such as a pandas Series)."""
    return type(value) not in PLAIN and hasattr(value, "__array__") and getattr(value, "shape", ()) != ()


def unwrapped(value: object) -> "NDArray[Any]":
    """Return the NumPy array that a value is or wraps."""
    import numpy as np

    return np.asarray(value)


def largest(value: Numeric) -> Any:
    """Return a number, or the largest of an array."""
    return unwrapped(value).max() if is_array(value) else value


def where(condition: Condition, if_true: Numeric, if_false: Numeric) -> Numeric:
    """Choose by `condition`, elementwise when it is an array. Both branches must be computable everywhere."""
    if type(condition) is not bool and is_array(condition):
        import numpy as np

        return np.where(condition, if_true, if_false)
    return if_true if condition else if_false


def maximum(first: Numeric, second: Numeric) -> Numeric:
    """Return the larger of two, elementwise when either is an array."""
    if is_array(first) or is_array(second):
        import numpy as np

        return np.maximum(first, second)
    return max(first, second)


def minimum(first: Numeric, second: Numeric) -> Numeric:
    """Return the smaller of two, elementwise when either is an array."""
    return where(first < second, first, second)


def power_of_two(value: Numeric) -> Numeric:
    """Round down to a power of two, at least 1.

    >>> [power_of_two(each) for each in (0.3, 1, 7.9, 64)]
    [1, 1, 4, 64]
    """
    if is_array(value):
        import numpy as np

        return np.exp2(np.floor(np.log2(np.maximum(value, 1))))
    return 1 << max(0, math.floor(value).bit_length() - 1) if value >= 1 else 1


def ceil(value: Numeric) -> Numeric:
    """Round up to whole numbers; infinity stays."""
    if is_array(value):
        import numpy as np

        return np.ceil(value)
    return math.ceil(value) if math.isfinite(value) else value


def floor(value: Numeric) -> Numeric:
    """Round down to whole numbers; infinity stays."""
    if is_array(value):
        import numpy as np

        return np.floor(value)
    return math.floor(value) if math.isfinite(value) else value


def log(value: Numeric) -> Numeric:
    """Return the natural logarithm, elementwise when it is an array."""
    if is_array(value):
        import numpy as np

        return np.log(value)
    return math.log(value)


def whole(value: Any) -> Any:
    """Return a float without a fraction as an int, anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def require(condition: Condition, message: str, *values: Numeric) -> None:
    """Raise a ValueError with `message` unless `condition` holds everywhere.

    Each {} in the message stands for one of `values`, of arrays the first number for which the condition does not hold;
    they are written only then, since the text of an array takes longer than most formulas.

    >>> require(2 > 3, "share must be at most {}, got {}", 1, 2)
    Traceback (most recent call last):
        ...
    ValueError: share must be at most 1, got 2
    """
    if condition.all() if is_array(condition) else condition:
        return
    if is_array(condition):
        values = tuple(_first(each, ~condition) for each in values)
    raise ValueError(message.format(*values))


def _first(value: Numeric, where_wrong: "NDArray[np.bool_]") -> float:
    import numpy as np

    return np.broadcast_to(value, where_wrong.shape)[where_wrong].flat[0].item()


def choice(name: str, value: T, allowed: Iterable[Any]) -> T:
    """Return `value` if it is one of `allowed`, or raise a ValueError that offers the nearest.

    >>> choice("recompute", "ful", ("none", "selective", "full"))
    Traceback (most recent call last):
        ...
    ValueError: recompute must be one of none, selective, full, got 'ful'; did you mean full?
    """
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value in allowed:
        return value
    raise ValueError(
        f"{name} must be one of {', '.join(map(str, allowed))}, got {shown(value)}{nearest(value, allowed)}"
    )


def choices(name: str, values: Iterable[T], known: Collection[Any], what: str, least: int = 0) -> tuple[T, ...]:
    """Return names as a tuple if each is known, or raise a ValueError that offers the nearest.

    >>> choices("names", ["rlhf"], {"rlaif": 1, "hybrid": 2}, "methods")
    Traceback (most recent call last):
        ...
    ValueError: names must be those of methods, got 'rlhf'; did you mean rlaif?
    """
    wrong: list[Any] = [values] if isinstance(values, str) or not isinstance(values, Iterable) else []
    found = () if wrong else tuple(values)
    wrong += [each for each in found if not isinstance(each, str) or each not in known]
    if len(found) < least and not wrong:
        raise ValueError(f"{name} must be those of {what}, {least} or more, got {shown(values)}")
    if wrong:
        raise ValueError(f"{name} must be those of {what}, got {shown(wrong[0])}{nearest(wrong[0], known)}")
    return found


def mapping(name: str, value: Any, what: str = "inputs") -> Mapping[str, Any]:
    """Return `value` if it is a mapping, or raise a ValueError."""
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"{name} must be a mapping of {what} by name, got {shown(value)}")


def count(name: str, value: Any, unit: str, low: int = 0) -> int:
    """Return `value` if it is one whole number, or raise a ValueError.

    >>> count("votes", 2.5, "votes", 1)
    Traceback (most recent call last):
        ...
    ValueError: votes must be a whole number of at least 1 [votes], got 2.5
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= LARGEST:
        return int(value)
    raise ValueError(f"{name} must be a whole number of at least {low} [{unit}], got {shown(value)}")


def checked(name: str, value: Numeric, unit: str, *, low: float = 0, low_is_allowed: bool = True,
            infinite: bool = False) -> Numeric:  # fmt: skip
    """Return `value` as int, float or float64 array, or raise a ValueError that says what is allowed.

    Whole-number arrays become float64, because products such as tokens x parameters exceed 64-bit integers.

    >>> checked("price_per_hour", -1, "USD per GPU-hour")
    Traceback (most recent call last):
        ...
    ValueError: price_per_hour must be a finite number of at least 0 [USD per GPU-hour], got -1
    """
    if type(value) in PLAIN and low < value <= LARGEST:
        return value  # nearly every call: a page in a browser makes hundreds of thousands
    if is_array(value):
        value = _float_array(name, value, unit)
        lowest, highest = (value.min(), value.max()) if value.size else (low, low)
    else:
        value = lowest = highest = _plain_number(name, value, unit)
    # NaN fails every comparison, so these lines refuse it as well.
    above = lowest >= low if low_is_allowed else lowest > low
    if above and (highest <= LARGEST or (infinite and highest == math.inf)):
        return value
    if is_array(value):
        good = (value >= low) if low_is_allowed else (value > low)
        good &= (value <= LARGEST) | (infinite & (value == math.inf))
        value = float(value[~good].flat[0])
    limit = "of at least" if low_is_allowed else "above"
    raise ValueError(f"{name} must be a finite number {limit} {low:g} [{unit}], got {shown(value)}")


def _plain_number(name: str, value: Any, unit: str) -> float:
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    if hasattr(value, "__array__") and getattr(value, "size", 0) == 1:  # a zero-dimensional array
        return _plain_number(name, value.item(), unit)
    raise ValueError(f"{name} must be a number or a NumPy array [{unit}], got {type(value).__name__} {shown(value)}")


def _float_array(name: str, value: Any, unit: str) -> "NDArray[np.float64]":
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers [{unit}], got an array of {array.dtype}")
    return array if array.dtype == np.float64 else array.astype(np.float64)
