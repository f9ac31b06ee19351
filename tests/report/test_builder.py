"""Pages are built again where their sources, or what they quote, have changed, and only there."""

import os
import re

import pytest
from command import costlib
from conftest import ROOT

from costlib.base import folders
from costlib.report import builder, cache, rerun


def tree(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def dates(folder):
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*.*")}


SOURCES = {
    "_toc.yml": "root: book/index\nchapters:\n- file: notebooks/01_a\n- file: book/b\n",
    "_config.yml": "title: x\n", "book/_ext/x.py": "1", "book/index.md": "see {doc}`../notebooks/01_a`",
    "book/b.md": "nothing", "book/status.md": "```{status-table}\n```", "notebooks/01_a.ipynb": "one",
    "notebooks/02_b.ipynb": "quotes 01_a", "notebooks/03_c.ipynb": "alone",
}  # fmt: skip


def test_changed_sources_and_what_quotes_them_are_dated_anew(tmp_path):
    source = tree(tmp_path / "source", SOURCES | {"gone.md": "gone"})
    for path in source.rglob("*.*"):
        os.utime(path, (1, 1))
    fresh = tree(tmp_path / "fresh", SOURCES | {"notebooks/01_a.ipynb": "two", "new.md": "new"})
    changed = builder._replaced(fresh, source)
    assert sorted(changed) == ["new.md", "notebooks/01_a.ipynb"]
    builder._touch(source, {"01_a"})
    found = dates(source)
    newer = {name for name, date in found.items() if date != 10**9}
    assert newer == {"new.md", "notebooks/01_a.ipynb", "book/index.md", "notebooks/02_b.ipynb", "book/status.md"}
    assert "gone.md" not in found and builder.count(source) == 3


@pytest.mark.parametrize("name", ["book/_ext/x.py", "_config.yml", "_toc.yml", None])
def test_what_every_page_rests_on_is_in_the_mark(name, tmp_path, monkeypatch):
    fresh = tree(tmp_path, SOURCES)
    before = builder._mark(fresh, {"COSTLIB_INPUTS": "a"}, False)
    assert builder._mark(fresh, {"COSTLIB_INPUTS": "b"}, False) == before, "inputs are shown by the pages that are live"
    assert builder._mark(fresh, {"COSTLIB_COMMIT": "b"}, False) != before
    assert builder._mark(fresh, {}, True) != before, "a strict build does not trust one that was not"
    if name:
        (fresh / name).write_text("other")
    else:
        monkeypatch.setattr(builder.kernels, "PACKAGE", tree(tmp_path / "package", {"a.csv": "1"}))
    assert builder._mark(fresh, {}, False) != before


def test_the_words_of_the_bar_are_put_in_place_and_unused_pictures_left_out(tmp_path):
    pages = tree(tmp_path / "pages", {
        "a.html": f'<b>{rerun.BAR}</b><img src="_images/used.png">', "_images/used.png": "1", "_images/old.png": "2",
        "x.js": rerun.BAR,
    })  # fmt: skip
    with folders.opened(tmp_path / "out", "rerun") as folder:
        folder.write("run.json", "{}")
        folder.write("executed/01_a.ipynb", "{}")
        folder.write("gone.html", "old")
        rerun._put(pages, folder, "inputs differ by 10 %")
        out = folder.path
        names = {"a.html", "_images/used.png", "x.js", "run.json", "executed/01_a.ipynb"}
        assert folder.files == names and not (out / "gone.html").exists() and (out / "run.json").is_file()
    assert (out / "a.html").read_text(encoding="utf-8").startswith("<b>inputs differ by 10\u00a0%</b>")
    assert (out / "x.js").read_text() == rerun.BAR


def test_a_workshop_in_use_or_not_to_be_had_is_exchanged_for_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "cache"))
    with cache.workshop() as first:
        assert first == tmp_path / "cache" / "pages"
        with cache.workshop() as second:
            assert second != first and second.is_dir()
        assert not second.exists()
        (first / "fresh-left").mkdir()  # as a killed run leaves it
    with cache.workshop() as again:
        assert again == first and not list(again.glob("fresh-*"))
    tree(tmp_path / "mine" / "pages", {"thesis.md": "precious"})
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "mine"))
    with cache.workshop() as place:
        assert tmp_path not in place.parents
    assert [path.name for path in (tmp_path / "mine").rglob("*")] == ["pages", "thesis.md"]


def test_a_builder_whose_parent_has_gone_ends(tmp_path):
    # Its standard input ends with the parent; what it would build takes far longer than the time given here.
    import subprocess
    import sys

    code = builder.COMMAND.replace("from jupyter_book.cli.main import main", "import time").replace(
        "main()", "time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=tmp_path)
    process.stdin.close()
    assert process.wait(timeout=120) == 1


@pytest.mark.slow
@pytest.mark.heavy
def test_some_chapters_render_what_they_touch_as_the_whole_book_would(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "cache"))

    def book(name, price):
        out = tmp_path / name
        arguments = ["-p", f"price_usd_per_gpu_hour={price}", "--book", ROOT, "--chapters", "02,06"]
        done = costlib("rerun", "-o", out, *arguments)
        assert done.exit_code == 0, done.output
        return out, done.stdout

    _, said = book("first", 1.5)
    assert "rendered for the first time here" in said
    some, said = book("some", 2.7)
    written, every = map(int, re.search(r"\((\d+) of (\d+) rendered", said).groups())
    assert 2 <= written < every / 3
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "other"))
    whole, _ = book("whole", 2.7)

    def pages(out):
        # Times of runs, and the mark that Sphinx gives a style sheet only where it was there before.
        hidden = re.compile(r"<p>[\d.]+ s</p>|\?v=[0-9a-f]+")
        return {path.relative_to(out).as_posix(): hidden.sub("", path.read_text(encoding="utf-8"))
                for path in out.rglob("*.html")}  # fmt: skip

    ours, theirs = pages(some), pages(whole)
    assert ours.keys() == theirs.keys()
    assert [name for name, text in ours.items() if text != theirs[name]] == []
    listed = [
        sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) for out in (some, whole)
    ]
    assert listed[0] == listed[1]
