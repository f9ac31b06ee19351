"""A recommendation, as it is shown."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base.display import Shown, Table, frame
from costlib.base.text import plain
from costlib.economics import comparison, methods, recommendation, scenarios, unread
from costlib.economics.comparison import Compared
from costlib.economics.recommendation import Flip, Recommendation, Unmoved
from costlib.face.answer import names_read
from costlib.facts import outputs, parameters
from costlib.facts.inputs import SMALLEST
from costlib.facts.schema import Record

if TYPE_CHECKING:
    import pandas as pd

PAIRS = "usable preference pairs"
MODEL, CHECK = "policy_model", recommendation.CHECKS
NOBODY = "none: no method is allowed"


class Recommended(Shown):
    """The method to choose, its budget, the runner-up, what would flip the choice, and what is forbidden and why."""

    def __init__(self, found: Recommendation, draws: int, told: Mapping[str, Any] | None = None,
                 left: Iterable[str] = ()) -> None:  # fmt: skip
        self.found, self.draws, self.told = found, draws, told or {}
        self.unread = tuple(left)
        self.best, self.next = found.best, found.next

    @property
    def method(self) -> str | None:
        """The name of the method, None where none is allowed."""
        return self.best.method.name if self.best else None

    @cached_property
    def before(self) -> tuple[float, float] | None:
        """The ends of the method's 90 % interval before its counts are known, but for what was given [USD]; or None."""
        if self.method is None:
            return None
        held = scenarios.held(self.scenario)
        return comparison.before_counts(self.found.values, self.draws, held, [self.method])[self.method]

    @property
    def scenario(self) -> dict[str, Any]:
        """The inputs that the answers set: what `compare`, the calculator and a scenario file take."""
        return dict(self.found.given)

    @property
    def read_as(self) -> list[str]:
        """How names of models and GPUs were read where they are not those of the catalogue, and which size as which."""
        read = names_read({name: str(text) for name, text in self.told.items()}, self.found.values)
        size = recommendation.size_of(self.told.get(MODEL, ""))
        return [f"{each}, the nearest in size of the usual dense models" if size and each.endswith(self.scenario[MODEL])
                else each for each in read]  # fmt: skip

    @property
    def rests_on(self) -> list[str]:
        """What is assumed of the judge, which defaults are old, what came in part, and the pairs in hand."""
        return scenarios.rests_on(self.scenario, self.found.values)

    def parts(self) -> Iterable[Table | str]:
        """Return the answer first, then what it is chosen from, what would flip it, and what is forbidden."""
        yield from self.answer()
        ranked = [[each.method.label, f"${fmt.dollars(each.usd)}", _interval(each), fmt.number(each.method.days, 1)]
                  for each in self.found.ranked]  # fmt: skip
        if ranked:
            yield Table(["allowed", "total", "90 % interval", "days"], ranked)
        if self.found.by_pairs:
            yield Table(["pairs", "method", "total"], [
                [f"{size:,}", method.label if method else NOBODY, f"${fmt.dollars(method.usd)}" if method else "-"]
                for size, method in self.found.by_pairs.items()])  # fmt: skip
        yield from (f"forbidden: {methods.NAMES[name].long}: {'; '.join(reasons)}"
                    for name, reasons in self.found.forbidden.items())  # fmt: skip
        yield from (f"known: {' '.join(_scoped(each))} ({each.source})" for each in self.found.known)
        yield from self.rests_on
        yield f"the same scenario: {self.command()}"

    def answer(self) -> Iterable[str]:
        """Return the answer in sentences: method and budget, ties, runner-up, what flips it, and for whom it holds."""
        best = self.best
        yield f"recommended: {said(best)}" if best else f"recommended: {NOBODY}"
        if best:
            yield f"of it: {itemised(best.method)}"
            low, high = map(fmt.dollars, self.before or ())
            yield f"if pairs, evaluation and seed data that you did not give are open too: ${low} to ${high}"
        if ties := [each.method.label for each in self.found.ranked if each.method.name in self.found.ties]:
            yield f"not surely dearer, as far as the draws tell: {', '.join(ties)}"
        if self.next:
            yield f"next: {said(self.next)}"
        if best:
            yield f"it is the cheapest of those allowed in {fmt.percent(self.found.cheapest_share)} of the draws"
        limit = self.found.values["budget_usd"]
        if best and 0 < limit < best.usd_high:
            end = "lower" if limit < best.usd_low else "upper"
            yield f"the {end} end of its interval is above your budget of ${fmt.dollars(limit)}"
        yield from (f"{'flips first' if not place else 'then'}: {flipped(each)}"
                    for place, each in enumerate(self.found.flips[:3]))  # fmt: skip
        if self.found.unmoved:
            yield f"none flips it within its limits: {', '.join(map(limited, self.found.unmoved))}"
        if self.scenario.get("human_usd_per_pair") == recommendation.expert_usd():
            yield (f"an expert's comparison is taken to cost ${recommendation.expert_usd():g}, the middle of what "
                   "vendors ask (label_terms.csv); give yours: -p human_usd_per_pair=")  # fmt: skip
        if self.found.values["task_kind"] == "verifiable" and CHECK not in self.scenario:
            usd = fmt.short(self.found.values[CHECK])
            yield f"a check by the program is taken to cost ${usd} an answer, an assumption; give yours: -p {CHECK}="
        yield f"for: {self._case()}"
        yield from unread.said(self.unread)
        yield from (f"read: {each}" for each in self.read_as)

    def command(self) -> str:
        """Return the command that compares all methods for the same scenario."""
        return " ".join(["costlib compare", *(f"-p {name}={_typed(value)}" for name, value in self.scenario.items())])

    def to_dict(self) -> dict[str, Any]:
        """Return the recommendation as plain values; None where there is no such method, interval or flip."""
        found = self.found
        return outputs.plain({
            **_plain(self.best),
            **dict(zip(("usd_before_low", "usd_before_high"), self.before or (None, None), strict=True)),
            "next": _plain(self.next) if self.next else None,
            "ties": list(found.ties),
            "cheapest_share": found.cheapest_share,
            "flips": [outputs.plain(each._asdict() | {"says": flipped(each)}) for each in found.flips],
            "unmoved": [each._asdict() for each in found.unmoved],
            "forbidden": {name: list(reasons) for name, reasons in found.forbidden.items()},
            "methods": self.records(),
            "by_pairs": [{"pairs": size, "method": method.name if method else None,
                          "usd": method.usd if method else None} for size, method in found.by_pairs.items()],
            "known": [{"name": each.name, "says": each.says, "conditions": each.get("conditions"),
                       "evidence": each.evidence, "source": each.source} for each in found.known],
            "read_as": self.read_as,
            "unread": list(self.unread),
            "rests_on": self.rests_on,
            "scenario": self.scenario,
        }, {"method": NOBODY})  # fmt: skip

    def records(self) -> list[dict[str, Any]]:
        """Return the methods that are allowed, the cheapest first, and then the others with what forbids them."""
        return [_plain(each) | {"forbidden": ""} for each in self.found.ranked] + [
            _plain(None) | {"method": name, "label": methods.NAMES[name].long, "forbidden": "; ".join(why)}
            for name, why in self.found.forbidden.items()
        ]

    def to_frame(self) -> "pd.DataFrame":
        """Return all methods as a DataFrame, those that are allowed first, units in `attrs["units"]`."""
        return frame(self.records(), dict.fromkeys(("usd", "usd_low", "usd_high"), "USD") | {"days": "days"})

    def _case(self) -> str:
        unknown = "; nobody knows the number of pairs" if self.found.by_pairs else ""
        return f"{scenarios.said(self.found.values)}{unknown}; {self.draws:,} draws"


