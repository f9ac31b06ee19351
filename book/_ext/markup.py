"""What the extensions share: pieces of HTML in a page, the way from a page to the top, what Sphinx is told of them."""

import json

from docutils import nodes

import costlib

# What each setup() returns.
EXTENSION = {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}


def raw(html):
    """Return HTML as a node; other formats leave it out."""
    return nodes.raw("", html, format="html")


def json_block(name, data):
    """Return data as JSON in a script element that nothing in the data can end.

    >>> json_block("x", "<!--<script></script>")
    '<script type="application/json" id="x">"\\\\u003c!--\\\\u003cscript>\\\\u003c/script>"</script>'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


def to_top(docname):
    """Return the relative address of the book's first folder, seen from a page.

    >>> to_top("book/claims"), to_top("index")
    ('../', '')
    """
    return "../" * docname.count("/")


def environment(directive):
    """Return Sphinx's environment from within a directive."""
    return directive.state.document.settings.env
