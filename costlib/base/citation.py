"""How to cite the book, or one claim, figure or table of it: as text, as BibTeX and as RIS.

The three forms are templates with the names of fields between @ signs. Python fills them for the command and the pages,
and the form of the cite page fills the same templates, so that each form is written down once.
"""

import os
import re

from costlib.version import __version__

AUTHOR = "The Cost of Alignment founders"
TITLE = "The Cost of Alignment"
YEAR = 2026
KEY = "costofalignment"
# BibTeX counts a brace even behind a backslash, so braces are written as commands.
TEX = str.maketrans(
    {character: f"\\{character}" for character in "$%&_#"}
    | {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def edition() -> dict[str, str]:
    """Return what tells one state of the book from another: version, commit and address, the latter two if known."""
    return {
        "version": __version__,
        "commit": os.environ.get("COSTLIB_COMMIT", ""),
        "site": os.environ.get("COSTLIB_SITE_URL", "").rstrip("/"),
    }


def templates(state: dict[str, str], piece: bool = True) -> dict[str, str]:
    """Return the three forms by name.

    Parameters
    ----------
    state : an :func:`edition`
    piece : whether for one claim, figure or table, with the :func:`fields` of one, or for the book, without fields

    >>> print(templates({"version": "1.2.3", "commit": "", "site": ""}, piece=False)["text"])
    The Cost of Alignment founders (2026). The Cost of Alignment, costlib 1.2.3.
    """
    which = f"costlib {state['version']}" + (f", commit {state['commit']}" if state["commit"] else "")
    address = state["site"] and state["site"] + ("/@page@" if piece else "/")
    return {
        "text": _text(which, address, piece),
        "bibtex": _bibtex(state, which, address, piece),
        "ris": _ris(state, which, address, piece),
    }


def fields(piece: dict[str, str]) -> dict[str, str]:
    """Return the fields that fill the templates for one piece: plain, and escaped for BibTeX.

    >>> fields({"id": "B066", "label": "claim B066", "body": "$279.74.", "page": "book/x.html#b_1"})["body_tex"]
    '\\\\$279.74.'
    """
    return piece | {f"{name}_tex": escape(piece[name]) for name in ("label", "body", "page")}


def forms(piece: dict[str, str] | None = None, state: dict[str, str] | None = None) -> dict[str, str]:
    """Return the citation of one piece, or of the book, in all three forms.

    Parameters
    ----------
    piece : dict with the texts id, label ("claim B066"), body (what it says) and page (where, inside the book)
    state : an :func:`edition`; this one if not given

    >>> print(forms(state={"version": "1.2.3", "commit": "", "site": ""})["ris"].splitlines()[4])
    ET  - 1.2.3
    """
    filled = templates(state or edition(), piece=bool(piece))
    return {name: fill(template, fields(piece) if piece else {}) for name, template in filled.items()}


def fill(template: str, values: dict[str, str]) -> str:
    """Put values in place of the names between @ signs.

    >>> fill("@label@: 1@2", {"label": "claim B066"})
    'claim B066: 1@2'
    """
    return re.sub(r"@(\w+)@", lambda found: values.get(found[1], found[0]), template)


def escape(text: str) -> str:
    """Return a text for a field of BibTeX.

    >>> print(escape("B066: $279.74, 5 % of A & B_1 #2"))
    B066: \\$279.74, 5 \\% of A \\& B\\_1 \\#2
    """
    return text.translate(TEX)


def _text(which: str, address: str, piece: bool) -> str:
    start = f"{AUTHOR} ({YEAR}). {TITLE}, {which}"
    if not piece:
        return f"{start}. {address}" if address else f"{start}."
    return f"{start}, @label@: @body@ {address or 'In @page@.'}"


def _bibtex(state: dict[str, str], which: str, address: str, piece: bool) -> str:
    """The version stands twice: BibLaTeX prints its own field, the older styles only howpublished."""
    lines = [
        f"@{'misc' if piece else 'book'}{{{KEY}{'-@id@' if piece else ''},",
        f"  author       = {{{{{AUTHOR}}}}},",
        f"  title        = {{{{{TITLE}{': @label_tex@' if piece else ''}}}}},",
        f"  year         = {{{YEAR}}},",
        f"  version      = {{{state['version']}}},",
        f"  howpublished = {{{which}{', @page_tex@' if piece else ''}}},",
        f"  note         = {{{'@body_tex@' if piece else 'Executable report'}}},",
    ]
    return "\n".join([*lines, *([f"  url          = {{{address}}},"] if address else []), "}"])


def _ris(state: dict[str, str], which: str, address: str, piece: bool) -> str:
    lines = [
        f"TY  - {'CHAP' if piece else 'BOOK'}",
        f"AU  - {AUTHOR}",
        f"TI  - {TITLE}{': @label@' if piece else ''}",
        f"PY  - {YEAR}",
        f"ET  - {state['version']}",
        f"N1  - {which}{', @page@' if piece else ''}",
    ]
    lines += [f"T2  - {TITLE}", "AB  - @body@"] if piece else []
    return "\n".join([*lines, *([f"UR  - {address}"] if address else []), "ER  - "])
