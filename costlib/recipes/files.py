"""Files of training configurations as flat keys: YAML, TOML, JSON and shell scripts, strictly and never run."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from costlib.base import strict_yaml
from costlib.base.errors import FileError
from costlib.base.files import read_text
from costlib.base.text import brief, shown
from costlib.recipes import shell

MOST_BYTES = strict_yaml.MOST_BYTES
MOST_PARENTS = 5  # files that name each other
MOST_KEYS = 5000
FORMS = {".toml": "toml", ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".sh": "shell", ".bash": "shell",
         ".slurm": "shell", ".sbatch": "shell"}  # fmt: skip
_WITHIN = re.compile(r"\$\{([\w.]+)\}")


class Content(NamedTuple):
    """The keys of a file, those of nested names joined by dots, and the files it names that were not found."""

    name: str
    keys: dict[str, Any]


def read(path: str | Path) -> Content:
    """Return what a file of a training configuration holds.

    Raises
    ------
    costlib.base.errors.FileError : for what is no such file, too large, or broken, in one line
    costlib.base.extras.MissingExtraError : for YAML without PyYAML
    """
    where = Path(path) if isinstance(path, str) else path
    place = str(path).replace("\\", "/").split("/")[-3:]
    return Content(place[-1], _read(where, 0) | {"(path)": "/".join(place)})


def content(text: str, name: str) -> Content:
    """Return what the text of a YAML file holds, without the files that it names."""
    return Content(name, flat(strict_yaml.read(text, name)) | {"(path)": name})


def _read(path: Path, depth: int) -> dict[str, Any]:
    text, name = read_text(path, MOST_BYTES), brief(path.name)
    if "\0" in text:
        raise FileError(f"{name} is no text: it has a NUL")
    form = FORMS.get(path.suffix.lower()) or _form(text)
    if form == "shell":
        keys = shell.read(text, name)
        launched = keys.get("config")
        where = beside(path, launched) if isinstance(launched, str) else None
        keys = (_read(where, depth + 1) if where and depth < MOST_PARENTS else {}) | keys
    else:
        parsed = _parsed(form, text, name)
        if not isinstance(parsed, dict):
            raise FileError(f"{name} must hold names and values, got {shown(parsed)}")
        keys = flat(parsed)
        for parent in _parents(keys.pop("defaults", None)):
            where = beside(path, parent)
            if where and depth < MOST_PARENTS:
                keys = _read(where, depth + 1) | keys
            elif parent.endswith((".yaml", ".yml")):
                keys[f"defaults: {parent}"] = "a parent that is not found"
    if len(keys) > MOST_KEYS:
        raise FileError(f"{name} has {len(keys):,} keys, more than the {MOST_KEYS:,} that are read")
    return {key: _interpolated(value, keys) for key, value in keys.items()} if form != "shell" else keys


def _form(text: str) -> str:
    start = text.lstrip()
    if start.startswith("#!") or re.search(r"^\s*--\w|^\s*(python3?|torchrun|accelerate|deepspeed) ", text, re.M):
        return "shell"
    return "json" if start.startswith("{") else "yaml"


def _parsed(form: str, text: str, name: str) -> Any:
    if form == "yaml":
        return strict_yaml.read(text, name)
    try:
        return tomllib.loads(text) if form == "toml" else json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise FileError(f"{name} is nested too deep") from error
    except ValueError as error:
        raise FileError(f"{name} is no {form.upper()}: {brief(str(error))}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def flat(nested: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested names as one, joined by dots; lists stay.

    >>> flat({"a": {"b": 1, "c": {"d": [2]}}})
    {'a.b': 1, 'a.c.d': [2]}
    """
    keys: dict[str, Any] = {}
    for name, value in nested.items():
        inner = before if name == "<<" else f"{before}{name}."
        keys |= flat(value, inner) if isinstance(value, dict) and value else {inner[:-1]: value}
    return keys


def _parents(given: Any) -> list[str]:
    given = given if isinstance(given, list) else [given]
    return [each for each in given if isinstance(each, str)]


def _interpolated(value: Any, keys: Mapping[str, Any]) -> Any:
    """A value that names another key, ${a.b}, as what that key holds."""
    for _ in range(MOST_PARENTS):
        found = _WITHIN.fullmatch(value) if isinstance(value, str) else None
        if not found or found[1] not in keys:
            break
        value = keys[found[1]]
    return value


def beside(path: Path, named: str) -> Path | None:
    """Return the file that another one names: from where we are, from its folder or one above it; None for none."""
    relative = Path(named)
    if len(named) > 500 or not named.isprintable() or relative.is_absolute():
        return None
    folders = [Path(), *list(path.resolve().parents)[:5]]
    places = [*(folder / relative for folder in folders), path.parent / relative.name]
    try:
        return next((place for place in places if place.is_file()), None)
    except OSError:
        return None
