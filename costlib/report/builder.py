"""Build the pages of a book from its sources with Jupyter Book: those alone that have changed since the last build."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from costlib.base.citation import edition
from costlib.base.files import write_whole
from costlib.report import kernels
from costlib.version import __version__

MARK = "built.txt"  # what the last build started from, if it came to its end
TOOLS = ("jupyter-book", "sphinx", "myst-nb")
# It is for the package that runs here, and must not go on where its parent is killed.
COMMAND = f"""import os, sys, threading
sys.path[0] = {str(kernels.PACKAGE.parent)!r}
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
from jupyter_book.cli.main import main
main()"""
# What every page may show, beside chapters and prose, and pages that show what no source says: inputs, versions, times.
VARIABLES = ("COSTLIB_COMMIT", "COSTLIB_PYODIDE", "COSTLIB_SITE_URL")
LIVE = ("{calculator-form}", "{status-table}", "{execution-table}")
CHANGED = re.compile(r"(\d+) added, (\d+) changed")
STEP = re.compile(r"(reading sources|writing output)\.\.\. \[ *(\d+)%\]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Build(NamedTuple):
    """A build: its log, the folder of the pages (None where it failed), how many were written, and of how many."""

    log: str
    pages: Path | None
    written: int
    wanted: int


def count(source):
    """Return how many pages a book has."""
    return len(re.findall(r"\b(?:file|root):", Path(source, "_toc.yml").read_text(encoding="utf-8")))


def build(fresh, place, environment, beforehand, strict=False, partly=False, notify=lambda event, value: None):
    """Build pages.

    Parameters
    ----------
    fresh : folder of the sources, whose files are moved from there
    place : folder of the build, with what the last one left
    environment : variables of the builder
    beforehand : called with the folder of the pages, for what they link
    strict : a warning is an error
    partly : build again only what has changed since the last build there, where that had the same package and tools
    notify : called with ("pages", (read, written, wanted))

    Returns
    -------
    Build
    """
    source, mark = place / "source", _mark(fresh, environment, strict)
    known = place / MARK
    if not partly or not known.is_file() or known.read_text(encoding="utf-8") != mark:
        for name in ("source", "_build"):
            shutil.rmtree(place / name, ignore_errors=True)
    known.unlink(missing_ok=True)
    changed = _replaced(fresh, source)
    _touch(source, {Path(name).stem for name in changed if name.endswith(".ipynb")})
    flags = ["-W", "-n", "--keep-going"] if strict else []
    command = [sys.executable, "-c", COMMAND, "build", str(source), "--path-output", str(place), *flags]
    pages, every = place / "_build" / "html", count(source)
    beforehand(pages)
    log = _Log(every, notify)
    code = _run(command, os.environ | environment | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}, log)
    if code or not (pages / "index.html").is_file():
        return Build(log.text(), None, 0, every)
    write_whole(known, mark)
    return Build(log.text(), pages, log.written, every)


def _mark(fresh, environment, strict):
    """What pages rest on beside the chapters and the prose: then everything is built anew."""
    shown = [(os.environ | environment).get(name, "") for name in VARIABLES]
    digest = hashlib.sha256(repr([__version__, sys.version, strict, shown, edition()]).encode())
    digest.update(repr([version(name) for name in TOOLS]).encode())
    for folder in (kernels.PACKAGE, fresh / "book" / "_ext", fresh / "book" / "_static"):
        for file in sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"):
            digest.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
    for file in sorted(fresh.glob("*.yml")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _replaced(fresh, source):
    """Make the sources the fresh ones; return the names of the files that differ. The others keep their dates."""
    names = {file.relative_to(fresh) for file in fresh.rglob("*") if file.is_file()}
    for file in [each for each in source.rglob("*") if each.is_file()]:
        if file.relative_to(source) not in names:
            file.unlink()
    changed = []
    for name in names:
        target = source / name
        if not target.is_file() or target.read_bytes() != (fresh / name).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).replace(target)
            changed.append(name.as_posix())
    return changed


def _touch(source, chapters):
    """Date the pages that quote changed chapters, or show what no source says, as changed themselves."""
    for page in [*source.rglob("*.md"), *source.rglob("*.ipynb")]:
        text = page.read_text(encoding="utf-8")
        if any(word in text for word in (*LIVE, *chapters)):
            os.utime(page)


class _Log:
    """The lines of the builder, and how far it is by them: a line is said when its page begins."""

    def __init__(self, pages, notify):
        self.wanted, self.notify, self.whole = pages, notify, True
        self.lines, self.read, self.written = [], 0, 0
        notify("pages", (0, 0, pages))

    def add(self, line):
        line = COLOURS.sub("", line).rstrip()
        self.lines.append(line)
        if found := CHANGED.search(line):
            changed = max(1, int(found[1]) + int(found[2]))
            self.whole, self.wanted = changed >= self.wanted, min(changed, self.wanted)
        elif found := STEP.match(line):
            if found[1] == "reading sources":
                self.read += 1
                self.notify("pages", (self.read - 1, 0, self.wanted))
                return
            self.written += 1
            if not self.whole:
                self.wanted = max(self.written, round(100 * self.written / max(int(found[2]), 1)))
            self.notify("pages", (self.wanted, self.written - 1, self.wanted))

    def text(self):
        return "\n".join(self.lines) + "\n"


def _run(command, environment, log):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    words = {"text": True, "encoding": "utf-8", "errors": "replace"}
    # In the folder of the sources, from which the configuration names files.
    with subprocess.Popen(command, cwd=command[4], env=environment, **pipes, **words) as process:
        try:
            for line in process.stdout:
                log.add(line)
        except BaseException:
            process.kill()
            raise
        return process.wait()
