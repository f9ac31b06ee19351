"""What renting a GPU costs: the median over providers of each one's latest price, at the date of this edition.

An index, managed serving and capacity that is prepaid for days are in the table, and in no quote.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

from costlib.base.errors import FileError
from costlib.base.files import read_text
from costlib.base.text import nearest, printable, shown
from costlib.facts import catalog, names, schema

EDITION = date(2026, 11, 27)  # of the facts: prices are those of this day, whenever they are asked for
SEEN = timedelta(days=365)  # a price that was read within this time is one of today, if there is any
OLD = timedelta(days=180)  # a quote is old whose newest price is further back
# The kinds of a quote, and those of the table that they take; of several terms the cheapest counts.
KINDS = {"on-demand": ("on-demand",), "reserved": ("reserved-1y", "reserved-3y"), "spot": ("spot",),
         "marketplace": ("marketplace",)}  # fmt: skip
INSTEAD = {"on-demand": "marketplace"}  # where no provider ever listed the kind
NEEDED = ("provider", "gpu", "usd_per_gpu_hour", "kind", "valid_from")  # columns of a reader's own table
MOST_BYTES, MOST_ROWS = 2 * 10**7, 10**5
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


class Quote(NamedTuple):
    """The price of a GPU: the median over providers, the lowest and the highest of them [USD per GPU-hour].

    `kind` is on-demand, reserved, spot or marketplace, `providers` their number and `names` they, `newest` the date of
    the latest price, and `old` says that it lies more than 180 days before the date that was asked for.
    """

    gpu: str
    kind: str
    usd: float
    low: float
    high: float
    providers: int
    newest: date
    old: bool
    names: tuple[str, ...]

    @property
    def said(self) -> str:
        """Say in words what the price is; its amount aside.

        >>> quote("h100-sxm-80gb").said
        'median on-demand of 18 providers, $2.96 to $12.29, November 2026'
        >>> quote("rtx-3090-24gb").said
        'on-demand at RunPod, March 2025, more than 180 days old'
        """
        several = self.providers > 1
        who = f"median {self.kind} of {self.providers} providers" if several else f"{self.kind} at {self.names[0]}"
        span = f", ${self.low:,.2f} to ${self.high:,.2f}" if several else ""
        when = f"{MONTHS[self.newest.month - 1]} {self.newest.year}"
        return f"{who}{span}, {when}{f', more than {OLD.days} days old' if self.old else ''}"

    def to_dict(self) -> dict[str, object]:
        """Return the same as plain values."""
        return self._asdict() | {"newest": self.newest.isoformat(), "names": list(self.names)}


class Prices:
    """A table of prices: the book's own, or one of a reader, at the date of its newest price."""

    def __init__(self, rows: Iterable[schema.Record], name: str, at: date | None = None) -> None:
        self.rows, self.name = tuple(rows), name
        self.at = at or max((_day(row.valid_from) for row in self.rows if row.valid_from), default=EDITION)
        self._quote = lru_cache(maxsize=1024)(self._found)

    def quote(self, gpu: str, provider: str | None = None, kind: str = "on-demand",
              at: date | None = None) -> Quote | None:  # fmt: skip
        """Return the quote of a GPU, as :func:`quote`."""
        return self._quote(gpu, self.provider(provider), kind, at or self.at)

    def provider(self, name: str | None) -> str | None:
        """Return a provider as the table spells it, whatever its case."""
        known = {row.provider.lower(): row.provider for row in self.rows}
        if name is None or name.lower() in known:
            return name and known[name.lower()]
        raise ValueError(f"provider [-] must be one of {len(known)} in {self.name}, got {shown(name)}"
                         f"{nearest(name.lower(), known)}")  # fmt: skip

    def _found(self, gpu: str, provider: str | None, kind: str, at: date) -> Quote | None:
        for each in (kind, INSTEAD.get(kind)):
            wanted = [row for row in self.rows if row.gpu == gpu and row.kind in KINDS.get(each or "", ())
                      and provider in (None, row.provider) and _holds(row, at)]  # fmt: skip
            recent = [row for row in wanted if _day(row.valid_from) >= at - SEEN]
            if each and (rows := recent or wanted):
                return _of(gpu, each, rows, at)
        return None

    def history(self, gpu: str, kind: str = "on-demand") -> dict[str, dict[date, float]]:
        """Return the cheapest price of each provider by the date from which it held, or on which it was read.

        >>> found = published().history("h100-sxm-80gb")["RunPod"]
        >>> {day.isoformat(): usd for day, usd in found.items()}["2025-03-03"]
        2.99
        """
        return _history(row for row in self.rows if row.gpu == gpu and row.kind in KINDS[kind] and row.valid_from)

    def reason(self, gpu: str, provider: str | None = None, kind: str = "on-demand") -> str:
        """Say why there is no quote, and which there are."""
        rows = [row for row in self.rows if row.gpu == gpu and row.usd_per_gpu_hour]
        there = [f"{each} at {', '.join(sorted({row.provider for row in rows if row.kind in of})[:4])}"
                 for each, of in KINDS.items() if any(row.kind in of for row in rows)]  # fmt: skip
        asked = f"{kind} price of {gpu}{f' at {provider}' if provider else ''}" if rows else f"price of {gpu}"
        known = f"; there are {'; '.join(there)}" if there else ""
        return f"no {asked} is known{known}"


