"""Hold a figure to its table: each number of the table is drawn, at its row, along an axis of its unit."""

import base64
import csv
import io
import math
import re
from bisect import bisect_left
from collections import namedtuple
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "figure_columns.csv"
# How a figure may scale a column: as it stands, fractions in per cent, and sizes in billions.
FACTORS = (1, 100, 1e-9)
DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
UNITS = {"10⁹": "10^9", "billions": "10^9", "fraction": "-", "USD per GPU-hour": "USD/GPU-h"}
Place = namedtuple("Place", "value others label axis")
Cell = namedtuple("Cell", "row value")


def problems(name, table, axes, exceptions=None, known=()):
    """Return what a figure draws otherwise than its table says, a line for each column.

    Parameters
    ----------
    name : of the figure
    table : list of rows of texts, the header first
    axes : what `drawn.shown` returns
    exceptions : rows of `figure_columns.csv`, of the book if not given
    known : numbers that the chapter glues into its sentences, which remarks may repeat
    """
    header, *rows = TRANSFORMED.get(name, lambda table, _: table)(table, axes)
    figure = Figure(axes, rows, TOLERANCE.get(name, 0.0))
    raw = [label for each in axes for label in each.get("raw", ())]
    read, found = _read() if exceptions is None else exceptions, []
    for number, column in enumerate(header):
        how = _how(name, column, read)
        cells = [Cell(row, value) for row, line in enumerate(rows) if (value := _number(line[number])) is not None]
        if cells and (wrong := figure.wrong(cells, column, how)):
            found.append(f"{name}, column {column}: {wrong}")
    if raw:
        found.append(f"{name}: the source of a formula stands at a tick: {raw[0]}")
    if not any(_how(name, "remarks", [row]) for row in read):
        found += [f"{name}, remark {text!r}: of no number there" for text in figure.remarks(header, known)]
    return found


class Figure:
    """The places along the axes at which something stands, sorted, and the curves between them."""

    def __init__(self, axes, rows, tolerance):
        self.axes, self.rows, self.tolerance = axes, rows, tolerance
        self.shared = _with_shared_ticks(axes)
        self.places = sorted((p for p in _places(axes) if math.isfinite(p.value)), key=lambda place: place.value)
        self.values = [place.value for place in self.places]
        self.numbers = [[value for text in row if (value := _number(text)) is not None] for row in rows]
        labels = {place.label for place in self.places if place.label}
        self.texts = [[t for t in row if _number(t) is None and any(map(_same, [t] * len(labels), labels))]
                      for row in rows]  # fmt: skip

    def wrong(self, cells, column, how):
        """Say what is wrong with a column of cells, or return nothing."""
        if how == "not drawn":
            return ""
        if how == "written":
            lacking = [cell for cell in cells if not self._written(cell.value)]
            return f"{_some(lacking)} stand in no remark" if lacking else ""
        tried = [self._scaled(cells, factor, how) for factor in FACTORS]
        lacking, axes, factor = min(tried, key=lambda each: len(each[0]))
        if lacking and not (how == "partly" and len(lacking) < 0.75 * len(cells)):
            return f"{_some(lacking)} not drawn where the table has them"
        return self._unit(column, axes, factor)

    def _scaled(self, cells, factor, how):
        lacking, axes = [], set()
        for cell in cells:
            there = self._at(cell.value * factor)
            there = there if how == "unpaired" else [place for place in there if self._of(place, cell)]
            axes |= {place.axis for place in there}
            if not there and not self._on_a_curve(cell):
                lacking.append(cell)
        return lacking, axes, factor

    def _at(self, value):
        room = 2e-5 * abs(value) + 1e-12 + self.tolerance
        first, last = bisect_left(self.values, value - room), bisect_left(self.values, value + room)
        return self.places[first:last]

    def _of(self, place, cell):
        """Say whether a place belongs to the row of a cell: by its label, or by another number of the row."""
        texts, others = self.texts[cell.row], [other for other in place.others if other is not None]
        if not others:
            return True
        if place.label and texts:
            return any(_same(text, place.label) for text in texts)
        numbers = [number for number in self.numbers[cell.row] if number != cell.value]
        if not numbers:
            return not texts
        return any(_close(other, number * factor) for other in others for number in numbers for factor in FACTORS)

    def _on_a_curve(self, cell):
        """Say whether a row lies between two neighbours on a curve that is drawn with other points."""
        curves = [mark for axes in self.axes for mark in axes["marks"]
                  if mark["kind"] == "line" and mark["x"] and mark["y"] and len(mark["x"]) > 40]  # fmt: skip
        pairs = [pair for at in self.numbers[cell.row] for pair in ((at, cell.value), (cell.value, at))]
        return any(math.isclose(_height(curve, x), y, rel_tol=2e-3) for curve in curves for x, y in pairs)

    def _written(self, value):
        texts = (text for axes in self.axes for text, *_ in axes["texts"])
        return any(_rounded(digits, value) for text in texts for digits in DIGITS.findall(text))

    def remarks(self, header, known):
        """Return the remarks with a number that is none of the table, or of another row than the mark beside it."""
        table = [number for numbers in self.numbers for number in numbers]
        words = " ".join(header) + " ".join(text for row in self.rows for text in row)
        wrong = []
        for place, axes in enumerate(self.axes):
            for text, x, y in axes["texts"]:
                own = self._beside(place, x, y)
                for digits in DIGITS.findall(text):
                    allowed = own if own and any(_drawn(digits, number) for number in table) else [*table, *own, *known]
                    if not re.search(rf"(?<![\d.]){re.escape(digits)}(?!\d)", words if not own else "") and not any(
                        _drawn(digits, number) for number in allowed
                    ):
                        wrong.append(text)
        return wrong

    def _beside(self, place, x, y):
        """Return the numbers of the rows that have the name of a place, and their sums from the first on."""
        label = _label(self.shared[place], "y", y) or _label(self.shared[place], "x", x)
        rows = [number for number, texts in enumerate(self.texts) if label and any(_same(t, label) for t in texts)]
        return [number for row in rows for number in [*self.numbers[row], *accumulate(self.numbers[row])]]

    def _unit(self, column, axes, factor):
        ours = _bracketed(column)
        theirs = {self.axes[place][way] for place, way in axes if way in "xy"} - {""}
        if not ours or not theirs or any(_same_unit(ours, label, factor) for label in theirs):
            return ""
        return f"in {ours}, drawn along {' and '.join(map(repr, sorted(theirs)))}"


