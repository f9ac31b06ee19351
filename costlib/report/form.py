"""Sphinx extension: the calculator page, its form and its default results."""

import costlib


def setup(app):
    """Register with Sphinx."""
    return {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
