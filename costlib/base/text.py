"""Texts of messages: names as people write them, values in short, numbers as they are read."""

import os
import re
import reprlib
import unicodedata
from collections.abc import Collection, Iterable
from typing import TextIO

LONGEST = 60  # characters of a value in a message
FEW = 3  # unknown names that are told one by one
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def nearest(name: object, known: Iterable[object]) -> str:
    """Return '; did you mean x?' for the names closest to `name` or, failing that, with it inside; or nothing.

    >>> nearest("a100-sxm-80g", ["a100-sxm-80gb", "t4"])
    '; did you mean a100-sxm-80gb?'
    """
    import difflib  # only a mistake waits for it

    names, wanted = [str(each) for each in known], str(name) if isinstance(name, str) else shown(name)
    if not wanted or len(wanted) > LONGEST:
        return ""
    close = difflib.get_close_matches(wanted, names, n=3)
    close = close or [each for each in names if wanted.lower() in each.lower()][:3]
    return f"; did you mean {' or '.join(close)}?" if close else ""


def unknown(what: str, names: Iterable[object], known: Collection[object], otherwise: str = "") -> list[str]:
    """Return what is wrong with names that nobody knows: each with the nearest ones, or many of them in one line.

    >>> unknown("line", ["a", "gpus", "c"], ["gpu", "a"], "; see costlib params")
    ["unknown line 'gpus'; did you mean gpu?", "unknown line 'c'; see costlib params"]
    >>> unknown("line", "abcdef", [])
    ["unknown lines 'a', 'b', 'c' and 3 more"]
    """
    strange = [name for name in names if name not in known]
    if len(strange) > FEW:
        return [f"unknown {what}s {', '.join(map(shown, strange[:FEW]))} and {len(strange) - FEW} more{otherwise}"]
    return [f"unknown {what} {shown(name)}{nearest(name, known) or otherwise}" for name in strange]


class _Short(reprlib.Repr):
    """Values in at most a line, whatever they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 3, LONGEST, LONGEST
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = 4

    def repr_int(self, x: int, level: int) -> str:
        """A whole number; of one with very many digits, how many bits it takes."""
        return f"a whole number of {x.bit_length():,} bits" if x.bit_length() > 100 else repr(x)


def in_order(name: str) -> list[str | float]:
    """Return what names are sorted by so that a number, or millions beside billions, stands where its size is.

    >>> sorted(["pythia-12b", "pythia-410m", "pythia-2.8b", "opt-13b"], key=in_order)
    ['opt-13b', 'pythia-410m', 'pythia-2.8b', 'pythia-12b']
    """
    parts = re.split(r"(\d+(?:\.\d+)?(?:m(?![a-z]))?)", name)
    numbers = [float(part.rstrip("m")) / (1000 if part.endswith("m") else 1) for part in parts[1::2]]
    return [each for pair in zip(parts[::2], [*numbers, 0.0], strict=True) for each in pair]


def shown(value: object) -> str:
    r"""Return a value as a message quotes it: in short, on one line, control characters written out.

    >>> shown("ful"), shown([1, [2, [3, [4]]]]), shown("a\x1b[2J")
    ("'ful'", '[1, [2, [...]]]', "'a\\x1b[2J'")
    >>> shown(10**400), len(shown("x" * 10**6))
    ('a whole number of 1,329 bits', 60)
    """
    text = printable(" ".join(_Short().repr(value).split()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 13]}...{text[-10:]}"


def brief(text: str) -> str:
    """Return a name as it is where it is short and plain, else as :func:`shown`.

    >>> brief("Llama 2 7B"), len(brief("x" * 10**6))
    ('Llama 2 7B', 60)
    """
    return text if len(text) <= LONGEST and text.isprintable() else shown(text)


def printable(text: str) -> str:
    r"""Return a text for a terminal: its lines and tabs stay, every other control character is written out.

    >>> printable("of [1e9]\n\x1b[31mred\u202e")
    'of [1e9]\n\\x1b[31mred\\u202e'
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        each if each in "\n\t" or unicodedata.category(each) not in _CONTROLS else repr(each)[1:-1] for each in text
    )


def markup(value: object) -> str:
    r"""Return a value as words within HTML, also of an attribute, with control characters written out.

    >>> markup('<img src="x">'), markup("a\u202eb\0")
    ('&lt;img src=&quot;x&quot;&gt;', 'a\\u202eb\\x00')
    """
    import html

    return html.escape(printable(str(value)))


_CONTROLS = ("Cc", "Cf", "Cs", "Zl", "Zp")


def is_live(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can draw over what it shows; a pipe and a dumb one take lines alone."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def plain(number: float) -> str:
    """Return a limit as a message says it.

    >>> plain(0.001), plain(1000000), plain(1e15)
    ('0.001', '1,000,000', '1e15')
    """
    if number % 1 == 0 and number < 1e7:
        return f"{number:,.0f}"
    return f"{number:g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")


def number(text: str) -> int | float | None:
    """Return the number that a text is in plain decimal digits, or None.

    >>> number("12"), number("1e6"), number("1_0"), number("0x1f"), number("nan"), number("١٢")
    (12, 1000000.0, None, None, None, None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if len(text) < 400 and text.lstrip("+-").isdigit() else float(text)
