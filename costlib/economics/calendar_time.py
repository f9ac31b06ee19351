"""How long a method takes: calendar days by the resource that works, and teams whose members have to agree.

Lines of a method follow each other. Nobody measured how a team of annotators coordinates; the minutes are assumptions.

Sources: pairs of people :cite:`brooks1975`.
"""

import math
from collections.abc import Iterable

from costlib.base._arrays import Numeric, checked, choices
from costlib.economics import break_even, methods
from costlib.facts.parameters import Values

RESOURCES = ("set-up of people", "people compare", "hosted judge", "GPUs")
WORKING_DAYS = 7 / 5  # calendar days of a working day
NO_SETUP = {"human_setup_days": 0}
INSTANT = {"minutes_per_comparison": 1e-18}  # 0 would follow the words


def by_resource(values: Values, names: Iterable[str] | None = None) -> dict[str, list[list[float]]]:
    """Return the days of each line of each method, by the resource that works; a service's are those of hosted judges.

    Parameters
    ----------
    values : dict of every parameter, single numbers
    names : of methods, as for :func:`costlib.economics.methods.compare`

    Returns
    -------
    dict of method to a list of days, one for each of :data:`RESOURCES`, for each line [days]

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> found = by_resource(complete({}))["human-dpo"]
    >>> math.isclose(sum(map(sum, found)), methods.human_dpo(complete({})).days)
    True
    """
    kept = None if names is None else choices("names", names, methods.METHODS, "methods")
    ways = [methods.compare(values | change, kept) for change in ({}, NO_SETUP, NO_SETUP | INSTANT)]
    found: dict[str, list[list[float]]] = {}
    for name in ways[0]:
        found[name] = []
        for whole, at_work, machines in zip(*(way[name].lines for way in ways), strict=True):
            gpus = whole.gpu_hours / values["policy_gpus"] / methods.HOURS_PER_DAY
            days = whole.days - at_work.days, at_work.days - machines.days, machines.days - gpus, gpus
            found[name].append([round(each, 12) for each in days])
    return found


def collecting_days(hours: Numeric, team_hours: Numeric) -> Numeric:
    """Return the calendar days in which a team makes comparisons.

    Parameters
    ----------
    hours : of work, as of :func:`costlib.economics.human_work.hours` [hours]
    team_hours : that the team compares on a working day, above 0 [hours]

    Examples
    --------
    >>> collecting_days(300, 60)
    7.0
    """
    available = checked("team_hours", team_hours, "hours", low_is_allowed=False)
    return WORKING_DAYS * checked("hours", hours, "hours") / available


def team_hours(size: Numeric, hours_a_day: Numeric, minutes_each_pair: Numeric = 0) -> Numeric:
    """Return the hours left for comparing on a working day, if every member of a team agrees with every other.

    Parameters
    ----------
    size : annotators, at least 1; a number or an array
    hours_a_day : of each of them [hours]
    minutes_each_pair : that agreeing takes each pair of people on a day [minutes]

    Returns
    -------
    w hours_a_day - minutes/60 w (w - 1) / 2; negative where agreeing takes more than everybody's day [hours]

    Examples
    --------
    >>> team_hours(10, 6), team_hours(10, 6, 20)
    (60.0, 45.0)
    """
    checked("size", size, "people", low=1), checked("hours_a_day", hours_a_day, "hours")
    checked("minutes_each_pair", minutes_each_pair, "minutes")
    return size * hours_a_day - minutes_each_pair / 60 * size * (size - 1) / 2


def fastest_team(hours_a_day: float, minutes_each_pair: float) -> int:
    """Return the smallest team that no larger one outdoes, if every member agrees with every other [people].

    >>> fastest_team(6, 15), team_hours(24, 6, 15) == team_hours(25, 6, 15)
    (24, True)
    """
    agreeing = checked("minutes_each_pair", minutes_each_pair, "minutes", low_is_allowed=False)
    return max(1, math.ceil(checked("hours_a_day", hours_a_day, "hours") * 60 / agreeing))


def annotators_as_fast(values: Values) -> break_even.Crossing:
    """Return the annotators above (or below) which DPO on human labels is done before RLAIF.

    The days of both are linear in the inverse of the annotators.

    Returns
    -------
    costlib.economics.break_even.Crossing [people]

    Examples
    --------
    >>> from costlib.economics.scenarios import complete
    >>> annotators_as_fast(complete({})).side
    'above'
    """

    def later(inverse: float) -> float:
        now = values | {"annotators": 1 / inverse}
        return methods.rlaif(now).days - methods.human_dpo(now).days

    side, inverse = break_even.crossing(later, 1 / values["annotators"])
    if side in ("always", "never"):
        return break_even.Crossing(side, 0.0)
    if inverse > 1:  # fewer than one annotator
        return break_even.Crossing("always" if side == "below" else "never", 0.0)
    return break_even.Crossing("above" if side == "below" else "below", 1 / inverse)
