"""What the calculator page runs in the reader's browser, with the standard library alone."""

from costlib.calculator.door import SHOWN, Calculator, presets, query

__all__ = ["SHOWN", "Calculator", "presets", "query"]
