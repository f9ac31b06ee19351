"""What a sweep is asked for: names of outputs and parameters, and arithmetic between them.

`human-dpo.usd / rlaif.usd >= 3` holds or does not; its mean over many points is a share. An operator has a space on
each side, since names have hyphens.
"""

import ast
import math
import operator
import re
from functools import cache, lru_cache, reduce
from types import MappingProxyType
from typing import NamedTuple

from costlib.base._arrays import is_array, maximum, where
from costlib.base.text import nearest, number, shown
from costlib.compute.job import STAGES
from costlib.compute.plan import TAKES_TURNS
from costlib.economics import methods
from costlib.facts import parameters

NAME = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z0-9_.-]*")
LONGEST = 2000  # letters of an expression
MOST_PARTS = 150
LARGEST = 1e30  # number in an expression
METHOD = {"usd": "USD", "gpu_hours": "GPU-h", "days": "days", "pairs": "pairs", "agreement": "fraction",
          "usd_per_effective_pair": "USD/pair", "min_gpus": "GPUs"}  # fmt: skip
LINE = {"usd": "USD", "gpu_hours": "GPU-h", "days": "days"}
STAGE = {"usd": "USD", "gpu_hours": "GPU-h", "hours": "h", "flops": "FLOPs", "tokens": "tokens", "memory_gb": "GB",
         "min_gpus": "GPUs", "fits": "0 or 1"}  # fmt: skip
COMPARED = {ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
              ast.Div: lambda one, other: _divided(one, other)}  # fmt: skip
LEAST = {"min": lambda one, other: where(one < other, one, other), "max": maximum}


def slug(line):
    """Return the name of a line as an output has it.

    >>> slug("failed runs and sweeps")
    'failed-runs-and-sweeps'
    """
    return line.replace(" ", "-")


@cache
def catalogue():
    """Return the unit of every output by its name.

    >>> catalogue()["rlaif.usd"], catalogue()["rlaif.labels.days"], catalogue()["ppo.memory_gb"]
    ('USD', 'days', 'GB')
    """
    found = {"article.ratio": "ratio"}
    for method in methods.METHODS:
        found |= {f"{method}.{amount}": unit for amount, unit in METHOD.items()}
        for line in methods.LINES:
            found |= {f"{method}.{slug(line)}.{amount}": unit for amount, unit in LINE.items()}
    for stage in STAGES:
        found |= {f"{stage}.{amount}": unit for amount, unit in STAGE.items()}
    return MappingProxyType(found | {f"{stage}.generation_share": "fraction" for stage in TAKES_TURNS})


class Expression(NamedTuple):
    """A text read as arithmetic: its tree, the names in it, its unit, and whether it holds or does not."""

    tree: object
    names: tuple
    unit: str
    holds: bool


def parse(text):
    """Return an Expression, or raise a ValueError that says what is wrong with it.

    Parameters
    ----------
    text : names of outputs and of numeric parameters, numbers, + - * / ( ), min(), max(), and one comparison; of at
        most :data:`LONGEST` letters and :data:`MOST_PARTS` names, numbers and operators

    Raises
    ------
    ValueError : for unknown names (with the nearest), sums of different units, a division by zero, or anything else

    Examples
    --------
    >>> parse("human-dpo.usd / rlaif.usd").unit, parse("rlaif.usd / rlaif.days").unit
    ('ratio', 'USD/days')
    >>> parse("rlaif.usd + rlaif.days")
    Traceback (most recent call last):
        ...
    ValueError: 'rlaif.usd + rlaif.days' sets USD beside days
    """
    if not isinstance(text, str):
        raise ValueError(f"an output must be a text, such as rlaif.usd, got {shown(text)}")
    if len(text) > LONGEST:
        raise ValueError(f"{shown(text)} has {len(text):,} letters, more than the {LONGEST:,} of an expression")
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text):
    names = _names(text)
    known = parameters.vocabulary()
    places = {name: f"name{place}" for place, name in enumerate(names)}
    tree = _tree(NAME.sub(lambda found: places.get(found[0], found[0]), text.strip()), text)
    if not names:
        raise ValueError(f"{shown(text)} names no output")
    units = {places[name]: catalogue().get(name) or known[name].unit for name in names}
    holds = isinstance(tree, ast.Compare)
    unit = _unit(tree, units, text)
    _constants(tree, text)
    return Expression(tree, names, "0 or 1" if holds else unit or "-", holds)


def _names(text):
    """The names in a text, each once; all must be known, and be numbers."""
    names, known = (
        tuple(dict.fromkeys(name for name in NAME.findall(text) if name not in LEAST)),
        parameters.vocabulary(),
    )
    for name in names:
        if name in known and known[name].type in (str, bool):
            raise ValueError(f"{name} in {shown(text)} is a name, not a number")
        if name not in catalogue() and name not in known:
            raise ValueError(f"unknown output {shown(name)}{nearest(name, [*catalogue(), *known])}")
    return names


