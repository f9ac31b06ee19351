"""Re-running the book: inputs are checked first, numbers move as the formulas say, and nothing finished is lost."""

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from urllib.parse import unquote

import pytest
from command import costlib, refused
from conftest import ROOT

from costlib.base import folders
from costlib.base.errors import FileError
from costlib.base.files import read_scenario
from costlib.economics import scenarios
from costlib.economics.comparison import compared
from costlib.report import rerun, runtime, several
from costlib.report.notebooks import records
from costlib.report.rerun import RunError


def results(out):
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        return {(row["chapter"], row["key"]): row for row in csv.DictReader(file)}


# --- refused before anything runs -----------------------------------------------------------------------------------

BAD = [
    (["-p", "price_usd_per_gpu_hours=1.5"], "unknown parameter 'price_usd_per_gpu_hours'; did you mean price_usd"),
    (["-p", "epochs=1.5"], "epochs [-] must be a whole number"),
    (["-p", "price_usd_per_pair_low=9"], "price_usd_per_pair_low must be at most price_usd_per_pair_high"),
    (["-p", "epochs"], "-p takes NAME=VALUE"),
    (["--chapters", "99"], "unknown chapter '99'; known: 01_case_studies"),
    (["no-such-file.yml"], "no-such-file.yml cannot be read"),
    (["--book", "no-such-folder"], "--book no-such-folder is no folder of a book"),
    (["--book", ROOT / "notebooks"], "is no folder of a book: it needs _toc.yml"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_a_bad_request_is_refused_and_leaves_nothing(arguments, message, tmp_path):
    book = [] if "--book" in arguments else ["--book", ROOT]
    result = costlib("rerun", "-o", tmp_path / "out", *book, *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out" / "executed").exists()


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [1\n", "just words"])
def test_a_file_that_is_not_a_scenario_is_refused(text, tmp_path):
    (tmp_path / "bad.yml").write_text(text)
    with pytest.raises(FileError, match=r"bad\.yml( must hold lines|, line 2: )"):
        read_scenario(tmp_path / "bad.yml")


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    result = costlib("rerun", "-o", tmp_path, "--book", ROOT)
    assert result.exit_code == 2
    assert "is not empty and not made by costlib rerun" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_book_itself_is_no_output_folder():
    refused("holds the book itself", rerun.run, ROOT, {}, ROOT)


# --- one run with other inputs --------------------------------------------------------------------------------------


CHOSEN = "03,04,05,06"  # where the inputs below move most


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What is asked for: the arguments, and the folder for the result."""
    out = tmp_path_factory.mktemp("other") / "out"
    scenario = out.parent / "mine.yml"
    # YAML 1.1 reads 860.16e3 as text, because its exponent has no sign; people write it so all the same.
    scenario.write_text("price_usd_per_gpu_hour: 1.5\npretraining_gpu_hours: 860.16e3\nprice_usd_per_pair_low: 0.0\n")
    return ["rerun", scenario, "-o", out, "-p", "num_pairs_m2=0", "--book", ROOT, "--chapters", CHOSEN], out


@pytest.fixture(scope="module")
def executed(asked):
    """The folder with the chapters executed and not yet rendered, and what the command said."""
    arguments, out = asked
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rerun, "render", lambda *_: None)
        result = costlib(*arguments)
    assert result.exit_code == 0, result.output
    return out, result.output


@pytest.fixture(scope="module")
def rendered(asked, executed):
    """The same folder with its pages."""
    arguments, out = asked
    result = costlib(*arguments, "--resume")
    assert result.exit_code == 0, result.output
    return out


def test_numbers_move_as_the_formulas_say(executed):
    found = results(executed[0])
    # Half the hours double the speed and halve every cost; the price is 1.5 for 2.5.
    sft = found["04_synthetic_cost", "sft_usd"]
    assert float(sft["published_value"]) == pytest.approx(42.54282547, abs=1e-8)
    assert float(sft["value"]) == pytest.approx(42.54282547 / 2 * 1.5 / 2.5, abs=1e-8)
    # Without M2's pairs the calls are M1's 17,838 of 49,077.
    calls = found["04_synthetic_cost", "inference_usd"]
    assert float(calls["value"]) == pytest.approx(144.09070018 / 2 * 1.5 / 2.5 * 17838 / 49077, abs=1e-7)
    assert float(found["05_comparison", "ratio_low"]["value"]) == 0
    assert float(found["03_infrastructure_efficiency", "sustained_tflops"]["value"]) == pytest.approx(271.2673611)


def test_the_book_is_in_one_mind_about_its_numbers(executed):
    found = results(executed[0])
    total = found["04_synthetic_cost", "total_usd"]["value"]
    assert found["05_comparison", "synthetic_usd"]["value"] == total
    assert found["06_caveats", "start_usd"]["value"] == total


def test_the_run_says_which_inputs_differ(executed):
    _, said = executed
    assert "price_usd_per_gpu_hour = 1.5, published 2.5" in said
    assert "sustained_tflops = 271.267, published 135.634 (follows from the other inputs)" in said


def test_every_page_says_which_inputs_differ(rendered):
    for page in ("book/index.html", "book/claims.html", "notebooks/04_synthetic_cost.html"):
        html = (rendered / page).read_text(encoding="utf-8")
        assert "These pages use inputs that differ from the published ones" in html
        assert "<b>price_usd_per_gpu_hour</b> = 1.5 (published 2.5)" in html


def test_what_a_run_leaves(rendered):
    out = rendered
    assert (out / "index.html").is_file()
    assert (out / ".gitignore").read_text() == "*\n", "a run inside the clone must not show up in git"
    executed = sorted(path.stem[:2] for path in (out / "executed").glob("[0-9][0-9]_*.ipynb"))
    assert executed == CHOSEN.split(",")
    assert not list(out.glob("pages-*")) and not list(out.rglob("*.part"))
    warnings = [line for line in (out / "build.log").read_text().splitlines() if "WARNING" in line]
    assert warnings == []


def test_the_files_of_a_figure_show_this_run(rendered):
    html = (rendered / "notebooks" / "04_synthetic_cost.html").read_text(encoding="utf-8")
    numbers = re.search(r'download="fig-synthetic-cost.csv" href="data:text/csv;charset=utf-8,([^"]*)"', html)[1]
    # SFT: half the hours of 42.54282547 dollars, at 1.5 for 2.5.
    assert "learn from examples (SFT),12.7628\n" in unquote(numbers)
    assert (rendered / "_downloads" / "figures" / "fig-synthetic-cost.svg").is_file()


def test_the_calculator_starts_from_the_inputs_of_this_book(rendered):
    html = (rendered / "book" / "calculator.html").read_text(encoding="utf-8")
    field = re.search(r'<input [^>]*name="price_usd_per_gpu_hour"[^>]*>', html)[0]
    assert 'data-default="2.5"' in field and 'value="1.5"' in field
    # The article's total: half the hours, 1.5 for 2.5 dollars, and without M2's pairs fewer calls; DPO as before.
    article = (42.54282547 + 144.09070018 * 17838 / 49077 + 93.10683791) / 2 * 1.5 / 2.5
    assert f"<td>${article:.2f}</td>" in html
    assert "price_usd_per_gpu_hour=1.5" in html


def test_chapters_show_published_beside_this_run(rendered):
    html = (rendered / "notebooks" / "04_synthetic_cost.html").read_text(encoding="utf-8")
    assert "$279.74" in html  # what the article prints
    assert "differs" in html


# --- failure and resumption -----------------------------------------------------------------------------------------


@pytest.fixture
def small_book(tmp_path):
    """A book of two chapters, the second of which fails while a file is missing."""
    root = tmp_path / "book"
    for folder in ("book", "costlib"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "_toc.yml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, root / name)
    (root / "notebooks").mkdir()
    for number, body in (("01_good", "x = 1"), ("02_bad", f"open({str(tmp_path / 'switch')!r}).close()")):
        cells = [
            {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [],
             "execution_count": None, "source": "epochs: int = 1  # passes [-]"},
            {"cell_type": "code", "id": "b", "metadata": {}, "outputs": [], "execution_count": None, "source": body},
        ]  # fmt: skip
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (root / "notebooks" / f"{number}.ipynb").write_text(json.dumps(notebook))
    return root


def test_a_failing_chapter_keeps_the_finished_ones_and_resume_goes_on(small_book, tmp_path, monkeypatch):
    out = tmp_path / "out"
    first = costlib("rerun", "-o", out, "--book", small_book, "-p", "epochs=2")
    assert first.exit_code == 1
    assert "chapter 02_bad, cell [3]: FileNotFoundError" in first.output
    assert "1 finished chapters are kept" in first.output
    assert (out / "executed" / "01_good.ipynb").is_file() and not (out / "executed" / "02_bad.ipynb").exists()
    assert (out / "results.csv").is_file() and not (out / "index.html").exists()
    finished = (out / "executed" / "01_good.ipynb").stat().st_mtime_ns

    (tmp_path / "switch").touch()
    monkeypatch.setattr(rerun, "render", lambda *arguments: None)
    outcome = rerun.run(small_book, {"epochs": 2}, out, resume=True)
    assert (outcome.kept, outcome.executed) == (["01_good"], ["02_bad"])
    assert (out / "executed" / "01_good.ipynb").stat().st_mtime_ns == finished

    good = (out / "executed" / "01_good.ipynb").read_bytes()
    for harm in (good[:-9], b"", good.replace(b"epochs", b"epoch5", 1)):
        (out / "executed" / "01_good.ipynb").write_bytes(harm)
        outcome = rerun.run(small_book, {"epochs": 2}, out, resume=True)
        assert (outcome.kept, outcome.executed) == (["02_bad"], ["01_good"]), "it is not as it was written"

    other = rerun.run(small_book, {"epochs": 3}, out, resume=True)
    assert sorted(other.executed) == ["01_good", "02_bad"], "other inputs must not reuse finished chapters"


def test_some_chapters_leave_the_results_of_the_others_or_are_refused(small_book, tmp_path, monkeypatch):
    monkeypatch.setattr(rerun, "render", lambda *_: None)
    (tmp_path / "switch").touch()
    for name in ("01_good", "02_bad"):
        path = small_book / "notebooks" / f"{name}.ipynb"
        notebook = json.loads(path.read_text())
        notebook["cells"].append(
            notebook["cells"][1]
            | {
                "id": "c",
                "source": (
                    "from IPython.display import display\n"
                    "record = {'key': 'passes', 'value': epochs, 'unit': '-'}\n"
                    "display({'text/plain': ''}, raw=True, metadata={'costlib': record})"
                ),
            }
        )
        path.write_text(json.dumps(notebook))
    ask = ["rerun", "-o", tmp_path / "out", "--book", small_book]
    assert costlib(*ask, "-p", "epochs=2").exit_code == 0
    whole, executed = results(tmp_path / "out"), tmp_path / "out" / "executed" / "02_bad.ipynb"
    assert {key: row["value"] for key, row in whole.items()} == {("01_good", "passes"): "2", ("02_bad", "passes"): "2"}
    before = executed.read_bytes()
    done = costlib(*ask, "-p", "epochs=2", "--chapters", "01")
    assert done.exit_code == 0 and "kept     02_bad: finished in that folder" in done.output
    assert results(tmp_path / "out") == whole and executed.read_bytes() == before
    other = costlib(*ask, "-p", "epochs=3", "--chapters", "01")
    assert (
        other.exit_code == 2
        and "out holds chapters with other inputs or code (02_bad); run the whole book" in other.stderr
    )
    assert results(tmp_path / "out") == whole and executed.read_bytes() == before
    assert costlib(*ask, "-p", "epochs=3").exit_code == 0
    assert {row["value"] for row in results(tmp_path / "out").values()} == {"3"}


def test_an_edit_executes_the_chapters_that_depend_on_it(small_book, tmp_path):
    bodies = {"01_good": "from costlib.facts import catalog; catalog.find('gpus', 'a100-sxm-80gb')",
              "02_bad": "from costlib.compute import stages"}  # fmt: skip
    for name, body in bodies.items():
        path = small_book / "notebooks" / f"{name}.ipynb"
        notebook = json.loads(path.read_text())
        notebook["cells"][1]["source"] = body
        path.write_text(json.dumps(notebook))
    # A process of its own, which imports the copy of the package that is edited here.
    code = (
        "import sys; from pathlib import Path; from costlib.report import rerun; rerun.render = lambda *_: None\n"
        "done = rerun.run(Path(sys.argv[1]), {}, sys.argv[2], resume=True)\n"
        "print('executed', *sorted(done.executed), *done.failed.values())"
    )

    def executed():
        command, own = [sys.executable, "-c", code, small_book, tmp_path / "out"], {"PYTHONPATH": str(small_book)}
        done = subprocess.run(command, cwd=small_book, env=os.environ | own, capture_output=True, text=True, check=True)
        return done.stdout.split()[1:]

    def edit(name):
        file = small_book / "costlib" / name
        text = file.read_text(encoding="utf-8")
        old, new = ("A100 SXM 80 GB", "A100 SXM") if name.endswith(".csv") else (text, text + "\n# edited\n")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    assert executed() == ["01_good", "02_bad"]
    edit("cli/cite.py")
    assert executed() == []
    edit("facts/gpus.csv")
    assert executed() == ["01_good"]
    edit("compute/stages.py")
    assert executed() == ["02_bad"]


def test_several_scenarios_become_books_and_a_failed_one_stops_no_other(small_book, tmp_path, monkeypatch):
    from dask.distributed import Client

    @contextlib.contextmanager
    def in_this_process(workers):
        with Client(processes=False, n_workers=1, threads_per_worker=workers, dashboard_address=None) as client:
            yield client

    monkeypatch.setattr(several.cluster, "connected", in_this_process)
    monkeypatch.setattr(rerun, "render", lambda root, out, *_: (out / "index.html").write_text("a book"))
    second = small_book / "notebooks" / "02_bad.ipynb"
    second.write_text(second.read_text().replace(json.dumps(f"open({str(tmp_path / 'switch')!r}).close()"),
                                                 '"assert epochs < 3, epochs"'))  # fmt: skip
    for name, epochs in (("twice", 2), ("thrice", 3)):
        (tmp_path / f"{name}.yml").write_text(f"epochs: {epochs}\nhuman_usd_per_pair: 100\n")
    files, out = [tmp_path / f"{name}.yml" for name in ("twice", "thrice")], tmp_path / "out"
    done = costlib("rerun", *files, "-o", out, "--book", small_book, "-p", "num_pairs_m2=0")
    assert done.exit_code == 1 and "1 of 2 scenarios failed; the others are done" in done.output
    assert (out / "twice" / "index.html").read_text() == "a book" and not (out / "thrice" / "index.html").exists()
    assert (out / "thrice" / "executed" / "01_good.ipynb").is_file()
    said = [line for line in done.stderr.splitlines() if line.startswith(("done", "failed", "scenario"))]
    assert {line.split(" (")[0] for line in said} >= {"done twice 01_good", "done twice 02_bad", "scenario twice done",
                                                      "failed thrice 02_bad", "scenario thrice failed"}  # fmt: skip
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<a href="twice/index.html">twice</a>' in page and 'href="thrice' not in page
    assert "chapter 02_bad, cell [3]: AssertionError: 3" in page
    values = {"epochs": 2, "human_usd_per_pair": 100, "num_pairs_m2": 0}
    found = {each.method.name: each for each in compared(scenarios.complete(values), 2000, fixed=tuple(values))}
    assert f"${found['human-dpo'].method.usd:,.0f}\n" in page and f"{found['rlaif'].ratio:.1f}x\n" in page
    assert page.count("data:image/png") == 2, "a picture for each scenario that could be compared"


SEVERAL = [
    (["a/ours.yml", "b/ours.yml"], "would both be called ours; rename one"),
    (["a/ours.yml", "b/OURS.yml"], "would both be called OURS; rename one"),
    (["a/ours.yml", "a/wrong.yml"], "wrong.yml: epochs [-] must be a whole number"),
    (["a/ours.yml", "a/missing.yml"], "missing.yml cannot be read"),
    (["a/ours.yml", "a/..yml"], "gives its folder the name '.', which will not do"),
    (["a/ours.yml", "a/...yml"], "gives its folder the name '..', which will not do"),
    (["a/ours.yml", "a/index.html.yml"], "gives its folder the name 'index.html', which will not do"),
]


@pytest.mark.parametrize(("names", "said"), SEVERAL, ids=[said[:30] for _, said in SEVERAL])
@pytest.mark.parametrize("place", ["new", "file", "foreign"])
def test_several_scenarios_are_checked_before_anything_is_written(names, said, place, tmp_path):
    for name in {*names} - {"a/missing.yml"}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("epochs: 0\n" if "wrong" in name else "epochs: 2\n")
    out = tmp_path / "out"
    if place == "file":
        out.write_text("mine")
    elif place == "foreign":
        out.mkdir()
        (out / "index.html").write_text("mine")
    done = costlib("rerun", *(tmp_path / name for name in names), "-o", out, "--book", ROOT)
    assert done.exit_code == 2 and said in done.output and done.stderr.count("\n") == 1
    kept = {"new": [], "file": [out], "foreign": [out / "index.html"]}[place]
    assert out.exists() == bool(kept) and all(path.read_text() == "mine" for path in kept)


@pytest.mark.parametrize("place", ["file", "foreign", "inside"])
def test_several_scenarios_are_written_into_no_folder_of_the_reader(place, tmp_path):
    files = [tmp_path / "a.yml", tmp_path / "b.yml"]
    for path in files:
        path.write_text("epochs: 2\n")
    out = tmp_path / "out"
    mine = {"file": out, "foreign": out / "index.html", "inside": out / "b" / "thesis.md"}[place]
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    done = costlib("rerun", *files, "-o", out, "--book", ROOT)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert mine.read_text() == "mine" and len(list(tmp_path.rglob("*"))) == 2 + len(mine.relative_to(tmp_path).parts)


def test_an_interrupted_run_starts_no_further_chapter_and_keeps_the_finished(tmp_path, monkeypatch):
    started, stopped = [], threading.Event()

    class Pool(rerun.ThreadPoolExecutor):
        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            stopped.set()
            super().shutdown(wait)

    def execute(path, values, out, variables):
        started.append(path.stem)
        if len(started) == 2:  # under way when the first is done: it ends when the run has been stopped
            stopped.wait()
        return []

    def interrupt(event, name):
        if event == "done":
            raise KeyboardInterrupt

    monkeypatch.setattr(rerun, "_execute", execute)
    monkeypatch.setattr(rerun, "ThreadPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        rerun.run(ROOT, {}, tmp_path / "out", jobs=1, notify=interrupt)
    assert len(started) <= 2 < len(rerun.chapters(ROOT)), "only the one under way may end"
    assert list(json.loads((tmp_path / "out" / "run.json").read_text())) == started[:1]


@pytest.fixture
def endless(small_book):
    """The arguments of a run of two chapters, the second of which does not end."""
    second = small_book / "notebooks" / "02_bad.ipynb"
    notebook = json.loads(second.read_text())
    notebook["cells"][1]["source"] = "import time; time.sleep(600)"
    second.write_text(json.dumps(notebook))
    return ["rerun", "--book", small_book, "-o", small_book.parent / "out"]


def _listen():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(arguments):
    """A process of the command, once its first chapter is finished."""
    code = [sys.executable, "-c", "from costlib.cli.main import main; main()", *map(str, arguments)]
    # A shell without a terminal starts what runs behind it deaf to the signal that Ctrl-C sends.
    deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    process = subprocess.Popen(code, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=_listen if deaf else None)  # fmt: skip
    said = process.stderr.readline()
    while not said.startswith("done 01_good"):
        assert said, "the run ended"
        said = process.stderr.readline()
    return process


def test_a_second_run_is_refused_and_after_a_kill_a_run_goes_on(endless, monkeypatch):
    out, second = endless[-1], endless[2] / "notebooks" / "02_bad.ipynb"
    first = started(endless)
    try:
        other = costlib(*endless)
        assert other.exit_code == 2 and "another costlib works in" in other.stderr
    finally:
        first.kill()
        first.communicate()
    second.write_text(second.read_text().replace("time.sleep(600)", "time.sleep(0)"))
    monkeypatch.setattr(rerun, "render", lambda *_: None)
    outcome = rerun.run(endless[2], {}, out, resume=True)
    assert (outcome.kept, outcome.executed) == (["01_good"], ["02_bad"])
    listed = json.loads((out / folders.MARKER).read_text())["files"]
    there = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    assert set(there) - set(listed) == {folders.MARKER, folders.LOCK}


def test_an_interrupted_run_says_how_to_go_on(endless):
    process = started(endless)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert said.splitlines()[-1].startswith("costlib: stopped; finished chapters are kept in")
    assert "repeat the command with --resume" in said and "Traceback" not in said


def test_without_git_a_run_has_no_commit(tmp_path, monkeypatch):
    assert rerun.commit(tmp_path) == "", "a folder without .git"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rerun.commit(ROOT) == ""


def test_a_half_installed_pyodide_is_none(tmp_path):
    folder = tmp_path / ".venv" / "npm" / "node_modules" / "pyodide"
    folder.mkdir(parents=True)
    for name in (*runtime.FILES, "pyodide-lock.json"):
        (folder / name).write_text("{}")
    for text in (None, "{", "[1]", '{"version": "0"}'):
        if text:
            (folder / "package.json").write_text(text)
        assert runtime.installed(tmp_path) is None
    (folder / "package.json").write_text(json.dumps({"version": runtime.VERSION}))
    assert runtime.installed(tmp_path) == folder
    (folder / "pyodide-lock.json").unlink()
    assert runtime.installed(tmp_path) is None


def test_a_state_file_cut_short_is_not_trusted(tmp_path, monkeypatch):
    def fail(*arguments):
        raise RunError("failed on purpose")

    monkeypatch.setattr(rerun, "_execute", fail)
    with folders.opened(tmp_path, "rerun") as folder:
        folder.write("run.json", '{"01_case_st')
    outcome = rerun.run(ROOT, {}, tmp_path, resume=True)
    assert outcome.kept == [] and len(outcome.failed) == len(rerun.chapters(ROOT))


# --- plain papermill ------------------------------------------------------------------------------------------------


@pytest.mark.heavy
def test_plain_papermill_takes_a_parameter(tmp_path):
    target = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "notebooks/04_synthetic_cost.ipynb", target,
               "-p", "price_usd_per_gpu_hour", "1.5"]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    total = next(r["value"] for r in records(target, "key") if r["key"] == "total_usd")
    assert total == pytest.approx(279.74036357 * 1.5 / 2.5, abs=1e-7)


@pytest.mark.heavy
def test_plain_papermill_refuses_a_bad_value(tmp_path):
    command = [sys.executable, "-m", "papermill", "notebooks/04_synthetic_cost.ipynb", tmp_path / "out.ipynb",
               "-p", "price_usd_per_gpu_hour", "-1"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "price_usd_per_gpu_hour [USD/GPU-h] must be a number from" in done.stderr
