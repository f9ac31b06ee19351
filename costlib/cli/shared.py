"""What several commands share: options, the reader's hardware, and how a command ends that cannot go on."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from costlib.base.errors import RunError
from costlib.base.extras import MissingExtraError
from costlib.base.text import printable, shown

LONGEST = 240  # characters of a line of a message
MOST = 12  # lines of a message
DEBUG = "COSTLIB_DEBUG"  # set to anything, a fault of costlib shows where it is

hardware_option = click.option(
    "--hardware", type=click.Path(path_type=Path), help="Use this file of costlib calibrate instead of the book's GPUs."
)
prices_option = click.option(
    "--prices", type=click.Path(path_type=Path), help="Use this file of costlib prices --import, not the book's prices."
)
pairs_option = click.option(
    "-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="One input; repeat it for another."
)


def out_option(words: str, required: bool = True) -> Callable[[Any], Any]:
    """Return the option -o, whose path is not empty."""
    return click.option("-o", "--out", required=required, callback=_named_path, type=click.Path(), help=words)


def _named_path(_: click.Context, __: click.Parameter, value: str | None) -> Path | None:
    if value == "":
        raise click.BadParameter("it is empty; name a file or folder")
    return None if value is None else Path(value)


class _Limited(click.ParamType[Any]):
    """A number of the command, as it is read everywhere: 1e3 is one, 1_000 and nan are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number that a text is, or raise a ValueError that says what is allowed."""
        from costlib.facts.inputs import Input

        kind, name = int if isinstance(self, click.IntRange) else float, param.opts[-1] if param else "the number"
        low, high = getattr(self, "min", None), getattr(self, "max", None)
        return Input(name, kind, "-", "", None, low, high, None).parse(value)


class Whole(_Limited, click.IntRange):
    """A whole number within limits."""


class Number(_Limited, click.FloatRange):
    """A number within limits."""


@contextmanager
def resumable(kept: str) -> Iterator[None]:
    """Say of a command that is stopped what it keeps, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        fail(f"stopped; {kept}: repeat the command with --resume to go on")


def given(scenario: Path | None, pairs: Iterable[str]) -> dict[str, Any]:
    """Return the inputs of a scenario file, if there is one, with those of options -p over them; unchecked."""
    from costlib.base.files import read_scenario

    named: dict[str, Any] = {}
    for name, value in map(_pair, pairs):
        if name in named:
            raise ValueError(f"-p {name[:60]} is given twice")
        named[name] = value
    return (read_scenario(scenario) if scenario else {}) | named


def _pair(text: str) -> tuple[str, Any]:
    from costlib.base import strict_yaml

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"-p takes NAME=VALUE, got {shown(text)}")
    return name.strip(), strict_yaml.read(value, f"-p {name.strip()[:60]}")


@contextmanager
def boundary() -> Iterator[None]:
    """End the process in words where what is inside raises: 2 for wrong input, 1 for what failed in a run.

    An error that has no words of its own is a fault of costlib; with COSTLIB_DEBUG=1 it shows where.
    """
    try:
        yield
    except click.UsageError as error:
        fail(error.format_message(), 2)
    except click.ClickException as error:
        fail(error.format_message(), 1)
    except (MissingExtraError, ValueError) as error:
        if os.environ.get(DEBUG) and type(error) not in (MissingExtraError, ValueError) and not _ours(error):
            raise
        fail(str(error), 2)
    except RunError as error:
        fail(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        fail("stopped", 1)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        fail(f"{named}{error.strerror or error}", 1)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        fail(
            f"a fault of costlib: {type(error).__name__}: {shown(str(error))}; {DEBUG}=1 shows where. Please tell us", 1
        )


def _ours(error: Exception) -> bool:
    return type(error).__module__.startswith("costlib.")


def fail(message: str, code: int = 1) -> NoReturn:
    """End the process with a message of a few lines, none of them long."""
    lines = printable(message).splitlines() or [""]
    lines = lines if len(lines) <= MOST else [*lines[: MOST - 1], f"and {len(lines) - MOST + 1} more"]
    short = [line if len(line) <= LONGEST else f"{line[: LONGEST - 43]}...{line[-40:]}" for line in lines]
    click.echo("costlib: " + "\n".join(short), err=True)
    sys.exit(code)
