"""costlib cite: how to cite the book, or a piece of it."""

import click

FORMS = ("text", "bibtex", "ris", "csl")


@click.command()
@click.argument("item", metavar="[ID]", required=False)
@click.option("--format", "form", type=click.Choice([*FORMS, "all"]), default="all", show_default=True)
def cite(item: str | None, form: str) -> None:
    """Print how to cite the book, or the claim, figure, table or number with this ID (B066, total_usd)."""
    from costlib.base import citation
    from costlib.base.errors import FileError
    from costlib.base.files import find_root
    from costlib.report import citable, rerun

    try:
        root = find_root()
    except FileError:
        root = None
    piece = citable.find(item, root) if item else None
    state = citation.edition()
    forms = citation.forms(piece, state | {"commit": state["commit"] or (rerun.commit(root) if root else "")})
    click.echo("\n\n".join(forms.values() if form == "all" else [forms[form]]))
    if form == "all" and piece and (earlier := citable.earlier(piece["id"])):
        click.echo("\n" + "\n".join(earlier))
