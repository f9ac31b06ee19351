"""Sweeps: designs against small cases made by hand, results against a loop, and runs that are killed."""

import hashlib
import itertools
import json
import os
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
from scipy.stats import kstest, qmc

from costlib import __version__, methods, scenarios
from costlib.facts import parameters
from costlib.sweeping import cluster, expressions, outputs, points, run, store, summary, work
from costlib.sweeping import plan as plans

SWEEP = {
    "design": "random", "points": 200_000, "seed": 7,
    "vary": {"policy_model": ["llama-3.1-8b", "llama-2-70b"], "human_usd_per_pair": "own",
             "num_pairs_m1": [1000, 9000]},
    "outputs": {"people": "human-dpo.usd", "ten": "human-dpo.usd / rlaif.usd >= 10"},
    "maps": [["human_usd_per_pair", "policy_model"]],
}  # fmt: skip
PLAN = plans.read(SWEEP)


def read(**changes):
    return plans.read({"outputs": ["rlaif.usd"]} | changes)


# --- designs ---


def test_a_grid_by_hand():
    vary = {"human_usd_per_pair": {"from": 0.5, "to": 2, "steps": 3, "scale": "log"}, "num_pairs_m1": [100, 200]}
    fixed = {"num_pairs_m2": 0, "platform_fee": 0.2, "rework_share": 0.1, "raters_per_pair": 3}
    plan = read(design="grid", vary=vary, fixed=fixed, outputs=["human-dpo.labels.usd"])
    inputs, found, _ = outputs.evaluated(plan, 0, plan.points)
    assert inputs["human_usd_per_pair"].tolist() == [0.5, 0.5, 1, 1, 2, 2]
    assert inputs["num_pairs_m1"].tolist() == [100, 200] * 3
    # pairs x price x 1.2 x 1.1 x 3 raters
    np.testing.assert_allclose(found["human-dpo.labels.usd"], [198, 396, 396, 792, 792, 1584], rtol=1e-12)


def test_steps_of_whole_numbers_are_whole_and_counted_once():
    plan = read(
        vary={
            "epochs": {"from": 1, "to": 3, "steps": 5},
            "policy_gpus": {"from": 8, "to": 64, "steps": 4, "scale": "log"},
        }
    )
    assert plan.vary["epochs"].levels == (1, 2, 3) and plan.vary["policy_gpus"].levels == (8, 16, 32, 64)
    assert plan.points == 12


def philox(counter, key):
    """Philox4x64-10 as in the paper: ten rounds of two products and a key that grows by two constants."""
    words, keys = [counter, 0, 0, 0], [key % 2**64, key >> 64]
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * words[0], 0xCA5A826395121157 * words[2]
        words = [second >> 64 ^ words[1] ^ keys[0], second % 2**64, first >> 64 ^ words[3] ^ keys[1], first % 2**64]
        keys = [(keys[0] + 0x9E3779B97F4A7C15) % 2**64, (keys[1] + 0xBB67AE8584CAA73B) % 2**64]
    return words


def test_random_points_are_those_of_the_counter():
    key = int.from_bytes(hashlib.sha256(b"7 platform_fee").digest()[:16], "little")
    # NumPy counts before it computes, so the first four numbers belong to a counter of one.
    expected = [(word >> 11) / 2**53 for counter in (1, 2, 3) for word in philox(counter, key)]
    found = points.uniforms("random", 7, ("platform_fee",), 0, 12, 12)["platform_fee"]
    assert found.tolist() == expected


@pytest.mark.parametrize("design", ["random", "latin-hypercube", "sobol"])
def test_any_part_of_a_design_can_be_made_alone(design):
    names = ("platform_fee", "rework_share", "hard_share")
    whole = points.uniforms(design, 3, names, 0, 1000, 1000)
    for start, stop in ((0, 1), (1, 4), (5, 1000), (511, 513), (999, 1000)):
        part = points.uniforms(design, 3, names, start, stop, 1000)
        for name in names:
            assert part[name].tobytes() == whole[name][start:stop].tobytes(), (start, stop)
    for name in names:
        assert kstest(whole[name], "uniform").pvalue > 1e-4
    pairs = itertools.combinations(whole.values(), 2)
    assert max(abs(np.corrcoef(one, other)[0, 1]) for one, other in pairs) < 0.12


