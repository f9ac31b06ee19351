"""Coefficients of a machine from rows that were measured on it: least squares of logarithms, in a few documented steps.

1. Half of the rows calibrate, by the rule of :func:`costlib.validation.readers.steps.calibrates`; the other half only
   reports errors.
2. Peak, bandwidth and memory are the catalogue's. Where it does not have the device, they are the best matrix product,
   the fastest copy and the memory that were read on it. The share of the bandwidth is the median of the copies.
3. All coefficients of time are fitted together: the sum of the squared logarithms of predicted over measured seconds is
   smallest. Those of memory likewise, on the peaks of the allocator.
4. A coefficient stays as in the book unless at least three rows answer to it, and its standard error, beside the other
   coefficients, is at most a quarter of it.
   Where rows contradict the book's value without telling another, as with a launch that nothing waits for, it is put at
   the value nearest to the book's that they allow: the squares grow by no more than four times their mean.
5. Its range holds 80 % of what single rows would make of it: each row is met by the smallest joint change of the
   coefficients, on the scale of the logarithm, and of these the 10 % and 90 % quantiles are taken. It is at least as
   wide as the 80 % interval of the fit.
"""

import math
from statistics import NormalDist, median
from typing import NamedTuple

import numpy as np

from costlib.base.errors import UnreadableError
from costlib.base.units import GB
from costlib.compute import coefficients
from costlib.compute.recognition import number
from costlib.facts import catalog, hardware
from costlib.facts.names import gpu_in_report
from costlib.validation.readers.steps import DONE, READINGS, calibrates, step_case
from costlib.validation.tables import STEPS

FIRST_LINE = "# Hardware for costlib estimate, rerun and validate --hardware, written by costlib calibrate.\n"
TIME = ("matmul-fraction", "training-attention-fraction", "inference-attention-fraction", "elementwise-bytes",
        "training-launch", "eager-launch", "rl-update-fraction")  # fmt: skip
MEMORY = ("activation-count", "allocator-waste")
GROUPS = {"time": ("own training", "own inference", "own alignment"), "memory": ("own memory",)}
GIVEN = ("bf16_dense_tflops", "hbm_bandwidth_gb_per_s", "hbm_gb")
KEPT = ("flash_attention_share", "link_gb_per_s", "network_gb_per_s")
FEWEST = 3  # rows that must answer to a coefficient
ANSWERS = 0.1  # change of the logarithm of a prediction with that of the coefficient
ERROR = 0.25  # largest standard error of the logarithm of a coefficient
TINY = 1e-3  # slopes below this are rounding
EDGE = 1e-3  # mean square of the residuals by which a bound may lie inside what rows contradict
REACH = math.log(30)  # how far from the book's value a coefficient may come
ROUNDS = 60


class Score(NamedTuple):
    """Median errors of a group and half: with the book's coefficients on this device, and with those found here."""

    group: str
    half: str
    rows: int
    before: float
    after: float


class Calibration(NamedTuple):
    """A GPU, coefficients with value, low, high, the book's value and rows, those kept as in the book, and errors."""

    gpu: dict
    coefficients: dict
    kept: tuple
    scores: tuple
    origin: dict

    def as_dict(self):
        """Return the content of a hardware file."""
        found = {name: {key: part[key] for key in ("value", "low", "high")} for name, part in self.coefficients.items()}
        errors = [f"{s.group}, {s.half} half, {s.rows} rows: {s.after:.1%}, with the book's coefficients {s.before:.1%}"
                  for s in self.scores]  # fmt: skip
        return {"gpu": self.gpu, "coefficients": found, "kept": list(self.kept),
                "how": self.origin | {"median errors": errors}}  # fmt: skip


def calibrate(table, name):
    """Return the Calibration of a table of steps.

    Parameters
    ----------
    table : costlib.validation.tables.MeasurementTable of the kind steps, of one device and precision
    name : of the GPU in the file; not one of the catalogue

    Raises
    ------
    ValueError : for another kind of table, several devices or precisions, no row that was measured, or a device that
        neither the catalogue nor a reading describes
    """
    if table.kind != "steps":
        raise ValueError(f"the table must be one that costlib measure wrote, got a table of {table.kind}")
    rows = [(line, dict.fromkeys(STEPS, "") | row) for line, row in table.rows
            if row.get("status", DONE) in (DONE, "")]  # fmt: skip
    origin = {column: _one(rows, column) for column in ("gpu", "precision")}
    facts = _facts(rows, name, **origin)
    direct, readings = _read_directly(rows, facts)
    known = coefficients.of(hardware.checked({"gpu": facts, "coefficients": direct}))
    cases = _cases(rows, known)
    sides = {side: [c for calibrating, c in cases if calibrating == (side == "calibration")]
             for side in ("calibration", "reported")}  # fmt: skip
    found = {name: part | {"book": _book(name), "rows": readings[name]} for name, part in direct.items()}
    for names, groups in ((TIME, GROUPS["time"]), (MEMORY, GROUPS["memory"])):
        found |= _fitted(names, [case for case in sides["calibration"] if case.group in groups], known)
    if any(name in found for name in TIME):
        # The ranges found here are those of this software; a further one would count it twice.
        found["software-speed"] = {"value": 1.0, "low": 1.0, "high": 1.0, "book": 1.0, "rows": 0}
    after = known.replaced({name: part["value"] for name, part in found.items()})
    scores = tuple(_scores(sides, known, after))
    kept = tuple(name for name in catalog.table("coefficients") if name not in found)
    more = {column: _one(rows, column, several=True) for column in ("driver", "torch", "transformers", "date")}
    return Calibration(facts, found, kept, scores, origin | more | {"rows": len(rows)})


