"""The options of a job at the command, drawn from their one description."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from costlib.facts import options
from costlib.facts.options import Option

F = TypeVar("F", bound=Callable[..., Any])


def job_options(command: F) -> F:
    """Add every option of a job to a command, in the order of the description; it receives what is given as texts.

    What a text means, and whether it is allowed, says :func:`costlib.facts.options.check`.
    """
    for option in reversed([*options.options().values()]):
        command = _drawn(option)(command)
    return command


def _drawn(option: Option) -> Callable[[F], F]:
    told = f" [{option.without}]" if option.without else ""
    used = ", ".join(filter(None, (option.used, option.beside)))
    used = f" ({used})" if used else ""
    allowed = f", one of {', '.join(map(str, option.choices))}" if option.choices else ""
    text = f"{option.meaning[0].upper()}{option.meaning[1:]}{allowed}{told}{used}."
    if option.type is bool:
        flags = f"{option.flag}/--no-{option.flag.removeprefix('--')}"
        return click.option(flags, option.name, default=None, help=text)
    return click.option(option.flag, option.name, metavar=_metavar(option), help=text)


def _metavar(option: Option) -> str:
    return {int: "N", float: "NUMBER", str: "NAME"}[option.type]