def test_an_input_keeps_its_numbers_when_others_join():
    alone = points.uniforms("random", 3, ("hard_share",), 10, 20, 100)["hard_share"]
    assert (
        alone.tolist()
        == points.uniforms("random", 3, ("rework_share", "hard_share"), 10, 20, 100)["hard_share"].tolist()
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4097])
def test_a_latin_hypercube_has_one_point_in_each_stratum(size):
    found = points.uniforms("latin-hypercube", 1, ("epochs", "hard_share"), 0, size, size)
    for values in found.values():
        assert sorted(np.floor(values * size).astype(int)) == list(range(size))
    if size > 100:
        assert not np.array_equal(*(np.argsort(values) for values in found.values()))


def test_sobol_points_are_those_of_scipy():
    names = ("a", "b", "c", "d", "e")
    engine = qmc.Sobol(5, scramble=True, bits=points.SOBOL_BITS, rng=11)
    first = np.array(list(points.uniforms("sobol", 11, names, 0, 256, 10**6).values()))
    np.testing.assert_array_equal(first.T, engine.random(256))
    later = np.array(list(points.uniforms("sobol", 11, names, 100_000, 100_300, 10**6).values()))
    np.testing.assert_array_equal(later.T, engine.random(2**17 - 256)[100_000 - 256 :][:300])


def test_ranges_are_those_that_were_asked_for():
    vary = {
        "human_usd_per_pair": {"from": 0.1, "to": 10, "scale": "log"},
        "judge_agreement": {"shape": "triangular", "low": 0.6, "high": 0.9, "mode": 0.8},
        "policy_gpus": {"from": 8, "to": 10}, "answer_tokens": "own", "dpo_rounds": [1, 2],
    }  # fmt: skip
    plan = read(points=40_000, vary=vary)
    found = points.columns(plan, 0, plan.points)
    # Means from the textbook: (b - a) / ln(b / a), (a + mode + b) / 3; whole numbers of 8 to 10 are rounded.
    assert found["human_usd_per_pair"].mean() == pytest.approx(9.9 / np.log(100), rel=0.02)
    assert found["judge_agreement"].mean() == pytest.approx((0.6 + 0.8 + 0.9) / 3, rel=0.002)
    assert sorted(np.unique(found["policy_gpus"])) == [8, 9, 10]
    assert found["answer_tokens"].min() >= 273 and found["answer_tokens"].max() <= 638
    assert not (found["answer_tokens"] % 1).any()
    assert np.bincount(found["dpo_rounds"]) / 40_000 == pytest.approx([0.5, 0.5], abs=0.01)


# --- results ---


def everything(names):
    """A sweep over nearly every input, with a name and a choice that vary."""
    vary = {"policy_model": ["llama-2-7b", "mixtral-8x7b"], "zero_stage": [0, 3]}
    for name, known in parameters.vocabulary().items():
        if known.choices is None and not name.endswith(("_low", "_high")) and name != "sustained_tflops":
            low, high = max(known.minimum, known.default / 2), min(known.maximum, 2 * known.default or 3)
            if known.type is int:
                low, high = int(low), int(high)
            vary[name] = {"from": low, "to": high}
    return read(design="random", points=1000, vary=vary, outputs=list(names))


QUICK = [name for name in expressions.catalogue() if name.split(".")[0] in ("article", *methods.METHODS)
         and not name.endswith("min_gpus")]  # fmt: skip


@pytest.mark.parametrize(("names", "rows"), [(QUICK, 1000), (expressions.catalogue(), 100)], ids=["methods", "all"])
def test_points_equal_a_loop_over_scenarios(names, rows):
    plan = everything(names)
    assert len(plan.vary) >= 60 and len(plan.outputs) > 150
    inputs, found, _ = outputs.evaluated(plan, 0, plan.points)
    looped = {name: [] for name in found}
    for row in range(rows):
        given = {name: spread.levels[inputs[name][row]] if spread.named else float(inputs[name][row])
                 for name, spread in plan.vary.items()}  # fmt: skip
        for name, value in outputs.amounts(plan.outputs, scenarios.complete(given)).items():
            looped[name].append(value)
    for name, values in found.items():
        np.testing.assert_allclose(values[:rows], looped[name], rtol=1e-12, err_msg=name)
    assert sum(len(np.unique(values)) > 500 for values in found.values()) > 0.75 * len(found)


