"""What the extensions share: pieces of HTML in a page, the way from a page to the top, what Sphinx is told of them."""

from docutils import nodes

import costlib

# What each setup() returns.
EXTENSION = {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}


def raw(html):
    """Return HTML as a node; other formats leave it out."""
    return nodes.raw("", html, format="html")


def to_top(docname):
    """Return the relative address of the book's first folder, seen from a page.

    >>> to_top("book/claims"), to_top("index")
    ('../', '')
    """
    return "../" * docname.count("/")


def environment(directive):
    """Return Sphinx's environment from within a directive."""
    return directive.state.document.settings.env
