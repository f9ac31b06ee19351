"""The maps of the landscape: shares of wins as colours over two axes, one row of panels for each multiple."""

import numpy as np

from costlib.base import fmt
from costlib.report import figures
from costlib.sweeping import landscape

TITLES = {"own_label": "label for label", "own": "project for project"}


def draw(kind, here, whole, heights=None):
    """Draw the shares of one map, and return the figure and its axes.

    Parameters
    ----------
    kind : "prices" or "sizes"
    here : x and y of this run, where a cross stands
    whole : the row of all points, whose shares stand in the panels
    heights : places of the rows of the map, or None for the middles of its bins, and its outer edges
    """
    rows, times = landscape.cells(kind), landscape.TIMES
    fig, axes = figures.canvas(7, 8.4, nrows=len(times), ncols=len(TITLES), sharex=True, sharey=True)
    for multiple, panels in zip(times, axes, strict=True):
        panels[0].text(0.04, 0.95, fmt.ratio(multiple, 0), transform=panels[0].transAxes, va="top", fontsize=16,
                       fontweight="bold")  # fmt: skip
        for way, ax in zip(TITLES, panels, strict=True):
            drawn = _panel(ax, *_grid(rows, way, multiple, heights))
            share = landscape.share(whole, way, multiple)
            ax.text(0.04, 0.31, fmt.part(share, whole="100.0 %"), transform=ax.transAxes, fontsize=14,
                    color="w" if share < 0.5 else "k")  # fmt: skip
            ax.plot(*here, "x", color="white", ms=11, mew=4.5)
            ax.plot(*here, "x", color="black", ms=9, mew=2)
    for ax, title in zip(axes[0], TITLES.values(), strict=True):
        ax.set_title(title, fontsize=13)
    axes[0][0].set(xscale="log", yscale="log")
    bar = fig.colorbar(drawn, ax=axes, location="top", aspect=40, pad=0.02, ticks=range(0, 101, 20))
    bar.set_label("share of scenarios [%]")
    return fig, axes


def _panel(ax, x, y, found):
    drawn = ax.contourf(x, y, found, levels=np.arange(0, 101, 2.5), cmap="viridis", vmin=0, vmax=100)
    if shown := _levels(found):
        # White on the dark colours of small shares.
        lines = ax.contour(x, y, found, shown, linewidths=1.1, colors=["w" if level < 65 else "k" for level in shown])
        ax.clabel(lines, fmt="%g", fontsize=11)
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.spines[:].set_visible(False)
    return drawn


def _grid(rows, way, times, heights):
    x, found = _to_the_edges(landscape.edges(rows), np.array(landscape.columns(rows, way, times)).T, 1)
    return (x, heights, found) if heights else (x, *_to_the_edges(landscape.edges(rows, "y"), found, 0))


def _to_the_edges(edges, found, axis):
    """The middles of the bins with the outer edges, where the shares of the outer bins go on."""
    edges, ends = np.array(edges), (np.take(found, [0], axis), np.take(found, [-1], axis))
    middles = np.sqrt(edges[1:] * edges[:-1])
    return np.array([edges[0], *middles, edges[-1]]), np.concatenate([ends[0], found, ends[1]], axis)


def _levels(found):
    """Shares at which contours help: at most four, and none on a map of nearly one colour."""
    span = found.max() - found.min()
    step = next(step for step in (1, 2, 5, 10, 20) if span <= 4 * step or step == 20)
    return [level for level in range(0, 100, step) if found.min() < level < found.max()] if span > 12 else []
