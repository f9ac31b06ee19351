"""How to cite the book, or one claim, figure or table of it: as text, as BibTeX, as RIS and as CSL-JSON.

The forms are templates with the names of fields between @ signs. Python fills them for the command and the pages,
and the form of the cite page fills the same templates, so that each form is written down once. The DOI and the address
of the repository stand in `CITATION.cff`, as `doi` and `repository-code`; where they are filled, every form has them.
"""

import json
import os
import re
from pathlib import Path

from costlib.version import __version__

FILE = Path(__file__).parents[2] / "CITATION.cff"  # of a clone; the package alone has none
ADDRESSES = {"doi": "doi", "repository": "repository-code"}  # fields of that file by our names

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
    """Return what tells one state of the book from another: the version, and if known commit, addresses and DOI."""
    text = FILE.read_text(encoding="utf-8") if FILE.is_file() else ""
    return {
        "version": __version__,
        "commit": os.environ.get("COSTLIB_COMMIT", ""),
        "site": os.environ.get("COSTLIB_SITE_URL", "").rstrip("/"),
    } | addresses(text)


def addresses(text: str) -> dict[str, str]:
    """Return the DOI and the address of the repository that a citation file has, each empty where it has none.

    >>> addresses('doi: 10.5281/zenodo.1\\nauthors:\\n  - name: "A"\\n')
    {'doi': '10.5281/zenodo.1', 'repository': ''}
    """
    found = {name: re.search(rf"^{field}: *(.*)$", text, re.M) for name, field in ADDRESSES.items()}
    return {name: each[1].strip().strip("'\"").rstrip("/") if each else "" for name, each in found.items()}


def code_address(state: dict[str, str], file: str = "") -> str:
    """Return where a file of the repository, or all of it, stands at the commit, or else at the version.

    >>> code_address({"version": "1.2.3", "commit": "abc+", "repository": "https://example.org/a"}, "x.py")
    'https://example.org/a/blob/abc/x.py'
    """
    at = state["commit"].rstrip("+") or f"v{state['version']}"
    base = state.get("repository")
    return f"{base}/{f'blob/{at}/{file}' if file else f'tree/{at}'}" if base else ""


def templates(state: dict[str, str], piece: bool = True) -> dict[str, str]:
    """Return the forms by name.

    Parameters
    ----------
    state : an :func:`edition`
    piece : whether for one claim, figure or table, with the :func:`fields` of one, or for the book, without fields

    >>> print(templates({"version": "1.2.3", "commit": "", "site": ""}, piece=False)["text"])
    The Cost of Alignment founders (2026). The Cost of Alignment, costlib 1.2.3.
    """
    which = f"costlib {state['version']}" + (f", commit {state['commit']}" if state["commit"] else "")
    address = state["site"] and state["site"] + ("/@page@" if piece else "/")
    code = code_address(state, "@file@" if piece else "")
    doi = state.get("doi", "")
    return {
        "text": _text(which, (address, doi, code), piece),
        "bibtex": _bibtex(state, which, (address, doi, code), piece),
        "ris": _ris(state, which, (address, doi, code), piece),
        "csl": _csl(state, which, (address, doi, code), piece),
    }


def fields(piece: dict[str, str]) -> dict[str, str]:
    """Return the fields that fill the templates for one piece: plain, and escaped for BibTeX.

    >>> found = fields({"id": "B066", "label": "claim B066", "body": "$279.74.", "page": "book/x.html#b_1"})
    >>> found["body_tex"], found["file"]
    ('\\\\$279.74.', 'book/x.md')
    """
    return (
        {name: piece[name] for name in ("id", "label", "body", "page")}
        | {"file": source(piece["page"])}
        | {f"{name}_tex": escape(piece[name]) for name in ("label", "body", "page")}
    )


def source(page: str) -> str:
    """Return the file of the repository from which a page is made.

    >>> source("notebooks/06_caveats.html#fig-ladder"), source("book/claims")
    ('notebooks/06_caveats.py', 'book/claims.md')
    """
    name, _, _ = page.partition(".html")
    return f"{name}.{'py' if name.startswith('notebooks/') else 'md'}"


