"""costlib params: the vocabulary of inputs."""

import click

from costlib import fmt
from costlib.cli.tables import print_table
from costlib.facts import parameters


@click.command()
@click.option("--template", is_flag=True, help="Write a commented scenario file to standard output.")
def params(template: bool) -> None:
    """Print every parameter with its unit, published value and limits."""
    if template:
        click.echo(_template(), nl=False)
        return
    rows = [[p.name, fmt.short(p.default), p.unit, p.allowed, p.meaning] for p in parameters.vocabulary().values()]
    print_table(["parameter", "published", "unit", "allowed", "meaning"], rows, ("parameter", "published", "unit"))


def _template() -> str:
    lines = [
        "# A scenario for `costlib rerun`: remove the # before a line and change its value.",
        "# All amounts in US dollars; a parameter that is left out keeps its published value.",
        "",
    ]
    group = None
    for p in parameters.vocabulary().values():
        if p.group != group:
            group = p.group
            lines += [f"# --- {group} ---", ""]
        lines += [f"# {p.meaning} [{p.unit}]; {p.allowed}", f"# {p.name}: {p.default!r}".replace("'", ""), ""]
    return "\n".join(lines)
