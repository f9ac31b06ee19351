"""One recommendation from a reader's answers: method, budget, runner-up, what would flip it, what is forbidden and why.

The answers become a scenario, and everything else follows from the scenario alone, so that whoever compares or draws
the same scenario finds the same methods allowed and the same one cheapest. Methods are ranked by the dollars of the
whole of each at the reader's number of pairs. That says nothing of which gives the better model; what is known of it
stands beside the answer, in words with their evidence.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from costlib.base._arrays import checked, is_array
from costlib.base.text import shown
from costlib.compute.architecture import nearest_in_size
from costlib.economics import admissible, comparison, human_work, methods, scenarios, uncertainty
from costlib.economics.comparison import Compared
from costlib.facts import catalog, parameters
from costlib.facts.inputs import SMALLEST
from costlib.facts.parameters import Values
from costlib.facts.schema import Record

JUDGES = {"any": "any", "people": "people", "experts": "people", "judge": "judge"}  # who judges, as `labels_by` says it
UNKNOWN = "unknown"
USUAL = ("llama-3.1", "llama-3.2", "qwen2.5-")  # families in which a size alone is looked for
ROUNDED = 1.1  # times, between a size as people say it and the parameters of a model
SIZES = (1_000, 10_000, 100_000, 1_000_000)  # pairs for which a reader who does not know their number gets answers
# Inputs that may flip a choice, and what of a scenario each is; those of a limit flip it only where there is one.
FLIPS = ("pairs", "human_usd_per_pair", "price_usd_per_gpu_hour", "judge_agreement", "num_validation_pairs",
         "num_evaluation_comparisons", "num_episodes", "verifier_usd_per_call", "budget_usd",
         "deadline_days")  # fmt: skip
CHECKS = "verifier_usd_per_call"  # of answers by a program, which flips nothing where no program may reward
HERE: dict[str, Callable[[Values], float]] = {
    "pairs": scenarios.num_pairs,
    "human_usd_per_pair": human_work.usd_per_comparison,
}
KNOWN = ("seed_usd_per_example", "num_evaluation_comparisons")  # whatever else a reader knows who knows no pairs
MOVED = ("free-rule", "coin", "poor-evaluation", "budget", "deadline")  # rules that a change of such an input may lift
# Of the search for a flip: factors of two to each side, then factors of sixteen to the limits of the input; at last
# halvings, on the logarithm, between two of them.
OCTAVES, FAR, HALVINGS = 13, 4, 60
CERTAIN = 0.95  # a method is a tie with the best if it is the cheaper of the two in more than the rest of the draws


class Flip(NamedTuple):
    """The nearest value of an input at which another method is the cheapest that is allowed; None where none is."""

    name: str
    unit: str
    here: float
    value: float
    method: str | None

    @property
    def times(self) -> float:
        """How far away it is, as a factor of at least 1; infinite from 0 [-]."""
        ends = sorted((self.here, self.value))
        return ends[1] / ends[0] if ends[0] > 0 else math.inf


class Unmoved(NamedTuple):
    """An input of which no value from `low` to `high` changes the answer, as far as the search looks."""

    name: str
    unit: str
    low: float
    high: float


class Recommendation(NamedTuple):
    """What to do, for a scenario.

    Parameters
    ----------
    given : inputs that the answers set, by name
    values : of every input
    best : the method, with the interval of its dollars; None where none is allowed
    ranked : every method that is allowed, the cheapest first
    ties : names of those that the draws do not tell from the best
    cheapest_share : of the draws in which the best is the cheapest allowed [fraction]
    flips : of each input the nearest value that changes the answer, the nearest first
    unmoved : inputs of which none within their limits does
    forbidden : reasons against each other method
    by_pairs : the method for each of :data:`SIZES`, where the number of pairs is not known
    known : what is known of the models that the method gives, each with its evidence
    compared : every method in question, allowed or not, with intervals
    """

    given: dict[str, Any]
    values: Values
    best: Compared | None
    ranked: tuple[Compared, ...]
    ties: tuple[str, ...]
    cheapest_share: float
    flips: tuple[Flip, ...]
    unmoved: tuple[Unmoved, ...]
    forbidden: dict[str, tuple[str, ...]]
    by_pairs: dict[int, methods.Method | None]
    known: tuple[Record, ...]
    compared: tuple[Compared, ...]

    @property
    def next(self) -> Compared | None:
        """The runner-up: the cheapest that is allowed besides the best."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    @property
    def flip(self) -> Flip | None:
        """The nearest change of one input that changes the answer."""
        return self.flips[0] if self.flips else None


