"""A reader's own hardware: a GPU and coefficients calibrated on it, in place of the book's.

`costlib calibrate` writes such a file. Whoever is given it finds the GPU in the catalogue beside the others, and the
coefficients that it gives in place of the published ones, values and ranges. A process started with the variable
COSTLIB_HARDWARE has what it holds, as JSON, as a constant; that is how the chapters of a re-run receive it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from costlib.base.errors import FileError
from costlib.base.files import read_scenario
from costlib.base.text import nearest, printable, shown, unknown
from costlib.facts import schema

VARIABLE = "COSTLIB_HARDWARE"
# Lines of a GPU, and whether a file must have them; what is allowed is said in columns.csv and coefficients.csv.
NUMBERS = {"bf16_dense_tflops": True, "hbm_gb": True, "hbm_bandwidth_gb_per_s": True, "fp8_dense_tflops": False,
           "flash_attention_share": False, "link_gb_per_s": False, "network_gb_per_s": False,
           "tdp_w": False}  # fmt: skip
TEXTS = {"name": True, "label": True, "device": True, "precision": False}
LONGEST = 100  # letters of a text
PRECISIONS = ("bf16", "fp32")
PARTS = ("gpu", "coefficients", "kept", "how")
ENDS = ("low", "value", "high")


@dataclass(frozen=True, eq=False)
class Hardware:
    """A GPU as columns of gpus.csv, the device as it names itself, and value, low and high of coefficients by name.

    `text` is the content of its file as JSON. The same content is the same object.
    """

    gpu: Mapping[str, Any]
    device: str
    precision: str
    coefficients: Mapping[str, Mapping[str, float]]
    text: str

    @property
    def given(self) -> dict[str, Any]:
        """The content of its file."""
        found: dict[str, Any] = json.loads(self.text)
        return found


class _Unreadable:
    """In place of a Hardware that cannot be read: whoever asks it for anything is told why."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        raise FileError(self._message)


def room_gb(gpu: schema.Record) -> float:
    """Return what a program can have of the memory of a GPU: what CUDA reports where it is known, else its size [GB].

    >>> round(room_gb(schema.parse("gpus", {"hbm_gb": "80", "usable_gib": "79.25"})), 1)
    85.1
    """
    usable = gpu.get("usable_gib")
    return float(gpu.hbm_gb if usable is None else usable * 2**30 / 1e9)


def expected(own: Any) -> Hardware | None:
    """Return a Hardware or None, or raise a ValueError for anything else."""
    if own is None or isinstance(own, Hardware | _Unreadable):
        return own  # type: ignore[return-value]
    raise ValueError(f"hardware must be one of costlib.facts.hardware.read, got {shown(own)}")


def read(path: str | Path | None = None) -> Hardware | None:
    """Return the Hardware of a file, without one that of this process; a ValueError names the file."""
    if path is None:
        return OF_PROCESS
    if not isinstance(path, str | Path):
        raise ValueError(f"hardware must be the path of a file of costlib calibrate, got {shown(path)}")
    try:
        return checked(read_scenario(path))
    except FileError:
        raise
    except ValueError as error:
        raise ValueError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from error


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
    problems = unknown("part", values, PARTS)
    gpu: Any = values.get("gpu")
    given: Any = {} if values.get("coefficients") is None else values["coefficients"]
    for name, part in (("gpu", gpu), ("coefficients", given)):
        if not isinstance(part, dict):
            raise ValueError(f"{name} of a hardware file must be lines of 'name: value', got {shown(part)}")
    problems += [*_text_problems(gpu), *_number_problems(gpu), *_coefficient_problems(given)]
    if problems:
        raise ValueError("\n".join(problems))
    return _made(json.dumps(values, default=shown))


