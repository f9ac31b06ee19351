"""Sphinx extension: figures that a reader's numbers move, without Python.

A total is straight in the pairs, in the price of a comparison and in how many comparisons evaluate the result, one at
a time. So eight coefficients a method hold it exactly: on the first page, and below the figure of break-even. A ratio
is a number over the price of a GPU-hour. Below what needs more, a link opens the calculator with the chapter's job.
"""

import csv
import html
import io
import json
import math
import os
from datetime import date
from itertools import product
from pathlib import Path
from string import Template

from calculator_form import PAGE, taken
from docutils import nodes
from docutils.parsers.rst import Directive
from markup import EXTENSION, environment, raw

from costlib.base import fmt
from costlib.calculator import panel, stage
from costlib.calculator.door import given_query
from costlib.economics import curve, human_work, methods, scenarios
from costlib.facts import catalog, parameters, prices
from costlib.report import notebooks

TEMPLATE = Path(__file__).with_name("moving.html")
CHAPTER, FIGURE = "12_equal_footing", "fig-footing-curve"
SHOWN = ("human-dpo", "targeted", "rlaif")
BANDS = ("human-dpo", "rlaif")
PAIRS = (1_000, 1_000_000)
GROWS, PLAIN = "People’s bill grows with every pair, the judge’s hardly does", "The whole bill, by usable pairs"
BANDED = (
    "Cost of the whole project against the number of usable pairs, both on logarithmic axes. It holds seed data, "
    "training, labels, checks by people and your own staff. <span class='shaded'>Shaded: 90 % of the outcomes "
    "for a team that knows its counts.</span>"
)
EVEN = "Cost of both projects against the usable pairs, with all other inputs of this chapter as they are, none drawn."
STAFF = (
    '<label>staff for a judge beyond staff for people [USD]<input type="number" name="s" min="{}" max="1000000" '
    'step="1" value="{}" autocomplete="off"></label>\n'
)
STEPS = 48
SIDES = ("human-dpo", "rlaif")
GPU, YEARS, DOLLARS = "a100-sxm-80gb", (2022, 2027), (0.5, 20)  # the article's GPU, and the axes of its prices
# Chapter and figure, below which a link leads to the job of this stage.
JOBS = {"07_stages": ("fig-stage-breakdown", "ppo"), "08_memory": ("fig-memory-phases", "ppo"),
        "10_optimisation": ("fig-opt-waterfall", "ppo")}  # fmt: skip


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
    """The figure at the inputs of this book; without scripts it stays as it is."""

    def run(self):
        """Draw it."""
        env = environment(self)
        chapter = Path(env.srcdir, "notebooks", f"{CHAPTER}.ipynb")
        env.note_dependency(str(chapter))
        given = json.loads(os.environ.get("COSTLIB_INPUTS") or "{}")
        rows = list(csv.reader(io.StringIO(notebooks.files(chapter)[f"{FIGURE}.csv"].decode())))
        return [raw(fmt.unbroken(figure(scenarios.complete(given), bands(rows), words(rows))))]


