"""costlib rerun: the book with the reader's inputs."""

from pathlib import Path
from typing import Any

import click

from costlib.base import fmt
from costlib.base.extras import need
from costlib.base.files import find_root
from costlib.base.text import printable
from costlib.cli.progress import Progress
from costlib.cli.shared import Whole, fail, given, hardware_option, out_option, pairs_option, resumable


@click.command()
@click.argument("scenarios", metavar="[SCENARIO]...", nargs=-1, type=click.Path(path_type=Path))
@out_option("Folder for pages and results.")
@pairs_option
@click.option("--chapters", "chosen", multiple=True, metavar="NAME", help="Execute only these (04, or 04_synthetic).")
@click.option("--jobs", type=Whole(1, 64), default=2, show_default=True, help="Chapters at a time.")
@click.option("--resume", is_flag=True, help="Keep chapters already finished with the same inputs.")
@click.option("--strict", is_flag=True, help="A warning of the page builder is an error.")
@click.option("--book", type=click.Path(path_type=Path), help="Folder of the book, if it is not here or above.")
@hardware_option
def rerun(scenarios: tuple[Path, ...], out: Path, pairs: tuple[str, ...], chosen: tuple[str, ...], jobs: int,
          resume: bool, strict: bool, book: Path | None, hardware: Path | None) -> None:  # fmt: skip
    """Execute the book with your inputs: a SCENARIO file (YAML, name: value), options -p, or both.

    Several files give a book each, in folders of OUT with their names, and a page that compares them.
    """
    need("book", "costlib rerun")
    from costlib.economics.scenarios import complete
    from costlib.facts import hardware as machines
    from costlib.report import rerun as engine

    if len(scenarios) > 1:
        if hardware:
            raise ValueError("--hardware goes with one SCENARIO file: run the others apart")
        _rerun_several(scenarios, out, pairs, chosen, jobs, resume, strict, book)
        return
    values = given(scenarios[0] if scenarios else None, pairs)
    wanted = _named(chosen)
    root = find_root(book)
    own = machines.read(hardware)
    if own:
        values.setdefault("cluster_gpu", own.gpu["name"])
    inputs = [path for path in (*scenarios, hardware) if path]
    with resumable(f"finished chapters are kept in {out / 'executed'}"), Progress("chapters") as progress:
        outcome = engine.run(root, values, out, wanted, jobs, resume, strict, progress, own, inputs)
    for problem in outcome.failed.values():
        click.echo(f"failed: {printable(problem)}", err=True)
    if outcome.failed:
        finished = len(outcome.executed) + len(outcome.kept)
        fail(f"{finished} finished chapters are kept in {out / 'executed'}; mend the cause and add --resume")
    _print_changes(engine.changed(complete(values, own)), values)
    if outcome.beside:
        click.echo(f"kept     {', '.join(outcome.beside)}: finished in that folder with the same inputs")
    click.echo(f"pages    {(out / 'index.html').resolve()}{_rendered(outcome.written, outcome.pages, bool(wanted))}")
    click.echo(f"results  {(out / 'results.csv').resolve()}")


def _rendered(written: int, pages: int, partly: bool) -> str:
    """Say of a run of some chapters how many pages were rendered, and why."""
    if not partly or not pages:
        return ""
    if written < pages:
        return f" ({written} of {pages} rendered, those that the chapters touch: the others have not changed)"
    return f" (all {pages} rendered for the first time here; the next run renders those that its chapters touch)"


def _named(chosen: tuple[str, ...]) -> list[str]:
    wanted = [name for text in chosen for name in text.split(",") if name]
    if chosen and not wanted:
        raise ValueError("--chapters names no chapter; without it, all are executed")
    return wanted


def _rerun_several(files: tuple[Path, ...], out: Path, pairs: tuple[str, ...], chosen: tuple[str, ...], jobs: int,
                   resume: bool, strict: bool, book: Path | None) -> None:  # fmt: skip
    need("sweep", "costlib rerun with several files")
    from costlib.report import several

    wanted = _named(chosen)
    root, values = find_root(book), given(None, pairs)
    with resumable(f"finished chapters are kept in {out}"), Progress("chapters") as progress:
        found = several.run(root, files, values, out, wanted, jobs, resume, strict, progress)
    click.echo(f"pages    {(out / 'index.html').resolve()}")
    failed = [result for result in found if result.problem]
    for result in failed:
        click.echo(f"failed: {printable(result.name)}: {printable(result.problem)}", err=True)
    if failed:
        fail(f"{len(failed)} of {len(found)} scenarios failed; the others are done")


def _print_changes(changed: dict[str, tuple[Any, Any]], values: dict[str, Any]) -> None:
    from costlib.economics import scenarios

    for name, (value, old) in changed.items():
        said = scenarios.price_said(values).partition(": ")[2] if name == scenarios.PRICE else ""
        follows = "" if name in values else f" (follows from the other inputs{': ' * bool(said)}{said})"
        click.echo(f"input    {name} = {fmt.short(value)}, published {fmt.short(old)}{follows}")
