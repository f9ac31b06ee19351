"""Calls of costlib with values of any type, and the words of the other commands."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
from fuzz_case import Case, Fault
from fuzz_files import DRAWS
from fuzz_texts import INPUTS, OPTIONS, STAGES, good
from hypothesis import strategies as st

THINGS = (None, True, False, 0, -1, 1.5, math.nan, math.inf, -math.inf, 10**400, -(10**400), 1e308, 5e-324, "", "x",
    "7", "x" * 100_000, b"x", (),
          [], [1], [[1]], {}, {"a": 1}, {1: 2}, {None: None}, 1j, Decimal("NaN"), Decimal("3"), Decimal("1e999"),
          Fraction(1, 3), np.array(3.0),
          np.array([1.0, 2.0]), np.array([[1.0]]), np.array([]), np.array(["x"]), np.array([np.nan]),
              np.array([None]), np.float64("nan"),
          np.float32(2), np.int64(2), np.bool_(True), np.datetime64("2026-01-01"), np.array([1 + 2j]), Path("x"),
              Path(), object, len, range(3),
          frozenset([1]), "\x1b[2J", "\0", "nan", "١٢", "llama-2-7b", slice(1), ..., NotImplemented)  # fmt: skip


def _array(word):
    """Values of an option as an array, of numbers alone."""
    if word.type in ("str", "bool"):
        return good(word)
    return st.lists(good(word), min_size=1, max_size=3).map(lambda values: np.array(values, dtype=float))


@st.composite
def calls(draw):
    """Calls of costlib with values of any type."""
    thing = st.sampled_from(THINGS)
    name = draw(
        st.sampled_from(
            [
                "estimate",
                "estimate",
                "estimate",
                "compare",
                "compare",
                "sweep",
                "sweep",
                "validate",
                "models",
                "gpus",
                "claims",
            ]
        )
    )
    if name == "estimate":
        stage = draw(st.one_of(st.sampled_from(STAGES), st.sampled_from(STAGES), thing))
        named = {
            "model": "llama-2-7b",
            "gpu": "a100-sxm-80gb",
            "examples": 100,
            "prompt_tokens": 10,
            "response_tokens": 10,
        }
        words = (
            [word for word in OPTIONS.values() if stage not in STAGES[:1] or stage in word.stages]
            if isinstance(stage, str)
            else list(OPTIONS.values())
        )
        for word in draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique_by=lambda w: w.name)):
            named[word.name] = draw(st.one_of(thing, good(word), _array(word)))
        if draw(st.integers(0, 5)) == 0:
            named[draw(st.sampled_from(["hardware", "pairs", "prompts", "nosuch", "price"]))] = draw(thing)
        return Case("call", call=("estimate", (stage,), named))
    if name == "compare":
        how = draw(st.integers(0, 3))
        named = {"draws": draw(st.one_of(st.just(DRAWS), st.just(DRAWS), thing)) if how else DRAWS}
        for word in draw(st.lists(st.sampled_from(list(INPUTS.values())), max_size=2, unique_by=lambda w: w.name)):
            named[word.name] = draw(st.one_of(thing, good(word), good(word)))
        given = (draw(thing),) if how == 1 else ()
        return Case("call", call=("compare", given, named))
    if name == "sweep":
        content = {"vary": {"epochs": [1, 2]}, "outputs": ["rlaif.usd"]}
        path = draw(
            st.sampled_from(
                [
                    ("vary",),
                    ("vary", "epochs"),
                    ("outputs",),
                    ("points",),
                    ("design",),
                    ("seed",),
                    ("bins",),
                    ("maps",),
                    ("fixed",),
                    (),
                ]
            )
        )
        if not path:
            return Case("call", call=("sweep", (draw(thing),), {}))
        place = content
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = draw(st.one_of(thing, st.lists(thing, max_size=2)))
        return Case("call", call=("sweep", (content,), {}))
    return Case("call", call=(name, (draw(thing),), {}))


WORDS = ("", "x", "nosuch", "B066", "B999", "b066", "total_usd", "llama", "\x1b[2J", "x" * 100_000, "(", "[",
    ".*", "%s", "{}", "=1+1", "-1",
         "nan", "٣", "a\nb", "../..", "<b>", "fig-x", "tab-x", "--json", "-h", "04", "999", "\u202e")  # fmt: skip


@st.composite
def words(draw):
    """Names and texts of the other commands."""
    word = st.sampled_from(WORDS)
    line = draw(st.sampled_from([
        ("models", "?"), ("models", "?", "--json"), ("gpus", "?"), ("gpus", "?", "--json"), ("claims", "?"),
        ("claims", "?", "--json"),
        ("claims", "--chapter", "?"), ("claims", "--verdict", "?"), ("cite", "?"), ("cite", "?", "--format", "?"),
        ("params", "?"),
        ("?",), ("?", "?"), ("compare", "--draws", "?"), ("rerun", "?"), ("rerun", "-o", "out", "--chapters", "?",
        "--jobs", "0"),
        ("rerun", "-o", "out", "--chapters", "nosuch?"), ("sweep", "?", "-o", "out", "--workers", "?"), ("measure",
        "-o", "?", "--stages", "?"),
        ("measure", "-o", "m.csv", "--model", "?"), ("calibrate", "?", "-o", "hw.yml"), ("validate", "?"),
        ("validate", "?", "--hardware", "?"),
        ("estimate", "?"), ("estimate", "sft", "--hardware", "?"), ("rerun", "-o", "out", "--book", "?", "--chapters",
        "nosuch"),
        ("models", "--format", "?"), ("compare", "--format", "?", "--draws", "20"), ("estimate", "sft", "--json", "?"),
    ]))  # fmt: skip
    filled = tuple(each.replace("?", draw(word)) for each in line)
    bad = {
        ("claims", "--chapter", "B999"): Fault("unknown chapter"),
        ("claims", "--chapter", "nosuch"): Fault("unknown chapter"),
    }
    faults = (bad[filled],) if filled in bad else ()
    return Case("words", filled, faults=faults)
