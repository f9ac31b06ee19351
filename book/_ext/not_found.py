"""The page for an address that does not exist. It may be served at any depth, so it carries all that it needs."""

import json
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

TEMPLATE = Path(__file__).with_suffix(".html")


def page(title, start, contents, site_url=""):
    """Return the HTML of the page; `site_url` is the book's public address, if it is known.

    >>> 'href="/book/index.html"' in page("A book", "book/index", "book/how_to_read")
    True
    >>> 'href="/deep/search.html"' in page("A book", "book/index", "book/how_to_read", "https://example.org/deep/")
    True
    """
    root = urlsplit(site_url).path.rstrip("/") + "/"
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(title=title, start=start, contents=contents, root=root, known=json.dumps(bool(site_url)))


def write(app, exception):
    """Put the page at the root of the built pages."""
    if exception or app.builder.format != "html":
        return
    text = page(app.config.html_title, app.config.root_doc, "book/how_to_read", app.config.html_baseurl)
    Path(app.outdir, "404.html").write_text(text, encoding="utf-8")
