"""What a sweep is asked for: names of outputs and parameters, and arithmetic between them.

`human-dpo.usd / rlaif.usd >= 3` holds or does not; its mean over many points is a share. An operator has a space on
each side, since names have hyphens.
"""

import ast
import operator
import re
from functools import cache, reduce
from types import MappingProxyType
from typing import NamedTuple

from costlib._arrays import maximum, where
from costlib.compute.job import STAGES
from costlib.compute.plan import TAKES_TURNS
from costlib.economics import methods
from costlib.facts import parameters
from costlib.text import shown

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
METHOD = {"usd": "USD", "gpu_hours": "GPU-h", "days": "days", "pairs": "pairs", "agreement": "fraction",
          "usd_per_effective_pair": "USD/pair", "min_gpus": "GPUs"}  # fmt: skip
LINE = {"usd": "USD", "gpu_hours": "GPU-h", "days": "days"}
STAGE = {"usd": "USD", "gpu_hours": "GPU-h", "hours": "h", "flops": "FLOPs", "tokens": "tokens", "memory_gb": "GB",
         "min_gpus": "GPUs", "fits": "0 or 1"}  # fmt: skip
COMPARED = {ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
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


@cache
def parse(text):
    """Return an Expression, or raise a ValueError that says what is wrong with it.

    Parameters
    ----------
    text : names of outputs and of numeric parameters, numbers, + - * / ( ), min(), max(), and one comparison

    Raises
    ------
    ValueError : for unknown names (with the nearest), sums of different units, or anything else

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
    names = tuple(dict.fromkeys(name for name in NAME.findall(text) if name not in LEAST))
    known = parameters.vocabulary()
    for name in names:
        if name in known and known[name].type in (str, bool):
            raise ValueError(f"{name} in {shown(text)} is a name, not a number")
        if name not in catalogue() and name not in known:
            raise ValueError(f"unknown output {shown(name)}{parameters.nearest(name, [*catalogue(), *known])}")
    places = {name: f"name_{place}" for place, name in enumerate(names)}
    try:
        tree = ast.parse(NAME.sub(lambda found: places.get(found[0], found[0]), text.strip()), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{shown(text)} cannot be read: write it like human-dpo.usd / rlaif.usd >= 3") from error
    if not names:
        raise ValueError(f"{shown(text)} names no output")
    units = {places[name]: catalogue().get(name) or known[name].unit for name in names}
    holds = isinstance(tree, ast.Compare)
    unit = _unit(tree, units, text)
    return Expression(tree, names, "0 or 1" if holds else unit or "-", holds)


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
    return _value(expression.tree, {f"name_{place}": amounts[name] for place, name in enumerate(expression.names)})


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
            return COMPARED[type(node.ops[0])](_value(node.left, amounts), _value(node.comparators[0], amounts))


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
