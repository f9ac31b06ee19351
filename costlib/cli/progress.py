"""A bar that shows how far a command is."""

from typing import Any

import click


class Progress:
    """A progress bar over chapters, rows or scenarios; on a pipe, one line for each."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
        console = Console(stderr=True)
        self.bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self.bar.start()
        return self

    def __call__(self, event: str, name: Any) -> None:
        """Take a notice of what runs: "plan" with names or a number, "render", or the end of one piece."""
        if event == "plan":
            self.task = self.bar.add_task(self.what, total=name if isinstance(name, int) else len(name))
        elif event == "render":
            self.bar.update(self.task, description="rendering pages")
        else:
            self.bar.advance(self.task)
        if self.bar.disable and event != "plan":
            click.echo(f"{event} {name}".strip(), err=True)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