def _of(gpu: str, kind: str, rows: list[schema.Record], at: date) -> Quote:
    """The quote of some prices: of each provider the cheapest of its latest date."""
    latest = {provider: max(by_day.items()) for provider, by_day in _history(rows).items()}
    each = [usd for _, usd in latest.values()]
    newest = max(day for day, _ in latest.values())
    old, names = at - newest > OLD, tuple(sorted(latest))
    return Quote(gpu, kind, median(each), min(each), max(each), len(each), newest, old, names)


def _history(rows: Iterable[schema.Record]) -> dict[str, dict[date, float]]:
    """The cheapest price of each provider by day, in the order of days."""
    found: dict[str, dict[date, float]] = {}
    for row in sorted(rows, key=lambda row: _day(row.valid_from)):
        by_day, day = found.setdefault(row.provider, {}), _day(row.valid_from)
        by_day[day] = min(row.usd_per_gpu_hour, by_day.get(day, row.usd_per_gpu_hour))
    return found


def _holds(row: schema.Record, at: date) -> bool:
    return bool(row.valid_from) and _day(row.valid_from) <= at and not (row.valid_to and _day(row.valid_to) < at)


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    """The first day of a date that may be a year or a month alone."""
    year, month, day = [*map(int, text.split("-")), 1, 1][:3]
    return date(year, month, day)


@lru_cache(maxsize=1)
def published() -> Prices:
    """Return the prices of the book, at the date of this edition."""
    return Prices(catalog.table("gpu_prices", None).values(), "gpu_prices.csv", EDITION)


def quote(gpu: str, provider: str | None = None, kind: str = "on-demand", at: date | None = None) -> Quote | None:
    """Return what a GPU costs, or None where no price is known.

    Of each provider the latest list price counts, the cheapest of its shapes, if it was read within a year; where
    none was, older ones, which :attr:`Quote.old` says. A GPU that nobody lists on demand has the prices of
    marketplaces, which :attr:`Quote.kind` says.

    Parameters
    ----------
    gpu : name of a GPU
    provider : one provider alone, in any case
    kind : "on-demand", "reserved", "spot" or "marketplace"
    at : the day; None for that of this edition

    Raises
    ------
    ValueError : for a provider that is in no row, with the nearest names

    Examples
    --------
    >>> found = quote("h100-sxm-80gb")
    >>> found.usd, found.providers, found.newest.isoformat(), quote("h20-96gb")
    (3.99, 18, '2026-11-09', None)
    >>> quote("h100-sxm-80gb", "aws").usd, quote("t4-16gb").old
    (6.88, True)
    """
    return published().quote(gpu, provider, kind, at)


def read(path: str | Path) -> Prices:
    """Return the prices of a file in the columns of gpu_prices.csv; a ValueError names file, line and column."""
    rows = []
    text = csv.DictReader(io.StringIO(read_text(path, MOST_BYTES)), restkey="")
    name = printable(str(path)).replace("\n", " ")
    if missing := [each for each in NEEDED if each not in (text.fieldnames or ())]:
        made = "costlib prices --import makes one"
        raise FileError(f"{name} is no table of prices: it has no column {missing[0]}; {made}")
    try:
        for cells in text:
            rows.append(_row(cells, f"{name}, line {text.line_num}"))
            if len(rows) > MOST_ROWS:
                raise FileError(f"{name} has more than {MOST_ROWS:,} prices, which is too much to be read")
    except csv.Error as error:
        raise FileError(f"{name}, line {text.line_num}: {error}") from error
    return Prices(rows, Path(name).name)


def _row(cells: dict[str, str], where: str) -> schema.Record:
    known = schema.columns("gpu_prices")
    if "" in cells or None in cells.values():
        raise FileError(f"{where}: it has not as many cells as the first line")
    try:
        gpu = {"gpu": names.gpu(cells["gpu"])}
        row = schema.parse("gpu_prices", {name: cells.get(name, "") for name in known} | gpu)
        if not row.provider or row.kind not in known["kind"].allowed:
            raise ValueError(f"column kind: must be one of {', '.join(known['kind'].allowed)}, got {shown(row.kind)}"
                             if row.provider else "column provider: must be a name, got ''")  # fmt: skip
        if not row.usd_per_gpu_hour or not 0 < row.usd_per_gpu_hour <= 1e6:
            raise ValueError(f"column usd_per_gpu_hour [USD per GPU-hour]: must be a number above 0 to 1,000,000, got "
                             f"{shown(cells['usd_per_gpu_hour'])}")  # fmt: skip
        for name in ("valid_from", "valid_to"):
            checked_date(getattr(row, name), f"column {name}", empty=name == "valid_to")
    except ValueError as error:
        raise FileError(f"{where}: {error}") from error
    return row


def checked_date(text: str, what: str, empty: bool = False) -> str:
    """Return a date as year, year-month or year-month-day, or raise a ValueError that names it."""
    try:
        if text or not empty:
            _day(text if _DATE.fullmatch(text) else "")
    except ValueError as error:
        raise ValueError(f"{what}: must be a date such as 2026-11-27, got {shown(text)}") from error
    return text
