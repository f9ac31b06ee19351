"""The words of the fuzz: inputs and options as their tables have them, good values, and values that none may take.

Limits are read from the tables by the CSV reader alone, so that a mistake in the package's reading is found.
"""

import csv
import json
import math
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

FACTS = Path(__file__).parents[2] / "costlib" / "facts"


def table(name):
    """Return the rows of a table of facts, as texts."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Word(NamedTuple):
    """An input or an option: its type, its limits and choices, its published value, and the stages that use it."""

    name: str
    type: str
    low: float | None
    high: float | None
    choices: tuple
    default: str
    stages: tuple = ()
    flag: str = ""


def _word(row):
    choices = "" if row["choices"] == "auto" else row["choices"]  # a number, or that word
    names = choices.split("|")
    if names[-1].endswith(".csv"):
        names[-1:] = [each["name"] for each in table(names[-1].removesuffix(".csv"))]
    low, high = (float(row[key]) if row[key] else None for key in ("minimum", "maximum"))
    stages = tuple(filter(None, row.get("stages", "").split("|"))) or STAGES
    return Word(row["name"], row["type"], low, high, tuple(filter(None, names)), row["default"], stages,
                row.get("flag", ""))  # fmt: skip


STAGES = ("sft", "rm", "dpo", "ppo", "grpo", "generate")
INPUTS = {row["name"]: _word(row) for row in table("parameters")}
OPTIONS = {row["name"]: _word(row) for row in table("options")}
MODELS = tuple(row["name"] for row in table("models"))
GPUS = tuple(row["name"] for row in table("gpus"))

# Values that are no number in YAML, at the command, or in a form, as (kind, text).
NO_NUMBERS = (
    ("nan", "nan"), ("nan", ".nan"), ("infinite", ".inf"), ("infinite", "-.inf"), ("infinite", "inf"),
    ("infinite", "1e999"), ("nan", "NaN"), ("infinite", "Infinity"), ("no number", "many"), ("no number", "two"),
    ("grouped", "1_0"), ("grouped", "1 000"), ("grouped", "1,000,0"), ("decimal comma", "1,5"), ("hexadecimal", "0x10"),
    ("sexagesimal", "12:30:45"), ("binary", "0b11"), ("octal", "0o17"), ("arabic digits", "١٢"),
    ("fullwidth digits", "１２"), ("superscript", "²"), ("roman", "Ⅷ"), ("percent", "50%"), ("dollars", "$5"),
    ("fraction", "1/2"), ("sum", "1+1"), ("formula", "=1+1"), ("formula", "@SUM(A1)"), ("complex", "1j"),
    ("exponent", "1e"), ("exponent", "e5"), ("signs", "--1"), ("markup", "<img src=x onerror=alert(1)>"),
    ("400 digits", "9" * 400), ("5000 digits", "9" * 5000), ("long", "x" * 100_000), ("path", "../../etc/passwd"),
    ("quotes", "'\"`"), ("braces", "{}{0}%s"), ("unicode", "\u202e\u0661\u200b"), ("emoji", "🜚"),
)  # fmt: skip
# What only a file of YAML can hold in place of a number.
NO_NUMBERS_OF_YAML = (
    ("null", "null"), ("null", "~"), ("null", ""), ("a list", "[]"), ("a list", "[1, 2]"), ("names", "{}"),
    ("names", "{a: 1}"), ("flag", "true"), ("octal", "010"), ("sexagesimal", "1:30"), ("tag", "!!int 3"),
    ("tag", "!!python/object:os.system 1"), ("tag", "!!float '3'"), ("tag", "!x 3"), ("alias", "*missing"),
    ("open bracket", "["), ("open quote", "'"), ("tab", "\t3"), ("control character", '"\\e[2J"'),
    ("control character", '"\\u0000"'), ("control character", '"\\u202e3"'), ("a block", "|\n  many\n  lines"),
    ("a date", "2026-11-01"), ("merge", "{<<: *missing}"), ("deep", "[" * 400 + "]" * 400), ("item", "- 1"),
)  # fmt: skip


def no_numbers():
    """Values that no number may be, as (kind, text)."""
    return st.sampled_from(NO_NUMBERS)


def outside(word):
    """Values outside the limits of an input, as (kind, text)."""
    found = [("below", -1.0), ("below", -1e300), ("above", 1e300)]
    if word.low is not None:
        found += [("below", math.nextafter(word.low, -math.inf)), ("below", word.low - 1)]
        found += [("above", math.nextafter(word.high, math.inf)), ("above", word.high * 2), ("above", word.high + 1e9)]
    if word.type == "int":
        found += [("not whole", (word.low or 0) + 0.5), ("not whole", 2.000001)]
    if word.choices:
        found = [("no choice", each) for each in (3.5, -7.0, 1e6) if f"{each:g}" not in word.choices]
    elif word.low is not None:
        found = [(kind, x) for kind, x in found if kind == "not whole" or not word.low <= x <= word.high]
        if word.type == "int":  # 2.0 is a whole number, and what is read as a double is one
            found = [(kind, x) for kind, x in found if kind != "not whole" or x % 1]
    return st.sampled_from(found).map(lambda each: (each[0], repr(each[1])))


def good(word, mild=False):
    """Values that an input may take: numbers, texts or flags of Python."""
    if word.type == "bool":
        return st.booleans()
    if word.choices:
        kind = {"int": int, "float": float, "str": str}[word.type]
        return st.sampled_from(word.choices).map(kind)
    if word.type == "str":
        return st.sampled_from(MODELS if "model" in word.name else GPUS)
    low, high = word.low, word.high
    if mild and word.default:
        middle = float(word.default)
        low, high = max(low, 0.8 * middle), min(high, 1.25 * middle)
    if word.type == "int":
        low, high = math.ceil(low), max(math.ceil(low), math.floor(high))
        return st.one_of(st.integers(low, high), st.integers(low, min(high, low + 100)))
    if mild:
        return st.floats(low, high)
    return st.one_of(st.floats(low, high), st.floats(low, min(high, low + 100)).map(lambda x: round(x, 3)),
                     st.sampled_from([low, high]))  # fmt: skip


def said(value, draw):
    """A good value as people write it: another way of writing means the same."""
    if isinstance(value, bool):
        return draw(st.sampled_from(["true", "True", "TRUE"] if value else ["false", "False"]))
    if isinstance(value, str):
        return draw(st.sampled_from([value, f'"{value}"', f"'{value}'", f"{value}  # as it is"]))
    texts = [repr(value), f"'{value!r}'", f"{value!r} # a number", f"  {value!r}"]
    if value == int(value) and abs(value) < 2**53:
        texts += [f"{int(value)}", f"{int(value)}.0", f'"{int(value)}"', f"+{int(value)}"]
    return draw(st.sampled_from(texts))


def unknown(known):
    """Names that are none of the known ones: near ones, foreign ones, and hostile ones."""
    near = st.sampled_from(sorted(known)).flatmap(
        lambda name: st.sampled_from([name[:-1], name + "s", name.upper(), name.replace("_", "-") + "-", f" {name}x"])
    )
    wild = st.sampled_from(["lr", "learning_rate", "__class__", "x" * 500, "<b>", "\u200bepochs", "=1+1", "0", "None"])
    return st.one_of(near, wild).filter(lambda name: name.strip() not in known)


def quoted(name):
    """A name of YAML that is not plain, in quotes."""
    return name if name.isascii() and name.replace("_", "").isalnum() and not name.isdigit() else json.dumps(name)
