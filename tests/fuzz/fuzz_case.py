"""One input of the fuzz: what is given to costlib, what is known of it beforehand, and what is wrong with the answer.

A case is run in this process, in a folder of its own, with COSTLIB_DEBUG=1 so that a fault shows where it is. What is
wrong with an answer says :func:`judged`: it knows nothing of costlib but its exit codes and the kinds of its errors.
"""

import csv
import io
import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
import traceback
import unicodedata
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest import mock
from urllib.parse import parse_qsl

from click.testing import CliRunner

from costlib.base.errors import RunError
from costlib.base.extras import MissingExtraError
from costlib.calculator import Calculator
from costlib.cli.main import main

MOST_LINES = 12
MOST_CHARACTERS = 240 + len("costlib: ")
SECONDS = 5  # of the processor, for one input
MUCH = 400  # characters of a text in a message
BYSTANDER = ("thesis.md", b"A file of the reader's.\n")
NOT_FINITE = re.compile(r"(?<![\w.-])[-+]?(nan|inf|infinity)(?![\w.-])", re.IGNORECASE)
FORMULA = re.compile(r"\s*[=@]|\s*[-+](?=[^\s\d.])|\s*[-+][\d.]+[-+*/(]")  # begins a formula of a spreadsheet
FOREIGN = re.compile(
    "is ambiguous|could not convert|invalid literal|cannot convert|not be broadcast|embedded null|math domain|"
    "not found$|not in list|Exceeds the limit|array element|unhashable|object has no|unsupported operand"
)
MARKUP = ("<img src=x", "<b>x", "<script")
CONTROLS = ("Cc", "Cf", "Cs", "Zl", "Zp")
ALLOWED = (ValueError, MissingExtraError, RunError)


class Fault(NamedTuple):
    """A mistake that was put into an input: which kind, and texts of which the message must have one; none for any."""

    kind: str
    named: tuple = ()


class Case(NamedTuple):
    """An input: arguments of the command, a call of `costlib`, or the query of a link; with the files beside it.

    `faults` are the mistakes that are known to be in it, so that it must be refused. `good` says that it must not be.
    `same` is a case that asks the same in other words. `refused_rows` are the lines of a table that must have no
    prediction, each with the reason. `written` is the beginning of the names of files that it may write.
    """

    kind: str
    command: tuple = ()
    files: tuple = ()
    call: tuple = ()
    query: str | None = None
    faults: tuple = ()
    good: bool = False
    same: "Case | None" = None
    refused_rows: tuple = ()
    written: str = "\0"


class Outcome(NamedTuple):
    """What a case led to: an exit code, what was printed, an exception that no user should meet, a Python answer."""

    code: int
    out: str = ""
    err: str = ""
    error: BaseException | None = None
    answer: object = None


class Finding(NamedTuple):
    """What is wrong with an answer: of which sort, a key by which findings of one cause are known, and words."""

    sort: str
    key: str
    words: str


class Hang(BaseException):
    """A case took more than SECONDS of the processor."""


# --- running ----------------------------------------------------------------------------------------------------------


@contextmanager
def clocked(seconds):
    """Raise a Hang in what takes longer, counted in seconds of the processor: a busy machine fails nothing."""
    if not seconds:
        yield
        return

    def ring(*_):
        raise Hang(f"more than {seconds} seconds of the processor")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def nothing_runs(*_, **__):
    """What takes the place of the execution of chapters: an input that comes so far was accepted."""
    raise RunError("accepted")


def run(case, seconds=0):
    """Return the Outcome of a case, and the names of files that it changed."""
    with TemporaryDirectory(prefix="fuzz-") as folder, chdir(folder):
        for name, content in (*case.files, BYSTANDER):
            Path(name).write_bytes(content)
        before = _content()
        try:
            with clocked(seconds), mock.patch.dict(os.environ, {"COSTLIB_DEBUG": "1"}):
                outcome = _commanded(case) if case.command else _called(case)
        except Hang as error:
            outcome = Outcome(1, error=error)
        after = _content()
    kept = {name: content for name, content in after.items() if not name.startswith(case.written)}
    changed = sorted(name for name in before.keys() | kept.keys() if before.get(name) != kept.get(name))
    return outcome, changed


def _content():
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def _commanded(case):
    with mock.patch("costlib.report.rerun._execute", nothing_runs):
        result = CliRunner().invoke(main, list(case.command))
    fault = result.exception if not isinstance(result.exception, SystemExit) else None
    if isinstance(fault, Hang):
        raise fault
    return Outcome(result.exit_code, result.stdout, result.stderr, fault)


