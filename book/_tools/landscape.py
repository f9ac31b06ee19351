"""The table of facts behind the chapter on the landscape, from the summary of a sweep.

costlib sweep notebooks/sweeps/landscape.yml -o landscape --summary
python book/_tools/landscape.py landscape
"""

import json
import sys
from pathlib import Path

from costlib.base.files import csv_text, read_rows, write_whole
from costlib.facts import parameters, schema
from costlib.facts.folder import FOLDER
from costlib.sweeping.landscape import SAVED, TIMES, WAYS

SWEEP = "notebooks/sweeps/landscape.yml"
COMMAND = f"costlib sweep {SWEEP} -o landscape --summary"
COUNTS = (*(f"{way}_{times}" for way in WAYS for times in TIMES), *(f"saved_{amount}" for amount in SAVED))
WHERE = ("x_low", "x_high", "y_low", "y_high")


def rows(folder):
    """Return the rows of the table from a folder that the command :data:`COMMAND` has made.

    Parameters
    ----------
    folder : with sweep.json, outputs.csv, conditional.csv and maps.csv

    Returns
    -------
    list of dicts with the columns of landscape.csv
    """
    made = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    whole = {row["output"]: row for row in read_rows(folder / "outputs.csv") if row["output"] in COUNTS}
    note = f"{COMMAND} (costlib {made['costlib']}, seed {made['plan']['seed']}, {made['points']:,} points)"
    found = [_row("all", "all", whole.values(), note=note)]
    for place, cell in _cells(read_rows(folder / "maps.csv"), ("x", *WHERE)):
        x, *ends = place
        kind = "prices" if x == "price_usd_per_gpu_hour" else "sizes"
        where = dict(zip(WHERE, map(_short, ends), strict=True))
        model = where.pop("y_low") if kind == "sizes" else ""
        if model:
            del where["y_high"]
        name = "-".join([kind, where["x_low"], model or where["y_low"]])
        found.append(_row(name, kind, cell, model=model, **where))
    inputs = _inputs(read_rows(folder / "conditional.csv"))
    for low, high, cell in inputs["num_pairs_m1"]:
        found.append(_row(f"pairs-{_short(low)}", "pairs", cell, x_low=_short(low), x_high=_short(high)))
    for name, bins in inputs.items():
        for end, (low, high, cell) in (("low", bins[0]), ("high", bins[-1])):
            if name == "policy_model":
                found.append(_row(f"ends-{name}-{end}", "ends", cell, model=low, parameter=name))
            else:
                ends = {"x_low": _short(low), "x_high": _short(high)}
                found.append(_row(f"ends-{name}-{end}", "ends", cell, parameter=name, **ends))
    return found


def write(folder, target):
    """Write the table of a folder as CSV."""
    names = list(schema.columns("landscape"))
    write_whole(target, csv_text([names, *([row.get(name) for name in names] for row in rows(Path(folder)))]))


def _cells(table, keys):
    """Yield the place of each cell and its rows, one for each output that is counted."""
    found = {}
    for row in table:
        if row["output"] in COUNTS:
            found.setdefault(tuple(row[key] for key in keys), []).append(row)
    yield from found.items()


def _inputs(table):
    found = {}
    for (name, low, high), cell in _cells(table, ("input", "low", "high")):
        found.setdefault(name, []).append((low, high, cell))
    known = parameters.vocabulary()
    # A list of names is in the order of the sweep file, from the smallest model to the largest.
    return {name: sorted(bins, key=lambda each: float(each[0])) if known[name].type is not str else bins
            for name, bins in found.items()}  # fmt: skip


def _row(name, kind, cell, note="see all", **where):
    counted = {row["output"]: round(float(row["mean"]) * int(row["points"])) for row in cell}
    points = int(next(iter(cell))["points"])
    source = {"source": "costofalignment", "locator": "landscape.yml", "status": "derived", "note": note}
    return {"name": name, "map": kind, **where, "points": points, **counted, **source}


def _short(text):
    return f"{float(text):.6g}" if text.replace(".", "", 1).isdigit() else text


if __name__ == "__main__":
    write(sys.argv[1], Path(FOLDER, "landscape.csv"))
