"""The one vocabulary of parameters: every input of every chapter, with its unit, default, limits and source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from costlib.base._arrays import mapping
from costlib.base.text import unknown
from costlib.facts import hardware, regimes, schema
from costlib.facts.inputs import Input, columns, named_table

Values: TypeAlias = dict[str, Any]  # of parameters by name: numbers, arrays of them, or texts


@dataclass(frozen=True)
class Parameter(Input):
    """One input of the book.

    `low`, `high` and `shape` (uniform, loguniform, triangular with its mode at the default, or lognormal with four
    fifths between the ends) say how uncertain it is, by `range_source`; without a shape it is a choice, not uncertain.
    `known` is yes where whoever starts a run knows the value, so that it is uncertain only before that. `label` is its
    name in a sentence, a table or a form.
    """

    group: str
    source: str
    locator: str
    low: float | None = None
    high: float | None = None
    shape: str = ""
    range_source: str = ""
    known: str = ""
    label: str = ""


def vocabulary(own: hardware.Hardware | None = hardware.OF_PROCESS) -> Mapping[str, Parameter]:
    """Return every parameter by its name, in the order of the book.

    Parameters
    ----------
    own : costlib.facts.hardware.Hardware of the reader, whose GPU may be chosen as well; None for none

    >>> vocabulary()["price_usd_per_gpu_hour"].default
    2.5
    """
    own = hardware.expected(own)
    return _vocabulary(own.gpu["name"] if own else None)


@lru_cache(maxsize=16)
def _vocabulary(own_gpu: str | None) -> Mapping[str, Parameter]:
    return MappingProxyType({row["name"]: _parameter(row, own_gpu) for row in schema.rows("parameters")})


def defaults() -> dict[str, Any]:
    """Return the published value of every parameter.

    >>> defaults()["num_pairs_m1"]
    3964
    """
    return {name: parameter.default for name, parameter in vocabulary().items()}


def check(values: Mapping[str, Any], own: hardware.Hardware | None = hardware.OF_PROCESS) -> dict[str, Any]:
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
    known, parsed = vocabulary(own), {}
    problems = unknown("parameter", mapping("values", values), known, "; see costlib params")
    for name in filter(known.__contains__, values):
        try:
            parsed[name] = known[name].parse(values[name])
        except ValueError as error:
            problems.append(str(error))
    problems += _crossed(defaults() | parsed, parsed)
    if problems:
        raise ValueError("\n".join(problems))
    return parsed


def allowed(values: Mapping[str, Any]) -> bool:
    """Return whether :func:`check` takes these values.

    >>> allowed({"num_gpus": 8}), allowed({"num_gpus": 8_000_000})
    (True, False)
    """
    try:
        check(values)
    except ValueError:
        return False
    return True


def _crossed(values: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for low in [name for name in values if name.endswith("_low")]:
        high = low.removesuffix("_low") + "_high"
        if {low, high} & given.keys() and values[low] > values[high]:
            yield f"{low} must be at most {high}, got {values[low]} and {values[high]}"
    if {"lora_rank", "aligned_model"} & given.keys():
        # That of a reader's own model is asked for where it is read.
        hidden = {row["name"]: int(row["hidden_size"]) for row in schema.rows("models")}.get(values["aligned_model"])
        if hidden and values["lora_rank"] > hidden:
            size = f"the hidden size of {values['aligned_model']}, {hidden}"
            yield f"lora_rank [-] must be at most {size}, got {values['lora_rank']}"


def _parameter(row: dict[str, Any], own_gpu: str | None) -> Parameter:
    ranges = {key: float(row[key]) if row[key] else None for key in ("low", "high")}
    if row["shape"] == "lognormal":  # the ends are those of a regime
        low, high = regimes.interval(row["locator"].removeprefix("regimes.csv, "), 1.0)
        ranges = {"low": float(low), "high": float(high)}
    return Parameter(**row | ranges | columns(row, _choices(row["choices"], own_gpu)), kind=named_table(row["choices"]))


def _choices(text: str, own_gpu: str | None) -> Sequence[str] | None:
    parts = text.split("|") if text else ()
    found = [name for part in parts for name in (_names(part) if part.endswith(".csv") else (part,))]
    return [*found, own_gpu] if own_gpu and text == "gpus.csv" else found or None


@cache
def _names(table: str) -> tuple[str, ...]:
    return tuple(row["name"] for row in schema.rows(table.removesuffix(".csv")))
