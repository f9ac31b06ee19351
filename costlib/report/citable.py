"""What can be cited by an id: claims, published numbers, the figures and tables of chapters, the tables of facts."""

import ast
import hashlib
import html
import json
import math
import re
from functools import cache
from pathlib import Path

from costlib.base import citation, files, fmt
from costlib.base.errors import FileError
from costlib.base.text import nearest, shown
from costlib.compute import models
from costlib.economics import comparison, methods, scenarios, uncertainty
from costlib.facts import catalog, claims, history, outputs, parameters, regimes
from costlib.report import notebooks, rerun

RECORD = "application/papermill.record/text/plain"
GLUED = re.compile(r"\{glue:text\}`(?:\.\./notebooks/(\w+)\.ipynb::)?(\w+)(?::\w+)?`")
LED_BY_NUMBERS = ("book/index", "book/decide")  # pages, beside the answers of chapters


def cited(item=None, given=None, draws=uncertainty.DRAWS):
    """Return the citation of the book, of a piece of it, or of a reader's own number, as `costlib cite --format json`.

    Parameters
    ----------
    item : id of a piece; None for the book
    given : dict of inputs, at which the number is computed; None for the published one
    draws : for its interval

    Returns
    -------
    dict with the :func:`costlib.base.citation.forms` as "citation", version, commit, what the piece is, and "earlier"

    Raises
    ------
    ValueError : as :func:`find` and :func:`own`

    Examples
    --------
    >>> found = cited("total_usd", {"price_usd_per_gpu_hour": 5.0})
    >>> round(found["value"], 2), found["inputs"], found["published"]
    (559.48, {'price_usd_per_gpu_hour': 5.0}, '$279.74')
    """
    try:
        root = files.find_root()
    except FileError:
        root = None
    state = citation.edition()
    state |= {"commit": state["commit"] or (rerun.commit(root) if root else "")}
    if given is not None and item is None:
        raise ValueError("inputs need the id of a number: costlib cite total_usd -p NAME=VALUE")
    piece = None if item is None else find(item, root) if given is None else own(item, given, draws)
    told = {"version": state["version"], "commit": state["commit"], "citation": citation.forms(piece, state)}
    return (piece or {}) | told | {"earlier": earlier(piece["id"]) if piece else []}


def own(item, given, draws=uncertainty.DRAWS):
    """Return a number of the registry at a reader's inputs, as a piece: with its interval, and the inputs that make it.

    An input that is given is not drawn, as in `costlib compare`.

    Parameters
    ----------
    item, given, draws : as for :func:`cited`

    Raises
    ------
    ValueError : for a number that one scenario does not give, and for wrong inputs

    Examples
    --------
    >>> print(own("rlaif_labels_usd", {"num_pairs_m1": 20_000})["body"])
    $184.26 [USD]. Labels by a hosted judge in RLAIF. For: Llama 2 70B on 64 NVIDIA A100 SXM 80 GB, 26,942 usable pairs. Published: $74.59. Inputs, the others as published: num_pairs_m1 20,000 pairs.
    """  # noqa: E501
    name = history.names().get(item.lower(), item.lower())
    known = {each.id: each for each in outputs.outputs().values() if each.amount}
    if name not in known:
        offered = nearest(name, known) or f"; it can be one of {', '.join(known)}"
        raise ValueError(f"one scenario does not give {shown(item)}{offered}; costlib rerun computes every number")
    output, values = known[name], scenarios.complete(given)
    fixed = scenarios.held({name: values[name] for name in given})
    value = _computed(output, values)
    if not math.isfinite(value):
        raise ValueError(f"{name} [{output.unit}] does not exist at these inputs: {value:g}")
    ends = comparison.ends([output.amount], values, draws, fixed)[output.amount] if output.interval else None
    inputs = {each: values[each] for each, known in parameters.vocabulary().items()
              if each in fixed or values[each] != known.default}  # fmt: skip
    before = _computed(output, scenarios.complete({}))
    published = _in_words(before, output.unit)
    said = "; ".join(_with_unit(each, inputs[each]) for each in inputs) or "none"
    said += ", none of which moves it" if inputs and value == before else ""
    piece = _number(output, value, _in_words(value, output.unit), ends, of_what(output, values),
                    f" Published: {published}. Inputs, the others as published: {said}.")  # fmt: skip
    content = json.dumps(scenarios.by_content(inputs), sort_keys=True, default=str)
    piece["id"] += f"-{hashlib.sha256(content.encode()).hexdigest()[:8]}" if inputs else ""
    piece["label"] += ", with other inputs" if inputs else ""
    told = {each: scenarios.written(each, value) if isinstance(value, str) else value for each, value in inputs.items()}
    return piece | {"published": published, "inputs": told}


def _with_unit(name, value):
    unit = parameters.vocabulary()[name].unit
    return f"{name} {scenarios.written(name, value)}{'' if unit == '-' else f' {unit}'}"


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
    found += led_by(root) if root else []
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
    if root and (found := chapter_number(root, *item.partition("/")[::2])):
        return found
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
        found.append(_number(output, value, text, ends, of_what(output, values) if published and output.of else ""))
    return found


