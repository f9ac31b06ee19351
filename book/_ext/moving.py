"""Sphinx extension: figures that a reader's numbers move, without Python.

The cost of a project against its pairs: a total is straight in the pairs, in the price of a comparison and in how many
comparisons evaluate the result, one at a time. So eight coefficients a method hold it exactly, and where two of them
meet follows. The price of a GPU-hour: it divides the ratio, and lies among the lists that the chapter drew.
"""

import csv
import html
import io
import json
import math
import os
from itertools import product
from pathlib import Path
from string import Template

from docutils import nodes
from docutils.parsers.rst import Directive
from markup import EXTENSION, environment, raw

from costlib.base import fmt
from costlib.calculator import panel
from costlib.economics import curve, human_work, methods, scenarios
from costlib.report import figures, notebooks

TEMPLATE, PRICE_TEMPLATE = (Path(__file__).with_name(name) for name in ("moving.html", "moving_price.html"))
CHAPTER, FIGURE = "12_equal_footing", "fig-footing-curve"
SHOWN = ("human-dpo", "targeted", "rlaif")
BANDS = ("human-dpo", "rlaif")
PAIRS = (1_000, 1_000_000)
GROWS, PLAIN = "People’s bill grows with every pair, the judge’s hardly does", "The whole bill, by usable pairs"
HARDLY = 10  # times as much as a judge's that people's bill must grow from the fewest pairs to the most
STEPS = 48
STAFF_FIELD = """<label>staff for a judge beyond staff for people [USD]<input type="number" name="s"
 min="-1000000" max="1000000" step="1" value="{}" autocomplete="off"></label>"""
PRICE_CHAPTER, LISTS, LAW = "06_caveats", "fig-price-time", "fig-price-law"


def coefficients(values, names=SHOWN):
    """Return each method's total as coefficients of :func:`products`.

    Parameters
    ----------
    values : dict of every parameter
    names : of the methods

    Returns
    -------
    dict of method to eight numbers [USD]

    Examples
    --------
    >>> values = scenarios.complete({"human_usd_per_pair": 0.67})
    >>> usd = total(coefficients(values)["rlaif"], 20_000, 0.67, 805)
    >>> round(usd / curve.curve(values, 20_000)["rlaif"], 9)
    1.0
    """
    found = {name: [0.0] * 8 for name in names}
    for e, q, n in product((0, 1), repeat=3):
        changed = {"human_usd_per_pair": 1.0 + q, "num_evaluation_comparisons": e, "evaluation_points": 0.0}
        at = curve.curve(values | changed, PAIRS[n], names)
        # A corner weighs the product of three straight lines, (constant, slope): 1 at it and 0 at the other end.
        few, many = PAIRS
        along = (-few, 1.0) if n else (many, -1.0)
        lines = (0.0, 1.0) if e else (1.0, -1.0), (-1.0, 1.0) if q else (2.0, -1.0), [x / (many - few) for x in along]
        for place, factors in enumerate(product(*lines)):
            for name in names:
                found[name][place] += at[name] * math.prod(factors)
    return found


def products(n, q, e):
    """Return what coefficients go with: 1, n, q, q n, e, e n, e q and e q n.

    Parameters
    ----------
    n : usable pairs [pairs]
    q : price of a comparison by people before fees [USD]
    e : comparisons that evaluate the result
    """
    return [math.prod(factors) for factors in product((1, e), (1, q), (1, n))]


def total(coefficient, n, q, e):
    """Return the total of a method [USD]."""
    return sum(map(math.prod, zip(coefficient, products(n, q, e), strict=True)))


def words(rows):
    """Return what the chapter calls each method: dict of method to words.

    Parameters
    ----------
    rows : of the CSV file of the chapter's figure, the header first
    """
    columns = rows[0][1 : 1 + len(SHOWN)]
    return {name: column.removesuffix(" [USD]") for name, column in zip(SHOWN, columns, strict=True)}


