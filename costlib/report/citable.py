"""What can be cited by an id: claims, published numbers, the figures and tables of chapters, the tables of facts."""

import ast
import html
import math
import re
from functools import cache

from costlib.base import fmt
from costlib.base.text import nearest, shown
from costlib.compute import models
from costlib.economics import comparison, methods, scenarios
from costlib.facts import catalog, claims, history, outputs, regimes
from costlib.report import notebooks

RECORD = "application/papermill.record/text/plain"


def pieces(root=None):
    """Return every piece by its id, with the texts that :func:`costlib.base.citation.forms` takes.

    Parameters
    ----------
    root : folder of the book, whose chapters are read; without it only claims, numbers and tables of facts are known

    >>> pieces()["B066"]["page"]
    'book/claims.html#claim-b066'
    """
    found = [claim_piece(claim) for claim in claims.ledger().values()] + number_pieces(root)
    for notebook in notebooks.paths(root) if root else []:
        found += chapter_pieces(notebook)
    return {piece["id"]: piece for piece in [*found, *fact_pieces()]}


def find(item, root=None):
    """Return one piece, or raise a ValueError that offers the nearest ids.

    >>> find("tab-gpu")
    Traceback (most recent call last):
        ...
    ValueError: unknown id 'tab-gpu'; did you mean tab-gpus or tab-outputs or tab-gpu_prices?; figures and tables of chapters are known inside a clone
    """  # noqa: E501
    known = pieces(root)
    item = history.names().get(item.lower(), item)
    for name in (item, item.upper(), item.lower()):
        if name in known:
            return known[name]
    close = nearest(item.upper() if re.match(r"[ab]\d", item, re.I) else item.lower(), known)
    elsewhere = "" if root else "; figures and tables of chapters are known inside a clone"
    raise ValueError(f"unknown id {shown(item)}{close}{elsewhere}")


def earlier(item):
    """Return what released versions said otherwise of one id, a line for each change, oldest first.

    >>> earlier("B105")[0]
    'until 0.2.0: unverified'
    """
    return [history.said(change) for change in history.changes(item)] if item in claims.ledger() else []


def claim_piece(claim):
    """Return a claim as a piece: its printed number, its verdict and the statement."""
    says = f"{claim.printed}, {claim.verdict}" if claim.printed else claim.verdict
    page = f"book/claims.html#claim-{claim.id.lower()}"
    return _piece(claim.id, f"claim {claim.id}", f"{says}. {claim.statement}", page)


def number_pieces(root=None):
    """Return the numbers of the registry: value, unit, interval, definition, and of what each is.

    Inside a clone a value is the one of its chapter, elsewhere the same computed from the published inputs, where one
    scenario is enough for that. Where the chapters ran with other inputs, only what they say themselves is given.

    >>> next(piece["body"] for piece in number_pieces() if piece["id"] == "total_usd")[:45]
    "$279.74 [USD]. What the article's pipeline of"
    """
    paths = notebooks.paths(root) if root else []
    shown = {path.stem: {row["key"]: row for row in notebooks.records(path, "key")} for path in paths}
    values, known = scenarios.complete({}), outputs.outputs()
    computed = {output.id: _computed(output, values) for output in known.values() if output.amount}
    told = {name: shown.get(output.chapter, {}).get(output.key, {}) for name, output in known.items()}
    published = all(math.isclose(told[name].get("value", usd), usd, rel_tol=1e-9) for name, usd in computed.items())
    found = []
    for name, output in known.items():
        value = told[name].get("value", computed.get(name))
        text = told[name].get("text", "") or (_in_words(value, output.unit) if value is not None else "")
        ends = (told.get(f"{name}_low", {}).get("value"), told.get(f"{name}_high", {}).get("value"))
        ends = ends if None not in ends else _ends(output, value, values) if published else None
        within = f", {' to '.join(_in_words(end, output.unit) for end in ends)}" if ends else ""
        within += f" ({output.interval})" if output.interval and ends else ""
        says = f"{output.said[0].upper()}{output.said[1:]}."
        says += f" Interval: {output.interval}." if output.interval and not ends else ""
        says += f" For: {of_what(output, values)}." if published and output.of else ""
        page = f"notebooks/{output.chapter}.html" if output.chapter else "book/cite.html#tab-outputs"
        where = f" of chapter {int(output.chapter[:2])}" if output.chapter else ""
        body = f"{text} [{output.unit}]{within}. {says}".lstrip()
        found.append(_piece(name, f"number {name}{where}", body, page))
    return found


