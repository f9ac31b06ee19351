"""Methods of alignment side by side, as they are shown."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base._arrays import Numeric
from costlib.base.display import Records, Table, frame
from costlib.compute import energy, models
from costlib.economics import comparison, hosted, methods, scenarios, unread
from costlib.economics.comparison import Compared
from costlib.face.answer import elsewhere, names_read
from costlib.facts import catalog, options, outputs
from costlib.facts.parameters import Values
from costlib.facts.regimes import interval

if TYPE_CHECKING:
    import pandas as pd


STAGES = ("sft", "rm", "dpo", "ppo", "grpo")
GENERATES = ("generate", "label")  # kinds of lines whose GPUs write and train nothing
UNITS = {
    "days": "days",
    "energy_kwh": "kWh",
    "gpu_hours": "GPU-h",
    "pairs": "pairs",
    "usd_per_effective_pair": "USD/pair",
}


class Methods(Records[Compared]):
    """Every method for one scenario, in the order of :data:`costlib.economics.methods.METHODS`."""

    def __init__(self, items: Sequence[Compared], draws: int, values: Values, price: str = "",
                 told: Mapping[str, str] | None = None, rests_on: Sequence[str] = (),
                 before: Mapping[str, tuple[float, float]] | None = None,
                 left: Sequence[str] = ()) -> None:  # fmt: skip
        names = [line.name for line in items[0].method.lines]
        columns: dict[str, Callable[[Compared], str]] = {
            "method": lambda each: each.method.label,
            **{name: partial(_of_line, name) for name in names},
            "total": lambda each: fmt.dollars(each.method.usd),
            "90 % interval": lambda each: _ends(each.usd_low, each.usd_high),
            **({"before counts": lambda each: _ends(*before[each.method.name])} if before else {}),
            "days": lambda each: fmt.number(each.method.days, 1),
            "kWh": lambda each: fmt.found(self._kwh(each)[-1], fmt.rounded, "unknown"),
            "saved": lambda each: fmt.number(each.saved),
            "ratio": lambda each: fmt.ratio(each.ratio),
            "allowed": lambda each: "yes" if each.allowed else "no",
        }
        keys = ("method", "total", "90 % interval", "saved", "allowed", "days", "ratio")
        super().__init__(items, columns, keys)
        self.draws, self.values, self.price, self.rests_on, self.before = draws, values, price, rests_on, before or {}
        self.unread = tuple(left)
        self.hosted = hosted.training(values)
        self.read_as = names_read(told or {}, values)
        parts = (
            part for name in scenarios.OWN_MODELS & (told or {}).keys() for part in models.find(values[name]).left_out
        )
        self.left_out = [*dict.fromkeys(parts)]

    def _kwh(self, each: Compared) -> list[float]:
        """Electricity of each line and of all [kWh], NaN where the power of the GPU is not known."""
        power = catalog.find("gpus", self.values["cluster_gpu"]).tdp_w
        lines = [energy.of_hours(line.gpu_hours, power, line.kind in GENERATES) if power else math.nan
                 for line in each.method.lines]  # fmt: skip
        return [*lines, sum(lines)]

    @property
    def as_estimated(self) -> dict[str, dict[str, Any]]:
        """The options with which `costlib estimate` of a stage gives the GPU time of these methods, by stage."""
        price = {scenarios.PRICE: self.values[scenarios.PRICE]}
        return {stage: price | methods.settings(stage, self.values) for stage in STAGES}

    def to_dict(self) -> list[dict[str, Any]]:
        """Return each method in plain numbers, with the electricity of its lines and its training elsewhere."""
        offers = {stage: [offer.to_dict() for offer in found] for stage, found in self.hosted.items()}
        rows = []
        for each in self:
            row, (*lines, whole) = each.to_dict(), self._kwh(each)
            told = [line | {"energy_kwh": kwh} for line, kwh in zip(row["lines"], lines, strict=True)]
            stage = "ppo" if each.method.name == "human-ppo" else "dpo"
            if each.method.name in self.before:
                row |= dict(zip(("usd_before_low", "usd_before_high"), self.before[each.method.name], strict=True))
            row |= {"energy_kwh": whole, "lines": told, "training_hosted": offers[stage],
                    "estimate_options": self.as_estimated, "unread": list(self.unread)}  # fmt: skip
            rows.append(outputs.plain(row, {"energy_kwh": "the power of this GPU is not known"}))
        return rows

    def parts(self) -> Iterable[Table | str]:
        """Return the table, what its columns mean, which methods are not allowed, and what the intervals rest on."""
        yield self.table
        yield f"for {scenarios.said(self.values)}"
        yield (
            "USD; saved: against the whole of DPO on human labels; ratio: that over the whole of this one; a line of 0 "
            "in the published method is not counted there"
        )
        if self.price:
            yield self.price
        loops, once = (options.typed(self.as_estimated[stage]) for stage in ("ppo", "dpo"))
        late = [name for name in comparison.PREDICTION if self.values[name] != 1]
        times = f" (times {', '.join(late)})" if late else ""
        yield (f"GPU time{times}: that of costlib estimate with {once}; of ppo "
               f"and grpo with {loops}; the article's has one flat speed")  # fmt: skip
        yield from unread.said(self.unread)
        yield from (f"read: {said}" for said in self.read_as)
        if self.left_out:
            yield f"left out: {', '.join(self.left_out)} of the model, neither counted nor held"
        for each in self:
            if each.objections:
                yield f"not allowed: {each.method.label}: {'; '.join(each.objections)}"
        low, high = (fmt.number(float(end), 2) for end in interval("alignment", 1.0))
        open_by = fmt.percent(max(each.ends_error or 0 for each in self))
        yield (
            f"intervals: {fmt.number(self.draws)} draws of the inputs with a range and of the error of GPU time (four "
            f"in five published measurements are {low} to {high} of what the model says), at these counts: the pairs, "
            f"the evaluation and the price of seed data are known; before counts: these are drawn as well\n"
            f"so many draws leave an end open by about {open_by}"
        )
        yield from self.rests_on
        if offers := hosted.shown(self.hosted["dpo"], "full"):
            yield elsewhere(offers, "DPO on all pairs elsewhere")

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each method and a column of dollars for each line."""
        rows = [found | {f"{line['name']} usd": line["usd"] for line in found.pop("lines")} for found in self.to_dict()]
        for row in rows:
            del row["training_hosted"], row["estimate_options"], row["unread"]
        units = {name: "USD" for name in rows[0] if "usd" in name} | UNITS
        return frame(rows, units)


def _ends(low: Numeric, high: Numeric) -> str:
    return f"{fmt.dollars(low)} to {fmt.dollars(high)}"


def _of_line(name: str, each: Compared) -> str:
    return fmt.dollars(each.method.line(name).usd)
