"""What a chapter's kernel runs first: from then on each file of the book that is opened is noted.

It is run by its path, not imported, so that the chapter's own imports are noted from the first on. A re-run compares
the noted files, and executes a chapter again only where one of them has changed.
"""

import importlib.util
import os
import sys

LOG, FOLDERS = "COSTLIB_OPENED", "COSTLIB_WATCHED"


def watch(log, folders):
    """Write a line to the file `log` for each file in one of the `folders` that this process opens from now on."""
    inside = tuple(os.path.realpath(folder) + os.sep for folder in folders)
    seen = set()

    def note(event, arguments):
        if event != "open" or not isinstance(arguments[0], (str, os.PathLike)):
            return
        path = os.path.realpath(arguments[0])
        if not path.startswith(inside):
            return
        path = importlib.util.source_from_cache(path) if path.endswith(".pyc") else path
        if path not in seen:
            seen.add(path)
            os.write(target, f"{path}\n".encode())

    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.addaudithook(note)


if __name__ == "__main__":
    watch(os.environ[LOG], os.environ[FOLDERS].split(os.pathsep))
