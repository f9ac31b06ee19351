"""costlib params: the vocabulary of inputs."""

import click

from costlib.base import fmt
from costlib.base.display import Records
from costlib.cli.tables import format_option, in_words, print_found
from costlib.facts import ages, parameters

COLUMNS = {"parameter": lambda p: p.name, "published": lambda p: f"{fmt.short(p.default)} {p.unit}".removesuffix(" -"),
           "allowed": lambda p: p.allowed, "meaning": lambda p: p.meaning,
           "facts of": lambda p: str(ages.year(p.name) or "-")}  # fmt: skip


@click.command()
@click.option("--template", is_flag=True, help="Write a commented scenario file to standard output.")
@format_option
def params(template: bool, form: str) -> None:
    """Print every parameter with its unit, published value and limits."""
    in_words("--template", template, form)
    if template:
        click.echo(_template(), nl=False)
        return
    print_found(Records(parameters.vocabulary().values(), COLUMNS, ("parameter", "allowed", "published")), form)


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
