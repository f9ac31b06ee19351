"""The same job at services that train or generate for others, and the load from which own GPUs are cheaper.

A service bills tokens by what is done with them (train, prefill, sample), training tokens with all that training takes,
or GPU-hours. Tokens are those of the steps of the job, GPU-hours those that are predicted for it. A price belongs to a
model, or to a class of sizes. Storage, graders and idle time are not counted, nor a discount for cached prompts.

Own GPUs that are paid all month cost GPUs x price x hours of a month, whatever they do; a service is paid for each job.
So own GPUs are cheaper if such jobs keep them busy for more than own dollars / service's dollars of the time, that is
from GPUs x price x hours of a month / (service's dollars / examples) examples a month on. Above 1 they never are.

Source: `facts/managed_training.csv`, and for hosted generation the prices in `facts/judge_prices.csv` too.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric, largest, where
from costlib.compute.inference import HOURS_PER_MONTH
from costlib.compute.plan import Job
from costlib.compute.stages import StageCost
from costlib.economics import methods, scenarios
from costlib.facts import catalog, judges, names, outputs, prices
from costlib.facts.parameters import Values
from costlib.facts.schema import Record

MILLION = 1e6
# What a service bills of a step, by its name; old log-probabilities come with the samples.
BILLED = {"train": "train tokens", "update actor": "train tokens", "reference": "prefill tokens",
          "prefill": "prefill tokens", "decode": "sample tokens"}  # fmt: skip
UNBILLED = ("advantages", "old log-probabilities", "mismatched pairs")
QUALITIES = ("high", "medium", "low")
MOST_SHOWN = 4
NO_PRICE = "own GPUs have no price, or the job no work"


class Offer(NamedTuple):
    """One service's price of a job.

    `usd_high` is None unless the source gives a range, `adapters` lora or full where it says so; `left_out` are the
    models of the job that the service does not run. `busy_share` is the share of the time from which own GPUs are
    cheaper [fraction], `examples_per_month` and `tokens_per_month` the load; infinite where they never are.
    """

    provider: str
    service: str
    label: str
    adapters: str
    usd: Numeric
    usd_high: Numeric | None
    date: str
    quality: str
    source: str
    left_out: tuple[str, ...]
    busy_share: Numeric
    examples_per_month: Numeric
    tokens_per_month: Numeric

    @property
    def old(self) -> bool:
        """Whether the price is from more than 180 days before the edition's date, or has no month."""
        day = [*map(int, self.date.split("-")), 1]
        return len(day) < 3 or prices.EDITION - date(*day[:3]) > prices.OLD

    @property
    def name(self) -> str:
        """Provider, service and what it trains."""
        what = {"lora": ", LoRA", "full": ", full"}.get(self.adapters, "")
        return f"{self.provider}: {self.service}{what}"

    def to_dict(self) -> dict[str, Any]:
        """Return the same in plain values; what does not exist is None, with the reason beside it."""
        never = "own GPUs cost more even if they are always busy"
        load = never if largest(self.busy_share) > 1 else NO_PRICE
        why = {"busy_share": NO_PRICE, "examples_per_month": load, "tokens_per_month": load}
        return outputs.plain({**self._asdict(), "left_out": list(self.left_out), "old": self.old}, why)


def offers(job: Job, cost: StageCost) -> tuple[list[Offer], str]:
    """Return what a job costs at each service that offers it, the cheapest first, or why there is none.

    Parameters
    ----------
    job : costlib.compute.plan.Job
    cost : costlib.compute.stages.StageCost of the job

    Returns
    -------
    offers, reason : the reason is empty where there are offers

    Examples
    --------
    A million tokens of training at the price of one:

    >>> from costlib.compute.job import estimate
    >>> done = estimate("sft", "llama-3.1-8b", "h100-sxm-80gb", 8, 1000, 0, 1000)
    >>> found, _ = offers(done.job, done.cost)
    >>> [(offer.provider, offer.usd) for offer in found if offer.adapters == "lora"][:2]
    [('Thinking Machines', 0.4), ('Ori', 0.46)]
    """
    if job.stage == "rm":
        return [], "no service of managed_training.csv trains reward models"
    priced = [offer for rows in _latest(job).values() if (offer := _priced(job, cost, rows))]
    none = f"managed_training.csv has no price for {job.stage} of {job.options.get('model')} in its size and length"
    return sorted(priced, key=lambda offer: largest(offer.usd)), "" if priced else none


def training(values: Values) -> dict[str, list[Offer]]:
    """Return what services ask for the training of a scenario's methods, by stage: DPO on all its pairs, and PPO.

    >>> {stage: [offer.provider for offer in found] for stage, found in training(scenarios.complete({})).items()}
    {'dpo': ['Together', 'Fireworks', 'Fireworks'], 'ppo': []}
    """
    work = {"dpo": (scenarios.num_pairs(values), values["epochs"]), "ppo": (values["num_episodes"], 1)}
    jobs = {stage: methods.trained(stage, values, *amounts) for stage, amounts in work.items()}
    return {stage: offers(job, job.cost())[0] for stage, job in jobs.items()}


