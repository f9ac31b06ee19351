"""The book's own Sphinx directives: reference pages drawn from the package."""

import os
import platform
import re
from importlib.metadata import version
from itertools import groupby

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList
from markup import EXTENSION, environment, raw, to_top

import costlib
from costlib.base import fmt
from costlib.base.files import csv_text
from costlib.facts import ages, catalog, claims, history, options, outputs, parameters
from costlib.report import notebooks, tables
from costlib.validation import tables as measurements

PACKAGES = ("jupyter-book", "sphinx", "myst-nb", "papermill", "jupytext", "numpy", "pandas", "matplotlib")


class _Drawn(Directive):
    """A directive whose content is Markdown that the package writes."""

    has_content = False

    def markdown(self, text):
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source="costlib"), 0, holder)
        return holder.children

    def cell(self, text, number):
        # A lone hyphen would become a list; a short text, or a name in code, is not broken over lines.
        classes = tables.classes(text, number, text.startswith("`"))
        return nodes.entry("", *self.markdown("\\-" if text == "-" else text), classes=classes)

    def table(self, header, rows, css, named=False):
        """The twin of :func:`costlib.report.tables.html` for cells that hold citations and links to pages.

        The rows are places of the page where they are `named`, by their first cells.
        """
        group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in header], cols=len(header))
        right = [tables.are_numbers(column) for column in zip(*rows, strict=True)]
        lines = [nodes.row("", *map(self.cell, row, right)) for row in [header, *rows]]
        for line, row in zip(lines[1:], rows, strict=True):
            line["ids"] += [row[0].strip("`")] * named
        group += [nodes.thead("", lines[0]), nodes.tbody("", *lines[1:])]
        return nodes.container("", nodes.table("", group, classes=["table"]), classes=["costlib-table", css])

    def citable(self, name, table, kind):
        """A table with an id of its own, and beneath it the line with its address and the file of its facts."""
        table["ids"].append(name)
        return [table, self.link_to_facts(name, kind)]

    def link_to_facts(self, name, kind):
        return raw(tables.line(name, f"{to_top(environment(self).docname)}_downloads/facts/{kind}.csv"))


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
        table = self.table(header, rows, "verdict-counts")
        table["ids"].append("tab-verdicts")
        return [table, raw(tables.links("tab-verdicts", csv_text([header, *rows])))]


class ParameterTable(_Drawn):
    """The vocabulary, by group."""

    def run(self):
        rows, old = [], ages.old()
        for p in parameters.vocabulary().values():
            source = f"{_cited(p.source).strip()} {p.locator}{'; more than two years old' if p.name in old else ''}"
            unit = "" if p.unit == "-" else f" {p.unit}"
            span = f"{fmt.short(p.low)} to {fmt.short(p.high)}, {p.shape}{_cited(p.range_source)}" if p.shape else ""
            span += ", drawn only before it is known" if p.known else ""
            rows.append([f"`{p.name}`", p.meaning, fmt.short(p.default) + unit, p.allowed, span, source])
        header = ["name", "meaning", "published", "allowed", "range", "source"]
        return self.citable("tab-parameters", self.table(header, rows, "parameters"), "parameters")


class OptionTable(_Drawn):
    """The options of a job, those that all stages use first."""

    def run(self):
        rows = []
        for option in sorted(options.options().values(), key=lambda option: len(option.stages), reverse=True):
            unit = "" if option.unit == "-" else f" [{option.unit}]"
            allowed = "a name" if option.type is str and not option.choices else option.allowed
            without = option.without or "must be given"
            rows.append([f"`{option.flag}`", f"{option.meaning}{unit}", allowed, without, option.used or "all"])
        header = ["option", "meaning", "allowed", "if not given", "stages"]
        return self.citable("tab-options", self.table(header, rows, "options"), "options")


class OutputTable(_Drawn):
    """The registry of numbers: those that have a chapter."""

    def run(self):
        rows = []
        for each in filter(lambda output: output.chapter, outputs.outputs().values()):
            chapter = f"{{doc}}`/notebooks/{each.chapter}`"
            rows.append([f"`{each.id}`", _escaped(each.said), each.unit, each.interval or "none", chapter])
        table = self.table(["id", "what it is", "unit", "interval", "published in"], rows, "outputs", named=True)
        return self.citable("tab-outputs", table, "outputs")


