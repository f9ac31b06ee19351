"""Price files of others, read into our columns: a provider of the SkyPilot catalogue, the price file of LiteLLM.

Neither says when its prices were true, nor the first whose they are: the reader gives it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from costlib.base.errors import FileError
from costlib.base.files import csv_text, read_text
from costlib.base.text import number, printable, shown
from costlib.facts import names, prices, schema

SKYPILOT = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")
KINDS = {"Price": "on-demand", "SpotPrice": "spot"}
SIZES = {"A100": 40, "V100": 16}  # GB of a GPU there whose name says none
JUDGES = ("name", "label", "provider", "usd_per_million_input", "usd_per_million_cached_input",
          "usd_per_million_output", "batch_discount", "price_date", "price_locator", "retires", "source", "locator",
          "status", "note")  # fmt: skip
WRITES = ("chat", "completion", "responses")  # modes of a model that can judge
LONGEST = 200  # letters of a name
DEALS = "marketplace"


class ReadPrices(NamedTuple):
    """A file in our columns: its CSV, GPUs or judges as `kind`, how many `rows` it has, and what was not read."""

    text: str
    kind: str
    rows: int
    left_out: str


def imported(path: str | Path, date: str | None, provider: str | None = None, source: str | None = None) -> ReadPrices:
    """Return a price file of others in our columns.

    Parameters
    ----------
    path : CSV file of a provider in the SkyPilot catalogue, or LiteLLM's model_prices_and_context_window.json
    date : of the prices, as year-month-day or year-month
    provider : who rents out, for the first; None takes the folder of a file vms.csv
    source : where the file is from; None says its form

    Raises
    ------
    ValueError : for another file, a missing date or provider, a number that is none, names that no line takes
    """
    text, name = read_text(path, prices.MOST_BYTES), printable(str(path)).replace("\n", " ")
    if not date:
        raise ValueError(f"--date must be given, such as 2026-11-27: {name} does not say when its prices were true")
    prices.checked_date(date, "--date")
    try:
        if text.lstrip().startswith("{"):
            return _judges(text, date, source or "LiteLLM price file", Path(path).name)
        return _gpus(text, date, _provider(path, provider), source or "SkyPilot catalogue", Path(path).name)
    except ValueError as error:
        raise FileError(f"{name}: {error}") from error


def _provider(path: str | Path, given: str | None) -> str:
    known = {row.provider.lower(): row.provider for row in prices.published().rows}
    found = given or (Path(path).resolve().parent.name if Path(path).stem == "vms" else "")
    if not found:
        raise ValueError("it does not say who rents these out: --provider does")
    return known.get(_name(found, "--provider").lower(), found)


def _name(text: object, what: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST or not text.isprintable():
        raise ValueError(f"{what} must be a line of 1 to {LONGEST} letters, got {shown(text)}")
    return text


def _gpus(text: str, date: str, provider: str, source: str, file: str) -> ReadPrices:
    """Rows of gpu_prices.csv; the same price in several regions is one."""
    lines = csv.DictReader(io.StringIO(text), restkey="")
    if missing := [each for each in SKYPILOT if each not in (lines.fieldnames or ())]:
        raise ValueError(f"it is no price file of SkyPilot (no column {missing[0]}) nor of LiteLLM (no JSON object)")
    kinds = {row.kind for row in prices.published().rows if row.provider == provider}
    listed = DEALS if DEALS in kinds and "on-demand" not in kinds else "on-demand"
    found: dict[tuple[Any, ...], list[str]] = {}
    unknown: dict[str, None] = {}
    try:
        for cells in lines:
            where = f"line {lines.line_num}"
            if "" in cells or None in cells.values():
                raise ValueError(f"{where} has not as many cells as the first")
            if not (chip := cells["AcceleratorName"]):
                continue  # a machine without a GPU
            if (gpu := _gpu(chip, cells.get("GpuInfo", ""))) is None:
                unknown[printable(chip[:LONGEST])] = None
                continue
            count = _number(cells["AcceleratorCount"], f"{where}, AcceleratorCount", 1e4)
            for column, kind in KINDS.items():
                if cells.get(column):
                    usd = _number(cells[column], f"{where}, {column} [USD per hour]", 1e7)
                    key = (_name(cells["InstanceType"], f"{where}, InstanceType"), gpu, count, usd,
                           listed if column == "Price" else kind)  # fmt: skip
                    found.setdefault(key, []).append(cells["Region"])
            if len(found) > prices.MOST_ROWS:
                raise ValueError(f"it has more than {prices.MOST_ROWS:,} prices, which is too much to be read")
    except csv.Error as error:
        raise ValueError(f"line {lines.line_num}: {error}") from error
    header = [*schema.columns("gpu_prices")]
    rows = [_row(number, key, regions, date, provider) | {"source": source, "locator": file, "status": "secondary"}
            for number, (key, regions) in enumerate(found.items(), 1)]  # fmt: skip
    left_out = f"GPUs that we do not know: {', '.join([*unknown][:8])}" if unknown else ""
    content = csv_text([header, *([row.get(name) for name in header] for row in rows)])
    return ReadPrices(content, "GPUs", len(rows), left_out)


def _row(number: int, key: tuple[Any, ...], regions: list[str], date: str, provider: str) -> dict[str, Any]:
    instance, gpu, count, usd, kind = key
    slug = re.sub(r"[^a-z0-9]+", "-", f"{provider} {instance} {kind} {date}".lower()).strip("-")
    several = {*regions}
    return {"name": f"{slug}-{number}", "provider": provider, "instance": instance, "gpu": gpu,
            "gpus_per_instance": f"{count:g}", "region": regions[0] if len(several) == 1 else f"{len(several)} regions",
            "usd_per_instance_hour": usd, "usd_per_gpu_hour": usd / count, "kind": kind,
            "valid_from": date}  # fmt: skip


def _gpu(chip: str, told: str) -> str | None:
    """The GPU that a name there means, by the memory told beside it; None for none of ours."""
    size = re.search(r"SizeInMiB\W{1,6}(\d{4,7})\b", told)
    sized = [round(int(size[1]) / 1024)] if size else []
    plain = re.sub(r"-\d{2,3}GB?(?=-|$)", "", chip)
    for name in [*(f"{plain} {gb}GB" for gb in sized), *([f"{chip} {SIZES[chip]}GB"] if chip in SIZES else []), chip]:
        try:
            return names.gpu(name, None)
        except ValueError:
            continue
    return None


def _number(text: object, what: str, most: float) -> float:
    value = number(text) if isinstance(text, str) else text
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise ValueError(f"{what} must be a number above 0 to {most:,.0f}, got {shown(text)}")
    return float(value)


def _judges(text: str, date: str, source: str, file: str) -> ReadPrices:
    """Rows of judge_prices.csv of all models that read and write text for money."""
    entries = _json(text)
    rows: list[dict[str, Any]] = []
    for name, entry in entries.items():
        if isinstance(entry, dict) and entry.get("mode") in WRITES and name != "sample_spec":
            rows += _judge(_name(name, "a model"), entry)
    if not rows:
        raise ValueError("no model in it has a price of a token that it reads and writes")
    more = {"price_date": date, "source": source, "locator": file, "status": "secondary"}
    cells = ([(row | more).get(column) for column in JUDGES] for row in rows)
    left_out = f"{len(entries) - len(rows)} entries without a price of text" if len(entries) > len(rows) else ""
    return ReadPrices(csv_text([JUDGES, *cells]), "judges", len(rows), left_out)


def _judge(name: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    def usd(key: str) -> float | None:
        """Of a million tokens; a price of nothing is none."""
        given = entry.get(key)
        return None if given in (None, 0) else round(1e6 * _number(given, f"{name}, {key} [USD per token]", 1), 9)

    read, written = usd("input_cost_per_token"), usd("output_cost_per_token")
    if read is None or written is None:
        return
    waits, room = usd("input_cost_per_token_batches"), [entry.get(f"max_{end}_tokens") for end in ("input", "output")]
    known = [f"{most:,.0f} tokens {way}" for most, way in zip(room, ("in", "out"), strict=True)
             if isinstance(most, int | float) and not isinstance(most, bool)]  # fmt: skip
    end = entry.get("deprecation_date")
    retires = prices.checked_date(_name(end, name), f"{name}, deprecation_date") if end else None
    yield {
        "name": name, "label": name, "provider": printable(str(entry.get("litellm_provider", ""))[:LONGEST]),
        "usd_per_million_input": read, "usd_per_million_cached_input": usd("cache_read_input_token_cost"),
        "usd_per_million_output": written, "batch_discount": None if waits is None else round(1 - waits / read, 9),
        "price_locator": f"key {name}", "retires": retires,
        "note": f"At most {' and '.join(known)}." if known else None,
    }  # fmt: skip


def _json(text: str) -> dict[str, Any]:
    def refused(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(name for name in found if sum(name == each for each, _ in pairs) > 1)
            raise ValueError(f"{shown(twice)} is given twice")
        return found

    try:
        found = json.loads(text, parse_constant=refused, object_pairs_hook=once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is no JSON: {error.msg}") from error
    if not isinstance(found, dict):
        raise ValueError("it must hold models by name")
    return found