def _one(rows, column, several=False):
    values = sorted({row.get(column, "") for _, row in rows})
    if not rows:
        raise ValueError("no row was measured")
    if len(values) > 1 and not several:
        raise ValueError(f"column {column}: must be the same in all rows, got {' and '.join(values)}")
    return ", ".join(values)


def _facts(rows, name, gpu, precision):
    """The GPU as lines of a hardware file."""
    known = _catalogued(gpu, precision)
    peak, bandwidth, room = (known.get(name) for name in GIVEN)
    sizes = [float(row["device_memory_gb"]) for _, row in rows if row.get("device_memory_gb")]
    products = [number(row, "flops") / number(row, "seconds") / 1e12 for _, row in rows if row["step"] == "matmul"]
    copies = [_copied(row) for _, row in rows if row["step"] == "copy"]
    for what, value in (
        ("matmul", peak or products),
        ("copy", bandwidth or copies),
        ("device_memory_gb", room or sizes),
    ):
        if not value:
            raise ValueError(f"{gpu or 'the device'} is not in the catalogue and no row has a reading of {what}")
    return {"name": name, "label": gpu, "device": gpu, "precision": precision or "bf16",
            "bf16_dense_tflops": _digits(peak or max(products)), "hbm_gb": _digits(room or sizes[0]),
            "hbm_bandwidth_gb_per_s": _digits(bandwidth or max(copies))} | {
                part: known[part] for part in KEPT if known.get(part)}  # fmt: skip


def _catalogued(name, precision):
    """What the catalogue has of the device, by column; nothing where it does not know it."""
    try:
        facts = catalog.find("gpus", gpu_in_report(name)) if precision != "fp32" else None
    except UnreadableError:
        facts = None
    return {part: getattr(facts, part) for part in (*GIVEN, *KEPT)} if facts else {}


def _copied(row):
    """Bytes read and written in a second [GB/s]."""
    width = 4 if row["precision"] == "fp32" else 2
    return 2 * width * number(row, "tokens") / number(row, "seconds") / GB


def _read_directly(rows, facts):
    """Coefficients that are readings of the device, share of the bandwidth and context, and how many of each."""
    found, counts = {}, {}
    shares = [min(1.0, _copied(row) / facts["hbm_bandwidth_gb_per_s"]) for _, row in rows if row["step"] == "copy"]
    contexts = [number(row, "allocated_bytes") / GB for _, row in rows if row["step"] == "context"]
    for name, values in (("memory-bandwidth-fraction", shares), ("framework-memory", contexts)):
        if values:
            ends = map(_digits, (median(values), min(values), max(values)))
            found[name], counts[name] = dict(zip(("value", "low", "high"), ends, strict=True)), len(values)
    return found, counts


def _book(name):
    return coefficients.published()[name]


def _digits(value):
    return float(f"{value:.4g}")


def _cases(rows, known):
    """Cases of all rows of models with whether their row calibrates."""
    found = []
    for line, row in rows:
        if row["step"] in READINGS:
            continue
        try:
            found += [(calibrates(row), case) for case in step_case(line, row, known)]
        except UnreadableError:
            continue  # costlib validate lists the reason
    wanted = {group for groups in GROUPS.values() for group in groups}
    return [(side, case) for side, case in found if case.group in wanted]


# --- the fit --------------------------------------------------------------------------------------------------------


def _fitted(names, cases, known):
    """Coefficients by name with value, low, high, the book's value and the rows that answer."""
    names, edges = list(names), {}
    while names and len(cases) >= FEWEST:
        fit = _Fit(names, cases, known.replaced({name: part["value"] for name, part in edges.items()}))
        place, limits = fit.best()
        slopes, rest = fit.slopes(place), fit.residuals(place)
        errors = _errors(slopes, rest)
        weakest = int(np.argmax(errors))
        if errors[weakest] <= ERROR:
            fitted = {name: _part(name, place[i], slopes, rest, i, limits[i], errors[i])
                      for i, name in enumerate(names)}  # fmt: skip
            return edges | fitted
        if edge := fit.edge(place, weakest, limits[weakest]):
            edges[names[weakest]] = edge
        del names[weakest]
    return edges


