"""Sphinx extension: under each figure one line with its address and the files that it can be taken away as."""

import re
import shutil
from pathlib import Path

from docutils import nodes
from markup import EXTENSION, raw, to_top

from costlib.base import citation
from costlib.report.attachments import PICTURES

FORMATS = ("png", "svg", "pdf")
FOLDER = "_downloads/figures"
# The line that page.data shows: the address of the figure, then its numbers.
LINE = re.compile(
    r'<p class="costlib-links">(<a href="#(fig-[a-z0-9-]+)">[^<]*</a>) · (<a class="costlib-data".*</a>)</p>'
)


def add_lines(app, doctree, docname):
    """Move the link to a figure's numbers to below the figure, between its address and its other files."""
    if app.builder.format != "html":
        return
    figures = {name: figure for figure in doctree.findall(nodes.figure) for name in figure["ids"]}
    for node in list(doctree.findall(nodes.raw)):
        found = LINE.fullmatch(node.astext().strip())
        if found and found[2] in figures:
            figure = figures[found[2]]
            line = " · ".join([found[1], *_files(app, docname, found[2]), found[3], *_code(docname)])
            _remove(node)
            place = figure.parent.index(figure) + 1
            figure.parent.insert(place, raw(f'<p class="costlib-links">{line}</p>'))


def _code(docname):
    """A link to the chapter's code at the commit, where the repository has an address."""
    address = citation.code_address(citation.edition(), citation.source(docname))
    return [f'<a href="{address}">code</a>'] if address else []


def _files(app, docname, name):
    top = to_top(docname)
    there = [ending for ending in FORMATS if Path(app.srcdir, PICTURES, f"{name}.{ending}").is_file()]
    return [f'<a download="{name}.{e}" href="{top}{FOLDER}/{name}.{e}">{e.upper()}</a>' for e in there]


def _remove(node):
    """Take a node away, and the boxes around it that are empty then."""
    parent = node.parent
    parent.remove(node)
    if not parent.children:
        _remove(parent)


def copy_files(app, exception):
    """Put the files of the figures beside the pages."""
    source = Path(app.srcdir, PICTURES)
    if exception is None and app.builder.format == "html" and source.is_dir():
        shutil.copytree(source, Path(app.outdir, FOLDER), dirs_exist_ok=True)


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", add_lines)
    app.connect("build-finished", copy_files)
    return EXTENSION
