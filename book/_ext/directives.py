"""The book's own Sphinx directives: reference pages drawn from the package."""

import base64
import csv
import io
import json
import os
import platform
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import citations
from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList

import costlib
from costlib import fmt
from costlib.facts import catalog, claims, history, parameters

PACKAGES = ("jupyter-book", "sphinx", "myst-nb", "papermill", "jupytext", "numpy", "pandas", "matplotlib")


class _Drawn(Directive):
    """A directive whose content is Markdown that the package writes."""

    has_content = False

    def markdown(self, text):
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source="costlib"), 0, holder)
        return holder.children

    def cell(self, text):
        # A lone hyphen would become a list; a short text, or a name in code, is not broken over lines.
        short = len(text) <= 16 or text.startswith("`")
        return nodes.entry("", *self.markdown("\\-" if text == "-" else text), classes=["short"] if short else [])

    def table(self, header, rows, css):
        group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in header], cols=len(header))
        lines = [nodes.row("", *[self.cell(text) for text in row]) for row in [header, *rows]]
        group += [nodes.thead("", lines[0]), nodes.tbody("", *lines[1:])]
        return nodes.container("", nodes.table("", group, classes=["table"]), classes=["costlib-table", css])

    def citable(self, name, table, href):
        """A table with an id of its own, and beneath it the line with its address and its CSV file."""
        table["ids"].append(name)
        return [table, citations.table_links(_environment(self), name, href)]


class ClaimsLedger(_Drawn):
    """Every claim, each with its own link target, its verdict and the reason."""

    def run(self):
        by_document = sorted(claims.ledger().values(), key=lambda claim: claim.document)  # the article first
        return [self.claim(claim) for claim in by_document]

    def claim(self, claim):
        label = f"claim-{claim.id.lower()}"
        box = nodes.container(ids=[label], names=[label], classes=["claim", f"verdict-{claim.verdict}"])
        self.state.document.note_explicit_target(box, box)
        where = f"{{doc}}`/notebooks/{claim.chapter}`"
        link = f'<a href="cite.html#{claim.id}" aria-label="cite {claim.id}">cite</a>'
        cite = f'<span class="costlib-screen"> · {link}</span>'
        place = f"[{claim.id}](#{label}) · {claim.document}, {_escaped(claim.section)}"
        lines = [f"{place} · **{claim.verdict}** · {where}{cite}", _escaped(claim.statement)]
        if claim.printed or claim.recomputed:
            lines.append(" ".join(f"{k}: {_escaped(v)}." for k, v in
                         (("Published", claim.printed), ("Recomputed", claim.recomputed)) if v))  # fmt: skip
        lines.append(_escaped(claim.reason) + _cited(claim.source))
        # What changed for one reason stands in one paragraph.
        for reason, changes in groupby(history.changes(claim.id), key=lambda change: change.reason):
            said = " ".join(_sentence(history.said(change)) for change in changes)
            lines.append(f"*{said}* {_escaped(reason)}")
        box += self.markdown("\n\n".join(lines))
        return box


class VerdictCounts(_Drawn):
    """How many claims have which verdict, by document."""

    def run(self):
        every = claims.ledger().values()
        rows = []
        for verdict, meaning in claims.VERDICTS.items():
            counts = [sum(c.verdict == verdict and c.document == d for c in every) for d in ("article", "course")]
            rows.append([verdict, meaning, *map(str, counts)])
        header = ["verdict", "meaning", "article", "course page"]
        return self.citable("tab-verdicts", self.table(header, rows, "verdict-counts"), _csv([header, *rows]))


class ParameterTable(_Drawn):
    """The vocabulary, by group."""

    def run(self):
        rows = []
        for p in parameters.vocabulary().values():
            source = f"{_cited(p.source).strip()} {p.locator}"
            unit = "" if p.unit == "-" else f" {p.unit}"
            span = f"{fmt.short(p.low)} to {fmt.short(p.high)}, {p.shape}{_cited(p.range_source)}" if p.shape else ""
            rows.append([f"`{p.name}`", p.meaning, fmt.short(p.default) + unit, p.allowed, span, source])
        header = ["name", "meaning", "published", "allowed", "range", "source"]
        return self.citable("tab-parameters", self.table(header, rows, "parameters"), "_downloads/facts/parameters.csv")


