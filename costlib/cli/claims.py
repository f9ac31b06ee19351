"""costlib claims: the ledger."""

import json

import click

from costlib.cli.shared import or_exit
from costlib.cli.tables import print_table
from costlib.facts import claims as ledger
from costlib.facts import history


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--verdict", type=click.Choice(list(ledger.VERDICTS)), help="Only claims with this verdict.")
@click.option("--chapter", help="Only claims of this chapter, by the beginning of its name.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def claims(ids, verdict, chapter, as_json):
    """Print the claims ledger, or the claims named by IDS with the reason for each verdict."""
    rows = [or_exit(ledger.find, name) for name in ids] or list(ledger.ledger().values())
    rows = [c for c in rows if verdict in (None, c.verdict) and c.chapter.startswith(chapter or "")]
    if as_json:
        found = [vars(claim) | {"changes": [vars(c) for c in history.changes(claim.id)]} for claim in rows]
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    elif ids:
        for claim in rows:
            click.echo(f"{claim.id}  {claim.statement}\n  published   {claim.printed or '(no number)'}")
            click.echo(f"  recomputed  {claim.recomputed or '-'}\n  verdict     {claim.verdict}")
            click.echo(
                f"  why         {claim.reason}\n  chapter     {claim.chapter}\n  sources     {claim.source or '-'}"
            )
            for change in history.changes(claim.id):
                click.echo(f"  earlier     {history.said(change)}")
    else:
        body = [[c.id, c.statement, c.printed, c.verdict, c.chapter] for c in rows]
        print_table(["claim", "statement", "published", "verdict", "chapter"], body, ("claim", "statement", "verdict"))
