"""Results as people see them: tables as text for a terminal and as HTML for a notebook, and as DataFrames."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from costlib.base.extras import need
from costlib.base.text import printable, shown

if TYPE_CHECKING:
    import pandas as pd

NARROW = 24  # columns of a terminal: no text is folded into less
SHORT = 15  # letters of a cell that is kept on one line
WHERE = "--format csv or to_dict() has all"  # columns that a window has no room for
GAP, RULE = "  ", "─"
HELD = re.compile(r"(?<=\d) (?=(?:%|[GT]i?B|h|x|GPUs?)(?![^\W_]))")  # between a number and its unit no line ends
# A number, or one to another, each with its sign and unit: -$1,234.50, 43.5 %, 8.3×10¹⁸, 50 h to 200 h.
_ONE = r"[-−+~<>≈]*\$?\d[\d,.]*(×10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?(\s?[^\s\d]{1,8})?"
NUMBER = re.compile(rf"{_ONE}( to {_ONE})?")
T = TypeVar("T", bound=Any)


def window() -> int:
    """Return the columns to print in: those of COLUMNS, else of the terminal; 80 in a file, a pipe or a notebook."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def wide(text: str) -> int:
    """Return the columns of a terminal that a text takes.

    >>> wide("GPU"), wide("費用"), wide("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    marks = ("Mn", "Me", "Cf")
    return sum(0 if unicodedata.category(each) in marks else 1 + (unicodedata.east_asian_width(each) in "WF")
               for each in text)  # fmt: skip


def folded(text: str, width: int) -> list[str]:
    """Return the lines of a text, none wider than asked unless a word alone is; a number keeps its unit.

    What stands behind a word and two spaces goes on beneath itself.

    >>> folded("cost  $3.58 at 2 GB", 14)
    ['cost  $3.58 at', '      2 GB']
    """
    lines = []
    for paragraph in text.split("\n"):
        mark = re.match(r"( *(?:\S+(?: \S+)* {2,})?)", paragraph)
        hang = " " * (mark.end() if mark and mark.end() <= width // 2 else 0)
        line = ""
        for word in re.findall(r" *[^ ]+", re.sub(HELD, "\u00a0", paragraph)):
            if line.strip() and wide(line + word) > width:
                lines.append(line)
                line = hang + word.lstrip()
            else:
                line += word
        lines.append(line)
    return [line.replace("\u00a0", " ") for line in lines]


class Table(NamedTuple):
    """A table of texts; `keys` are the columns that stay longest where there is no room for all, first the first."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    keys: Sequence[str] = ()

    def text(self, width: int | None = None) -> str:
        """Return the table as lines: numbers to the right; texts are folded and columns left out as room demands.

        Names and numbers are never broken, so a line is longer than asked where the first column alone is.

        Parameters
        ----------
        width : columns of a terminal; None for as many as it takes

        Examples
        --------
        >>> print(Table(["gpu", "GB"], [["a100", "80"], ["b200", "180"]]).text())
        gpu    GB
        ────  ───
        a100   80
        b200  180
        """
        columns = self._columns()
        left_out = self._left_out(columns, width) if width else []
        columns = [column for column in columns if column[0] not in left_out]
        widths = _widths(columns, width)
        right = [are_numbers(column[1:]) for column in columns]
        head, *rows = (_folded(row, widths, right) for row in zip(*columns, strict=True))
        lines = [*head, GAP.join(RULE * each for each in widths), *(line for row in rows for line in row)]
        missing = [name for name in self.header if name in left_out]
        return "\n".join(lines + (folded(_no_room(missing, width or 0), width or 0) if missing else []))

    def fits(self, width: int) -> bool:
        """Return whether there is room for all columns.

        >>> Table(["key", "sets"], [["a" * 70, "b"]]).fits(80), Table(["key", "sets"], [["a" * 80, "b"]]).fits(80)
        (True, False)
        """
        return not self._left_out(self._columns(), width)

    def _columns(self) -> list[list[str]]:
        return [[printable(text).replace("\t", " ") for text in (name, *(row[place] for row in self.rows))]
                for place, name in enumerate(self.header)]  # fmt: skip

    def _left_out(self, columns: Sequence[Sequence[str]], width: int) -> set[str]:
        """Names of the columns for which there is no room: from the right, keys last, and never the first."""
        least = {column[0]: _least(column) for column in columns}
        keys = [name for name in self.keys if name in least] or list(self.header)
        order = [name for name in reversed(self.header) if name not in keys] + keys[:0:-1]
        out: set[str] = set()
        for name in order:
            kept = [size for each, size in least.items() if each not in out]
            if sum(kept) + len(GAP) * (len(kept) - 1) <= width:
                break
            out.add(name)
        return out

    def html(self) -> str:
        """Return the table as HTML.

        >>> Table(["gpu", "GB"], [["a100", "80"]]).html().count("text-align: right")
        2
        """
        right = [are_numbers([row[place] for row in self.rows]) for place in range(len(self.header))]
        head = "".join(_cell("th", name, each) for name, each in zip(self.header, right, strict=True))
        body = "".join(
            f"<tr>{''.join(_cell('td', text, each) for text, each in zip(row, right, strict=True))}</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def are_numbers(cells: Iterable[str]) -> bool:
    """Return whether the texts of a column are to stand to the right: numbers, and short words in place of some.

    >>> are_numbers(["$42.55", "11.7x", "43.5 %", "none"]), are_numbers(["7B", "Llama 2 70B"]), are_numbers(["", ""])
    (True, False, False)
    """
    filled = [cell for cell in cells if cell]
    numbers = [cell for cell in filled if NUMBER.fullmatch(cell)]
    words = [cell for cell in filled if len(cell) <= SHORT and not re.search(r"\d", cell)]
    return len(numbers) + len(words) == len(filled) and len(numbers) >= max(len(words), 1)


class Shown:
    """What prints as tables and lines beneath each other: text in a terminal, HTML in a notebook."""

    def parts(self) -> Iterable[Table | str]:
        """Return the tables and lines."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return "\n".join(as_text(part, window()) for part in self.parts())

    def to_dict(self) -> Any:
        """Return the answer as plain values: a dict, or a list of them."""
        raise NotImplementedError

    def data(self) -> Any:
        """Return what `--format json` prints."""
        return self.to_dict()

    def records(self) -> list[dict[str, Any]]:
        """Return the rows that `--format csv` and `--format markdown` print."""
        found = self.to_dict()
        return found if isinstance(found, list) else [found]

    def _repr_html_(self) -> str:
        from html import escape

        return "".join(
            f"<p>{escape(part)}</p>" if isinstance(part, str) else part.html() for part in self.parts() if part
        )


def as_text(part: Table | str, width: int) -> str:
    """Return a table or a line as it is printed in some columns."""
    return part.text(width) if isinstance(part, Table) else "\n".join(folded(printable(part), width))


def frame(rows: Iterable[Mapping[str, Any]], units: Mapping[str, str] | None = None) -> "pd.DataFrame":
    """Return rows as a DataFrame, with the units of its columns in `attrs["units"]`.

    >>> frame([{"name": "a100", "hbm_gb": 80.0}], {"hbm_gb": "GB"}).attrs["units"]
    {'hbm_gb': 'GB'}
    """
    need("book", "a DataFrame", "pandas")
    import pandas as pd

    found = pd.DataFrame([dict(row) for row in rows])
    found.attrs["units"] = dict(units or {})
    return found


class Records(Shown, Sequence[T]):
    """Some records of one kind, such as the models that are known; they print as a table.

    Parameters
    ----------
    items : the records
    columns : what the table shows of a record, by the name of the column
    keys : columns that stay where there is no room for all
    searched : attributes of a record in which :meth:`filter` looks
    units : of the attributes of a record, by name
    """

    def __init__(self, items: Iterable[T], columns: Mapping[str, Callable[[T], str]], keys: Sequence[str] = (), *,
                 searched: Sequence[str] = ("name", "label"),
                 units: Mapping[str, str] | None = None) -> None:  # fmt: skip
        self._items = tuple(items)
        self._columns, self._keys, self._searched, self._units = columns, keys, searched, units

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> "Records[T]": ...
    def __getitem__(self, place: int | slice) -> "T | Records[T]":
        return self.of(self._items[place]) if isinstance(place, slice) else self._items[place]

    def __len__(self) -> int:
        return len(self._items)

    def filter(self, text: str) -> "Records[T]":
        """Return the records with a text in their name or label, in any case."""
        if not isinstance(text, str):
            raise ValueError(f"what is looked for must be a text, got {shown(text)}")
        wanted = text.lower()
        return self.of(item for item in self if any(wanted in str(getattr(item, name)).lower()
                                                       for name in self._searched))  # fmt: skip

    def of(self, items: Iterable[T]) -> "Records[T]":
        """Return other records of the same kind, such as some of these."""
        return Records(items, self._columns, self._keys, searched=self._searched, units=self._units)

    @property
    def table(self) -> Table:
        """What is shown of the records."""
        return Table([*self._columns], [[cell(item) for cell in self._columns.values()] for item in self], self._keys)

    def parts(self) -> Iterable[Table | str]:
        """Return the table."""
        return [self.table]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return each record as a dict of plain values."""
        return [item.to_dict() for item in self]

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each record, units in `attrs["units"]`."""
        return frame(self.to_dict(), self._units)


def _no_room(names: Sequence[str], width: int) -> str:
    """Say which columns had no room, or how many where their names are more than a line, and where they are.

    >>> _no_room(["labels", "training"], 80)
    '(no room for: labels, training; --format csv or to_dict() has all)'
    >>> _no_room(["labels", "training"], 60)
    '(no room for 2 columns, such as labels; --format csv or to_dict() has all)'
    """
    text = f"(no room for: {', '.join(names)}; {WHERE})"
    few = len(names) == 1 or wide(text) <= width
    return text if few else f"(no room for {len(names)} columns, such as {min(names, key=wide)}; {WHERE})"


def _least(column: Sequence[str]) -> int:
    """The width below which a column is not folded: a number and the longest word of all else is not broken."""
    name, *cells = column
    longest = max(wide(word) for cell in column for word in [*cell.split(), ""])
    if are_numbers(cells):
        return max(*map(wide, cells), *map(wide, name.split()), 1)
    return min(max(map(wide, column)), max(NARROW, longest))


def _widths(columns: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """Widths of columns: what they take, the widest narrowed until a line has no more than `width` columns."""
    widths = [max(map(wide, column)) for column in columns]
    least = [_least(column) for column in columns]
    while width and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        spare = [place for place, each in enumerate(widths) if each > least[place]]
        if not spare:
            break
        widths[max(spare, key=lambda place: widths[place])] -= 1
    return widths


def _folded(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    """The lines of a row."""
    cells = [folded(cell, width) if wide(cell) > width or "\n" in cell else [cell]
             for cell, width in zip(row, widths, strict=True)]  # fmt: skip
    lines = []
    for place in range(max(map(len, cells))):
        texts = [cell[place] if place < len(cell) else "" for cell in cells]
        blanks = [" " * (width - wide(text)) for text, width in zip(texts, widths, strict=True)]
        lines.append(GAP.join(b + t if r else t + b for t, b, r in zip(texts, blanks, right, strict=True)).rstrip())
    return lines


def _cell(kind: str, text: str, right: bool) -> str:
    from html import escape

    return f'<{kind} style="text-align: {"right" if right else "left"}">{escape(text)}</{kind}>'
