"""Sweeps as they run: summaries in any order, files that are whole or not there, and runs that are killed."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from command import costlib, refused

from costlib import __version__
from costlib.base.errors import FileError, RunError
from costlib.sweeping import cluster, outputs, run, store, summary, work
from costlib.sweeping import plan as plans

SWEEP = {
    "design": "random", "points": 200_000, "seed": 7,
    "vary": {"policy_model": ["llama-3.1-8b", "llama-2-70b"],
             "human_usd_per_pair": {"from": 0.3, "to": 3.5, "scale": "log"}, "num_pairs_m1": [1000, 9000]},
    "outputs": {"people": "human-dpo.usd", "ten": "human-dpo.usd / rlaif.usd >= 10"},
    "maps": [["human_usd_per_pair", "policy_model"]],
}  # fmt: skip
PLAN = plans.read(SWEEP)


def read(**changes):
    return plans.read({"outputs": ["rlaif.usd"]} | changes)


# --- summaries ---


def merged(plan, order):
    found = summary.SweepSummary(plan.as_json())
    for number in order:
        found.merge(number, work.chunk(plan.as_json(), number))
    return found


@pytest.fixture(scope="module")
def rows():
    inputs, found, _ = outputs.evaluated(PLAN, 0, PLAN.points)
    model = np.array(PLAN.vary["policy_model"].levels)[inputs["policy_model"]]
    return pd.DataFrame(inputs | found | {"policy_model": model})


def table(found, name):
    import io

    return pd.read_csv(io.StringIO(summary.tables(found)[name]))


def test_a_summary_does_not_depend_on_the_order_of_merging():
    numbers = list(range(PLAN.chunks))
    assert len(numbers) > 10
    first, other = merged(PLAN, numbers), merged(PLAN, reversed(numbers))
    assert summary.tables(first) == summary.tables(other) and first.as_text() == other.as_text()
    again = summary.restored(PLAN.as_json(), first.as_text())
    assert again.as_text() == first.as_text()
    again.merge(0, work.chunk(PLAN.as_json(), 0))  # a chunk that is in it already
    assert again.as_text() == first.as_text()


def test_a_summary_says_what_the_rows_say(rows):
    found = merged(PLAN, range(PLAN.chunks))
    whole = table(found, "outputs.csv").set_index("output")
    people = whole.loc["people"]
    assert people["points"] == len(rows) and people["mean"] == pytest.approx(rows["people"].mean(), rel=1e-12)
    assert (people["min"], people["max"]) == (rows["people"].min(), rows["people"].max())
    for share, column in zip(summary.QUANTILES, summary.QUANTILE_NAMES, strict=True):
        assert people[column] == pytest.approx(rows["people"].quantile(share, "lower"), rel=0.0101)
    assert whole.loc["ten", "mean"] == rows["ten"].mean()
    by_model = table(found, "conditional.csv").query("input == 'policy_model'").set_index(["low", "output"])
    for model, part in rows.groupby("policy_model"):
        assert by_model.loc[(model, "people"), "points"] == len(part)
        assert by_model.loc[(model, "people"), "mean"] == pytest.approx(part["people"].mean(), rel=1e-12)
    bins = table(found, "histograms.csv").query("output == 'people'")
    assert bins["points"].sum() == len(rows)
    for low, high, count in bins[["low", "high", "points"]].itertuples(index=False):
        assert rows["people"].between(low, high, "right").sum() == count
    cells = table(found, "maps.csv").query("output == 'ten'")
    assert len(cells) == 20 * 2 and cells["points"].sum() == len(rows)
    cell = cells.iloc[17]
    inside = rows[
        rows["human_usd_per_pair"].between(cell["x_low"], cell["x_high"], "left")
        & (rows["policy_model"] == cell["y_low"])
    ]
    assert len(inside) == cell["points"] > 1000 and inside["ten"].mean() == pytest.approx(cell["mean"])


@pytest.mark.parametrize("draw", ["lognormal", "cauchy", "normal"])
def test_quantiles_of_the_sketch_are_within_one_per_cent(draw):
    values = getattr(np.random.default_rng(2), {"cauchy": "standard_cauchy"}.get(draw, draw))(size=100_001)
    if draw == "lognormal":
        values = values**9
    counts = summary._sketched(values, values, None)[: summary.SKETCH]
    for share in (0.001, 0.05, 0.3, 0.5, 0.9, 0.999):
        assert summary.quantile(counts, share) == pytest.approx(np.quantile(values, share, method="lower"), rel=0.0101)


def test_results_without_a_value_are_counted_and_in_no_mean():
    plan = read(vary={"policy_model": ["llama-3.1-8b", "llama-3.1-405b"]}, fixed={"aligned_model": "llama-2-7b"},
                outputs={"fewest": "human-ppo.min_gpus / (policy_gpus - 64)"})  # fmt: skip
    found = table(merged(plan, [0]), "outputs.csv").iloc[0]
    assert found["points"] == 2 and found["not_a_number"] == 2 and found["finite"] == 0 and np.isnan(found["mean"])


# --- files ---


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    (tmp_path / "kept").write_bytes(b"whole")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(store.StoreError, match="the disk is full; finished chunks are kept: make room"):
        store.put(tmp_path / "kept", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"] and (tmp_path / "kept").read_bytes() == b"whole"


def test_a_folder_of_something_else_is_refused(tmp_path):
    def opened(out, plan=PLAN, rows=True, resume=False):
        with store.opened(out, plan, rows, resume) as (folder, _):
            return folder.path

    out = opened(tmp_path / "one")
    other = plans.read(SWEEP | {"seed": 8})
    for plan, rows, resume, said in (
        (PLAN, True, False, "add --resume"), (other, True, True, "holds another sweep"),
        (PLAN, False, True, "with rows"),
    ):  # fmt: skip
        with pytest.raises(FileError, match=said):
            opened(out, plan, rows, resume)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match="not made by costlib sweep"):
        opened(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("text", ["[1]", "{", "5", "[" * 100_000])
def test_a_plan_that_cannot_be_read_is_refused_and_a_summary_begun_anew(text, tmp_path):
    with store.opened(tmp_path / "out", PLAN, True, False) as (folder, _):
        folder.write(store.STATE, text)
    with store.opened(tmp_path / "out", PLAN, True, True) as (folder, found):
        assert not found.done.any()
        folder.write(store.MANIFEST, text)
    with pytest.raises(FileError, match=r"sweep.json cannot be read"):
        store.checked(tmp_path / "out", PLAN, True, True)
    (tmp_path / "out" / store.MANIFEST).unlink()
    with pytest.raises(FileError, match=r"has lost its sweep\.json"):
        store.checked(tmp_path / "out", PLAN, True, True)


def test_a_half_written_file_is_not_a_finished_chunk_and_a_file_of_the_reader_stays(tmp_path):
    out = tmp_path / "out"
    with store.opened(out, PLAN, True, False):
        (out / "data" / ".chunk-0000000.parquet.0123abcd.part").write_bytes(b"PAR1")
        (out / "data" / ".notes.0123abcd.part").write_bytes(b"mine")
        assert store.finished(out) == set()
    with store.opened(out, PLAN, True, True):
        assert [path.name for path in (out / "data").iterdir()] == [".notes.0123abcd.part"]


def test_rows_of_the_reader_are_not_taken_for_ours(tmp_path):
    with store.opened(tmp_path / "out", PLAN, False, False) as (folder, _):
        (folder.path / "data").mkdir()
        (folder.path / "data" / "chunk-0000000.parquet").write_bytes(b"mine")
    (tmp_path / "out" / store.MANIFEST).unlink()
    with (
        pytest.raises((FileError, RunError), match=r"lost|in the way"),
        store.opened(tmp_path / "out", PLAN, True, False),
    ):
        pass
    assert (tmp_path / "out" / "data" / "chunk-0000000.parquet").read_bytes() == b"mine"


def test_too_little_disk_is_said_before_anything_runs(tmp_path):
    vast = plans.read(SWEEP | {"points": 10**12})
    expected = run.forecast(vast)
    assert expected.file_bytes > 10**12
    with pytest.raises(store.StoreError, match="the rows need about .* TB"):
        run.refuse_if_no_room(tmp_path / "new", vast, run.Forecast(1e6, 1e18))


# --- runs ---


# Ends itself and its workers, as kill -9 does, when two chunks have come back: whoever watches from outside may look
# too late on a busy machine.
KILLED = """
import inspect, os, signal
from costlib.sweeping import run
whole, back = run.run, []
def until_two(*given, **named):
    given = inspect.signature(whole).bind(*given, **named)
    progress = given.arguments["notify"]
    def notify(event, value):
        progress(event, value)
        back.extend([value] * (event == "points"))
        if len(back) == 2:
            os.killpg(0, signal.SIGKILL)
    given.arguments["notify"] = notify
    return whole(*given.args, **given.kwargs)
