"""A sweep that ran, as it is shown."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base.display import Shown, Table
from costlib.base.extras import need
from costlib.economics import unread
from costlib.facts import outputs as outputs_of
from costlib.facts import parameters
from costlib.sweeping import expressions, outputs, points, store, summary
from costlib.sweeping.plan import SweepPlan

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("mean", "q05", "q50", "q95", "min", "max")


class Swept(Shown):
    """The summary of a sweep, and its rows: in the folder `out`, or computed when they are asked for."""

    def __init__(self, plan: SweepPlan, found: summary.SweepSummary, out: Path | None = None) -> None:
        self.plan, self.summary, self.out = plan, found, out

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Inputs, varied or fixed, that move none of the outputs where all others are as fixed or first varied."""
        axes = [axis["of"] for pair in self.plan.maps for axis in pair if isinstance(axis, dict)]
        texts = [*self.plan.outputs.values(), *axes, *(axis for pair in self.plan.maps for axis in pair
                                                        if isinstance(axis, str))]  # fmt: skip
        known = parameters.vocabulary()
        numbers = [text for text in texts if text not in known or not known[text].choices]
        names = {name for text in numbers for name in expressions.parse(text).names}
        first = points.columns(self.plan, 0, 1)
        given = {name: spread.levels[int(first[name][0])] if spread.named else known[name].type(
            first[name][0]) for name, spread in self.plan.vary.items()}  # fmt: skip
        return unread.unread({**self.plan.fixed, **given}, lambda values: outputs.amounts(names, values))

    def parts(self) -> Iterable[Table | str]:
        """Return a table of the outputs, and how many points there are."""
        rows = [self._row(each) for each in self.to_dict()]
        yield Table(
            ["output", "unit", "mean", "5 %", "median", "95 %", "min", "max"], rows, ("output", "unit", "median")
        )
        yield f"{self.summary.rows:,} points; quantiles are within 1 %"
        yield from self.plan.prices
        yield from unread.said(self.unread)

    @staticmethod
    def _row(found: dict[str, Any]) -> list[str]:
        infinite = found["infinite"] + found["minus_infinite"]
        beyond = f", {infinite:,} infinite" if infinite else ""
        beyond += f", {found['not_a_number']:,} without a value" if found["not_a_number"] else ""
        if found["unit"] == "0 or 1":
            share = "none" if found["mean"] is None else f"{found['mean']:.4f}"
            return [found["output"], "share" + beyond, share, *[""] * 5]
        return [found["output"], found["unit"] + beyond,
                *("none" if found[name] is None else fmt.compact(found[name], 6) for name in SHOWN)]  # fmt: skip

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the summary of each output: points, mean, ends, quantiles, None where none is finite; and `unread`."""
        rows = summary.output_rows(self.summary, summary.units(self.plan))
        none = dict.fromkeys(summary.OUTPUT_COLUMNS, "no point is finite")
        left = {"unread": list(self.unread)}
        return [outputs_of.plain(dict(zip(summary.OUTPUT_COLUMNS, row, strict=True)) | left, none) for row in rows]

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each point: its number, what varies, the outputs; units in `attrs`."""
        need("book", "a DataFrame", "pandas")
        if self.out and (self.out / store.DATA).is_dir():
            import pyarrow.parquet as pq

            rows = pq.read_table(self.out / store.DATA)
        else:
            inputs, found, _ = outputs.evaluated(self.plan, 0, self.plan.points)
            rows = store.table(self.plan, 0, inputs, found)
        frame = rows.to_pandas()
        frame.attrs["units"] = summary.units(self.plan)
        return frame