def _places(axes):
    for place, each in enumerate(_with_shared_ticks(axes)):
        for mark in each["marks"]:
            if mark["kind"] == "bar":
                for way, across in (("x", "y"), ("y", "x")):
                    (low, high), middle = mark[way], sum(mark[across]) / 2
                    for value in (low, high, high - low):
                        yield Place(value, [middle], _label(each, across, middle), (place, way))
            else:
                for way, across in (("x", "y"), ("y", "x")):
                    along = mark[way] or []
                    for value, other in zip(along, mark[across] or [None] * len(along), strict=bool(along)):
                        yield Place(value, [other], _label(each, across, other), (place, way))
        for value in each["fields"]:
            yield Place(value, [None], "", (place, "field"))


def _with_shared_ticks(axes):
    shared = {way: next((each["ticks"][way] for each in axes if each["ticks"][way]), []) for way in "xy"}
    return [{**each, "shared": shared} for each in axes]


def _label(axes, way, at):
    """Return the word at a place of an axis, if it has words there and not numbers."""
    ticks = axes["ticks"][way] or axes["shared"][way]
    near = [(abs(tick - at), label) for tick, label in ticks
            if at is not None and abs(tick - at) < 0.45 and not re.fullmatch(r"[\W\d]*[xB]?", label)]  # fmt: skip
    return min(near)[1] if near else ""


def _same(text, label):
    """Say whether one of two names has all words of the other."""
    ours, theirs = (set(re.sub(r"[^a-z0-9.+$]+", " ", each.lower()).split()) for each in (text, label))
    return bool(ours and theirs) and (ours <= theirs or theirs <= ours)


def _close(a, b):
    return math.isclose(a, b, rel_tol=2e-5, abs_tol=1e-12)


def _height(curve, at):
    x, y = curve["x"], curve["y"]
    for place in range(len(x) - 1):
        (x0, x1), (y0, y1) = x[place : place + 2], y[place : place + 2]
        if x0 <= at <= x1 and 0 < x0 < x1 and min(y0, y1) > 0:  # as on two logarithmic axes
            return y0 * (y1 / y0) ** (math.log(at / x0) / math.log(x1 / x0))
    return math.nan


def _bracketed(text):
    found = re.findall(r"\[([^\]]*)\]", text)
    return found[-1] if found else ""


def _same_unit(ours, label, factor):
    if ours == "unit":
        return True
    given = _bracketed(label)
    theirs = UNITS.get(given, given)
    if factor == 100:
        return "%" in label and UNITS.get(ours, ours) == "-"
    if not theirs:  # in words, such as "USD per month"; a count or a ratio needs none
        return re.match(r"[^/^\[ ]+", ours)[0] in label or ours == "-"
    if "%" in (theirs, ours[:1]):
        return theirs == ours[:1]
    return ours == theirs or ours.startswith(f"{theirs}/") or theirs == "-"


def _rounded(digits, value):
    """Say whether digits are a value, rounded to their last one."""
    number = digits.replace(",", "")
    return abs(float(number) - abs(value)) <= 0.5001 * 10.0 ** -len(number.partition(".")[2])


