"""What a run leaves on this machine for the next: how long its parts took, and the pages that it built.

All of it may be deleted at any time, and where it cannot be written a run does without.
"""

import contextlib
import json
import math
import shutil
import tempfile
import time
from pathlib import Path

from costlib.base import folders
from costlib.base.errors import FileError
from costlib.base.files import write_whole
from costlib.base.folders import cache_folder as folder

TIMES, FRESH = "times.json", "fresh-"


def times():
    """Return the seconds that parts of runs took the last time, by name; whatever the file holds."""
    try:
        found = json.loads((folder() / TIMES).read_bytes())
        return {name: seconds for name, seconds in found.items() if 0 < seconds < math.inf}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def note_times(seconds):
    """Keep the seconds that parts of a run took, by name."""
    with contextlib.suppress(OSError, TypeError):
        folder().mkdir(parents=True, exist_ok=True)
        write_whole(folder() / TIMES, json.dumps(times() | seconds, indent=1, sort_keys=True))


class Pace:
    """Says what is left of a run by what its parts took the last time, and keeps what they take now.

    It passes on each notice that it is given, and says ("left", seconds) after it, None where no run was timed here.
    """

    def __init__(self, todo, jobs, partly, pages, notify):
        self.todo, self.jobs, self.notify = set(todo), jobs, notify
        self.kind = "pages that changed" if partly else "pages"
        self.known, self.left = times(), 1.0
        self("pages", (0, 0, pages))

    def __call__(self, event, value):
        """Take a notice of :func:`costlib.report.rerun.run`."""
        self.notify(event, value)
        if event == "render":
            self.began = time.monotonic()
        elif event == "pages":
            read, written, wanted = value
            self.left = 1 - (read + 2 * written) / max(3 * wanted, 1)
        self.todo.discard(value if event in ("done", "failed") else None)
        self.notify("left", self.seconds())

    def seconds(self):
        """Return how long what is left took the last time [s], or None."""
        pages = self.known.get(self.kind, self.known.get("pages"))
        parts = [self.known[name] for name in self.todo if name in self.known]
        if pages is None or len(parts) < len(self.todo):
            return None
        return max(sum(parts) / self.jobs, *parts, 0.0) + self.left * pages

    def rendered(self, whole):
        """Keep how long the pages took."""
        note_times({"pages" if whole else "pages that changed": time.monotonic() - self.began})


@contextlib.contextmanager
def workshop():
    """Give a folder for building pages: the one of the last build, or a new one where another run has it."""
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(folders.opened(folder() / "pages", folders.BUILDING)).path
            for left in place.glob(f"{FRESH}*"):  # by a killed run
                shutil.rmtree(left, ignore_errors=True)
        except (FileError, TypeError):
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="costlib-pages-")))
        yield place