run.run = until_two
"""


def command(*arguments, before="", **options):
    program = [
        sys.executable,
        "-c",
        f"{before}from costlib.cli.main import main; main()",
        "sweep",
        *map(str, arguments),
    ]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler and two workers that are started apart from any sweep."""
    folder = tmp_path_factory.mktemp("dask")
    dask = [sys.executable, "-m", "dask"]
    quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", file]
    started = [subprocess.Popen([*dask, "scheduler", *options], **quiet)]
    options = ["--scheduler-file", file, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    started.append(subprocess.Popen([*dask, "worker", *options], **quiet))
    try:
        while not (file.is_file() and file.read_text(encoding="utf-8")):
            assert [process.poll() for process in started] == [None, None], "dask ended before it was asked"
            time.sleep(0.05)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(cluster, "PATIENCE", "300s")
            yield json.loads(file.read_text(encoding="utf-8"))["address"]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def clean(tmp_path_factory, scheduler):
    """What an undisturbed run on two workers leaves."""
    out = tmp_path_factory.mktemp("clean") / "out"
    found = run.run(PLAN, out, scheduler=scheduler)
    assert found.rows == PLAN.points
    return out


def written(out):
    files = [
        *sorted((out / "data").iterdir()),
        *(out / name for name in ("outputs.csv", "conditional.csv", "maps.csv")),
    ]
    return {path.name: path.read_bytes() for path in files}


def test_rows_and_units_are_in_the_files(clean, rows):
    whole = pq.read_table(clean / "data")
    assert whole.column("point").to_pylist() == list(range(PLAN.points))
    found = whole.to_pandas()
    for name in ("human_usd_per_pair", "num_pairs_m1", "people", "ten"):
        np.testing.assert_array_equal(found[name], rows[name])
    assert (found["policy_model"].astype(str) == rows["policy_model"]).all()
    schema = pq.read_schema(clean / "data" / "chunk-0000000.parquet")
    assert schema.metadata[b"costlib"].decode() == __version__
    assert json.loads(schema.metadata[b"sweep"])["seed"] == 7
    units = {name: schema.field(name).metadata[b"unit"].decode() for name in schema.names}
    assert units == {"point": "-", "policy_model": "-", "human_usd_per_pair": "USD/pair", "num_pairs_m1": "pairs",
                     "people": "USD", "ten": "0 or 1"}  # fmt: skip


@pytest.mark.slow
def test_a_killed_run_resumes_on_other_workers_to_the_same_bytes(tmp_path, clean, scheduler):
    (tmp_path / "sweep.yml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    asked = [tmp_path / "sweep.yml", "-o", tmp_path / "out", "--workers", 1]
    killed = command(*asked, before=KILLED, start_new_session=True)
    said = killed.communicate()[0]
    assert killed.returncode == -signal.SIGKILL, said
    data = tmp_path / "out" / "data"
    there = {path.name: path.stat().st_mtime_ns for path in data.glob("*.parquet")}
    assert 2 <= len(there) < PLAN.chunks
    resumed = command(tmp_path / "sweep.yml", "-o", tmp_path / "out", "--resume", "--scheduler", scheduler)
    said = resumed.communicate()[0]
    assert resumed.returncode == 0, said
    assert "points/s" in said and "dashboard" in said and "200,000 points" in said
    assert {name: (data / name).stat().st_mtime_ns for name in there} == there
    assert written(tmp_path / "out") == written(clean)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(tmp_path, clean, scheduler):
    killed = threading.Event()

    def kill(event, value):
        if event == "points" and not killed.is_set():
            killed.set()
            with cluster.connected(scheduler=scheduler) as client:
                process = next(iter(client.run(os.getpid).values()))
            os.kill(process, signal.SIGKILL)

    run.run(PLAN, tmp_path / "out", scheduler=scheduler, notify=kill)
    assert killed.is_set() and written(tmp_path / "out") == written(clean)


@pytest.mark.slow
def test_what_a_killed_worker_half_wrote_does_not_stay(tmp_path, clean, scheduler):
    def leave(event, value):
        if event == "points":
            (tmp_path / "out" / "data" / ".chunk-0000001.parquet.0123abcd.part").write_bytes(b"half")

    run.run(PLAN, tmp_path / "out", scheduler=scheduler, notify=leave)
    assert written(tmp_path / "out") == written(clean)


# What may become of the content of a chunk's file.
HARMS = {
    "empty": lambda data: b"", "a tenth of it": lambda data: data[: len(data) // 10],
    "all but the end": lambda data: data[:-1], "another format": lambda data: b"point,people\n1,2\n",
    "zeros": lambda data: bytes(len(data)),
    **{f"a bit at {share}": lambda data, share=share: _flipped(data, int(share * len(data)))
       for share in (0.05, 0.3, 0.5, 0.7, 0.9)},
}  # fmt: skip


def _flipped(data, place):
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


@pytest.mark.parametrize("harm", HARMS)
def test_a_chunk_that_is_not_as_it_was_written_is_computed_again(harm, tmp_path, clean, monkeypatch):
    monkeypatch.setattr(cluster, "connected", here)
    shutil.copytree(clean, tmp_path / "out")
    file = store.path_of(tmp_path / "out", 1)
    file.write_bytes(HARMS[harm](file.read_bytes()))
    said = []
    run.run(PLAN, tmp_path / "out", resume=True, notify=lambda *event: said.append(event))
    assert said[0] == ("broken", [1]) and said[1] == ("start", PLAN.points - (PLAN.bounds(1)[1] - PLAN.bounds(1)[0]))
    assert written(tmp_path / "out") == written(clean)
    said.clear()
    run.run(PLAN, tmp_path / "out", resume=True, notify=lambda *event: said.append(event))
    assert said == [("start", PLAN.points)], "nothing is left to do"


def test_a_chunk_of_other_rows_or_another_sweep_is_computed_again(tmp_path, clean):
    shutil.copytree(clean, tmp_path / "out")
    other = plans.read(SWEEP | {"seed": 8})
    with store.opened(tmp_path / "other", other, True, False):
        work.chunk(other.as_json(), 2, tmp_path / "other")
    shutil.copyfile(store.path_of(clean, 0), store.path_of(tmp_path / "out", 1))
    shutil.copyfile(store.path_of(tmp_path / "other", 2), store.path_of(tmp_path / "out", 2))
    assert store.broken(tmp_path / "out", PLAN, range(PLAN.chunks)) == {1, 2}


@contextlib.contextmanager
def here(*_):
    """A client of one worker, in this process."""
    from dask.distributed import Client

    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        yield client


# --- what is refused before the work ---


@pytest.mark.parametrize("address", ["x", "", "tcp://", "tcp://host", "tcp://host:x", "tcp://host:0", "tcp://host:99999",
                                     "foo://host:1", "::", "tcp://:8786", "/tmp/scheduler.json"])  # fmt: skip
def test_an_address_that_is_none_is_wrong_input(address, tmp_path):
    (tmp_path / "sweep.yml").write_text(yaml.safe_dump(SWEEP))
    done = costlib("sweep", tmp_path / "sweep.yml", "-o", tmp_path / "out", "--scheduler", address)
    assert done.exit_code == 2 and "scheduler must be an address such as tcp://host:8786" in done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1 and not (tmp_path / "out").exists()
    refused("scheduler must be an address", run.run, PLAN, tmp_path / "out", scheduler=address)
    assert not (tmp_path / "out").exists()


def test_a_dry_run_says_what_the_folder_is_and_writes_nothing(tmp_path):
    (tmp_path / "sweep.yml").write_text(yaml.safe_dump(SWEEP))
    ask = ["sweep", tmp_path / "sweep.yml", "--dry-run", "-o"]
    assert costlib(*ask, tmp_path / "new").exit_code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    done = costlib(*ask, tmp_path / "mine")
    assert done.exit_code == 2 and "is not empty and not made by costlib sweep" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "sweep.yml"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "..\\x", "~/x", ".hidden", "./x"])
def test_a_name_that_reads_as_a_path_is_no_name_of_an_output(name):
    refused("reads as the path of a file", read, vary={"epochs": [1, 2]}, outputs={name: "rlaif.usd"})
    assert read(vary={"epochs": [1, 2]}, outputs={"USD/pair": "rlaif.usd"}).outputs == {"USD/pair": "rlaif.usd"}


def test_one_worker_gives_the_same_bytes_as_two(tmp_path, clean):
    with store.opened(tmp_path, PLAN, True, False) as (_, found):
        for number in reversed(range(PLAN.chunks)):
            found.merge(number, work.chunk(PLAN.as_json(), number, tmp_path))
        store.save_summary(tmp_path, found)
    assert written(tmp_path) == written(clean)


def test_a_summary_alone_is_that_of_the_rows(tmp_path, clean, scheduler):
    run.run(PLAN, tmp_path / "out", scheduler=scheduler, rows=False)
    assert not (tmp_path / "out" / "data").exists()
    for name in ("outputs.csv", "histograms.csv", "conditional.csv", "maps.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (clean / name).read_bytes()


def test_rows_do_not_depend_on_the_size_of_a_chunk(clean, monkeypatch):
    monkeypatch.setattr(outputs, "BLOCK", 1000)
    found = outputs.evaluated(PLAN, 12_345, 54_321)[1]["people"]
    assert found.tobytes() == pq.read_table(clean / "data").column("people").to_numpy()[12_345:54_321].tobytes()


def test_a_dry_run_says_what_it_would_take_and_runs_nothing(tmp_path):
    (tmp_path / "sweep.yml").write_text(yaml.safe_dump(SWEEP))
    done = command(tmp_path / "sweep.yml", "-o", tmp_path / "out", "--dry-run")
    said = done.communicate()[0]
    assert done.returncode == 0 and "points   200,000" in said and "chunks" in said and "disk     about" in said
    assert not (tmp_path / "out").exists()


def test_no_scheduler_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    with pytest.raises(cluster.ClusterError, match="no scheduler answers at tcp://127.0.0.1:1"):
        run.run(PLAN, tmp_path / "out", scheduler="tcp://127.0.0.1:1")
