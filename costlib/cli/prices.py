"""costlib prices: what renting a GPU costs."""

from pathlib import Path

import click

from costlib import face
from costlib.base.folders import check_file, write_file
from costlib.base.text import printable
from costlib.cli.shared import out_option, prices_option
from costlib.cli.tables import format_option, in_words, print_found


@click.command()
@click.option("--gpu", help="Prices of one GPU [a quote for each].")
@click.option("--provider", help="Of one provider alone, such as AWS.")
@click.option("--kind", help="On-demand, reserved, spot or marketplace [quotes on demand, prices of every kind].")
@click.option("--judges", is_flag=True, help="Models as judges instead: price, agreement and what retires.")
@prices_option
@click.option("--import", "file", type=click.Path(path_type=Path), help="Read a price file of SkyPilot or LiteLLM.")
@click.option("--date", help="Of the prices to be read.")
@click.option("--source", help="Of the prices to be read [the form of the file].")
@out_option("CSV file for the prices that are read, for --prices.", required=False)
@format_option
def prices(gpu: str | None, provider: str | None, kind: str | None, judges: bool, prices: Path | None,
           file: Path | None, date: str | None, source: str | None, out: Path | None, form: str) -> None:  # fmt: skip
    """Print what renting a GPU costs: medians over providers, or every price of one GPU."""
    if file is not None:
        in_words("--import", True, form)
        _import(file, date, provider, source, out)
        return
    if stray := [name for name, given in (("--date", date), ("--source", source), ("-o", out)) if given]:
        raise click.UsageError(f"{stray[0]} goes with --import")
    if judges:
        if gpu or kind or prices:
            raise click.UsageError("--judges lists models, which have no --gpu, --kind or --prices")
        print_found(face.judges(provider or ""), form)
        return
    print_found(face.prices(gpu, provider=provider, kind=kind, prices=prices), form)


def _import(file: Path, date: str | None, provider: str | None, source: str | None, out: Path | None) -> None:
    from costlib.facts.price_files import imported

    if out is None:
        raise click.UsageError("--import writes what it reads: name a file with -o")
    check_file(out, "prices", [file])
    found = imported(file, date, provider, source)
    write_file(out, "prices", found.text)
    click.echo(f"prices   {found.rows:,} of {found.kind} in {out.resolve()}")
    if found.left_out:
        click.echo(printable(f"left out {found.left_out}"))
