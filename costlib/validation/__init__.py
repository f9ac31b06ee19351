"""The model against published measurements: tables of them, predictions of their rows, and errors by group."""

from costlib.validation.errors import (
    LEFT_OUT,
    OWN,
    WITHIN,
    Summary,
    Target,
    constant_utilisation,
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
from costlib.validation.predictions import EXACT, Missing, Predicted, Result, half, predict

__all__ = [
    "EXACT", "LEFT_OUT", "OWN", "WITHIN", "Missing", "Predicted", "Result", "Summary", "Target", "constant_utilisation",
    "evaluated", "half", "met", "own", "own_table", "predict", "predicted_ratio", "reason", "scored", "shuffled",
    "summarised", "summary", "target", "worst",
]  # fmt: skip
