"""One chunk of a sweep, from its number alone: what a worker does."""

import ctypes
from functools import cache

import numpy as np

from costlib.sweeping import outputs, store, summary
from costlib.sweeping import plan as plans


def chunk(text, number, out=None):
    """Compute a chunk, write its rows, and return its summary.

    Parameters
    ----------
    text : the plan, as of :meth:`costlib.sweeping.plan.SweepPlan.as_json`
    number : of the chunk
    out : folder that keeps rows; None keeps none. A file that is there already stays

    Returns
    -------
    costlib.sweeping.summary.Partial
    """
    _keep_freed_memory()
    plan = plans.from_json(text)
    start, stop = plan.bounds(number)
    size, tally, kept = outputs.block(plan), summary.Tally(text), []
    rows = out is not None and not store.path_of(out, number).is_file()
    for first in range(start, stop, size):
        inputs, found, extra = outputs.evaluated(plan, first, min(first + size, stop))
        tally.add(inputs, found, extra)
        if rows:
            kept.append((inputs, found))
    if rows:
        store.write(out, plan, number, *joined(kept))
    return tally.partial()


def joined(blocks):
    """Return the inputs and the outputs of blocks that follow each other as one."""
    sides = zip(*blocks, strict=True)
    return [{name: np.concatenate([each[name] for each in side]) for name in side[0]} for side in sides]


@cache
def _keep_freed_memory():
    """Let glibc keep the memory of freed arrays for the next ones.

    Dask's workers give it back to the system at once, and a chunk of many arrays then takes several times longer.
    """
    trim_threshold, mmap_threshold = -1, -3
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another C library, which has its own ways
    mallopt(trim_threshold, 1 << 30)
    mallopt(mmap_threshold, 1 << 25)  # the most that is allowed