def _called(case):
    function = linked if case.query is not None else resolved(case.call[0])
    arguments, named = ((case.query,), {}) if case.query is not None else case.call[1:]
    try:
        found = function(*arguments, **named)
        shown = "" if case.query is not None else f"{found._repr_html_()}"
        shown += "" if case.query is not None or MARKUP[0] in str(found).lower() else f"\n{found}"
        return Outcome(0, shown, answer=plain(found))
    except ALLOWED as error:
        return Outcome(2, err=str(error), error=None if _own(error) else error)
    except Exception as error:
        return Outcome(1, error=error)


def _own(error):
    """Whether an error has words of costlib, and not those of Python or NumPy for a programmer."""
    return not FOREIGN.search(str(error)) and (type(error) in ALLOWED or type(error).__module__.startswith("costlib."))


def resolved(name):
    """Return a public function of costlib by its name, such as estimate."""
    import costlib

    return getattr(costlib, name)


def linked(query):
    """Return what the calculator answers to a link: the first value of each name, as the page has it."""
    given = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True, errors="replace"):
        given.setdefault(name, value)
    for name in ("chapter", "preset"):
        given.pop(name, None)
    found = Calculator().answer(given)
    if found["errors"]:
        raise ValueError("\n".join(found["errors"].values()))
    return found


def plain(found):
    """Return an answer of Python as dicts, lists and numbers."""
    return found.data() if hasattr(found, "data") else found


# --- judging ----------------------------------------------------------------------------------------------------------


def judged(case, seconds=0, count=None):
    """Return the Findings on a case, none where all is well; `count` is told whether it was accepted."""
    outcome, changed = run(case, seconds)
    if count is not None:
        count["accepted" if outcome.code in (0, 3) else "refused"] += 1
    if isinstance(outcome.error, Hang):
        return [Finding("hang", f"{case.kind}: {_kinds(case)}", str(outcome.error))]
    if outcome.error is not None:
        where = _place(outcome.error)
        said = f"{type(outcome.error).__name__}: {str(outcome.error)[:MUCH]} at {where}"
        return [Finding("traceback", f"{type(outcome.error).__name__} at {where}", said)]
    found = [*_code(case, outcome), *_message(case, outcome), *_numbers(case, outcome), *_verdict(outcome)]
    if (html := _html(case, outcome)) and (there := [mark for mark in MARKUP if mark in html.lower()]):
        found.append(Finding("accepted", f"{case.kind}: markup", f"{there[0]} stands in a page as it is"))
    if changed:
        found.append(Finding("files", f"{case.kind} writes", f"changed beside the output: {', '.join(changed)}"))
    if not found and outcome.code in (0, 3):
        found += _compared(case, outcome, seconds)
    return found


def _html(case, outcome):
    """What an answer puts into a page."""
    if case.query is not None:
        return (outcome.answer or {}).get("html", "")
    return outcome.out if case.call else ""


def _kinds(case):
    return ", ".join(fault.kind for fault in case.faults) or " ".join(case.command[:1]) or "no fault"


def _place(error):
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "/costlib/" in each.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{'/'.join(Path(last.filename).parts[-2:])} {last.name}"


def _code(case, outcome):
    """Exit codes by the kind of mistake; no run can fail here, but for chapters that are not executed."""
    accepted = outcome.code in (0, 3) or (outcome.code == 1 and "accepted" in outcome.err)
    if case.faults and accepted:
        yield Finding("accepted", f"{case.kind}: {_kinds(case)}", f"accepted in spite of: {_kinds(case)}")
    elif case.good and not accepted:
        yield Finding("refused", f"{case.kind}: a good input", f"a good input was refused: {outcome.err[:MUCH]}")
    elif outcome.code not in (0, 2, 3) and not accepted:
        yield Finding("code", f"{case.kind}: code {outcome.code}", f"exit code {outcome.code}: {outcome.err[:MUCH]}")


def _message(case, outcome):
    """What is said of a mistake: few lines, none long, no control characters, and the place of the mistake."""
    lines = outcome.err.splitlines()
    if outcome.code == 2 and len(lines) == 0:
        yield Finding("message", f"{case.kind}: no message", "no message")
    if len(lines) > MOST_LINES or any(len(line) > MOST_CHARACTERS for line in lines):
        longest = max(map(len, lines))
        yield Finding("message", f"{case.kind}: long: {_kinds(case)}", f"{len(lines)} lines of up to {longest}")
    for name, text in (("message", outcome.err), ("output", outcome.out)):
        if wild := sorted({each for each in text if each not in "\n\t" and unicodedata.category(each) in CONTROLS}):
            yield Finding("message", f"{case.kind}: control characters in the {name}", f"{name} has {wild[:5]!r}")
    if (strange := FOREIGN.search(outcome.err)) and case.command:
        yield Finding("message", f"{case.kind}: {strange[0]}", f"words of Python's own: {outcome.err[:MUCH]}")
    if "Traceback" in outcome.err:
        yield Finding("traceback", f"{case.kind}: printed", outcome.err[-MUCH:])
    if outcome.code == 2 and case.faults and all(fault.named for fault in case.faults) and len(lines) < MOST_LINES:
        # What is named may be another mistake of the same input, which was noticed first.
        known = [
            *(each for fault in case.faults for each in fault.named),
            *(each for each in case.command if each[:2] == "--"),
            *(case.call[2] if case.call else ()),
        ]
        if not any(each.lower().lstrip("-") in outcome.err.lower().replace("_", "-") for each in _both_ways(known)):
            yield Finding("message", f"{case.kind}: names nothing: {_kinds(case)}",
                          f"must name {case.faults[0].named}, says: {outcome.err[:MUCH]}")  # fmt: skip


