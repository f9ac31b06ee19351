"""Methods side by side for one scenario: central values, and how far they may be off."""

import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from costlib.base import sampling
from costlib.base._arrays import Numeric, choice, choices, count
from costlib.base.text import shown
from costlib.economics import admissible, methods, uncertainty
from costlib.facts import outputs, parameters
from costlib.facts.parameters import Values

REFERENCE = "human-dpo"
PREDICTION = ("gpu_time_factor", "generation_time_factor")
NO_INFORMATION = "no information"  # what labels carry that are no better than a coin


class Compared(NamedTuple):
    """A method at the values of a scenario, the 90 % interval of its dollars, and the ratio of people's cost to it.

    The ratio is that of the whole of DPO on human labels to the whole of this method; `saved` are the dollars between
    both, negative where this one costs more. `objections` say why the method
    is not allowed, see :mod:`costlib.economics.admissible`; there are none where it is. `ends_error` is how far the
    number of draws leaves the ends of the dollars open, as a share.
    """

    method: methods.Method
    usd_low: Numeric
    usd_high: Numeric
    ratio: Numeric
    ratio_low: Numeric
    ratio_high: Numeric
    objections: tuple[str, ...] = ()
    ends_error: Numeric | None = None
    saved: Numeric = math.nan
    saved_low: Numeric = math.nan
    saved_high: Numeric = math.nan

    @property
    def usd(self) -> Numeric:
        """What the whole method costs [USD]."""
        return self.method.usd

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against the method."""
        return not self.objections

    @property
    def quantities(self) -> dict[str, outputs.Quantity]:
        """The answer: each number with its unit, its definition and, where it has one, its interval."""
        method = self.method
        names = ("usd", "usd_without_staff", "gpu_hours", "days", "usd_per_effective_pair")
        values = {name: getattr(method, name) for name in names}
        ends = {"usd": (self.usd_low, self.usd_high), "ratio": (self.ratio_low, self.ratio_high),
                "saved": (self.saved_low, self.saved_high)}  # fmt: skip
        return outputs.quantities("method", values | {"ratio": self.ratio, "saved": self.saved}, ends)

    def to_dict(self) -> dict[str, Any]:
        """Return the same in plain numbers: USD, days, GPU-hours, and lines in order; None, why, for what is not."""
        found = self.quantities
        return outputs.plain({
            "method": self.method.name,
            "label": self.method.label,
            **{name: each.value for name, each in found.items()},
            **{f"{name}_{end}": getattr(found[name], end)
               for name in ("usd", "ratio", "saved") for end in ("low", "high")},
            "pairs": self.method.pairs,
            "allowed": self.allowed,
            "objections": list(self.objections),
            "lines": [line._asdict() for line in self.method.lines],
        }, {"usd_per_effective_pair": f"{NO_INFORMATION}: its labels agree in half of the cases"})  # fmt: skip


def compared(values: Values, draws: int = uncertainty.DRAWS, fixed: Collection[str] = (),
             known: bool = True) -> list[Compared]:  # fmt: skip
    """Return the methods in question with intervals, in the order of :data:`costlib.economics.methods.METHODS`.

    Inputs with a range are drawn around nothing but that range: an input that a scenario sets on purpose belongs in
    `fixed`. All methods share their draws, so a ratio compares like with like.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    draws : how many, at least :data:`costlib.economics.uncertainty.LEAST`
    fixed : names that keep their value although they have a range, as of :func:`costlib.economics.scenarios.held`
    known : True for the conditional interval, at the pairs, the evaluation and the seed price of `values`; False for
        the unconditional one, which draws these as well

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = {each.method.name: each for each in compared(complete({}), draws=100)}
    >>> found["rlaif"].usd_low < found["rlaif"].method.usd < found["rlaif"].usd_high
    True
    """
    central = methods.compare(values, methods.offered(values))
    drawn = drawn_usd(values, uncertainty.enough(draws), fixed, known)
    return with_intervals(central, drawn, admissible.objections(values, central))


def with_intervals(central: Mapping[str, methods.Method], drawn: Mapping[str, Any],
                   objections: Mapping[str, tuple[str, ...]]) -> list[Compared]:  # fmt: skip
    """Set drawn dollars beside the methods of a scenario.

    Parameters
    ----------
    central : dict of name to Method, as of :func:`costlib.economics.methods.compare`
    drawn : dict of name to drawn dollars, an array or a list [USD]
    objections : dict of name to reasons, as of :func:`costlib.economics.admissible.objections`
    """
    found = []
    for name, method in central.items():
        people = drawn[REFERENCE]
        usd, ratio = sampling.sample(drawn[name]), sampling.sample(_each(operator.truediv, people, drawn[name]))
        less = sampling.sample(_each(operator.sub, people, drawn[name]))
        times, saved = central[REFERENCE].usd / method.usd, central[REFERENCE].usd - method.usd
        found.append(Compared(method, *usd.interval, times, *ratio.interval, objections[name], usd.ends_error,
                              saved, *less.interval))  # fmt: skip
    return found


def draws_one_by_one(values: Values, start: int, stop: int, fixed: Collection[str] = (),
                     known: bool = True) -> Iterator[dict[str, float]]:  # fmt: skip
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
    drawn = uncertainty.free(_all_draws(count("stop", stop, "draws"), known), fixed)
    for number in range(count("start", start, "draws"), stop):
        row = uncertainty.placed(values, {name: float(found[number]) for name, found in drawn.items()})
        yield {name: method.usd for name, method in methods.compare(row, methods.offered(values)).items()}


@cache
def _all_draws(count: int, known: bool) -> dict[str, Any]:
    """The draws of every uncertain input, made in powers of two so that a longer run keeps the shorter one's."""
    return uncertainty.draw(draws=1 << math.ceil(math.log2(max(1, count))), known=known)


