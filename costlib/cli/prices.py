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
@prices_option
@format_option
def prices(gpu: str | None, provider: str | None, kind: str | None, prices: Path | None, form: str) -> None:
    """Print what renting a GPU costs: medians over providers, or every price of one GPU."""
    print_found(face.prices(gpu, provider=provider, kind=kind, prices=prices), form)