class FactTable(_Drawn):
    """One table of facts: its kind, and the columns to show."""

    required_arguments = 1
    option_spec = {"columns": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        kind, columns = self.arguments[0], self.options["columns"].split()
        rows = [
            [
                *[_value(getattr(record, column)) for column in columns],
                f"{_cited(record.source)} {record.locator}",
            ]
            for record in catalog.table(kind).values()
        ]
        table = self.table([*[c.replace("_", " ") for c in columns], "source"], rows, kind)
        return self.citable(f"tab-{kind}", table, f"_downloads/facts/{kind}.csv")


class FactFile(_Drawn):
    """A table of facts that is too long for a page: what a row is, how many there are, and the file."""

    required_arguments = 1

    def run(self):
        kind = self.arguments[0]
        name, rows = f"tab-{kind}", len(catalog.table(kind))
        box = nodes.container(ids=[name], names=[name], classes=["costlib-file"])
        self.state.document.note_explicit_target(box, box)
        box += self.markdown(f"{rows} rows. {catalog.kinds()[kind]}")
        box += citations.table_links(_environment(self), name, f"_downloads/facts/{kind}.csv")
        return [box]


class ChapterFigure(_Drawn):
    """A figure of a chapter again on another page: chapter, figure name; the content is the caption."""

    has_content = True
    required_arguments = 2
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        chapter, name = self.arguments
        environment = _environment(self)
        notebook = Path(environment.srcdir, "notebooks", f"{chapter}.ipynb")
        environment.note_dependency(str(notebook))
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            settings = cell["metadata"].get("mystnb", {})
            if settings.get("figure", {}).get("name") == name:
                png = next(o["data"]["image/png"] for o in cell["outputs"] if "image/png" in o.get("data", {}))
                break
        else:
            raise self.error(f"{chapter} has no figure named {name}")
        picture = Path(environment.srcdir, "_figures", f"{name}.png")
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(base64.b64decode(png))
        options = f":alt: {settings['image']['alt']}\n:name: {self.options['name']}"
        return self.markdown(f"```{{figure}} /_figures/{name}.png\n{options}\n\n" + "\n".join(self.content) + "\n```")


class StatusTable(_Drawn):
    """Versions that built these pages."""

    def run(self):
        rows = [
            ["costlib", costlib.__version__],
            ["commit", os.environ.get("COSTLIB_COMMIT") or "not in a clone"],
        ]
        rows += [["Python", platform.python_version()], *[[name, version(name)] for name in PACKAGES]]
        return [self.table(["part", "version"], rows, "versions")]


class ExecutionTable(_Drawn):
    """How each chapter was executed, as papermill recorded it."""

    def run(self):
        rows = []
        for path in sorted(Path(_environment(self).srcdir, "notebooks").glob("*.ipynb")):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            ran = notebook["metadata"].get("papermill", {})
            cells = sum(cell["cell_type"] == "code" for cell in notebook["cells"])
            seconds = f"{ran['duration']:.1f} s" if "duration" in ran else "committed outputs"
            rows.append([f"{{doc}}`/notebooks/{path.stem}`", str(cells), seconds])
        return [self.table(["chapter", "code cells", "run time"], rows, "execution")]


def setup(app):
    """Register the directives with Sphinx."""
    drawn = {
        "claims-ledger": ClaimsLedger,
        "verdict-counts": VerdictCounts,
        "parameter-table": ParameterTable,
        "fact-table": FactTable,
        "fact-file": FactFile,
        "chapter-figure": ChapterFigure,
        "status-table": StatusTable,
        "execution-table": ExecutionTable,
    }
    for name, directive in drawn.items():
        app.add_directive(name, directive)
    return {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _environment(directive):
    return directive.state.document.settings.env


def _csv(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return "data:text/csv;base64," + base64.b64encode(text.getvalue().encode()).decode()


def _sentence(text):
    return _escaped(text[0].upper() + text[1:] + ("" if text.endswith(".") else "."))


def _cited(keys):
    return f" {{cite:p}}`{','.join(keys.split(';'))}`" if keys else ""


def _escaped(text):
    for character in "\\`*_{}[]<>$#|":
        text = text.replace(character, "\\" + character)
    return text


def _value(value):
    if value is None:
        return "not given"
    return fmt.exact(value) if isinstance(value, float) else _escaped(value)