class _Fit(NamedTuple):
    """The names of some coefficients, the cases that are to tell them, and all coefficients before."""

    names: list
    cases: list
    known: coefficients.Coefficients

    def best(self):
        """The best of two places: from the book's values, and from launches so short that no row waits for them."""
        book = np.array([math.log(self.known[name]) for name in self.names])
        short = np.array([-2.0 if name.endswith("-launch") else 0.0 for name in self.names])
        limits = np.array([math.log(self.most(name)) for name in self.names])
        places = [_least_squares(self, start, book, limits) for start in (book, book + short)]
        return min(places, key=self.squares), limits

    def squares(self, place):
        """The sum of the squared residuals."""
        rest = self.residuals(place)
        return float(rest @ rest)

    def edge(self, place, i, limit):
        """A bound where rows do not tell a coefficient but contradict the book's: the nearest to it that they allow."""
        least, name = self.squares(place), self.names[i]
        allowed = least * (1 + 4 / max(1, len(self.cases) - len(self.names))) + EDGE * len(self.cases)
        there = place.copy()
        there[i] = math.log(self.known[name])
        if self.squares(there) <= allowed:
            return None
        near, far = place[i], there[i]
        for _ in range(30):
            there[i] = (near + far) / 2
            near, far = (there[i], far) if self.squares(there) <= allowed else (near, there[i])
        other = min(limit, near + np.clip(place[i] - near, -math.log(2), math.log(2)))
        low, high = sorted((near, other))
        value, low, high = (_digits(math.exp(end)) for end in (near, low, high))
        return {"value": value, "low": low, "high": high, "book": _book(name), "rows": 0}

    def most(self, name):
        """The largest value that is searched."""
        return min(hardware.allowed(name).high, math.exp(REACH) * self.known[name])

    def residuals(self, place):
        """Logarithms of predicted over measured."""
        values = self.known.replaced(dict(zip(self.names, np.exp(place).tolist(), strict=True)))
        return np.array([math.log(float(case.predict(values)) / case.measured) for case in self.cases])

    def slopes(self, place, step=1e-3):
        """Change of the residuals with the logarithm of each coefficient, cases x names."""
        columns = []
        for moved in np.eye(len(self.names)) * step:
            columns.append((self.residuals(place + moved) - self.residuals(place - moved)) / (2 * step))
        return np.stack(columns, 1)


def _least_squares(fit, start, book, limits):
    """The place with the least squared residuals, by damped Gauss-Newton steps inside the limits."""
    place, damping = np.minimum(start, limits), 1e-2
    rest = fit.residuals(place)
    for _ in range(ROUNDS):
        slopes = fit.slopes(place)
        normal = slopes.T @ slopes + damping * np.eye(len(fit.names))
        step = np.clip(np.linalg.solve(normal, -slopes.T @ rest), -1, 1)
        tried = np.clip(place + step, book - REACH, limits)
        tried_rest = fit.residuals(tried)
        if tried_rest @ tried_rest < rest @ rest:
            done = rest @ rest - tried_rest @ tried_rest < 1e-10 * (1 + rest @ rest)
            place, rest, damping = tried, tried_rest, damping / 3
            if done:
                break
        else:
            damping *= 4
            if damping > 1e6:
                break
    return place


def _errors(slopes, rest):
    """Standard errors of the logarithms of the coefficients; infinite where too few rows answer."""
    count, names = slopes.shape
    spread = math.sqrt(float(rest @ rest) / max(1, count - names))
    errors = []
    for i in range(names):
        alone, others = slopes[:, i], np.delete(slopes, i, 1)
        if names > 1:
            # What of its answers the other coefficients cannot explain.
            alone = alone - others @ np.linalg.lstsq(others, alone, rcond=None)[0]
        size = math.sqrt(float(alone @ alone))
        answering = int((np.abs(slopes[:, i]) >= ANSWERS).sum())
        errors.append(math.inf if answering < FEWEST or size < TINY else spread / size)
    return errors


def _part(name, place, slopes, rest, i, limit, error):
    """Value and range of a coefficient: the smallest joint change that meets each row that answers to it."""
    rows = np.abs(slopes[:, i]) >= ANSWERS
    moves = -rest[rows] * slopes[rows, i] / (slopes[rows] ** 2).sum(1)
    low, high = np.quantile(moves, [0.1, 0.9])
    fit = NormalDist().inv_cdf(0.9) * error
    ends = np.exp([place + min(-fit, low), place, min(limit, place + max(fit, high))])
    low, value, high = (_digits(end) for end in ends)
    return {"value": value, "low": low, "high": high, "book": _book(name), "rows": int(rows.sum())}


def _scores(sides, before, after):
    for group in [group for groups in GROUPS.values() for group in groups]:
        for side, cases in sides.items():
            own = [case for case in cases if case.group == group]
            if own:
                yield Score(group, side, len(own), _median_error(own, before), _median_error(own, after))


def _median_error(cases, values):
    return median(abs(float(case.predict(values)) / case.measured - 1) for case in cases)


def as_yaml(found):
    """Return a Calibration as the text of a hardware file."""
    import yaml

    head = FIRST_LINE + (
        "# Coefficients are named and defined in the book's chapter on validation; a range holds 80 % of the rows.\n"
        "# What is listed under kept is as in the book, since no row tells.\n"
    )
    hardware.checked(found.as_dict())
    return head + yaml.safe_dump(found.as_dict(), sort_keys=False, allow_unicode=True, width=120)
