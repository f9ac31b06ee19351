"""An answer as a command prints it: the one option --format, the one width, what is bold, what is written as data."""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from costlib.base.display import RULE, Shown, Table, as_text, window
from costlib.base.text import nearest, printable, shown

F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S", bound=Sequence[Any])
FORMS = ("table", "csv", "markdown", "json")


def format_option(command: F) -> F:
    """Give a command --format and its short form --json; the command receives `form`, one of :data:`FORMS`."""

    @functools.wraps(command)
    def with_form(*arguments: Any, form: str | None, as_json: bool, **options: Any) -> Any:
        if as_json and form not in (None, "json"):
            raise click.UsageError(f"--json is short for --format json, got --format {form} beside it")
        return command(*arguments, form="json" if as_json else form or "table", **options)

    short = click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
    long = click.option("--format", "form", type=click.Choice(FORMS), help="Of the answer [table].")
    return long(short(with_form))  # type: ignore[return-value]


def in_words(flag: str, given: bool, form: str) -> None:
    """Refuse a form of data beside a flag whose answer has none."""
    if given and form != "table":
        raise click.UsageError(f"{flag} answers in words alone, got --format {form} beside it")


def print_found(found: Shown, form: str = "table") -> None:
    """Print an answer as people read it, or as data: CSV and Markdown of its records, JSON of all that it holds."""
    if form == "json":
        _say(as_json(found.data()))
    elif form == "table":
        print_parts(found.parts())
    elif not found.records():
        raise ValueError(f"no row answers this, so that there is nothing to print as {form}")
    elif form == "csv":
        _say(as_csv(found).removesuffix("\n"))
    else:
        _say(_as_markdown(_cells(found)))


def as_json(data: Any) -> str:
    """Return an answer as JSON; what is no number there is an error here: an answer says null, and why."""
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    return text if printable(text) == text else json.dumps(json.loads(text), indent=1, allow_nan=False)


def _say(text: str) -> None:
    """Print data, whose control characters do not reach a terminal."""
    click.echo(printable(text))


def print_parts(parts: Iterable[Table | str]) -> None:
    """Print tables and lines beneath each other, in the columns of the terminal."""
    for part in parts:
        head, rule, body = as_text(part, window()).partition(f"\n{RULE}")
        bold = bool(rule) and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        bold = bold and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
        click.echo((click.style(head, bold=True) if bold else head) + rule + body)


def some(found: S, text: str, known: Iterable[str]) -> S:
    """Return what a text found; a ValueError names the nearest where that is nothing."""
    if not found:
        command = click.get_current_context().info_name
        near = nearest(text.lower(), known) or f"; costlib {command} lists all"
        raise ValueError(f"{command}: nothing has {shown(text)} in its name{near}")
    return found


def _flat(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A record without records in it: theirs go by both names; other lists are texts."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, (list, tuple)):
            named = value and all(isinstance(each, dict) and "name" in each for each in value)
            value = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in value} if named else (
                "; ".join(each if isinstance(each, str) else json.dumps(each) for each in value))  # fmt: skip
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return flat


def _cells(found: Shown) -> list[list[Any]]:
    """A header of every name in the records of an answer, and a row for each."""
    records = [_flat(record) for record in found.records()]
    names = list(dict.fromkeys(name for record in records for name in record))
    return [names, *([record.get(name) for name in names] for record in records)]


def as_csv(found: Shown) -> str:
    """Return the records of an answer as CSV."""
    from costlib.base.files import csv_text

    return csv_text(_cells(found))


def _as_markdown(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as a table of Markdown; one record alone is turned on its side."""
    if len(rows) == 2:
        rows = [["name", "value"], *zip(*rows, strict=True)]
    texts = [["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows]
    head, *body = ["| " + " | ".join(c.replace("\\", "\\\\").replace("|", "\\|") for c in row) + " |" for row in texts]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
