"""Predictions beside measurements, as they are shown."""

from collections.abc import Iterable
from typing import Any

from costlib import validation
from costlib.base import fmt
from costlib.base.display import Records, Table
from costlib.facts import catalog
from costlib.facts.outputs import plain

FEW = 10  # problems that are told without being asked


class Validated(Records[validation.Predicted]):
    """The predictions of a table of measurements.

    `missing` are the rows that are not predicted, with reasons, `unread` those of which some words were not used.
    """

    def __init__(self, result: validation.Result) -> None:
        columns = {
            "line": lambda p: str(p.case.line),
            "id": lambda p: p.case.id,
            "quantity": lambda p: p.case.quantity,
            "predicted": lambda p: fmt.compact(p.value),
            "80 % interval": lambda p: "" if p.low is None else f"{fmt.compact(p.low)} to {fmt.compact(p.high)}",
            "measured": lambda p: fmt.compact(p.case.measured),
            "unit": lambda p: p.case.unit,
            "ratio": lambda p: fmt.number(p.ratio, 2),
        }
        super().__init__(result.predicted, columns, ("id", "predicted", "measured", "unit", "ratio", "quantity"))
        self.result, self.missing, self.unread = result, result.missing, result.unread

    def parts(self) -> Iterable[Table | str]:
        """Return the errors by group, how many rows there are, and what is wrong with some; :attr:`table` has them."""
        told = list(self.problems())
        more = [f"... and {len(told) - FEW} more rows like these"] if len(told) > FEW else []
        return [*self.summary(), *told[:FEW], *more]

    def problems(self) -> Iterable[str]:
        """Return a line for each row that is not predicted, or not read as a whole."""
        yield from (f"not predicted: line {row.line} ({row.id}): {row.reason}" for row in self.missing)
        yield from (f"not read: line {row.line} ({row.id}): {', '.join(row.words)}" for row in self.unread)

    def summary(self) -> Iterable[Table | str]:
        """Return the errors by group, and how many rows there are."""
        header = ["group", "half", "rows", "sources", "median ratio", "median x", "in 1.25x", "in 1.4x", "in 2x",
                  "coverage", "width", "score"]  # fmt: skip
        rows = [
            [row.group, row.half, str(row.count), str(row.sources), fmt.number(row.median_ratio, 2),
             fmt.ratio(row.median_factor, 2), *map(fmt.percent, row.within), *_interval(row)]
            for row in validation.summary(self.result)
        ]  # fmt: skip
        yield Table(header, rows, ("group", "half", "rows", "median x", "coverage"))
        for name in dict.fromkeys(row.group for row in validation.summary(self.result)):
            if target := validation.target(name):
                missed = ", ".join(target.missed(self.result.of(name)))
                yield f"target of {name}: {target}: {f'missed: {missed}' if missed else 'met'}"
        yield f"{len(self)} predictions, {len(self.missing)} rows not predicted"

    def data(self) -> dict[str, Any]:
        """Return what `--format json` prints."""
        return self.report()

    def records(self) -> list[dict[str, Any]]:
        """Return the predictions, and the rows without one with the reason."""
        return self.to_dict() + [row._asdict() for row in self.missing]

    def report(self) -> dict[str, Any]:
        """Return predictions, errors by group, and the reasons of the rows that are not predicted, as plain values."""
        errors = [row._asdict() | {"within": dict(zip(map(str, validation.WITHIN), row.within, strict=True))}
                  for row in validation.summary(self.result)]  # fmt: skip
        return {
            "predictions": self.to_dict(),
            "summary": [plain(row) for row in errors],
            "not_predicted": [row._asdict() for row in self.missing],
            "not_read": [row._asdict() for row in self.unread],
            "coefficients": len(catalog.table("coefficients")),
        }


def _interval(row: validation.Summary) -> list[str]:
    """Coverage, width and score of the intervals of a group, where it has any."""
    if row.coverage is None or row.width is None or row.score is None:
        return ["-"] * 3
    return [fmt.percent(row.coverage), fmt.ratio(row.width, 2), fmt.number(row.score, 2)]
