"""The one vocabulary of parameters: every input of every chapter, with its unit, default, limits and source."""

import csv
import math
import re
from dataclasses import dataclass
from functools import cache

from costlib.facts import hardware
from costlib.facts.folder import FOLDER
from costlib.text import nearest

FEW = 8  # choices that are listed one by one
TYPES = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One input of the book: `choices` and limits are None where they do not apply.

    `low`, `high` and `shape` (uniform, loguniform, triangular with its mode at the default) say how uncertain it is, by
    `range_source`; an input without a shape is a choice and not uncertain.
    """

    name: str
    type: type
    unit: str
    meaning: str
    default: object
    minimum: float | None
    maximum: float | None
    choices: tuple | None
    group: str
    source: str
    locator: str
    low: float | None = None
    high: float | None = None
    shape: str = ""
    range_source: str = ""

    @property
    def allowed(self):
        """Say in words which values are accepted.

        >>> vocabulary()["epochs"].allowed
        'a whole number from 1 to 1,000'
        """
        if self.choices and len(self.choices) > FEW:
            return f"one of {len(self.choices)} names, such as {self.default}"
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        kind = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}
        if self.minimum is None:
            return kind[self.type.__name__]
        return f"{kind[self.type.__name__]} from {_plain(self.minimum)} to {_plain(self.maximum)}"

    def parse(self, value):
        """Return `value` in this parameter's type, or raise a ValueError that says what is allowed.

        Text is accepted where it reads as a number, so that values from a form, a command line or a YAML 1.1
        file (which reads 2e12 as text) mean the same.

        >>> vocabulary()["price_usd_per_gpu_hour"].parse("1.5")
        1.5
        >>> vocabulary()["epochs"].parse(1.5)
        Traceback (most recent call last):
            ...
        ValueError: epochs [-] must be a whole number from 1 to 1,000, got 1.5
        """
        parsed = self._converted(value)
        inside = parsed is not None and (not self.choices or parsed in self.choices)
        if inside and self.minimum is not None:
            inside = self.minimum <= parsed <= self.maximum
        if inside:
            return parsed
        hint = ""
        if isinstance(value, str):
            hint = nearest(value, self.choices) if self.choices else _comma(value)
        raise ValueError(f"{self.name} [{self.unit}] must be {self.allowed}, got {value!r}{hint}")

    def _converted(self, value):
        if self.type is str:
            return value if isinstance(value, str) else None
        if isinstance(value, bool):
            return value if self.type is bool else None
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None
        if self.type is bool or not math.isfinite(number) or (self.type is int and number % 1):
            return None
        return int(number) if self.type is int else number


def vocabulary(own=hardware.OF_PROCESS):
    """Return every parameter by its name, in the order of the book.

    Parameters
    ----------
    own : costlib.facts.hardware.Hardware of the reader, whose GPU may be chosen as well; None for none

    >>> vocabulary()["price_usd_per_gpu_hour"].default
    2.5
    """
    return _vocabulary(own and own.gpu["name"])


@cache
def _vocabulary(own_gpu):
    with (FOLDER / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: _parameter(row, own_gpu) for row in csv.DictReader(file)}


def defaults():
    """Return the published value of every parameter.

    >>> defaults()["num_pairs_m1"]
    3964
    """
    return {name: parameter.default for name, parameter in vocabulary().items()}


def check(values, own=hardware.OF_PROCESS):
    """Return the given parameters in their types, or raise one ValueError that lists everything wrong with them.

    Parameters
    ----------
    values : dict of parameter name to value; any subset of the vocabulary
    own : as for :func:`vocabulary`

    Raises
    ------
    ValueError : unknown names (with the nearest ones), wrong types, values out of range, a low end above its high end

    >>> check({"epoch": 2})
    Traceback (most recent call last):
        ...
    ValueError: unknown parameter 'epoch'; did you mean epochs or ppo_epochs?
    """
    known, parsed, problems = vocabulary(own), {}, []
    for name, value in values.items():
        if name not in known:
            problems.append(f"unknown parameter {name!r}{nearest(name, known) or '; see costlib params'}")
            continue
        try:
            parsed[name] = known[name].parse(value)
        except ValueError as error:
            problems.append(str(error))
    problems += _crossed_ranges(defaults() | parsed, parsed)
    if problems:
        raise ValueError("\n".join(problems))
    return parsed


def _comma(text):
    """Say how a number with commas is written; one that can be read in two ways is left to the reader."""
    if not re.fullmatch(r"-?\d+(,\d+)+(\.\d+)?", text.strip()):
        return ""
    whole, point = text.strip().replace(",", ""), text.strip().replace(",", ".")
    groups = text.strip().split(".")[0].split(",")[1:]
    if len(groups) > 1 or "." in text:
        return f"; write it without commas: {whole}"
    return f"; write {whole} or {point}" if len(groups[0]) == 3 else f"; decimals take a point: {point}"


def _crossed_ranges(values, given):
    for low in [name for name in values if name.endswith("_low")]:
        high = low.removesuffix("_low") + "_high"
        if {low, high} & given.keys() and values[low] > values[high]:
            yield f"{low} must be at most {high}, got {values[low]} and {values[high]}"


def _parameter(row, own_gpu):
    kind = TYPES[row["type"]]
    limit = {key: float(row[key]) if row[key] else None for key in ("minimum", "maximum", "low", "high")}
    default = row["default"] == "true" if kind is bool else kind(row["default"])
    return Parameter(
        **row | limit | {"type": kind, "default": default, "choices": _choices(row["choices"], kind, own_gpu)}
    )


def _choices(text, kind, own_gpu):
    if text.endswith(".csv"):
        return _names(text) + ((own_gpu,) if own_gpu and text == "gpus.csv" else ())
    return tuple(kind(choice) for choice in text.split("|")) if text else None


@cache
def _names(table):
    with (FOLDER / table).open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


def _plain(number):
    return (
        f"{number:,.0f}" if number % 1 == 0 and number < 1e7 else f"{number:g}".replace("e+0", "e").replace("e+", "e")
    )
