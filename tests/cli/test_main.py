"""The command as a whole: a file for each command, loaded when it runs."""

import click
import pytest
from command import costlib, python, refused, told
from conftest import ROOT

from costlib.cli.main import COMMANDS, main

ROOMS = {"__init__", "main", "shared", "tables", "progress", "job_options"}


def test_every_command_has_a_file_of_its_name():
    assert {path.stem for path in (ROOT / "costlib" / "cli").glob("*.py")} - ROOMS == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_a_command_says_of_itself(name):
    command = main.get_command(click.Context(main), name)
    assert command.name == name
    assert command.help.split("\n")[0] == COMMANDS[name]


def test_help_lists_the_commands_and_loads_none():
    code = (
        "import sys; from costlib.cli.main import main; main(['--help'], standalone_mode=False);"
        "print(sorted(n for n in sys.modules if n.startswith('costlib.') or n in ('rich', 'yaml', 'csv')))"
    )
    printed = python(code)
    assert printed.splitlines()[-1] == str(
        [
            f"costlib.{each}"
            for each in ("base", "base.errors", "base.extras", "base.text", "cli", "cli.main", "cli.shared", "version")
        ]
    )
    for name in COMMANDS:
        assert f"  {name} " in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_by_both_names(name):
    short, long = told(name, "-h"), told(name, "--help")
    assert short == long and short.startswith(f"Usage: main {name} ")


NUMBERS = [(name, option) for name in COMMANDS for option in main.get_command(click.Context(main), name).params
           if option.type.name in ("integer", "float", "integer range", "float range")]  # fmt: skip


@pytest.mark.parametrize(("name", "option"), NUMBERS, ids=lambda each: getattr(each, "name", each))
def test_numbers_of_every_option_are_read_alike(name, option):
    def read(text):
        return option.type.convert(text, option, None)

    good = 1000 if option.type.max is None or option.type.max >= 1000 else option.type.max
    assert read(f"{good / 1000}e3") == read(str(good)) == good and type(read("3.2e1")) is type(read("32"))
    for wrong in ("1_000", "nan", "inf", "x", "", "1e999", "١٢", *(["1.5"] if isinstance(good, int) else [])):
        if wrong != "1.5" or "integer" in option.type.name:
            refused(f"{option.opts[-1]} \\[-\\] must be a (whole )?number", read, wrong)


def test_every_number_has_a_case():
    assert {option.name for _, option in NUMBERS} >= {"draws", "jobs", "workers", "tokens", "seconds", "seed"}


@pytest.mark.parametrize("what", ["parameter", "vary"])
def test_of_many_unknown_names_a_few_are_told_in_a_line(what, tmp_path):
    names = "".join(f"name_{n}: 1\n" for n in range(300))
    file = tmp_path / "mine.yml"
    file.write_text(names if what == "parameter" else f"outputs: [rlaif.usd]\nvary: {{{names.replace(chr(10), ', ')}}}")
    done = costlib(*(["compare", file] if what == "parameter" else ["sweep", file, "-o", tmp_path / "out"]))
    assert done.exit_code == 2 and done.stderr.count("\n") == 1 and len(done.stderr) <= 240, done.stderr
    assert "unknown parameters 'name_0', 'name_1', 'name_2' and 297 more; see costlib params" in done.stderr


@pytest.mark.parametrize("blank", ["", "~", "null"])
def test_a_blank_is_called_one(blank, tmp_path):
    (tmp_path / "mine.yml").write_text(f"epochs: {blank}\n")
    done = costlib("compare", tmp_path / "mine.yml")
    assert done.exit_code == 2
    assert done.stderr == ("costlib: epochs [-] must be a whole number from 1 to 1,000, "
                           "got no value (blank, ~, null or None)\n")  # fmt: skip


def test_a_name_that_is_no_command_is_refused():
    result = costlib("estimat")
    assert result.exit_code == 2 and "No such command 'estimat'" in result.output


@pytest.mark.parametrize("value", ["[", "*a", "!!python/object:x", "1" + 400 * "0"])
def test_a_value_that_cannot_be_read_is_one_line(value):
    found = costlib("compare", "-p", f"epochs={value}")
    assert found.exit_code and "Traceback" not in found.output and found.output.startswith("costlib: ")
    assert "epochs" in found.output and found.output.count("\n") == 1
