"""YAML as every door reads it: a value means what it looks like, or is refused with its line."""

import ast
import math
import sys

import pytest
from conftest import ROOT

import costlib
from costlib.base import strict_yaml
from costlib.base.errors import FileError
from costlib.base.extras import MissingExtraError
from costlib.base.strict_yaml import MOST_ALIASES, MOST_BYTES, MOST_VALUES, read

BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcde", "bcdef", strict=True)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("-3", -3), ("0", 0), ("1e6", 1e6), ("2.5", 2.5), (".5", 0.5), ("5.", 5.0), ("-.5E-3", -0.0005),
     ("true", True), ("False", False), ("~", None), ("null", None), ("", None), ("yes", "yes"), ("on", "on"),
     ("NO", "NO"),     ("2026-11-01", "2026-11-01"), ("'010'", "010"),
     ('"1:30"', "1:30"), (".inf", math.inf), ("1e", "1e"), ("e5", "e5"),
     ("qwen3-8b:layers=24", "qwen3-8b:layers=24"), ("<<", "<<"), ("=", "="), ("١٢", "١٢"),
     ("1 000", "1 000"),
     ("v1.2.3", "v1.2.3"), ("a # b\tc", "a"), ("1e308", 1e308), ("{b: 1}  #\tc", {"b": 1})],
)  # fmt: skip
def test_a_plain_value_is_what_yaml_1_2_says(text, value):
    found = read(f"name: {text}", "a file")["name"]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [("a: 1\nb: 2\na: 3", 3, "a is given twice"), ("a: {b: 1, b: 1}", 1, "b is given twice"),
     ("a: 1\nb: 010", 2, "010 is no decimal number"), ("- 0o17", 1, "no decimal"), ("- 0x1F", 1, "no decimal"),
     ("- 0b11", 1, "no decimal"), ("- 1:30", 1, "no decimal"), ("- -1:30:00.5", 1, "no decimal"),
     ("- 1_000", 1, "no decimal"),
     ("- -0_1", 1, "no decimal"), ("a: !!python/object:os.system x", 1, "tag"), ("a: !mine 5", 1, "tag"),
     ("!!map {}", 1, "tag"),
     ("a: 1\n---\nb: 2", 2, "second document"), ("a: [1", 2, "expected"), ("a: *b", 1, "undefined alias"),
     ("a: &a [*a]", 1, "recursive"), ("1: 2", 1, "name of a value"), ("? [1]\n: 2", 1, "name of a value"),
     ("null: 2", 1, "name of a value"), ("[" * 50, 1, "deep"), ("a: " + "{b: " * 50, 1, "deep"),
     ("a: " + "9" * 5000, 1, "5,000 digits"),
     (BOMB, 4, f"more than {MOST_ALIASES} aliases"), ("a: 1\nb: 1e400", 2, "beyond the largest number"),
     ("- -1e999", 1, "beyond"), ("a:\t1", 1, "a tab"), ("a: 1\n\tb: 1", 2, "a tab"), ("a: 1\tb # c", 1, "a tab"),
     ("[" + "1," * MOST_VALUES + "1]", 1, "more than 50,000 names and values"),
     ("".join(f"a{n}: 1\n" for n in range(MOST_VALUES)), 25_000, "more than 50,000")],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused_with_its_line(text, line, says):
    with pytest.raises(FileError) as refused:
        read(text, "a file")
    assert str(refused.value).startswith(f"a file, line {line}: ") and says in str(refused.value)
    assert len(str(refused.value)) < 200 and "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["a: \0", "a: \x1b[2J", "x" * (MOST_BYTES + 1), "a: \ud800", 'a: "\\ud800"'])
def test_what_no_text_file_holds_is_refused_in_a_line(text):
    with pytest.raises(FileError) as refused:
        read(text, "a file")
    assert str(refused.value).isprintable() and len(str(refused.value)) < 200


ALIKE = ["a: 1 # c", "\ufeffa: 1", "a: 1\r\nb: 2", "a: 1\rb: 2", "a: 1\x85b: 2", "a: 1\u2028b: 2", "<<: {a: 1}",
         "a: &x {b: 1}\nc: {<<: *x}", "a: .nan", "a: -.inf", f"? {'k' * 2000}\n: 1", f"{'k' * 2000}: 1",
         f"'{'k' * 2000}': 1", f"a: {'x' * 99999}", "a: 'b\n\n c'", "a: |\n b\n c\n", "a: >-\n b\n c\n", "- 1\n - 2",
         "a: b: c", "a: [1,2", '"\\u0061": 1\na: 2', 'a: "\\x41\\u0042"', "a: '\U0001f600'", "%YAML 1.1\n---\na: 010",
         "%TAG ! x:\n---\na: !b 1", "---\na: 1\n...\n", "...\n", "# only", " ", "a: *b", "&a b: 1", "a: &a 1\nb: *a",
         "*a : 1", "a: !", "[]", "a: @b", "a: `b", "a: ,", "- - - 1", "?", "a", "{a, b}", "[a: 1]", "'a': 1\na: 2",
         'a: "x', "a:\n- 1\n-2", "- " * 15 + "1", "{" * 19 + "}" * 19, "a: \xa0 1", "a:\n  b: 1\n c: 2", "a:\t1",
         'a: "\\ud800"', "a: \ud800", "a: \ufffe", "a: \x07", "a: 1\tb"]  # fmt: skip


@pytest.mark.parametrize("text", ALIKE)
def test_the_parser_of_libyaml_and_that_of_python_agree(text, monkeypatch):
    def outcome():
        strict_yaml._loader.cache_clear()
        try:
            return repr(read(text, "a file"))
        except FileError:
            return "refused"

    yaml = pytest.importorskip("yaml")
    if not hasattr(yaml, "CSafeLoader"):
        pytest.skip("there is no libyaml")
    by_libyaml = outcome()
    with monkeypatch.context() as changed:
        changed.delattr(yaml, "CSafeLoader")
        assert outcome() == by_libyaml
    strict_yaml._loader.cache_clear()


def test_there_is_no_other_reader_of_yaml():
    others = {"load", "load_all", "safe_load", "safe_load_all", "full_load", "unsafe_load", "compose", "parse"}
    used = {}
    for path in [*(ROOT / "costlib").rglob("*.py")]:
        calls = (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
        )
        used[path.name] = [
            node.attr
            for node in calls
            if isinstance(node.value, ast.Name) and node.value.id == "yaml" and node.attr in others
        ]
    assert used.pop("strict_yaml.py") and not any(used.values())


def test_without_the_reader_a_file_is_refused_in_words(tmp_path, monkeypatch):
    (tmp_path / "mine.yml").write_text("epochs: 2\n")
    monkeypatch.setitem(sys.modules, "yaml", None)
    for wanted in (costlib.compare, costlib.sweep):
        with pytest.raises(MissingExtraError, match="is read with PyYAML, which is missing: pip install pyyaml"):
            wanted(tmp_path / "mine.yml")