def _number(output, value, text, ends, of, more=""):
    """A number of the registry as a piece, which holds beside the words what they say in plain values."""
    within = f", {' to '.join(_in_words(end, output.unit) for end in ends)}" if ends else ""
    within += f" ({output.interval})" if output.interval and ends else ""
    says = f"{output.said[0].upper()}{output.said[1:]}."
    says += f" Interval: {output.interval}." if output.interval and not ends else ""
    says += f" For: {of}." if of else ""
    page = f"notebooks/{output.chapter}.html" if output.chapter else "book/cite.html#tab-outputs"
    where = f" of chapter {int(output.chapter[:2])}" if output.chapter else ""
    body = f"{text} [{output.unit}]{within}. {says}{more}".lstrip()
    plain = {"value": value, "unit": output.unit, "low": None, "high": None, "interval": output.interval or None}
    plain |= dict(zip(("low", "high"), ends or (), strict=False))
    return _piece(output.id, f"number {output.id}{where}", body, page) | plain


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


def number_id(chapter, key):
    """Return the id of a number that a chapter publishes: that of the registry, an end of an interval by its number.

    Words with a number in them, "$26,198 less", have its key and _said.

    >>> number_id("12_equal_footing", "saved_said"), number_id("07_stages", "total_usd_low"), number_id("14_a", "b")
    ('saved', 'rlhf_usd', '14_a/b')
    """
    key = key.removesuffix("_said")
    known = {(each.chapter, each.key): each for each in outputs.outputs().values() if each.chapter}
    whole = known.get((chapter, re.sub("_(low|high)$", "", key)))
    registered = known.get((chapter, key)) or (whole if whole and whole.interval else None)
    return registered.id if registered else f"{chapter}/{key}"


def chapter_number(root, chapter, key, said=""):
    """Return a number that a chapter publishes, as a piece, or None where it publishes none of this key."""
    path = next((each for each in notebooks.paths(root) if each.stem == chapter), None)
    row = next((each for each in notebooks.records(path, "key") if each["key"] == key), None) if path else None
    if row is None:
        return None
    label = f"number {key} of chapter {int(chapter[:2])}, {_title(notebooks.read(path))}"
    body = f"{row['text']} [{row['unit']}]." + (f" In: “{said}”" if said else "")
    plain = {"value": row["value"], "unit": row["unit"], "low": None, "high": None, "interval": None}
    return _piece(f"{chapter}/{key}", label, body, f"notebooks/{chapter}.html") | plain


def led_by(root):
    """Return the numbers of answers of chapters and of the pages that lead with some, beyond those of the registry.

    What each is of says its sentence.
    """
    texts = {path.stem: _glued(notebooks.outputs(path)) for path in notebooks.paths(root)}
    found = {}
    for page, sentence in _leading(root):
        own_stem = page.rpartition("/")[2]
        for stem, key in GLUED.findall(sentence):
            name = number_id(stem or own_stem, key)
            if "/" in name and name not in found:
                said = GLUED.sub(lambda each, here=own_stem: texts[each[1] or here].get(each[2], each[2]), sentence)
                said = re.sub(r"\s*(\(\{ref\}`[^`<]*`\)|\{cite:p\}`[^`]*`)", "", said)
                found[name] = chapter_number(root, *name.split("/"), " ".join(_plain(said, {}).split()))
    return list(filter(None, found.values()))


def led_by_ids(root):
    """Return the ids of the numbers that each page leads with, also those of the registry: dict of page to a set."""
    published = {(path.stem, row["key"]) for path in notebooks.paths(root) for row in notebooks.records(path, "key")}
    found = {}
    for page, sentence in _leading(root):
        asked = {(stem or page.rpartition("/")[2], key.removesuffix("_said")) for stem, key in GLUED.findall(sentence)}
        found.setdefault(page, set()).update(number_id(*each) for each in asked & published)
    return found


def _leading(root):
    """The sentences of the answers of chapters, and of the pages that lead with numbers: (page, sentence)."""
    for path in notebooks.paths(root):
        cell = next(cell["source"] for cell in notebooks.read(path)["cells"] if cell["cell_type"] == "markdown")
        yield from ((f"notebooks/{path.stem}", each) for each in _sentences(cell))
    for name in LED_BY_NUMBERS:
        if (file := Path(root, f"{name}.md")).is_file():
            yield from ((name, each) for each in _sentences(file.read_text(encoding="utf-8")))


def _sentences(text):
    text = re.sub(r"^(#+ |\(.*\)=).*$", "", text, flags=re.M)
    return re.split(r"(?<=[.?!])\s+|\s*\|\s*|\n{2,}", text)


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
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return text.replace("`", "").replace("*", "").replace("\\", "")


def _first_sentence(text):
    return re.match(r".*?[.:](?= [A-Z]|$)|.*", text, re.S)[0].removesuffix(":").strip()


def _table_words(table):
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, re.S)
    columns = re.findall(r"<th[^>]*>(.*?)</th>", table.partition("</thead>")[0], re.S)
    return _clean(caption[1]) if caption else "Columns: " + ", ".join(map(_clean, columns)) + "."


def _clean(text):
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