def test_what_follows_from_other_inputs_follows_at_every_point():
    vary = {"pretraining_gpu_hours": [1720320.0, 860160.0]}
    plan = read(vary=vary, outputs=["published.usd"])
    usd = outputs.evaluated(plan, 0, 2)[1]["published.usd"]
    assert usd[1] == pytest.approx(usd[0] / 2)
    given = read(
        vary={"pretraining_gpu_hours": [1720320.0, 860160.0]},
        fixed={"sustained_tflops": 100},
        outputs=["published.usd"],
    )
    assert len(set(outputs.evaluated(given, 0, 2)[1]["published.usd"])) == 1


def test_expressions_do_what_they_say():
    amounts = {"rlaif.usd": np.array([10.0, 20.0]), "human-dpo.usd": np.array([30.0, 30.0]), "epochs": 2}
    for text, expected in {
        "human-dpo.usd / rlaif.usd": [3, 1.5], "human-dpo.usd / rlaif.usd >= 3": [True, False],
        "min(human-dpo.usd, 2 * rlaif.usd) - 1": [19, 29], "(human-dpo.usd - rlaif.usd) * epochs": [40, 20],
    }.items():  # fmt: skip
        assert expressions.value(expressions.parse(text), amounts).tolist() == expected, text


# --- bad files ---


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vary": {"epoch": [1]}}, "unknown parameter 'epoch'; did you mean epochs or ppo_epochs?"),
        ({"vary": {"epochs": {"from": 3, "to": 1, "steps": 2}}}, "epochs [-]: from must be below to, got 3 and 1"),
        ({"vary": {"epochs": {"from": 1, "to": 3}}}, "epochs: a grid needs a list of values, or from, to and steps"),
        ({"vary": {"epochs": [1, 0]}}, "epochs [-] must be a whole number from 1 to 1,000, got 0"),
        ({"vary": {"epochs": [2, 2]}}, "epochs lists 2 twice"),
        ({"vary": {"epochs": 2}}, "a value that stays belongs under fixed"),
        ({"vary": {"epochs": "own"}, "points": 5}, "epochs has no range of its own"),
        ({"vary": {"policy_model": ["llama-2-70"]}}, "did you mean llama-2-70b"),
        ({"vary": {"policy_model": {"from": 1, "to": 2}}}, "policy_model has no range: list the values"),
        ({"vary": {"platform_fee": {"from": 0, "to": 1, "scale": "log"}}, "points": 5}, "scale must start above 0"),
        ({"vary": {"epochs": [1]}, "fixed": {"epochs": 1}}, "epochs is fixed and varies"),
        ({"vary": {"epochs": [1]}, "fixed": {"policy_gpus": 0}}, "fixed: policy_gpus [GPUs] must be"),
        ({"vary": {"epochs": [1]}, "point": 3}, "unknown key 'point'; did you mean points?"),
        ({"vary": {"epochs": [1]}, "design": "sobal"}, "design must be one of grid, random, latin-hypercube, sobol"),
        ({"vary": {"epochs": [1, 2]}, "points": 10**18}, "points must be at most 1e+12, got 1e+18"),
        ({"vary": {"price_usd_per_pair_low": [0.3, 2.0]}}, "must be at most price_usd_per_pair_high"),
        ({"vary": {"pretraining_gpu_hours": [1, 2]}}, "sustained_tflops [TFLOP/s] must be"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.used"]}, "unknown output 'rlaif.used'; did you mean rlaif.usd"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd + rlaif.days"]}, "sets USD beside days"),
        ({"vary": {"epochs": [1]}, "outputs": ["__import__('os').system('true')"]}, "unknown output 'import__'"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd.real ** 9"]}, "unknown output 'rlaif.usd.real'"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd ** 9"]}, "cannot be read"),
        ({"vary": {"epochs": [1]}, "maps": [["epochs", "policy_gpus"]]}, "'policy_gpus' does not vary"),
        ({"vary": {}}, "vary must hold lines of"),
    ],
)  # fmt: skip
def test_bad_sweeps_are_refused_in_words(changes, said):
    with pytest.raises(ValueError) as error:
        design = {} if "design" in changes else {"design": "random" if changes.get("points", 0) else "grid"}
        read(**design | changes)
    assert said in str(error.value)


def test_a_grid_of_too_many_points_is_refused():
    vary = {
        name: {"from": 1, "to": 1000, "steps": 1000}
        for name in ("epochs", "policy_gpus", "num_gpus", "annotators", "group_size", "ppo_epochs")
    }
    with pytest.raises(ValueError, match=r"points must be at most 1e\+12, got 1e\+18"):
        read(vary=vary)


