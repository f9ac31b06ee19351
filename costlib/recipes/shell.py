"""Flags and assignments of a shell script, read and never run.

Variables that the script itself assigns are followed, and so is arithmetic of whole numbers; what a command would
compute stays as it is written, with its dollar sign. Of branches the last one counts.
"""

import ast
import operator
import re
from collections.abc import Iterator
from typing import Any

from costlib.base.errors import FileError

LONGEST = 10_000  # characters of a word
DEEPEST = 3  # names within names
LAUNCHERS = {"python", "python3", "torchrun", "accelerate", "deepspeed", "trl", "tune", "axolotl", "llamafactory-cli",
             "uv", "ray", "srun"}  # fmt: skip
BEFORE = {"export", "local", "declare", "readonly", "env", "-x"}
_PART = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)|(?P<sum>\$\(\([^()]*\)\))"""
    r"""|(?P<run>\$\(|`)|(?P<plain>[^\s'"\\`;|&()<>$]+|\$\{[^{}\s]*\}|\$[\w@*]+|\$)""",
    re.DOTALL,
)
_NAME = re.compile(r"\$\{(\w+)(?::?-([^{}]*))?\}|\$(\w+)")
_FLAG = re.compile(r"--([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_ARRAY = re.compile(r"\$(\{\w+\[[@*]\]\}|[@*])")
_SHORT = re.compile(r"-[A-Za-z]+|--")
_OVERRIDE = re.compile(r"[+~]*([A-Za-z_][\w.@/]*)=(.*)", re.DOTALL)
_MODULE = re.compile(r"[\w./-]*\.py|[a-z_]\w*(\.[a-z_]\w*)+", re.IGNORECASE)
_SUMS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.floordiv,
         ast.FloorDiv: operator.floordiv}  # fmt: skip


def read(text: str, where: object, depth: int = 0) -> dict[str, Any]:
    """Return the flags of all commands of a script by name, with "(program)", the words that say what runs.

    Parameters
    ----------
    text : of the script
    where : its name, for messages
    depth : in how many others it stands, as behind bash -c

    Returns
    -------
    dict of name, dashes within it as underscores, to a text, or a list of them where several words follow

    Examples
    --------
    >>> read("N=4\\ntorchrun train.py --n-proc $N --bf16 a.b=$((N * 2)) # --no 1", "x.sh")
    {'n_proc': '4', 'bf16': 'true', 'a.b': '8', '(program)': 'torchrun train.py'}
    """
    variables: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    programs: list[str] = []
    inner: dict[str, Any] = {}
    flag, first, launched, within, before = "", True, False, 0, ""
    for word, bare in _words(text, where, variables):
        if word is None:
            within = max(0, within + {"(": 1, ")": -1}.get(bare, 0))
            flag, first, launched = (flag, first, launched) if within else ("", True, False)
            continue
        before, previous = word, before
        if previous == "-c" and not bare and depth < DEEPEST:
            inner |= read(word, where, depth + 1)
            continue
        if _ARRAY.fullmatch(word):  # whose words were read where it was filled
            flag = ""
            continue
        name, equals, value = word.partition("=")
        if first and equals and name.rstrip("+").isidentifier():
            variables[name.rstrip("+")] = value
            continue
        launched = launched or (first and word.rpartition("/")[2] in LAUNCHERS)
        first = first and word in BEFORE
        if bare and (given := _FLAG.fullmatch(word)):
            flag = given[1].replace("-", "_")
            found[flag] = [] if given[2] is None else [given[2]]
            flag = flag if given[2] is None else ""
        elif bare and _SHORT.fullmatch(word):
            flag = ""
        elif (given := _OVERRIDE.fullmatch(word)) and (not flag or found[flag] or "." in given[1]):
            found[given[1]] = [given[2]]
        elif _MODULE.fullmatch(word) and not re.search(r"\.(ya?ml|toml|json|jsonl|parquet|sh|bin|model|conf)$", word):
            programs.append(word)
            flag = "" if word.endswith(".py") else flag  # what follows a program is its own
        elif flag:
            found[flag].append(word)
        elif word.endswith((".yaml", ".yml", ".toml")):
            found["config"] = [word]
        elif launched:
            programs.append(word)
    flat: dict[str, Any] = {name: words[0] if len(words) == 1 else words or "true" for name, words in found.items()}
    programs += [inner.pop("(program)")] if "(program)" in inner else []
    return inner | flat | ({"(program)": " ".join(programs)[:2000]} if programs else {})


def _words(text: str, where: object, variables: dict[str, str]) -> Iterator[tuple[str | None, str]]:
    """Each word and whether it stands without quotes; None is the end of a command or a parenthesis."""
    at, end = 0, len(text)
    while at < end:
        sign = text[at]
        if sign in " \t\r" or text.startswith("\\\n", at):
            at += 1 + (sign == "\\")
        elif sign == "#":
            at = (text.find("\n", at) + 1 or end + 1) - 1
        elif sign in "\n;|&()<>":
            yield None, sign
            at += 1
        else:
            start, pieces, quoted = at, [], False
            while at < end and (part := _PART.match(text, at)) and not text.startswith("\\\n", at):
                quoted |= part.lastgroup in ("single", "double")
                at = _after(text, part.end()) if part["run"] else part.end()
                pieces.append(_said(part, variables) if not part["run"] else "$(...)")
            if at == start:
                line = text.count("\n", 0, at) + 1
                raise FileError(f"{where}, line {line}: a quote or a bracket is opened and never closed")
            word = "".join(pieces)[:LONGEST]
            if quoted or " " not in word:
                yield word, "" if quoted and not word.startswith("--") else word
            else:
                yield from ((each, each) for each in word.split())


def _after(text: str, at: int) -> int:
    """Where a command within a word ends."""
    if text[at - 1] == "`":
        return (text.find("`", at) + 1) or len(text)
    depth = 1
    while at < len(text) and depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at


def _said(part: re.Match[str], variables: dict[str, str]) -> str:
    """What a part of a word stands for."""
    if part["single"] is not None:
        return part["single"]
    if part["escaped"] is not None:
        return part["escaped"]
    if part["double"] is not None:
        return _followed(re.sub(r"\\\n", "", part["double"]).replace('\\"', '"'), variables)
    if part["sum"]:
        inner = re.sub(r"[A-Za-z_]\w*", lambda m: variables.get(m[0], m[0]), _followed(part["sum"][3:-2], variables))
        total = _sum(inner.replace("$", ""))
        return part["sum"] if total is None else str(total)
    return _followed(part["plain"], variables)


def _followed(text: str, variables: dict[str, str]) -> str:
    """A text with the values of variables that the script assigned, or the default beside the name."""

    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1] or found[3])
        return (
            (known or (found[2] or "").strip("'\""))[:LONGEST]
            if known is not None or found[2] is not None
            else found[0]
        )

    for _ in range(DEEPEST):  # a default may name another variable
        text = _NAME.sub(value, text)[:LONGEST]
    return text


def _sum(text: str) -> int | None:
    """The value of a sum of whole numbers, None of anything else."""
    if len(text) > 100 or not re.fullmatch(r"[\d\s+*/()-]+", text):
        return None
    try:
        return _counted(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, KeyError, AttributeError):
        return None


def _counted(node: ast.AST) -> int:
    if isinstance(node, ast.Constant):
        return int(node.value)  # type: ignore[arg-type]
    return int(_SUMS[type(node.op)](_counted(node.left), _counted(node.right)))  # type: ignore[attr-defined]
