"""What commands print: tables as wide as the window, an answer in every form, strict JSON, bold where it may be."""

import csv
import io
import json
import math
import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from command import answer, costlib, told

import costlib as package
from costlib.base.display import wide
from costlib.cli.calibrate import Calibrated
from costlib.cli.main import COMMANDS, main
from costlib.cli.tables import print_found

WIDTHS = (40, 80, 120, 200)
JOB = ("--model", "llama-2-7b", "--gpu", "a100-sxm-80gb", "--examples", 264_192, "--prompt-tokens", 1024,
       "--response-tokens", 1024)  # fmt: skip
ASKED = {
    "estimate": ("estimate", "ppo", *JOB, "--gpus", 8, "--recompute", "full"),
    "estimate, does not fit": ("estimate", "ppo", *JOB, "--gpus", 1),
    "estimate, given speed": ("estimate", "sft", *JOB, "--gpus", 8, "--flat-tflops", 100),
    "compare": ("compare", "--draws", 20), "compare, a coin": ("compare", "--draws", 20, "-p", "judge_agreement=0.5"),
    "recommend": ("recommend", "--model", "8b", "--pairs", "unknown", "--draws", 20),
    "params": ("params",), "models": ("models",), "gpus": ("gpus",), "prices": ("prices",), "claims": ("claims",),
    "claims, some": ("claims", "B066", "B080"), "validate": ("validate",), "validate, rows": ("validate", "--rows"),
}  # fmt: skip
FORMATTED = {"estimate", "compare", "sweep", "validate", "models", "gpus", "prices", "params", "claims", "calibrate",
             "recommend"}  # fmt: skip
SWEEP = {"design": "grid", "vary": {"human_usd_per_pair": [0.5, 9e5], "judge_agreement": [0.5, 0.7]},
         "outputs": {"people": "human-dpo.usd", "a pair": "rlaif.usd_per_effective_pair",
                     "cheaper": "rlaif.usd < human-dpo.usd"}}  # fmt: skip
ENDS = {"value": 0.5123, "low": 0.4, "high": 123_456_789.0, "book": 0.6, "rows": 12}
FOUND = SimpleNamespace(coefficients={"matmul-fraction": ENDS, "elementwise-bytes": ENDS}, kept=("link-fraction",),
                        scores=[package.compare(draws=20)[0].method.lines[0]][:0])  # fmt: skip
ANSWERS = {"sweep": lambda: package.sweep(SWEEP), "calibrate": lambda: Calibrated(FOUND, "our gpu.yml")}


def printed(name, columns=None, form="table"):
    """What a command prints of an answer, which for a sweep and a calibration was computed here."""
    if name in ANSWERS:
        command = click.Command("x", callback=lambda: print_found(ANSWERS[name](), form))
        done = CliRunner(env={"COLUMNS": str(columns)}).invoke(command, catch_exceptions=False)
        return done.output
    result = costlib(*ASKED[name], *(() if form == "table" else ("--format", form)), columns=columns)
    assert result.exit_code == (3 if name == "estimate, does not fit" else 0), result.output
    return result.stdout


def words(text):
    """The words of tables and lines, without rules and without what says that a column had no room."""
    found = re.sub(r"\(no room\s+for[^()]*(\([^()]*\)[^()]*)*\)$", "", text, flags=re.M)
    return {word for word in found.split() if word.strip("─")}


# --- width -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*ASKED, *ANSWERS])
def test_no_line_is_wider_than_the_window_and_no_word_and_no_number_is_broken(name):
    whole = words(printed(name, 10_000))
    for width in WIDTHS:
        text = printed(name, width)
        too_wide = [line for line in text.splitlines() if wide(line) > width]
        assert all(len(line.split()) == 1 for line in too_wide), (width, too_wide[:3])
        assert words(text) <= whole, (width, sorted(words(text) - whole)[:9])


@pytest.mark.parametrize("name", [*ASKED, *ANSWERS])
def test_no_number_of_a_table_is_in_a_style_of_its_own(name):
    assert not re.search(r"\de[-+]\d", printed(name, 10_000)), "2.64192e+09 beside 2.56B"


@pytest.mark.parametrize(("columns", "width"), [(None, 80), ("0", 80), ("wide", 80), ("57", 57), ("300", 300)])
def test_the_width_is_that_of_columns_and_80_without(columns, width):
    found = printed("params", columns)
    assert max(map(wide, found.splitlines()[1:2])) <= width
    assert found == printed("params", width)