def bands(rows):
    """Return the ends of the 90 % interval at known counts: dict of method to a list of (pairs, low, high).

    Parameters
    ----------
    rows : as for :func:`words`
    """
    header, *lines = rows
    ends = {name: [header.index(f"{words(rows)[name]}, at your counts, {end} [USD]") for end in ("5 %", "95 %")]
            for name in BANDS}  # fmt: skip
    return {name: [(float(line[0]), float(line[low]), float(line[high])) for line in lines]
            for name, (low, high) in ends.items()}  # fmt: skip


class MovingCurve(Directive):
    """The figure at the inputs of this book; without scripts it stays as it is.

    With `break-even` as its argument it is of people and a judge alone, and marks where they meet.
    """

    optional_arguments = 1

    def run(self):
        """Draw it."""
        (rows,) = _tables(self, CHAPTER, FIGURE)
        given, told = json.loads(os.environ.get("COSTLIB_INPUTS") or "{}"), words(rows)
        values = scenarios.complete(given)
        if self.arguments:
            return [raw(fmt.unbroken(figure(values, {}, {name: told[name] for name in BANDS}, "fig-even-own")))]
        return [raw(fmt.unbroken(figure(values, bands(rows), told)))]


def _tables(directive, chapter, *names):
    """Rows of the CSV files of a chapter's figures."""
    env = environment(directive)
    path = Path(env.srcdir, "notebooks", f"{chapter}.ipynb")
    env.note_dependency(str(path))
    return [list(csv.reader(io.StringIO(notebooks.files(path)[f"{name}.csv"].decode()))) for name in names]


def figure(values, ends, told, name="fig-landing-curve"):
    """Return the figure as HTML.

    Parameters
    ----------
    values : dict of every parameter
    ends : as of :func:`bands`; empty for a figure without intervals
    told : as of :func:`words`, of the methods to show
    name : of the figure
    """
    terms = coefficients(values, tuple(told))
    n, q, e = scenarios.num_pairs(values), human_work.usd_per_comparison(values), human_work.evaluations(values)
    staff = {name: method.line("staff").usd for name, method in methods.compare(values, BANDS).items()}
    more = round(staff["rlaif"] - staff["human-dpo"])
    grid = [PAIRS[0] * (PAIRS[1] / PAIRS[0]) ** (step / STEPS) for step in range(STEPS + 1)]
    curves = {name: [(at, total(terms[name], at, q, e)) for at in grid] for name in told}
    every = [usd for each in ends.values() for _, *both in each for usd in both]
    every += [usd for each in curves.values() for _, usd in each]
    edges = 10.0 ** math.floor(math.log10(min(every))), 10.0 ** math.ceil(math.log10(max(every)))
    growth = {name: each[-1][1] - each[0][1] for name, each in curves.items()}
    x, y = panel.scale(*PAIRS), panel.scale(*edges)

    def drawn(shape, name, places):
        points = " ".join(f"{x(at):.2f},{100 - y(max(usd, 1e-9)):.2f}" for at, usd in places)
        return f'<{shape} class="{name}" points="{points}"/>'

    around = {name: [(at, low) for at, low, _ in each] + [(at, high) for at, _, high in reversed(each)]
              for name, each in ends.items()}  # fmt: skip
    ticks = [f'<span class="x" style="left:{x(at):.2f}%">{at:,.0f}</span>' for at in panel.powers(*PAIRS)]
    ticks += [f'<span class="y" data-at="{usd:g}" style="bottom:{y(usd):.2f}%">{_tick(usd)}</span>'
              for usd in panel.powers(*edges)]  # fmt: skip
    money = panel.money
    said = "; ".join(f"{told[name]} {money(each[0][1])} to {money(each[-1][1])}" for name, each in curves.items())
    inside = min(max(n, PAIRS[0]), PAIRS[1])
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=name,
        shaded=" Shaded: 90 % of the outcomes for a team that knows its counts." * bool(ends),
        numbers=html.escape(json.dumps(dict(terms=terms, n=n, q=q, e=e, s=more, usd=edges, grid=grid))),
        title=GROWS if growth["human-dpo"] > HARDLY * growth["rlaif"] > 0 else PLAIN,
        alt=html.escape(f"Cost of the whole project from {PAIRS[0]:,} to {PAIRS[1]:,} usable pairs: {said}."),
        shades="".join(drawn("polygon", *each) for each in around.items()),
        lines="".join(drawn("polyline", *each) for each in curves.items()),
        at=f"{x(inside):.2f}",
        ticks="".join(ticks),
        pairs=f"{n:,.0f}",
        names="".join(f'<li class="{name}">{text}: <b data-usd="{name}">{money(total(terms[name], n, q, e))}</b></li>'
                      for name, text in told.items()),
        low=f"{math.log10(PAIRS[0]):g}",
        high=f"{math.log10(PAIRS[1]):g}",
        exponent=f"{math.log10(inside):.2f}",
        price=f"{q:.4g}",
        checks=f"{e:.0f}",
        staff="" if ends else STAFF_FIELD.format(more),
    )  # fmt: skip


