"""How far a command is, in what the reader waits for."""

import sys
import time
from typing import Any

import click

from costlib.base.text import is_live

LINES_EVERY = 10.0  # seconds, of a line that says only how far it is


class Progress:
    """Chapters executed, pages read and written, or rows; a bar on a terminal, elsewhere lines.

    It is called with an event and a value: "plan" with names or their number, "pages" with how many are read, written
    and wanted, "left" with the seconds that the last run took for what is left (None where there was none), "render"
    and "scenario" in passing; any other event is the end of one piece, whose name the value is.
    """

    def __init__(self, what: str) -> None:
        self.what, self.done, self.total, self.pages = what, 0, 0, (0, 0, 0)
        self.due: float | None = None
        self.said = time.monotonic()

    def __enter__(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        live = is_live(sys.stderr)
        columns = [BarColumn(), TextColumn("{task.fields[say]}"), TimeElapsedColumn()]
        self.bar = Progress(*columns, console=Console(stderr=True, force_terminal=live), disable=not live,
                            get_time=time.monotonic)  # fmt: skip
        self.bar.start()
        self.task = self.bar.add_task("", total=1, say=_Said(self))
        return self

    def __call__(self, event: str, value: Any) -> None:
        """Take a notice of what runs."""
        if event == "plan":
            self.total = value if isinstance(value, int) else len(value)
        elif event == "pages":
            self.pages = value
        elif event == "left":
            self.due = time.monotonic() + value if value else None
        elif event not in ("render", "scenario"):
            self.done += 1
        read, written, wanted = self.pages
        self.bar.update(self.task, total=self.total + 2 * wanted, completed=self.done + read + written)
        if self.bar.disable:
            self._print(event, value)

    def _print(self, event: str, value: Any) -> None:
        now = time.monotonic()
        often = event in ("pages", "left")
        if (often and now - self.said < LINES_EVERY) or event == "render":
            return
        self.said = now
        click.echo(str(self) if often or event == "plan" else f"{event} {value} ({self})", err=True)

    def __str__(self) -> str:
        """Say how far it is: "3 of 19 chapters, 2 of 45 pages written, about 95 s left"."""
        read, written, wanted = self.pages
        parts = [f"{self.done} of {self.total} {self.what}"]
        if wanted:
            parts.append(f"{written} of {wanted} pages written" if written or not read else f"{read} pages read")
        if self.due is not None:
            parts.append(_left(self.due - time.monotonic()))
        return ", ".join(parts)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


class _Said:
    """The words of a Progress at the moment at which they are drawn."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __format__(self, _: str) -> str:
        return str(self.progress)


def _left(seconds: float) -> str:
    if seconds < 1:
        return "longer than the last time"
    return f"about {seconds:.0f} s left" if seconds < 180 else f"about {seconds / 60:.0f} min left"