def forms(piece: dict[str, str] | None = None, state: dict[str, str] | None = None) -> dict[str, str]:
    """Return the citation of one piece, or of the book, in all forms.

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
    """Put values in place of the names between @ signs; behind a name, _json is its value inside a text of JSON.

    >>> fill("@label@: 1@2, @body_json@", {"label": "claim B066", "body": 'a "word"'})
    'claim B066: 1@2, a \\\\"word\\\\"'
    """
    quoted = {f"{name}_json": json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
    return re.sub(r"@(\w+)@", lambda found: (values | quoted).get(found[1], found[0]), template)


def escape(text: str) -> str:
    """Return a text for a field of BibTeX.

    >>> print(escape("B066: $279.74, 5 % of A & B_1 #2"))
    B066: \\$279.74, 5 \\% of A \\& B\\_1 \\#2
    """
    return text.translate(TEX)


def _text(which: str, places: tuple[str, str, str], piece: bool) -> str:
    address, doi, code = places
    start = f"{AUTHOR} ({YEAR}). {TITLE}, {which}"
    where = [address or ("In @page@." if piece else ""), doi and f"https://doi.org/{doi}", code and f"Code: {code}"]
    return " ".join([f"{start}, @label@: @body@" if piece else f"{start}.", *filter(None, where)])


def _bibtex(state: dict[str, str], which: str, places: tuple[str, str, str], piece: bool) -> str:
    """The version stands twice: BibLaTeX prints its own field, the older styles only howpublished."""
    address, doi, code = places
    lines = [
        f"@{'misc' if piece else 'book'}{{{KEY}{'-@id@' if piece else ''},",
        f"  author       = {{{{{AUTHOR}}}}},",
        f"  title        = {{{{{TITLE}{': @label_tex@' if piece else ''}}}}},",
        f"  year         = {{{YEAR}}},",
        f"  version      = {{{state['version']}}},",
        f"  howpublished = {{{which}{', @page_tex@' if piece else ''}}},",
        f"  note         = {{{'@body_tex@' if piece else 'Executable report'}}},",
    ]
    more = {"commit": state["commit"], "doi": doi, "url": address or code, "repository": code}
    return "\n".join([*lines, *(f"  {name:<12} = {{{value}}}," for name, value in more.items() if value), "}"])


def _ris(state: dict[str, str], which: str, places: tuple[str, str, str], piece: bool) -> str:
    address, doi, code = places
    lines = [
        f"TY  - {'CHAP' if piece else 'BOOK'}",
        f"AU  - {AUTHOR}",
        f"TI  - {TITLE}{': @label@' if piece else ''}",
        f"PY  - {YEAR}",
        f"ET  - {state['version']}",
        f"N1  - {which}{', @page@' if piece else ''}",
    ]
    lines += [f"T2  - {TITLE}", "AB  - @body@"] if piece else []
    more = {"DO": doi, "UR": address or code, "LK": code}
    return "\n".join([*lines, *(f"{tag}  - {value}" for tag, value in more.items() if value), "ER  - "])


def _csl(state: dict[str, str], which: str, places: tuple[str, str, str], piece: bool) -> str:
    """A list of one item, as reference managers and citation processors read it."""
    address, doi, code = places
    item = {
        "id": f"{KEY}-@id@" if piece else KEY,
        "type": "chapter" if piece else "book",
        "author": [{"literal": AUTHOR}],
        "title": f"{TITLE}: @label_json@" if piece else TITLE,
        "container-title": TITLE if piece else "",
        "issued": {"date-parts": [[YEAR]]},
        "version": state["version"],
        "abstract": "@body_json@" if piece else "",
        "note": f"{which}, @page@" if piece else which,
        "DOI": doi,
        "URL": address or code,
        "custom": {name: value for name, value in {"commit": state["commit"], "repository": code}.items() if value},
    }
    return json.dumps([{name: value for name, value in item.items() if value}], indent=2, ensure_ascii=False)