def figure(values, ends, told):
    """Return the first page's figure as HTML, or without `ends` the one below the figure of break-even.

    Parameters
    ----------
    values : dict of every parameter
    ends : as of :func:`bands`
    told : as of :func:`words`
    """
    terms, even = coefficients(values, told), not ends
    people, judge = (method.line("staff").usd for method in methods.compare(values, SIDES).values())
    staff = round(judge - people)
    n, q, e = scenarios.num_pairs(values), human_work.usd_per_comparison(values), human_work.evaluations(values)
    grid = [PAIRS[0] * (PAIRS[1] / PAIRS[0]) ** (step / STEPS) for step in range(STEPS + 1)]
    bent = " data-still" * bool(values["pairs_in_hand"])  # no straight lines: drawn once, and nothing moves
    bills = {at: curve.curve(values, at, tuple(told)) for at in (*grid, n)}
    curves = {name: [(at, bills[at][name]) for at in grid] for name in told}
    every = [usd for each in ends.values() for _, *both in each for usd in both]
    every += [usd for each in curves.values() for _, usd in each]
    every = [usd for usd in every if usd > 0] or [1.0]
    edges = 10.0 ** math.floor(math.log10(min(every))), 10.0 ** math.ceil(math.log10(max(every)))
    growth = {name: each[-1][1] - each[0][1] for name, each in curves.items()}
    x, y = panel.scale(*PAIRS), panel.scale(*edges)

    def drawn(shape, name, places):
        points = " ".join(f"{x(at):.2f},{100 - y(max(usd, 1e-9)):.2f}" for at, usd in places)
        return f'<{shape} class="{name}" points="{points}"/>'

    around = {name: [(at, low) for at, low, _ in each] + [(at, high) for at, _, high in reversed(each)]
              for name, each in ends.items()}  # fmt: skip
    ticks = [f'<span class="x" style="left:{x(at):.2f}%">{at:,.0f}</span>' for at in panel.powers(*PAIRS)]
    ticks += [f'<span class="y" style="bottom:{y(usd):.2f}%">{_tick(usd)}</span>' for usd in panel.powers(*edges)]
    money = panel.money
    said = "; ".join(f"{told[name]} {money(each[0][1])} to {money(each[-1][1])}" for name, each in curves.items())
    inside, given = min(max(n, PAIRS[0]), PAIRS[1]), {"n": n, "q": q, "e": e, "s": staff}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        start=f'figure class="moving" id="{"moving-even" if even else "fig-landing-curve"}"' + " hidden" * even + bent,
        numbers=html.escape(json.dumps(given | {"terms": terms, "usd": edges, "grid": grid})),
        title="With your numbers" if even else GROWS if _steep(growth) else PLAIN,
        said='<p class="moving-said" aria-live="polite"></p>' * even,
        caption=EVEN if even else BANDED,
        alt=html.escape(f"Cost of the whole project from {PAIRS[0]:,} to {PAIRS[1]:,} usable pairs: {said}."),
        shades="".join(drawn("polygon", *each) for each in around.items()),
        lines="".join(drawn("polyline", *each) for each in curves.items()),
        at=f"{x(inside):.2f}",
        ticks="".join(ticks),
        pairs=f"{n:,.0f}",
        names="".join(f'<li class="{name}">{text}: <b data-usd="{name}">{money(bills[n][name])}</b></li>'
                      for name, text in told.items()),
        low=f"{math.log10(PAIRS[0]):g}",
        high=f"{math.log10(PAIRS[1]):g}",
        exponent=f"{math.log10(inside):.2f}",
        price=f"{q:.4g}",
        checks=f"{e:.0f}",
        staff=STAFF.format(-math.floor(people), staff) * even,
    )  # fmt: skip


def _steep(growth):
    return growth["human-dpo"] > curve.STEEP * growth["rlaif"] > 0


def price_figure(values):
    """Return what the article's pipeline costs, and its ratio, at a price of its GPU or at the prices of a month.

    Parameters
    ----------
    values : dict of every parameter
    """
    lists = prices.published().history(GPU)
    x, y = (lambda year: 100 * (year - YEARS[0]) / (YEARS[1] - YEARS[0])), panel.scale(*DOLLARS)
    placed = [[(x(_year(day)), 100 - y(usd)) for day, usd in found.items()] for found in lists.values()]
    # A line that ends where it begins is a dot, so that a provider's only list shows.
    lines = "".join(
        f'<polyline class="list{" one" * (len(each) == 1)}" '
        f'points="{" ".join(f"{across:.2f},{down:.2f}" for across, down in [*each, each[-1]])}"/>'
        for each in placed
    )
    ticks = [f'<span class="x" style="left:{x(year):.0f}%">{year}</span>' for year in range(YEARS[0], YEARS[1] + 1)]
    ticks += [f'<span class="y" style="bottom:{y(usd):.2f}%">{fmt.usd(usd, 0)}</span>' for usd in (1, 2, 5, 10, 20)]
    at = values["price_usd_per_gpu_hour"]
    pairs = scenarios.num_pairs(values)
    low, high = (values[f"price_usd_per_pair_{end}"] for end in ("low", "high"))
    numbers = {
        "price": at,
        "hours": scenarios.synthetic_cost(values | {"price_usd_per_gpu_hour": 1.0}).total_usd,
        "people": [[fmt.price(each), each * pairs] for each in (low, high)],
        "months": months(),
        "years": YEARS,
        "usd": DOLLARS,
    }
    return Template(TEMPLATE.with_name("moving_price.html").read_text(encoding="utf-8")).substitute(
        numbers=html.escape(json.dumps(numbers)), lines=lines, ticks="".join(ticks), last=len(numbers["months"]) - 1,
        price=f"{at:.4g}",
    )  # fmt: skip


