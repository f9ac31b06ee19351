"""What several commands share: options, the reader's hardware, and how a command ends that cannot go on."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")

hardware_option = click.option(
    "--hardware", type=click.Path(path_type=Path), help="Use this file of costlib calibrate instead of the book's GPUs."
)
pairs_option = click.option(
    "-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="One input; may be repeated."
)


def given(scenario: Path | None, pairs: Iterable[str]) -> dict[str, Any]:
    """Return the inputs of a scenario file, if there is one, with those of options -p over them; unchecked."""
    from costlib.files import read_scenario

    return (read_scenario(scenario) if scenario else {}) | dict(map(_pair, pairs))


def _pair(text: str) -> tuple[str, Any]:
    import yaml

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"-p takes NAME=VALUE, got {text!r}")
    try:
        return name.strip(), yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ValueError(f"-p {name.strip()}: {value[:40]!r} is no value that YAML can read") from error


def or_exit(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what a function returns, or end the command with what it refuses."""
    try:
        return function(*arguments, **options)
    except ValueError as error:
        fail(str(error))


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    click.echo(f"costlib: {message}", err=True)
    sys.exit(code)
