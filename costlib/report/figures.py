"""The one style of every figure, and the few marks that several figures share."""

import os

from costlib import fmt

# Okabe and Ito's colour-blind-safe set, darkest first so that two series differ in grey as well.
BLUE, ORANGE, GREEN, PINK, SKY, YELLOW, RED, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#D55E00", "#6B6B6B",
)  # fmt: skip
CYCLE = [BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY]
# Names the picture formats of a notebook's figures, "png,svg,pdf"; where it is not set, pictures are PNG alone.
FORMATS = "COSTLIB_FIGURE_FORMATS"


def canvas(width=7.0, height=3.6, **subplots):
    """Return a figure and its axes in the style of the book [inches]."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    plt.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=CYCLE),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": 10,
            "figure.constrained_layout.use": True,
            "figure.dpi": 160,
            "figure.facecolor": "white",
            "figure.max_open_warning": 0,
            "font.size": 12.5,
            "grid.alpha": 0.35,
            "grid.linewidth": 0.6,
            "legend.frameon": False,
            "savefig.facecolor": "white",
            "svg.hashsalt": "costlib",
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


def say(axes, x, y, text, **style):
    """Write a short remark beside a mark."""
    axes.annotate(text, (x, y), **{"xytext": (5, 0), "textcoords": "offset points", "va": "center"} | style)