class FactTable(_Drawn):
    """One table of facts: its kind, and the columns to show."""

    required_arguments = 1
    option_spec = {"columns": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        kind, columns = self.arguments[0], self.options["columns"].split()
        rows = []
        for record in catalog.table(kind).values():
            source = f"{_cited(record.source)} {record.locator}"
            rows.append([*(_value(getattr(record, column)) for column in columns), source])
        table = self.table([*[c.replace("_", " ") for c in columns], "source"], rows, kind)
        return self.citable(f"tab-{kind}", table, kind)


class FactFile(_Drawn):
    """A table of facts that is too long for a page: what a row is, how many there are, and the file."""

    required_arguments = 1

    def run(self):
        kind = self.arguments[0]
        name, rows = f"tab-{kind}", len(catalog.table(kind))
        # Links to a name that the table had in a released version end here as well.
        former = [old for old, new in history.names().items() if new == name]
        box = nodes.container(ids=[name, *former], names=[name], classes=["costlib-file"])
        self.state.document.note_explicit_target(box, box)
        box += self.markdown(f"{rows} rows. {catalog.kinds()[kind]}")
        box += self.link_to_facts(name, kind)
        return [box]


class ReadColumns(_Drawn):
    """The columns of a kind of table that `costlib validate` reads, with a star where a kind is recognised by one."""

    required_arguments = 1

    def run(self):
        kind = self.arguments[0]
        rows = [
            [f"`{name}`" + "\\*" * (name in measurements.KINDS[kind]), _escaped(column.description),
             ", ".join(column.allowed), " ".join(each.split(":")[0] for each in column.also.split())]
            for name, column in measurements.columns(kind).items()
        ]  # fmt: skip
        return [self.table(["column", "content", "allowed", "older name"], rows, f"read-{kind}")]


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
        for path in notebooks.paths(environment(self).srcdir):
            notebook = notebooks.read(path)
            ran = notebook["metadata"].get("papermill", {})
            cells = sum(cell["cell_type"] == "code" for cell in notebook["cells"])
            seconds = f"{ran['duration']:.1f} s" if "duration" in ran else "committed outputs"
            rows.append([f"{{doc}}`/notebooks/{path.stem}`", str(cells), seconds])
        return [self.table(["chapter", "code cells", "run time"], rows, "execution")]


def counts(root):
    """Return what pages say of how much is checked, counted: claims, and numbers that the documents print."""
    every = claims.ledger().values()
    computed = {each["id"] for path in notebooks.paths(root) for record in notebooks.records(path, "claims")
                for each in record["claims"]}  # fmt: skip
    printed = [claim for claim in every if claim.published is not None]
    return {
        "claims": len(every),
        "claims-with-source": sum(bool(claim.source) for claim in every),
        "claims-without-source": sum(not claim.source for claim in every),
        "printed": len(printed),
        "printed-recomputed": sum(claim.id in computed for claim in printed),
        "printed-not-recomputed": sum(claim.id not in computed for claim in printed),
        **{f"verdict-{verdict}": sum(claim.verdict == verdict for claim in every) for verdict in claims.VERDICTS},
    }


def counted(_, rawtext, text, lineno, inliner, options=None, content=()):
    """Role that prints one of :func:`counts`: {count}`claims`."""
    found = counts(inliner.document.settings.env.srcdir)
    if text in found:
        return [nodes.Text(fmt.number(found[text]))], []
    problem = inliner.reporter.error(f"unknown count {text!r}; known: {', '.join(found)}", line=lineno)
    return [inliner.problematic(rawtext, rawtext, problem)], [problem]


def align_numbers(app, doctree, docname):
    """Let columns of numbers stand to the right in tables that are written in Markdown as well."""
    for group in doctree.findall(nodes.tgroup):
        rows = [list(row) for row in group.findall(nodes.row)]
        for column in zip(*rows, strict=False):
            texts = [entry.astext() for entry in column[1:]]
            if texts and not any("number" in entry["classes"] for entry in column) and tables.are_numbers(texts):
                for entry in column:
                    entry["classes"].append("number")


def setup(app):
    """Register the directives with Sphinx."""
    app.connect("doctree-resolved", align_numbers)
    app.add_role("count", counted)
    drawn = {
        "claims-ledger": ClaimsLedger,
        "verdict-counts": VerdictCounts,
        "parameter-table": ParameterTable,
        "option-table": OptionTable,
        "output-table": OutputTable,
        "fact-table": FactTable,
        "fact-file": FactFile,
        "read-columns": ReadColumns,
        "status-table": StatusTable,
        "execution-table": ExecutionTable,
    }
    for name, directive in drawn.items():
        app.add_directive(name, directive)
    return EXTENSION


def _sentence(text):
    return _escaped(text[0].upper() + text[1:] + ("" if text.endswith(".") else "."))


def _cited(keys):
    return f" {{cite:p}}`{','.join(keys.split(';'))}`" if keys else ""


def _escaped(text):
    """Return a text on one line whose marks stand for themselves in Markdown, also at its beginning."""
    return re.sub(r"[\\`*_{}\[\]<>$#|~&]|^[-+%(=:]|(?<=^\d)[.)]", r"\\\g<0>", " ".join(text.split()))


def _value(value):
    if value is None:
        return "not given"
    return fmt.exact(value) if isinstance(value, float) else _escaped(value)