def _both_ways(names):
    return [each for name in names for each in (name, name.replace("_", "-"))]


def _numbers(case, outcome):
    """No number is infinite or none; JSON is JSON, and CSV is a table that starts no formula."""
    if outcome.code not in (0, 3) or {"-h", "--help"} & set(case.command):
        return
    form = case.command[-1] if case.command else ""
    if form in ("json", "--json"):
        try:
            strict(outcome.out)
        except ValueError as error:
            yield Finding("not finite", f"{case.kind}: JSON: {str(error)[:30]}", f"--json prints {error}")
        return
    if form == "csv" and (wrong := _no_table(outcome.out)):
        yield Finding("not finite", f"{case.kind}: CSV: {wrong[:20]}", f"--format csv prints {wrong}")
    if (where := _not_finite(outcome.answer)) is not None:
        yield Finding("not finite", f"{case.kind}: {where[0]}", f"{where[0]} is {where[1]}")
    given = " ".join(map(str, case.command)) + " ".join(content.decode("latin-1") for _, content in case.files)
    given += repr(case.call)
    words = {found[0] for found in NOT_FINITE.finditer(outcome.out)}
    if case.kind != "words" and (strange := [word for word in words if word.lower() not in given.lower()]):
        line = next(line for line in outcome.out.splitlines() if strange[0] in line)
        yield Finding("not finite", f"{case.kind}: text", f"prints {' '.join(line.split())[:MUCH]}")


def _no_table(text):
    """What makes a text of CSV no table, or a cell of it a formula; nothing where all is well."""
    header, *rows = csv.reader(io.StringIO(text))
    if len(set(header)) < len(header) or any(len(row) != len(header) for row in rows):
        return f"rows of {sorted({len(row) for row in rows})} cells under {len(header)} names"
    return next((f"the cell {cell[:40]!r}" for row in rows for cell in row if FORMULA.match(cell)), "")


def strict(text):
    """Return what a text of JSON holds; a ValueError for NaN, Infinity and numbers that become it."""

    def refuse(name):
        raise ValueError(f"{name} is not JSON")

    found = json.loads(text, parse_constant=refuse)
    if (where := _not_finite(found)) is not None:
        raise ValueError(f"{where[0]} is {where[1]}")
    return found


def _not_finite(found, name="the answer"):
    """The name and the value of the first number in an answer that is not finite."""
    if isinstance(found, dict):
        parts = ((str(key), each) for key, each in found.items())
    elif isinstance(found, list | tuple):
        parts = ((name, each) for each in found)
    else:
        wrong = isinstance(found, float) and not math.isfinite(found)
        return (name, found) if wrong else None
    return next((where for key, each in parts if (where := _not_finite(each, key)) is not None), None)


def _verdict(outcome):
    """Where an answer says whether the job fits, the exit code says the same."""
    found = outcome.answer
    if found is None and outcome.code in (0, 3) and outcome.out.startswith("{"):
        try:
            found = json.loads(outcome.out)
        except ValueError:
            return
    if isinstance(found, dict) and isinstance(found.get("fits"), bool) and outcome.answer is None:
        wanted = 0 if found["fits"] else 3
        if outcome.code != wanted:
            yield Finding("code", f"fits and code {outcome.code}", f"fits is {found['fits']}, the code {outcome.code}")


def _compared(case, outcome, seconds):
    """The same question in other words has the same answer, and a row that cannot be right has no prediction."""
    if case.same:
        other, _ = run(case.same, seconds)
        if other.error is not None or other.code not in (0, 3):
            said = f"{other.err}{other.error or ''}"[:MUCH]
            yield Finding(
                "differs", f"{case.kind}: refused elsewhere", f"accepted, but not by: {reproduced(case.same)}\n{said}"
            )
        elif where := _difference(_answer(outcome), _answer(other)):
            yield Finding("differs", f"{case.kind}: {where}", f"{where} differs from that of: {reproduced(case.same)}")
    if case.refused_rows and case.command[-1] == "--json":
        found = json.loads(outcome.out)
        lines = {each["line"] for each in found["predictions"]} - {each["line"] for each in found["not_read"]}
        if kinds := sorted(kind for line, kind in case.refused_rows if line in lines):
            yield Finding("accepted", f"{case.kind}: {kinds[0]}", f"a row is predicted in spite of: {', '.join(kinds)}")
    if case.query is not None:
        again = linked(outcome.answer["query"])
        if again["numbers"] != outcome.answer["numbers"]:
            yield Finding("differs", "link: its own link", f"?{outcome.answer['query']} has another answer")


