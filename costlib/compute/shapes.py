"""Models by name, and models cut down: a name of the catalogue with some of its dimensions changed.

A cut model is a few layers of a large one, or a small one of the same class, that fits the machine at hand. Only
classes whose norms and biases are counted here can be cut.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from costlib._arrays import Numeric
from costlib.compute.architecture import Architecture, find
from costlib.text import nearest, shown

CUT = ("layers", "hidden_size", "heads", "kv_heads", "head_size", "ffn_size", "vocabulary_size")
# Norms of Llama-like classes; norms and biases of GPT-2.
OTHER: dict[str, Callable[[Architecture], Numeric]] = {
    r"llama|codellama|mistral": lambda m: (2 * m.layers + 1) * m.hidden_size,
    r"gpt2": lambda m: m.layers * (9 * m.hidden_size + m.ffn_size) + 2 * m.hidden_size,
}


def shape(text: str) -> Architecture:
    """Return the Architecture of a model of the catalogue, or of one cut down, written NAME:layers=2,hidden_size=64.

    Parameters
    ----------
    text : name, perhaps followed by a colon and dimensions of :data:`CUT` as whole numbers; the size of a head follows
        from width and heads, and the MLP of GPT-2 from the width, unless given

    Raises
    ------
    ValueError : for an unknown model or dimension, a class that cannot be cut, or a value that is no whole number
        above 0

    Examples
    --------
    >>> shape("llama-3.1-8b:layers=2").parameters == 2 * 218_112_000 + 2 * 128_256 * 4096 + 4096
    True
    >>> shape("gpt2:layers=2,hidden_size=64,heads=4,vocabulary_size=1000").parameters
    229632
    """
    name, _, changes = text.partition(":")
    whole = find(name.strip())
    if not changes:
        return whole
    count = next((count for names, count in OTHER.items() if re.match(names, name.strip())), None)
    if count is None:
        raise ValueError(f"model must be of the Llama, Mistral or GPT-2 classes to be cut, got {shown(name)}")
    found: dict[str, Any] = dict(_dimension(part) for part in changes.split(","))
    if {"hidden_size", "heads"} & found.keys() and "head_size" not in found:
        width, heads = (found.get(key, getattr(whole, key)) for key in ("hidden_size", "heads"))
        if width % heads:
            raise ValueError(f"hidden_size must be a multiple of heads [-], got {width:g} and {heads:g}")
        found["head_size"] = width // heads
    if name.strip().startswith("gpt2"):
        _only_gpt2(found)
        found["ffn_size"] = 4 * found.get("hidden_size", whole.hidden_size)
        found["kv_heads"] = found.get("heads", whole.heads)
    cut = replace(whole, **found)
    return replace(cut, other_parameters=count(cut))


def _only_gpt2(found: dict[str, Any]) -> None:
    if extra := found.keys() & {"kv_heads", "ffn_size"}:
        raise ValueError(f"{', '.join(sorted(extra))} of GPT-2 follow from its heads and hidden_size")


def _dimension(text: str) -> tuple[str, int]:
    key, _, value = (part.strip() for part in text.partition("="))
    if key not in CUT:
        raise ValueError(f"unknown dimension {shown(key)}{nearest(key, CUT) or '; known: ' + ', '.join(CUT)}")
    if not re.fullmatch(r"[1-9]\d*", value):
        raise ValueError(f"{key} must be a whole number above 0 [-], got {shown(value)}")
    return key, int(value)
