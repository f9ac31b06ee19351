"""The command `costlib`, which loads the file of a command only when that command runs."""

import contextlib
import importlib
import sys
from typing import Any

import click

from costlib.cli.shared import boundary
from costlib.version import __version__

# What `costlib --help` prints, so that it loads no command; each is the first line of that command's own help.
COMMANDS = {
    "estimate": "FLOPs, hours, dollars and memory of one STAGE: sft, rm, dpo, ppo, grpo or generate.",
    "compare": "Every method of alignment side by side, with 90 % intervals, for a SCENARIO file, options -p, or both.",
    "recommend": "One method for your answers: budget, runner-up, what would flip it, what is forbidden and why.",
    "rerun": "Execute the book with your inputs: a SCENARIO file (YAML, name: value), options -p, or both.",
    "sweep": "Evaluate the many scenarios of a SWEEP file (YAML): up to billions, on this machine or a cluster.",
    "models": "List the models that are known by name; only those with TEXT in their name or label.",
    "gpus": "List the GPUs that are known by name; only those with TEXT in their name or label.",
    "prices": "Print what renting a GPU costs: medians over providers, or every price of one GPU.",
    "params": "Print every parameter with its unit, published value and limits.",
    "claims": "Print the claims ledger, or the claims named by IDS with the reason for each verdict.",
    "cite": "Print how to cite the book, or the claim, figure, table or number with this ID (B066, total_usd).",
    "mcp": "Answer a program over stdin and stdout: estimate, compare, recommend, cite (Model Context Protocol).",
    "validate": "Predict the measurements in FILE, a CSV table of one of seven kinds; or the book's own.",
    "measure": "Measure the stages on this machine's GPU or CPU: time, FLOPs and memory of models with random weights.",
    "calibrate": "Turn the rows that `costlib measure` wrote to FILE into coefficients of this machine.",
}


class LazyGroup(click.Group):
    """A group whose commands lie in files of their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which help lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, loaded now, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"costlib.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command of a line and what is left for it, which names no option twice."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _refuse_twice(command, list(rest), ctx)
        return name, command, rest

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command of a line, whose mistakes end it in words and with the exit code of their kind."""
        run: Any = super().main
        if not extra.pop("standalone_mode", True):
            return run(*args, standalone_mode=False, **extra)
        with boundary():
            code = run(*args, standalone_mode=False, **extra)
        sys.exit(code if isinstance(code, int) else 0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _refuse_twice(command: click.Command, args: list[str], parent: click.Context) -> None:
    with contextlib.suppress(click.UsageError):  # which the command itself says better
        _, _, order = command.make_parser(click.Context(command, parent)).parse_args(args)
        for option in order:
            if isinstance(option, click.Option) and not option.multiple and order.count(option) > 1:
                raise ValueError(f"{option.opts[-1]} is given twice; give it once")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="costlib")
def main() -> None:
    """What it costs to align a language model: one stage, methods, many scenarios, the book."""