def scenario(*, model: str | float | None = None, pairs: float | str | None = None, gpu: str | None = None,
             gpus: int | None = None, judges: str = "any", task: str = "open", experts: bool = False,
             people_only: bool = False, data_stays: bool = False, teacher: str | None = None, budget: float = 0,
             deadline: float = 0, **inputs: Any) -> dict[str, Any]:  # fmt: skip
    """Return the inputs that a reader's answers set.

    Parameters
    ----------
    model : as :func:`costlib.compute.models.find` takes it, or its size: "8b" or a number of parameters
    pairs : usable preference pairs, or "unknown" [pairs]
    gpu : name of one
    gpus : how many; without them as many as hold every stage of every method, in powers of two [GPUs]
    judges : who judges: "any", "people", "experts" or "judge"
    task : "open", or "verifiable" where a program can tell whether an answer is right
    experts : whether people have to be experts of a domain, who are paid as such
    people_only : whether labels have to come from people, as a regulation may say
    data_stays : whether prompts and answers may not leave
    teacher : larger model that its owner lets you train on
    budget, deadline : for the whole project; 0 for none [USD, days]
    inputs : others of the vocabulary, by name; one that an answer sets as well must agree with it

    Raises
    ------
    ValueError : for answers that are not allowed, and for those that contradict each other

    Examples
    --------
    >>> scenario(model="8b", pairs=5000, judges="people")
    {'policy_model': 'llama-3.1-8b', 'num_pairs_m1': 5000, 'num_pairs_m2': 0, 'labels_by': 'people', 'policy_gpus': 8}
    """
    if not isinstance(judges, str) or judges not in JUDGES:
        raise ValueError(f"judges must be one of {', '.join(JUDGES)}, got {shown(judges)}")
    for word, said in {"experts": experts, "people_only": people_only, "data_stays": data_stays}.items():
        if not isinstance(said, bool):
            raise ValueError(f"{word} must be True or False, got {shown(said)}")
    if people_only and judges == "judge":
        raise ValueError("people_only and judges=judge contradict each other: people alone may label, or a judge")
    found: dict[str, Any] = {}
    if model is not None:
        found["policy_model"] = named(model)
    if gpu is not None:
        found["cluster_gpu"] = gpu
    if pairs not in (None, UNKNOWN):
        found |= {"num_pairs_m1": pairs, "num_pairs_m2": 0}
    if pairs == UNKNOWN and (given := inputs.keys() & {"num_pairs_m1", "num_pairs_m2"}):
        raise ValueError(f"pairs is unknown and {', '.join(sorted(given))} given: leave one of them out")
    if judges != "any" or people_only:
        found["labels_by"] = "people" if people_only else JUDGES[judges]
    if experts or judges == "experts":
        found["human_usd_per_pair"] = expert_usd()
        if str(inputs.get("human_usd_per_pair", "")).strip() in ("0", "0.0"):
            raise ValueError("human_usd_per_pair [USD/pair] of 0 is the price of a crowd by the word, and experts were "
                             "asked for: give their price, or leave it out")  # fmt: skip
    if teacher is not None:
        found |= {"teacher_model": teacher, "teacher_terms": "allowed"}
    answers = {"task_kind": (task, "open"), "data_policy": ("stays" if data_stays else "may-leave", "may-leave"),
               "budget_usd": (budget, 0), "deadline_days": (deadline, 0)}  # fmt: skip
    found |= {name: value for name, (value, usual) in answers.items() if value != usual}
    if gpus is not None:
        found["policy_gpus"] = gpus
    for name in found.keys() & inputs.keys():
        if name != "human_usd_per_pair" and found[name] != inputs[name]:  # the price of an expert may be the reader's
            raise ValueError(f"{name} is set by an answer to {shown(found[name])} and given as {shown(inputs[name])}: "
                             "give one of them")  # fmt: skip
    found = parameters.check(found | inputs)
    if "policy_model" in found and "policy_gpus" not in found:
        found["policy_gpus"] = enough_gpus(found)
    return found


