"""What parameters of the book and options of a job have in common: type, unit, limits, and how they are read."""

import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from numbers import Real
from typing import Any

from costlib.base._arrays import floor, is_array, unwrapped
from costlib.base.text import nearest, number, plain, shown
from costlib.facts import names

FEW = 8  # choices that are listed one by one
SMALLEST = 1e-12  # of a number that is not 0: products of smaller ones leave the range of floating-point numbers
KINDS = {"models": "a model of costlib models in any usual spelling, a config.json, or NAME:layers=...",
         "gpus": "a GPU of costlib gpus in any usual spelling"}  # fmt: skip
TYPES = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True)
class Input:
    """A named value that a reader may set: `choices` and limits are None where they do not apply.

    `kind` is models or gpus where it names one of them, which may be spelled in other ways too.
    """

    name: str
    type: type
    unit: str
    meaning: str
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[Any, ...] | None
    kind: str = field(default="", kw_only=True)

    @property
    def allowed(self) -> str:
        """Say in words which values are accepted.

        >>> Input("epochs", int, "-", "passes over the data", 1, 1, 1000, None).allowed
        'a whole number from 1 to 1,000'
        """
        if self.kind:
            return KINDS[self.kind]
        if self.choices and len(self.choices) > FEW:
            return f"one of {len(self.choices)} names, such as {self.default or self.choices[0]}"
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        kind = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}
        if self.minimum is None or self.maximum is None:
            return kind[self.type.__name__]
        return f"{kind[self.type.__name__]} from {plain(self.minimum)} to {plain(self.maximum)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the description as plain values, the type by its name."""
        return asdict(self) | {"type": self.type.__name__}

    def parse(self, value: Any, also: Iterable[str] = ()) -> Any:
        """Return `value` in this input's type, or raise a ValueError that says what is allowed.

        A model or GPU goes by its name in the catalogue, `also` are names beside them; a reader's own model by what
        :func:`costlib.facts.names.own_model` makes of it, whether it is there or not.

        Text is accepted where it reads as a number, so that values from a form, a command line or a YAML 1.1
        file (which reads 2e12 as text) mean the same.

        >>> epochs = Input("epochs", int, "-", "passes over the data", 1, 1, 1000, None)
        >>> epochs.parse("2")
        2
        >>> epochs.parse(1.5)
        Traceback (most recent call last):
            ...
        ValueError: epochs [-] must be a whole number from 1 to 1,000, got 1.5
        """
        if self.kind and isinstance(value, str):
            return value if value in (*also, *(self.choices or ())) else self._recognised(value)
        if is_array(value) and self.type in (int, float):
            return self._parsed_array(value)
        parsed = self._converted(value)
        inside = parsed is not None and (not self.choices or parsed in self.choices)
        if inside and self.minimum is not None:
            inside = self.minimum <= parsed <= self.maximum
        if inside and self.type is float and 0 < abs(parsed) < SMALLEST:
            raise ValueError(f"{self._named} must be 0 or at least {plain(SMALLEST)}, got {shown(value)}")
        if inside:
            return parsed
        hint = ""
        if isinstance(value, str):
            hint = nearest(value, self.choices) if self.choices else _comma(value)
        got = "no value (blank, ~, null or None)" if value is None else shown(value)
        raise ValueError(f"{self._named} must be {self.allowed}, got {got}{hint}")

    def _recognised(self, value: str) -> str:
        """The name of the model or GPU that a text means."""
        if self.kind == "models":
            if found := names.model(value) or names.own_model(value):
                return found
            hint = names.model_hint(value)
        else:
            try:
                return names.gpu(value)
            except ValueError:
                hint = names.gpu_hint(value)
        raise ValueError(f"{self._named} must be {self.allowed}, got {shown(value)}{hint}")

    @property
    def _named(self) -> str:
        return f"{self.name} [{self.unit}]"

    def _parsed_array(self, value: Any) -> Any:
        """The same for a NumPy array, every number of which must be allowed."""
        array = unwrapped(value)
        if array.dtype.kind not in "iuf" or not array.size:
            held = f"an array of {array.dtype}" if array.size else "an empty array"
            raise ValueError(f"{self._named} must be {self.allowed}, or an array of such numbers, got {held}")
        numbers = array.astype(float)
        good = (abs(numbers) < math.inf) & (self.type is float or floor(numbers) == numbers)
        good &= (numbers == 0) | (abs(numbers) >= SMALLEST)
        if self.choices:
            good &= sum(numbers == each for each in self.choices) > 0
        if self.minimum is not None:
            good &= (numbers >= self.minimum) & (numbers <= self.maximum)
        return numbers if good.all() else self.parse(float(numbers[~good].flat[0]))

    def _converted(self, value: Any) -> Any:
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()  # a number of NumPy
        if self.type is str:
            return value if isinstance(value, str) else None
        if isinstance(value, bool):
            return value if self.type is bool else None
        plain = number(value) if isinstance(value, str) else value
        if self.type is bool or not isinstance(plain, Real | Decimal):
            return None
        try:
            parsed = float(plain)
        except (ValueError, OverflowError):
            return None
        if not math.isfinite(parsed) or (self.type is int and parsed % 1):
            return None
        return int(parsed) if self.type is int else parsed


def named_table(choices: str) -> str:
    """Return models or gpus where the names of that table are the choices of a row, else nothing."""
    return next((kind for kind in KINDS if choices == f"{kind}.csv"), "")


def columns(row: dict[str, str], choices: Iterable[str] | None) -> dict[str, Any]:
    """Return what a row of a table says of an :class:`Input`, in its types.

    Parameters
    ----------
    row : dict of text, with name, type, unit, meaning, default, minimum and maximum
    choices : texts, or None; an empty default is None
    """
    kind = TYPES[row["type"]]
    limits = {key: float(row[key]) if row[key] else None for key in ("minimum", "maximum")}
    default = {"": None, "true": True, "false": False}.get(row["default"], row["default"])
    return {
        **{key: row[key] for key in ("name", "unit", "meaning")},
        **limits,
        "type": kind,
        "default": kind(default) if isinstance(default, str) else default,
        "choices": tuple(map(kind, choices)) if choices else None,
    }


def _comma(text: str) -> str:
    """Say how a number with commas is written; one that can be read in two ways is left to the reader."""
    if not re.fullmatch(r"-?\d+(,\d+)+(\.\d+)?", text.strip()):
        return ""
    whole, point = text.strip().replace(",", ""), text.strip().replace(",", ".")
    groups = text.strip().split(".")[0].split(",")[1:]
    if len(groups) > 1 or "." in text:
        return f"; write it without commas: {whole}"
    return f"; write {whole} or {point}" if len(groups[0]) == 3 else f"; decimals take a point: {point}"
