"""The model against published measurements: tables of them, predictions of their rows, and errors by group."""

from costlib.validation.errors import (
    OWN,
    TARGETS,
    WITHIN,
    Summary,
    Target,
    computed_factor,
    constant_utilisation,
    evaluated,
    met,
    own,
    own_table,
    predicted_ratio,
    reason,
    shuffled,
    summary,
    worst,
)
from costlib.validation.predictions import CALIBRATION, DRAWS, EXACT, FITTED, Missing, Predicted, Result, half, predict

__all__ = [
    "CALIBRATION", "DRAWS", "EXACT", "FITTED", "OWN", "TARGETS", "WITHIN", "Missing", "Predicted", "Result", "Summary",
    "Target", "computed_factor", "constant_utilisation", "evaluated", "half", "met", "own", "own_table", "predict",
    "predicted_ratio", "reason", "shuffled", "summary", "worst",
]  # fmt: skip