def named(model: str | float) -> str:
    """Return the model that a reader names: one of the catalogue, a file, or a usual dense one nearest to a size.

    Parameters
    ----------
    model : name, path, "8b" or a number of parameters

    Raises
    ------
    ValueError : for a size that is not among those of the usual models, rounding left aside

    Examples
    --------
    >>> named("7B"), named(70e9), named("llama-3.1-8b")
    ('qwen2.5-7b', 'llama-3.1-70b', 'llama-3.1-8b')
    """
    size = size_of(model)
    if size is None and isinstance(model, str | Path):
        return str(model)
    usual = {row.name: row.parameters for row in catalog.table("models").values() if row.name.startswith(USUAL)}
    low, high = min(usual.values()), max(usual.values())
    if size is None or not low / ROUNDED <= size <= high * ROUNDED:
        raise ValueError(f"model must be a name, a configuration, or a size from {low / 1e9:.2g}B to {high / 1e9:.3g}B "
                         f"as the usual dense models have, got {shown(model)}")  # fmt: skip
    return nearest_in_size(size, usual)


def size_of(model: str | float) -> float | None:
    """Return the parameters that a reader means who gives a size in place of a name, None for a name.

    >>> size_of("8b"), size_of(7e9), size_of("gpt2")
    (8000000000.0, 7000000000.0, None)
    """
    text = str(model).strip().lower()
    try:
        return float(text.removesuffix("b")) * (1e9 if text.endswith("b") else 1)
    except ValueError:
        return None


def expert_usd() -> float:
    """Return the price of an expert's comparison that answers take: the middle of what vendors ask in 2026 [USD].

    The middle is the geometric mean of the lowest and the highest.

    >>> expert_usd()
    10.0
    """
    asked = catalog.find("label_terms", "vendor-expert")
    return math.sqrt(asked.low * asked.high)


def enough_gpus(given: Mapping[str, Any]) -> int:
    """Return how many GPUs hold every stage of every method of a scenario, in powers of two from 8 on.

    >>> enough_gpus({"policy_model": "llama-3.1-8b"})
    8
    """
    values = scenarios.complete(given)
    stages = {stage for name in methods.offered(values) for stage in admissible.TRAINS.get(name, admissible.BY_DPO)}
    needed = [each.min_gpus for each in admissible.fits(values, stages).values() if each.min_gpus < math.inf]
    return 1 << max(3, math.ceil(math.log2(max(needed, default=1))))


class Ranking(NamedTuple):
    """What a scenario allows, ranked by the dollars of the whole.

    Parameters
    ----------
    ranked : every method that is allowed, with intervals, the cheapest first
    ties : names of those that the draws do not tell from the cheapest
    cheapest_share : of the draws in which the first is the cheapest allowed [fraction]
    forbidden : reasons against each other method
    compared : every method in question, allowed or not, with intervals
    """

    ranked: tuple[Compared, ...]
    ties: tuple[str, ...]
    cheapest_share: float
    forbidden: dict[str, tuple[str, ...]]
    compared: tuple[Compared, ...]


