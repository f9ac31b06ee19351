"""Models, GPUs, prices, published runs and measurements: one CSV file for each kind, a record for each row.

Every record carries `source` (keys of book/references.bib, separated by ;), `locator` (where in it), and `status`:
primary, secondary, derived, assumption or from-memory. What its columns are is said in `columns.csv`
(:mod:`costlib.facts.schema`).
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from costlib.base.text import nearest, shown
from costlib.facts import hardware, schema

# Tables with readers of their own, modules of this folder.
FEW = 8  # names that are listed one by one
LISTED = {"model": "those of costlib models", "gpu": "those of costlib gpus"}
ELSEWHERE = ("parameters", "claims", "options", "outputs")


def kinds() -> dict[str, str]:
    """Return what a row of each table is, by the name of the table.

    >>> kinds()["token_lengths"]
    'How many tokens an example or a call has.'
    """
    return {kind: meaning for kind, meaning in schema.tables().items() if kind not in ELSEWHERE}


def table(kind: str, own: hardware.Hardware | None = hardware.OF_PROCESS) -> Mapping[str, schema.Record]:
    """Return the records of one kind by name.

    Parameters
    ----------
    kind : name of a table
    own : costlib.facts.hardware.Hardware of the reader, whose GPU and coefficients are among them; None for none

    Examples
    --------
    >>> table("gpus")["a100-sxm-80gb"].bf16_dense_tflops
    312.0
    """
    return _table(shown(kind) if not isinstance(kind, str) else kind, hardware.expected(own))


@lru_cache(maxsize=256)
def _table(kind: str, own: hardware.Hardware | None) -> Mapping[str, schema.Record]:
    rows = hardware.rows(_known(kind, kinds(), "table"), own)
    # A value that the source does not give stays None, never 0.
    return MappingProxyType({name: schema.parse(kind, row) for name, row in rows.items()})


def find(kind: str, name: str, own: hardware.Hardware | None = hardware.OF_PROCESS) -> schema.Record:
    """Return one record, or raise a ValueError that offers the nearest names; `own` as for :func:`table`.

    >>> find("gpus", "a100-80gb")
    Traceback (most recent call last):
        ...
    ValueError: unknown gpu 'a100-80gb'; did you mean a100-sxm-80gb or a100-pcie-80gb or h100-sxm-80gb?
    """
    known = table(kind, own)
    return known[_known(name, known, kind.removesuffix("s").replace("_", " "))]


@cache
def in_chapters() -> Mapping[str, schema.Record]:
    """Return the models that the chapters compare.

    >>> list(in_chapters())[:2]
    ['llama-2-70b', 'gpt2']
    """
    return MappingProxyType({name: model for name, model in table("models").items() if model.in_chapters})


@cache
def assumption(name: str) -> float:
    """Return what stands in for an input of which reports are silent, in the unit of its row in assumptions.csv.

    >>> assumption("prompt-tokens")
    150.0
    """
    return find("assumptions", name).value


def _known(name: object, known: Iterable[str], what: str) -> str:
    if not isinstance(name, str) or name not in known:
        names = list(known)
        others = ", ".join(names) if len(names) <= FEW else LISTED.get(what, f"{len(names)} names")
        raise ValueError(f"unknown {what} {shown(name)}{nearest(name, names) or f'; known: {others}'}")
    return name
