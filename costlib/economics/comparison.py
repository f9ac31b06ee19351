"""Methods side by side for one scenario: central values, how far they may be off, what fits, and where sides change."""

import math
from functools import cache, reduce
from typing import NamedTuple

from costlib import sampling
from costlib._arrays import maximum
from costlib.compute.job import estimate
from costlib.economics import methods, scenarios, uncertainty

REFERENCE = "human-dpo"
DRAWS = 10_000
TRAINS = {"published": (), "human-ppo": ("sft", "rm", "ppo")}
BY_DPO = ("sft", "dpo")


class Compared(NamedTuple):
    """A method at the values of a scenario, the 90 % interval of its dollars, and the ratio of people's cost to it."""

    method: methods.Method
    usd_low: float
    usd_high: float
    ratio: float
    ratio_low: float
    ratio_high: float

    def to_dict(self):
        """Return the same in plain numbers: USD, days, GPU-hours, and lines in order."""
        method = self.method
        return {
            "method": method.name,
            "label": method.label,
            "usd": method.usd,
            "usd_low": self.usd_low,
            "usd_high": self.usd_high,
            "days": method.days,
            "gpu_hours": method.gpu_hours,
            "pairs": method.pairs,
            "usd_per_effective_pair": method.usd_per_effective_pair,
            "ratio": self.ratio,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
            "lines": [line._asdict() for line in method.lines],
        }


def compared(values, draws=DRAWS, fixed=()):
    """Return every method with intervals, in the order of :data:`costlib.economics.methods.METHODS`.

    Inputs with a range are drawn around nothing but that range: an input that a scenario sets on purpose belongs in
    `fixed`. All methods share their draws, so a ratio compares like with like.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    draws : how many
    fixed : names that keep their value although they have a range

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = {each.method.name: each for each in compared(complete({}), draws=100)}
    >>> found["rlaif"].usd_low < found["rlaif"].method.usd < found["rlaif"].usd_high
    True
    """
    return with_intervals(methods.compare(values), _drawn(values, draws, fixed))


def with_intervals(central, drawn):
    """Set drawn dollars beside the methods of a scenario.

    Parameters
    ----------
    central : dict of name to Method, as of :func:`costlib.economics.methods.compare`
    drawn : dict of name to drawn dollars, an array or a list [USD]
    """
    return [
        Compared(central[name], *sampling.sample(drawn[name]).interval, central[REFERENCE].usd / central[name].usd,
                 *sampling.sample(_ratios(drawn[REFERENCE], drawn[name])).interval)
        for name in central
    ]  # fmt: skip


def draws_one_by_one(values, start, stop, fixed=()):
    """Yield the dollars of every method for the draws numbered `start` to `stop`, the same as in :func:`compared`.

    For a page in a browser, which has no arrays and wants a first answer before the last draw.

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> rows = list(draws_one_by_one(complete({}), 0, 50))
    >>> low, high = sampling.sample([row["rlaif"] for row in rows]).interval
    >>> round(low / compared(complete({}), draws=50)[4].usd_low, 12)
    1.0
    """
    drawn = {name: found for name, found in _all_draws(stop).items() if name not in fixed}
    for number in range(start, stop):
        row = {name: float(found[number]) for name, found in drawn.items()}
        yield {name: method.usd for name, method in methods.compare(values | row).items()}


class Fit(NamedTuple):
    """A training stage on the GPUs of a scenario: `min_gpus` is infinite where it fits on no number of them."""

    stage: str
    fits: bool
    min_gpus: float
    gb_per_gpu: float


def training_fits(values):
    """Return how each training stage fits the GPUs of a scenario, as Part III runs it.

    All weights are sharded over the GPUs, activations are computed again, and four sequences pass at a time.

    Parameters
    ----------
    values : dict of every parameter; numbers may be arrays

    Returns
    -------
    dict of stage ("sft", "dpo", "rm", "ppo") to Fit

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = training_fits(complete({}))
    >>> found["dpo"].fits, found["dpo"].min_gpus < found["ppo"].min_gpus
    (True, True)
    """
    where = [values[name] for name in ("policy_model", "cluster_gpu", "policy_gpus")]
    lengths = values["question_tokens"], values["answer_tokens"]
    found = {}
    for stage in ("sft", "dpo", "rm", "ppo"):
        job = estimate(stage, *where, 1, *lengths, micro_batch=4, recompute="full")
        found[stage] = Fit(stage, job.fits, job.min_gpus, job.peak_gb)
    return found


