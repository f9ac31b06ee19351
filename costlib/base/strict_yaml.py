"""The one reader of YAML: a value means what it looks like, or is refused with its line.

Numbers are decimal; true, false and null are words of YAML 1.2, every other word is text. Refused are a name given
twice, numbers that YAML 1.1 reads in another base (010, 0b11, 1:30, 1_000), numbers beyond the largest float, tabs,
tags, aliases beyond a few, depth, more than one document, and more than a megabyte or 50,000 values. libyaml and
Python's own parser, which takes its place where it is missing, agree on all that is left.
"""

import math
import re
from functools import cache
from typing import Any, NoReturn

from costlib.base.errors import FileError
from costlib.base.extras import MissingExtraError
from costlib.base.text import printable

MOST_BYTES = 1_000_000
MOST_VALUES = 50_000
MOST_ALIASES = 20
DEEPEST = 20
FORMS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(0|[1-9][0-9]*)",
    "float": r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "other": r"[-+]?(0[0-9]+|0[oOxXbB][0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|[0-9]+(_[0-9]*)+([.eE].*)?)",
}


def read(text: str, where: object) -> Any:
    """Return what a YAML text holds: dicts with texts as names, lists, texts, numbers, true, false, None.

    Parameters
    ----------
    text : of the file
    where : name of the file, or of what holds the text, for messages

    Raises
    ------
    costlib.base.errors.FileError : with the line, for what is no YAML and for all that the module refuses
    costlib.base.extras.MissingExtraError : without PyYAML

    Examples
    --------
    >>> read("epochs: 3\\nprices: [0.5, 1e-3]\\ndate: 2026-11-01\\nhere: yes", "mine.yml")
    {'epochs': 3, 'prices': [0.5, 0.001], 'date': '2026-11-01', 'here': 'yes'}
    >>> read("epochs: 3\\nepochs: 010", "mine.yml")
    Traceback (most recent call last):
        ...
    costlib.base.errors.FileError: mine.yml, line 2: epochs is given twice
    """
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("a YAML file is read with PyYAML, which is missing: pip install pyyaml") from error
    if len(text) > MOST_BYTES:
        raise FileError(f"{where} has {len(text):,} characters, more than the {MOST_BYTES:,} that are read")
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line and "\t" in line.lstrip(" ").partition(" #")[0] and not line.lstrip().startswith("#"):
            raise FileError(f"{where}, line {number}: a tab stands between names and values; write spaces")
    try:
        _survey(text)
        return yaml.load(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise FileError(f"{where}{line}: {_plainly(error.problem or 'no YAML')}") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise FileError(f"{where} holds a character that no text has: {_plainly(str(error))}") from error


def _plainly(problem: str) -> str:
    return " ".join(printable(problem).split())[:150]


def _refuse(mark: Any, problem: str) -> NoReturn:
    import yaml

    raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _survey(text: str) -> None:
    """Refuse what a text may not hold before anything is built from it: depth, aliases, tags, further documents."""
    import yaml

    depth = aliases = documents = values = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        values += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEEPEST:
            _refuse(event.start_mark, f"lists and names are nested more than {DEEPEST} deep")
        if aliases > MOST_ALIASES:
            _refuse(event.start_mark, f"more than {MOST_ALIASES} aliases (*name)")
        if values > MOST_VALUES:
            _refuse(event.start_mark, f"more than {MOST_VALUES:,} names and values")
        if isinstance(event, yaml.ScalarEvent) and not event.value.isascii():
            event.value.encode()  # half of a character, written as an escape
        if documents > 1:
            _refuse(event.start_mark, "a second document begins (---); give one file for each")
        if tag := getattr(event, "tag", None):
            _refuse(event.start_mark, f"the tag {tag[:40]} is not allowed; write the value without it")


@cache
def _loader() -> Any:
    """The loader, made when first wanted: its forms in place of those of YAML 1.1."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012
        yaml_constructors = dict(yaml.SafeLoader.yaml_constructors)  # noqa: RUF012

    for name, form in FORMS.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{form})\Z"), None)
    for name, function in (("map", _mapping), ("int", _integer), ("float", _decimal), ("other", _other)):
        Loader.add_constructor(f"tag:yaml.org,2002:{name}", function)
    return Loader


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not (isinstance(key.value, str) and key.tag.endswith(":str")):
            _refuse(key.start_mark, "the name of a value must be a text")
        if key.value in found:
            _refuse(key.start_mark, f"{key.value[:60]} is given twice")
        found[key.value] = loader.construct_object(value, deep=True)
    return found


def _integer(loader: Any, node: Any) -> int:
    if len(node.value) > 400:
        _refuse(node.start_mark, f"a number of {len(node.value):,} digits")
    return int(node.value)


def _decimal(loader: Any, node: Any) -> float:
    value = float(loader.construct_yaml_float(node))
    if math.isinf(value) and "inf" not in node.value.lower():
        _refuse(node.start_mark, f"{node.value[:40]} is beyond the largest number, about 1.8e308")
    return value


def _other(loader: Any, node: Any) -> NoReturn:
    _refuse(node.start_mark, f"{node.value[:40]} is no decimal number; write one, or quote it if it is a text")
