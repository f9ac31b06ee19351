"""Packages that only some commands and functions need: the extras, and what to do where one is missing."""

from costlib.version import __version__

# The modules of each extra's packages, as `pyproject.toml` lists them.
EXTRAS = {
    "book": ("bs4", "filelock", "flit_core", "ipykernel", "jupyter_book", "jupytext", "latex2mathml", "matplotlib",
             "numpy", "pandas", "papermill", "pypdf", "SALib"),
    "measure": ("torch", "transformers"),
    "sweep": ("bokeh", "dask", "distributed", "filelock", "numpy", "pyarrow", "scipy"),
}  # fmt: skip


class MissingExtraError(ImportError):
    """A package that is not installed: the message says which extra brings it, and how."""


def need(extra: str, what: str, *modules: str) -> None:
    """Raise a MissingExtraError where a package is missing.

    Parameters
    ----------
    extra : name of an extra
    what : command or function that needs it
    modules : those that it needs; none for all modules of the extra

    Examples
    --------
    >>> need("measure", "costlib measure", "not_there")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    costlib.base.extras.MissingExtraError: costlib measure needs not_there, of the extra measure: in a clone, .venv/bin/uv pip install -e '.[measure]'; else pip install './costlib-...-py3-none-any.whl[measure]'
    """  # noqa: E501
    from importlib.util import find_spec

    missing = [name for name in modules or EXTRAS[extra] if find_spec(name) is None]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        wheel = f"costlib-{__version__}-py3-none-any.whl"
        raise MissingExtraError(
            f"{what} needs {missing[0]}{more}, of the extra {extra}: "
            f"in a clone, .venv/bin/uv pip install -e '.[{extra}]'; else pip install './{wheel}[{extra}]'"
        )
