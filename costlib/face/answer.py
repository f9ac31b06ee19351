"""What one stage takes, as it is shown."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from costlib import fmt
from costlib.compute import job
from costlib.display import Shown, Table, frame
from costlib.facts import options

if TYPE_CHECKING:
    import pandas as pd

CHOSEN = ("micro_batch", "attention", "recompute")  # beside what has no single default
STEP_UNITS = {"tokens": "tokens", "flops": "FLOPs", "flat_flops": "FLOPs", "gpu_hours": "GPU-h", "usd": "USD"}


class Answer(Shown, job.Estimate):
    """What one stage takes, with every attribute of :class:`costlib.compute.job.Estimate`."""

    def parts(self) -> Iterable[Table | str]:
        """Return steps, time with its interval, memory, and whether it fits."""
        yield self._steps()
        generating = ""
        if self.stage in ("ppo", "grpo"):
            generating = f"; {fmt.percent(self.cost.share('generate'))} of the time generating"
        yield f"{fmt.number(self.hours, 2)} hours on {self.gpus} x {self.gpu.label}{generating}"
        yield from self._intervals()
        yield ""
        yield from self._memory()
        yield self._chosen()

    def _steps(self) -> Table:
        whole: list[tuple[str, str, Any]] = [("all", "", self.cost)]
        rows = [
            [name, model, fmt.short(cost.tokens, 4), fmt.power_of_ten(cost.flops, 2),
             fmt.power_of_ten(cost.flat_flops, 2) if cost.flat_flops else "0", _cents(cost.gpu_hours),
             _cents(cost.usd)]
            for name, model, cost in [*((step.name, step.model, step) for step in self.cost.steps), *whole]
        ]  # fmt: skip
        header = ["step", "model", "tokens", "FLOPs", "FLOPs by 2N, 6N", "GPU-hours", "USD"]
        return Table(header, rows, ("step", "model", "GPU-hours", "USD"))

    def _intervals(self) -> Iterable[str]:
        hours, usd = self.interval(self.hours), self.interval(self.cost.usd)
        if not (hours and usd):
            yield "no interval: the speed was given, not predicted"
            return
        low, high = (fmt.number(end, 2) for end in hours)
        yield f"80 % interval of the time: {low} to {high} hours, by published measurements of {self.group}"
        low, high = (fmt.dollars(end) for end in usd)
        yield f"80 % interval of the cost: {low} to {high} USD"

    def _memory(self) -> Iterable[Table | str]:
        phase, held = self.fullest
        shown = {name: size / 1e9 for name, size in held.items() if size}
        rows = [[name, fmt.number(gb, 1)] for name, gb in {**shown, "all": held.total / 1e9}.items()]
        yield Table([f"on each GPU in the fullest phase ({phase})", "GB"], rows)
        sequences = f"{self.setup.micro_batch:g} sequences at a time"
        verdict = "fits" if self.fits else "does not fit"
        largest = max(shown, key=lambda name: shown[name])
        yield f"{verdict} {self.gpu.hbm_gb:g} GB with {sequences}; the largest part is {largest}"
        if self.min_gpus < float("inf"):
            yield f"fewest GPUs: {self.min_gpus:g}"
        else:
            rest = fmt.number(self.rest / 1e9, 0)
            yield f"fits on no number of GPUs: {rest} GB do not shrink with them (try --recompute full, --lora-rank)"

    def _chosen(self) -> str:
        """What nobody gave and the answer rests on: values that it chose itself."""
        known, settings = options.options(), self.settings
        names = [name for name in self.assumed
                 if name in CHOSEN or (known[name].otherwise and settings[name] is not None)]  # fmt: skip
        return f"chosen here, since not given: {', '.join(f'{name} {_word(settings[name])}' for name in names)}"

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each step, units in `attrs["units"]`."""
        return frame((step._asdict() for step in self.cost.steps), STEP_UNITS)


def _word(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else fmt.short(value)


def _cents(value: float) -> str:
    return "<0.01" if 0 < value < 0.005 else str(fmt.number(value, 2))
