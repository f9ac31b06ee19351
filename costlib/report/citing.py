"""How to cite the book, or one claim, table or figure of it."""

import costlib


def setup(app):
    """Register with Sphinx."""
    return {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
