"""Sphinx directives of the cite and data pages: the book's citation, a form for one piece of it, and downloads.

Numbers that pages lead with are links to their citation: see :class:`LinkedNumber`.
"""

import base64
import posixpath
from pathlib import Path

import datapackage
from directives import _Drawn, _escaped
from docutils import nodes
from docutils.parsers.rst import Directive
from markup import EXTENSION, environment, json_block, raw, to_top
from myst_nb.ext.glue.roles import PasteTextRole

import costlib
from costlib.base import citation
from costlib.report import citable

NAMES = {"text": "Plain text", "bibtex": "BibTeX", "ris": "RIS", "csl": "CSL-JSON"}
FILES = {
    "text": ("txt", "text/plain"),
    "bibtex": ("bib", "application/x-bibtex"),
    "ris": ("ris", "application/x-research-info-systems"),
    "csl": ("json", "application/vnd.citationstyles.csl+json"),
}


class Citation(Directive):
    """The book in all forms, each to be copied or saved."""

    def run(self):
        """Return a heading line, the text and a link for each form."""
        parts = nodes.container(classes=["cite-forms"])
        for name, text in citation.forms().items():
            # The highlighter knows BibTeX; sphinx-copybutton adds its button to every block.
            language = {"bibtex": "bibtex", "csl": "json"}.get(name, "none")
            parts += [nodes.paragraph("", "", nodes.strong("", NAMES[name]))]
            parts += [nodes.literal_block(text, text, language=language), raw(save_link(name, text))]
        return [parts]


class Picker(Directive):
    """A form that shows the citation of one claim, figure or table; the page's own words stay where it cannot run."""

    has_content = True

    def run(self):
        """Return the box, the ids to choose from and the data."""
        env = environment(self)
        for notebook in Path(env.srcdir, "notebooks").glob("*.ipynb"):
            env.note_dependency(str(notebook))
        words = nodes.container(ids=["cite-one"], classes=["cite-forms"])
        self.state.nested_parse(self.content, self.content_offset, words)
        known = citable.pieces(env.srcdir)
        # The options bear the ids, so that cite.html#B066 is a place of this page; what stands here has its own.
        here = f"{env.docname}.html#"
        options = "".join(
            f'<option value="{name}">' if piece["page"].startswith(here) or "value" in piece else
            f'<option id="{name}" value="{name}">' for name, piece in known.items()
        )  # fmt: skip
        script = f"{to_top(env.docname)}_static/cite.mjs"
        return [
            words,
            raw(
                f'<datalist id="cite-ids">{options}</datalist>\n'
                f"{json_block('cite-data', picker_data(known))}\n"
                f'<script type="module" src="{script}"></script>'
            ),
        ]


class LedBy(_Drawn):
    """The numbers of answers that no registry holds: each with its id, its value and the sentence that it is of."""

    def run(self):
        """Return the table, which print leaves out."""
        rows = [[f"`{piece['id']}`", *map(_escaped, piece["body"].split(". In: ", 1))]
                for piece in citable.led_by(environment(self).srcdir)]  # fmt: skip
        table = self.table(["id", "value", "said"], rows, "led-by", named=True)
        table["classes"].append("costlib-screen")
        return [table]


class LinkedNumber(PasteTextRole):
    """The role glue:text, whose number is a link to its citation where a page leads with it, the first time there."""

    def run(self):
        """Return what the role returns, within a link."""
        found, messages = super().run()
        env = getattr(self.document.settings, "env", None)
        if env is None or env.app.builder.format != "html" or not found:
            return found, messages
        if not hasattr(env.app, "led_by"):
            env.app.led_by = citable.led_by_ids(env.srcdir)
        doc, _, key = self.text.rpartition("::")
        page = posixpath.normpath(posixpath.join(posixpath.dirname(env.docname), doc)) if doc else env.docname
        name = citable.number_id(posixpath.basename(page).removesuffix(".ipynb"), key.partition(":")[0])
        linked = env.temp_data.setdefault("linked_numbers", set())
        if name in env.app.led_by.get(env.docname, ()) and name not in linked:
            linked.add(name)
            address = f"{to_top(env.docname)}book/cite.html#{name}"
            link = nodes.reference("", "", *found, refuri=address, reftitle=f"cite this number: {name}", internal=True)
            link["classes"].append("costlib-cite")
            found = [link]
        return found, messages


class Downloads(Directive):
    """Links to the files that can be taken away; a file that this build does not make is left out."""

    def run(self):
        """Return a placeholder, which is filled when the page is written and the files are known."""
        found = nodes.container(classes=["costlib-downloads"])
        data = "all data: facts, parameters, claims, numbers, figures and tables, with a schema"
        wheel = f"costlib-{costlib.__version__}-py3-none-any.whl"
        found["offers"] = [(datapackage.file_name(), data), (wheel, "the package, for Python 3.11 or newer")]
        return [found]


def picker_data(known):
    """Return the templates and the fields of every piece."""
    state = citation.edition()
    return {
        "templates": citation.templates(state),
        "code": citation.code_address(state, "@file@"),
        "names": NAMES,
        "files": FILES,
        "pieces": {
            name: citation.fields(piece) | ({"earlier": earlier} if (earlier := citable.earlier(name)) else {})
            for name, piece in known.items()
        },
    }


def save_link(form, text, name=citation.KEY):
    """Return a link that saves a citation as a file, without a server.

    >>> save_link("ris", "TY  - BOOK")[:60]
    '<p class="costlib-links"><a download="costofalignment.ris" h'
    """
    ending, kind = FILES[form]
    content = base64.b64encode(f"{text}\n".encode()).decode()
    link = f'<a download="{name}.{ending}" href="data:{kind};base64,{content}">Save as {name}.{ending}</a>'
    return f'<p class="costlib-links">{link}</p>'


def list_downloads(app, doctree, docname):
    """Fill the placeholders of :class:`Downloads` with the files that exist, or will when the pages are finished."""
    for found in doctree.findall(lambda node: isinstance(node, nodes.container) and "offers" in node):
        entries = []
        for name, words in found["offers"]:
            if app.builder.format != "html" or (name != datapackage.file_name() and not _made(app, name)):
                continue
            href = to_top(docname) + f"_downloads/{name}"
            entries.append(f'<li><a download href="{href}">{name}</a>: {words}</li>')
        found += raw(f"<ul>{''.join(entries)}</ul>") if entries else []


def _made(app, name):
    return Path(app.outdir, "_downloads", name).is_file()


def setup(app):
    """Register the directives with Sphinx, and the zip of the data."""
    app.add_directive("book-citation", Citation)
    app.add_directive("cite-one", Picker)
    app.add_directive("data-downloads", Downloads)
    app.add_directive("led-by", LedBy)
    app.add_role_to_domain("glue", "text", LinkedNumber(), override=True)
    app.connect("doctree-resolved", list_downloads)
    app.connect("build-finished", datapackage.at_the_end)
    return EXTENSION