def needed_gpus(name, fits):
    """Return the fewest GPUs on which every training stage of a method fits; 0 for the article's, which has no memory.

    Parameters
    ----------
    name : of a method
    fits : as of :func:`training_fits`
    """
    return reduce(maximum, (fits[stage].min_gpus for stage in TRAINS.get(name, BY_DPO)), 0)


def stages_that_do_not_fit(name, fits):
    """Return the training stages of a method that need more GPUs than the scenario has."""
    return [stage for stage in TRAINS.get(name, BY_DPO) if not fits[stage].fits]


class BreakEven(NamedTuple):
    """Where DPO on labels by people and by a hosted judge cost the same; None where they never do.

    Parameters
    ----------
    usd_per_comparison : price of a human comparison, above which the judge is cheaper [USD]
    pairs : usable pairs, above which the judge is cheaper [pairs]
    usd_per_gpu_hour : price of a GPU-hour, below which a model that judges itself is cheaper than people [USD/GPU-h]
    judge_agreement : agreement, above which the judge is cheaper for each effective pair [fraction]
    """

    usd_per_comparison: float | None
    pairs: float | None
    usd_per_gpu_hour: float | None
    judge_agreement: float | None


def break_even(values):
    """Return where the two sides of a scenario change places, all other inputs as they are.

    Costs are straight lines in each of the three amounts, so two points of each line give their crossing.

    Parameters
    ----------
    values : dict of every parameter, single numbers

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = break_even(complete({}))
    >>> at = complete({}) | {"human_usd_per_pair": found.usd_per_comparison}
    >>> round(methods.human_dpo(at).usd / methods.rlaif(at).usd, 9)
    1.0
    """
    people, judge, own = methods.human_dpo(values), methods.rlaif(values), methods.self_rewarding(values)
    free = values | {"human_usd_per_pair": 0.0}
    price = _crossing(values["human_usd_per_pair"] or 1.0, *(
        (method(free).usd, method(free | {"human_usd_per_pair": values["human_usd_per_pair"] or 1.0}).usd)
        for method in (methods.human_dpo, methods.rlaif)))  # fmt: skip
    none = values | {"num_pairs_m1": 0, "num_pairs_m2": 0}
    pairs = _crossing(scenarios.num_pairs(values), (methods.human_dpo(none).usd, people.usd),
                      (methods.rlaif(none).usd, judge.usd)) if scenarios.num_pairs(values) else None  # fmt: skip
    hours = own.gpu_hours - people.gpu_hours
    gpu = values["price_usd_per_gpu_hour"] + (people.usd - own.usd) / hours if hours > 0 else None
    agreement = 0.5 + (values["human_agreement"] - 0.5) * judge.usd / people.usd
    return BreakEven(price, pairs, gpu if gpu is not None and gpu > 0 else None, agreement if agreement <= 1 else None)


def _crossing(here, people, judge):
    """Where two lines meet, each given at 0 and at `here`; the judge's must rise less, or it never becomes cheaper."""
    steeper = (people[1] - people[0]) - (judge[1] - judge[0])
    if not steeper > 1e-12 * max(people[1], judge[1]):
        return None
    return max(0.0, (judge[0] - people[0]) * here / steeper)


@cache
def _all_draws(count):
    """The draws of every uncertain input, made in powers of two so that a longer run keeps the shorter one's."""
    return uncertainty.draw(draws=1 << math.ceil(math.log2(max(1, count))))


def _drawn(values, draws, fixed):
    """Dollars of every method for each draw."""

    def dollars(drawn):
        return {name: method.usd for name, method in methods.compare(drawn).items()}

    found = uncertainty.monte_carlo(dollars, values, draws=draws, fixed=fixed)
    if isinstance(found, list):
        return {name: [row[name] for row in found] for name in found[0]}
    return found


def _ratios(reference, other):
    if isinstance(reference, list):
        return [people / method for people, method in zip(reference, other, strict=True)]
    return reference / other
