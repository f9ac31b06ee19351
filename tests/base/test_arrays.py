"""The elementwise helpers and the one check of numbers: for numbers and for arrays, at their limits."""

import math

import numpy as np
import pandas as pd
import pytest
from command import refused

from costlib.base import _arrays
from costlib.base._arrays import (
    ceil,
    checked,
    choice,
    floor,
    is_array,
    maximum,
    minimum,
    power_of_two,
    require,
    where,
    whole,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(np.array([1.0]), True), (pd.Series([1.0]), True), (np.zeros((2, 0)), True), (np.array(1.0), False),
     (np.float64(1), False), (1.0, False), (1, False), (True, False), ([1.0], False), ("1", False), (None, False)],
)  # fmt: skip
def test_an_array_is_what_has_a_shape(value, expected):
    assert is_array(value) is expected


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        (maximum, [(1, 2), (2, 1), (-1, -2), (3, 3)], [2, 2, -1, 3]),
        (minimum, [(1, 2), (2, 1), (-1, -2), (3, 3)], [1, 1, -2, 3]),
        (where, [(True, 1, 2), (False, 1, 2)], [1, 2]),
        (ceil, [(1.1,), (2.0,), (-1.5,), (0.0,), (math.inf,)], [2, 2, -1, 0, math.inf]),
        (floor, [(1.9,), (2.0,), (-1.5,), (0.0,), (math.inf,)], [1, 2, -2, 0, math.inf]),
        (power_of_two, [(0.0,), (0.3,), (0.99,), (1.0,), (1.99,), (2.0,), (3.0,), (7.9,), (8.0,), (64.0,), (65.0,)],
         [1, 1, 1, 1, 1, 2, 2, 4, 8, 64, 64]),
        (_arrays.log, [(1.0,), (math.e,), (math.e**-2,)], [0, 1, -2]),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)  # fmt: skip
def test_numbers_and_arrays_give_the_same(function, values, expected):
    assert [function(*each) for each in values] == pytest.approx(expected)
    columns = [np.array(column) for column in zip(*values, strict=True)]
    assert function(*columns).tolist() == pytest.approx(expected)


def test_one_array_is_enough():
    assert maximum(2, np.array([1.0, 3.0])).tolist() == maximum(np.array([1.0, 3.0]), 2).tolist() == [2, 3]
    assert minimum(2, np.array([1.0, 3.0])).tolist() == minimum(np.array([1.0, 3.0]), 2).tolist() == [1, 2]
    assert where(np.array([True, False]), 1, np.array([5, 6])).tolist() == [1, 6]


def test_whole_numbers_lose_their_point_and_nothing_else_does():
    assert [repr(whole(each)) for each in (2.0, 2.5, 2, "2.0", True, None)] == [
        "2",
        "2.5",
        "2",
        "'2.0'",
        "True",
        "None",
    ]


def test_what_must_hold_must_hold_for_every_number_of_an_array():
    require(np.array([True, True]), "never said")
    require(True, "never said")
    refused(
        "^at most 1, got 3.0$",
        require,
        np.array([1.0, 3.0, 4.0]) <= 1,
        "at most {}, got {}",
        1,
        np.array([1.0, 3.0, 4.0]),
    )
    # Of several arrays the numbers at the place where it does not hold, whatever their shapes.
    wide, flat = np.array([[1.0], [2.0]]), np.array([10.0, 20.0])
    refused("^2.0 and 20.0$", require, wide * flat < 40, "{} and {}", wide, flat)


def test_a_choice_is_one_of_those_allowed():
    assert choice("zero", 3, (0, 3)) == 3 and choice("kernel", "flash", ("flash", "eager")) == "flash"
    assert choice("share", 0.5, (0.5, 1.0)) == 0.5
    for wrong in (True, None, ["flash"], 2, "flush"):
        refused("^kernel must be one of flash, 1, got ", choice, "kernel", wrong, ("flash", 1))
    refused(r"got 'flush'; did you mean flash\?$", choice, "kernel", "flush", ("flash", "eager"))


@pytest.mark.parametrize("value", [1, 1.5, 0, 0.0, np.float64(2), np.int64(2), np.array(3.0), np.array([[2]])[0, 0]])
def test_a_number_stays_that_number(value):
    found = checked("tokens", value, "tokens")
    assert found == value and type(found) is (int if np.issubdtype(type(value), np.integer) else float)


@pytest.mark.parametrize(
    "value", [np.array([1, 2]), np.array([1, 2], dtype=np.uint8), np.array([1, 2], np.float32), np.array([])]
)
def test_an_array_becomes_one_of_64_bit_floats(value):
    found = checked("tokens", value, "tokens")
    assert found.dtype == np.float64 and found.tolist() == value.tolist()


@pytest.mark.parametrize(
    ("value", "keywords", "message"),
    [
        (-1, {}, r"tokens must be a finite number of at least 0 \[unit\], got -1"),
        (-0.5, {}, r"tokens must be a finite number of at least 0 \[unit\], got -0.5"),
        (0, {"low_is_allowed": False}, r"tokens must be a finite number above 0 \[unit\], got 0"),
        (0.4, {"low": 0.5}, r"tokens must be a finite number of at least 0.5 \[unit\], got 0.4"),
        (0.5, {"low": 0.5, "low_is_allowed": False}, r"tokens must be a finite number above 0.5 \[unit\], got 0.5"),
        (math.inf, {}, "of at least 0 .* got inf"), (-math.inf, {}, "got -inf"), (math.nan, {}, "got nan"),
        (np.array([1.0, math.inf]), {}, "got inf"), (np.array([1.0, math.nan]), {}, "got nan"),
        (np.array([1.0, -2.0, -3.0]), {}, "of at least 0 .* got -2.0"),
        (np.array([1.0, 0.0]), {"low_is_allowed": False}, "above 0 .* got 0.0"),
        (np.array([0.5, 0.4]), {"low": 0.5}, "at least 0.5 .* got 0.4"),
        ("2", {}, r"tokens must be a number or a NumPy array \[unit\], got str '2'"),
        (None, {}, "got NoneType None"), (True, {}, "got bool True"), ([1], {}, r"got list \[1\]"),
        (np.array("x"), {}, r"\[unit\], got str 'x'"), (2 + 0j, {}, "got complex"),
        (np.array([True]), {}, r"tokens must hold numbers \[unit\], got an array of bool"),
        (np.array(["a", "b"]), {}, "hold numbers"), (np.array([1j]), {}, "got an array of complex128"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_its_range_is_refused(value, keywords, message):
    refused(f"^tokens must .*{message.removeprefix('tokens must ')}", checked, "tokens", value, "unit", **keywords)


@pytest.mark.parametrize("value", [0.5, np.array([0.5, 7.0])])
def test_the_lower_limit_itself_is_allowed_where_it_is(value):
    assert np.all(checked("share", value, "fraction", low=0.5) == value)
