"""How values of readers are read: words for what is allowed, texts, arrays, commas, and what is refused."""

import math
import re

import numpy as np
import pytest
from command import refused

from costlib.facts import inputs, options, parameters, schema
from costlib.facts.inputs import Input


def an_input(kind=float, **changes):
    usual = {"name": "x", "type": kind, "unit": "GB", "meaning": "a thing", "default": 1, "minimum": None,
             "maximum": None, "choices": None}  # fmt: skip
    return Input(**usual | changes)


WHOLE, SHARE = an_input(int, minimum=1, maximum=1000), an_input(minimum=0, maximum=1)
NAMES = an_input(str, choices=("flash", "eager"), default="flash")


@pytest.mark.parametrize(
    ("given", "words"),
    [(WHOLE, "a whole number from 1 to 1,000"), (SHARE, "a number from 0 to 1"), (NAMES, "one of flash, eager"),
     (an_input(str), "a text"), (an_input(bool), "true or false"), (an_input(int), "a whole number"),
     (an_input(minimum=0), "a number"), (an_input(maximum=1), "a number"),
     (an_input(str, choices=tuple("abcdefgh"), default="b"), "one of a, b, c, d, e, f, g, h"),
     (an_input(str, choices=tuple("abcdefghi"), default="b"), "one of 9 names, such as b"),
     (an_input(minimum=0.5, maximum=1e7), "a number from 0.5 to 1e7"),
     (an_input(minimum=9_999_999, maximum=2.5e12), "a number from 9,999,999 to 2.5e12"),
     (an_input(minimum=1e-9, maximum=1e100), "a number from 1e-9 to 1e100")],
)  # fmt: skip
def test_what_is_allowed_in_words(given, words):
    assert given.allowed == words


@pytest.mark.parametrize(
    ("given", "value", "expected"),
    [(WHOLE, "2", 2), (WHOLE, 2.0, 2), (WHOLE, "1e2", 100), (WHOLE, 1, 1), (WHOLE, 1000, 1000), (SHARE, 0, 0.0),
     (SHARE, "0.5", 0.5), (SHARE, 1, 1.0), (NAMES, "eager", "eager"), (an_input(str), "any", "any"),
     (an_input(bool), True, True), (an_input(bool), False, False), (an_input(int, choices=(0, 3)), "3", 3),
     (an_input(), -1e300, -1e300)],
)  # fmt: skip
def test_values_are_read_in_their_type(given, value, expected):
    found = given.parse(value)
    assert found == expected and type(found) is given.type


@pytest.mark.parametrize(
    ("given", "value", "words"),
    [(WHOLE, 0, "x [GB] must be a whole number from 1 to 1,000, got 0"), (WHOLE, 1001, "got 1001"),
     (WHOLE, 1.5, "got 1.5"), (WHOLE, True, "got True"), (WHOLE, None, "got no value"), (WHOLE, "many", "got 'many'"),
     (WHOLE, [2], "got [2]"), (WHOLE, 10**400, "x [GB] must be a whole number"), (SHARE, math.nan, "got nan"),
     (SHARE, math.inf, "got inf"), (SHARE, 1.0001, "got 1.0001"), (SHARE, -0.0001, "got -0.0001"),
     (an_input(), math.inf, "x [GB] must be a number, got inf"), (an_input(bool), 1, "must be true or false, got 1"),
     (an_input(bool), "yes please", "must be true or false"), (NAMES, 3, "must be one of flash, eager, got 3"),
     (NAMES, "flush", "got 'flush'; did you mean flash?"), (an_input(str), 3, "must be a text, got 3"),
     (an_input(int, choices=(0, 3)), 2, "must be one of 0, 3, got 2"),
     # A comma is a point or separates thousands: said, not guessed.
     (SHARE, "0,5", "got '0,5'; decimals take a point: 0.5"), (WHOLE, "1,500", "; write 1500 or 1.500"),
     (WHOLE, "1,500,000", "; write it without commas: 1500000"),
     (WHOLE, "1,500.5", "; write it without commas: 1500.5"), (WHOLE, " -1,5 ", "; decimals take a point: -1.5")],
)  # fmt: skip
def test_values_that_are_not_allowed_are_refused_in_words(given, value, words):
    with pytest.raises(ValueError, match=r"^x \[GB\] must be ") as told:
        given.parse(value)
    assert words in str(told.value)


def test_every_number_of_an_array_must_be_allowed():
    assert WHOLE.parse(np.array([1, 1000])).tolist() == [1.0, 1000.0]
    assert SHARE.parse(np.array([0, 1])).tolist() == [0.0, 1.0]
    assert an_input(int, choices=(0, 3)).parse(np.array([3, 0, 3])).tolist() == [3, 0, 3]
    for given, values, named in [
        (WHOLE, [1, 0.5, 0], "0.5"), (WHOLE, [1, 1001], "1001.0"), (WHOLE, [0], "0.0"), (SHARE, [0, 1.5], "1.5"),
        (SHARE, [-0.5, 0], "-0.5"), (SHARE, [0, np.nan], "nan"), (an_input(), [1, np.inf], "inf"),
        (an_input(int, choices=(0, 3)), [0, 2], "2.0"),
    ]:  # fmt: skip
        refused(f"got {re.escape(named)}$", given.parse, np.array(values))
    refused("must be one of flash, eager", NAMES.parse, np.array([1.0, 2.0]))