def _drawn(digits, value):
    return any(_rounded(digits, value * factor) for factor in FACTORS)


def _number(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _some(cells):
    return f"{len(cells)} numbers ({', '.join(f'{cell.value:g}' for cell in cells[:3])})"


def _read():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def named(pattern, columns):
    """Return the columns that a pattern means; brackets are those of units."""
    return [column for column in columns if fnmatchcase(column, pattern.replace("[", "[[]"))]


def _how(name, column, exceptions):
    return next((row["how"] for row in exceptions if row["figure"] == name and named(row["column"], [column])), "")


# --- figures that draw what follows from their tables -----------------------------------------------------------------


def _stacked(table, _):
    """Each curve stands on a line of its own and is three quarters of a line high."""
    header, *rows = table
    names = list(dict.fromkeys(row[0] for row in rows))
    return [header, *([*row[:2], str(0.75 * float(row[2]) - names.index(row[0]))] for row in rows)]


def _middles(table, _):
    """A class of pairs is drawn at its geometric middle."""
    header, *rows = table
    return [["pairs [-]", *header[2:]], *([str(math.sqrt(float(row[0]) * float(row[1]))), *row[2:]] for row in rows)]


def _indices(table, axes):
    """In per cent, with the ends of the intervals, for the inputs that have a row in the panels."""
    rows = table[1:]
    labels = [label for each in axes for _, label in each["ticks"]["y"]]
    found = [
        ["input", "first order [%]", "its low end [%]", "its high end [%]", "total [%]", "low end [%]", "high end [%]"]
    ]
    for _, name, *numbers in rows:
        first, first_error, total, error = (100 * float(number) for number in numbers)
        if any(_same(name, label) for label in labels):
            ends = [first, first - first_error, first + first_error, total, total - error, total + error]
            found.append([name, *map(str, ends)])
    return found


TRANSFORMED = {
    "fig-unc-ratios": _stacked,
    "fig-land-saved": _middles,
    "fig-unc-drivers": _indices,
}
TOLERANCE = {"fig-unc-drivers": 0.0101}  # fractions of four digits, and their sums


# --- words for who does not see it -----------------------------------------------------------------------------------

NUMBERS = {word: number for number, word in enumerate(("two", "three", "four", "five", "six"), 2)}
MARKS = re.compile(r"\b(curves?|lines?|points?|dots?|circles|markers|marks|diamonds?)\b")


def contradictions(alt, axes):
    """Return what an alt text says of the form of a figure that is not so: kinds of marks, scales, number of panels."""
    words = alt.lower()
    bars = any(mark["kind"] == "bar" for each in axes for mark in each["marks"])
    curves = any(
        len(mark["x"] or ()) > 2 and mark["y"] for each in axes for mark in each["marks"] if mark["kind"] == "line"
    )
    maps, log = any(each["fields"] for each in axes), any("log" in each["scales"] for each in axes)
    dashes = {style for each in axes for style in each["dashes"]}
    panels = re.search(rf"\b({'|'.join(NUMBERS)}) (?:panels|heat maps)", words)
    said = {
        "bars": bool(re.search(r"\bbars?\b", words)) == bars or "beside" in words,
        "heat maps": ("heat map" in words) == maps,
        "logarithmic": ("logarithmic" in words) == log or maps,
        "dashed": "dashed" not in words or "--" in dashes,
        "dotted": "dotted" not in words or ":" in dashes,
        "lines or points": not curves or bool(MARKS.search(words)),
        "panels": NUMBERS[panels[1]] + maps == len(axes) if panels else "panel" in words or len(axes) == 1,
    }
    return [f"the alt text is wrong about {what}: {alt[:60]}" for what, so in said.items() if not so]


# --- pictures ---------------------------------------------------------------------------------------------------------


def pictures_differ(stored, fresh):
    """Say how two PNGs in base64 differ, or return nothing where they look the same."""
    from PIL import Image, ImageChops

    ours, theirs = (Image.open(io.BytesIO(base64.b64decode(each))).convert("RGB") for each in (stored, fresh))
    if any(abs(a - b) > 8 for a, b in zip(ours.size, theirs.size, strict=True)):
        return f"a picture of {ours.size[0]} x {ours.size[1]} is now {theirs.size[0]} x {theirs.size[1]}"
    # A quarter of the size evens out how machines draw letters; the palette of a stored picture is off by a few levels.
    small = (ours.size[0] // 4, ours.size[1] // 4)
    apart = ImageChops.difference(ours.resize(small, Image.Resampling.BOX), theirs.resize(small, Image.Resampling.BOX))
    levels = apart.convert("L").histogram()
    share = sum(levels[DIFFERENT:]) / sum(levels)
    return f"{share:.2%} of the picture is drawn otherwise" if share > ALIKE else ""


DIFFERENT, ALIKE = 40, 0.0001
