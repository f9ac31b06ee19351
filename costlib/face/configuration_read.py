"""A training configuration that was read, as it is shown: what is used, assumed and ignored of it, and its estimate."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from costlib.base import fmt
from costlib.base.display import Shown, Table, window
from costlib.base.text import brief
from costlib.compute import job
from costlib.compute.plan import Job
from costlib.face.answer import Answer
from costlib.facts import catalog, options
from costlib.facts.hardware import OF_PROCESS, Hardware
from costlib.facts.prices import Prices
from costlib.recipes.recipe import Entry, TrainingConfiguration

LONGEST = 30  # characters of a value in a table


class ConfigurationRead(TrainingConfiguration, Shown):
    """A training configuration, with every attribute of :class:`costlib.recipes.recipe.TrainingConfiguration`."""

    def __init__(self, paths: Sequence[str | Path], framework: str | None, stage: str | None, given: dict[str, Any],
                 hardware: Hardware | None = None, own_prices: Prices | None = None) -> None:  # fmt: skip
        super().__init__(paths, framework, stage, given)
        self.hardware, self.own_prices = hardware, own_prices

    def estimate(self, hardware: Hardware | None = OF_PROCESS, prices: Prices | None = None) -> "Configured":
        """Return what the job takes; a ValueError lists what no file holds."""
        own = self.hardware if hardware is OF_PROCESS else hardware
        chosen = self.job_options(own)
        return Configured(job.job(self.stage or "", **chosen, hardware=own, prices=prices or self.own_prices), self)

    def parts(self) -> Iterable[Table | str]:
        """Return the keys that set an option, the defaults that do, those ignored by reason, and what is missing."""
        label = catalog.table("recipe_frameworks")[self.framework].label
        yield f"read      {brief(', '.join(self.files))} as {label}: {self.stage or 'a stage that it does not say'}"
        for name, entries in (("used", self.used), ("assumed", self.assumed)):
            if entries:
                yield ""
                rows = [[f"{each.key}: {_short(each.value)}", _sets(each)] for each in entries]
                yield from _listed([name, "sets"], rows)
        # What the estimate leaves out though it matters comes first.
        if reasons := sorted({each.why: None for each in self.ignored}, key=lambda why: why[:12] != "not modelled"):
            rows = [[why, ", ".join(each.key for each in self.ignored if each.why == why)] for why in reasons]
            yield ""
            yield from _listed(["ignored, since", "keys"], rows)
        if self.lacks:
            yield ""
            yield f"assumed   {self.lacks}"
        if asks := list(self.asks()):
            yield ""
            yield "missing   " + "\n          ".join(asks)

    def to_dict(self) -> dict[str, Any]:
        """Return what was read, in plain values."""
        entries = {name: [each._asdict() | {"sets": dict(each.sets)} for each in getattr(self, name)]
                   for name in ("used", "assumed", "ignored")}  # fmt: skip
        return {"files": list(self.files), "framework": self.framework, "stage": self.stage, "options": self.options,
                **entries, "missing": list(self.missing), "lacks": self.lacks}  # fmt: skip


class Configured(Answer):
    """What the job of a training configuration takes, with `read`, what was read."""

    def __init__(self, described: Job, read: ConfigurationRead) -> None:
        super().__init__(described)
        self.read = read

    def _does_not_fit(self) -> Iterable[Table | str]:
        """What is full, what a second file might say, and what would make it fit."""
        found = iter(super()._does_not_fit())
        yield next(found)
        yield from filter(None, (self.read.lacks,))
        yield from found

    def parts(self) -> Iterable[Table | str]:
        """Return the answer, and beneath it what was read."""
        yield from super().parts()
        yield ""
        yield from self.read.parts()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in plain numbers, and under `config` what was read."""
        return super().to_dict() | {"config": self.read.to_dict()}


def _listed(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[Table | str]:
    """A table, or a line for each row where a window has no room for both columns: neither may be missing."""
    table = Table(header, rows)
    if table.fits(window()):
        yield table
    else:
        yield f"{header[0]} | {header[1]}"
        yield from (f"- {first} | {second}" for first, second in rows)


def _sets(entry: Entry) -> str:
    """What a key sets, as the command takes it."""
    known = options.options()
    named = {name: known[name].flag if name in known else name for name in entry.sets}
    return ", ".join(_given(named[name], value) for name, value in entry.sets.items())


def _given(flag: str, value: Any) -> str:
    if isinstance(value, bool):
        return flag if value else flag.replace("--", "--no-")
    return f"{flag} {value if isinstance(value, str) else fmt.short(value)}"


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