class MovingPrice(Directive):
    """Lists of GPU prices by date with the reader's price among them; nothing without scripts."""

    def run(self):
        """Draw it."""
        return [raw(fmt.unbroken(prices(*_tables(self, PRICE_CHAPTER, LISTS, LAW))))]


def prices(lists, law):
    """Return the figure of GPU prices as HTML.

    Parameters
    ----------
    lists : rows of the chapter's figure of prices by date, the header first: GPU, provider, year, price [USD/GPU-h]
    law : rows of its figure of the ratio against the price, of which the one named "dot" is the chapter's own
    """
    found, latest = {}, {}
    for gpu, provider, year, usd in lists[1:]:
        found.setdefault(gpu, []).append((float(year), float(usd)))
        latest.setdefault(gpu, {}).setdefault(provider, []).append((float(year), float(usd)))
    every = [point for points in found.values() for point in points]
    edges = 0.8 * min(usd for _, usd in every), 1.25 * max(usd for _, usd in every)
    years = math.floor(min(every)[0]), math.ceil(max(every)[0])
    since = years[1] - 1
    _, price, *ratios = next(row for row in law[1:] if row[0] == "dot")
    y = panel.scale(*edges)

    def x(year):
        return 100 * (year - years[0]) / (years[1] - years[0])

    def dots(gpu, points):
        drawn = " ".join(f"M{x(year):.2f},{100 - y(usd):.2f}h0" for year, usd in points)
        return f'<path data-gpu="{html.escape(gpu)}" d="{drawn}"/>'

    ticks = [f'<span class="x" style="left:{x(year):.2f}%">{year}</span>' for year in range(years[0] + 1, years[1])]
    ticks += [f'<span class="y" style="bottom:{y(usd):.2f}%">{_tick(usd)}</span>'
              for usd in figures.ticks(*edges, (1, 2, 5))]  # fmt: skip
    newest = {gpu: [max(each) for each in by.values()] for gpu, by in latest.items()}
    return Template(PRICE_TEMPLATE.read_text(encoding="utf-8")).substitute(
        numbers=html.escape(json.dumps({
            "usd": edges, "price": float(price), "at_one": [float(ratio) * float(price) for ratio in ratios],
            "latest": {gpu: [usd for year, usd in each if year >= since] for gpu, each in newest.items()},
        })),
        dots="".join(dots(*each) for each in found.items()),
        ticks="".join(ticks),
        since=since,
        gpus="".join(f"<option>{html.escape(gpu)}</option>" for gpu in found),
        price=f"{float(price):.4g}",
    )  # fmt: skip


def _tick(usd):
    return f"${usd / 1e6:,.0f} M" if usd >= 1e6 else fmt.usd(usd, 0)


def load(app, pagename, templatename, context, doctree):
    """Load the style and the script on pages that have such a figure."""
    if doctree and any('class="moving' in part.astext() for part in doctree.findall(nodes.raw)):
        app.add_css_file("moving.css")
        app.add_js_file("moving.js")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("moving-curve", MovingCurve)
    app.add_directive("moving-price", MovingPrice)
    app.connect("html-page-context", load)
    return EXTENSION