@lru_cache(maxsize=16)
def _made(text: str) -> Hardware:
    """The Hardware of a checked content: one for the same text, since caches know it by identity."""
    values = json.loads(text)
    gpu, given = values["gpu"], values.get("coefficients") or {}
    known = {name: float(value) for name, value in gpu.items() if name in NUMBERS and value is not None}
    record = {"name": gpu["name"], "label": gpu["label"]} | dict.fromkeys(NUMBERS) | known
    ranges = {name: MappingProxyType({end: float(part[end]) for end in ENDS}) for name, part in given.items()}
    return Hardware(MappingProxyType(record), gpu["device"], gpu.get("precision", "bf16"), MappingProxyType(ranges),
                    text)  # fmt: skip


def _text_problems(gpu: dict[str, Any]) -> Iterator[str]:
    for name in gpu:
        if name not in NUMBERS and name not in TEXTS:
            yield f"unknown line gpu.{printable(str(name))[:LONGEST]}{nearest(name, [*NUMBERS, *TEXTS])}"
    for name, needed in TEXTS.items():
        text: Any = gpu.get(name)
        if name not in gpu and needed:
            yield f"gpu.{name} is missing"
        elif name in gpu and not (isinstance(text, str) and text.strip()):
            yield f"gpu.{name} must be a text, got {shown(text)}"
        elif name in gpu and not (text.isprintable() and len(text) <= LONGEST):
            yield f"gpu.{name} must be a line of at most {LONGEST} letters, got {shown(text)}"
    if isinstance(precision := gpu.get("precision", "bf16"), str) and precision not in PRECISIONS:
        yield f"gpu.precision must be {' or '.join(PRECISIONS)}, got {shown(precision)}"
    if isinstance(own := gpu.get("name"), str) and own in published("gpus"):
        yield f"gpu.name must not be one of the catalogue, got {shown(own)}"


def _number_problems(gpu: dict[str, Any]) -> Iterator[str]:
    for name, needed in NUMBERS.items():
        column = schema.column("gpus", name)
        said = f"gpu.{name} [{column.unit.split(',')[0] or '-'}]"
        if name not in gpu:
            if needed:
                yield f"{said} is missing"
        elif gpu[name] is None and not needed:
            continue
        elif not (column.limits and column.limits.hold(gpu[name])):
            yield f"{said} must be {column.limits}, got {shown(gpu[name])}"


def _coefficient_problems(given: dict[str, Any]) -> Iterator[str]:
    known = published("coefficients")
    for name, part in given.items():
        if name not in known:
            yield f"unknown coefficient {shown(name)}{nearest(name, known)}"
        elif not isinstance(part, dict) or part.keys() != set(ENDS):
            yield f"{name} must have value, low and high, got {shown(part)}"
        else:
            span, numbers = allowed(name), [part[end] for end in ENDS]
            if not all(map(span.hold, numbers)):
                yield f"{name} [{known[name]['unit']}] must be {span} in value, low and high, got {shown(part)}"
            elif numbers != sorted(numbers):
                yield f"{name} [{known[name]['unit']}] must have low <= value <= high, got {shown(part)}"


def allowed(coefficient: str) -> schema.Limits:
    """Return the values that a reader's hardware may give a coefficient.

    >>> str(allowed("matmul-fraction"))
    'a number from 0.001 to 1'
    """
    found = schema.limits(published("coefficients")[coefficient]["allowed"])
    assert found is not None
    return found


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
        return known | {own.gpu["name"]: {**own.gpu} | facts | {"status": "derived", "note": "The reader's own."}}
    calibrated = {"locator": "costlib calibrate", "status": "derived", "note": "Calibrated on the reader's hardware."}
    return known | {name: known[name] | {**own.coefficients[name]} | calibrated for name in own.coefficients}


def _of_process() -> Any:
    """What the variable holds: Hardware, None, or in place of what cannot be read the reason, for those who use it."""
    text = os.environ.get(VARIABLE)
    try:
        return checked(json.loads(text)) if text else None
    except (ValueError, RecursionError) as error:
        no_json = isinstance(error, json.JSONDecodeError | RecursionError)
        lines = [f"must hold a hardware file as JSON, got {shown(text)}"] if no_json else str(error).splitlines()
        return _Unreadable("\n".join(f"the variable {VARIABLE}: {line}" for line in lines))


# The Hardware with which this process was started, or None.
OF_PROCESS: Hardware | None = _of_process()