def test_keys_stay_longest():
    head = printed("compare", 80).splitlines()[0].split()
    assert {"method", "total", "interval", "saved", "allowed"} <= set(head)
    assert printed("compare", 40).splitlines()[0].split()[:2] == ["method", "total"]


@pytest.mark.parametrize("name", [*ASKED, *ANSWERS])
@pytest.mark.parametrize("width", [80, 120])
def test_columns_without_room_are_told_on_one_line_with_where_they_are(name, width):
    told_so = [line for line in printed(name, width).splitlines() if line.startswith("(no room")]
    assert all(line.endswith("; --format csv or to_dict() has all)") and wide(line) <= width for line in told_so)
    if name == "compare":
        said = "(no room for 11 columns, such as kWh; " if width == 80 else "(no room for "
        assert len(told_so) == 1 and told_so[0].startswith(said)
        assert {"lines.labels.usd", "usd_before_low", "energy_kwh", "ratio"} <= by_csv(name)[0].keys()


# --- order -----------------------------------------------------------------------------------------------------------


def test_the_summary_of_a_validation_comes_first_and_rows_on_request():
    short, long = printed("validate", 80), printed("validate, rows", 80)
    assert short.splitlines()[0].startswith("group") and len(short.splitlines()) < 50
    assert long.startswith(short) and len(long.splitlines()) > 1000


def test_of_many_rows_that_are_not_predicted_a_few_are_told(tmp_path):
    table = tmp_path / "mine.csv"
    rows = "".join(f"r{n},moon-{n},H100,ITL,6.8,ms,bf16\n" for n in range(25))
    table.write_text(f"id,model,gpu,metric,value,unit,weights\n{rows}", encoding="utf-8")
    few, every = (told("validate", table, *more, columns=300, code=2) for more in ((), ("--rows",)))
    assert few.count("not predicted: line") == 10 and "... and 15 more rows like these" in few
    assert every.count("not predicted: line") == 25


# --- forms -----------------------------------------------------------------------------------------------------------


def by_csv(name):
    return list(csv.DictReader(io.StringIO(printed(name, form="csv"))))


