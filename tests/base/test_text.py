"""Values and texts in messages: short, on a line, without control characters; numbers in plain digits."""

import datetime
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlib.base import text
from costlib.base.text import LONGEST, nearest, number, printable, shown

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


@given(ANYTHING)
def test_a_value_takes_a_short_line(value):
    found = shown(value)
    assert len(found) <= LONGEST and "\n" not in found
    assert not [each for each in found if unicodedata.category(each) in ("Cc", "Cf", "Cs")]


LARGE = [10**5000, -(10**400), [10**5000], "x" * 10**6, np.arange(10**6), [[["x" * 99] * 99] * 99] * 99,
         datetime.date(2026, 11, 1), {"a": {"b": {"c": {"d": {"e": 1}}}}}]  # fmt: skip


@pytest.mark.parametrize("place", range(len(LARGE)))
def test_so_does_one_that_is_large(place):
    assert 0 < len(shown(LARGE[place])) <= LONGEST


def test_short_values_are_shown_as_python_writes_them():
    for value in ("full", 12, 1.5, None, True, [1, 2], {"a": 1}, float("nan")):
        assert shown(value) == repr(value)


@given(st.text())
def test_what_is_printed_has_lines_and_tabs_and_no_other_control(given_text):
    found = printable(given_text)
    assert not [each for each in found if unicodedata.category(each) in ("Cc", "Cf", "Cs") and each not in "\n\t"]
    assert all(each in found for each in given_text if each.isalnum())


@pytest.mark.parametrize("written", ["١٢", "１２", "1_0", "0x10", "nan", "inf", "1e", "", "1 2", "--1", "1e5e5", "²"])
def test_no_number_is_read_from_other_digits_and_forms(written):
    assert number(written) is None


@given(st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back(value):
    assert number(str(value)) == value


def test_no_long_name_is_looked_for(monkeypatch):
    # Comparing takes the square of the length: a cell of 100 kB took minutes.
    import difflib

    monkeypatch.setattr(difflib, "get_close_matches", lambda *_, **__: pytest.fail("compared"))
    assert nearest("x" * (text.LONGEST + 1), ["xx"]) == ""
