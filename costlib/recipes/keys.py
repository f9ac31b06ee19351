"""Keys of frameworks in standard terms: `facts/recipe_keys.csv`, and what a value of a file means by it."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from costlib.base.text import number, shown
from costlib.facts import catalog
from costlib.facts.schema import Record

NONE, LATER = "none", "later"  # terms of keys that cost nothing, and of those that no option says yet
SHARED = ("launcher", "any")  # frameworks whose keys stand in the files of all
TEXTS = {"stage", "model", "critic_model", "reward_model", "file", "recompute", "attention_kernel", "sharding",
         "lora_targets", "engine", "variant", "logits", "precision", NONE, LATER}  # fmt: skip
MOST_WRITTEN = 1e6  # a number beyond which what is written counts, as 1e8
WHOLE = {"micro_batch", "accumulation", "samples", "gpus", "gpus_per_node", "nodes"}  # counts, of at least one
FLAGS = {"yes": "true", "on": "true", "no": "false", "off": "false"}  # as YAML 1.1 has them
QV = {"q_proj", "v_proj"}
ATTENTION = {"q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "output_proj", "query_key_value", "c_attn"}


@cache
def _table() -> Mapping[str, Sequence[tuple[Record, tuple[str, ...]]]]:
    found: dict[str, list[tuple[Record, tuple[str, ...]]]] = {}
    for record in catalog.table("recipe_keys").values():
        found.setdefault(record.framework, []).append((record, tuple(record.key.split("|"))))
    return found


def records(framework: str) -> list[Record]:
    """Return the rows of a framework, in the order in which they count."""
    return [record for record, _ in _table().get(framework, ())]


def named(framework: str, key: str) -> list[Record]:
    """Return the rows that a key of a file has: those with its name, else the first whose pattern it has.

    >>> [each.term for each in named("trl", "max_steps")], [each.term for each in named("trl", "seed")]
    (['steps'], ['none'])
    """
    places = (framework, *SHARED)
    for place in places:
        if exact := [record for record, names in _table().get(place, ()) if key in names]:
            return exact
    return [record for place in places for record, names in _table().get(place, ())
            if any("*" in name and fnmatchcase(key, name) for name in names)][:1]  # fmt: skip


def written(value: Any) -> str:
    """Return a value as files write it.

    >>> written(True), written(None), written(["q_proj", 8]), written(2.0)
    ('true', 'null', 'q_proj,8', '2')
    """
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (list, tuple)):
        return ",".join(written(each) for each in value[:50] if not isinstance(each, (dict, list)))
    return f"{value:g}" if isinstance(value, float) and value % 1 == 0 and abs(value) < 1e6 else str(value)


def is_given(value: Any) -> bool:
    """Return whether a value says anything: null, nothing and auto leave it to the framework."""
    return written(value).strip().lower() not in ("null", "none", "", "auto", "~", "{}")


def meaning(record: Record, value: Any) -> Any:
    """Return what a value of a key says of its term; None where it says that there is nothing.

    Raises
    ------
    ValueError : for a value that the row does not know

    Examples
    --------
    >>> row = named("trl", "load_in_4bit")[0]
    >>> meaning(row, True), meaning(row, "yes"), meaning(row, False)
    (4, 4, None)
    """
    text = written(value).strip()
    if record.values == "@targets":
        return _targets(text)
    if record.values == "@count":
        return text.count(",") + 1
    if record.values:
        pairs = [each.partition("=") for each in record.values.split("|")]
        seen = number(text)
        like = text.lower() if seen is None or abs(seen) >= MOST_WRITTEN else f"{seen:g}"
        ways = (like, FLAGS.get(like, like))
        found = next((said for way in ways for pattern, _, said in pairs if fnmatchcase(way, pattern)), None)
        if found is None and record.term == LATER:
            return None
        if found is None:
            raise ValueError(f"{shown(value)} is none of {', '.join(_patterns(record))}")
        text = text if found == "*" else found
    if not text:
        return None
    if record.term in TEXTS:
        return text
    parsed = number(text)
    if parsed is None and text in ("yes", "no"):
        return text
    if parsed is None or not abs(parsed) < 1e18:
        raise ValueError(f"{shown(value)} is no number that can be read")
    if record.term in WHOLE and (parsed < 1 or parsed % 1):
        raise ValueError(f"{shown(value)} is no whole number above 0")
    return parsed


def _patterns(record: Record) -> list[str]:
    return [each.partition("=")[0] for each in record.values.split("|")]


def _targets(text: str) -> str:
    """Which matrices adapters stand beside, of the three choices, the least one that holds all that are named."""
    if text.lower() in ("all", "all-linear", "all_linear"):
        return "all"
    if text == "default of PEFT":
        return "qv"
    if re.search(r"[*?|()\\^$]", text):
        raise ValueError(f"{shown(text)} is a pattern, which is not followed")
    names = {each.strip(" []'\"") for each in text.split(",")} - {"lm_head", "output_proj"} or {"q_proj"}
    return "qv" if names <= QV else "attention" if names <= ATTENTION else "all"
