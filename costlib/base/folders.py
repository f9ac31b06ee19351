"""What a command may write: folders that are its own by a marker, and files that have not changed since it wrote them.

A folder of ours holds :data:`MARKER`, which lists the files that we put there. Only these are replaced or removed;
whatever else lies in the folder stays. Of a single file the digest is kept in the cache: one that has changed since is
the reader's. A foreign folder or file is refused before any work, an input is never written over, and a folder is
locked while a command works in it; the lock goes with the process, also where that is killed.
"""

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from costlib.base.errors import FileError, RunError
from costlib.base.files import UNFINISHED, is_book, short_name, write_whole
from costlib.base.text import shown

MARKER = ".costlib-output.json"
LOCK = ".costlib-lock"
FORMAT = "costlib output folder, 1"
MOST_BYTES = 10**9  # of a marker, which lists each chunk of a sweep
BUILDING = "rerun, pages half built"  # the command of the one folder in the cache
WRITTEN, MOST_WRITTEN = "written.txt", 1000  # digests of the single files that were written last
OWN_FOLDERS = ("book", "notebooks", "costlib", "tests")  # of a book, into which nothing is written


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
        RunError : where one is in the way that is not listed, or a folder or link; nothing is listed then
        """
        for name in names:
            self.target(name)
        if not self.files.issuperset(names):
            self.files.update(names)
            self.mark()

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file whole; its folders are made."""
        self.note(name)
        target = self.target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)

    def remove(self, *names: str) -> None:
        """Remove files that are listed, and the folders that are empty then; what is no file of ours any more stays."""
        for name in self.files.intersection(names):
            self.files.discard(name)
            try:
                target = self.target(name, listed=True)
            except RunError:
                continue
            target.unlink(missing_ok=True)
            self._remove_empty(target.parent)
        self.mark()

    def replace(self, names: Iterable[str], content: Callable[[str], bytes], old: Iterable[str] = ()) -> None:
        """Write files, each with what `content` returns for its name, and remove those of `old` that are not named."""
        names = sorted(names)
        self.note(*names)
        for name in names:
            target, new = self.target(name), content(name)
            if not target.is_file() or target.read_bytes() != new:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_whole(target, new)
        self.remove(*set(old).difference(names))

    def clear(self) -> None:
        """Remove what only a killed process leaves: halves of listed files."""
        listed = {(path.parent, short_name(path.name)) for path in map(self.path.joinpath, self.files)}
        for folder in {folder for folder, _ in listed}:
            for each in list(os.scandir(folder)) if folder.is_dir() and not folder.is_symlink() else ():
                half = UNFINISHED.fullmatch(each.name)
                if half and (folder, half[1]) in listed and each.is_file(follow_symlinks=False):
                    Path(each.path).unlink(missing_ok=True)

    def target(self, name: str, listed: bool = False) -> Path:
        """Return the path of a file, at which there is nothing, or a file that we put there.

        Raises
        ------
        RunError : for anything else, and for a way there that leads over a link
        """
        target = self.path / name
        in_the_way = not (listed or name in self.files) and os.path.lexists(target)
        place = target
        while place != self.path and not in_the_way:
            in_the_way = place.is_symlink() or (place.exists() and place.is_dir() == (place == target))
            place = place.parent
        if in_the_way:
            raise RunError(f"{target} is not of costlib and in the way; move it, or name another folder")
        return target

    def mark(self) -> None:
        """Write the marker."""
        content = {"format": FORMAT, "command": self.command, "files": sorted(self.files)}
        write_whole(self.path / MARKER, json.dumps(content, indent=0) + "\n")

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.path and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def opened(
    where: str | Path, command: str, inputs: Iterable[str | Path] = (), book: Path | None = None,
    names: Iterable[str] = (),
) -> OutputFolder:  # fmt: skip
    """Return a folder for the output of a command, made if missing, and locked until the end of its `with` block.

    Parameters
    ----------
    where : path of the folder
    command : that writes, such as "rerun"; the folder of another one is foreign
    inputs : files that are read
    book : folder of the book, which is not to lie in it
    names : of the files that will be written, as far as they are known

    Raises
    ------
    costlib.base.errors.FileError : for a file, a folder that is not ours, one inside a book, an input that would be
        written over, one that cannot be written, and one in which another command works
    """
    from filelock import FileLock, Timeout

    path = checked(where, command, inputs, book)
    with _InWords(path):
        if (path / LOCK).is_symlink():
            raise FileError(f"{path / LOCK} is a link; remove it, or name another folder")
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise FileError(f"another costlib works in {path}; wait for it, or name another folder") from error
        folder = OutputFolder(path, command, _listed(path, command), lock)
        try:
            for name in names:
                folder.target(name)
            folder.mark()
            folder.clear()
        except RunError as error:
            lock.release()
            raise FileError(str(error)) from error
        except BaseException:
            lock.release()
            raise
        return folder


