"""Sphinx extension: under each figure and table its address and its files."""

import costlib


def setup(app):
    """Register with Sphinx."""
    return {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