def test_numbers_may_be_written_as_yaml_reads_text():
    content = yaml.safe_load("points: 1e6\nvary: {epochs: {from: 1, to: 1e1}}\noutputs: [rlaif.usd]")
    assert content["points"] == "1e6" and plans.read(content).points == 10**6


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ValueError) as error:
        read(vary={"epoch": [1], "policy_gpus": [0]}, outputs=["rlaif"], seed=-1)
    assert len(str(error.value).splitlines()) == 4


# --- summaries ---


def merged(plan, order):
    found = summary.Summary(plan.as_json())
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


def test_infinite_results_are_counted_and_in_no_mean():
    plan = read(vary={"policy_model": ["llama-3.1-8b", "llama-3.1-405b"]}, fixed={"aligned_model": "llama-2-7b"},
                outputs={"fewest": "human-ppo.min_gpus / (policy_gpus - 64)"})  # fmt: skip
    found = table(merged(plan, [0]), "outputs.csv").iloc[0]
    assert found["points"] == 2 and found["infinite"] == 2 and found["finite"] == 0 and np.isnan(found["mean"])


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
    store.open_folder(tmp_path / "one", PLAN, True, False)
    other = plans.read(SWEEP | {"seed": 8})
    for plan, rows, resume, said in (
        (PLAN, True, False, "add --resume"), (other, True, True, "holds another sweep"),
        (PLAN, False, True, "with rows"),
    ):  # fmt: skip
        with pytest.raises(store.StoreError, match=said):
            store.open_folder(tmp_path / "one", plan, rows, resume)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(store.StoreError, match="holds no sweep"):
        store.open_folder(tmp_path, PLAN, True, False)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_half_written_file_is_not_a_finished_chunk(tmp_path):
    store.open_folder(tmp_path, PLAN, True, False)
    (tmp_path / "data" / ".chunk-0000000.parquet.abc.part").write_bytes(b"PAR1")
    assert store.finished(tmp_path) == set()
    store.open_folder(tmp_path, PLAN, True, True)
    assert list((tmp_path / "data").iterdir()) == []


def test_too_little_disk_is_said_before_anything_runs(tmp_path):
    vast = plans.read(SWEEP | {"points": 10**12})
    expected = run.forecast(vast)
    assert expected.file_bytes > 10**12
    with pytest.raises(store.StoreError, match="the rows need about .* TB"):
        run.refuse_if_no_room(tmp_path / "new", vast, run.Forecast(1e6, 1e18))


# --- runs ---


def command(*arguments, **options):
    program = [sys.executable, "-c", "from costlib.cli import main; main()", "sweep", *map(str, arguments)]
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
        for _ in range(600):
            if file.is_file() and file.read_text():
                break
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)


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


def test_a_killed_run_resumes_on_other_workers_to_the_same_bytes(tmp_path, clean, scheduler):
    (tmp_path / "sweep.yml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    killed = command(tmp_path / "sweep.yml", "-o", tmp_path / "out", "--workers", 1, start_new_session=True)
    data = tmp_path / "out" / "data"
    while killed.poll() is None and (not data.is_dir() or len(store.finished(tmp_path / "out")) < 2):
        time.sleep(0.005)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    there = {path.name: path.stat().st_mtime_ns for path in data.glob("*.parquet")}
    assert 2 <= len(there) < PLAN.chunks
    resumed = command(tmp_path / "sweep.yml", "-o", tmp_path / "out", "--resume", "--scheduler", scheduler)
    said = resumed.communicate()[0]
    assert resumed.returncode == 0, said
    assert "points/s" in said and "dashboard" in said and "200,000 points" in said
    assert {name: (data / name).stat().st_mtime_ns for name in there} == there
    assert written(tmp_path / "out") == written(clean)


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


def test_what_a_killed_worker_half_wrote_does_not_stay(tmp_path, clean, scheduler):
    def leave(event, value):
        if event == "points":
            (tmp_path / "out" / "data" / ".chunk-0000001.parquet.1.part").write_bytes(b"half")

    run.run(PLAN, tmp_path / "out", scheduler=scheduler, notify=leave)
    assert written(tmp_path / "out") == written(clean)


def test_one_worker_gives_the_same_bytes_as_two(tmp_path, clean):
    found = store.open_folder(tmp_path, PLAN, True, False)
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
