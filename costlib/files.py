"""Files and folders: a scenario read, the book found, text written whole or not at all, tables as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# What begins a formula in a spreadsheet, with the wide signs that some of them read alike; a sign alone begins none.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠](?=.)", re.DOTALL)
AMOUNT = re.compile(r"[-+]\$?\d[\d.,]*(e[-+]?\d+)?( ?(%|[a-z]{1,8}))?", re.IGNORECASE)


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write text or bytes to a file, which has its whole content or what it had before.

    Parameters
    ----------
    path : of the file; one called the same with .part behind it is written first
    content : text, written as UTF-8, or bytes
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    partial.replace(path)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header, as dicts of texts."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    r"""Return rows of cells as the text of a CSV file; None is an empty cell.

    A text that a spreadsheet would take for a formula stands behind an apostrophe; numbers, with units too, do not.

    >>> csv_text([["set, all", "count"], ["a", 3], ["b", None], ["=1+1", "-5 %"]])
    '"set, all",count\na,3\nb,\n\'=1+1,-5 %\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_harmless, row) for row in rows)
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) and not AMOUNT.fullmatch(cell) else cell


class FileError(ValueError):
    """A file or folder that cannot be used: the message names it and says why."""


def find_root(start: str | Path | None = None) -> Path:
    """Return the folder of the book: the nearest one upwards that holds _toc.yml and notebooks, else the package's."""
    start = Path(start or Path.cwd()).resolve()
    for folder in (start, *start.parents, Path(__file__).resolve().parents[1]):
        if (folder / "_toc.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise FileError(f"no book found in {start} or above it: run inside a clone, or name its folder with --book")


def read_text(path: str | Path) -> str:
    """Return the text of a file in UTF-8, with or without a mark at its beginning."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not text in UTF-8") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error


def read_scenario(path: str | Path) -> dict[str, Any]:
    """Return the lines 'name: value' of a YAML file, unchecked; an empty file is the published scenario."""
    import yaml

    try:
        # libyaml's loader reads the same and is faster; not every build of PyYAML has it.
        values = yaml.load(read_text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise FileError(f"{path} cannot be read as YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise FileError(f"{path} must hold lines of 'name: value', got a {type(values).__name__}")
    return values
