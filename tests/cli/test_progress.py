"""How far a command is: units that readers wait for, never a full bar while work goes on, plain lines on a pipe."""

import os
import pty
import re
import subprocess
import sys

import pytest
from command import costlib
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from costlib.cli import progress
from costlib.cli.progress import Progress
from costlib.report import builder
from costlib.report.cache import Pace, note_times, times
from costlib.report.rerun import RunError

RUN = """
from costlib.cli.progress import Progress
with Progress("chapters") as progress:
    progress("plan", ["05_comparison"])
    progress("pages", (0, 0, 45))
    progress("left", 140.0)
    progress("done", "05_comparison")
    progress("render", "")
    progress("pages", (45, 44, 45))
"""


def said(environment, terminal=False):
    """What a run says of its progress, on a pipe or a terminal of 200 columns."""
    names = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM", "COLUMNS")
    variables = {name: value for name, value in os.environ.items() if name not in names} | environment
    command, options = [sys.executable, "-c", RUN], {"cwd": ROOT, "env": variables | {"COLUMNS": "200"}}
    if not terminal:
        done = subprocess.run(command, capture_output=True, check=True, **options)
        assert done.stdout == b""
        return done.stderr.decode()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stderr=theirs, stdout=theirs, **options)
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:  # the end of a terminal, on Linux
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0
    return text.decode()


@pytest.mark.parametrize("environment", [{}, {"TERM": "xterm-256color"}, {"FORCE_COLOR": "1"}, {"TTY_COMPATIBLE": "1"}])
def test_a_pipe_gets_plain_lines(environment):
    assert said(environment).splitlines() == [
        "0 of 1 chapters",
        "done 05_comparison (1 of 1 chapters, 0 of 45 pages written, about 140 s left)",
    ]


def test_a_dumb_terminal_gets_plain_lines():
    assert "\x1b" not in said({"TERM": "dumb"}, terminal=True)


def test_a_terminal_gets_a_bar_without_colours_where_none_are_wanted():
    coloured, plain = (said({"TERM": "xterm-256color"} | more, True) for more in ({}, {"NO_COLOR": "1"}))
    colour = re.compile(r"\x1b\[[0-9;]*3\d")
    assert "44 of 45 pages written" in coloured and "44 of 45 pages written" in plain
    assert colour.search(coloured) and not colour.search(plain)


@settings(deadline=None)
@given(chapters=st.integers(1, 20), pages=st.integers(1, 50), partly=st.booleans(), data=st.data())
def test_the_bar_is_never_full_before_the_end(chapters, pages, partly, data):
    changed = data.draw(st.integers(1, pages)) if partly else pages
    writing = data.draw(st.integers(1, pages)) if partly else pages
    with Progress("chapters") as shown:
        shown("plan", chapters)
        shown("pages", (0, 0, pages))
        for number in range(chapters):
            shown("done", str(number))
        log, shares = builder._Log(pages, shown), []
        log.add(f"\x1b[1mupdating environment: \x1b[0m[new config] {changed} added, 0 changed, 0 removed\r")
        for kind, count in (("reading sources", changed), ("writing output", writing)):
            for number in range(1, count + 1):
                log.add(f"\x1b[1m{kind}... \x1b[0m[{100 * number // count:3}%] book/page\r")
                bar = shown.bar.tasks[0]
                shares.append(bar.completed / bar.total)
    assert max(shares) < 1, "what is said to begin has not ended"
    assert log.written == writing


def test_pages_of_pages_by_hand():
    heard = []
    log = builder._Log(45, lambda event, value: heard.append((event, value)))
    for line in ("0 added, 2 changed, 0 removed", "reading sources... [ 50%] a", "reading sources... [100%] b",
                 "writing output... [ 33%] a", "writing output... [ 67%] b", "writing output... [100%] c"):  # fmt: skip
        log.add(line)
    # Two to read; then three to write: one in three, two in three, and the last.
    assert heard == [("pages", each) for each in
                     [(0, 0, 45), (0, 0, 2), (1, 0, 2), (3, 0, 3), (3, 1, 3), (3, 2, 3)]]  # fmt: skip
    assert log.text().splitlines()[-1] == "writing output... [100%] c"


def test_what_is_left_is_what_it_took_the_last_time(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path))
    heard = []

    def pace(todo, jobs, partly):
        return Pace(todo, jobs, partly, 40, lambda event, value: heard.append(value) if event == "left" else None)

    pace(["a", "b"], 1, False)
    assert heard == [None], "nothing was timed here"
    note_times({"a": 10.0, "b": 30.0, "pages": 60.0})
    running = pace(["a", "b"], 2, True)
    # The longest chapter takes 30 s, both together half of 40 on two kernels; then the pages.
    assert heard[-1] == 30 + 60
    running("done", "b")
    assert heard[-1] == 10 + 60
    running("done", "a")
    running("render", "")
    running("pages", (40, 20, 40))  # writing takes two thirds
    assert heard[-1] == pytest.approx(60 * (1 - 1 / 3 - 2 / 3 / 2))
    running.rendered(whole=False)
    assert times().keys() == {"a", "b", "pages", "pages that changed"}


@pytest.mark.parametrize("text", ["", "5", "[]", '{"a": "b"}', '{"a": -1, "pages": Infinity}', "[" * 100_000])
def test_times_that_nobody_can_trust_are_none(text, tmp_path, monkeypatch):
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path))
    (tmp_path / "times.json").write_text(text)
    assert times() == {}
    note_times({"a": 1.0})
    assert times() == {"a": 1.0}


def test_times_need_no_home_that_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COSTLIB_CACHE", str(tmp_path / "file" / "cache"))
    note_times({"a": 1.0})
    assert times() == {}


def test_rows_and_scenarios_are_counted(capsys, monkeypatch):
    monkeypatch.setattr(progress, "is_live", lambda _: False)
    with Progress("rows") as shown:
        shown("plan", 2)
        shown("kept", "a")
        shown("scenario", "ours done")
        shown("done", "b")
    assert capsys.readouterr().err.splitlines() == [
        "0 of 2 rows", "kept a (1 of 2 rows)", "scenario ours done (1 of 2 rows)", "done b (2 of 2 rows)",
    ]  # fmt: skip


def test_validate_speaks_before_it_predicts(tmp_path, monkeypatch):
    from costlib import face

    def fail(*_, **__):
        raise RunError("not reached")

    monkeypatch.setattr(face, "validate", fail)
    assert costlib("validate").stderr.splitlines()[0] == "predicting the measurements of the book ..."
    assert costlib("validate", "--json").stderr == "costlib: not reached\n"
