"""What several commands share: options, the reader's hardware, and how a command ends that cannot go on."""

import sys
from pathlib import Path

import click

hardware_option = click.option(
    "--hardware", type=click.Path(path_type=Path), help="Use this file of costlib calibrate instead of the book's GPUs."
)
pairs_option = click.option(
    "-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="One input; may be repeated."
)


def given(scenario, pairs):
    """Return the inputs of a scenario file, if there is one, with those of options -p over them; unchecked."""
    from costlib.files import read_scenario

    return (read_scenario(scenario) if scenario else {}) | dict(map(_pair, pairs))


def _pair(text):
    import yaml

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"-p takes NAME=VALUE, got {text!r}")
    return name.strip(), yaml.safe_load(value)


def own_hardware(path):
    """Return the hardware of a file, else that with which this process was started, or None."""
    from costlib.facts import hardware
    from costlib.files import FileError, read_scenario

    try:
        return hardware.checked(read_scenario(path)) if path else hardware.OF_PROCESS
    except FileError as error:
        fail(str(error))
    except ValueError as error:
        fail(f"{path}: {error}")


def or_exit(function, *arguments):
    """Return what a function returns, or end the command with what it refuses."""
    try:
        return function(*arguments)
    except ValueError as error:
        fail(str(error))


def fail(message):
    """End the command with a message."""
    click.echo(f"costlib: {message}", err=True)
    sys.exit(1)