def _tree(source, text):
    """The tree of a source, whose numbers are plain decimal floats."""
    try:
        if not text.isascii():
            raise ValueError("letters that no name has")
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{shown(text)} cannot be read: write it like human-dpo.usd / rlaif.usd >= 3") from error
    parts = [part for part in ast.walk(tree) if not isinstance(part, ast.expr_context | ast.operator | ast.cmpop)]
    if len(parts) > MOST_PARTS:
        raise ValueError(f"{shown(text)} has {len(parts):,} names, numbers and operators, more than {MOST_PARTS}")
    for part in parts:
        if isinstance(part, ast.Constant):
            part.value = _plain(ast.get_source_segment(source, part))
        if isinstance(part, ast.Compare) and part is not tree:
            raise ValueError(f"{shown(text)} has a comparison inside another part; one around all is allowed")
    return tree


def _plain(written):
    """The float that plain decimal digits say, also where it is not 0 or infinite only by its size."""
    found = number(written)
    if (
        found is None
        or abs(found) > LARGEST
        or (0 < abs(found) < 1 / LARGEST)
        or (found == 0 and written.strip("0.eE+-"))
    ):
        raise ValueError(f"{shown(written)} must be a decimal number from {1 / LARGEST:g} to {LARGEST:g}, or 0")
    return float(found)


def value(expression, amounts):
    """Return what an expression comes to.

    Parameters
    ----------
    expression : Expression
    amounts : dict of name to number or array, of every name in it

    Examples
    --------
    >>> value(parse("human-dpo.usd / rlaif.usd >= 3"), {"human-dpo.usd": 31.0, "rlaif.usd": 10.0})
    True
    >>> value(parse("max(rlaif.usd, hybrid.usd) - 2 * hybrid.usd"), {"hybrid.usd": 3.0, "rlaif.usd": 10.0})
    4.0
    """
    return _value(expression.tree, {f"name{place}": amounts[name] for place, name in enumerate(expression.names)})


def _value(node, amounts):
    match node:
        case ast.Name():
            return amounts[node.id]
        case ast.Constant():
            return node.value
        case ast.BinOp():
            return ARITHMETIC[type(node.op)](_value(node.left, amounts), _value(node.right, amounts))
        case ast.Call():
            return reduce(LEAST[node.func.id], [_value(each, amounts) for each in node.args])
        case ast.Compare():
            sides = _value(node.left, amounts), _value(node.comparators[0], amounts)
            return _known(COMPARED[type(node.ops[0])](*sides), *sides)


def _divided(one, other):
    """A quotient; where the divisor is zero there is none, which NaN stands for."""
    safe = where(other == 0, math.nan, other)
    return one / safe


def _known(holds, left, right):
    """What a comparison says, a number with NaN in it where one of its sides has no value."""
    unknown = (left != left) | (right != right)  # NaN alone is not itself
    return where(unknown, math.nan, holds) if (unknown.any() if is_array(unknown) else unknown) else holds


def _constants(node, text):
    """Return what a part without names comes to, None for one with names; such parts must be finite."""
    parts = [_constants(each, text) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
    if isinstance(node, ast.Name):
        return None if node.id not in LEAST else 0.0
    if isinstance(node, ast.BinOp | ast.Call | ast.Constant) and None not in parts:
        found = _value(node, {})
        if not math.isfinite(found):
            raise ValueError(f"{shown(text)} divides by zero or leaves the range of numbers")
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and parts[1] == 0:
        raise ValueError(f"{shown(text)} divides by zero")
    return None


def _unit(node, units, text):
    """The unit of a part, or None for a bare number, which goes with any."""
    match node:
        case ast.Name() if node.id in units:
            return units[node.id]
        case ast.Constant() if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return None
        case ast.BinOp() if type(node.op) in (ast.Add, ast.Sub):
            return _same([node.left, node.right], units, text)
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            left, right = _unit(node.left, units, text), _unit(node.right, units, text)
            if isinstance(node.op, ast.Mult):
                return f"{left}*{right}" if left and right else left or right
            return left if right is None else "ratio" if left == right else f"{left or 1}/{right}"
        case ast.Call(func=ast.Name(id="min" | "max")) if len(node.args) > 1 and not node.keywords:
            return _same(node.args, units, text)
        case ast.Compare(ops=[each]) if type(each) in COMPARED:
            return _same([node.left, node.comparators[0]], units, text)
    raise ValueError(
        f"{shown(text)} cannot be read: names, numbers, + - * / ( ), min(), max() and one comparison are allowed"
    )


def _same(nodes, units, text):
    found = list(dict.fromkeys(filter(None, (_unit(node, units, text) for node in nodes))))
    if len(found) > 1 and set(found) != {"-", "ratio"}:
        raise ValueError(f"{shown(text)} sets {found[0]} beside {found[1]}")
    return found[0] if found else None
