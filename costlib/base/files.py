"""Files and folders: a scenario read, the book found, text written whole or not at all, tables as CSV."""

import contextlib
import csv
import io
import os
import re
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from costlib.base import strict_yaml
from costlib.base.errors import FileError
from costlib.base.text import brief, printable, shown

UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part")  # what a killed process leaves of a file, by short_name
# What begins a formula in a spreadsheet, with the wide signs that some of them read alike; a sign alone begins none.
FORMULA = re.compile(r"[=+\-@\t\n＝＋－＠](?=.)", re.DOTALL)
AMOUNT = re.compile(r"[-+]\$?\d[\d.,]*(e[-+]?\d+)?( ?(%|[a-z]{1,8}))?", re.IGNORECASE)


def write_whole(path: str | Path, content: str | bytes | Callable[[IO[bytes]], object], sync: bool = False) -> None:
    """Write text or bytes to a file, which has its whole content or what it had before.

    Parameters
    ----------
    path : of the file; a new one beside it is written first, and then takes its place
    content : text, written as UTF-8, bytes, or a function that writes to the open file
    sync : True waits until the disk has it
    """
    path, content = Path(path), content.encode() if isinstance(content, str) else content
    write = content if callable(content) else lambda file: file.write(content)
    if path.exists() and not path.is_file():  # such as /dev/stdout, beside which nothing can be written
        with path.open("wb") as file:
            write(file)
        return
    path = path.resolve()
    partial = path.with_name(f".{short_name(path.name)}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            write(file)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        if partial.exists():
            partial.unlink()
        raise


def short_name(name: str) -> str:
    """Return as much of a file's name as leaves room for an ending, however many bytes its characters take."""
    return name[:60]


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
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")  # which would begin a row, as it is not quoted
    return f"'{text}" if FORMULA.match(text) and not AMOUNT.fullmatch(text) else text


def is_book(folder: Path) -> bool:
    """Whether a folder is that of a book."""
    return (folder / "_toc.yml").is_file() and (folder / "notebooks").is_dir()


def find_root(named: str | Path | None = None) -> Path:
    """Return the folder of the book: the one named, else the nearest one upwards from here, else the package's."""
    here = Path.cwd()
    places = (here, *here.parents, Path(__file__).resolve().parents[2]) if named is None else (Path(named).resolve(),)
    with contextlib.suppress(OSError):  # a name that no system takes
        for folder in places:
            if is_book(folder):
                return folder
    if named is not None:
        raise FileError(f"--book {brief(str(named))} is no folder of a book: it needs _toc.yml and notebooks/")
    raise FileError(f"no book found in {here} or above it: run inside a clone, or name its folder with --book")


def read_text(path: str | Path, most: int = 10**8) -> str:
    """Return the text of a file in UTF-8, with or without a mark at its beginning, of at most some bytes."""
    if not isinstance(path, str | os.PathLike):
        raise FileError(f"a file must be given by its name, got {shown(path)}")
    name = printable(str(path)).replace("\n", " ")
    name = name if len(name) <= 200 else f"...{name[-150:]}"
    if "\0" in str(path):
        raise FileError(f"{name} is no name of a file")
    try:
        with Path(path).open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise FileError(f"{name} has more than {most:,} bytes, which is too much to be read")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileError(f"{name} is not text in UTF-8") from error
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror}") from error


def read_scenario(path: str | Path) -> dict[str, Any]:
    """Return the lines 'name: value' of a YAML file, unchecked; an empty file is the published scenario."""
    values = strict_yaml.read(read_text(path, strict_yaml.MOST_BYTES), path)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise FileError(f"{path} must hold lines of 'name: value', got {shown(values)}")
    return values
