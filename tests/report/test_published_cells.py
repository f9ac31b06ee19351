"""What a chapter publishes is compared when it is executed again, stands in its unit, and has words of its own."""

import ast
import math
import re

import pytest
from conftest import ROOT

from costlib.facts import outputs, parameters
from costlib.report import notebooks, page

PATHS = notebooks.paths(ROOT)
SHOWN = {
    "publish",
    "publish_all",
    "publish_found",
    "publish_ends",
    "phrase",
    "inputs",
    "table",
    "data",
    "trust",
    "ledger",
}
# How a number is written: with a sign, its digits, and a measure where that is not the unit itself.
MEASURES = {"": 1, " %": 100, "x": 1, " times": 1, "B": 1e-9, " million": 1e-6, " days": 1, " hours": 24,
            " minutes": 1440, " % of the draws": 100}  # fmt: skip
WRITTEN = re.compile(rf"[-+]?\$?(?P<digits>\d[\d,]*(\.\d+)?)(?P<measure>{'|'.join(filter(None, MEASURES))})?")
KEYS = [(path.stem, record) for path in PATHS for record in notebooks.records(path, "key")]


def tags(cell):
    return cell["metadata"].get("tags", [])


def calls(source):
    """Return what a cell calls of `page`."""
    tree = ast.parse(re.sub(r"^%.*", "", source, flags=re.M))
    return {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "page"}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_cell_that_publishes_is_compared_when_it_is_executed_again(path):
    for number, cell in enumerate(notebooks.code_cells(path)):
        recorded = [
            output for output in cell["outputs"] if {"costlib", "scrapbook"} & output.get("metadata", {}).keys()
        ]
        if recorded or calls(cell["source"]) & SHOWN:
            assert "nbval-check-output" in tags(cell), f"{path.stem}, code cell {number}: {cell['source'][:60]}"
            assert not {"nbval-ignore-output", "nbval-skip"} & set(tags(cell)), f"{path.stem}, code cell {number}"
        # nbval obeys comments as well.
        assert not re.search(r"NBVAL|PYTEST_VALIDATE", cell["source"]), f"{path.stem}, code cell {number}"


def test_what_publishes_is_known():
    # A new function of `page` that shows something has to join the list above.
    tree = ast.parse((ROOT / "costlib" / "report" / "page.py").read_text(encoding="utf-8"))
    public = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
    assert public == SHOWN


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_number_is_written_as_what_it_is_and_in_its_unit(path):
    for record in notebooks.records(path, "key"):
        unit, text = record["unit"], record["text"]
        assert ("$" in text) == unit.startswith("USD"), f"{text} in {unit}"
        assert "%" not in text or unit in ("fraction", "-"), f"{text} in {unit}"
        assert not text.endswith(("x", " times")) or unit in ("ratio", "-"), f"{text} in {unit}"
        if written := WRITTEN.fullmatch(text):
            assert agrees(written, record["value"]), f"{record['key']}: {text} for {record['value']} {unit}"
        else:
            assert re.search("draws|over|under|none|all|⁰|¹|²|³|⁻|⁵", text), text


def agrees(written, value):
    """Say whether digits are a number, rounded to their last one, in the measure that follows them."""
    digits = written["digits"].replace(",", "")
    places = len(digits.partition(".")[2])
    scaled = abs(value) * MEASURES[written["measure"] or ""]
    rounded = len(digits) - len(digits.rstrip("0")) if not places else 0  # 1,200 may stand for 1,187
    if not places and float(digits) == math.ceil(scaled):  # the first whole number at which something holds
        return True
    return any(abs(float(digits) - scale * scaled) <= 0.5001 * 10.0 ** (zeros - places)
               for zeros in range(rounded + 1) for scale in ((1, 100) if not written["measure"] else (1,)))  # fmt: skip


def test_an_output_has_the_unit_of_the_number_that_it_is():
    units = {(chapter, record["key"]): record["unit"] for chapter, record in KEYS}
    named = [output for output in outputs.outputs().values() if output.key]
    assert len(named) > 30
    for output in named:
        assert units[output.chapter, output.key] == output.unit, output.id


# --- words for who does not see a figure ------------------------------------------------------------------------------

DRAWN = [(name, figure, notebooks.files(path)[f"{name}.csv"].decode())
         for path in PATHS for name, figure in notebooks.figures(path).items()]  # fmt: skip


def test_no_figure_has_the_words_of_another():
    for kind in ("alt", "caption"):
        texts = [figure[kind] for _, figure, _ in DRAWN]
        assert len(set(texts)) == len(texts) > 30


@pytest.mark.parametrize(("name", "figure", "table"), DRAWN, ids=[name for name, *_ in DRAWN])
def test_numbers_in_an_alt_text_are_those_of_its_figure(name, figure, table):
    for number in re.findall(r"\d[\d,.]*\d|\d", figure["alt"]):
        where = f"{table} {figure['caption']}"
        assert re.search(rf"(?<![\d.]){re.escape(number.replace(',', ''))}(?!\d)", where), f"{name}: {number}"


# --- inputs, published and changed ------------------------------------------------------------------------------------


@pytest.fixture
def headers(monkeypatch):
    """Show the inputs of a chapter with some values, and its claims; return the headers of both tables."""
    monkeypatch.delenv("COSTLIB_HARDWARE", raising=False)
    monkeypatch.setitem(page.CHANGED, "inputs", False)
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: seen.append(data))

    def shown(**values):
        seen.clear()
        page.inputs({"price_usd_per_gpu_hour": 2.5, "dpo_rounds": 1} | values, "tab-a-inputs")
        page.ledger("04_synthetic_cost")
        return [data["text/plain"].split(" rows of ")[1].split(" | ") for data in seen]

    return shown


def test_published_inputs_have_one_column_and_changed_ones_two(headers):
    published = parameters.defaults()
    own = {name: published[name] for name in ("price_usd_per_gpu_hour", "dpo_rounds")}
    inputs, ledger = headers(**own)
    assert inputs == ["parameter", "meaning", "value", "source"]
    assert ledger == ["claim", "statement", "published", "recomputed here", "verdict"]
    inputs, ledger = headers(**own | {"dpo_rounds": own["dpo_rounds"] + 1})
    assert inputs == ["parameter", "meaning", "published", "this run", "source"]
    assert ledger == ["claim", "statement", "published", "this run", "verdict"]


def test_results_on_own_hardware_are_those_of_a_run(headers, monkeypatch):
    page.inputs(parameters.defaults())
    monkeypatch.setenv("COSTLIB_HARDWARE", "{}")
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: seen.append(data["text/plain"]))
    page.ledger("04_synthetic_cost")
    assert "| this run |" in seen[0]
