"""costlib mcp: the answers for programs, by the Model Context Protocol over stdin and stdout.

Of the protocol (modelcontextprotocol.io, 2025-11-25) a server of tools alone needs four methods, so they stand here:
the official SDK would bring sixteen more packages, a web server and cryptography among them.
"""

import contextlib
import json
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from costlib.base.text import nearest, printable, shown
from costlib.facts.options import STAGES
from costlib.version import __version__

VERSIONS = ("2025-11-25", "2025-06-18", "2024-11-05")  # of the protocol, the newest first
NOT_OFFERED = ("config", "framework", "write_config", "out", "fetch", "hardware", "prices", "form", "as_json", "draws")
TYPES = {"N": "integer", "NUMBER": "number", "integer": "integer", "float": "number", "boolean": "boolean"}
JSON = {int: "integer", float: "number", bool: "boolean", str: "string"}
TOOLS = {
    "estimate": "GPUs, hours, dollars, energy and memory of one stage of training or generation, with 80 % intervals.",
    "compare": "What every method of alignment costs in all, side by side, with 90 % intervals.",
    "recommend": "One method and its budget for a reader's answers, the runner-up, and what would flip the choice.",
    "cite": "How to cite the book, a claim, figure or table of it, or a number, also at inputs of your own.",
}
STAGE = {"type": "string", "enum": list(STAGES)}
ID = {"type": "string", "description": "B066, fig-ladder, tab-gpus, total_usd; without one, the book"}
INPUTS = {"type": "object", "description": "Inputs by name, as compare describes them; the others as published."}


@click.command()
def mcp() -> None:
    """Answer a program over stdin and stdout: estimate, compare, recommend, cite (Model Context Protocol)."""
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # the stream of answers carries nothing else
        for line in sys.stdin.buffer:
            if line.strip() and (reply := answered(line)) is not None:
                answers.write(f"{json.dumps(reply, allow_nan=False)}\n")
                answers.flush()


def answered(line: bytes) -> dict[str, Any] | None:
    """Return the answer to a line, or None to what wants none."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return _error(None, -32700, "the line is not JSON")
    number = request.get("id") if isinstance(request, dict) else None
    if isinstance(request, dict) and "id" in request and type(number) not in (str, int):
        return _error(None, -32600, "the id of a request is a text or a whole number")
    if not isinstance(request, dict) or not isinstance(request.get("params", {}), dict):
        return _error(number, -32600, "a request is one object in a line, and its params an object")
    if not isinstance(request.get("method"), str):
        return _error(number, -32600, "a request names its method")
    if "id" not in request:
        return None
    method, given = request["method"], request.get("params", {})
    name, found = str(given.get("name")), dict[str, Any]()
    if method == "initialize":
        asked = given.get("protocolVersion")
        server = {"name": "costlib", "version": __version__}
        found = {"protocolVersion": asked if asked in VERSIONS else VERSIONS[0], "capabilities": {"tools": {}},
                 "serverInfo": server}  # fmt: skip
    elif method == "tools/list":
        found = {"tools": [{"name": name, "description": TOOLS[name], "inputSchema": schema(name)} for name in TOOLS]}
    elif method == "tools/call" and name in TOOLS:
        found = called(name, given.get("arguments", {}))
    elif method == "tools/call":
        return _error(number, -32602, f"unknown tool {shown(name)}; known: {', '.join(TOOLS)}")
    elif method != "ping":
        return _error(number, -32601, f"unknown method {shown(method)}; tools/list lists what can be asked")
    return {"jsonrpc": "2.0", "id": number, "result": found}


def _error(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def called(name: str, arguments: Any) -> dict[str, Any]:
    """Return the result of a tool; what is wrong with its arguments is a result too, which a model can read."""
    try:
        found = answer(name, arguments)
        text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    except Exception as error:
        fault = "" if isinstance(error, (ValueError, OSError)) else f"a fault of costlib: {type(error).__name__}: "
        return {"content": [{"type": "text", "text": printable(f"{fault}{error}")}], "isError": True}
    return {"content": [{"type": "text", "text": text}], "structuredContent": found, "isError": False}


def answer(name: str, arguments: Any) -> dict[str, Any]:
    """Return what `--format json` of a command prints, what its numbers are, and the source to cite.

    >>> answer("cite", {"id": "B066"})["answer"]["page"]
    'book/claims.html#claim-b066'
    """
    from costlib import face
    from costlib.facts import outputs, parameters
    from costlib.report import citable

    known = schema(name)
    if not isinstance(arguments, Mapping) or not isinstance(arguments.get("inputs", {}), Mapping):
        raise ValueError(f"arguments of {name}, and inputs in them, must be objects of names and values")
    if wrong := [each for each in arguments if each not in known["properties"]]:
        raise ValueError(f"{name} takes no {shown(wrong[0])}; it takes {', '.join(known['properties'])}")
    if missing := [each for each in known["required"] if arguments.get(each) is None]:
        raise ValueError(f"{name} needs {missing[0]}")
    inputs = dict(arguments.get("inputs", {}))
    given = {each: value for each, value in arguments.items() if value is not None and each != "inputs"}
    if twice := sorted(given.keys() & inputs.keys()):
        raise ValueError(f"{twice[0]} stands in inputs and beside them; give it once")
    vocabulary = parameters.vocabulary()
    if wrong := [each for each in inputs if each not in vocabulary]:
        raise ValueError(f"inputs have no {shown(wrong[0])}{nearest(wrong[0], vocabulary)}")
    book = citable.cited()
    told = {"source": book["citation"]["text"], "version": book["version"], "commit": book["commit"]}
    if name == "cite":
        return {"answer": citable.cited(None if given.get("id") is None else str(given["id"]), inputs or None), **told}
    found: Any = getattr(face, name)(**given, **inputs)
    kind = "stage." if name == "estimate" else "method."
    meant = {each.id.removeprefix(kind): {"unit": each.unit, "definition": each.said, "interval": each.interval or None}
             for each in outputs.outputs().values() if each.id.startswith(kind)}  # fmt: skip
    return {"answer": found.data(), "numbers": meant, **told}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of the arguments of a tool, from the descriptions that the command has.

    >>> schema("recommend")["properties"]["budget"]
    {'type': 'number', 'description': 'For the whole project [USD; no limit].'}
    """
    from costlib.cli.main import main
    from costlib.facts import parameters

    named: dict[str, Any] = {"id": ID, "inputs": INPUTS}
    if name == "compare":
        each = {p.name: {"type": JSON[p.type], "description": f"{p.meaning} [{p.unit}], {p.allowed}; as published "
                         f"{p.default}"} for p in parameters.vocabulary().values()}  # fmt: skip
        named = {"inputs": {**INPUTS, "properties": each}}
    elif name != "cite":
        command: Any = main.get_command(click.Context(main), name)
        named = {p.name: _described(p) for p in command.params if p.name not in NOT_OFFERED}
    required = ["stage", "model"] if name == "estimate" else []
    return {"type": "object", "properties": named, "required": required, "additionalProperties": False}


def _described(parameter: Any) -> dict[str, Any]:
    if parameter.name in ("stage", "inputs"):
        return STAGE if parameter.name == "stage" else INPUTS
    kind: Any = TYPES.get(parameter.metavar or parameter.type.name.partition(" ")[0], "string")
    if kind != "string" and re.search(r"\b(auto|unknown)\b", parameter.help):
        kind = [kind, "string"]
    one_of = {"enum": list(parameter.type.choices)} if isinstance(parameter.type, click.Choice) else {}
    return {"type": kind, **one_of, "description": parameter.help}
