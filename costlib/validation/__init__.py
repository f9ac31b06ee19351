"""The model against published measurements: tables of them, predictions of their rows, and errors by group."""

from costlib.validation.errors import (
    LEFT_OUT,
    OWN,
    WITHIN,
    Summary,
    Target,
    by_source,
    constant_utilisation,
    counted,
    evaluated,
    met,
    own,
    own_table,
    predicted_ratio,
    reason,
    scored,
    shuffled,
    summarised,
    summary,
    target,
    worst,
)
from costlib.validation.left_out import source
from costlib.validation.predictions import EXACT, Missing, Predicted, Result, half, predict

__all__ = [
    "EXACT", "LEFT_OUT", "OWN", "WITHIN", "Missing", "Predicted", "Result", "Summary", "Target", "by_source",
    "constant_utilisation", "counted", "evaluated", "half", "met", "own", "own_table", "predict", "predicted_ratio",
    "reason", "scored", "shuffled", "source", "summarised", "summary", "target", "worst",
]  # fmt: skip