def of_what(output, values):
    """Return in words what a number of the registry is of, at the published inputs.

    >>> of_what(outputs.find("saved"), scenarios.complete({}))
    'Llama 2 70B on 64 NVIDIA A100 SXM 80 GB, 10,906 usable pairs'
    >>> of_what(outputs.find("sft_hours"), scenarios.complete({}))
    'Llama 2 7B on 8 NVIDIA A100 SXM 80 GB'
    >>> of_what(outputs.find("total_usd"), scenarios.complete({}))
    "10,906 pairs by the article's model of 70B parameters"
    """
    if output.of == "article":
        size = f"{values['model_parameters'] / 1e9:g}B parameters"
        return f"{fmt.number(scenarios.num_pairs(values))} pairs by the article's model of {size}"
    if output.of == "stages":
        gpu = catalog.find("gpus", values["cluster_gpu"]).label
        return f"{models.find(values['aligned_model']).label} on {values['num_gpus']:,} {gpu}"
    said = scenarios.said(values)
    return said if output.of == "methods" else f"{said.rpartition(', ')[0]}, whatever its usable pairs"


def _computed(output, values):
    return comparison.amount(methods.compare(values), output.amount)


def _ends(output, value, values):
    """The ends of the interval of a number: by its regime, or by the draws of all that are computed from methods."""
    if output.regime and value is not None:
        return regimes.interval(output.regime, value)
    return _drawn()[output.amount] if output.interval and output.amount else None


@cache
def _drawn():
    """Ends of all intervals by draws, at the published inputs."""
    texts = {output.amount for output in outputs.outputs().values() if output.interval and output.amount}
    return comparison.ends(sorted(texts), scenarios.complete({}))


def _in_words(value, unit):
    return {"USD": fmt.price, "ratio": lambda ratio: fmt.ratio(ratio, 2)}.get(unit, fmt.number)(value)


def fact_pieces():
    """Return the tables that the package draws: the verdicts, the parameters, and one for each kind of fact."""
    drawn = {
        "verdicts": ("claims", "How many statements have which verdict, by document."),
        "parameters": ("parameters", "Every parameter with its meaning, published value, limits, range and source."),
        "options": ("estimate", "Every option of a job with its meaning, limits, default and the stages that use it."),
        "outputs": (
            "cite",
            "Every registered number with its definition, unit and interval, and of what it is a ratio.",
        ),
    }
    for kind, meaning in catalog.kinds().items():
        row = re.split(r"[.;:](?= )|\.$", meaning)[0]
        drawn[kind] = ("data", f"Each row: {row[0].lower()}{row[1:]}.")
    return [_piece(f"tab-{kind}", f"table tab-{kind}", says, f"book/{page}.html#tab-{kind}")
            for kind, (page, says) in drawn.items()]  # fmt: skip


def chapter_pieces(notebook):
    """Return the figures and the tables with an id of one executed chapter."""
    shown = notebooks.outputs(notebook)
    where = f"chapter {int(notebook.stem[:2])}, {_title(notebooks.read(notebook))}"
    page = f"notebooks/{notebook.stem}.html"
    found = []
    for name, figure in notebooks.figures(notebook).items():
        says = _first_sentence(_plain(figure["caption"], _glued(shown)))
        found.append(_piece(name, f"figure {name} of {where}", says, f"{page}#{name}"))
    for text in (output["data"].get("text/html", "") for output in shown):
        for name, table in re.findall(r'<div[^>]*\bid="(tab-[^"]+)"[^>]*>(.*?)</table>', text, re.S):
            found.append(_piece(name, f"table {name} of {where}", _table_words(table), f"{page}#{name}"))
    return tuple(found)


def _piece(name, label, body, page):
    return {"id": name, "label": label, "body": " ".join(body.split()), "page": page}


def _title(notebook):
    text = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return re.search(r"^# (.+)$", text, re.M)[1].strip()


def _glued(outputs):
    """The texts that the captions of a chapter take from its cells."""
    named = [(output.get("metadata", {}).get("scrapbook", {}), output["data"]) for output in outputs]
    return {book["name"]: ast.literal_eval(data[RECORD]) for book, data in named if RECORD in data}


def _plain(caption, glued):
    """A caption without the marks of MyST."""
    text = re.sub(r"\{glue:text\}`(\w+)(?::\w+)?`", lambda found: glued.get(found[1], found[1]), caption)
    text = re.sub(r"\{[\w:]+\}`([^`<]*?)\s*(?:<[^`]*>)?`", r"\1", text)
    return text.replace("`", "").replace("*", "").replace("\\", "")


def _first_sentence(text):
    return re.match(r".*?[.:](?= [A-Z]|$)|.*", text, re.S)[0].removesuffix(":").strip()


def _table_words(table):
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, re.S)
    columns = re.findall(r"<th[^>]*>(.*?)</th>", table.partition("</thead>")[0], re.S)
    return _clean(caption[1]) if caption else "Columns: " + ", ".join(map(_clean, columns)) + "."


def _clean(text):
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
