"""Rows of measurements on disk: one at a time, each safe before the next begins, none measured twice."""

import csv
import os
from pathlib import Path

from costlib.base.files import csv_text
from costlib.base.folders import check_file
from costlib.validation.readers.steps import DONE
from costlib.validation.tables import STEPS

OUT_OF_MEMORY = "out of memory"
RESULTS = "seconds_low seconds_high repeats update_seconds tokens_per_s tflops mfu bandwidth_share"
ORIGIN = "device_memory_gb driver python torch transformers costlib date"
COLUMNS = (*STEPS, *RESULTS.split(), *ORIGIN.split())
KEY = ("id", "gpu", "precision", "seed")


def check(path, resume=False):
    """Return what a file holds up to the end of its last whole line, as bytes, none where there is none yet.

    Raises
    ------
    ValueError : for a file that is there and is not to be gone on with, has other columns, or cannot be written
    """
    header, path = csv_text([COLUMNS]), Path(path)
    there = path.read_bytes() if path.is_file() else b""
    if there and not resume:
        raise ValueError(f"{path} exists already; add --resume to go on with it, or name another file")
    if there[: len(header)] != header.encode()[: len(there)]:  # a kill may have left the beginning of the header alone
        raise ValueError(f"{path} has other columns than this version of costlib measure writes; name another file")
    check_file(path, "measure", grows=True)
    return there[: there.rfind(b"\n") + 1]


class StepRecord:
    """A CSV file that grows by whole rows.

    Parameters
    ----------
    path : of the file
    resume : True goes on with a file that is there; a last line that a kill cut short is removed

    Raises
    ------
    ValueError : as :func:`check`, and for a file to which another command adds rows
    """

    def __init__(self, path, resume=False):
        self.path, self.finished = Path(path), set()
        check(path, resume)
        self._file = self.path.open("ab")
        if not _locked(self._file):
            raise ValueError(f"another costlib measures into {path}; wait for it, or name another file")
        kept = check(path, resume)
        self._file.truncate(len(kept))
        if not kept:
            self._append(COLUMNS)
        # What failed for another reason than memory is tried again.
        lines = csv.DictReader(kept.decode("utf-8", "replace").splitlines())
        self.finished = {_key(row) for row in lines if row["status"] in (DONE, OUT_OF_MEMORY)}

    def close(self):
        """Let others write the file."""
        self._file.close()

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
        self._file.write(csv_text([cells]).encode())
        self._file.flush()
        os.fsync(self._file.fileno())


def _locked(file):
    """Lock a file until it is closed, at the latest with the process; where a system has no such locks, trust."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def _key(row):
    return tuple(_text(row.get(column)) for column in KEY)


def _text(value):
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)
