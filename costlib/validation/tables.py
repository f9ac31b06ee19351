"""Rows of measurements: which kind a table is, and each of its rows as a record.

Seven kinds of table are read, recognised by their header: memory, inference, runs, throughput, updates of a trainer,
phases of steps of reinforcement learning, and the steps that `costlib measure` writes. Columns may stand in any order,
more may stand beside them, and every cell may be empty. What columns mean is said in `facts/columns.csv`; free text
goes through :mod:`costlib.validation.importer`.
"""

import csv
import io
import unicodedata
from collections import Counter
from itertools import zip_longest
from typing import NamedTuple

from costlib.base.errors import UnreadableError
from costlib.base.text import brief, shown
from costlib.compute.recognition import number
from costlib.facts import schema
from costlib.validation import importer

# The columns by which a kind is recognised, under their present names; older ones of the same meaning count as well.
KINDS = {
    "memory": ("quantity", "value", "unit", "model"),
    "inference": ("metric", "value", "unit", "model"),
    "runs": ("stage", "reported_quantity", "model"),
    "throughput": ("tokens_per_s_per_gpu", "model", "gpu", "sequence_length"),
    "rl_updates": ("seconds_per_micro_batch", "model", "gpu", "gpus", "sequence_length"),
    "phases": ("step_s", "gen_s", "model", "gpu"),
    "steps": ("step", "model", "gpu", "sequences", "tokens", "seconds"),
}
LONGEST = 1000  # letters of a cell
MOST_ROWS, MOST_COLUMNS, MOST_PROBLEMS = 100_000, 500, 20
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}  # that spreadsheets put between columns
STEPS = tuple(schema.described("steps"))
# Columns of the book's own tables that a reader's table does not have.
OURS = ("name", "label", "shown_in", "left_out", "as_reported", "locator", "status")


class MeasurementTable(NamedTuple):
    """A table of measurements: its kind, and its rows with their line numbers."""

    kind: str
    rows: tuple


def columns(kind):
    """Return the columns of a kind of table that are read, as :class:`costlib.facts.schema.Column` by name.

    >>> list(columns("throughput"))[:3]
    ['model', 'parameters', 'position_embeddings']
    """
    if kind == "steps":
        return schema.described(kind)
    known = schema.columns(f"measured_{kind}") | schema.described(kind)
    return {name: column for name, column in known.items() if name not in OURS}


def recognised(header):
    """Return the kind of a table, or raise a ValueError that lists what a kind needs.

    >>> recognised(["id", "model", "metric", "value", "unit"])
    'inference'
    """
    found = {str(name).strip() for name in header or ()}
    for kind, needed in KINDS.items():
        older = {} if kind == "steps" else importer.older(kind)
        if found | {older[name][0] for name in found if name in older} >= set(needed):
            return kind
    kind, lacks = min(((kind, [name for name in needed if name not in found]) for kind, needed in KINDS.items()),
                      key=lambda each: len(each[1]) / len(KINDS[each[0]]))  # fmt: skip
    raise ValueError(f"the header fits no kind of table ({', '.join(KINDS)}); for {kind} it lacks {', '.join(lacks)}")


def read(text):
    """Return the Table of a CSV text.

    Raises
    ------
    ValueError : for a header that fits no kind or has a column twice, and for cells that are too long or hold control
        characters

    Examples
    --------
    >>> read("model,metric,value,unit\\nLlama-2 7B,ITL,13,ms\\n").rows[0][0]
    2
    """
    found = _lines(text.removeprefix("\ufeff"))
    _, header = next(found, (1, []))
    names = [name.strip() for name in header]
    _divided(",".join(names))
    kind = recognised(names)
    if twice := [name for name, count in Counter(filter(None, names)).items() if count > 1]:
        raise ValueError(f"the header has {shown(twice[0])} twice; each column needs a name of its own")
    rows = [(line, _row(names, cells)) for line, cells in found if any(cell.strip() for cell in cells)]
    return MeasurementTable(kind, tuple(_cumulative(rows) if kind == "memory" else rows))


def _divided(header):
    """Refuse a header whose names are not divided by commas."""
    for mark, name in MARKS.items():
        if header.count(mark) > header.count(","):
            raise ValueError(f"the columns are divided by {name}; save the table with commas between them")


