"""costlib compare: every method of alignment side by side."""

import json
from pathlib import Path

import click

from costlib import fmt
from costlib.cli.shared import fail, given, pairs_option
from costlib.cli.tables import dollars, print_table
from costlib.economics.uncertainty import DRAWS


@click.command()
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@pairs_option
@click.option("--draws", type=click.IntRange(1, 10_000_000), default=DRAWS, show_default=True, help="For intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def compare(scenario, pairs, draws, as_json):
    """Every method of alignment side by side, with 90 % intervals, for a SCENARIO file, options -p, or both."""
    from costlib.economics import scenarios
    from costlib.economics.comparison import compared
    from costlib.facts.earned import earned

    try:
        values = given(scenario, pairs)
        complete = scenarios.complete(values)
        found = compared(complete, draws, fixed=scenarios.held({name: complete[name] for name in values}))
    except ValueError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps([each.to_dict() for each in found], indent=1))
        return
    names = [line.name for line in found[0].method.lines]
    rows = [
        [each.method.label, *[dollars(line.usd) for line in each.method.lines], dollars(each.method.usd),
         f"{dollars(each.usd_low)} to {dollars(each.usd_high)}", fmt.number(each.method.days, 1),
         fmt.usd(each.method.usd_per_effective_pair), fmt.ratio(each.ratio), "yes" if each.allowed else "no"]
        for each in found
    ]  # fmt: skip
    header = ["method", *names, "total", "90 % interval", "days", "per effective pair", "ratio", "allowed"]
    print_table(header, rows, ("method", "total", "90 % interval", "ratio", "allowed"))
    click.echo(
        "USD; ratio: DPO on human labels, the whole method, over the whole of this one; a line of 0 in the published "
        "method is not counted there"
    )
    for each in found:
        if each.objections:
            click.echo(f"not allowed: {each.method.label}: {'; '.join(each.objections)}")
    factor, open_by = fmt.ratio(earned("alignment"), 2), fmt.percent(max(each.ends_error for each in found))
    click.echo(
        f"intervals: {fmt.number(draws)} draws of the inputs with a range and of the error of GPU time (four in five "
        f"published measurements lie within {factor} of the model)\n"
        f"so many draws leave an end open by {open_by} at most"
    )
