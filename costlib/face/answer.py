"""What one stage takes, as it is shown: the verdict first, then what it rests on, at the end steps and memory."""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base._arrays import is_array
from costlib.base.display import Shown, Table, frame
from costlib.base.units import GB
from costlib.compute import job, models, plan, remedies, rollouts
from costlib.economics import hosted, methods
from costlib.facts import catalog, names, options, parameters, regimes

if TYPE_CHECKING:
    import pandas as pd

NAMED = ("model", "gpu", "critic_model", "reward_model")
CHOSEN = ("micro_batch", "attention", "recompute", "engine")  # beside what has no single default
STEP_UNITS = {"tokens": "tokens", "flops": "FLOPs", "flat_flops": "FLOPs", "gpu_hours": "GPU-h", "usd": "USD"}
SURELY = 1 - 1e-6  # of the hours, less than which another layout is the faster one
COMPARE, FASTEST = "the settings of costlib compare", "the fastest layout that is found"
FITS = "each of these makes it fit"


def names_read(told: Mapping[str, str], settings: Mapping[str, Any]) -> list[str]:
    """Return how names of models and GPUs were read where they are not those of the catalogue.

    Parameters
    ----------
    told : dict of option or input to the name that was given
    settings : dict with what each was read as

    Examples
    --------
    >>> names_read({"cluster_gpu": "h100"}, {"cluster_gpu": "h100-sxm-80gb"})
    ['h100 read as h100-sxm-80gb']
    """
    said = [names.said(text, settings[name]) for name, text in told.items()]
    own = [f"{each.label} from {each.source}" for name in told if not name.endswith("gpu")
           and not (each := models.find(settings[name])).source.startswith("the catalogue")]  # fmt: skip
    return [*dict.fromkeys([*filter(None, said), *own])]


