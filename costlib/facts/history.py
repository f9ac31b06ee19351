"""What changed between released versions, so that what was cited from one is found again in a later one."""

import re

from costlib.facts import catalog, claims
from costlib.facts.schema import Record


def changes(item: object) -> tuple[Record, ...]:
    """Return the changes of one id, oldest first; none where it has kept its values.

    Parameters
    ----------
    item : id of a claim (B075, in any case), number of a chapter (04_synthetic_cost/total_usd), value of a table
        (gpus/a100-sxm-80gb/hbm_gb) or table (tab-gpus)

    Returns
    -------
    tuple of :class:`costlib.facts.schema.Record`

    Raises
    ------
    ValueError : for an id of a claim that the ledger does not have, with the nearest ones

    Examples
    --------
    >>> [(c.until, c.old, c.version, c.new) for c in changes("B075") if c.what == "verdict"]
    [('0.2.0', 'unverified', '0.3.0', 'assumption')]
    >>> changes("B066")
    ()
    """
    wanted = str(item) if re.search("/|^tab-", str(item)) else claims.find(item).id
    found = [change for change in catalog.table("history").values() if change.id == wanted]
    return tuple(sorted(found, key=lambda change: release(change.version)))


def names() -> dict[str, str]:
    """Return the names that pieces had in released versions, each with its name of today.

    >>> names()["tab-alignment_runs"]
    'tab-measured_runs'
    """
    found = {change.old: change.new for change in catalog.table("history").values() if change.what == "name"}
    for old, new in found.items():
        for _ in found:  # a piece that changed its name again; no chain is longer
            new = found.get(new, new)
        found[old] = new
    return found


def said(change: Record) -> str:
    """Return in one line what a change replaced.

    >>> said(changes("B105")[0])
    'until 0.2.0: unverified'
    """
    label = "" if change.what == "verdict" else f", {change.what}"
    return f"until {change.until}{label}: {change.old or '(nothing)'}"


def release(version: str) -> tuple[int, ...]:
    """Return a version as numbers, for sorting.

    >>> release("0.10.0") > release("0.9.0")
    True
    """
    return tuple(map(int, version.split(".")))