def shown(found: list[Offer], adapters: str) -> list[Offer]:
    """Return a few offers to print: of each provider one, with adapters or without as asked where it has both.

    Prices of low quality and those without a month are left out.
    """
    good = [offer for offer in found if offer.quality != "low" and "-" in offer.date]
    best = {offer.provider: offer for offer in sorted(good, key=lambda offer: offer.adapters == adapters)}
    return [offer for offer in good if offer is best[offer.provider]][:MOST_SHOWN]


def _latest(job: Job) -> dict[tuple[str, ...], dict[str, Record]]:
    """The prices of each service that hold for a job, the latest of each kind, by what is priced."""
    found: dict[tuple[str, ...], dict[str, Record]] = {}
    for row in sorted((each for each in _rows() if _holds(each, job)), key=lambda each: each.valid_from):
        found.setdefault((row.provider, row.service, row.label, row.adapters), {})[row.per] = row
    # A service asks more for longer sequences; the shortest that are long enough are meant.
    limits = {key: max(row.up_to_tokens or 0 for row in rows.values()) for key, rows in found.items()}
    shortest = {key[:2]: min(limits[other] for other in found if other[:2] == key[:2]) for key in found}
    return {key: rows for key, rows in found.items() if limits[key] == shortest[key[:2]]}


def _rows() -> Iterator[Record]:
    yield from catalog.table("managed_training").values()
    for judge in judges.priced().values():
        shared: dict[str, Any] = {
            "provider": judge.provider, "service": "hosted generation", "label": judge.label, "model": judge.label,
            "stages": "generate", "valid_from": judge.price_date, "quality": "high", "source": judge.source,
            **dict.fromkeys(("adapters", "gpu"), ""),
            **dict.fromkeys(("above_parameters", "up_to_parameters", "up_to_tokens", "usd_high")),
        }  # fmt: skip
        yield Record(shared | {"per": "prefill tokens", "usd": judge.usd_per_million_input})
        yield Record(shared | {"per": "sample tokens", "usd": judge.usd_per_million_output})


def _holds(row: Record, job: Job) -> bool:
    """Whether a price is one for the model, the stage and the lengths of a job."""
    if job.stage not in (row.stages.split("|") if row.stages else (job.stage,)):
        return False
    if row.up_to_tokens and largest(job.data.longest) > row.up_to_tokens:
        return False
    if row.model:
        return bool(_bare(row.model) == _bare(str(job.options.get("model"))))
    if row.gpu:
        return bool(row.gpu == job.gpu.name)
    size = job.model.parameters
    return bool((row.above_parameters or 0) < size <= (row.up_to_parameters or math.inf))


@cache
def _bare(model: str) -> str:
    """The catalogue's name of a model, else its name without marks."""
    return names.model(model) or names.compact(model)


def _priced(job: Job, cost: StageCost, rows: Mapping[str, Record]) -> Offer | None:
    """A service's price of a job from its prices; None where they do not cover it."""
    tokens: dict[str, Numeric] = {}
    for step in cost.steps:
        if kind := BILLED.get(step.name):
            tokens[kind] = tokens.get(kind, 0) + step.tokens / MILLION
    total = {"training tokens": tokens.get("train tokens", 0), "GPU-hours": cost.gpu_hours}
    amounts = next(({kind: amount} for kind, amount in total.items() if kind in rows), tokens)
    if not amounts or not amounts.keys() <= rows.keys():
        return None
    others = [step.model for step in cost.steps if step.name not in (*BILLED, *UNBILLED) and step.model != "-"]
    used = [rows[kind] for kind in amounts]
    usd: Any = sum(amount * rows[kind].usd for kind, amount in amounts.items())
    ranged = all(row.usd_high is not None for row in used)
    price = math.nan if job.price_usd_per_gpu_hour is None else job.price_usd_per_gpu_hour
    share = cost.gpu_usd / where(usd > 0, usd, math.nan)
    month = where(share > 1, math.inf, job.setup.gpus * price * HOURS_PER_MONTH)
    jobs = month / where(usd > 0, usd, math.nan)
    return Offer(
        used[0].provider, used[0].service, used[0].label, used[0].adapters, usd,
        sum(amount * rows[kind].usd_high for kind, amount in amounts.items()) if ranged else None,
        min(row.valid_from for row in used), max((row.quality for row in used), key=QUALITIES.index), used[0].source,
        () if "GPU-hours" in amounts else tuple(dict.fromkeys(others)), share, jobs * job.data.examples,
        jobs * cost.tokens,
    )  # fmt: skip