class Answer(job.Estimate, Shown):
    """What one stage takes, with every attribute of :class:`costlib.compute.job.Estimate`."""

    def parts(self) -> Iterable[Table | str]:
        """Return whether it fits, time and cost with their intervals, what these rest on, steps and memory."""
        if any(map(is_array, (self.hours, self.usd, self.fits, self.min_gpus))):
            yield "answers to arrays of inputs, which are arrays: hours, usd, fits, min_gpus, and more in to_dict()"
            return
        yield from self._fits() if self.fits else self._does_not_fit()
        yield from self._takes()
        yield from self._energy()
        yield ""
        yield from self._rests_on()
        if offers := hosted.shown(self.elsewhere[0], "full" if self.setup.lora_rank is None else "lora"):
            yield ""
            yield elsewhere(offers)
        yield ""
        if self.stage in plan.TAKES_TURNS or any(line.pool == rollouts.OUTSIDE for line in self.bill):
            yield self._bill()
            yield ""
        yield self._steps()
        yield ""
        yield self._memory()

    def _fits(self) -> Iterable[str]:
        phase, held = self.fullest
        size, room = fmt.gigabytes(held.total), fmt.gigabytes(self.job.room)
        yield (f"fits      {size} of {room} GB on each GPU, {job.DOING[phase]} "
               f"{self.at_a_time:g} at a time; fewest GPUs: {self.min_gpus:g}")  # fmt: skip

    def _does_not_fit(self) -> Iterable[Table | str]:
        """What is full, and what would make it fit."""
        yield f"does not fit: {self.reason}"
        if self.min_gpus == float("inf"):
            yield f"fits on no number of GPUs in this layout: {fmt.gigabytes(self.rest)} GB do not shrink with them"
        yield ""
        tried = [(each, fmt.gigabytes(each.memory_gb_per_gpu * GB)) for each in self.remedies]
        enough = [[each.options, size, _cents(each.hours or 0), _usd(each.usd or 0), each.does]
                  for each, size in tried if each.fits]  # fmt: skip
        if enough:
            yield Table([FITS, "GB", "hours", "cost", "what it does"], enough, (FITS, "GB", "cost", "hours"))
        else:
            yield "Nothing that was tried makes it fit."
        yield f"not enough: {', '.join(f'{each.options} ({size} GB)' for each, size in tried if not each.fits) or '-'}"
        yield ""

    def _takes(self) -> Iterable[str]:
        """Hours and dollars with their intervals; where the job does not fit, what they would be if it did."""
        heads = ("the run   ", "cost      ") if self.fits else ("would take  ", "would cost  ")
        hours, usd = self.interval(self.hours), self.usd_interval
        only = "" if self.fits else ", if it did fit,"
        said = [f"{_cents(self.hours)} hours{only} on {self.gpus:g} x {self.gpu.label}", _usd(self.usd)]
        if hours and usd:
            said[0] += f"; 80 %: {_cents(hours[0])} to {_cents(hours[1])} hours"
            said[1] += f"; 80 %: {_usd(usd[0])} to {_usd(usd[1])}"
        yield heads[0] + said[0]
        price = self.job.price_usd_per_gpu_hour
        if price is None:
            yield f"{heads[1]}no dollars: {self.no_usd}; --price gives one"
            return
        yield (f"{heads[1]}{said[1]}, at {fmt.price(price, 3)} a GPU-hour "
               f"({self.job.quote.said if self.job.quote else 'as given'})")  # fmt: skip

    def _energy(self) -> Iterable[str]:
        """Electricity and CO2 with their ranges."""
        head = "energy    " if self.fits else "energy      "
        if self.energy is None:
            yield f"{head}unknown, as is the power of this GPU"
            return
        kwh, co2 = (f"{fmt.compact(each.value, 3)} {unit} ({fmt.compact(each.low, 3)} to {fmt.compact(each.high, 3)})"
                    for each, unit in zip(self.energy, ("kWh", "kg CO2e"), strict=True))  # fmt: skip
        grid = catalog.find("grids", self.job.grid)
        yield (f"{head}{kwh}, PUE {fmt.short(self.settings['pue'])}; {co2}, grid of {grid.label} "
               f"({grid.year})")  # fmt: skip

    @cached_property
    def elsewhere(self) -> tuple[list[hosted.Offer], str]:
        """The same job at services, as :func:`costlib.economics.hosted.offers` has them, or why there is none."""
        return hosted.offers(self.job, self.cost)

    @cached_property
    def others(self) -> tuple[remedies.Remedy, ...]:
        """The same job as `costlib compare` sets it, and in the fastest layout: changes and what it then takes.

        Nothing where the job does not fit; no layout that is no faster, and neither what the job has already nor what
        it cannot have.
        """
        if is_array(self.fits) or not self.fits or self.stage == "generate" or not self.predicted:
            return ()
        theirs = methods.settings(self.stage, parameters.defaults())
        searched = self.settings["layout"] == "auto"  # which chose what nobody gave
        now = self.settings | ({"recompute": self.job.options.get("recompute")} if searched else {})
        new = {name: value for name, value in theirs.items() if value != now[name]}
        asked = {COMPARE: ({"layout": "given"} if searched else {}) | new,
                 FASTEST: remedies.AUTO if self.gpus > 1 and not searched else {}}  # fmt: skip
        found = []
        for does, change in asked.items():
            try:
                other = self._with(change) if change else self
                if change and (does == COMPARE or other.hours < self.hours * SURELY):
                    found.append(remedies.tried(does, change, other))
            except ValueError:  # no layout is searched of arrays
                continue
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in plain numbers as :class:`costlib.compute.job.Estimate` does, and the job elsewhere."""
        offers, reason = self.elsewhere
        return super().to_dict() | {
            "hosted": [offer.to_dict() for offer in offers],
            "hosted_reason": reason or None,
            "read_as": self.read_as,
            "left_out": list(models.find(self.settings["model"]).left_out),
            "others": [each.to_dict() for each in self.others],
        }

    @property
    def read_as(self) -> list[str]:
        """How the names of models and GPUs were read where they are not those of the catalogue."""
        given = self.job.options
        return names_read({name: str(given[name]) for name in NAMED if name in given}, self.settings)

    def _rests_on(self) -> Iterable[str]:
        """The job in words, and what nobody gave: values that the answer chose itself."""
        settings, data = self.settings, self.job.data
        model = models.find(settings["model"])
        counts = [fmt.number(each, 0 if each % 1 == 0 else 1)
                  for each in (data.examples, data.prompt_tokens, data.response_tokens, data.epochs)]  # fmt: skip
        counted = options.COUNTED[self.stage] if self.job.more.get("paired", True) else "examples"
        yield (f"job       {self.stage} of {model.label}: {counts[0]} {counted} of {counts[1]} + "
               f"{counts[2]} tokens{f', {counts[3]} epochs' if data.epochs != 1 else ''}")  # fmt: skip
        if chosen := settings.get("variant"):
            told = [f"{name} {_word(settings[name])}" for name in job.OF_VARIANT if name in settings]
            yield f"variant   {catalog.find('variants', chosen).label}: {', '.join(told)}"
        unsaid = ("price_usd_per_gpu_hour", "pue", *(("reward_seconds",) if not settings.get("judge") else ()))
        if self.stage == "generate":
            unsaid += ("reward",)  # of best of n alone, which names it
        known = options.options()
        names = [name for name in self.assumed if name not in unsaid and settings[name] is not None and (
                 name in CHOSEN or known[name].otherwise or known[name].is_set(settings[name]))]  # fmt: skip
        yield f"assumed   {', '.join(f'{name} {_word(settings[name])}' for name in names)}"
        for each in self.others:
            takes = _usd(math.nan if each.usd is None else each.usd) if each.fits else "does not fit"
            yield f"or        {takes} with {each.options}, {each.does}"
        yield from (f"read      {said}" for said in self.read_as)
        if model.left_out:
            yield f"left out  {', '.join(model.left_out)} of the model, neither counted nor held"
        if self.stage in ("ppo", "grpo"):
            waits = [f"{pool} pool idle {fmt.percent(self._idle(pool))}" for pool in ("train", "rollout")
                     if self.job.loop.rollout_gpus is not None]  # fmt: skip
            yield "; ".join((f"time      {fmt.percent(self.job.generating(self.cost))} of it generating", *waits))
            written = data.examples * data.epochs * settings["samples"]
            yield (f"step      {fmt.number(self.step_seconds, 1)} s, {fmt.number(self.rl_steps, 0)} of "
                   f"them, each of {min(settings['generation_batch'], written or math.inf):,g} responses")  # fmt: skip
        if not self.predicted:
            yield "interval  none: the speed was given, not predicted"
            return
        yield f"interval  {self.regime}: {regimes.told(self.regime)}"
        yield from (f"          wider, beyond what was measured: {each}"
                    for each in regimes.beyond(self.regime, **self.size))  # fmt: skip

    def _bill(self) -> Table:
        """The run in a few lines, by pool."""
        rows = [
            [line.name, line.pool, *("-" if line.pool == rollouts.OUTSIDE else each for each in (
                _cents(line.hours), _cents(line.gpu_hours))), _cents(line.usd),
             "-" if line.kwh is None or line.pool == rollouts.OUTSIDE else fmt.compact(line.kwh, 3),
             fmt.compact(line.calls) if line.calls else "-"] for line in self.bill
        ]  # fmt: skip
        whole = "-" if self.energy is None else fmt.compact(self.energy.kwh.value, 3)
        rows.append(["all", "", _cents(self.hours), _cents(self.cost.gpu_hours), _cents(self.cost.usd), whole, "-"])
        header = ["one run", "GPUs", "hours", "GPU-hours", "USD", "kWh", "calls"]
        return Table(header, rows, ("one run", "GPUs", "USD", "hours"))

    def _steps(self) -> Table:
        whole: list[tuple[str, str, Any]] = [("all", "", self.cost)]
        rows = [
            [name, model, fmt.compact(cost.tokens), fmt.power_of_ten(cost.flops, 2),
             fmt.power_of_ten(cost.flat_flops, 2) if cost.flat_flops else "0", _cents(cost.gpu_hours),
             _cents(cost.usd)]
            for name, model, cost in [*((step.name, step.model, step) for step in self.cost.steps), *whole]
        ]  # fmt: skip
        header = ["step", "model", "tokens", "FLOPs", "FLOPs by 2N, 6N", "GPU-hours", "USD"]
        return Table(header, rows, ("step", "USD", "GPU-hours", "model"))

    def _memory(self) -> Table:
        phase, held = self.fullest
        shown = {name: size for name, size in held.items() if size} | {"all": held.total}
        rows = [[name, fmt.number(size / GB, 1)] for name, size in shown.items()]
        return Table([f"on each GPU while {job.DOING[phase]}, {self.at_a_time:g} at a time", "GB"], rows)

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each step, units in `attrs["units"]`."""
        return frame((step._asdict() for step in self.cost.steps), STEP_UNITS)


def elsewhere(offers: Iterable[hosted.Offer], what: str = "the same job elsewhere") -> Table:
    """Return what services ask for a job, with the date of the price and when own GPUs are cheaper."""
    rows = [
        [offer.name + (f" (without {' and '.join(offer.left_out)})" if offer.left_out else ""), _cents(offer.usd),
         offer.date[:7] + (", old" if offer.old else ""),
         "-" if offer.busy_share != offer.busy_share else
         f"{fmt.percent(offer.busy_share)} busy" if offer.busy_share < 1 else "never"]
        for offer in offers
    ]  # fmt: skip
    return Table([what, "USD", "price of", "own GPUs cheaper from"], rows)


def _word(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else fmt.short(value)


def _usd(value: float) -> str:
    return "-" if math.isnan(value) else fmt.price(value, 3)


def _cents(value: float) -> str:
    return "-" if math.isnan(value) else "<0.01" if 0 < value < 0.005 else str(fmt.number(value, 2))
