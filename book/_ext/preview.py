"""What search engines and previews of links read: a description of each page, and a picture of the book."""

import html
import os
import posixpath
import re
import textwrap
from pathlib import Path

from docutils import nodes
from opening import CLASS

SITE_URL = "COSTLIB_SITE_URL"
PICTURE = "_static/preview.png"
SIZE_PX = (1200, 630)
LENGTH = 160
# Their templates write their titles.
UNTITLED = {"search": "Search", "genindex": "Index"}


def set_address(app, config):
    """Take the public address of the book from the environment, where it is known."""
    if os.environ.get(SITE_URL):
        config.html_baseurl = os.environ[SITE_URL].rstrip("/") + "/"


def describe(app, pagename, templatename, context, doctree):
    """Add a description, and what previews show, to the head of a page."""
    if app.builder.format != "html":
        return
    title = _plain(context.get("title") or UNTITLED.get(pagename) or app.config.html_title)
    text = described(doctree) if doctree else ""
    if not text:
        # A page without prose, such as the index: its title, and what the book is.
        text = f"{title}: {_of_the_book(app)}"
    short = textwrap.shorten(text, LENGTH, placeholder=" …")
    tags = {
        "description": short,
        "og:title": title,
        "og:description": short,
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:image": _address(app, context, PICTURE),
        "og:image:alt": "The Cost of Alignment, and the ratio that it recomputes",
        "twitter:card": "summary_large_image",
    }
    if app.config.html_baseurl:
        tags["og:url"] = posixpath.join(app.config.html_baseurl, f"{pagename}.html")
    written = [
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{_attribute(content)}" />'
        for name, content in tags.items()
    ]
    context["metatags"] = "\n".join([context.get("metatags") or "", *written])


def described(doctree):
    """Return what a page says first; of a chapter that is its answer."""
    found = doctree.findall(nodes.paragraph)
    return next((_text(p) for p in found if isinstance(p.parent, nodes.section) or CLASS in p.parent["classes"]), "")


def draw(app, exception):
    """Draw the picture that previews show, with the ratios of whole projects that chapter 12 computed."""
    if exception or app.builder.format != "html":
        return
    from costlib.report.notebooks import records

    chapter = Path(app.srcdir, "notebooks", "12_equal_footing.ipynb")
    if not chapter.is_file():  # a part of the book
        return
    found = records(chapter, "key")
    texts = {record["key"]: record["text"] for record in found}
    target = Path(app.outdir, PICTURE)
    target.parent.mkdir(parents=True, exist_ok=True)
    picture(texts["at_few_ratio"], texts["most_ratio"]).savefig(target, metadata={"Software": None})


def picture(low, high):
    """Return the figure for previews: the title, one line, and the ratio of whole projects at few and at many pairs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from costlib.report import figures

    width, height = SIZE_PX
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    figure.patches.append(_bar(figure, figures.BLUE))
    left = 0.07
    figure.text(left, 0.76, "The Cost of Alignment", fontsize=50, weight="bold", color="#1a1a1a")
    figure.text(left, 0.66, "What it costs to align a language model, recomputed line by line", fontsize=23,
                color="#444444")  # fmt: skip
    figure.text(left, 0.31, f"{low} to {high}", fontsize=84, weight="bold", color=figures.BLUE)
    figure.text(left, 0.15, "people's project over a judge's, from few pairs to many", fontsize=23,
                color="#444444")  # fmt: skip
    return figure


def _bar(figure, colour):
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), 0.022, 1, transform=figure.transFigure, color=colour)


def _of_the_book(app):
    if not hasattr(app, "_costlib_about"):
        root = app.env.get_and_resolve_doctree(app.config.root_doc, app.builder)
        app._costlib_about = described(root)
    return app._costlib_about


def _text(paragraph):
    """The words of a paragraph; a formula as its letters."""
    copy = paragraph.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        plain = formula.astext().replace(r"\text", "").translate(str.maketrans("", "", "{}\\$,"))
        formula.replace_self(nodes.Text(plain))
    return " ".join(copy.astext().split())


def _plain(title):
    return html.unescape(re.sub(r"<[^>]+>", "", title))


def _attribute(text):
    return html.escape(html.unescape(text), quote=True)


def _address(app, context, path):
    if app.config.html_baseurl:
        return posixpath.join(app.config.html_baseurl, path)
    return context["pathto"](path, 1)
