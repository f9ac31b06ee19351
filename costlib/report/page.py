"""What a chapter shows: its inputs, its tables, the numbers that its sentences use, its rows of the claims ledger."""

import math
import os
import re

from costlib.base import fmt
from costlib.base.files import csv_text
from costlib.base.text import printable
from costlib.economics import scenarios
from costlib.facts import claims, hardware, parameters, regimes
from costlib.report import tables

RECORD = "application/papermill.record/"
# Whether a chapter runs with other inputs or hardware than the published ones, since it checked its inputs.
CHANGED = {"inputs": False}
# Names are addresses that others cite: lower case, the topic first, never used again for something else.
NAME = re.compile(r"tab(-[a-z0-9]+){2,}|fig(-[a-z0-9]+)+")


def inputs(namespace, name=None):
    """Check a chapter's parameters and show them, beside their published values where some were changed.

    Parameters
    ----------
    namespace : the chapter's `globals()`; the names that belong to the vocabulary are its parameters, and a `scenario`
        holds other ones that were changed
    name : of the table, such as "tab-footing-inputs"; None to check them alone and show nothing here

    Returns
    -------
    dict of parameter name to value, in the vocabulary's types; of every parameter where the chapter has a `scenario`

    Raises
    ------
    ValueError : for a value that the vocabulary does not allow
    """
    own = [parameter for parameter in parameters.vocabulary() if parameter in namespace]
    values = parameters.check({parameter: namespace[parameter] for parameter in own})
    others = parameters.check(namespace.get("scenario", {}))
    if twice := others.keys() & values.keys():
        raise ValueError(f"scenario holds what the chapter takes by name: {', '.join(sorted(twice))}")
    values |= others
    CHANGED["inputs"] = any(value != parameters.vocabulary()[each].default for each, value in values.items())
    if name:
        _show_inputs(name, values, [*own, *others])
    return scenarios.complete(values) if "scenario" in namespace else values


def _show_inputs(name, values, order):
    rows, changed = [], []
    for parameter in order:
        known = parameters.vocabulary()[parameter]
        unit = "" if known.unit == "-" or known.type is str else f" {known.unit}"
        shown = [scenarios.written(parameter, value) + unit for value in (known.default, values[parameter])]
        rows.append([parameter, known.meaning, *shown, f"{fmt.source(known.source)}, {known.locator}"])
        changed.append(values[parameter] != known.default)
    header = ["parameter", "meaning", "published", "this run", "source"]
    if not any(changed):
        header = ["parameter", "meaning", "value", "source"]
        rows = [[*row[:3], *row[4:]] for row in rows]
    _show(name, _frame(header, rows), marked=changed)


def publish(key, value, unit, text):
    """Glue the text of one computed number for the prose, and keep the number itself beside it.

    Parameters
    ----------
    key : name that the prose uses, unique in the chapter
    value : the number, unrounded
    unit : its unit
    text : the number as the prose shows it

    Raises
    ------
    ValueError : for a value that is not a finite number
    """
    if not math.isfinite(value):
        raise ValueError(f"{key} [{unit}] must be a finite number, got {value!r}")
    # The unrounded number goes into metadata: nbval compares data, and the last digits differ between machines.
    _glue(key, text, {"costlib": {"key": key, "value": float(f"{float(value):.12g}"), "unit": unit, "text": text}})


def publish_all(unit, text, **numbers):
    """Publish several numbers of one unit, each by its key, with a function of a number to its text."""
    for key, value in numbers.items():
        publish(key, value, unit, text(value))


def publish_found(unit, text, otherwise="none", **numbers):
    """Publish numbers that need not exist, such as crossings; where one is not finite, the prose says `otherwise`."""
    for key, value in numbers.items():
        if math.isfinite(value):
            publish(key, value, unit, text(value))
        else:
            phrase(key, otherwise)


def publish_ends(unit, text, **numbers):
    """Publish the least and the greatest of several numbers, as KEY_low and KEY_high."""
    for key, found in numbers.items():
        publish_found(
            unit, text, **{f"{key}_low": min(found, default=math.nan), f"{key}_high": max(found, default=math.nan)}
        )


def phrase(key, text):
    """Glue words that depend on the inputs and are no number."""
    _glue(key, printable(text), {})


