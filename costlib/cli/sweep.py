"""costlib sweep: many scenarios on many workers."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from costlib.base.extras import need
from costlib.base.files import read_scenario
from costlib.cli.shared import Whole, out_option, resumable
from costlib.cli.tables import format_option, in_words, print_found


@click.command()
@click.argument("file", metavar="SWEEP", type=click.Path(path_type=Path))
@out_option("Folder for rows and summary.")
@click.option("--workers", type=Whole(1, 1024), default=2, show_default=True, help="Processes to start here.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs, such as tcp://host:8786.")
@click.option("--summary", "alone", is_flag=True, help="Keep the summary alone, in constant memory, and no rows.")
@click.option("--resume", is_flag=True, help="Compute only what an earlier run of this sweep left.")
@click.option("--dry-run", is_flag=True, help="Check the file and say points, chunks, expected time and size.")
@format_option
def sweep(file: Path, out: Path, workers: int, scheduler: str | None, alone: bool, resume: bool, dry_run: bool,
          form: str) -> None:  # fmt: skip
    """Evaluate the many scenarios of a SWEEP file (YAML): up to billions, on this machine or a cluster."""
    in_words("--dry-run", dry_run, form)
    need("sweep", "costlib sweep")
    from costlib.face.swept import Swept
    from costlib.sweeping import cluster, plan, run, screen, store

    cluster.checked_address(scheduler)
    content = read_scenario(file)
    try:
        checked = plan.read(content)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error
    store.checked(out, checked, not alone, resume, [file])
    expected = run.forecast(checked, rows=not alone)
    with redirect_stdout(sys.stdout if form == "table" else sys.stderr):
        screen.announce(checked, expected, workers, scheduler)
    if dry_run:
        return
    run.refuse_if_no_room(out, checked, expected)
    with resumable(f"finished chunks are kept in {out}"), screen.SweepProgress(checked.points) as progress:
        found = run.run(checked, out, workers, scheduler, not alone, resume, progress, [file])
    print_found(Swept(checked, found), form)
    click.echo(f"{'summary' if alone else 'rows and summary'}  {out.resolve()}", err=form != "table")
