"""The pages beside the contents: for an address that does not exist, served at any depth, and for the bare address."""

import html
import json
import re
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import policy

TEMPLATE = Path(__file__).with_suffix(".html")
LEADS_ON = Template(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>$title</title>\n'
    '<meta http-equiv="refresh" content="0; url=$first">\n<link rel="icon" href="_static/favicon.svg">\n</head>\n'
    '<body><p><a href="$first">$title</a></p></body>\n</html>\n'
)


def page(title, start, contents, site_url=""):
    """Return the HTML of the page; `site_url` is the book's public address, if it is known.

    >>> 'href="/book/index.html"' in page("A book", "book/index", "book/how_to_read")
    True
    >>> 'href="/deep/search.html"' in page("A book", "book/index", "book/how_to_read", "https://example.org/deep/")
    True
    """
    root = urlsplit(site_url).path.rstrip("/") + "/"
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    names = {"title": html.escape(title), "start": start, "contents": contents, "root": html.escape(root)}
    text = template.substitute(names, known=json.dumps(bool(site_url)))
    return policy.applied(text, script=re.search(r"<script>(.*)</script>", text, re.S)[1])


def write(app, exception):
    """Put the page at the root of the built pages."""
    if exception or app.builder.format != "html":
        return
    text = page(app.config.html_title, app.config.root_doc, "book/how_to_read", app.config.html_baseurl)
    Path(app.outdir, "404.html").write_text(text, encoding="utf-8")


def lead_in(app, exception):
    """Put a page at the root of the built pages that leads on to the first one."""
    if exception or app.builder.format != "html":
        return
    first = LEADS_ON.substitute(title=html.escape(app.config.html_title), first=f"{app.config.root_doc}.html")
    Path(app.outdir, "index.html").write_text(policy.applied(first), encoding="utf-8")
