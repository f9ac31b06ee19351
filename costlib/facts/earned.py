"""What predictions have earned: how far published measurements lie from the model, by group, as `make earned` found."""

from costlib._arrays import Numeric
from costlib.facts import catalog
from costlib.text import nearest, shown


def earned(group: str) -> float:
    """Return the factor within which four in five reported measurements of a group lie of the model [-].

    Raises
    ------
    ValueError : for a group without reported rows, with the nearest names

    Examples
    --------
    >>> 1 < earned("inference") < 2
    True
    """
    known = catalog.table("earned")
    if group not in known:
        raise ValueError(f"group must be one with reported rows, got {shown(group)}{nearest(group, known)}")
    return known[group].factor


def interval(group: str, value: Numeric, given: Numeric = 0) -> tuple[Numeric, Numeric]:
    """Return the ends between which four fifths of the measured values of a group lie for such a prediction.

    Parameters
    ----------
    group : name of a group with reported rows
    value : as predicted
    given : the part of it that is not predicted, such as prices paid to people, in the unit of `value`

    Returns
    -------
    low, high

    Examples
    --------
    >>> low, high = interval("inference", 100, given=40)
    >>> round((low - 40) * (high - 40)), low < 100 < high
    (3600, True)
    """
    factor, predicted = earned(group), value - given
    return given + predicted / factor, given + predicted * factor
