"""Regimes: kinds of job whose errors are taken to be of one kind, and the interval that a prediction of each has.

Each source of measurements was predicted with coefficients that were fitted without it. A row of `regimes.csv` says
between which factors of such predictions, times and sizes, four fifths of the measured values lie, sources counting
alike; speeds are times turned over. `make left-out` writes it. A regime of too few sources has the interval of the
regime above it. Beyond the largest job that was measured, ends move out by the assumption `beyond-measured`.
"""

from functools import cache

from costlib.base._arrays import Numeric, largest, maximum
from costlib.base.text import nearest, shown
from costlib.facts import catalog
from costlib.facts.schema import Record

# What of a job has been measured up to a size: a column of the table, and how it is said.
SAME = 1.005  # a size that rounds to the largest that was measured is not beyond it
MEASURED = {"tokens": "{:,.0f} tokens of a sequence", "gpus": "{:,.0f} GPUs", "parameters": "{:.3g} parameters"}


def find(name: str) -> Record:
    """Return the row of a regime.

    Raises
    ------
    ValueError : for an unknown name, with the nearest ones

    Examples
    --------
    >>> find("memory lora").parent
    'measured memory'
    """
    known = catalog.table("regimes")
    if name not in known:
        raise ValueError(f"regime must be one of facts/regimes.csv, got {shown(name)}{nearest(name, known)}")
    return known[name]


@cache
def lineage(name: str) -> tuple[str, ...]:
    """Return a regime and those above it, nearest first; nothing for what is none.

    >>> lineage("grpo split")
    ('grpo split', 'grpo', 'alignment')
    """
    known = catalog.table("regimes")
    return (name, *lineage(known[name].parent)) if name in known else ()


@cache
def pooled(name: str) -> tuple[str, ...]:
    """Return a regime and those above it among whose rows its rows count: not past one that stands apart.

    >>> pooled("phase update"), pooled("grpo split")[-1]
    (('phase update', 'phases'), 'alignment')
    """
    row = find(name) if name in catalog.table("regimes") else None
    return (name, *(() if row is None or row.apart or not row.parent else pooled(row.parent)))


def interval(
    regime: str, value: Numeric, given: Numeric = 0, rate: bool = False, **job: Numeric
) -> tuple[Numeric, Numeric]:
    """Return the ends between which four fifths of the measured values lie for a prediction of a regime.

    Parameters
    ----------
    regime : name of a row of `regimes.csv`
    value : as predicted; for a regime of shares, a share [fraction]
    given : the part of it that is not predicted, such as prices paid to people, in the unit of `value`
    rate : whether it is a speed, which is low where a time is high
    job : size of what is predicted, any of `tokens` of a sequence, `gpus` and `parameters`

    Returns
    -------
    low, high : with the value between them

    Raises
    ------
    ValueError : for an unknown regime, with the nearest names

    Examples
    --------
    >>> low, high = interval("inference", 100, given=40)
    >>> 40 < low < 100 < high
    True
    >>> interval("inference", 1.0, gpus=1e9)[1] > interval("inference", 1.0)[1]
    True
    >>> round(interval("inference", 1.0)[0] * interval("inference", 1.0, rate=True)[1], 9)
    1.0
    """
    row, predicted = find(regime), value - given
    wider: Numeric = 1.0
    for size, limit, _ in _sizes(row, job):
        wider = wider * maximum(1, size / limit) ** catalog.assumption("beyond-measured")
    low, high = row.low / wider, row.high * wider
    if rate:
        low, high = 1 / high, 1 / low
    return given + moved(row, predicted, low), given + moved(row, predicted, high)


def moved(row: Record, value: Numeric, factor: Numeric) -> Numeric:
    """Return a prediction of a regime times a factor; of a share, its odds.

    >>> moved(find("inference"), 10, 2), moved(find("share of generating"), 0.5, 3)
    (20, 0.75)
    """
    return value * factor / (1 - value + value * factor) if row.scale == "odds" else value * factor


def _sizes(row: Record, job: dict[str, Numeric]) -> list[tuple[Numeric, float, str]]:
    """Sizes of a job beside the largest that were measured, and how these are said."""
    return [(size, row.get(name), MEASURED[name]) for name, size in job.items() if row.get(name) and size is not None]


def beyond(regime: str, **job: Numeric) -> tuple[str, ...]:
    """Return what of a job is larger than what was measured of its regime, in words.

    >>> beyond("inference", gpus=1e9)[0].startswith("1,000,000,000 GPUs, measured up to ")
    True
    """
    return tuple(f"{said.format(largest(size))}, measured up to {limit:,.6g}"
                 for size, limit, said in _sizes(find(regime), job) if largest(size) > SAME * limit)  # fmt: skip


def told(regime: str) -> str:
    """Return what the interval of a regime rests on.

    >>> told("inference").startswith("80 % of ")
    True
    """
    row = find(regime)
    whose = "" if row.of == regime else f" of {row.of}"
    sources = f"{row.sources:.0f} source{'s' * (row.sources != 1)}"
    return f"80 % of {row.rows:.0f} measurements{whose} from {sources}, each left out of the fit, lie within"