def checked(
    where: str | Path, command: str, inputs: Iterable[str | Path] = (), book: Path | None = None
) -> Path:  # fmt: skip
    """Return the path of a folder that a command may write, as far as can be told without writing.

    The rest is as for :func:`opened`.
    """
    path = _path(where, command)
    with _InWords(path):
        if book is not None and book.resolve().is_relative_to(path):
            raise FileError(f"{path} holds the book itself; name another folder")
        listed = _listed(path, command)
        for given in inputs:
            if (file := Path(given).resolve()).is_relative_to(path) and file.relative_to(path).as_posix() in listed:
                raise FileError(f"{given} is an input and would be written over; name another folder than {path}")
    return path


def check_file(where: str | Path, command: str, inputs: Iterable[str | Path] = (), grows: bool = False) -> Path:
    """Return the path of a file that a command may write.

    There is none, an empty one, or one that has not changed since :func:`write_file` wrote it for this command; a pipe
    or a device will do as well.

    Parameters
    ----------
    where : path of the file
    command : that writes it, such as "validate"
    inputs : files that are read, which are never written over
    grows : whether the command adds to a file that is there, and replaces none

    Raises
    ------
    costlib.base.errors.FileError : for any other, a folder, one inside a book, and one that cannot be written
    """
    path = _path(where, command)
    with _InWords(path):
        for given in map(Path, inputs):
            if path == given.resolve() or (path.exists() and given.exists() and path.samefile(given)):
                raise FileError(f"{where} is an input and would be written over; name another file")
        if path.is_dir():
            raise FileError(f"{where} is a folder; name a file")
        if path.is_file() and _is_output(path):
            raise FileError(f"{where} is where the answer is printed; name another file, or take --format csv alone")
        if path.is_file() and not grows and _holds(path) and _digest(path, command) not in _written():
            raise FileError(f"{where} exists and is not as costlib {command} left it; name another file, or remove it")
        if not _is_there(path) and not path.parent.is_dir():
            raise FileError(f"{where} cannot be written: there is no folder {path.parent}")
        if not os.access(path.parent if path.is_file() or not path.exists() else path, os.W_OK):
            raise FileError(f"{where} cannot be written: no permission")
    return path


def write_file(where: str | Path, command: str, content: str | bytes) -> None:
    """Write a single file whole, one of :func:`check_file`, and keep its digest."""
    write_whole(path := _path(where, command), content)
    if not path.is_file() or (cache := cache_folder()) is None:
        return
    with contextlib.suppress(OSError):  # without a cache the file is foreign the next time
        cache.mkdir(parents=True, exist_ok=True)
        kept = [*_written(), _digest(path, command)][-MOST_WRITTEN:]
        write_whole(cache / WRITTEN, "\n".join(dict.fromkeys(kept)) + "\n")


def _holds(path: Path) -> bool:
    """Whether a file is not empty, also one of the system, which has no size."""
    with path.open("rb") as file:
        return bool(file.read(1))


def _digest(path: Path, command: str) -> str:
    """A mark of a file, where it lies, and the command that wrote it."""
    mark = hashlib.sha256(f"{command}\0{path}\0".encode(errors="surrogateescape"))
    with path.open("rb") as file:
        while part := file.read(2**20):
            mark.update(part)
    return mark.hexdigest()


def _written() -> list[str]:
    """The digests of what was written, as far as they were kept."""
    try:
        return (cache_folder() / WRITTEN).read_text(encoding="utf-8").split()  # type: ignore[operator]
    except (OSError, ValueError, TypeError):
        return []


