"""A reader's own hardware: a GPU and coefficients calibrated on it, in place of the book's.

`costlib calibrate` writes such a file. Whoever is given it finds the GPU in the catalogue beside the others, and the
coefficients that it gives in place of the published ones, values and ranges. A process started with the variable
COSTLIB_HARDWARE has what it holds, as JSON, as a constant; that is how the chapters of a re-run receive it.
"""

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlib.errors import FileError
from costlib.facts import schema
from costlib.files import read_scenario
from costlib.text import nearest, shown

VARIABLE = "COSTLIB_HARDWARE"
NUMBERS = {
    "bf16_dense_tflops": ("TFLOP/s", True), "hbm_gb": ("GB", True), "hbm_bandwidth_gb_per_s": ("GB/s", True),
    "fp8_dense_tflops": ("TFLOP/s", False), "flash_attention_share": ("fraction", False),
    "link_gb_per_s": ("GB/s", False), "network_gb_per_s": ("GB/s", False), "tdp_w": ("W", False),
}  # fmt: skip
TEXTS = {"name": True, "label": True, "device": True, "precision": False}
PRECISIONS = ("bf16", "fp32")
PARTS = ("gpu", "coefficients", "kept", "how")
# Shares of a peak, of memory, or of time; none can be above these.
MOST = {"share of dense peak": 1, "share of peak bandwidth": 1, "share of memory": 1, "share of the time": 1}


@dataclass(frozen=True, eq=False)
class Hardware:
    """A GPU as columns of gpus.csv, the device as it names itself, and value, low and high of coefficients by name."""

    gpu: dict[str, Any]
    device: str
    precision: str
    coefficients: dict[str, dict[str, float]]
    given: dict[str, Any]


def read(path: str | Path | None = None) -> Hardware | None:
    """Return the Hardware of a file, without one that of this process; a ValueError names the file."""
    try:
        return checked(read_scenario(path)) if path else OF_PROCESS
    except FileError:
        raise
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def checked(values: Any) -> Hardware:
    """Return the Hardware of a file's content, or raise one ValueError that lists everything wrong with it.

    Parameters
    ----------
    values : dict with `gpu` (name, label, device, peak, memory and bandwidth) and, if any were calibrated,
        `coefficients` (name: value, low and high); `kept` and `how` say where the numbers come from and are not used

    Raises
    ------
    ValueError : unknown or missing names (with the nearest ones), no numbers, values out of range, low above high, a
        name that the catalogue has

    Examples
    --------
    >>> gpu = {"name": "mine", "label": "Mine", "device": "cpu", "bf16_dense_tflops": 0.2, "hbm_gb": 16}
    >>> checked({"gpu": gpu})
    Traceback (most recent call last):
        ...
    ValueError: gpu.hbm_bandwidth_gb_per_s [GB/s] is missing
    """
    if not isinstance(values, dict):
        raise ValueError(f"a hardware file must hold 'gpu' and 'coefficients', got a {type(values).__name__}")
    problems = [f"unknown part {shown(name)}{nearest(name, PARTS)}" for name in values if name not in PARTS]
    gpu: Any = values.get("gpu")
    given: Any = values.get("coefficients") or {}
    for name, part in (("gpu", gpu), ("coefficients", given)):
        if not isinstance(part, dict):
            raise ValueError(f"{name} of a hardware file must be lines of 'name: value', got {shown(part)}")
    problems += [*_gpu_problems(gpu), *_coefficient_problems(given)]
    if problems:
        raise ValueError("\n".join(problems))
    known = {name: float(value) for name, value in gpu.items() if name in NUMBERS and value is not None}
    record = {"name": gpu["name"], "label": gpu["label"]} | dict.fromkeys(NUMBERS) | known
    ranges = {name: {key: float(part[key]) for key in ("value", "low", "high")} for name, part in given.items()}
    return Hardware(record, gpu["device"], gpu.get("precision", "bf16"), ranges, values)


def _gpu_problems(gpu: dict[str, Any]) -> Iterator[str]:
    for name in gpu:
        if name not in NUMBERS and name not in TEXTS:
            yield f"unknown line gpu.{name}{nearest(name, [*NUMBERS, *TEXTS])}"
    for name, needed in TEXTS.items():
        if name not in gpu and needed:
            yield f"gpu.{name} is missing"
        elif name in gpu and not (isinstance(gpu[name], str) and gpu[name].strip()):
            yield f"gpu.{name} must be a text, got {shown(gpu[name])}"
    if gpu.get("precision", "bf16") not in PRECISIONS:
        yield f"gpu.precision must be {' or '.join(PRECISIONS)}, got {shown(gpu['precision'])}"
    if gpu.get("name") in published("gpus"):
        yield f"gpu.name must not be one of the catalogue, got {shown(gpu['name'])}"
    for name, (unit, needed) in NUMBERS.items():
        if name not in gpu:
            if needed:
                yield f"gpu.{name} [{unit}] is missing"
        elif not (_above_0(gpu[name]) or (gpu[name] is None and not needed)):
            yield f"gpu.{name} [{unit}] must be a finite number above 0, got {shown(gpu[name])}"


def _coefficient_problems(given: dict[str, Any]) -> Iterator[str]:
    known = published("coefficients")
    for name, part in given.items():
        if name not in known:
            yield f"unknown coefficient {shown(name)}{nearest(name, known)}"
        elif not isinstance(part, dict) or not {"value", "low", "high"} <= part.keys():
            yield f"{name} must have value, low and high, got {shown(part)}"
        else:
            unit, numbers = known[name]["unit"], [part[key] for key in ("low", "value", "high")]
            if not all(map(_above_0, numbers)):
                yield f"{name} [{unit}] must have finite numbers above 0, got {shown(part)}"
            elif numbers != sorted(numbers):
                yield f"{name} [{unit}] must have low <= value <= high, got {shown(part)}"
            elif numbers[-1] > MOST.get(unit, math.inf):
                yield f"{name} [{unit}] must be at most {MOST[unit]}, got {shown(part)}"


def _above_0(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf


def published(table: str) -> dict[str, dict[str, str]]:
    """Return the book's own rows of a table of facts, by name; cells are texts."""
    return {row["name"]: row for row in schema.rows(table)}


def rows(table: str, own: Hardware | None = None) -> dict[str, dict[str, Any]]:
    """Return the rows of a table of facts, by name, with those of a Hardware where one is given; cells are texts."""
    known: dict[str, dict[str, Any]] = published(table)
    if own is None or table not in ("gpus", "coefficients"):
        return known
    if table == "gpus":
        measured = dict.fromkeys(("best_matmul_tflops", "best_fp8_matmul_tflops"))
        facts = measured | {"source": "costofalignment", "locator": "costlib calibrate"}
        return known | {own.gpu["name"]: own.gpu | facts | {"status": "derived", "note": "The reader's own."}}
    calibrated = {"locator": "costlib calibrate", "status": "derived", "note": "Calibrated on the reader's hardware."}
    return known | {name: known[name] | own.coefficients[name] | calibrated for name in own.coefficients}


def _of_process() -> Hardware | None:
    text = os.environ.get(VARIABLE)
    return checked(json.loads(text)) if text else None


# The Hardware with which this process was started, or None.
OF_PROCESS = _of_process()