def said(each: Compared) -> str:
    """Return a method with its budget in words."""
    return (f"{each.method.label}: ${fmt.dollars(each.usd)} (90 % interval {_interval(each)}), "
            f"{fmt.number(each.method.days, 1)} days")  # fmt: skip


def flipped(flip: Flip) -> str:
    """Return in words what changes the answer, and to what."""
    known = parameters.vocabulary().get(flip.name)
    label = methods.NAMES[flip.method].long if flip.method else "no method"
    unit = "" if flip.unit in ("-", flip.name) else f" [{flip.unit}]"
    side = "above" if flip.value > flip.here else "below"
    return (f"{known.meaning if known else PAIRS}{unit}: {side} {fmt.rounded(flip.value, 3)} "
            f"(here {fmt.rounded(flip.here, 3)}) it is {label}")  # fmt: skip


def itemised(method: methods.Method) -> str:
    """Return what a method's dollars are for, the most first; what costs nothing at these inputs comes last.

    >>> itemised(methods.rlaif(scenarios.complete({})))[:15]
    'staff $6,000, e'
    """
    items = sorted(method.lines, key=lambda line: -line.usd)
    paid = [f"{line.name} ${fmt.dollars(line.usd)}" for line in items if line.usd >= 0.005]
    free = [line.name for line in items if line.usd < 0.005]
    return ", ".join(paid) + (f"; at no cost here: {', '.join(free)}" if free else "")


def limited(each: Unmoved) -> str:
    """Return in words between which values an input changes nothing.

    >>> limited(Unmoved("price_usd_per_gpu_hour", "USD/GPU-h", 1e-12, 1e6))
    'price_usd_per_gpu_hour (above 0 to 1,000,000)'
    """
    return f"{each.name} ({plain(each.low) if each.low > SMALLEST else 'above 0'} to {plain(each.high)})"


def _scoped(row: Record) -> Iterable[str]:
    """A sentence, and for what it holds where its table says that."""
    return filter(None, (row.says, row.get("conditions")))


def _interval(each: Compared) -> str:
    return f"${fmt.dollars(each.usd_low)} to ${fmt.dollars(each.usd_high)}"


def _plain(each: Compared | None) -> dict[str, Any]:
    if each is None:
        return dict.fromkeys(("method", "label", "usd", "usd_low", "usd_high", "days"))
    return {"method": each.method.name, "label": each.method.label, "usd": each.usd, "usd_low": each.usd_low,
            "usd_high": each.usd_high, "days": each.method.days}  # fmt: skip


def _typed(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value % 1 == 0 else str(value)