def by_markdown(name):
    """The records of a table of Markdown; that of one record stands on its side."""
    cells = [[cell.strip().replace("\\|", "|").replace("\\\\", "\\") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
             for line in printed(name, form="markdown").splitlines()]  # fmt: skip
    head, rule, *rows = cells
    assert set("".join(rule)) == {"-"} and {len(row) for row in cells} == {len(head)}
    return [dict(rows)] if head == ["name", "value"] else [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", [*ASKED, *ANSWERS])
def test_every_form_is_read_back_to_the_same_records(name):
    told_as_json = json.loads(printed(name, form="json"), parse_constant=pytest.fail)
    rows, sideways = by_csv(name), by_markdown(name)
    records = [told_as_json] if name.startswith("estimate") else told_as_json
    if isinstance(records, dict):
        records = (
            records.get("predictions") or records.get("quotes") or records.get("methods") or records["coefficients"]
        )
    assert len(rows) == len(sideways) == len(records) > 0
    for record, row, other in zip(records, rows, sideways, strict=True):
        for key, value in record.items():
            if isinstance(value, (int, float, str)):
                same = "" if value is None else " ".join(str(value).split())
                assert " ".join(row[key].removeprefix("'").split()) == same == other[key], key
        assert {key: " ".join(cell.removeprefix("'").split()) for key, cell in row.items()} == {
            key: cell.removeprefix("'") for key, cell in other.items()}  # fmt: skip


def test_every_command_that_answers_has_the_one_option():
    for name in COMMANDS:
        options = {option for each in main.get_command(None, name).params for option in each.opts}
        assert ({"--format", "--json"} <= options) == (name in FORMATTED), name


def test_json_is_short_for_its_format_and_contradicts_the_others():
    assert printed("gpus", form="json") == told("gpus", "--json") == told("gpus", "--json", "--format", "json")
    assert "--json is short for --format json" in told("gpus", "--json", "--format", "csv", code=2)
    assert "is not one of" in told("gpus", "--format", "xml", code=2)
    assert "--template answers in words alone" in told("params", "--template", "--json", code=2)
    dry = told("sweep", "none.yml", "-o", "none", "--dry-run", "--format", "csv", code=2)
    assert "--dry-run answers in words alone, got --format csv beside it" in dry


def test_a_number_that_does_not_exist_is_null_and_its_reason_stands_beside_it():
    found = {each["method"]: each for each in answer(*ASKED["compare, a coin"])}
    assert found["rlaif"]["usd_per_effective_pair"] is None
    assert found["rlaif"]["usd_per_effective_pair_reason"].startswith("no information")
    assert "usd_per_effective_pair_reason" not in found["human-dpo"]
    # Activations of 4,096 tokens fill an 80 GB GPU, however many there are.
    unfit = answer("estimate", "sft", "--model", "llama-2-70b", "--gpu", "a100-sxm-80gb", "--gpus", 64, "--examples", 1,
                   "--prompt-tokens", 0, "--response-tokens", 4096)  # fmt: skip
    assert unfit["min_gpus"] is None and unfit["min_gpus_reason"].startswith("fits on no number of GPUs: 139 GB")


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_an_answer_without_rows_is_an_error_and_no_empty_line(form, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_text("id,model,gpu,metric,value,unit,weights\n", encoding="utf-8")
    for asked in (("prices", "--judges", "--provider", "zzz"), ("prices", "--gpu", "t4", "--kind", "reserved"),
                  ("validate", empty)):  # fmt: skip
        done = costlib(*asked, "--format", form)
        said = "no row is predicted" if asked[0] == "validate" else f"no row answers this, so that .* as {form}"
        assert done.exit_code == 2 and done.stdout == "" and re.search(said, done.stderr), asked
    # Where no method is allowed, all that are forbidden are rows.
    rows = told("recommend", "--model", "8b", "--budget", 1, "--draws", 20, "--format", form).splitlines()
    assert "method" in rows[0] and len(rows) == 12 + (form == "markdown")


def test_what_is_no_number_of_json_is_an_error_and_is_never_printed():
    class Wrong:
        def data(self):
            return {"usd": math.nan}

    with pytest.raises(ValueError, match="not JSON compliant"):
        print_found(Wrong(), "json")


def test_sweeps_count_what_carries_no_information():
    found = {each["output"]: each for each in json.loads(printed("sweep", form="json"))}
    assert (found["a pair"]["points"], found["a pair"]["finite"], found["a pair"]["infinite"]) == (4, 2, 2)
    coin = package.sweep(SWEEP | {"vary": {"judge_agreement": [0.5]}})
    nothing = next(each for each in coin.to_dict() if each["output"] == "a pair")
    assert nothing["mean"] is None and nothing["mean_reason"] == "no point is finite"


# --- what reaches a terminal -----------------------------------------------------------------------------------------

GPUS = [sys.executable, "-c", "from costlib.cli.main import main; main(['gpus', 't4-16gb'])"]


def on_a_terminal(**variables):
    """What a command writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "COLUMNS")}
    done = subprocess.Popen(GPUS, stdout=theirs, stderr=theirs, env=environment | variables)
    os.close(theirs)
    found = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux tells the end of a terminal
            break
        if not piece:
            break
        found += piece
    os.close(ours)
    assert done.wait() == 0
    return found.decode()


@pytest.mark.parametrize(("variables", "bold"), [
    ({"TERM": "xterm-256color"}, True), ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
    ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({}, False),
])  # fmt: skip
def test_the_head_of_a_table_is_bold_on_a_real_terminal_alone(variables, bold):
    assert ("\x1b[1m" in on_a_terminal(**variables)) == bold


def test_a_pipe_has_no_codes_whatever_the_terminal():
    done = subprocess.run(GPUS, capture_output=True, text=True, check=True, env=os.environ | {"TERM": "xterm"})
    assert "\x1b" not in done.stdout and "t4-16gb" in done.stdout


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
def test_control_characters_of_a_file_do_not_reach_the_terminal(form, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("id,model,gpu,metric,value,unit,weights\n\x1b[2Ja\x9b31m,Llama-3.1 8B,H100,ITL,6.8,ms,bf16\n"
                     "\x1b[2Jb,moon\x07,H100,ITL,6.8,ms,bf16\n", encoding="utf-8")  # fmt: skip
    done = costlib("validate", table, "--rows", "--format", form)
    assert done.exit_code == 2 and "line 2, column id: a control character, got '\\x1b[2Ja" in done.output
    assert not set(done.output) & {"\x1b", "\x9b", "\x07"}
