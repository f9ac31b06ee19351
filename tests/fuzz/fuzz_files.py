"""What may befall a file of any kind, and what several kinds share: forms of an answer, values in one line."""

import json

from fuzz_case import Case
from fuzz_texts import INPUTS
from hypothesis import strategies as st

FORMS = st.sampled_from([("--json",), ("--json",), ("--json",), (), ("--format", "csv"), ("--format", "markdown")])
DRAWS = 20  # for intervals: what they are is not asked here
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "epochs: " + "[" * 3000 + "]" * 3000 + "\n"
NUMERIC = [word for word in INPUTS.values() if word.type != "str" and not word.choices]
PLAIN = [word for word in NUMERIC if not word.name.endswith(("_low", "_high"))]


def as_call(name, *arguments, **named):
    """A question as a call of Python."""
    return Case("call", call=(name, arguments, named))


def spoiled(text, draw):
    """A file that must be refused whatever it said: the kind, and its bytes."""
    content = text.encode()
    at = draw(st.integers(0, len(content)))
    return draw(st.sampled_from([
        ("not UTF-8", content[:at] + b"\xff\xfe\x80" + content[at:]),
        ("UTF-16", ("epochs: 1\n" + text).encode("utf-16")),
        ("NUL", content + b"\n# \x00\n"),
        ("control character", content + b"\n# \x1b[31m\n"),
        ("2 MB", content + b"\n" + b"# what it is for\n" * 130_000),
        ("alias bomb", content + b"\n" + BOMB.encode()),
        ("deep", content + b"\n" + DEEP.encode()),
        ("a second document", content + b"\n---\nepochs: 1\n"),
        ("a list", b"- epochs\n- 3\n"),
        ("a text", b"just some words\n"),
        ("a number", b"3\n"),
        ("binary", bytes(range(256)) * 4),
        ("JSON cut short", b'{"epochs": 1'),
        ("a table", b"name,value\nepochs,2\n"),
    ]))  # fmt: skip


def scrambled(text, draw):
    """A file with some of its characters changed at random."""
    content = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        new = draw(st.sampled_from([b"", b":", b"\t", b"\n", b"- ", b"*", b"&", b"!", b"{", b"}", b"[", b"'", b'"',
            b"#",
                                    b"%", b"|", b">", b"?", b"@", b"\\", b"0", b"-", b"e9", b"\xc2\x85", b"\r",
                                    "\u2028".encode(), "é".encode(), b","]))  # fmt: skip
        content[at : at + draw(st.integers(0, 3))] = new
    return bytes(content)


def no_file(draw):
    """A name of what is no file to read."""
    return draw(st.sampled_from([("missing", "missing.yml"), ("a folder", "."), ("empty name", ""), ("long name",
        "x" * 300),
                                  ("control characters", "\x1b[2J.yml"),
                                 ("below a file", "thesis.md/x.yml")]))  # fmt: skip


def flow(value):
    """A value of Python as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, Raw):
        return str(value)
    return json.dumps(value, ensure_ascii=True)


class Raw(str):
    """A text that stands in a file as it is."""

    __slots__ = ()


INF = Raw(".inf")
