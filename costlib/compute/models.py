"""A model by whatever names it: of the catalogue, a configuration on disk or of a hub, or one of these cut down.

A configuration is the `config.json` beside the weights of a model, read by :mod:`costlib.compute.configurations`: its
file, its folder, or the identifier ORGANISATION/NAME of what a hub's own programs have kept on this machine. The hub
itself is asked only where a caller says so. A cut model is a few layers of a large one, or a small one of the same
class: NAME:layers=2,hidden_size=64. Of its norms and biases, which no dimension gives, the rule is known that counts
those of the whole model.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from costlib.base._arrays import Numeric
from costlib.base.errors import FileError
from costlib.base.files import write_whole
from costlib.base.text import brief, nearest, shown
from costlib.compute import architecture, configurations
from costlib.compute.architecture import Architecture, nearest_in_size
from costlib.facts import catalog, names

CUT = ("layers", "hidden_size", "heads", "kv_heads", "head_size", "ffn_size", "vocabulary_size")
FIXED = ("attention_parameters", "kv_values_per_layer", "embedding_size", "query_value_widths", "attention_widths")
LARGEST = 10**9  # of a dimension
HUB = "https://huggingface.co"  # unless HF_ENDPOINT names another
MOST_BYTES = 1_000_000  # of a configuration from a hub
PATIENCE = 30  # s
# Norms and biases as the classes of transformers have them: for each layer so many times its width, that of the MLP, of
# all query heads, of all key-value heads and of one head; and once the width of the model and the rows of the head.
COUNTED = {
    "Llama, Mistral, MPT": (2, 0, 0, 0, 0, 1, 0),
    "Qwen 2": (2, 0, 1, 2, 0, 1, 0),
    "Qwen 3": (2, 0, 0, 0, 2, 1, 0),
    "Gemma 2": (4, 0, 0, 0, 0, 1, 0),
    "Gemma 3": (4, 0, 0, 0, 2, 1, 0),
    "OLMo 2": (2, 0, 1, 1, 0, 1, 0),
    "GPT-2, OPT, Pythia": (9, 1, 0, 0, 0, 2, 0),
    "BLOOM": (9, 1, 0, 0, 0, 4, 0),
    "Falcon 7B": (2, 0, 0, 0, 0, 2, 0),
    "Falcon 40B": (4, 0, 0, 0, 0, 2, 0),
    "Phi": (7, 1, 0, 0, 0, 2, 1),
    "GPT-J": (3, 1, 0, 0, 0, 2, 1),
}


class Model(NamedTuple):
    """A model that was found.

    Parameters
    ----------
    name : by which it is found again: of the catalogue, a path, an identifier, perhaps with dimensions behind it
    label : for readers
    architecture : Architecture
    context_length : tokens that it was made for, None where that is not known [tokens]
    left_out : parts of it that are not counted, such as a vision tower
    source : where it was read
    stored_bits : bits of a weight in the files, where they are quantised [bits]
    """

    name: str
    label: str
    architecture: Architecture
    context_length: int | None
    left_out: tuple[str, ...]
    source: str
    stored_bits: float | None = None

    @property
    def parameters(self) -> Numeric:
        """All parameters [parameters]."""
        return self.architecture.parameters

    @property
    def parameters_active(self) -> Numeric:
        """Parameters that one token uses [parameters]."""
        return self.architecture.parameters_active

    @property
    def content(self) -> str:
        """All that results depend on, as one text: the same for the same configuration in another place."""
        return repr((self.architecture, self.context_length, self.left_out, self.stored_bits))


def find(text: str | Path, fetch: bool = False) -> Model:
    """Return the Model that a name, a path, an identifier of a hub, or one of them with dimensions behind it, means.

    Parameters
    ----------
    text : name of the catalogue in any usual spelling, `config.json` or a folder with one, ORGANISATION/NAME, or one of
        these followed by a colon and dimensions of :data:`CUT` as whole numbers; the size of a head follows from width
        and heads, and the MLP of GPT-2 and its like from the width, unless given
    fetch : True asks the hub for what is not on this machine, and keeps it

    Raises
    ------
    ValueError : for what names no model, with the nearest, a file that is no configuration or of a class that is not
        modelled, an identifier that is not on this machine, or dimensions that cannot be

    Examples
    --------
    >>> find("meta-llama/Llama-3.1-8B-Instruct").name
    'llama-3.1-8b'
    >>> find("qwen3-8b:layers=2").parameters == 2 * 192_946_432 + 2 * 151_936 * 4096 + 4096
    True
    """
    name = str(text).strip()
    name = (names.model(name) if isinstance(text, str) else None) or names.own_model(text) or ""
    whole, _, changes = name.rpartition(":") if re.search(names.DIMENSIONS, name) else (name, "", "")
    if changes:
        return _cut(find(whole, fetch), name, changes)
    if name in catalog.table("models"):
        return _of_catalogue(name)
    if not name:
        raise ValueError(f"unknown model {shown(text)}{names.model_hint(str(text))}")
    if names.is_path(name):
        return _read(name, Path(name))
    found = next(_kept(name), None) or (_fetched(name) if fetch else None)
    if not found:
        raise ValueError(f"model {brief(name)} is not in the catalogue, nor on this machine: ask its hub with --fetch, "
                         "or give its config.json, or NAME:layers=...,hidden_size=...")  # fmt: skip
    return _read(name, found)


def student_of(teacher: str) -> str:
    """Return the name of a model that could be distilled from another: the nearest to a tenth of its size.

    Among smaller models whose names begin with the same word, if one is within a factor of three of that tenth; else
    among all smaller ones, and the teacher itself where there is none. A mixture of experts is taught by one alone. Of
    a reader's own teacher the label's first word counts.

    Examples
    --------
    >>> student_of("llama-2-70b"), student_of("gpt-3-175b")
    ('llama-7b', 'gpt-j-6b')
    """
    models, own = catalog.table("models"), find(teacher)
    family = re.split("[^a-z]", teacher if teacher in models else own.label.lower())[0]
    size, sparse = own.parameters, own.architecture.experts > 1
    smaller = [name for name, each in models.items() if each.parameters < size and (sparse or each.experts == 1)]
    kin = [
        name for name in smaller
        if re.split("[^a-z]", name)[0] == family and 1 / 3 <= 10 * models[name].parameters / size <= 3
    ]  # fmt: skip
    return nearest_in_size(size / 10, kin or smaller) if smaller else teacher


def shape(text: str) -> Architecture:
    """Return the Architecture of a model of the catalogue, or of one cut down, and of no file: as tables name them.

    Raises
    ------
    ValueError : as :func:`find`

    Examples
    --------
    >>> shape("gpt2:layers=2,hidden_size=64,heads=4,vocabulary_size=1000").parameters
    229632
    """
    whole = names.DIMENSIONS.sub("", text)
    if names.model(whole) is None:
        raise ValueError(f"unknown model {shown(whole)}{names.model_hint(whole)}")
    return find(text).architecture


@cache
def _of_catalogue(name: str) -> Model:
    row = catalog.find("models", name)
    context = None if row.context_length is None else int(row.context_length)
    return Model(name, row.label, architecture.find(name), context, (), f"the catalogue: {row.source}, {row.locator}")


def _read(name: str, path: Path) -> Model:
    """The model of a configuration, read again only where the file is another."""
    path = path / "config.json" if path.is_dir() else path
    try:
        state = path.stat()
    except (OSError, ValueError) as error:
        raise FileError(f"model {brief(name)} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return _configured(name, path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _configured(name: str, path: Path, _time: int, _size: int) -> Model:
    found = configurations.read(path)
    return Model(name, found.label, found.architecture, found.context_length, tuple(found.left_out), str(path),
                 found.stored_bits)  # fmt: skip


def _kept(name: str) -> Iterator[Path]:
    """Configurations of a model of a hub on this machine: those that its own programs keep, and ours."""
    folder = f"models--{name.replace('/', '--')}"
    for root in _caches():
        revisions, main = root / folder / "snapshots", root / folder / "refs" / "main"
        chosen = main.read_text(encoding="utf-8", errors="replace")[:100].strip() if main.is_file() else ""
        found = sorted(path for path in revisions.glob("*/config.json") if path.is_file())
        yield from sorted(found, key=lambda path: path.parent.name != chosen)
    if (path := _own_cache(name)).is_file():
        yield path


def _home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _caches() -> Iterator[Path]:
    """Folders in which the hub's own programs keep models, by their variables."""
    if named := os.environ.get("HF_HUB_CACHE"):
        yield Path(named)
    yield Path(os.environ.get("HF_HOME") or _home() / "huggingface") / "hub"


