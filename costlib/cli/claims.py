"""costlib claims: the ledger."""

from collections.abc import Iterator

import click

from costlib import face
from costlib.cli.tables import print_json, print_parts
from costlib.facts import claims as ledger
from costlib.facts import history
from costlib.facts.schema import Record


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--verdict", type=click.Choice(list(ledger.VERDICTS)), help="Only claims with this verdict.")
@click.option("--chapter", help="Only claims of this chapter, by the beginning of its name.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def claims(ids: tuple[str, ...], verdict: str | None, chapter: str | None, as_json: bool) -> None:
    """Print the claims ledger, or the claims named by IDS with the reason for each verdict."""
    every = face.claims()
    named = [ledger.find(name) for name in ids] or every
    found = [c for c in named if verdict in (None, c.verdict) and c.chapter.startswith(chapter or "")]
    if as_json:
        print_json([
            claim.to_dict() | {"changes": [each.to_dict() for each in history.changes(claim.id)]} for claim in found
        ])  # fmt: skip
    elif ids:
        print_parts(line for claim in found for line in _told(claim))
    else:
        print_parts([every.of(found).table])


def _told(claim: Record) -> Iterator[str]:
    yield f"{claim.id}  {claim.statement}"
    yield f"  published   {claim.printed or '(no number)'}"
    yield f"  recomputed  {claim.recomputed or '-'}"
    yield f"  verdict     {claim.verdict}"
    yield f"  why         {claim.reason}"
    yield f"  chapter     {claim.chapter}"
    yield f"  sources     {claim.source or '-'}"
    for change in history.changes(claim.id):
        yield f"  earlier     {history.said(change)}"
