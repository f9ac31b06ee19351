"""Methods side by side for one scenario: central values, how far they may be off, and where sides change."""

import math
from functools import cache
from typing import NamedTuple

from costlib import sampling
from costlib.economics import admissible, methods, scenarios, uncertainty
from costlib.facts import outputs

REFERENCE = "human-dpo"
PREDICTION = "gpu_time_factor"


class Compared(NamedTuple):
    """A method at the values of a scenario, the 90 % interval of its dollars, and the ratio of people's cost to it.

    The ratio is that of the whole of DPO on human labels to the whole of this method. `objections` say why the method
    is not allowed, see :mod:`costlib.economics.admissible`; there are none where it is. `ends_error` is how far the
    number of draws leaves the ends of the dollars open, as a share.
    """

    method: methods.Method
    usd_low: float
    usd_high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    objections: tuple = ()
    ends_error: float | None = None

    @property
    def allowed(self):
        """Whether nothing speaks against the method."""
        return not self.objections

    @property
    def quantities(self):
        """The answer: each number with its unit, its definition and, where it has one, its interval."""
        method = self.method
        values = {name: getattr(method, name) for name in ("usd", "gpu_hours", "days", "usd_per_effective_pair")}
        ends = {"usd": (self.usd_low, self.usd_high), "ratio": (self.ratio_low, self.ratio_high)}
        return outputs.quantities("method", values | {"ratio": self.ratio}, ends)

    def to_dict(self):
        """Return the same in plain numbers: USD, days, GPU-hours, and lines in order."""
        found = self.quantities
        return {
            "method": self.method.name,
            "label": self.method.label,
            **{name: each.value for name, each in found.items()},
            **{f"{name}_{end}": getattr(found[name], end) for name in ("usd", "ratio") for end in ("low", "high")},
            "pairs": self.method.pairs,
            "allowed": self.allowed,
            "objections": list(self.objections),
            "lines": [line._asdict() for line in self.method.lines],
        }


def compared(values, draws=uncertainty.DRAWS, fixed=()):
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
    central = methods.compare(values)
    return with_intervals(central, drawn_usd(values, draws, fixed), admissible.objections(values, central))


def with_intervals(central, drawn, objections):
    """Set drawn dollars beside the methods of a scenario.

    Parameters
    ----------
    central : dict of name to Method, as of :func:`costlib.economics.methods.compare`
    drawn : dict of name to drawn dollars, an array or a list [USD]
    objections : dict of name to reasons, as of :func:`costlib.economics.admissible.objections`
    """
    found = []
    for name, method in central.items():
        usd, ratio = sampling.sample(drawn[name]), sampling.sample(_ratios(drawn[REFERENCE], drawn[name]))
        times = central[REFERENCE].usd / method.usd
        found.append(Compared(method, *usd.interval, times, *ratio.interval, objections[name], usd.ends_error))
    return found


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


def drawn_usd(values, draws=uncertainty.DRAWS, fixed=()):
    """Return the dollars of every method for each draw, by name; as for :func:`compared`."""

    def dollars(drawn):
        return {name: method.usd for name, method in methods.compare(drawn).items()}

    found = uncertainty.monte_carlo(dollars, values, draws=draws, fixed=fixed)
    if isinstance(found, list):
        return {name: [row[name] for row in found] for name in found[0]}
    return found


def interval_by_cause(values, draws=uncertainty.DRAWS, fixed=()):
    """Return the ends of the 90 % interval of every method by what moves it, the whole one first.

    Parameters
    ----------
    values, draws, fixed : as for :func:`compared`

    Returns
    -------
    dict of method to dict of "both", "inputs" and "prediction" to (low, high) [USD]

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> low, high = interval_by_cause(complete({}), draws=200)["rlaif"]["inputs"]
    >>> low < high
    True
    """
    inputs = [name for name in uncertainty.uncertain() if name != PREDICTION]
    held = {"both": (), "inputs": (PREDICTION,), "prediction": tuple(inputs)}
    drawn = {cause: drawn_usd(values, draws, (*fixed, *names)) for cause, names in held.items()}
    return {name: {cause: sampling.sample(usd[name]).interval for cause, usd in drawn.items()}
            for name in drawn["both"]}  # fmt: skip


def amount(compared, text):
    """Return a quantity of the registry from methods: "rlaif.labels.usd", or one such amount over another.

    Parameters
    ----------
    compared : dict of name to Method, as of :func:`costlib.economics.methods.compare`
    text : the `amount` of a :class:`costlib.facts.outputs.Output`

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> round(amount(methods.compare(complete({})), "human-dpo.labels.usd / rlaif.labels.usd"))
    270
    """
    first, *rest = (
        compared[name].amount(part) for name, _, part in (each.partition(".") for each in text.split(" / "))
    )
    return first / rest[0] if rest else first


def _ratios(reference, other):
    if isinstance(reference, list):
        return [people / method for people, method in zip(reference, other, strict=True)]
    return reference / other