def _lines(text):
    """The lines of a CSV text with their numbers; ValueError for what no table of measurements holds."""
    if "\0" in text:
        raise ValueError(f"line {text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL byte, which no text has")
    reader = csv.reader(io.StringIO(text, newline=""))
    problems, names = [], []
    try:
        for place, cells in enumerate(reader):
            if place > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise ValueError(f"line {reader.line_num}: more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns")
            names = names or [brief(name.strip()) for name in cells]
            problems += [f"line {reader.line_num}, column {name or number_of}: {wrong}" for number_of, (cell, name)
                         in enumerate(zip_longest(cells, names[: len(cells)], fillvalue=""), 1)
                         if (wrong := _wrong(cell))]  # fmt: skip
            if len(problems) > MOST_PROBLEMS:
                break
            if not problems:
                yield reader.line_num, cells
    except csv.Error as error:  # a cell of more than 128 kB
        problems.append(f"line {reader.line_num}: {error}")
    if problems:
        raise ValueError("\n".join(problems))


def _wrong(cell):
    """What a cell holds that none may, nothing where it is fine: patterns are looked for in short texts alone."""
    if len(cell) > LONGEST:
        return f"{len(cell):,} letters, more than {LONGEST:,}, got {shown(cell)}"
    if cell.isprintable():
        return ""
    control = next((each for each in cell if unicodedata.category(each) == "Cc" and each not in "\n\r\t"), "")
    return control and f"a control character, got {shown(cell)}"


def _row(names, cells):
    """The cells of a row by their columns; one without a place of its own is kept and said to be malformed."""
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    nameless = any(cell.strip() for name, cell in zip(names, cells, strict=False) if not name)
    strange = "more cells than columns" if len(cells) > len(names) else "a cell in a column without a name"
    return dict.fromkeys(filter(None, names), "") | row | (
        {"": strange} if len(cells) > len(names) or nameless else {})  # fmt: skip


def _cumulative(rows):
    """Rows whose options are marked as cumulative have those of the rows above that share their identifier."""
    before = {}
    for line, row in rows:
        if "cumulative" in row.get("recompute", ""):
            method = row.get("method", "")
            if not method.startswith("baseline"):
                before[row.get("id")] = before.get(row.get("id"), "") + " " + method
                if len(before[row.get("id")]) > LONGEST:
                    raise ValueError(f"line {line}: the options of {shown(row.get('id'))} add up to too long a text")
                row = row | {"method": before[row.get("id")], "recompute": ""}
            else:
                row = row | {"recompute": ""}
        yield line, row


def record(kind, row):
    """Return the kind, the typed record and the unused words of a row of texts.

    Raises
    ------
    costlib.base.errors.UnreadableError : for a cell that is not of its column, which it names

    Examples
    --------
    >>> kind, row, unread = record("memory", {"model": "7B", "quantity": "peak memory", "unit": "GiB", "value": "9",
    ...                                       "recompute": "gradient checkpointing: off"})
    >>> row.recompute, row.value, unread
    ('none', 9.0, ())
    """
    found = importer.imported(kind, row)
    cells = {name: found.cells.get(name, "") for name in ("id", *OURS)}
    cells |= {name: _parsed(column, found.cells.get(name, "")) for name, column in
              schema.columns(f"measured_{found.kind}").items() if name not in OURS}  # fmt: skip
    return found.kind, schema.Record(cells), found.unread


def _parsed(column, text):
    if column.type == "flag":
        try:
            return column.parse(text)
        except ValueError as error:
            raise UnreadableError(str(error)) from None
    if text and column.allowed:
        # 8 and 8.0 are one number, Full and full one word.
        plain = text.lower().removesuffix(".0")
        known = {each.lower(): each for each in column.allowed}
        if plain not in known:
            raise UnreadableError(
                f"column {column.name}: must be one of {', '.join(column.allowed)}, got {shown(text)}"
            )
        return column.parse(known[plain])
    if column.type == "number":
        return _within(column, number({column.name: text}, column.name, required=False), text)
    return text


def _within(column, value, text):
    try:
        return value if value is None else column.limited(value, text)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
