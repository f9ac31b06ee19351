"""Numbers and models as reports write them, resolved against the catalogue.

A model is known by its name in any spelling, else by a parameter count that equals one of the catalogue, else by the
dimensions written beside it or built to the count.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from costlib.base.errors import UnreadableError
from costlib.base.text import brief, shown
from costlib.base.text import number as plain_number
from costlib.compute.architecture import Architecture, find
from costlib.facts import catalog
from costlib.facts.names import LONGEST, mentioned

LARGEST = 1e30
FEWEST, MOST = 1e5, 1e15  # parameters of a language model; less is a number in another unit
SAME_COUNT = 0.01  # two counts of one model differ by no more: rounding, biases
CONTRADICTED = 1.5  # times, between a count and the size in the name beside it
NAMED_COUNT = 0.15  # a name with another size beside it is another model
UNIT = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
WIDTH_PER_LAYER = 128  # hidden size over layers of GPT-like models, Kaplan et al. 2020, flat around 100
HEAD_SIZE = 128
VOCABULARY = 50257


def number(row: Mapping[str, Any], column: str, required: bool = True) -> float | None:
    """Return the number of a cell, None where it is empty, or raise UnreadableError.

    >>> number({"value": "1,024.5"}, "value"), number({"value": ""}, "value", required=False)
    (1024.5, None)
    >>> number({"value": "40,5"}, "value")
    Traceback (most recent call last):
        ...
    costlib.base.errors.UnreadableError: column value: must be a number with a decimal point, got '40,5'
    >>> number({"value": "many"}, "value")
    Traceback (most recent call last):
        ...
    costlib.base.errors.UnreadableError: column value: must be a number, got 'many'
    """
    text = str(row.get(column) or "").strip()
    if not text:
        if required:
            raise UnreadableError(f"column {column}: empty")
        return None
    bare = text.lstrip("~≈ ")
    if re.search("[, _]", bare) and not re.fullmatch(r"\d{1,3}([, _]?\d{3})+(\.\d+)?", bare, re.ASCII):
        raise UnreadableError(f"column {column}: must be a number with a decimal point, got {shown(text)}")
    value = plain_number(re.sub("[, _]", "", bare))
    if value is None:
        raise UnreadableError(f"column {column}: must be a number, got {shown(text)}")
    if not 0 < value < LARGEST:
        raise UnreadableError(f"column {column}: must be a number above 0 and below {LARGEST:g}, got {shown(text)}")
    return float(value)


def count(text: str) -> float | None:
    """Return a number with an optional k, M, B or T behind it, as in 7B or 125M; None where there is none.

    >>> count("GPT 7.5B"), count("opt-350m"), count("any")
    (7500000000.0, 350000000.0, None)
    """
    return next(iter(_counts(text)), None)


def _counts(text: str) -> list[float]:
    found = re.findall(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([mbt])(?![a-z0-9])", text.lower().replace("-", " "))
    return [float(digits) * UNIT[unit] for digits, unit in found]


def model(text: str, parameters: float | None = None, active: float | None = None,
          among: Iterable[str] | None = None, **sizes: Any) -> tuple[Architecture, str]:  # fmt: skip
    """Return the Architecture of a model, and how it was recognised: "name", "count", "dimensions" or "size".

    Parameters
    ----------
    text : name
    parameters, active : counts where known [parameters]
    among : names of the models that it may be; None takes all of the catalogue
    sizes : layers, hidden_size, heads and vocabulary_size, where a report gives them for a model of its own [-]

    Raises
    ------
    UnreadableError : for a model that is not known, and for a count that cannot be that of the model

    Examples
    --------
    >>> model("Alpaca-7B", 6.74e9)[1], round(model("GPT 22B", 22e9)[0].parameters / 1e9)
    ('name', 22)
    """
    if len(text) > LONGEST:
        raise UnreadableError(f"missing model: {shown(text)} has {len(text):,} letters")
    name, given, said = mentioned(text, among), parameters, _counts(text)
    if given and given < FEWEST:
        raise UnreadableError(f"column parameters: must be a count, got {given:g}; for billions write {given:g}e9")
    if given and said and not any(1 / CONTRADICTED < given / each < CONTRADICTED for each in said):
        raise UnreadableError(f"column parameters: {given:g} contradicts {brief(text)}, which says {said[0]:g}; give "
                              "the count of all parameters, or billions in the column params_b")  # fmt: skip
    parameters = parameters or next(iter(said), None)
    if parameters and not FEWEST <= parameters <= MOST:
        raise UnreadableError(f"column parameters: must be a count from {FEWEST:g} to {MOST:g}, got {parameters:g}")
    written = dimensions(parameters, **sizes)
    if written:
        return written, "dimensions"
    if name and (not given or abs(find(name).parameters / given - 1) < NAMED_COUNT):
        return find(name), "name"
    if not parameters:
        known = brief(text) or "(empty)"
        raise UnreadableError(f"missing model: {known} is not in the catalogue and its size is not given")
    name = _by_count(parameters, active or None, among)
    return (find(name), "count") if name else (built(parameters, active), "size")


def _by_count(parameters: float, active: float | None, among: Iterable[str] | None) -> str | None:
    """The model of the catalogue whose counts are the nearest, if they are the same to rounding."""
    gaps = {}
    models = catalog.table("models")
    for name, known in ((name, models[name]) for name in (models if among is None else among)):
        gap = abs(known.parameters / parameters - 1)
        # Active parameters are rounded more.
        gap = max(gap, abs(known.parameters_active / active - 1) / 10) if active else gap
        mixture = known.parameters_active < known.parameters
        if (
            gap < SAME_COUNT / 5
            if mixture and not active
            else gap < SAME_COUNT and mixture == bool(active and active < parameters)
        ):
            gaps[name] = gap
    return min(gaps, key=gaps.__getitem__) if gaps else None


def dimensions(parameters: float | None, layers: float | None = None, hidden_size: float | None = None,
               heads: float | None = None, vocabulary_size: float | None = None) -> Architecture | None:  # fmt: skip
    """Return the GPT-like model of a width and a number of layers or parameters, or None where they are not given."""
    if not hidden_size or not (layers or parameters):
        return None
    layers = layers or max(1, round((parameters or 0) / (12 * hidden_size * hidden_size)))
    heads = heads or _heads(int(hidden_size))
    words = vocabulary_size or VOCABULARY
    return Architecture(layers, hidden_size, heads, heads, hidden_size / heads, 4 * hidden_size, 2, words,
                        tied_embeddings=1)  # fmt: skip


def _heads(width: int) -> int:
    """Heads of about 128, in eights where there are as many, so that common numbers of GPUs can share them."""
    heads = max(1, width // HEAD_SIZE)
    return round(heads / 8) * 8 if heads >= 8 else heads


@cache
def built(parameters: float, active: float | None = None) -> Architecture:
    """Return a GPT-like model of a size: 128 times as wide as deep, a mixture where fewer parameters are active.

    >>> round(built(530e9).parameters / 1e9), round(built(100e9, 10e9).parameters_active / 1e9)
    (530, 10)
    """
    active = active or parameters
    width = (active * WIDTH_PER_LAYER / 12) ** (1 / 3)
    width = max(HEAD_SIZE, round(width / 1024 if width > 4096 else width / HEAD_SIZE) * (1024 if width > 4096 else 128))
    heads, embedding = _heads(width), VOCABULARY * width
    layers = max(1, round((active - embedding) / (12 * width * width)))
    ffn = ((active - embedding) / layers - 4 * width * width) / (2 * width)
    experts = 1 + (parameters - active) / (layers * 2 * width * ffn) if parameters > active * 1.02 else 1
    return Architecture(layers, width, heads, heads, width / heads, max(1, ffn), 2, VOCABULARY, tied_embeddings=1,
                        experts=experts, experts_active=1)  # fmt: skip