def cache_folder() -> Path | None:
    """Return COSTLIB_CACHE, or costlib in XDG_CACHE_HOME or the .cache of a home; None without a home."""
    if own := os.environ.get("COSTLIB_CACHE"):
        return Path(own)
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (given if given.is_absolute() else Path.home() / ".cache") / "costlib"
    except RuntimeError:
        return None


def _is_there(path: Path) -> bool:
    """Whether something is at a path; an OSError for one that no system takes, where Path.exists may say no."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _is_output(path: Path) -> bool:
    """Whether a file is what standard output goes into."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # as of an output that is caught
        return False


def _path(where: str | Path, command: str) -> Path:
    """Return the whole path of an output, outside the folders of any book and the cache; of a pipe as it is given."""
    text = os.fspath(where)
    if not text or "\0" in text or Path(text).parts[0:1] == ("~",):
        raise FileError(f"the output must be a path, written out, got {shown(text)}")
    with _InWords(text):
        path, cache = Path(text).resolve(), cache_folder()
        if _is_stream(Path(text)):
            return Path(text)
        if cache and command != BUILDING and path.is_relative_to(cache.resolve()):
            raise FileError(f"{where} lies in the cache of costlib, which may go at any time; name a place outside it")
        if path.is_symlink():  # after all links were followed; Python 3.13 no longer says so by itself
            raise FileError(f"{where} cannot be used as output: its links go in a circle")
        for folder in path.parents:
            name = path.relative_to(folder).parts[0]
            if (name in OWN_FOLDERS or name.startswith(".")) and is_book(folder):
                raise FileError(f"{where} lies in {name}/ of the book in {folder}; name a place outside it")
    return path


def _is_stream(path: Path) -> bool:
    """Whether a path is of a pipe or a device, such as /dev/stdout, which has no other name than that."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError, RuntimeError):
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISCHR(kind)


def free_bytes(path: Path) -> int:
    """Return the room on the disk of a folder, which need not be there yet [bytes]."""
    return shutil.disk_usage(next(each for each in (path, *path.parents) if each.exists())).free


def _listed(path: Path, command: str) -> list[str]:
    """Return the files that a command listed in a folder of its own; none of one that is empty or missing."""
    if path.exists() and not path.is_dir():
        raise FileError(f"{path} is a file; name a folder")
    if found := _marker(path):
        if found["command"] != command:
            raise FileError(f"{path} is the output of costlib {shown(found['command'])[1:-1]}; name another folder")
        return found["files"]
    if not path.exists() or all(map(_is_no_obstacle, path.iterdir())):
        return []
    if (path / MARKER).exists():
        raise FileError(f"{path / MARKER} cannot be read as a marker of costlib; name another folder, or an empty one")
    if ((path / "run.json").is_file() and (path / "executed").is_dir()) or (path / "sweep.json").is_file():
        raise FileError(
            f"{path} may be of costlib 0.6 or earlier, which left no marker in its folders; "
            "remove it, or name another folder"
        )
    raise FileError(f"{path} is not empty and not made by costlib {command}; name another folder, or an empty one")


def _is_no_obstacle(entry: Path) -> bool:
    """Whether an entry of a folder is ours without its marker: an empty lock, or the folder of another command."""
    if entry.is_symlink():
        return False
    return _marker(entry) is not None if entry.is_dir() else entry.name == LOCK and entry.stat().st_size == 0


def _marker(path: Path) -> dict[str, Any] | None:
    """Return the marker of a folder, or None: it is a file, and may say anything."""
    file = path / MARKER
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MOST_BYTES:
        return None
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("command"), str):
        return None
    files = found.get("files")
    return found if isinstance(files, list) and all(map(_stays_inside, files)) else None


def _stays_inside(name: object) -> bool:
    """Whether a listed name is one that we would list: of a file beneath the folder, written in one way alone."""
    if not isinstance(name, str) or "\0" in name or not name:
        return False
    path = PurePosixPath(name)
    inside = path.as_posix() == name != "." and not path.is_absolute() and ".." not in path.parts
    return inside and path.parts[0] not in (MARKER, LOCK)


class _InWords:
    """Says of what a system refuses that an output cannot be used, and why."""

    def __init__(self, path: str | Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError | RuntimeError):  # the latter for links in a circle
            why = (isinstance(error, OSError) and error.strerror) or str(error)
            raise FileError(f"{self.path} cannot be used as output: {why}") from error
