"""What nbval leaves out when it executes a chapter again: unrounded numbers, pictures, and what figures draw."""

import csv
import io
import json
import math
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote

from nbval.plugin import IPyNbCell
from redrawn import contradictions, pictures_differ, problems

FOLDER = str(Path(__file__).parent)
compared_by_nbval = IPyNbCell.runtest


def runtest(cell):
    """Run a cell as nbval does, then compare what it does not."""
    if not hasattr(cell.parent, "watched"):
        cell.parent.watched = True
        within(cell, f"__import__('sys').path.insert(0, {FOLDER!r}); __import__('drawn').watch()")
    compared_by_nbval(cell)
    wrong = different(cell.cell.outputs, cell.test_outputs)
    for output in cell.test_outputs:
        if name := output.get("metadata", {}).get("costlib", {}).get("data"):
            axes = drawn(cell)
            wrong += problems(name, table_of(output), axes, known=glued(cell)) + contradictions(
                alt_text(cell, name), axes
            )
    if wrong:
        cell.raise_cell_error("; ".join(wrong))


def different(stored, fresh):
    """Return what stored and fresh outputs of a cell record differently, and how their pictures differ."""
    ours, theirs = (list(map(recorded, filter(shows, outputs))) for outputs in (stored, fresh))
    if len(ours) != len(theirs):
        return [f"{len(ours)} stored outputs, {len(theirs)} fresh ones"]
    wrong = [f"stored {short(a)} is now {short(b)}" for a, b in zip(ours, theirs, strict=True) if not alike(a, b)]
    pictures = ([o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
                for outputs in (stored, fresh))  # fmt: skip
    return wrong + [said for a, b in zip(*pictures, strict=True) if (said := pictures_differ(a, b))]


def shows(output):
    return output["output_type"] in ("display_data", "execute_result")


def recorded(output):
    """Return what an output records beside what it shows."""
    metadata = output.get("metadata", {})
    return {"costlib": metadata.get("costlib", {}), "glue": metadata.get("scrapbook", {}).get("name", "")}


def alike(a, b):
    """Say whether two records are the same, but for the last digits of numbers, in which machines differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return (
            isinstance(a, (int, float))
            and isinstance(b, (int, float))
            and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
        )
    return a == b


def short(record):
    return json.dumps(record["costlib"])[:150]


def table_of(output):
    """Return the rows of the CSV file that an output carries in its link."""
    content = re.search(r'charset=utf-8,([^"]+)"', output["data"]["text/html"])[1]
    return list(csv.reader(io.StringIO(unquote(content))))


def alt_text(cell, name):
    """Return the words of a figure for who does not see it, from the cell that draws it."""
    settings = [each.metadata.get("mystnb", {}) for each in cell.parent.nb.cells]
    return next(each["image"]["alt"] for each in settings if each.get("figure", {}).get("name") == name)


def glued(cell):
    """Return the numbers that a chapter publishes."""
    outputs = [output for each in cell.parent.nb.cells for output in each.get("outputs", [])]
    return [output.metadata.costlib.value for output in outputs
            if "key" in output.get("metadata", {}).get("costlib", {})]  # fmt: skip


def drawn(cell):
    """Return what the last figure of the kernel shows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "drawn.json")
        within(cell, f"__import__('drawn').save({str(path)!r})")
        return json.loads(path.read_text(encoding="utf-8"))


def within(cell, code):
    """Run code of the tests in the kernel of a chapter, unseen."""
    kernel = cell.parent.kernel
    number = kernel.execute_cell_input(code, allow_stdin=False)
    kernel.await_reply(number, timeout=60)
    kernel.await_idle(number, 60)
