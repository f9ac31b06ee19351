"""costlib prices: what renting a GPU costs."""

from pathlib import Path

import click

from costlib import face
from costlib.cli.shared import prices_option
from costlib.cli.tables import format_option, print_found


@click.command()
@click.option("--gpu", help="Prices of one GPU [a quote for each].")
@click.option("--provider", help="Of one provider alone, such as AWS.")
@click.option("--kind", help="On-demand, reserved, spot or marketplace [quotes on demand, prices of every kind].")
@click.option("--judges", is_flag=True, help="Models as judges instead: price, agreement and what retires.")
@prices_option
@format_option
def prices(gpu: str | None, provider: str | None, kind: str | None, judges: bool, prices: Path | None,
           form: str) -> None:  # fmt: skip
    """Print what renting a GPU costs: medians over providers, or every price of one GPU."""
    if judges:
        if gpu or kind or prices:
            raise click.UsageError("--judges goes with --provider and --format alone")
        print_found(face.judges(provider or ""), form)
        return
    print_found(face.prices(gpu, provider=provider, kind=kind, prices=prices), form)
