"""Prices of GPUs, as they are shown: a quote for each GPU, and for one of them the prices behind it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base._arrays import choice
from costlib.base.display import Shown, Table, frame
from costlib.base.text import shown
from costlib.facts import catalog, names, prices, schema

if TYPE_CHECKING:
    import pandas as pd

HEADER = ["gpu", "USD/GPU-h", "lowest", "highest", "providers", "newest", "kind"]
KEYS = ("gpu", "USD/GPU-h", "providers", "newest", "kind")
ROW = ["provider", "instance", "USD/GPU-h", "kind", "region", "date"]
OLD = "old"  # beside the date of a quote


class Priced(Shown):
    """Quotes of GPUs, and the `rows` of the table behind that of one GPU, the newest first."""

    def __init__(self, table: prices.Prices, gpu: str | None, provider: str | None, kind: str | None) -> None:
        for name, text in (("gpu", gpu), ("provider", provider)):
            if not isinstance(text, str | None):
                raise ValueError(f"{name} must be a name, got {shown(text)}")
        if kind is not None:
            choice("kind", kind, prices.KINDS)
        known = catalog.table("gpus")
        self.provider, self.kind, self.table = table.provider(provider), kind, table
        self.gpu = None if gpu is None else catalog.find("gpus", names.gpu(gpu))
        asked = known if self.gpu is None else (self.gpu.name,)
        found = {name: table.quote(name, self.provider, kind or "on-demand") for name in asked}
        self.quotes = [quote for quote in found.values() if quote]
        self.without = [name for name, quote in found.items() if not quote]
        rows = [row for row in table.rows if self.gpu and row.gpu == self.gpu.name
                and self.provider in (None, row.provider)
                and (kind is None or row.kind in prices.KINDS[kind])]  # fmt: skip
        self.rows = sorted(rows, key=lambda row: row.valid_from, reverse=True)

    def parts(self) -> Iterable[Table | str]:
        """Return the quote of one GPU and its prices, or the quotes of all."""
        if self.gpu:
            for quote in self.quotes:
                yield f"{self.gpu.label}: {fmt.price(quote.usd, 3)} a GPU-hour ({quote.said})"
            if self.without:
                yield self.table.reason(self.gpu.name, self.provider, self.kind or "on-demand")
            cells = [[row.provider, row.instance, fmt.price(row.usd_per_gpu_hour, 3), row.kind, row.region,
                      " to ".join(filter(None, (row.valid_from, row.valid_to)))] for row in self.rows]  # fmt: skip
            if cells:
                yield Table(ROW, cells, ("provider", "USD/GPU-h", "kind", "date", "instance"))
            return
        cells = [[quote.gpu, fmt.price(quote.usd, 3), fmt.price(quote.low, 3), fmt.price(quote.high, 3),
                  str(quote.providers), f"{quote.newest}{f' ({OLD})' if quote.old else ''}", quote.kind]
                 for quote in self.quotes]  # fmt: skip
        yield Table(HEADER, cells, KEYS)
        before = f"{OLD}: more than {prices.OLD.days} days before"
        yield f"the median over providers of each one's latest price, at {self.table.at}; {before}"
        yield f"without a price: {', '.join(self.without) or '-'}"

    def to_dict(self) -> dict[str, Any]:
        """Return the quotes, the prices behind that of one GPU, and the GPUs without a quote."""
        rows = [row.to_dict() for row in self.rows]
        return {"at": self.table.at.isoformat(), "quotes": [each.to_dict() for each in self.quotes], "prices": rows,
                "without": self.without}  # fmt: skip

    def records(self) -> list[dict[str, Any]]:
        """Return the prices of one GPU, else the quotes."""
        return self.to_dict()["prices" if self.gpu else "quotes"]

    def to_frame(self) -> "pd.DataFrame":
        """Return the same as a DataFrame, units in `attrs["units"]`."""
        units = dict.fromkeys(("usd", "low", "high"), "USD per GPU-hour")
        return frame(self.records(), schema.units("gpu_prices") | units)
