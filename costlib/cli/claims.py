"""costlib claims: the ledger."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from costlib import face
from costlib.base.display import Shown
from costlib.cli.tables import format_option, print_found, print_parts, some
from costlib.facts import claims as ledger
from costlib.facts import history
from costlib.facts.schema import Record


class Told(Shown):
    """Some claims, each with its reason and what it said earlier."""

    def __init__(self, claims: Sequence[Record]) -> None:
        self.claims = claims

    def parts(self) -> Iterator[str]:
        """Return a few lines for each claim."""
        return (line for claim in self.claims for line in _told(claim))

    def to_dict(self) -> list[dict[str, Any]]:
        """Return each claim with its changes."""
        return [claim.to_dict() | {"changes": [each.to_dict() for each in history.changes(claim.id)]}
                for claim in self.claims]  # fmt: skip


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--verdict", type=click.Choice(list(ledger.VERDICTS)), help="Only claims with this verdict.")
@click.option("--chapter", help="Only claims of this chapter, by the beginning of its name.")
@format_option
def claims(ids: tuple[str, ...], verdict: str | None, chapter: str | None, form: str) -> None:
    """Print the claims ledger, or the claims named by IDS with the reason for each verdict."""
    every = face.claims()
    of_chapter = [claim for claim in every if claim.chapter.startswith(chapter or "")]
    some(of_chapter, chapter or "", sorted({claim.chapter for claim in every}))
    named = [ledger.find(name) for name in ids] or every
    found = [claim for claim in named if verdict in (None, claim.verdict) and claim in of_chapter]
    if form == "table" and not ids:
        print_parts([every.of(found).table])
    else:
        print_found(Told(found), form)


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