def ranking(given: Mapping[str, Any], draws: int = uncertainty.DRAWS, unknown_pairs: bool = False,
            found: Mapping[str, admissible.Fit] | None = None) -> Ranking:  # fmt: skip
    """Return what a scenario allows, the cheapest first.

    Parameters
    ----------
    given, draws, unknown_pairs : as for :func:`recommend`
    found : as of :func:`costlib.economics.admissible.fits`; computed if not given

    Examples
    --------
    >>> found = ranking(scenario(model="llama-3.1-8b", pairs=20_000, people_only=True), draws=100)
    >>> [each.method.name for each in found.ranked]
    ['human-dpo', 'human-ppo']
    """
    values = scenarios.complete(given)
    central = methods.compare(values, methods.METHODS)
    against = admissible.objections(values, central, found)
    fixed = (*scenarios.held(given), *(KNOWN if unknown_pairs else ()))
    offered = {name: central[name] for name in methods.offered(values)}
    drawn = comparison.drawn_usd(values, uncertainty.enough(draws), fixed, not unknown_pairs)
    compared = comparison.with_intervals(offered, drawn, against)
    ranked = sorted((each for each in compared if each.allowed), key=lambda each: each.usd)
    names = [each.method.name for each in ranked]
    return Ranking(
        tuple(ranked),
        tuple(name for name in names[1:] if _share(drawn[names[0]], drawn[name]) < CERTAIN),
        _wins({name: drawn[name] for name in names}) if names else 0.0,
        {name: reasons for name, reasons in against.items() if reasons},
        tuple(compared),
    )


def recommend(given: Mapping[str, Any], draws: int = uncertainty.DRAWS, unknown_pairs: bool = False) -> Recommendation:
    """Return the recommendation for a scenario.

    Parameters
    ----------
    given : inputs by name, as of :func:`scenario`
    draws : of the inputs that are uncertain
    unknown_pairs : whether nobody knows the number of pairs; then they are drawn as well

    Examples
    --------
    >>> found = recommend(scenario(model="llama-3.1-8b", pairs=20_000, judges="people"), draws=100)
    >>> found.best.method.name, found.next.method.name, found.forbidden["rlaif"]
    ('human-dpo', 'human-ppo', ('a model or program gives labels, and here people alone may',))
    """
    values = scenarios.complete(given)
    found = admissible.fits(values)
    ranked, ties, share, forbidden, compared = ranking(given, draws, unknown_pairs, found)
    best = ranked[0] if ranked else None
    return Recommendation(
        dict(given), values, best, ranked, ties, share, *_flips(values, found), forbidden,
        {size: _cheapest(values | _pairs(size), found) for size in SIZES} if unknown_pairs else {},
        tuple(knowledge(best.method.name if best else "")),
        compared,
    )  # fmt: skip


def knowledge(name: str) -> Iterator[Record]:
    """Yield what is known of the models that a method gives, each with its evidence, and what may be told of labels.

    Rows are those of `facts/rules.csv`, then the sentences of `facts/advice.csv` that the evidence allows.

    >>> [each.name for each in knowledge("targeted")][:3]
    ['no-common-sign', 'targeted-help', 'small-budgets']
    """
    for row in catalog.table("rules").values():
        if row.kind == "knowledge" and (not row.methods or name in row.methods.split("|")):
            yield row
    for row in catalog.table("advice").values():
        if row.may_be_told:
            yield Record(row.to_dict() | {"says": row.sentence})


def cheapest(values: Values, found: Mapping[str, admissible.Fit] | None = None) -> str | None:
    """Return the name of the cheapest method that a scenario allows; None where it allows none.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    found : as of :func:`costlib.economics.admissible.fits`; computed if not given
    """
    return _name(_cheapest(values, admissible.fits(values) if found is None else found))


def _name(method: methods.Method | None) -> str | None:
    return method.name if method else None


def _cheapest(values: Values, found: Mapping[str, admissible.Fit],
              names: tuple[str, ...] | None = None) -> methods.Method | None:  # fmt: skip
    every = methods.compare(values, names or methods.offered(values))
    against = admissible.objections(values, every, found)
    return min((every[name] for name in every if not against[name]), key=lambda each: each.usd, default=None)


