"""What a sweep says in the terminal: before and while it runs."""

import logging
import sys
import time

from costlib.base.text import is_live
from costlib.sweeping import run

LINES_EVERY = 10.0  # seconds, where the output is no terminal
LAST = 0.99  # of the bar, until the summary is written and the workers have gone


def announce(plan, expected, workers, scheduler=None):
    """Print what a sweep is and what it is expected to take."""
    hands = 1 if scheduler else min(workers, plan.chunks)
    seconds = expected.seconds(plan.points, hands)
    print(f"points   {plan.points:,} of a {plan.design} design over {len(plan.vary)} inputs")
    print(f"chunks   {plan.chunks:,} of {plan.chunk:,}")
    for said in plan.prices:
        print(said)
    print(f"speed    about {expected.points_per_second:,.0f} points a second and core")
    print(f"time     about {run.duration(seconds)} on {hands} core{'s' * (hands > 1)} like this, and the start")
    if expected.file_bytes:
        print(f"disk     about {run.gigabytes(expected.file_bytes)}")


class SweepProgress:
    """A bar with points a second and the time left; where the output is no terminal, a line now and then."""

    def __init__(self, points):
        self.points, self.done, self.said = points, 0, time.monotonic()

    def __enter__(self):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        for name in ("asyncio", "tornado.application"):  # what Dask leaves there when a run is stopped is no news
            logging.getLogger(name).setLevel(logging.CRITICAL)
        live = is_live(sys.stderr)
        console = Console(stderr=True, force_terminal=live, highlight=False, soft_wrap=True)
        speed = TextColumn("{task.fields[speed]}")
        self.bar = Progress(BarColumn(), TaskProgressColumn(), speed, TimeRemainingColumn(), console=console,
                            disable=not live)  # fmt: skip
        self.bar.start()
        self.task = self.bar.add_task("points", total=self.points, speed="")
        return self

    def __call__(self, event, value):
        """Take a notice of :func:`costlib.sweeping.run.run`."""
        if event == "dashboard":
            self.bar.console.print(f"dashboard  {value}")
            self.began, self.before = time.monotonic(), self.done
            return
        if event == "broken":
            self.bar.console.print(f"again  {len(value):,} chunks of an earlier run that are not as they were written")
            return
        self.done += value
        if event == "start":
            if value:
                self.bar.console.print(f"kept  {value:,} points of an earlier run")
            self.bar.update(self.task, completed=min(value, LAST * self.points))
            return
        now = time.monotonic()
        rate = (self.done - self.before) / max(now - self.began, 1e-9)
        self.bar.update(self.task, completed=min(self.done, LAST * self.points), speed=f"{rate:,.0f} points/s")
        if self.bar.disable and (now - self.said > LINES_EVERY or self.done == self.points):
            self.said = now
            left = run.duration((self.points - self.done) / rate)
            print(f"{self.done:,} of {self.points:,} points, {rate:,.0f} points/s, {left} left", file=sys.stderr)

    def __exit__(self, kind, *_):
        if kind is None:
            self.bar.update(self.task, completed=self.points)
        self.bar.stop()