def months():
    """Return the market of the article's GPU by month: its name, its place in years, the median price, the providers.

    >>> [(name, usd, count) for name, _, usd, count in months()][-1]
    ('November 2026', 2.7, 9)
    """
    every = [date(year, month, 28) for year in range(*YEARS) for month in range(1, 13)]
    found = [(day, prices.quote(GPU, at=day)) for day in every if day <= prices.published().at.replace(day=28)]
    return [(f"{day:%B %Y}", round(_year(day), 3), each.usd, each.providers) for day, each in found if each]


def _year(day):
    return day.year + day.timetuple().tm_yday / 366


def job_query(stage_name, given):
    """Return the query of the calculator's address with the inputs of a chapter as those of a job.

    >>> job_query("ppo", {"aligned_model": "llama-2-7b", "num_gpus": 8})
    'job.stage=ppo&job.model=llama-2-7b&job.gpus=8'
    """
    names = {"model": "aligned_model", "gpu": "cluster_gpu", "gpus": "num_gpus", "examples": "num_episodes",
             "price_usd_per_gpu_hour": "price_usd_per_gpu_hour"}  # fmt: skip
    texts = {name: given.get(names.get(name, name)) for name in stage.STARTING} | {"stage": stage_name}
    if texts["gpu"] not in catalog.table("gpus"):  # what is the reader's own the calculator does not know
        texts["gpu"] = None
    if texts["model"] not in catalog.table("models"):
        texts["model"] = None
    return given_query({f"{stage.PREFIX}{name}": panel.typed(text) for name, text in texts.items() if text is not None})


def beside(app, doctree, docname):
    """Put below a chapter's figure what a reader's numbers move, or the way to the calculator with its job."""
    chapter, folder = Path(docname).name, Path(app.srcdir, "notebooks")
    if app.builder.name != "html" or chapter not in (*JOBS, *MOVED):
        return
    name, made = JOBS.get(chapter) or MOVED[chapter]
    places = [each for each in doctree.findall(nodes.figure) if name in each["ids"]]
    if not places:
        return
    given = {key: value for key, value in taken(folder / f"{chapter}.ipynb").items() if key in parameters.vocabulary()}
    if callable(made):
        try:
            found = raw(fmt.unbroken(made(scenarios.complete(given))))
        except ValueError:  # hardware of the reader's own, which a build of pages does not know
            return
    else:
        address = f"{app.builder.get_relative_uri(docname, PAGE)}?{job_query(made, given)}"
        link = nodes.reference("", "your model and GPU", refuri=address, internal=True)
        found = nodes.paragraph("", "", nodes.Text("Draw memory, hours and dollars of this job with "), link,
                                nodes.Text("."), classes=["moving-link"])  # fmt: skip
    place = places[0]
    # What moves stands below the opening, of which its figure is a part, and takes the width of the page.
    while callable(made) and not isinstance(place.parent, nodes.section):
        place = place.parent
    line = place.next_node(descend=False, siblings=True)
    links = isinstance(line, nodes.raw) and "costlib-links" in line.astext()
    place.parent.insert(place.parent.index(place) + 1 + links, found)


def even_figure(values):
    """Return the figure below that of break-even: both sides, and where they cost the same."""
    return figure(values, {}, {name: methods.NAMES[name].short for name in SIDES})


MOVED = {"14_break_even": ("fig-even-pays", even_figure), "06_caveats": ("fig-price-time", price_figure)}


def _tick(usd):
    return f"${usd / 1e6:,.0f} M" if usd >= 1e6 else fmt.usd(usd, 0)


def load(app, pagename, templatename, context, doctree):
    """Load the style and the script on the page that has the figure."""
    if doctree and any('class="moving"' in part.astext() for part in doctree.findall(nodes.raw)):
        app.add_css_file("moving.css")
        app.add_js_file("moving.js")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("moving-curve", MovingCurve)
    app.connect("doctree-resolved", beside, priority=600)  # after the lines of links below figures
    app.connect("html-page-context", load)
    return EXTENSION
