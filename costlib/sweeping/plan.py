"""A sweep as its file says it: which inputs vary and how, the design, and the outputs. Checked before anything runs."""

import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from costlib.base.text import nearest, number, shown, unknown
from costlib.economics import scenarios
from costlib.facts import parameters
from costlib.sweeping import expressions
from costlib.version import __version__

DESIGNS = ("grid", "random", "latin-hypercube", "sobol")
SHAPES = ("uniform", "loguniform", "triangular", "lognormal")
SCALES = {"linear": "uniform", "log": "loguniform"}
KEYS = ("design", "points", "seed", "vary", "fixed", "outputs", "bins", "maps")
MOST_POINTS = 10**12
MOST_LEVELS = 10**5
MOST_OUTPUTS = 500
LONGEST_NAME = 200  # letters of an output's name
CHUNK = 2**18
SEED = 2025
POINT = "point"
FORMULA = "=+-@"
LARGEST = 1e30
OUTPUTS = "- rlaif.usd' or 'name: rlaif.usd / human-dpo.usd"
FORMS = "a list of values, own, {from, to, scale, steps} or {shape, low, high, mode}"


class Spread(NamedTuple):
    """How one input varies: over `levels`, or over a range of a `shape` (then `levels` is None)."""

    name: str
    levels: tuple | None
    shape: str = ""
    low: float | None = None
    high: float | None = None
    mode: float | None = None

    @property
    def known(self):
        """The input as the vocabulary has it, with this range."""
        known = parameters.vocabulary()[self.name]
        if self.levels is not None:
            return known
        return replace(known, low=self.low, high=self.high, shape=self.shape, default=self.mode)

    @property
    def named(self):
        """Whether its values are names or choices, which are taken one by one and not as arrays."""
        known = parameters.vocabulary()[self.name]
        return known.choices is not None or known.type is str

    @property
    def ends(self):
        """The lowest and the highest value."""
        return (min(self.levels), max(self.levels)) if self.levels is not None else (self.low, self.high)


