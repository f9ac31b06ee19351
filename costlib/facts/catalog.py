"""Models, GPUs, prices, label prices and published runs: one CSV file and one record type for each kind.

Every record carries `source` (keys of book/references.bib, separated by ;), `locator` (where in it), and `status`:
primary, secondary, derived, assumption or from-memory.
"""

import csv
from dataclasses import dataclass, fields
from functools import cache

from costlib.facts.parameters import FOLDER, nearest


@dataclass(frozen=True)
class Model:
    """A language model; `parameters_active` are those that one token uses, `context_length` is in tokens."""

    name: str
    label: str
    parameters: float
    parameters_active: float
    layers: float
    hidden_size: float
    context_length: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Gpu:
    """An accelerator; the peak is dense bf16, memory in units of 1e9 bytes."""

    name: str
    label: str
    bf16_dense_tflops: float
    hbm_gb: float
    hbm_bandwidth_gb_per_s: float
    tdp_w: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class GpuPrice:
    """A price of renting a GPU, US dollars of the dates given; kind is on-demand, reserved, spot or capacity-block."""

    name: str
    provider: str
    instance: str
    gpu: str
    gpus_per_instance: float
    region: str
    usd_per_instance_hour: float
    usd_per_gpu_hour: float
    kind: str
    valid_from: str
    valid_to: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class LabelPrice:
    """What one preference label was said to cost; `quality` says how good the evidence is."""

    name: str
    label: str
    kind: str
    usd_per_label_low: float
    usd_per_label_high: float
    year: str
    population: str
    source: str
    locator: str
    status: str
    quality: str
    note: str
    fraction_low: float
    fraction_high: float


@dataclass(frozen=True)
class PretrainingRun:
    """A pre-training run with its GPU-hours; `parameters` are the active ones."""

    name: str
    label: str
    model: str
    parameters: float
    tokens: float
    gpu: str
    gpu_hours: float
    gpu_hours_kind: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class Agreement:
    """How often two raters, or a judge and people, prefer the same answer."""

    name: str
    label: str
    who: str
    value_low: float
    value_high: float
    unit: str
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class PreferenceSet:
    """How many comparisons a preference data set holds."""

    name: str
    label: str
    comparisons: float
    source: str
    locator: str
    status: str
    note: str


@dataclass(frozen=True)
class TokenLength:
    """How many tokens an example or a call has."""

    name: str
    label: str
    tokens_low: float
    tokens_high: float
    source: str
    locator: str
    status: str
    note: str


TABLES = {
    "models": Model,
    "gpus": Gpu,
    "gpu_prices": GpuPrice,
    "label_prices": LabelPrice,
    "pretraining_runs": PretrainingRun,
    "agreement": Agreement,
    "preference_sets": PreferenceSet,
    "token_lengths": TokenLength,
}


@cache
def table(kind):
    """Return the records of one kind by name.

    >>> table("gpus")["a100-sxm-80gb"].bf16_dense_tflops
    312.0
    """
    record = TABLES[_known(kind, TABLES, "table")]
    with (FOLDER / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: _record(record, row) for row in csv.DictReader(file)}


def find(kind, name):
    """Return one record, or raise a ValueError that offers the nearest names.

    >>> find("gpus", "a100-80gb")
    Traceback (most recent call last):
        ...
    ValueError: unknown gpu 'a100-80gb'; did you mean a100-sxm-80gb or a100-pcie-80gb or h100-sxm-80gb?
    """
    return table(kind)[_known(name, table(kind), kind.removesuffix("s").replace("_", " "))]


def _known(name, known, what):
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}{nearest(name, known) or '; known: ' + ', '.join(known)}")
    return name


def _record(record, row):
    numbers = {field.name for field in fields(record) if field.type is float}
    # A value that the source does not give stays None, never 0.
    return record(**{key: (float(text) if text else None) if key in numbers else text for key, text in row.items()})
