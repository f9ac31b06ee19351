"""costlib compare: every method of alignment side by side."""

import json
from pathlib import Path

import click

from costlib import fmt
from costlib.cli.shared import fail, given, pairs_option
from costlib.cli.tables import dollars, print_table


@click.command()
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@pairs_option
@click.option("--draws", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="For intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def compare(scenario, pairs, draws, as_json):
    """Every method of alignment side by side, with 90 % intervals, for a SCENARIO file, options -p, or both."""
    from costlib.economics import scenarios
    from costlib.economics.comparison import compared
    from costlib.facts.earned import earned

    try:
        values = given(scenario, pairs)
        # What is given on purpose is not drawn.
        found = compared(scenarios.complete(values), draws, fixed=tuple(values))
    except ValueError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in found], indent=1))
        return
    names = [line.name for line in found[0].method.lines]
    rows = [
        [each.method.label, *[dollars(line.usd) for line in each.method.lines], dollars(each.method.usd),
         f"{dollars(each.usd_low)} to {dollars(each.usd_high)}", fmt.number(each.method.days, 1),
         fmt.usd(each.method.usd_per_effective_pair), fmt.ratio(each.ratio)]
        for each in found
    ]  # fmt: skip
    header = ["method", *names, "total", "90 % interval", "days", "per effective pair", "ratio"]
    print_table(header, rows, ("method", "total", "90 % interval", "ratio"))
    click.echo(
        "USD; ratio: DPO on human labels over this method; a line of 0 in the published method is not counted there"
    )
    training, generation = (fmt.ratio(earned(group), 2) for group in ("alignment", "inference"))
    click.echo(
        f"GPU time: four in five published measurements of alignment lie within {training} of the model, of generation "
        f"alone within {generation}; of this error the intervals have framework_reach alone"
    )