def _pairs(number: float) -> dict[str, float]:
    return {"num_pairs_m1": number, "num_pairs_m2": 0}


def _share(best: Any, other: Any) -> float:
    """The share of the draws in which the best is the cheaper of two."""
    if is_array(best):
        return float((best < other).mean())
    return sum(a < b for a, b in zip(best, other, strict=True)) / len(best)


def _wins(drawn: Mapping[str, Any]) -> float:
    """The share of the draws in which the first method is the cheapest."""
    rows = list(zip(*map(list, drawn.values()), strict=True))
    return sum(row[0] <= min(row) for row in rows) / len(rows)


def _flips(values: Values,
           found: Mapping[str, admissible.Fit]) -> tuple[tuple[Flip, ...], tuple[Unmoved, ...]]:  # fmt: skip
    """The nearest value of each input at which another method is the cheapest allowed, and the inputs without one.

    Values are searched as :func:`nearest_change` does, within the limits of each input.
    """
    every = methods.compare(values, methods.METHODS)
    names = tuple(name for name, method in every.items()
                  if all(rule in MOVED for rule, _ in
                         admissible.broken(admissible.Asked(values, method, found, admissible.rule()))))  # fmt: skip
    now, flips, unmoved = _name(_cheapest(values, found, names)), [], []
    for name in FLIPS:
        here = HERE.get(name, lambda values, name=name: values[name])(values)
        known = parameters.vocabulary()["num_pairs_m1" if name == "pairs" else name]
        if not here > 0 or not names or (name == CHECKS and "verifiable" not in names):
            continue

        def winner(value: float, name: str = name) -> str | None:
            moved = _pairs(value) if name == "pairs" else {name: value}
            return _name(_cheapest(values | moved, found, names))

        whole = known.type is int
        # 0 is no price, count or limit like others: it may mean that none is given.
        low, high = max(known.minimum or 0, 1 if whole else SMALLEST), known.maximum or math.inf
        value = nearest_change(winner, now, here, low, high)
        if value is not None and whole:
            value = float(math.ceil(value) if value > here else math.floor(value))
        if value is not None and (then := winner(value)) != now:
            flips.append(Flip(name, known.unit, here, value, then))
        else:
            unmoved.append(Unmoved(name, known.unit, low, high))
    return tuple(sorted(flips, key=lambda flip: flip.times)), tuple(unmoved)


def nearest_change(winner: Callable[[float], str | None], now: str | None, here: float, low: float,
                   high: float) -> float | None:  # fmt: skip
    """Return the value nearest to here, by its ratio, at which a winner is no longer the one of now; None for none.

    A change that is undone within a factor of two is not seen, and far away one that is undone within sixteen.

    Parameters
    ----------
    winner : of a value
    now : the winner here
    here : above 0
    low, high : limits of the value, above 0

    Examples
    --------
    >>> round(nearest_change(lambda value: "a" if value < 7 else "b", "a", 2.0, 0.1, 100), 9)
    7.0
    """
    for name, value in (("here", here), ("low", low)):
        checked(name, value, "-", low_is_allowed=False)
    checked("high", low if high == math.inf else high, "-", low_is_allowed=False)
    octave, near = 0, {2.0: here, 0.5: here}
    while True:
        octave += 1 if octave < OCTAVES else FAR
        far = {way: min(max(here * way**octave, low), high) for way in near}
        if far == near:
            return None
        ends = [_between(winner, now, near[way], far[way]) for way in near
                if far[way] != near[way] and winner(far[way]) != now]  # fmt: skip
        if ends:
            return min(ends, key=lambda value: abs(math.log(value / here)))
        near = far


def _between(winner: Callable[[float], str | None], now: str | None, same: float, other: float) -> float:
    """Between a value with the winner of now and one with another, the first of the others."""
    for _ in range(HALVINGS):
        middle = math.sqrt(same) * math.sqrt(other)
        if middle in (same, other):
            break
        same, other = (middle, other) if winner(middle) == now else (same, middle)
    return other
