"""Rows of measurements: which kind a table is, and each of its rows as a record.

Five kinds of table are read, recognised by their header: memory, inference, runs, throughput, and the steps that
`costlib measure` writes. Columns may stand in any order, more may stand beside them, and every cell may be empty. What
columns mean is said in `facts/columns.csv`; free text goes through :mod:`costlib.validation.importer`.
"""

import csv
import io
from typing import NamedTuple

from costlib.compute.recognition import UnreadableError, number
from costlib.facts import schema
from costlib.text import shown
from costlib.validation import importer

# The columns by which a kind is recognised, under their present names; older ones of the same meaning count as well.
KINDS = {
    "memory": ("quantity", "value", "unit", "model"),
    "inference": ("metric", "value", "unit", "model"),
    "runs": ("stage", "reported_quantity", "model"),
    "throughput": ("tokens_per_s_per_gpu", "model", "gpu", "sequence_length"),
    "steps": ("step", "model", "gpu", "sequences", "tokens", "seconds"),
}
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
    wanted = "; ".join(f"{kind}: {', '.join(needed)}" for kind, needed in KINDS.items())
    raise ValueError(f"the header fits no kind of table; each needs at least these columns: {wanted}")


def read(text):
    """Return the Table of a CSV text.

    Raises
    ------
    ValueError : for a header that fits no kind

    Examples
    --------
    >>> read("model,metric,value,unit\\nLlama-2 7B,ITL,13,ms\\n").rows[0][0]
    2
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    kind = recognised(reader.fieldnames)
    reader.fieldnames = [name.strip() for name in reader.fieldnames]
    rows = []
    for row in reader:
        cells = {key: (value or "").strip() for key, value in row.items() if key}
        if any(cells.values()):
            # A row with more cells than columns has lost its place; it is kept and said to be malformed.
            rows.append((reader.line_num, cells | ({"": "more cells than columns"} if row.get(None) else {})))
    return MeasurementTable(kind, tuple(_cumulative(rows) if kind == "memory" else rows))


def _cumulative(rows):
    """Rows whose options are marked as cumulative have those of the rows above that share their identifier."""
    before = {}
    for line, row in rows:
        if "cumulative" in row.get("recompute", ""):
            method = row.get("method", "")
            if not method.startswith("baseline"):
                before[row.get("id")] = before.get(row.get("id"), "") + " " + method
                row = row | {"method": before[row.get("id")], "recompute": ""}
            else:
                row = row | {"recompute": ""}
        yield line, row


def record(kind, row):
    """Return the kind, the typed record and the unused words of a row of texts.

    Raises
    ------
    costlib.compute.recognition.UnreadableError : for a cell that is not of its column, which it names

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
        return number({column.name: text}, column.name, required=False)
    return text
