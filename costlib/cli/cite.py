"""costlib cite: how to cite the book, a piece of it, or a reader's own number."""

from pathlib import Path

import click

from costlib.cli.shared import Whole, given, pairs_option
from costlib.economics.uncertainty import DRAWS

FORMS = ("text", "bibtex", "ris", "csl")


@click.command()
@click.argument("item", metavar="[ID]", required=False)
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@pairs_option
@click.option("--draws", type=Whole(1, 10_000_000), default=DRAWS, show_default=True, help="For the interval of a "
              "number at your inputs; 20 or more.")  # fmt: skip
@click.option("--format", "form", type=click.Choice([*FORMS, "json", "all"]), default="all", show_default=True)
def cite(item: str | None, scenario: Path | None, pairs: tuple[str, ...], draws: int, form: str) -> None:
    """Print how to cite the book, or the claim, figure, table or number with this ID (B066, total_usd).

    With a SCENARIO file, options -p, or both, the number is computed at these inputs, with its interval.
    """
    from costlib.cli.tables import as_json
    from costlib.report import citable

    inputs = given(scenario, pairs) if scenario or pairs else None
    found = citable.cited(item, inputs, draws)
    if form == "json":
        click.echo(as_json(found))
        return
    click.echo("\n\n".join(found["citation"].values() if form == "all" else [found["citation"][form]]))
    if form == "all" and found["earlier"]:
        click.echo("\n" + "\n".join(found["earlier"]))
