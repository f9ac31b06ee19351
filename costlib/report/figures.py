"""The one style of every figure, and the few marks that several figures share."""

import math
import os

from costlib.base import fmt

# Okabe and Ito's colour-blind-safe set, darkest first so that two series differ in grey as well.
BLUE, ORANGE, GREEN, PINK, SKY, YELLOW, RED, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#D55E00", "#6B6B6B",
)  # fmt: skip
CYCLE = [BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY]
# Names the picture formats of a notebook's figures, "png,svg,pdf"; where it is not set, pictures are PNG alone, and
# small: those are committed, and pages show SVG.
FORMATS = "COSTLIB_FIGURE_FORMATS"
DPI, SMALL_DPI = 160, 56
TITLE_LETTERS = 34  # of a line that stays within a figure whose axes have names at their left


def canvas(width=5.2, height=3.4, **subplots):
    """Return a figure and its axes in the style of the book [inches].

    At most 5.2 inches wide, a figure fills a phone of 390 pixels with its text at 12 of them.
    """
    import matplotlib.pyplot as plt
    from cycler import cycler

    plt.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=CYCLE),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": 10,
            "figure.constrained_layout.use": True,
            "figure.dpi": DPI if FORMATS in os.environ else SMALL_DPI,
            "figure.facecolor": "white",
            "figure.max_open_warning": 0,
            "font.size": 12.5,
            "grid.alpha": 0.35,
            "grid.linewidth": 0.6,
            "legend.frameon": False,
            "savefig.facecolor": "white",
            "svg.fonttype": "none",  # words stay words, which a page shows in its own font
            "svg.hashsalt": "costlib",
            "text.parse_math": False,  # a name may hold dollars, and so may amounts
        }
    )
    drawn = plt.subplots(figsize=(width, height), **subplots)
    if FORMATS in os.environ:
        _emit(os.environ[FORMATS].split(","))
    return drawn


def _emit(formats):
    """Let a notebook keep its figures in several formats; outside a notebook nothing happens."""
    from IPython import get_ipython
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if get_ipython() is not None:
        set_matplotlib_formats(*formats)


def title(axes, finding, width=TITLE_LETTERS):
    """Write what a figure shows above it: a sentence that its numbers bear out, whatever the inputs were.

    Parameters
    ----------
    axes : of the figure, or its upper ones
    finding : the sentence
    width : letters of a line; fewer where long names stand at the left of the axes
    """
    import textwrap

    axes.set_title(textwrap.fill(finding, width), loc="left", fontsize=13, fontweight="bold")


def dollars(axis, digits=0):
    """Label an axis in US dollars."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: fmt.usd(value, digits) if value else "$0"))


def plain_log(axis, ticks, text=fmt.short):
    """Give a logarithmic axis plain tick labels at chosen places."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(NullLocator())


def powers(*axes):
    """Label logarithmic axes with powers of ten; the labels of matplotlib are formulas, and texts here are none."""
    from matplotlib.ticker import FuncFormatter

    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda value, _: fmt.power_of_ten(value, 0).removeprefix("1×")))


def ticks(low, high, steps=(1, 2, 5), within=300):
    """Return places for the labels of a logarithmic axis: steps of each power of ten, or powers alone on a long axis.

    An axis is long where its end is more than `within` times its beginning.

    >>> ticks(0.7, 30), ticks(1, 1e6)
    ([1.0, 2.0, 5.0, 10.0, 20.0], [1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0, 1000000.0])
    """
    every = max(1, math.ceil(math.log10(high / low) / 7))
    kept = steps if high < within * low else (1,)
    return [step * 10.0**power for power in range(-12, 30, every) for step in kept if low <= step * 10.0**power <= high]


def bars(axes, values, text, colours=BLUE):
    """Draw a horizontal bar for each named value, the first on top, with its text beside it."""
    axes.barh(list(values), list(values.values()), color=colours, height=0.62)
    for name, value in values.items():
        say(axes, value, name, text(value))
    axes.invert_yaxis()


def say(axes, x, y, text, **style):
    """Write a short remark beside a mark."""
    axes.annotate(text, (x, y), **{"xytext": (5, 0), "textcoords": "offset points", "va": "center"} | style)


def usd_tick(value):
    """Return dollars as short as an axis wants them.

    >>> usd_tick(0.3), usd_tick(1000)
    ('$0.3', '$1,000')
    """
    return fmt.usd(value, 0) if value >= 1 else f"${value:g}"


def times_tick(value):
    """Return a ratio as short as an axis wants it.

    >>> times_tick(0.30000000000000004)
    '0.3x'
    """
    return fmt.short(round(value, 12)) + "x"


def log_density(found, bins=30):
    """Return places and heights of the density of positive draws on a logarithmic axis, scaled to a height of one.

    Parameters
    ----------
    found : costlib.base.sampling.Sample
    bins : between the quantiles 0.1 % and 99.9 %
    """
    import numpy as np

    edges = np.geomspace(found.quantile(0.001) / 1.02, found.quantile(0.999) * 1.02, bins + 1)
    counted = np.histogram(found.ordered, edges)[0]
    places = np.array([edges[0], *np.sqrt(edges[1:] * edges[:-1]), edges[-1]])
    return places, np.array([0, *counted, 0]) / counted.max()


def names_at_right(axes, ends, colours):
    """Write the name of each curve beside the height at which it ends, apart from the others."""
    to_axes = axes.transData + axes.transAxes.inverted()
    lowest = -math.inf
    for (name, height), colour in sorted(zip(ends.items(), colours, strict=True), key=lambda each: each[0][1]):
        lowest = max(to_axes.transform((1, height))[1], lowest + 0.07)
        axes.text(1.01, lowest, name, color=colour, va="center", transform=axes.transAxes)
