"""What a command may write: folders that are its own by a marker, and files that are its own by their first line.

A folder of ours holds :data:`MARKER`, which lists the files that we put there. Only these are replaced or removed;
whatever else lies in the folder stays. A foreign folder or file is refused before any work, an input is never written
over, and a folder is locked while a command works in it; the lock goes with the process, also where that is killed.
"""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from costlib.errors import FileError, RunError
from costlib.files import write_whole

MARKER = ".costlib-output.json"
LOCK = ".costlib-lock"
FORMAT = "costlib output folder, 1"
OWN_FOLDERS = ("book", "notebooks", "costlib", "tests")  # of the book, into which nothing is written


class OutputFolder:
    """A folder of ours that is open for writing; make one with :func:`opened`.

    `path` is the folder, `files` are the names of what we put there, seen from it.
    """

    def __init__(self, path: Path, command: str, files: Iterable[str], lock: Any) -> None:
        self.path, self.command, self.files, self._lock = path, command, set(files), lock

    def __enter__(self) -> "OutputFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def note(self, *names: str) -> None:
        """List files in the marker, before they are written: what a killed run leaves is then ours as well.

        Raises
        ------
        RunError : where one exists that is not listed
        """
        for name in names:
            if name not in self.files and os.path.lexists(self.path / name):
                raise RunError(f"{self.path / name} is not of costlib and in the way; move it, or name another folder")
        if not self.files.issuperset(names):
            self.files.update(names)
            self._mark()

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file whole; its folders are made."""
        self.note(name)
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)

    def remove(self, *names: str) -> None:
        """Remove files that are listed, and the folders that are empty then."""
        for name in self.files.intersection(names):
            target = self.path / name
            if target.parent.resolve().is_relative_to(self.path):  # and not through a link to somewhere else
                target.unlink(missing_ok=True)
                self._remove_empty(target.parent)
            self.files.discard(name)
        self._mark()

    def replace(self, source: Path, old: Iterable[str] = ()) -> None:
        """Move the files of a folder here, in place of those of an earlier run that are named `old`."""
        new = {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}
        self.note(*sorted(new))
        for name in sorted(new):
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source / name, target)
        self.remove(*(set(old) - new))

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.path and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _mark(self) -> None:
        content = {"format": FORMAT, "command": self.command, "files": sorted(self.files)}
        write_whole(self.path / MARKER, json.dumps(content, indent=0) + "\n")


def opened(
    where: str | Path, command: str, inputs: Iterable[str | Path] = (), book: Path | None = None
) -> OutputFolder:
    """Return a folder for the output of a command, made if missing, and locked until the end of its `with` block.

    Parameters
    ----------
    where : path of the folder
    command : that writes, such as "rerun"; the folder of another one is foreign
    inputs : files that are read
    book : folder of the book, in whose own folders nothing is written

    Raises
    ------
    costlib.errors.FileError : for a file, a folder that is not ours, one inside the book, an input that would be
        written over, one that cannot be written, and one in which another command works
    """
    from filelock import FileLock, Timeout

    path = Path(where).resolve()
    _refuse_book(path, book)
    listed = check(path, command)
    for given in inputs:
        if (file := Path(given).resolve()).is_relative_to(path) and file.relative_to(path).as_posix() in listed:
            raise FileError(f"{given} is an input and would be written over; name another folder than {path}")
    lock = FileLock(path / LOCK, timeout=0)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        folder = OutputFolder(path, command, check(path, command), lock)
        folder._mark()
    except Timeout as error:
        raise FileError(f"another costlib works in {path}; wait for it, or name another folder") from error
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error
    return folder


def check(path: Path, command: str) -> list[str]:
    """Return the files that a command listed in a folder of its own; none of one that is empty or missing.

    Raises
    ------
    costlib.errors.FileError : for a folder that is not its own
    """
    if path.exists() and not path.is_dir():
        raise FileError(f"{path} is a file; name a folder")
    if not path.exists() or not any(each.name != LOCK for each in path.iterdir()):
        return []
    try:
        found = json.loads((path / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise FileError(f"{path} is not empty and not made by costlib {command}; name another folder, or an empty one")
    if found.get("command") != command:
        raise FileError(f"{path} is the output of costlib {found.get('command')}; name another folder")
    return [name for name in found["files"] if _inside(name)]


def check_file(path: str | Path, command: str, begins: str, inputs: Iterable[str | Path] = ()) -> None:
    """Raise a FileError unless a command may write a file: there is none, or one that it has written.

    Parameters
    ----------
    path : of the file
    command : that writes it, such as "validate"
    begins : how a file of this command begins, by which an earlier one is known
    inputs : files that are read, which are never written over
    """
    path = Path(path)
    if any(path.resolve() == Path(given).resolve() for given in inputs):
        raise FileError(f"{path} is an input and would be written over; name another file")
    if path.is_dir():
        raise FileError(f"{path} is a folder; name a file")
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(begins.encode())) != begins.encode():
                raise FileError(f"{path} exists and is not made by costlib {command}; name another file, or move it")
    elif not path.exists() and not path.resolve().parent.is_dir():
        raise FileError(f"{path} cannot be written: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.resolve().parent, os.W_OK):
        raise FileError(f"{path} cannot be written: no permission")


def _refuse_book(path: Path, book: Path | None) -> None:
    if book is None:
        return
    if book.is_relative_to(path):
        raise FileError(f"{path} holds the book itself; name another folder")
    for name in OWN_FOLDERS:
        if path.is_relative_to(book / name):
            raise FileError(f"{path} lies in {name}/ of the book, which a run copies; name a folder outside it")


def _inside(name: object) -> bool:
    """Whether a listed name stays in its folder: a marker is a file, and may say anything."""
    return isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts and name != ""
