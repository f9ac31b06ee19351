"""Files of a sweep: one Parquet file for each chunk, the plan, and the summary. A file that has its name is whole."""

import contextlib
import errno
import json
import os
import re
from pathlib import Path

from costlib.base import folders
from costlib.base.errors import FileError, RunError
from costlib.base.files import write_whole
from costlib.base.text import shown
from costlib.facts import parameters
from costlib.sweeping import summary as summaries
from costlib.version import __version__

MANIFEST, STATE, DATA = "sweep.json", "summary.json", "data"
NAME = re.compile(r"chunk-(\d{7})\.parquet")
TABLES = ("outputs.csv", "histograms.csv", "conditional.csv", "maps.csv")


class StoreError(RunError):
    """A folder or file that cannot be used: the message says why and what helps."""


def path_of(out, number):
    """Return the file of a chunk."""
    return Path(out) / DATA / f"chunk-{number:07d}.parquet"


def finished(out):
    """Return the numbers of the chunks whose files are there."""
    folder = Path(out) / DATA
    found = (NAME.fullmatch(entry.name) for entry in (os.scandir(folder) if folder.is_dir() else ()))
    return {int(name[1]) for name in found if name}


def broken(out, plan, numbers):
    """Return those of some chunks whose files are not as :func:`write` left them: cut short, changed, of other rows."""
    wanted = schema(plan)
    return {number for number in numbers if not _is_whole(path_of(out, number), wanted, *plan.bounds(number))}


def _is_whole(path, wanted, start, stop):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if file.metadata.num_rows != stop - start or not file.schema_arrow.equals(wanted, check_metadata=True):
                return False
            ends = pa.compute.min_max(file.read()["point"]).as_py()  # all columns are read, to verify their checksums
    except (OSError, ValueError, pa.ArrowException):
        return False
    return ends == {"min": start, "max": stop - 1}


def put(path, content):
    """Write bytes, or what a function writes into an open file, so that they are whole or not there.

    Raises
    ------
    StoreError : in words, where the disk is full or the folder cannot be written; what was there is kept
    """
    try:
        write_whole(path, content, sync=True)
        _sync(Path(path).parent)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else error.strerror or str(error)
        raise StoreError(
            f"{path} cannot be written: {why}; finished chunks are kept: make room and add --resume"
        ) from error


def _sync(folder):
    """Make a new name in a folder last; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def schema(plan):
    """Return the Arrow schema of a plan's files: units and meanings with each column, plan and version with all.

    Columns are `point`, the number of the point, then what varies, then the outputs.
    """
    import pyarrow as pa

    known, unit = parameters.vocabulary(), summaries.units(plan)
    fields = [pa.field("point", pa.int64(), False, {"unit": "-", "meaning": "number of the point in the design"})]
    for name, spread in plan.vary.items():
        kind = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}[known[name].type]
        if kind == pa.string():
            kind = pa.dictionary(pa.int32(), kind)
        fields.append(pa.field(spread.name, kind, False, {"unit": unit[name], "meaning": known[name].meaning}))
    for name, text in plan.outputs.items():
        kind = pa.bool_() if summaries.expressions.parse(text).holds else pa.float64()
        fields.append(pa.field(name, kind, True, {"unit": unit[name], "meaning": text}))
    return pa.schema(fields, {"costlib": __version__, "sweep": plan.as_json(), "mark": plan.mark})


def table(plan, start, inputs, outputs):
    """Return points as an Arrow table with the columns of :func:`schema`.

    Parameters
    ----------
    plan : costlib.sweeping.plan.SweepPlan
    start : number of the first point
    inputs, outputs : dicts of name to array, as of :func:`costlib.sweeping.outputs.evaluated`
    """
    import numpy as np
    import pyarrow as pa

    wanted = schema(plan)
    columns = [pa.array(np.arange(start, start + len(next(iter(outputs.values())))))]
    for name, values in inputs.items():
        kind, spread = wanted.field(name).type, plan.vary[name]
        if pa.types.is_dictionary(kind):
            columns.append(pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), pa.array(spread.levels)))
        else:
            values = np.array(spread.levels)[values] if spread.named else values
            columns.append(pa.array(values.astype(kind.to_pandas_dtype())))
    for name, values in outputs.items():  # what has no value, as of a division by zero, is null
        kind = wanted.field(name).type
        columns.append(pa.array(values.astype(kind.to_pandas_dtype()), kind, np.isnan(values)))
    return pa.Table.from_arrays(columns, schema=wanted)


def write(out, plan, number, inputs, outputs):
    """Write the file of a chunk; the rest is as for :func:`table`.

    Parameters
    ----------
    out : folder of the sweep
    number : of the chunk
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = table(plan, plan.bounds(number)[0], inputs, outputs)
    names = [field.name for field in rows.schema if pa.types.is_dictionary(field.type)]
    how = {"compression": "zstd", "use_dictionary": names, "write_page_checksum": True}
    put(path_of(out, number), lambda file: pq.write_table(rows, file, **how))


