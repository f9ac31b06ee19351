"""The list of mutants that the unit tests leave alive: each still points at code that is there, and says why."""

import ast
import csv
from pathlib import Path

import mutants
import pytest

with Path(__file__).with_name("survivors.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def lines_of(row):
    """The lines of the function of a row, or of the whole module where it is outside of functions."""
    source = (mutants.ROOT / row["module"]).read_text(encoding="utf-8")
    places = {name: (first, last) for first, last, name in mutants.functions(ast.parse(source))}
    assert not row["function"] or row["function"] in places, f"{row['function']} is not in {row['module']}"
    first, last = places.get(row["function"], (1, None))
    return source.splitlines()[first - 1 : last]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['module']}-{row['function']}")
def test_a_survivor_points_at_code_that_is_there(row):
    assert row["module"] in mutants.modules()
    assert row["code"] in " ".join(line.strip() for line in lines_of(row))
    assert row["code"] != row["mutation"] and row["equivalent"] in ("yes", "no") and len(row["reason"]) > 20


def test_a_survivor_is_listed_once():
    assert len({(row["module"], row["function"], row["code"], row["mutation"]) for row in ROWS}) == len(ROWS)


def test_what_is_mutated_is_the_science():
    assert {Path(name).parts[1] for name in mutants.modules()} == {
        "base", "facts", "compute", "economics", "validation"}  # fmt: skip
    assert len(mutants.modules()) == len(set(mutants.modules())) > 50


def test_changes_of_a_module_compile_to_something_else(tmp_path, monkeypatch):
    source = (
        "LIMIT = 3\n\n\ndef f(x, y=True):\n    check(x)\n"
        "    if x > LIMIT:\n        raise ValueError\n    return x * 2\n"
    )
    (tmp_path / "m.py").write_text(source)
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    module = mutants.Module("m.py")
    found = {(m["function"], m["line"], m["mutation"]) for m in filter(None, map(module.written, module.changes))}
    assert found >= {
        ("", 1, "LIMIT = 4"), ("f", 4, "def f(x, y=False):"), ("f", 5, "pass"), ("f", 6, "if x >= LIMIT:"),
        ("f", 6, "if (x > LIMIT) and False:"), ("f", 6, "if (x > LIMIT) or True:"), ("f", 8, "return x / 2"),
        ("f", 8, "return x * 3")}  # fmt: skip
