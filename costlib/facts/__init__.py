"""What we know: sourced values, the vocabulary of parameters, the claims ledger. Standard library only."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame(kind: str) -> "pd.DataFrame":
    """Return one table of facts, such as "gpus", as a DataFrame: a row for each record, units in `attrs["units"]`.

    Parameters
    ----------
    kind : name of a file of `costlib/facts`, without its ending

    Raises
    ------
    ValueError : for an unknown table, with the nearest names
    MissingExtraError : where pandas is not installed

    Examples
    --------
    >>> float(frame("gpus").set_index("name").hbm_gb["a100-sxm-80gb"])
    80.0
    """
    from costlib.base.display import frame as as_frame
    from costlib.facts import catalog, claims, parameters, schema

    other: dict[str, Callable[[], Mapping[str, Any]]] = {"claims": claims.ledger, "parameters": parameters.vocabulary}
    records = other[kind]() if kind in other else catalog.table(kind)
    return as_frame(map(vars, records.values()), schema.units(kind))
