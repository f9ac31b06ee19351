"""Fit every coefficient of `fits.csv` to the measurements, leave out one source at a time, and make intervals of it.

`make fit` prints what fits beside what the facts state; with WRITE=1 it writes values and ranges. `make left-out` fits
without each source and writes `left_out.csv` and `regimes.csv`.

The rule is one for all. A row is off by the logarithm e of predicted over measured; its distance is
sqrt(e^2 + 0.1^2) - 0.1, a square where it is below what two reports differ by, and else as large as it is. Rows of a
source have a mean, and the mean over sources is least. Coefficients of the same rows are fitted together, in turn and
in ever smaller steps, groups in the order of the table. A source that is left out changes the groups that it is in.
The range of a coefficient is what sources one by one would make of it: from the 10 % to the 90 % quantile of those that
tell it, and at least from the least to the largest value that leaving one out gives.
"""

import csv
import math
import os
import re
import sys
from functools import cache
from statistics import fmean, median

from costlib import validation
from costlib.base.files import csv_text, write_whole
from costlib.compute.coefficients import published
from costlib.facts import catalog, regimes
from costlib.facts.folder import FOLDER
from costlib.validation import left_out

NOISE = 0.1
STEPS = (1.3, 1.1, 1.03, 1.01)
LEAST = 1e-6  # of a distance, below which a step is none
TELLS = 0.02  # how much a tenth of a coefficient must change the distance of a source that tells it
SIZES = {"tokens": ("sequence_length", "mean_tokens", "prompt_tokens response_tokens"), "gpus": ("gpus",),
         "parameters": ("parameters",)}  # fmt: skip
BY = {"source": "costofalignment", "status": "derived"}


def blocks():
    """Coefficients that are fitted together, with the groups or regimes of their rows, in the order of the table."""
    found = {}
    for row in catalog.table("fits").values():
        found.setdefault(row.fitted_to, []).append(row.name)
    return found


def cases(groups, coefficients):
    """Cases of some groups by source, read with some Coefficients."""
    result, found = validation.evaluated(coefficients), {}
    rows = dict.fromkeys(p.case for group in groups.split("|") for p in result.of(group))
    for case in rows:
        if case.unit != "USD":  # a price is a time again
            found.setdefault(left_out.source(case), []).append(case)
    return found


def distance(found, coefficients, skipped=None):
    """Mean over sources, but one, of the mean distance of their rows."""
    return fmean(each for key, each in distances(found, coefficients).items() if key != skipped)


def distances(found, coefficients):
    """Mean distance of the rows of each source."""
    return {key: fmean(map(_distance, rows, [coefficients] * len(rows))) for key, rows in found.items()}


def _distance(case, coefficients):
    return math.hypot(left_out.error(case, float(case.predict(coefficients))), NOISE) - NOISE


def fitted(names, found, coefficients, skipped=None, steps=STEPS, seen=None):
    """Values of some coefficients at which the distance is least, each between its ends.

    A source may be skipped; `seen` keeps the distances at places that were tried with the same other coefficients.
    """
    seen = {} if seen is None else seen

    def reached(values):
        place = tuple(values.values())
        if place not in seen:
            seen[place] = distances(found, coefficients.replaced(values))
        return fmean(each for key, each in seen[place].items() if key != skipped)

    ends = {name: (row.low, row.high) for name in names for row in [catalog.find("fits", name)]}
    values = {name: min(max(coefficients[name], low), high) for name, (low, high) in ends.items()}
    best = reached(values)
    for step in steps:
        moved = True
        while moved:
            moved = False
            for name in names:
                for factor in (step, 1 / step):
                    while True:
                        low, high = ends[name]
                        tried = values | {name: min(max(values[name] * factor, low), high)}
                        there = reached(tried)
                        if there > best - LEAST:
                            break
                        values, best, moved = tried, there, True
    return values


def digits(values):
    return {name: float(f"{value:.3g}") for name, value in values.items()}


def settled(coefficients=None, rounds=6):
    """Coefficients that were fitted to all rows, read again with what was found until nothing moves by a hundredth."""
    known = coefficients or published()
    for _ in range(rounds):
        before = known
        for groups, names in blocks().items():
            if found := cases(groups, known):
                known = known.replaced(digits(fitted(names, found, known)))
        if all(abs(math.log(known[name] / (before[name] or 1))) < 0.01 for name in catalog.table("fits")):
            break
    return known


def without(coefficients, keys=None):
    """Values by source and coefficient, fitted without that source; of all sources with rows in a fit, or of some."""
    found = {}
    for groups, names in blocks().items():
        rows, seen = cases(groups, coefficients), {}
        if len(rows) < 2:
            continue
        whole = coefficients.replaced(fitted(names, rows, coefficients, seen=seen))
        for key in sorted(set(keys or rows) & set(rows)):
            before = found.get(key, {})
            places = {} if before else seen
            values = fitted(names, rows, whole.replaced(before), key, STEPS[1:], places)
            found[key] = before | digits(values)
    return found


