"""Predictions beside measurements, as they are shown."""

from collections.abc import Iterable
from typing import Any

from costlib import fmt, validation
from costlib.display import Records, Table
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
        header = ["group", "half", "rows", "median ratio", "median error", "in 1.25x", "in 1.4x", "in 2x", "coverage"]
        rows = [
            [row.group, row.half, str(row.count), fmt.number(row.median_ratio, 2), fmt.percent(row.median_error, 1),
             *(fmt.percent(share) for share in row.within), "-" if row.coverage is None else fmt.percent(row.coverage)]
            for row in validation.summary(self.result)
        ]  # fmt: skip
        yield Table(header, rows, ("group", "half", "rows", "median error", "coverage"))
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