def _answer(outcome):
    found = strict(outcome.out) if outcome.answer is None else outcome.answer
    if isinstance(found, dict) and "numbers" in found:
        found = found["numbers"]["methods"]
    found = json.loads(json.dumps(found, default=_jsoned))
    if isinstance(found, list) and found and "output" in found[0]:
        return {each["output"]: each["mean"] for each in found}
    if isinstance(found, list) and found and "method" in found[0]:
        return {f"{each['method']}.{name}": each[name] for each in found for name in ("usd", "days")}
    return found


def _jsoned(value):
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _difference(ours, other):
    """Where two answers differ, to the last digit but rounding; nothing where they do not."""
    if isinstance(ours, dict) and isinstance(other, dict):
        names = other.keys() if ours.keys() <= other.keys() else ours.keys()  # a sweep is asked for some alone
        names = ours.keys() if ours.keys() <= other.keys() and "." in next(iter(ours), "") else names
        return next((name for name in names if _difference(ours.get(name), other.get(name))), "")
    if isinstance(ours, list) and isinstance(other, list) and len(ours) == len(other):
        return next((found for one, two in zip(ours, other, strict=True) if (found := _difference(one, two))), "")
    if isinstance(ours, float) and isinstance(other, float | int) and math.isclose(ours, other, rel_tol=1e-12):
        return ""
    return "" if ours == other else f"{str(ours)[:40]} and {str(other)[:40]}"


# --- saying it again --------------------------------------------------------------------------------------------------

REPEATED = re.compile(r"(.{1,12}?)\1{30,}", re.DOTALL)


def reproduced(case):
    """Return the shell command that gives a case to costlib again."""
    lines = ["cd $(mktemp -d)"]
    for name, content in case.files:
        code = f"open({name!r}, 'wb').write({_written(content)})"
        lines.append(f"python3 -c {shlex.quote(code)}")
    if case.command:
        lines.append("COSTLIB_DEBUG=1 costlib " + " ".join(map(_quoted, case.command)))
    elif case.query is not None:
        inputs = dict(parse_qsl(case.query, keep_blank_values=True))
        lines.append(
            f"python -c {shlex.quote(f'from costlib.calculator import Calculator; Calculator().answer({inputs!r})')}"
        )
    else:
        name, arguments, named = case.call
        said = ", ".join([*map(_short, arguments), *(f"{key}={_short(value)}" for key, value in named.items())])
        code = f"import costlib; print(costlib.{name}({said}))"
        lines.append(f"python -c {shlex.quote(code)}")
    return " && ".join(lines)


def _short(value):
    text = repr(value)
    return text if len(text) < 200 else _written(text)


def _quoted(text):
    if len(text) > 200:
        return f'"$(python3 -c {shlex.quote(f"print({_written(text)})")})"'
    return shlex.quote(text) if text.isprintable() else "$" + repr(text)


def _written(content):
    """A literal of Python, in short where a part of it is repeated many times."""
    text = content.decode("latin-1") if isinstance(content, bytes) else content
    parts, at = [], 0
    for found in REPEATED.finditer(text):
        parts += [text[at : found.start()], (found[1], len(found[0]) // len(found[1]))]
        at = found.end()
    parts.append(text[at:])
    mark = "b" if isinstance(content, bytes) else ""

    def literal(each):
        return repr(each.encode("latin-1") if mark else each)

    said = [literal(part) if isinstance(part, str) else f"{literal(part[0])} * {part[1]}" for part in parts if part]
    return " + ".join(said) or f'{mark}""'


def apart(case):
    """Return the exit code and the messages of a command in a process of its own, as a reader runs it."""
    with TemporaryDirectory(prefix="fuzz-") as folder:
        for name, content in case.files:
            (Path(folder) / name).write_bytes(content)
        line = [sys.executable, "-c", "from costlib.cli.main import main; main()", *case.command]
        environment = {name: value for name, value in os.environ.items() if name != "COSTLIB_DEBUG"}
        done = subprocess.run(line, capture_output=True, cwd=folder, env=environment, timeout=120, check=False)
    return done.returncode, done.stderr.decode(errors="replace")
