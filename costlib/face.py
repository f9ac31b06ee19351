"""What `import costlib` offers: one function for each question, with the names and units of the command's options."""

from typing import Any

from costlib import fmt
from costlib.display import Records


def models(text: str = "") -> Records[Any]:
    """Return the models that are known by name.

    Parameters
    ----------
    text : only those with this in their name or label, in any case

    Examples
    --------
    >>> [model.name for model in models("llama-2")]
    ['llama-2-70b', 'llama-2-7b', 'llama-2-13b', 'llama-2-34b']
    """
    from costlib.facts import catalog, schema

    columns = {
        "model": lambda m: m.name,
        "label": lambda m: m.label,
        "parameters [1e9]": lambda m: fmt.number(m.parameters / 1e9, 2),
        "active [1e9]": lambda m: fmt.number(m.parameters_active / 1e9, 2),
        "layers": lambda m: _count(m.layers),
        "hidden size": lambda m: _count(m.hidden_size),
        "heads": lambda m: _count(m.heads),
        "KV heads": lambda m: _count(m.kv_heads),
        "vocabulary": lambda m: _count(m.vocabulary_size),
        "context [tokens]": lambda m: _count(m.context_length),
    }
    keys = ("model", "parameters [1e9]", "active [1e9]", "context [tokens]")
    return Records(catalog.table("models").values(), columns, keys, units=schema.units("models")).filter(text)


def gpus(text: str = "") -> Records[Any]:
    """Return the GPUs that are known by name, with their dense peaks.

    Parameters
    ----------
    text : only those with this in their name or label, in any case

    Examples
    --------
    >>> [gpu.hbm_gb for gpu in gpus("a100-sxm")]
    [80.0, 40.0]
    """
    from costlib.facts import catalog, schema

    columns = {
        "gpu": lambda g: g.name,
        "label": lambda g: g.label,
        "memory [GB]": lambda g: _count(g.hbm_gb),
        "bandwidth [GB/s]": lambda g: _count(g.hbm_bandwidth_gb_per_s),
        "bf16 [TFLOP/s]": lambda g: _count(g.bf16_dense_tflops),
        "fp8 [TFLOP/s]": lambda g: _count(g.fp8_dense_tflops),
        "link [GB/s]": lambda g: _count(g.link_gb_per_s),
        "power [W]": lambda g: _count(g.tdp_w),
    }
    keys = ("gpu", "memory [GB]", "bandwidth [GB/s]", "bf16 [TFLOP/s]")
    return Records(catalog.table("gpus").values(), columns, keys, units=schema.units("gpus")).filter(text)


def _count(value: float | None) -> str:
    return "-" if value is None else fmt.short(value)