def drawn_usd(values: Values, draws: int = uncertainty.DRAWS, fixed: Collection[str] = (), known: bool = True,
              names: Collection[str] | None = None) -> dict[str, Any]:  # fmt: skip
    """Return the dollars of the methods named, or of those in question, for each draw; as for :func:`compared`."""
    names = methods.offered(values) if names is None else choices("names", names, methods.METHODS, "methods")

    def dollars(drawn: Values) -> dict[str, Numeric]:
        return {name: method.usd for name, method in methods.compare(drawn, names).items()}

    return _columns(uncertainty.monte_carlo(dollars, values, draws=draws, fixed=fixed, known=known))


def _columns(drawn: Any) -> dict[str, Any]:
    """Draws by name: arrays as they are, lists without NumPy."""
    return {name: [row[name] for row in drawn] for name in drawn[0]} if isinstance(drawn, list) else drawn


def before_counts(values: Values, draws: int = uncertainty.DRAWS, fixed: Collection[str] = (),
                  names: Collection[str] | None = None) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return the ends of the unconditional 90 % interval of methods: before their counts are known.

    Parameters
    ----------
    values, draws, fixed : as for :func:`compared`
    names : of the methods; those in question if not given

    Returns
    -------
    dict of method to (low, high) [USD]

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> low, high = before_counts(complete({}), draws=200)["rlaif"]
    >>> low < high
    True
    """
    drawn = drawn_usd(values, uncertainty.enough(draws), fixed, known=False, names=names)
    return {name: sampling.sample(usd).interval for name, usd in drawn.items()}


def interval_by_cause(values: Values, draws: int = uncertainty.DRAWS, fixed: Collection[str] = (),
                      names: Collection[str] = methods.CHAPTERS,
                      ) -> dict[str, dict[str, tuple[float, float]]]:  # fmt: skip
    """Return the ends of the 90 % interval of methods by what moves it, the whole one first.

    Parameters
    ----------
    values, draws, fixed : as for :func:`compared`
    names : of the methods; those that chapters compare if not given

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
    inputs = [name for name in uncertainty.uncertain() if name not in PREDICTION]
    choices("fixed", fixed, parameters.vocabulary(), "inputs")
    held = {"both": (), "inputs": PREDICTION, "prediction": tuple(inputs)}
    draws = uncertainty.enough(draws)
    drawn = {cause: drawn_usd(values, draws, (*fixed, *kept), names=names) for cause, kept in held.items()}
    return {name: {cause: sampling.sample(usd[name]).interval for cause, usd in drawn.items()}
            for name in drawn["both"]}  # fmt: skip


def amount(compared: Mapping[str, methods.Method], text: str) -> Numeric:
    """Return a quantity of the registry from methods: "rlaif.labels.usd", or such an amount over or less another.

    Parameters
    ----------
    compared : dict of name to Method, as of :func:`costlib.economics.methods.compare`; amounts may be arrays
    text : the `amount` of a :class:`costlib.facts.outputs.Output`

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = methods.compare(complete({}))
    >>> amount(found, "human-dpo.labels.usd / rlaif.labels.usd") == found["human-dpo"].line("labels").usd / amount(
    ...     found, "rlaif.labels.usd")
    True
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be an amount such as rlaif.usd, got {shown(text)}")
    one, sign, other = text.partition(" / ") if " / " in text else text.partition(" - ")
    name, _, part = one.partition(".")
    first = compared[choice("the method of an amount", name, compared)].amount(part)
    if not sign:
        return first
    second = amount(compared, other)
    return first / second if sign == " / " else first - second


def ends(texts: Collection[str], values: Values, draws: int = uncertainty.DRAWS,
         fixed: Collection[str] = ()) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return the ends of the 90 % intervals of quantities of the registry, at the counts of a scenario.

    Parameters
    ----------
    texts : as for :func:`amount`
    values, draws, fixed : as for :func:`compared`

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> low, high = ends(["human-dpo.usd - rlaif.usd"], complete({}), draws=200)["human-dpo.usd - rlaif.usd"]
    >>> 0 < low < high
    True
    """
    known = isinstance(texts, Collection) and not isinstance(texts, str)
    if not known or not all(isinstance(text, str) and text.startswith(methods.CHAPTERS) for text in texts):
        raise ValueError(f"texts must be several amounts of methods such as rlaif.usd, got {shown(texts)}")
    names = [name for name in methods.CHAPTERS if any(name in text for text in texts)]

    def amounts(drawn: Values) -> dict[str, Numeric]:
        found = methods.compare(drawn, names)
        return {text: amount(found, text) for text in texts}

    drawn = _columns(uncertainty.monte_carlo(amounts, values, draws=uncertainty.enough(draws), fixed=fixed))
    return {text: sampling.sample(drawn[text]).interval for text in texts}


def _each(operation: Callable[[Any, Any], Any], reference: Any, other: Any) -> Any:
    """What an operation makes of each draw of two methods."""
    if isinstance(reference, list):
        return [operation(*pair) for pair in zip(reference, other, strict=True)]
    return operation(reference, other)
