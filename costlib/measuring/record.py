"""Rows of measurements on disk: one at a time, each safe before the next begins, none measured twice."""

import csv
import os
from pathlib import Path

from costlib.validation.readers.steps import DONE
from costlib.validation.tables import STEPS

OUT_OF_MEMORY = "out of memory"
RESULTS = "seconds_low seconds_high repeats update_seconds tokens_per_s tflops mfu bandwidth_share"
ORIGIN = "device_memory_gb driver python torch transformers costlib date"
COLUMNS = (*STEPS, *RESULTS.split(), *ORIGIN.split())
KEY = ("id", "gpu", "precision", "seed")


class StepRecord:
    """A CSV file that grows by whole rows.

    Parameters
    ----------
    path : of the file
    resume : True goes on with a file that is there; a last line that a kill cut short is removed

    Raises
    ------
    ValueError : for a file that is there and is not to be gone on with, or has other columns
    """

    def __init__(self, path, resume=False):
        self.path, self.finished = Path(path), set()
        there = self.path.exists() and self.path.stat().st_size > 0
        if there and not resume:
            raise ValueError(f"{path} exists already; add --resume to go on with it, or name another file")
        if there:
            self._take_up()
        if not self.path.exists() or not self.path.stat().st_size:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._append(COLUMNS)

    def _take_up(self):
        whole = self.path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        if kept != whole:
            os.truncate(self.path, len(kept))
        lines = csv.DictReader(kept.decode("utf-8").splitlines())
        if kept and tuple(lines.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{self.path} has other columns than this version of costlib measure writes")
        # What failed for another reason than memory is tried again.
        self.finished = {_key(row) for row in lines if row["status"] in (DONE, OUT_OF_MEMORY)}

    def has(self, row):
        """Return whether a row with this identity is finished."""
        return _key(row) in self.finished

    def append(self, row):
        """Write a row and wait until it is on the disk; cells that it does not have stay empty."""
        texts = {name: " ".join(_text(row.get(name)).split()) for name in COLUMNS}
        self._append(texts.values())
        if texts["status"] in (DONE, OUT_OF_MEMORY):
            self.finished.add(_key(texts))

    def _append(self, cells):
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(cells)
            file.flush()
            os.fsync(file.fileno())


def _key(row):
    return tuple(_text(row.get(column)) for column in KEY)


def _text(value):
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)
