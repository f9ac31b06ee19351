"""What the calculator page runs in the reader's browser, with the standard library alone."""

from costlib.calculator.door import SHOWN, Calculator, presets, query
from costlib.calculator.stage import STARTING, estimated

__all__ = ["SHOWN", "STARTING", "Calculator", "estimated", "presets", "query"]
