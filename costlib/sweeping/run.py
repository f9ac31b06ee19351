"""A whole sweep: chunks to workers, a bounded number at a time, and their summaries back."""

import contextlib
import itertools
import math
import time
from pathlib import Path
from typing import NamedTuple

from costlib.base import folders
from costlib.base.errors import RunError
from costlib.base.extras import need
from costlib.sweeping import cluster, outputs, store, summary, work

WAITING = 3  # chunks in the queue for each thread of a worker
SECONDS_BETWEEN_STATES = 0.5
PROBE = 2**12


class SweepError(RunError):
    """A sweep that stopped: the message says why and what is kept."""


class Forecast(NamedTuple):
    """What a sweep will take: points a second on one core of this machine, and bytes on disk."""

    points_per_second: float
    file_bytes: float

    def seconds(self, points, workers):
        """Expected time without starting the workers [s]."""
        return points / self.points_per_second / workers


def forecast(plan, rows=True):
    """Return a Forecast, from the first points; this also shows whether they can be computed at all.

    Raises
    ------
    ValueError : as the functions of the outputs
    MissingExtraError : if rows are kept, and the package that writes them is missing
    """
    if rows:
        need("sweep", "a sweep that keeps rows", "pyarrow")
    count = min(plan.points, max(PROBE, outputs.block(plan)))
    # Spread over the design: the first points of a grid are all alike.
    starts = [int(place * (plan.points - count)) for place in (0.0, 0.5, 1.0)] if plan.points > count else [0]
    tally, found, seconds = summary.Tally(plan.as_json()), [], []
    for start in starts:
        began = time.perf_counter()
        inputs, results, extra = outputs.evaluated(plan, start, start + count)
        tally.add(inputs, results, extra)
        seconds.append(time.perf_counter() - began)
        found.append((inputs, results))
    size = _file_bytes(*work.joined(found)) if rows else 0.0
    return Forecast(count / min(seconds), size * plan.points / (count * len(starts)))


def _file_bytes(inputs, results):
    import io

    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"point": np.arange(len(next(iter(results.values()))))} | inputs | results
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd", use_dictionary=False)
    return file.tell()


def run(plan, out, workers=2, scheduler=None, rows=True, resume=False, notify=lambda event, value: None,
        inputs=()):  # fmt: skip
    """Compute a sweep and return its summary.

    Parameters
    ----------
    plan : costlib.sweeping.plan.SweepPlan
    out : folder for the plan, the rows and the summary
    workers, scheduler : as of :func:`costlib.sweeping.cluster.connected`
    rows : False keeps the summary alone
    resume : compute only what an earlier run of the same plan left
    notify : called with ("broken", numbers of chunks of an earlier run that are computed again), ("start", points
        already done), ("dashboard", address) and ("points", more points done)
    inputs : files that are read, which are never written over

    Returns
    -------
    costlib.sweeping.summary.SweepSummary

    Raises
    ------
    ValueError : for an address that is none, and as :func:`costlib.sweeping.store.checked`
    SweepError, or StoreError or ClusterError of the rooms used
    """
    cluster.checked_address(scheduler)
    if rows:
        need("sweep", "a sweep that keeps rows", "pyarrow")
    with store.opened(out, plan, rows, resume, inputs) as (folder, found):
        there = store.finished(folder.path) if rows else set()
        if lost := store.broken(folder.path, plan, there):
            there -= lost
            notify("broken", sorted(lost))
            for number in lost:
                folder.target(f"{store.DATA}/{store.path_of('', number).name}").unlink()
        todo = [number for number in range(plan.chunks) if not found.done[number] or (rows and number not in there)]
        notify("start", plan.points - sum(_size(plan, number) for number in todo))
        if todo:
            _run(plan, folder.path, min(workers, len(todo)), scheduler, rows, found, todo, notify)
        if not found.done.all():
            raise SweepError(f"{int((~found.done).sum())} chunks did not come back: add --resume")
        folder.clear()
        store.save_summary(folder.path, found)
    return found


def _run(plan, out, workers, scheduler, rows, found, todo, notify):
    try:
        with cluster.connected(workers, scheduler) as client:
            notify("dashboard", client.dashboard_link)
            _compute(client, plan, out, rows, found, todo, notify)
    finally:
        # What stopped the run is what is said, also where the disk is too full for this.
        with contextlib.suppress(store.StoreError):
            store.save_state(out, found)


def _size(plan, number):
    start, stop = plan.bounds(number)
    return stop - start


def _compute(client, plan, out, rows, found, todo, notify):
    from dask.distributed import as_completed

    text, mark, queue, saved = plan.as_json(), plan.mark[:16], iter(todo), time.monotonic()
    folder = str(out) if rows else None
    numbers = {}

    def submit(number):
        future = client.submit(work.chunk, text, number, folder, key=f"chunk-{number}-{mark}", pure=False)
        numbers[future.key] = number
        return future

    threads = sum(client.nthreads().values())
    first = [submit(number) for number in itertools.islice(queue, max(2, WAITING * threads))]
    going = as_completed(first)
    del first
    for future in going:
        number = numbers.pop(future.key)
        found.merge(number, _result(plan, number, future))
        future.release()
        if (after := next(queue, None)) is not None:
            going.add(submit(after))
        if time.monotonic() - saved > SECONDS_BETWEEN_STATES:
            store.save_state(out, found)
            saved = time.monotonic()
        notify("points", _size(plan, number))


def _result(plan, number, future):
    from dask.distributed import KilledWorker

    start, stop = plan.bounds(number)
    try:
        return future.result()
    except KilledWorker as error:
        raise SweepError(
            f"points {start:,} to {stop:,} were lost with their worker too often (is there memory enough?); finished "
            "chunks are kept: add --resume"
        ) from error
    except ValueError as error:
        raise SweepError(f"points {start:,} to {stop:,}: {error}; finished chunks are kept") from error


def refuse_if_no_room(out, plan, expected):
    """Raise a StoreError if the rows of a plan that are not there yet will not fit on the disk of a folder."""
    wanted = expected.file_bytes * (1 - len(store.finished(out)) / plan.chunks)
    free = folders.free_bytes(Path(out).resolve())
    if wanted > free:
        raise store.StoreError(
            f"{out}: the rows need about {gigabytes(wanted)}, and {gigabytes(free)} are free; "
            "take --summary, fewer points or another disk"
        )


def gigabytes(size):
    """Return bytes as readers see them.

    >>> gigabytes(2.5e9), gigabytes(1.2e5)
    ('2.5 GB', '120 kB')
    """
    unit, name = next(((u, n) for u, n in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")) if size >= u), (1e3, "kB"))
    digits = 1 if size / unit < 10 and unit > 1e3 else 0
    return f"{size / unit:,.{digits}f} {name}"


def duration(seconds):
    """Return a time as readers see it.

    >>> duration(0.4), duration(95), duration(7300), duration(400000)
    ('under a second', '95 s', '2.0 hours', '4.6 days')
    """
    if seconds < 1:
        return "under a second"
    if seconds < 180:
        return f"{math.ceil(seconds)} s"
    if seconds < 3 * 3600:
        return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
    return f"{seconds / 3600:.1f} hours" if seconds < 2 * 86400 else f"{seconds / 86400:,.1f} days"