def ledger(chapter, *checks):
    """Show every claim of a chapter with its verdict, and beside it what the chapter computes.

    Parameters
    ----------
    chapter : name of the notebook, such as "04_synthetic_cost", which names the table "tab-synthetic-cost-claims"
    checks : results of :func:`costlib.facts.claims.check` and of `observe`, in any order; claims without one show
        their verdict alone

    Raises
    ------
    ValueError : for a check of a claim that belongs to another chapter
    """
    checked = {check.claim.id: check for check in checks}
    own = [claim for claim in claims.ledger().values() if claim.chapter == chapter]
    if strangers := checked.keys() - {claim.id for claim in own}:
        raise ValueError(f"claims of another chapter than {chapter}: {', '.join(sorted(strangers))}")
    rows = []
    for claim in own:
        check = checked.get(claim.id)
        computed = f"{check.value_text}, {check.outcome}" if check else ""
        rows.append([claim.id, claim.statement, claim.printed, computed, claim.verdict])
    records = [{"id": check.claim.id, "value": check.value, "agrees": check.agrees} for check in checks]
    name = f"tab-{chapter.partition('_')[2].replace('_', '-')}-claims"
    links = {"claim": [f"../book/claims.html#claim-{claim.id.lower()}" for claim in own]}
    here = "this run" if CHANGED["inputs"] or hardware.VARIABLE in os.environ else "recomputed here"
    frame = _frame(["claim", "statement", "published", here, "verdict"], rows)
    _show(name, frame, {"claims": records}, links=links)


def table(name, header, rows, caption=""):
    """Show a table with its address, and a link that saves it as a CSV file; return it as a frame, to go on with.

    Parameters
    ----------
    name : its address, unique in the book, such as "tab-footing-methods"
    header : names of the columns, with their units
    rows : texts as readers see them
    caption : what to see in the table

    Returns
    -------
    pandas.DataFrame : as the CSV file has it, a column of plain numbers as numbers

    Raises
    ------
    ValueError : for a name that is no address of a table
    """
    shown = _frame(header, [list(map(str, row)) for row in rows])
    _show(name, shown, caption=caption)
    return tables.as_numbers(shown)


def trust(name, rows):
    """Show predicted results between the ends that chapter 17 earns for numbers of their kind.

    Parameters
    ----------
    name : address of the table, such as "tab-stage-trust"
    rows : of what it is, the group of measurements that it is held to, the value, a function of a value to its text,
        and, where part of the value is a price and not predicted, that part

    Raises
    ------
    ValueError : for an unknown group
    """

    header = ["result", "computed", "80 % interval", "from measurements of", "80 % of it over computed"]
    shown, kept = [], []
    for what, group, value, text, *given in rows:
        rate = "tokens/s" in what or "per second" in what
        low, high = regimes.interval(group, value, *given, rate=rate)
        within = " to ".join(fmt.number(float(end), 2) for end in regimes.interval(group, 1.0, rate=rate)) + "x"
        shown.append([what, text(value), f"{text(low)} to {text(high)}", group, within])
        numbers = {"rate": rate, "value": value, "given": sum(given), "low": low, "high": high}
        kept.append({"group": group} | {key: float(f"{float(number):.12g}") for key, number in numbers.items()})
    _show(name, _frame(header, shown), {"trust": kept})


def data(name, header, rows):
    """Show a link that saves the numbers of a figure as a CSV file, without a server; return them, to go on with.

    Parameters
    ----------
    name : of the figure, such as "fig-footing-ladder"; the file is called the same
    header : names of the columns, with their units
    rows : numbers and texts; numbers that are not whole are kept to six digits, which all machines agree on

    Returns
    -------
    pandas.DataFrame : the numbers with all their digits

    Raises
    ------
    ValueError : for a name that is no address of a figure
    """
    from IPython.display import display

    rows = [list(row) for row in rows]
    content = csv_text([header, *(map(_digits, row) for row in rows)])
    shown = {"text/html": tables.links(_checked(name, "fig"), content)}
    display(shown, raw=True, metadata={"costlib": {"data": name}})
    return _frame(header, rows).infer_objects()


def _checked(name, kind):
    if not NAME.fullmatch(name) or not name.startswith(f"{kind}-"):
        raise ValueError(f"name must be like {kind}-topic-content, in lower case with hyphens, got {name!r}")
    return name


def _digits(value):
    if not isinstance(value, float):
        return value
    return "" if math.isnan(value) else f"{value:.6g}"


def _glue(key, text, metadata):
    from IPython.display import display

    scrapbook = {"name": key, "mime_prefix": RECORD}
    display({f"{RECORD}text/plain": repr(text)}, raw=True, metadata={"scrapbook": scrapbook} | metadata)


def _frame(header, rows):
    import pandas

    return pandas.DataFrame(rows, columns=header, dtype=object)


def _show(name, shown, metadata=None, **how):
    """Show a frame of texts."""
    from IPython.display import display

    content = tables.html(_checked(name, "tab"), shown, **how)
    plain = f"{name}: {len(shown)} rows of {' | '.join(shown.columns)}"
    data = {"text/html": f"{content}\n{tables.links(name, tables.as_csv(shown))}", "text/plain": plain}
    display(data, raw=True, metadata={"costlib": {"table": name} | (metadata or {})})