def test_a_row_of_a_table_says_all_of_an_input():
    row = {
        "name": "x",
        "type": "int",
        "unit": "GB",
        "meaning": "a thing",
        "default": "3",
        "minimum": "1",
        "maximum": "",
    }
    found = inputs.columns(row, ["1", "3"])
    assert found == {"name": "x", "unit": "GB", "meaning": "a thing", "minimum": 1.0, "maximum": None, "type": int,
                     "default": 3, "choices": (1, 3)}  # fmt: skip
    assert inputs.columns(row, None)["choices"] is None
    for text, kind, default in [
        ("true", "bool", True),
        ("false", "bool", False),
        ("", "float", None),
        ("2", "float", 2.0),
        ("x", "str", "x"),
    ]:
        assert inputs.columns(row | {"type": kind, "default": text}, None)["default"] == default


# --- parameters and options -----------------------------------------------------------------------------------------


def test_ends_of_a_range_must_not_cross():
    names = [name for name in parameters.vocabulary() if name.endswith("_low")]
    low, high = names[0], names[0].removesuffix("_low") + "_high"
    limits = parameters.vocabulary()[low]
    middle = (limits.minimum + limits.maximum) / 2
    assert parameters.check({low: middle, high: middle}) == {low: middle, high: middle}
    refused(f"^{low} must be at most {high}, got ", parameters.check, {low: limits.maximum, high: limits.minimum})


def test_lognormal_ranges_are_what_predictions_earned():
    known = parameters.vocabulary()
    drawn = [each for each in known.values() if each.shape == "lognormal"]
    assert drawn and all(each.low < each.default < each.high for each in drawn)


WORK = {"model": "llama-2-7b", "gpu": "a100-sxm-80gb", "examples": 9, "prompt_tokens": 0, "response_tokens": 9}


def test_a_stage_takes_the_options_that_it_uses():
    found = options.check("grpo", WORK | {"gpus": "8", "zero": None})
    assert (found["gpus"], found["examples"], found["samples"], found["zero"]) == (
        8,
        9,
        None,
        options.options()["zero"].default,
    )
    assert "samples" not in options.check("sft", WORK) and "zero" not in options.check("generate", WORK)
    # Also the default of an option that a stage does not use is a mistake where it is set by hand.
    with pytest.raises(ValueError, match="cached_reference is no option of sft; it is one of dpo"):
        options.check("sft", WORK | {"cached_reference": False})


@pytest.mark.parametrize(
    ("stage", "given", "words"),
    [("poetry", WORK, "^stage must be one of sft, rm, dpo, ppo, grpo, generate, got 'poetry'"),
     ("dp", WORK, r"got 'dp'; did you mean dpo"),
     ("sft", WORK | {"gpu_s": 4}, "^unknown option 'gpu_s'; did you mean gpus"),
     ("sft", {**WORK, "examples": None}, r"^examples \[.+\] must be given: "),
     ("sft", {}, r"(?s)^model .* must be given.*\ngpu .* must be given.*\nexamples .* must be given"),
     ("generate", WORK | {"zero": 3}, "^zero is no option of generate; it is one of sft, rm, dpo, ppo, grpo$"),
     ("sft", WORK | {"gpus": 0}, r"^gpus \[GPUs\] must be a whole number from 1 to 1,000,000, got 0$")],
)  # fmt: skip
def test_what_is_wrong_with_options_is_said(stage, given, words):
    refused(words, options.check, stage, given)


def test_arrays_go_together_as_numpy_broadcasts_them():
    row, column, alone = np.array([1, 2, 4]), np.array([[10], [20]]), np.array([5])
    for gpus, examples in [(row, column), (column, row), (row, alone), (column, alone), (row, np.ones((2, 3)))]:
        found = options.check("sft", WORK | {"gpus": gpus, "examples": examples})
        assert found["gpus"].shape == gpus.shape and found["examples"].shape == examples.shape
    for other, said in [([1, 2], "2"), (np.ones((3, 2)), "3 x 2"), (np.ones((3, 1, 4)), "3 x 1 x 4")]:
        refused(rf"^gpus has 3 values and examples {said}; arrays must go together$",
                options.check, "sft", WORK | {"gpus": row, "examples": np.array(other)})  # fmt: skip


def test_options_say_when_they_hold():
    known = options.options()
    assert known["sequence_parallel"].without == "yes" and known["epochs"].without == "1"
    assert known["model"].required and not known["gpus"].required
    assert known["samples"].used == "ppo, grpo, generate" and known["gpus"].used == ""
    lines = options.described("  ").split("\n  ")
    assert len(lines) == len(known)
    by_name = dict(line.split(" : ", 1) for line in lines)
    assert by_name["model"].endswith("[-]") and ";" not in by_name["model"]
    assert by_name["zero"].endswith("(all but generate)") and "one of 0, 1, 2, 3 [-]" in by_name["zero"]
    assert options.of("generate", {"zero": 3, "samples": 2, "gpus": 4}) == {"samples": 2, "gpus": 4}


def test_choices_of_a_parameter_are_those_of_its_row_or_of_a_table():
    known = parameters.vocabulary()
    assert known["recompute"].choices == ("none", "selective", "full") and known["epochs"].choices is None
    assert set(known["cluster_gpu"].choices) == {row["name"] for row in schema.rows("gpus")}