class SweepPlan(NamedTuple):
    """A checked sweep; make one with :func:`read`.

    `vary` are Spreads and `outputs` texts of expressions, by name; `maps` are pairs of axes, each a name or an
    expression with its range.
    """

    design: str
    points: int
    seed: int
    vary: dict
    fixed: dict
    outputs: dict
    bins: int
    maps: tuple

    @property
    def chunk(self):
        """Points computed at a time: a power of two, which follows from the number of points alone."""
        wanted = 2 ** max(0, math.floor(math.log2(max(1, self.points / 16))))
        return min(CHUNK, max(2**12, wanted))

    @property
    def chunks(self):
        """How many chunks there are."""
        return -(-self.points // self.chunk)

    @property
    def prices(self):
        """What is said of each GPU whose price follows it, since none is given."""
        gpus = self.vary[scenarios.GPU].levels if scenarios.GPU in self.vary else [self.fixed.get(scenarios.GPU)]
        given = scenarios.PRICE in {*self.vary, *self.fixed}
        return [said for gpu in gpus if gpu and not given and (said := scenarios.price_said({scenarios.GPU: gpu}))]

    def bounds(self, number):
        """Return the first point of a chunk and the first after it."""
        return number * self.chunk, min((number + 1) * self.chunk, self.points)

    def as_json(self):
        """Return the plan as one text, from which :func:`from_json` makes it again."""
        whole = self._asdict() | {"vary": {name: list(spread[1:]) for name, spread in self.vary.items()}}
        return json.dumps(whole | {"fixed": dict(self.fixed), "outputs": dict(self.outputs)})

    @property
    def mark(self):
        """A mark of all that the results depend on: the plan, the version, the science, the facts, models of files."""
        vary = {name: spread._replace(levels=spread.levels and tuple(scenarios.by_content({name: level})[name]
                                                                     for level in spread.levels))
                for name, spread in self.vary.items()}  # fmt: skip
        plan = self._replace(fixed=scenarios.by_content(self.fixed), vary=vary).as_json()
        return hashlib.sha256(f"{__version__} {science()} {plan}".encode()).hexdigest()


@cache
def from_json(text):
    """Return a plan from its text, unchecked.

    >>> plan = read({"design": "grid", "vary": {"dpo_rounds": [1, 2]}, "outputs": ["rlaif.usd"]})
    >>> from_json(plan.as_json()) == plan
    True
    """
    found = json.loads(text)
    vary = {
        name: Spread(name, None if levels is None else tuple(levels), *rest)
        for name, (levels, *rest) in found["vary"].items()
    }
    maps = tuple(tuple(axes) for axes in found["maps"])
    whole = found | {"vary": vary, "maps": maps}
    return SweepPlan(**{name: MappingProxyType(part) if isinstance(part, dict) else part
                        for name, part in whole.items()})  # fmt: skip


@cache
def science():
    """Return a mark of the package's code and facts, without the report."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted([*package.rglob("*.py"), *package.rglob("*.csv")]):
        if file.parent.name != "report":
            digest.update(file.read_bytes())
    return digest.hexdigest()


def read(content):
    """Return the plan that a sweep file describes, or raise one ValueError that lists everything wrong with it.

    Parameters
    ----------
    content : dict as read from the file, with the keys of :data:`KEYS`

    Returns
    -------
    SweepPlan

    Raises
    ------
    ValueError : for unknown keys, parameters or outputs (with the nearest), values out of range, reversed ranges, or
        more points than :data:`MOST_POINTS`

    Examples
    --------
    >>> plan = read({"design": "grid", "outputs": ["rlaif.usd"],
    ...              "vary": {"human_usd_per_pair": {"from": 0.5, "to": 2, "steps": 3, "scale": "log"}}})
    >>> plan.points, plan.vary["human_usd_per_pair"].levels
    (3, (0.5, 1.0, 2.0))
    >>> read({"design": "grid", "outputs": ["rlaif.usd"], "vary": {"epoch": [1, 2]}})
    Traceback (most recent call last):
        ...
    ValueError: vary: unknown parameter 'epoch'; did you mean epochs or ppo_epochs?
    """
    if not isinstance(content, dict):
        raise ValueError(f"a sweep must hold lines of 'name: value' ({', '.join(KEYS)}), got {shown(content)}")
    problems = []

    def tried(function, *arguments):
        try:
            return function(*arguments)
        except ValueError as error:
            problems.append(str(error))
            return None

    problems += [f"{each}; a sweep has {', '.join(KEYS)}" for each in unknown("key", content, KEYS)]
    design = content.get("design", "random" if "points" in content else "grid")
    if design not in DESIGNS:
        problems.append(f"design must be one of {', '.join(DESIGNS)}, got {shown(design)}{nearest(design, DESIGNS)}")
    vary = tried(_vary, content.get("vary"), design)
    fixed = tried(_fixed, {} if content.get("fixed") is None else content["fixed"], vary or {})
    outputs = tried(_outputs, content.get("outputs"))
    seed = tried(_whole, "seed", content.get("seed", SEED), 0, 2**63 - 1)
    bins = tried(_whole, "bins", content.get("bins", 20), 2, 200)
    points = tried(_points, content.get("points"), design, vary) if vary and design in DESIGNS else None
    maps = tried(_maps, [] if content.get("maps") is None else content["maps"], vary) if vary is not None else None
    if problems:
        raise ValueError("\n".join(problems))
    plan = SweepPlan(design, points, seed, vary, fixed, outputs, bins, maps)
    _follow(plan)
    return plan


def _mapping(name, value, says):
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{name} must hold lines of '{says}', got {shown(value)}")
    return value


def _number(value):
    """Return a number, also where YAML 1.1 reads it as text, such as 1e6; None for anything else."""
    value = number(value) if isinstance(value, str) else value
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return value if real and -LARGEST < value < LARGEST else None


def _whole(name, value, low, high):
    found = _number(value)
    if found is None or found % 1 or not low <= found <= high:
        raise ValueError(f"{name} must be a whole number from {low:,} to {high:,}, got {shown(value)}")
    return int(found)


def _vary(given, design):
    vocabulary, found = parameters.vocabulary(), {}
    given = _mapping("vary", given, "parameter: how it varies")
    problems = [f"vary: {each}" for each in unknown("parameter", given, vocabulary, "; see costlib params")]
    for name in filter(vocabulary.__contains__, given):
        how = given[name]
        try:
            found[name] = _spread(vocabulary[name], how, design)
        except ValueError as error:
            problems.append(f"vary: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _spread(known, how, design):
    """How one input varies, from what the file says of it."""
    if isinstance(how, list):
        return _listed(known, how)
    if isinstance(how, str) and how == "own":
        how = {"shape": known.shape, "low": known.low, "high": known.high}
        if not known.shape:
            raise ValueError(f"{known.name} has no range of its own; give {FORMS}")
    if not isinstance(how, dict):
        raise ValueError(f"{known.name} must be {FORMS}, got {shown(how)}; a value that stays belongs under fixed")
    allowed = ("from", "to", "scale", "steps") if {"from", "to"} & how.keys() else ("shape", "low", "high", "mode")
    if strange := unknown("key", how, allowed):
        raise ValueError(f"{known.name}: {strange[0]}; it must be {FORMS}")
    if known.type in (str, bool) or known.choices:
        raise ValueError(f"{known.name} has no range: list the values, each {known.allowed}")
    if "steps" in how:
        return _stepped(known, how)
    if design == "grid":
        raise ValueError(f"{known.name}: a grid needs a list of values, or from, to and steps")
    if allowed[0] == "from":
        shape = SCALES[_scale(f"{known.name}: ", how)]
        low, high = _ends(known, how, "from", "to")
    else:
        shape = how.get("shape")
        if shape not in SHAPES:
            raise ValueError(f"{known.name}: shape must be one of {', '.join(SHAPES)}, got {shown(shape)}")
        low, high = _ends(known, how, "low", "high")
    _positive(known, shape, low)
    mode = float(known.default)
    if shape == "triangular":
        mode = float(known.parse(how.get("mode", known.default)))
        if not low <= mode <= high:
            raise ValueError(f"{known.name} [{known.unit}]: mode must be from {low:g} to {high:g}, got {mode:g}")
    return Spread(known.name, None, shape, float(low), float(high), mode)


def _scale(where, how):
    scale = how.get("scale", "linear")
    if not (isinstance(scale, str) and scale in SCALES):
        raise ValueError(f"{where}scale must be linear or log, got {shown(scale)}")
    return scale


def _listed(known, values):
    if not values:
        raise ValueError(f"{known.name} must list at least one value")
    if len(values) > MOST_LEVELS:
        raise ValueError(
            f"{known.name} lists {len(values):,} values, more than {MOST_LEVELS:,}; give from, to and steps"
        )
    levels = [known.parse(value) for value in values]
    if twice := [value for value, count in Counter(levels).items() if count > 1]:
        raise ValueError(f"{known.name} lists {shown(twice[0])} twice")
    return Spread(known.name, tuple(levels))


def _ends(known, how, low_key, high_key):
    if missing := [key for key in (low_key, high_key) if key not in how]:
        raise ValueError(f"{known.name}: {missing[0]} is missing")
    low, high = known.parse(how[low_key]), known.parse(how[high_key])
    if low >= high:
        raise ValueError(f"{known.name} [{known.unit}]: {low_key} must be below {high_key}, got {low:g} and {high:g}")
    return low, high


def _positive(known, shape, low):
    if shape.startswith("log") and low <= 0:
        raise ValueError(f"{known.name} [{known.unit}]: a log scale must start above 0, got {low:g}")


def _stepped(known, how):
    """Equal steps from end to end, on a linear or a log scale; whole numbers are rounded, and counted once."""
    low, high = _ends(known, how, "from", "to")
    steps = _whole(f"{known.name}: steps", how["steps"], 2, MOST_LEVELS)
    scale = _scale(f"{known.name}: ", how)
    _positive(known, SCALES[scale], low)
    shares = [step / (steps - 1) for step in range(steps)]
    levels = [low * (high / low) ** share if scale == "log" else low + (high - low) * share for share in shares]
    levels[-1] = high
    if known.type is int:
        levels = list(dict.fromkeys(round(value) for value in levels))
    return Spread(known.name, tuple(map(known.type, levels)))


def _fixed(given, vary):
    if not isinstance(given, dict):
        raise ValueError(f"fixed must hold lines of 'parameter: value', got {shown(given)}")
    if both := [name for name in given if name in vary]:
        raise ValueError(f"{both[0]} is fixed and varies; take one away")
    try:
        return parameters.check(given)
    except ValueError as error:
        raise ValueError("\n".join(f"fixed: {line}" for line in str(error).splitlines())) from error


def _outputs(given):
    """Outputs by name; a list names each by its own text."""
    listed = isinstance(given, list) and given
    pairs = [(text, text) for text in given] if listed else _mapping("outputs", given, OUTPUTS).items()
    problems = [f"outputs: {len(pairs):,} are more than {MOST_OUTPUTS}"] if len(pairs) > MOST_OUTPUTS else []
    found = {}
    for name, text in pairs[:MOST_OUTPUTS] if listed else pairs:
        try:
            expressions.parse(text)
            if name in found:
                raise ValueError(f"{shown(name)} is listed twice")
            found[_column(name, text)] = text
        except ValueError as error:
            problems.append(f"outputs: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _column(name, text):
    """The name of an output, which names a column beside the inputs and the number of the point."""
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise ValueError(f"a name must be a text of one line, at most {LONGEST_NAME} letters, got {shown(name)}")
    if name[0] in FORMULA:
        raise ValueError(f"{shown(name)} would start a formula in a spreadsheet; begin it with a letter")
    if name != text and (name[0] in "./\\~" or re.search(r"\.\.[/\\]", name)):
        raise ValueError(f"{shown(name)} reads as the path of a file; begin it with a letter, without ../")
    taken = "a parameter" if name in parameters.vocabulary() else (
        "the column that numbers the points" if name == POINT else "another output"
        if name in expressions.catalogue() and text.strip() != name else "")  # fmt: skip
    if taken:
        raise ValueError(f"{shown(name)} is the name of {taken}; take another")
    return name


def _points(given, design, vary):
    count = math.prod(len(spread.levels) for spread in vary.values()) if design == "grid" else given
    if design == "grid" and given is not None and given != count:
        raise ValueError(f"points follow from the grid, which has {count:,}; leave them out, got {shown(given)}")
    if count is None:
        raise ValueError(f"points is missing: how many the {design} design has")
    if (many := _number(count)) is not None and many > MOST_POINTS:
        days = many / 1e6 / 86400
        raise ValueError(
            f"points must be at most {MOST_POINTS:.0e}, got {many:.3g}: at a million points a second that is "
            f"{days:,.0f} days; take fewer values, or a random design"
        )
    return _whole("points", count, 1, MOST_POINTS)


def _maps(given, vary):
    """Pairs of axes, each a varied parameter's name or an expression with its range."""
    if not isinstance(given, list):
        raise ValueError(f"maps must be a list of pairs of axes, got {shown(given)}")
    found = []
    for axes in given:
        if not isinstance(axes, list) or len(axes) != 2 or axes[0] == axes[1]:
            raise ValueError(f"maps: each must be a pair of axes, such as [epochs, policy_gpus], got {shown(axes)}")
        found.append(tuple(_axis(axis, vary) for axis in axes))
    return tuple(found)


def _axis(axis, vary):
    if isinstance(axis, str):
        if axis not in vary:
            raise ValueError(f"maps: {shown(axis)} does not vary{nearest(axis, vary)}")
        return axis
    keys = ("of", "from", "to", "scale")
    if not isinstance(axis, dict) or not {"of", "from", "to"} <= axis.keys() <= set(keys):
        raise ValueError(
            f"maps: an axis must be the name of a varied parameter or {{of, from, to, scale}}, got {shown(axis)}"
        )
    expressions.parse(axis["of"])
    low, high, scale = _number(axis["from"]), _number(axis["to"]), _scale("maps: ", axis)
    if None in (low, high) or not low < high or (scale == "log" and low <= 0):
        raise ValueError(f"maps: {axis['of']} needs from below to (above 0 on a log scale), got {shown(axis)}")
    return {"of": axis["of"], "from": float(low), "to": float(high), "scale": scale}


def _follow(plan):
    """Check what depends on several inputs: what follows from others, and ends that could cross."""
    _ = plan.prices  # each GPU has one, or it is given
    values = parameters.defaults() | plan.fixed
    low = values | {name: spread.ends[0] for name, spread in plan.vary.items()}
    high = values | {name: spread.ends[1] for name, spread in plan.vary.items()}
    for name in values:
        other = name.removesuffix("_low") + "_high"
        if name.endswith("_low") and {name, other} & {*plan.vary, *plan.fixed} and high[name] > low[other]:
            raise ValueError(f"{name} must be at most {other} at every point, got up to {high[name]} and {low[other]}")
    if "sustained_tflops" not in plan.vary and "sustained_tflops" not in plan.fixed:
        for work, hours in ((low, high), (high, low)):
            corner = work | {"pretraining_gpu_hours": hours["pretraining_gpu_hours"]}
            parameters.check({"sustained_tflops": scenarios.back_solved_tflops(corner)})
