"""The command as a whole: a file for each command, loaded when it runs."""

import click
import pytest
from command import costlib, python
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
        [f"costlib.{each}" for each in ("cli", "cli.main", "cli.shared", "errors", "extras", "text", "version")]
    )
    for name in COMMANDS:
        assert f"  {name} " in printed


def test_a_name_that_is_no_command_is_refused():
    result = costlib("estimat")
    assert result.exit_code == 2 and "No such command 'estimat'" in result.output


@pytest.mark.parametrize("value", ["[", "*a", "!!python/object:x", "1" + 400 * "0"])
def test_a_value_that_cannot_be_read_is_one_line(value):
    found = costlib("compare", "-p", f"epochs={value}")
    assert found.exit_code and "Traceback" not in found.output and found.output.startswith("costlib: ")
    assert "epochs" in found.output and found.output.count("\n") == 1