def _own_cache(name: str) -> Path:
    return _home() / "costlib" / "models" / name.replace("/", "--") / "config.json"


def _open(url: str) -> Any:
    from urllib.request import urlopen

    return urlopen(url, timeout=PATIENCE)


def _fetched(name: str, opened: Callable[[str], Any] | None = None) -> Path:
    """The configuration of a model as its hub has it now, kept on this machine."""
    hub = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    if not re.fullmatch(r"https?://\S+", hub):
        raise ValueError(f"the variable HF_ENDPOINT must be the address of a hub, got {shown(hub)}")
    try:
        with (opened or _open)(f"{hub}/{name}/resolve/main/config.json") as answer:
            content = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # of the network, or an answer that is none
        why = getattr(error, "reason", None) or error
        raise ValueError(f"model {brief(name)} could not be had from {hub}: {shown(str(why))}; give its config.json "
                         "or NAME:layers=...,hidden_size=...") from error  # fmt: skip
    if len(content) > MOST_BYTES:
        raise ValueError(f"the configuration of {brief(name)} has more than {MOST_BYTES:,} bytes, which is too much")
    path = _own_cache(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
    return path


def _cut(model: Model, name: str, changes: str) -> Model:
    """A model with other dimensions."""
    whole, found = model.architecture, {}
    for part in changes.split(","):
        key, value = _dimension(part)
        if key in found:
            raise ValueError(f"{key} is given twice in {shown(name)}")
        found[key] = value
    cut = _resized(whole, model.name, found)
    rule = next((rule for rule in COUNTED.values() if _other(whole, rule) == whole.other_parameters), None)
    if rule is None:
        raise ValueError(f"the norms and biases of {brief(model.name)} follow no rule that is known here, so it cannot "
                         f"be cut, got {shown(changes)}")  # fmt: skip
    cut = configurations.sized(replace(cut, other_parameters=_other(cut, rule)))
    said = ", ".join(f"{key} {value:,}" for key, value in found.items())
    return model._replace(name=name, label=f"{model.label} ({said})", architecture=cut)


def _resized(whole: Architecture, name: str, given: dict[str, int]) -> Architecture:
    found: dict[str, Any] = dict(given)
    classic = whole.mlp_matrices == 2 and whole.ffn_size == 4 * whole.hidden_size
    if classic and whole.heads == whole.kv_heads:
        if extra := found.keys() & {"kv_heads", "ffn_size"}:
            raise ValueError(f"{', '.join(sorted(extra))} of {brief(name)} follow from its heads and hidden_size")
        found["kv_heads"] = found.get("heads", whole.heads)
    if classic:
        found.setdefault("ffn_size", 4 * found.get("hidden_size", whole.hidden_size))
    if {"hidden_size", "heads"} & found.keys() and "head_size" not in found:
        width, heads = (found.get(key, getattr(whole, key)) for key in ("hidden_size", "heads"))
        if width % heads:
            raise ValueError(f"hidden_size must be a multiple of heads [-], got {width:g} and {heads:g}")
        found["head_size"] = width // heads
    joined = {} if whole.query_value_widths is None else _joined(whole)
    joined = joined if all(getattr(whole, key) == width for key, width in joined.items()) else {}
    if fixed := [key for key in FIXED if key not in joined and getattr(whole, key) is not None
                 and given.keys() - {"layers", "vocabulary_size"}]:  # fmt: skip
        raise ValueError(f"only layers and vocabulary_size of {brief(name)} can be cut, as its {fixed[0]} is its own")
    layers = found.get("layers", whole.layers)
    found["windowed_layers"] = whole.windowed_layers * layers // whole.layers
    found["dense_layers"] = min(whole.dense_layers, layers)
    cut = replace(whole, **found)
    return replace(cut, **_joined(cut)) if joined else cut


def _joined(model: Architecture) -> dict[str, Any]:
    """Inputs and outputs of the linear layers of an attention block that projects queries, keys and values at once."""
    query = model.heads * model.head_size
    first = model.hidden_size + query + 2 * model.kv_heads * model.head_size
    return {"query_value_widths": first, "attention_widths": first + query + model.hidden_size}


def _other(model: Architecture, rule: tuple[int, ...]) -> Numeric:
    """Norms and biases by a rule of :data:`COUNTED` [parameters]."""
    widths = (model.hidden_size, model.ffn_size, model.heads * model.head_size, model.kv_heads * model.head_size,
              model.head_size)  # fmt: skip
    layer = sum(count * width for count, width in zip(rule, widths, strict=False))
    return model.layers * layer + rule[5] * model.hidden_size + rule[6] * model.vocabulary_size


def _dimension(text: str) -> tuple[str, int]:
    key, _, value = (part.strip() for part in text.partition("="))
    if key not in CUT:
        raise ValueError(f"unknown dimension {shown(key)}{nearest(key, CUT) or '; known: ' + ', '.join(CUT)}")
    if not re.fullmatch(r"[1-9]\d*", value, re.ASCII) or len(value) > 10 or int(value) > LARGEST:
        raise ValueError(f"{key} must be a whole number above 0, at most {LARGEST:g} [-], got {shown(value)}")
    return key, int(value)
