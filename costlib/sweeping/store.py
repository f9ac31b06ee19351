"""Files of a sweep: one Parquet file for each chunk, the plan, and the summary. A file that has its name is whole."""

import contextlib
import errno
import json
import os
import re
import uuid
from pathlib import Path

from costlib.errors import RunError
from costlib.facts import parameters
from costlib.sweeping import summary as summaries
from costlib.version import __version__

MANIFEST, STATE, DATA = "sweep.json", "summary.json", "data"
NAME = re.compile(r"chunk-(\d{7})\.parquet")


class StoreError(RunError):
    """A folder or file that cannot be used: the message says why and what helps."""


def path_of(out, number):
    """Return the file of a chunk."""
    return Path(out) / DATA / f"chunk-{number:07d}.parquet"


def finished(out):
    """Return the numbers of the chunks whose files are there."""
    found = (NAME.fullmatch(entry.name) for entry in os.scandir(Path(out) / DATA))
    return {int(name[1]) for name in found if name}


def put(path, content):
    """Write bytes, or what a function writes into an open file, so that they are whole or not there.

    Raises
    ------
    StoreError : in words, where the disk is full or the folder cannot be written; what was there is kept
    """
    partial = Path(path).with_name(f".{Path(path).name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with partial.open("wb") as file:
            content(file) if callable(content) else file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
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
        fields.append(pa.field(name, kind, False, {"unit": unit[name], "meaning": text}))
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
    columns += [pa.array(values) for values in outputs.values()]
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
    put(path_of(out, number), lambda file: pq.write_table(rows, file, compression="zstd", use_dictionary=names))


def open_folder(out, plan, rows, resume):
    """Return the summary so far in a folder, made if missing.

    Parameters
    ----------
    out : folder
    plan : costlib.sweeping.plan.SweepPlan
    rows : whether rows are kept, or the summary alone
    resume : whether to go on with what an earlier run left

    Raises
    ------
    StoreError : for a folder that holds something else, another sweep, or this one without `resume`
    """
    out, text = Path(out), plan.as_json()
    manifest = {"costlib": __version__, "mark": plan.mark, "rows": rows, "points": plan.points, "chunk": plan.chunk,
                "units": summaries.units(plan), "plan": json.loads(text)}  # fmt: skip
    try:
        if (out / MANIFEST).is_file():
            _same(out, manifest, resume)
        elif out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise StoreError(f"{out} is not empty and holds no sweep; name another folder, or empty it")
        (out / DATA if rows else out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{out} cannot be used: {error.strerror}") from error
    clear_unfinished(out)
    if not (out / MANIFEST).is_file():
        put(out / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
        return summaries.SweepSummary(text)
    if not (out / STATE).is_file():
        return summaries.SweepSummary(text)
    return summaries.restored(text, (out / STATE).read_text(encoding="utf-8"))


def clear_unfinished(out):
    """Remove half-written files, which only a killed worker leaves."""
    for left in (Path(out) / DATA).glob(".*.part"):
        left.unlink(missing_ok=True)


def _same(out, manifest, resume):
    try:
        earlier = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except ValueError as error:
        raise StoreError(f"{out / MANIFEST} cannot be read; empty the folder, or name another") from error
    if earlier.get("mark") != manifest["mark"]:
        why = "another sweep" if earlier.get("plan") != manifest["plan"] else "this sweep from other code or facts"
        raise StoreError(f"{out} holds {why} (costlib {earlier.get('costlib')}); name another folder, or empty it")
    if earlier.get("rows") != manifest["rows"]:
        kept = "rows" if earlier.get("rows") else "the summary alone"
        raise StoreError(f"{out} holds this sweep with {kept}; keep to that, or name another folder")
    if not resume:
        raise StoreError(f"{out} holds this sweep already: add --resume to compute what is missing")


def save_state(out, summary):
    """Write how far a sweep is."""
    put(Path(out) / STATE, summary.as_text().encode())


def save_summary(out, summary):
    """Write the tables of a summary."""
    for name, text in summaries.tables(summary).items():
        put(Path(out) / name, text.encode())