def checked(out, plan, rows, resume, inputs=()):
    """Return the path of the folder of a sweep, as far as can be told without writing.

    Parameters
    ----------
    out : folder, new, empty, or of an earlier run of this sweep
    plan : costlib.sweeping.plan.SweepPlan
    rows : whether rows are kept, or the summary alone
    resume : whether to go on with what an earlier run left
    inputs : files that are read

    Raises
    ------
    FileError : for a folder that holds something else, another sweep, or this one without `resume`
    """
    path = folders.checked(out, "sweep", inputs)
    if (path / MANIFEST).is_file():
        _same(path, _manifest(plan, rows), resume)
    elif (path / STATE).exists() or finished(path):
        raise FileError(f"{path} has lost its {MANIFEST}, so that nobody knows its rows; empty it, or name another")
    return path


@contextlib.contextmanager
def opened(out, plan, rows, resume, inputs=()):
    """Give the folder of a sweep, made if missing and locked, and the summary so far; the rest is as for `checked`."""
    text = plan.as_json()
    names = [MANIFEST, STATE, *TABLES, *(f"{DATA}/{path_of('', n).name}" for n in range(plan.chunks) if rows)]
    checked(out, plan, rows, resume, inputs)
    with folders.opened(out, "sweep", inputs) as folder:
        checked(out, plan, rows, resume, inputs)  # again, since another sweep may have been faster
        folder.note(*names)
        if rows:
            (folder.path / DATA).mkdir(exist_ok=True)
        if not (folder.path / MANIFEST).is_file():
            put(folder.path / MANIFEST, json.dumps(_manifest(plan, rows), indent=1) + "\n")
        yield folder, _so_far(folder.path / STATE, text)


def _so_far(state, text):
    try:
        return summaries.restored(text, state.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, TypeError, LookupError, RecursionError):  # none yet, or not to be trusted
        return summaries.SweepSummary(text)


def _manifest(plan, rows):
    return {"costlib": __version__, "mark": plan.mark, "rows": rows, "points": plan.points, "chunk": plan.chunk,
            "units": summaries.units(plan), "plan": json.loads(plan.as_json())}  # fmt: skip


def _same(out, manifest, resume):
    try:
        earlier = dict(json.loads((out / MANIFEST).read_text(encoding="utf-8")))
    except (ValueError, TypeError, RecursionError) as error:
        raise FileError(f"{out / MANIFEST} cannot be read; empty the folder, or name another") from error
    if earlier.get("mark") != manifest["mark"]:
        why = "another sweep" if earlier.get("plan") != manifest["plan"] else "this sweep from other code or facts"
        version = shown(earlier.get("costlib"))[1:-1]
        raise FileError(f"{out} holds {why} (costlib {version}); name another folder, or empty it")
    if earlier.get("rows") != manifest["rows"]:
        kept = "rows" if earlier.get("rows") else "the summary alone"
        raise FileError(f"{out} holds this sweep with {kept}; keep to that, or name another folder")
    if not resume:
        raise FileError(f"{out} holds this sweep already: add --resume to compute what is missing")


def save_state(out, summary):
    """Write how far a sweep is."""
    put(Path(out) / STATE, summary.as_text().encode())


def save_summary(out, summary):
    """Write the tables of a summary."""
    for name, text in summaries.tables(summary).items():
        put(Path(out) / name, text.encode())
