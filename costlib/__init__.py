"""The Cost of Alignment: formulas, sourced facts and rendering behind the executable report.

The functions of :mod:`costlib.face` stand here, loaded when they are first asked for: `costlib.models()`.

From the ground up: :mod:`costlib.base` (words, errors, files, arrays),
:mod:`costlib.facts` (what is known), :mod:`costlib.compute` (one job on GPUs),
:mod:`costlib.economics` (prices, labels, methods), :mod:`costlib.validation` (predictions against measurements),
:mod:`costlib.recipes` (training configurations),
:mod:`costlib.sweeping` (many scenarios on many workers), :mod:`costlib.measuring` (steps timed on the machine at hand),
:mod:`costlib.calculator` (what the browser runs), :mod:`costlib.report` (chapters and re-runs), :mod:`costlib.face` and
:mod:`costlib.cli`.
"""

from costlib.version import __version__ as __version__

TYPE_CHECKING = False  # as that of typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from costlib import facts, formulas
    from costlib.face import (
        claims,
        compare,
        estimate,
        gpus,
        job_from,
        judges,
        model,
        models,
        prices,
        recommend,
        sweep,
        validate,
    )

__all__ = [
    "claims", "compare", "estimate", "facts", "formulas", "gpus", "job_from", "judges", "model", "models",
    "prices", "recommend", "sweep", "validate",
]  # fmt: skip


def __getattr__(name: str) -> object:
    import importlib

    if name not in __all__:
        raise AttributeError(f"module 'costlib' has no attribute {name!r}; it has {', '.join(__all__)}")
    if name in ("facts", "formulas"):
        return importlib.import_module(f"costlib.{name}")
    return getattr(importlib.import_module("costlib.face"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