def ranges(coefficients, found):
    """Least and largest value of each fitted coefficient, by what sources make of it alone."""
    ends = {}
    for groups, names in blocks().items():
        rows = cases(groups, coefficients)
        for name in names:
            alone = []
            for key, each in rows.items():
                own, middle = {key: each}, distance({key: each}, coefficients)
                moves = [distance(own, coefficients.replaced({name: coefficients[name] * f})) for f in (0.9, 1 / 0.9)]
                if max(abs(move - middle) for move in moves) >= TELLS * middle + 1e-4:
                    alone.append((key, math.log(fitted([name], own, coefficients)[name])))
            low, high = left_out.ends(alone) if len(alone) > 1 else (math.inf, -math.inf)
            every = [math.log(values[name]) for values in found.values() if name in values]
            every.append(math.log(coefficients[name]))
            ends[name] = tuple(digits(dict(enumerate(map(math.exp, (min(low, *every), max(high, *every)))))).values())
    return ends


def regime_rows():
    """Rows of `regimes.csv`, from the errors of the committed coefficients that were fitted without each source."""
    result = validation.own(False)
    scored = validation.scored(result)
    errors, largest = left_out.pools(scored), _largest(scored)
    for row in _rows("regimes"):
        found = left_out.interval(row["name"], errors)
        of = found.of if found else ""
        ends = {key: f"{getattr(found, key):.4g}" for key in ("low", "high")} if found else {}
        counts = {"rows": found.rows, "sources": found.sources, "of": of} if found else {}
        kept = {key: row[key] for key in ("name", "parent", "apart", "scale")}
        kept["note"] = row["note"] or "Errors of sources left out of the fit."
        yield dict.fromkeys(row, "") | kept | ends | counts | largest.get(of, {}) | BY | {"locator": "make left-out"}


def _largest(predicted):
    """The largest sequence, number of GPUs and model of each regime, and the year of its latest source."""
    tables = {row["name"]: row for name in validation.OWN for _, row in validation.own_table(name).rows}
    found = {}
    for each in predicted:
        row = tables[each.case.id]
        sizes = {name: max(sum(float(row.get(part) or 0) for part in each.split()) for each in columns)
                 for name, columns in SIZES.items()}  # fmt: skip
        sizes["parameters"] = sizes["parameters"] or _parameters(row["model"])
        sizes["year"] = max(map(int, re.findall(r"[a-z](20\d\d)", row["source"])), default=0)
        for name in regimes.pooled(left_out.regime(each.case)):
            known = found.setdefault(name, dict.fromkeys(sizes, 0))
            known |= {part: max(known[part], size) for part, size in sizes.items()}
    return {name: {part: f"{size:.12g}" for part, size in sizes.items() if size} for name, sizes in found.items()}


@cache
def _parameters(name):
    models = catalog.table("models")
    return models[name].parameters if name in models else 0


def _rows(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(name, rows):
    rows = list(rows)
    write_whole(FOLDER / f"{name}.csv", csv_text([list(rows[0]), *(list(row.values()) for row in rows)]))


def left_out_rows(found):
    for key, values in sorted(found.items()):
        for name, value in values.items():
            yield {"name": f"{key}/{name}", "coefficient": name, "value": f"{value:g}", "source": key,
                   "locator": "make left-out", "status": "derived", "note": "Refitted."}  # fmt: skip


def fit(write):
    """Print what is stated beside what fits; write values and ranges where it is asked for."""
    stated, known = published(), settled()
    spans = ranges(known, without(known))
    for groups, names in blocks().items():
        found = cases(groups, known)
        print(f"{groups.replace('|', ', ')}: {sum(map(len, found.values()))} rows of {len(found)} sources")
        if not found:
            continue
        for name in names:
            row = catalog.find("fits", name)
            edge = ", at its bound" if known[name] in (row.low, row.high) else ""
            low, high = spans[name]
            print(f"  {name:30} stated {stated[name]:<8g} fitted {known[name]:<8g} {low:g} to {high:g}{edge}")
        for word, each in (("stated", stated), ("fitted", known)):
            logs = [left_out.error(case, float(case.predict(each))) for rows in found.values() for case in rows]
            print(
                f"  {word}: distance {distance(found, each):.4f}; median factor {math.exp(median(map(abs, logs))):.3f}"
            )
    if write:
        rows = _rows("coefficients")
        for row in rows:
            if row["name"] in spans:
                low, high = spans[row["name"]]
                row |= {"value": f"{known[row['name']]:g}", "low": f"{low:g}", "high": f"{high:g}"}
        _write("coefficients", rows)


def main():
    if "regimes" in sys.argv:
        _write("regimes", regime_rows())
    elif "left-out" in sys.argv:
        _write("left_out", left_out_rows(without(published())))
        catalog._table.cache_clear()
        left_out.coefficients.cache_clear()
        _write("regimes", regime_rows())
    else:
        fit(os.environ.get("WRITE") == "1")


if __name__ == "__main__":
    main()
