"""Sphinx extension: light pages without outside requests, formulas as MathML, what search engines and previews read."""

import costlib


def setup(app):
    """Register with Sphinx."""
    return {"version": costlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
