"""What every column of the tables of facts means: the one description from which all others are drawn.

`columns.csv` has a row for each column: its type, unit and meaning, the values that are allowed (words, or a range such
as `0.001..1` or `whole 1..8`), whether a row must have one, and the table whose rows it names. A row of the table `*`
describes the columns of that name in all tables that have no row of their own. Records, the checks, the data package,
the columns that `costlib validate` reads and the pages come from it; the order of a table's columns is that of its
file. `tables.csv` says what a row of each table is.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from costlib.base.files import read_rows
from costlib.base.text import plain, shown
from costlib.facts.folder import FOLDER

TYPES = {"number": "number", "text": "string", "flag": "boolean"}
FLAGS = {"yes": True, "no": False}
_LIMITS = re.compile(r"(whole )?(\S+)\.\.(\S+)")


class Limits(NamedTuple):
    """The numbers that are allowed, from `low` to `high`, all or whole ones.

    >>> str(limits("whole 1..8")), limits("0.001..1").hold(2), limits("yes|no")
    ('a whole number from 1 to 8', False, None)
    """

    low: float
    high: float
    whole: bool = False

    def hold(self, value: object) -> bool:
        """Return whether a value is a number that is allowed."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
        return self.low <= value <= self.high and not (self.whole and value % 1)

    def __str__(self) -> str:
        return f"{'a whole' if self.whole else 'a'} number from {plain(self.low)} to {plain(self.high)}"


def limits(text: str) -> Limits | None:
    """Return the Limits that a text says, None for one that says none."""
    found = _LIMITS.fullmatch(text)
    return Limits(float(found[2]), float(found[3]), bool(found[1])) if found else None


class Column(NamedTuple):
    """One column: `type` is number, text or flag (yes or no), `also` older names that `costlib validate` reads."""

    table: str
    name: str
    type: str
    unit: str
    meaning: str
    allowed: tuple[str, ...]
    required: bool
    refers_to: str
    also: str
    limits: Limits | None = None

    @property
    def description(self) -> str:
        """Meaning and unit in one text.

        >>> columns("gpus")["hbm_gb"].description
        'memory (GB, 1e9 bytes)'
        """
        return f"{self.meaning} ({self.unit})" if self.unit else self.meaning

    def parse(self, text: str) -> str | float | None:
        """Return a cell in the type of the column, None for an empty number or flag.

        Raises
        ------
        ValueError : for a number or flag that cannot be read

        Examples
        --------
        >>> columns("gpus")["hbm_gb"].parse("80")
        80.0
        """
        if self.type == "text":
            return text
        if not text:
            return None
        if self.type == "flag":
            if text.lower() not in FLAGS:
                raise ValueError(f"column {self.name}: must be yes or no, got {shown(text)}")
            return FLAGS[text.lower()]
        return self.limited(float(text), text)

    def limited(self, value: float, shown_as: object) -> float:
        """Return a number that is within the limits of the column, or raise a ValueError that names it."""
        if self.limits and not self.limits.hold(value):
            unit = f" [{self.unit}]" if self.unit else ""
            raise ValueError(f"column {self.name}{unit}: must be {self.limits}, got {shown(shown_as)}")
        return value


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of facts, as dicts of texts."""
    return read_rows(FOLDER / f"{name}.csv")


@cache
def tables() -> Mapping[str, str]:
    """Return what a row of each table is, by the name of the table."""
    return MappingProxyType({row["table"]: row["meaning"] for row in rows("tables")})


@cache
def _described() -> dict[tuple[str, str], Column]:
    found = {}
    for row in rows("columns"):
        span = limits(row["allowed"])
        allowed = () if span else tuple(filter(None, row["allowed"].split("|")))
        found[row["table"], row["column"]] = Column(
            row["table"], row["column"], row["type"], row["unit"], row["meaning"], allowed, row["required"] == "yes",
            row["refers_to"], row["also"], span,
        )  # fmt: skip
    return found


def described(table: str) -> dict[str, Column]:
    """Return the columns that have a description of their own for a table, by name, in the order of `columns.csv`."""
    return {name: column for (where, name), column in _described().items() if where == table}


@cache
def columns(table: str) -> Mapping[str, Column]:
    """Return the columns of a table by name, in the order of its file.

    Raises
    ------
    ValueError : for a column without a description
    """
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    return MappingProxyType({name: column(table, name) for name in header})


def units(table: str) -> dict[str, str]:
    """Return the units of the columns of a table that have one, by name.

    >>> units("gpus")["hbm_gb"]
    'GB, 1e9 bytes'
    """
    return {name: each.unit for name, each in columns(table).items() if each.unit}


def column(table: str, name: str) -> Column:
    """Return the description of one column, that of its table or the one for all tables."""
    known = _described()
    if found := known.get((table, name)) or known.get(("*", name)):
        return found
    raise ValueError(f"column {name} of {table}.csv has no row in columns.csv")


class Record:
    """One row of a table, read only: its columns are attributes, None where a number or a flag is not given."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        vars(self).update(cells)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a record cannot be changed: {name}")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no column {name}; known: {', '.join(vars(self))}")

    def get(self, name: str) -> Any:
        """Return a column, None where the table does not have it."""
        return vars(self).get(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the columns by name."""
        return dict(vars(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).items()))

    def __repr__(self) -> str:
        return f"Record({vars(self)})"


def parse(table: str, row: Mapping[str, Any]) -> Record:
    """Return a row of texts as a :class:`Record`; what the row does not give is empty.

    >>> parse("gpus", {"name": "a", "hbm_gb": "80"}).hbm_gb
    80.0
    """
    return Record({name: column.parse(row.get(name) or "") for name, column in columns(table).items()})


def descriptor(table: str) -> dict[str, Any]:
    """Return the table schema of Frictionless for a table: types, descriptions, constraints, keys.

    >>> next(field["description"] for field in descriptor("gpus")["fields"] if field["name"] == "hbm_gb")
    'memory (GB, 1e9 bytes)'
    """
    known = columns(table)
    key = next(iter(known))
    fields = [_field(column, name == key) for name, column in known.items()]
    keys = [{"fields": name, "reference": {"resource": column.refers_to, "fields": "name"}}
            for name, column in known.items() if column.refers_to]  # fmt: skip
    found = {"fields": fields, "primaryKey": key, "missingValues": [""]}
    return found | ({"foreignKeys": keys} if keys else {})


def _field(column: Column, is_key: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required or is_key else {}
    if is_key:
        constraints["unique"] = True
    if column.allowed:
        constraints["enum"] = [column.parse(each) for each in column.allowed]
    if column.limits:
        constraints |= {"minimum": column.limits.low, "maximum": column.limits.high}
    found: dict[str, Any] = {"name": column.name, "type": TYPES[column.type], "description": column.description}
    if column.type == "flag":
        found |= {"trueValues": ["yes"], "falseValues": ["no"]}
    return found | ({"constraints": constraints} if constraints else {})
