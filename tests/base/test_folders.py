"""Outputs: what is not ours stays as it is, byte for byte, and what is ours is known by its marker alone."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from command import costlib, refused
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from costlib.base import folders
from costlib.base.errors import FileError, RunError
from costlib.base.files import write_whole

SWEEP = {"vary": {"epochs": [1, 2]}, "outputs": ["rlaif.usd"]}
MEASURED = "id,model,gpu,metric,value,unit,weights\na,Llama-3.1 8B,H100,ITL,6.8,ms,bf16\n"


def picture(folder):
    """Everything that lies in a folder: kind, content and target of each entry by its name."""
    return {
        path.relative_to(folder).as_posix(): (
            path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else "a folder"
        )
        for path in sorted(folder.rglob("*"))
    }


def writers(tmp):
    """Each command that writes a folder, without -o and its value."""
    tmp.mkdir(exist_ok=True)
    (tmp / "sweep.yml").write_text(yaml.safe_dump(SWEEP))
    (tmp / "a.yml").write_text("epochs: 2\n")
    (tmp / "b.yml").write_text("epochs: 3\n")
    return {
        "rerun": ["rerun", tmp / "a.yml", "--book", ROOT],
        "several": ["rerun", tmp / "a.yml", tmp / "b.yml", "--book", ROOT],
        "sweep": ["sweep", tmp / "sweep.yml"],
    }


# --- whatever lies in a foreign folder stays ---

NAMES = st.sampled_from(
    [folders.MARKER, folders.LOCK, ".gitignore", "run.json", "sweep.json", "summary.json", "results.csv", "index.html",
     "build.log", "book/thesis.md", "notebooks/mine.ipynb", "executed/01_case_studies.ipynb", "_static/x.css", "pages",
     "data/chunk-0000000.parquet", "data/.chunk-0000000.parquet.0123abcd.part", "a/index.html", "ü/ß.txt", "pdf/a.pdf"]
)  # fmt: skip
MARKERS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from([folders.FORMAT + "0", "costlib output folder", None, 1, [folders.FORMAT]]),
        "command": st.sampled_from(["rerun", "sweep", 5]),
        "files": st.sampled_from([["index.html"], [], 5]),
    },
)
CONTENTS = st.one_of(st.binary(max_size=20), MARKERS.map(lambda found: json.dumps(found).encode()))
FILES = st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=6)


@pytest.mark.parametrize("command", ["rerun", "several", "sweep"])
@settings(max_examples=40, deadline=None)
@given(files=FILES)
@example(files={"run.json": b'{"lr": 0.1}', ".gitignore": b"", "index.html": b"", "results.csv": b"",
                "book/thesis.md": b"precious", "notebooks/mine.ipynb": b"{}"})  # fmt: skip
@example(files={folders.LOCK: b"mine"})
@example(files={folders.MARKER: b""})
@example(files={"sweep.json": b"{}", "data/chunk-0000000.parquet": b"PAR1"})
def test_a_foreign_folder_is_refused_and_keeps_every_byte(command, files):
    with tempfile.TemporaryDirectory() as tmp:
        arguments, out = writers(Path(tmp, "inputs"))[command], Path(tmp, "out")
        for name, content in files.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
        if files == {folders.LOCK: b""}:
            return  # an empty lock alone is what a killed run of ours leaves
        before = picture(out)
        done = costlib(*arguments, "-o", out)
        assert done.exit_code == 2, done.output
        assert done.stdout == "" and done.stderr.count("\n") == 1 and len(done.stderr) < 300
        assert picture(out) == before


def test_a_folder_of_costlib_0_6_is_named_as_one(tmp_path):
    (tmp_path / "out" / "executed").mkdir(parents=True)
    (tmp_path / "out" / "run.json").write_text("{}")
    done = costlib("rerun", "-o", tmp_path / "out", "--book", ROOT)
    assert done.exit_code == 2 and "may be of costlib 0.6 or earlier, which left no marker" in done.stderr


# --- markers ---

HOSTILE = [
    {"files": 5}, {"files": None}, {"files": {"a": 1}}, {"files": [5]}, {"files": [["a"]]}, {"files": [""]},
    {"files": ["../thesis.md"]}, {"files": ["a/../../thesis.md"]}, {"files": ["/etc/passwd"]}, {"files": ["."]},
    {"files": ["a\0b"]}, {"files": ["./a"]}, {"files": ["a//b"]}, {"files": [folders.MARKER]},
    {"files": [folders.LOCK]},
    {"command": 7}, {"command": None}, {"command": ["rerun"]}, {"format": 1}, {"format": folders.FORMAT + "1"},
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: json.dumps(change)[:40])
def test_a_marker_that_we_would_not_write_makes_a_folder_foreign(change, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "thesis.md").write_text("precious")
    marker = {"format": folders.FORMAT, "command": "rerun", "files": ["old.html"]} | change
    (out / folders.MARKER).write_text(json.dumps(marker))
    (out / "old.html").write_text("old")
    before = picture(tmp_path)
    refused("cannot be read as a marker", folders.opened, out, "rerun")
    assert picture(tmp_path) == before


@pytest.mark.parametrize("text", [b"[" * 200_000, b"\xff\xfe", b"{", b"5", b'"x"', b"1" * 5000])
def test_a_marker_that_is_no_record_makes_a_folder_foreign(text, tmp_path):
    (tmp_path / folders.MARKER).write_bytes(text)
    refused("cannot be read as a marker", folders.opened, tmp_path, "rerun")
    assert picture(tmp_path) == {folders.MARKER: text}


def test_a_marker_behind_a_link_or_in_place_of_a_folder_is_none(tmp_path):
    (tmp_path / "ours.json").write_text(json.dumps({"format": folders.FORMAT, "command": "rerun", "files": []}))
    for name in ("link", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / folders.MARKER).symlink_to(tmp_path / "ours.json")
    (tmp_path / "folder" / folders.MARKER).mkdir()
    for name in ("link", "folder"):
        refused("cannot be read as a marker", folders.opened, tmp_path / name, "rerun")


def test_the_folder_of_another_command_is_foreign(tmp_path):
    with folders.opened(tmp_path / "out", "sweep") as folder:
        folder.write("a.csv", "1")
    refused("is the output of costlib sweep; name another", folders.opened, tmp_path / "out", "rerun")
    (tmp_path / "out" / folders.MARKER).write_text(
        json.dumps({"format": folders.FORMAT, "command": "\x1b[2J" + "x" * 999, "files": []})
    )
    done = costlib(*writers(tmp_path / "inputs")["sweep"], "-o", tmp_path / "out")
    assert done.exit_code == 2 and "\x1b" not in done.stderr and len(done.stderr) < 300


# --- what is listed, and what is not ---


def test_only_what_is_listed_is_replaced_or_removed(tmp_path):
    out = tmp_path / "out"
    with folders.opened(out, "rerun") as folder:
        folder.replace(["a.html", "book/b.html", "book/c.html"], lambda name: b"1")
    (out / "book" / "notes.md").write_text("mine")
    (out / "mine.txt").write_text("mine")
    with folders.opened(out, "rerun") as folder:
        folder.replace(["a.html", "new/d.html"], lambda name: b"2", folder.files)
    assert {name: content for name, content in picture(out).items() if not name.startswith(".costlib")} == {
        "a.html": b"2", "new": "a folder", "new/d.html": b"2", "book": "a folder", "book/notes.md": b"mine",
        "mine.txt": b"mine",
    }  # fmt: skip
    with folders.opened(out, "rerun") as folder:
        for names in (["mine.txt"], ["e.html", "mine.txt"], ["book"], ["mine.txt/f.html"]):
            with pytest.raises(RunError, match="is not of costlib and in the way; move it"):
                folder.replace(names, lambda name: b"3")
        assert folder.files == {"a.html", "new/d.html"}
    refused("mine.txt is not of costlib and in the way", folders.opened, out, "rerun", names=["mine.txt"])
    assert (out / "mine.txt").read_text() == "mine" and not (out / "e.html").exists()


def test_a_link_in_the_folder_leads_no_write_and_no_removal_out_of_it(tmp_path):
    out, mine = tmp_path / "out", tmp_path / "mine"
    with folders.opened(out, "rerun") as folder:
        folder.replace(["a.html", "book/b.html", "c.html"], lambda name: b"1")
    mine.mkdir()
    for name in ("a.html", "b.html", "c.html"):
        (mine / name).write_text("precious")
    for name in ("a.html", "book/b.html", "c.html"):
        (out / name).unlink()
    (out / "book").rmdir()
    (out / "a.html").symlink_to(mine / "a.html")
    (out / "book").symlink_to(mine)
    os.link(mine / "c.html", out / "c.html")
    with folders.opened(out, "rerun") as folder:
        for name in ("a.html", "book/b.html"):
            with pytest.raises(RunError, match="in the way"):
                folder.write(name, "2")
        folder.write("c.html", "2")
        folder.remove("a.html", "book/b.html", "c.html")
        assert folder.files == set()
    assert [path.read_text() for path in sorted(mine.iterdir())] == ["precious"] * 3
    assert (out / "a.html").is_symlink() and (out / "book").is_symlink()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    with folders.opened(tmp_path / "out", "rerun"):
        pass
    (tmp_path / "out" / folders.LOCK).unlink()
    (tmp_path / "mine.txt").write_text("precious")
    (tmp_path / "out" / folders.LOCK).symlink_to(tmp_path / "mine.txt")
    refused("is a link; remove it", folders.opened, tmp_path / "out", "rerun")
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_halves_of_listed_files_go_and_those_of_the_reader_stay(tmp_path):
    with folders.opened(tmp_path, "rerun") as folder:
        folder.note("book/" + "n" * 70 + ".html")
        (tmp_path / "book").mkdir()
    for name in ("." + "n" * 60 + ".0123abcd.part", ".mine.html.0123abcd.part", ".mine.part"):
        (tmp_path / "book" / name).write_text("half")
    with folders.opened(tmp_path, "rerun"):
        assert sorted(path.name for path in (tmp_path / "book").iterdir()) == [".mine.html.0123abcd.part", ".mine.part"]


# --- names ---

LONG = "x" * 300
BAD = ["", "a\0b", "~", "~/out", LONG, f"{LONG}/out", "file", "file/out", "circle", "/", "/proc/version"]


@pytest.mark.parametrize("name", BAD, ids=lambda name: repr(name[:20]))
def test_a_name_that_will_not_do_is_refused_in_words(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = writers(tmp_path / "inputs")
    Path("file").write_text("mine")
    Path("circle").symlink_to("circle")
    before = picture(tmp_path)
    for command in ("rerun", "several", "sweep"):
        done = costlib(*arguments[command], "-o", name)
        assert done.exit_code == 2, (command, done.output)
        assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr and "a fault of" not in done.stderr
    if name != "file":
        (tmp_path / "mine.csv").write_text(MEASURED)
        done = costlib("validate", tmp_path / "mine.csv", "-o", name, "--json")
        assert done.exit_code == 2 and done.stderr.count("\n") == 1, done.output
        (tmp_path / "mine.csv").unlink()
    assert picture(tmp_path) == before


@pytest.mark.parametrize("inside", ["book/out", "notebooks/out", "costlib/new", "tests/out", ".git/out", "."])
@pytest.mark.parametrize("command", ["rerun", "several", "sweep", "validate"])
def test_nothing_is_written_into_the_folders_of_a_book(inside, command, tmp_path):
    book, arguments = tmp_path / "book", writers(tmp_path / "inputs")
    for name in ("book", "notebooks", "costlib", "tests", ".git"):
        (book / name).mkdir(parents=True)
    (book / "_toc.yml").write_text("root: book/index\n")
    (tmp_path / "mine.csv").write_text(MEASURED)
    words = [book if word == ROOT else word for word in arguments.get(command, ["validate", tmp_path / "mine.csv"])]
    before = picture(book)
    done = costlib(*words, "-o", book / inside)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1, done.output
    assert "of the book" in done.stderr if inside != "." else "holds the book" in done.stderr or "not" in done.stderr
    assert picture(book) == before


# --- inputs, and single files ---


def test_an_input_is_never_written_over(tmp_path):
    with folders.opened(tmp_path / "out", "rerun") as folder:
        folder.write("results.csv", "epochs: 2\n")
    scenario = tmp_path / "out" / "results.csv"
    done = costlib("rerun", scenario, "-o", tmp_path / "out", "--book", ROOT)
    assert done.exit_code == 2 and "is an input and would be written over" in done.stderr
    table = tmp_path / "m.csv"
    table.write_text(MEASURED)
    (tmp_path / "soft.csv").symlink_to(table)
    os.link(table, tmp_path / "hard.csv")
    for name in ("m.csv", "soft.csv", "hard.csv", "./m.csv"):
        done = costlib("validate", table, "-o", tmp_path / name)
        assert done.exit_code == 2 and "is an input and would be written over" in done.stderr, name
        done = costlib("calibrate", table, "-o", tmp_path / name)
        assert done.exit_code == 2, name
    assert table.read_text() == MEASURED


@settings(max_examples=60, deadline=None)
@given(content=st.binary(min_size=1, max_size=300))
@example(content=b"line,id,group\n1,2,3\n")
@example(content=MEASURED.encode())
def test_a_foreign_file_is_refused_and_keeps_every_byte(content):
    with tempfile.TemporaryDirectory() as tmp:
        table, out = Path(tmp, "m.csv"), Path(tmp, "out.csv")
        table.write_text(MEASURED)
        out.write_bytes(content)
        done = costlib("validate", table, "-o", out)
        assert done.exit_code == 2 and "out.csv exists and is not as costlib validate left it" in done.stderr
        assert done.stdout == "" and out.read_bytes() == content
        refused("is not as costlib pdf left it; name another file, or remove it", folders.check_file, out, "pdf")


def test_a_file_is_replaced_as_long_as_it_is_as_it_was_written(tmp_path, monkeypatch):
    (tmp_path / "m.csv").write_text(MEASURED)
    command, out = "validate", tmp_path / "out.txt"
    for _ in range(2):
        assert costlib(command, tmp_path / "m.csv", "-o", out).exit_code == 0
    ours = out.read_bytes()
    for mine in (ours + b"mine\n", ours.replace(b",", b", ", 1).replace(b":", b": ", 1), ours[:-2], b"mine" + ours):
        out.write_bytes(mine)
        done = costlib(command, tmp_path / "m.csv", "-o", out)
        assert done.exit_code == 2 and f"is not as costlib {command} left it; name another" in done.stderr
        assert done.stdout == "" and done.stderr.count("\n") == 1 and out.read_bytes() == mine
    out.write_bytes(ours)
    assert costlib(command, tmp_path / "m.csv", "-o", out).exit_code == 0
    (tmp_path / "copy.txt").write_bytes(ours)  # which the reader keeps
    assert costlib(command, tmp_path / "m.csv", "-o", tmp_path / "copy.txt").exit_code == 2
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "m.csv" / "cache"))  # without a place for digests none is ours
    assert costlib(command, tmp_path / "m.csv", "-o", out).exit_code == 2
    assert costlib(command, tmp_path / "m.csv", "-o", tmp_path / "new.txt").exit_code == 0


def test_a_pipe_takes_predictions_and_where_the_answer_goes_is_no_file_for_them(tmp_path):
    (tmp_path / "m.csv").write_text(MEASURED)
    words = [sys.executable, "-c", "from costlib.cli.main import main; main()", "validate", tmp_path / "m.csv", "-o"]
    done = subprocess.run([*words, "/dev/stdout"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("line,id,group,half,quantity") and done.stdout.count("\n") > 3
    assert subprocess.run([*words, "/dev/null"], capture_output=True, check=True).stdout
    for name in ("/dev/stdout", tmp_path / "answer.txt"):
        with (tmp_path / "answer.txt").open("w") as file:
            done = subprocess.run([*words, name], stdout=file, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2 and "is where the answer is printed; name another file" in done.stderr
        assert (tmp_path / "answer.txt").read_text() == ""


@pytest.mark.parametrize("command", ["rerun", "several", "sweep", "validate", "calibrate"])
def test_nothing_is_written_into_the_cache(command, tmp_path, monkeypatch):
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "m.csv").write_text(MEASURED)
    words = writers(tmp_path / "inputs").get(command, [command, tmp_path / "m.csv"])
    for inside in ("x", "pages", "../cache/pages/x"):
        done = costlib(*words, "-o", tmp_path / "cache" / inside)
        assert done.exit_code == 2 and "lies in the cache of costlib" in done.stderr, done.output
    refused("lies in the cache", folders.check_file, tmp_path / "cache" / "rows.csv", "measure", grows=True)
    assert not (tmp_path / "cache").exists()


def test_a_table_of_measurements_is_gone_on_with_or_left(tmp_path):
    record = pytest.importorskip("costlib.measuring.record")
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,b\n1,2\n3,4")  # no line break at its end
    for resume in (False, True):
        refused("exists already; add --resume|other columns", record.StepRecord, path, resume)
    assert path.read_bytes() == b"a,b\n1,2\n3,4"
    path.unlink()
    first = record.StepRecord(path)
    refused("another costlib measures into", record.StepRecord, path, True)
    first.append({"id": "a", "gpu": "x", "status": "measured"})
    first.close()
    whole = path.read_bytes()
    refused("exists already; add --resume", record.StepRecord, path)
    path.write_bytes(whole + b"b,cut")
    assert record.StepRecord(path, True).has({"id": "a", "gpu": "x"}) and path.read_bytes() == whole
    path.write_bytes(whole[:9])  # a kill in the middle of the header
    record.StepRecord(path, True).close()
    assert path.read_bytes().count(b"\n") == 1 and whole.startswith(path.read_bytes())


# --- rights, rooms and locks ---


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said_before_the_work(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    refused("cannot be used as output: Permission denied", folders.opened, tmp_path / "shut" / "out", "rerun")
    refused("no permission", folders.check_file, tmp_path / "shut" / "out.csv", "validate", "x")


@pytest.mark.parametrize("number", [28, 30], ids=["full", "read-only"])
def test_a_disk_that_refuses_is_said_in_a_line(number, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(folders, "write_whole", refuse)
    done = costlib(*writers(tmp_path / "inputs")["rerun"], "-o", tmp_path / "out")
    assert done.exit_code == 2 and f"cannot be used as output: {os.strerror(number)}" in done.stderr


def test_too_little_room_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "free_bytes", lambda _: 10**6)
    arguments = writers(tmp_path / "inputs")
    for command, said in (("rerun", "needs about 120 MB, and 1 MB are free"), ("several", "needs about 240 MB")):
        done = costlib(*arguments[command], "-o", tmp_path / "out")
        assert done.exit_code == 1 and said in done.stderr and not (tmp_path / "out").exists()


def test_a_second_run_into_a_folder_is_refused_and_a_killed_one_leaves_it_free(tmp_path):
    code = (
        "import sys, time; from costlib.base import folders\n"
        "with folders.opened(sys.argv[1], 'rerun') as folder:\n"
        "    folder.write('half.txt', '1'); print('here', flush=True); time.sleep(600)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "out"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert first.stdout.readline() == "here\n"
        refused("another costlib works in", folders.opened, tmp_path / "out", "rerun")
        assert (tmp_path / "out" / "half.txt").read_text() == "1"
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    with folders.opened(tmp_path / "out", "rerun") as folder:
        assert folder.files == {"half.txt"}, "what a killed run wrote is ours"


def test_a_run_killed_before_its_marker_leaves_a_folder_that_may_be_used(tmp_path):
    (tmp_path / folders.LOCK).touch()
    with folders.opened(tmp_path, "rerun") as folder:
        assert folder.files == set()


def test_a_folder_with_folders_of_ours_alone_may_be_used(tmp_path):
    with folders.opened(tmp_path / "out" / "one", "sweep"):
        pass
    with folders.opened(tmp_path / "out", "rerun"):
        pass
    refused("output of costlib sweep", folders.opened, tmp_path / "out" / "one", "rerun")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "kept").write_text("whole")

    def fail(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "kept", fail)
    assert picture(tmp_path) == {"kept": b"whole"}


def test_file_errors_are_wrong_input():
    assert issubclass(FileError, ValueError) and not issubclass(RunError, ValueError)
