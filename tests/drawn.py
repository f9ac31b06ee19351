"""What the last figure of a kernel shows, as numbers and texts. This part runs inside the kernel of a chapter."""

import json
from pathlib import Path

LAST, FIELDS = [], {}


def watch():
    """Remember every figure that is made from now on, and the fields of numbers that its maps are drawn from."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    made = plt.subplots

    def remembered(*given, **named):
        found = made(*given, **named)
        LAST[:] = [found[0]]
        FIELDS.clear()
        return found

    plt.subplots = remembered
    for name in ("contourf", "pcolormesh", "imshow"):
        setattr(Axes, name, _noted(getattr(Axes, name)))


def _noted(method):
    def noted(axes, *fields, **named):
        shown = [each for each in fields if getattr(each, "ndim", 0) == 2]
        FIELDS.setdefault(id(axes), []).extend(shown[-1].ravel().tolist() if shown else [])
        return method(axes, *fields, **named)

    return noted


def save(path):
    """Write the last figure as JSON: of each axes its labels, ticks, texts, marks and fields."""
    Path(path).write_text(json.dumps(shown(LAST[0])), encoding="utf-8")


def shown(figure):
    """Return what each axes of a figure shows."""
    return [_axes(axes) for axes in figure.axes]


def _axes(axes):
    marks = [_bar(patch) for container in axes.containers for patch in getattr(container, "patches", None) or ()]
    marks += [_line(line, axes) for line in axes.lines]
    marks += [_corners(collection) for collection in axes.collections]
    ticks = {way: _ticks(getattr(axes, f"{way}axis")) for way in "xy"}
    labels = [label for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
    raw = [label.get_text() for label in labels if "\\math" in label.get_text() and not label.get_parse_math()]
    texts = [_remark(text, axes) for text in axes.texts if text.get_text()]
    return {"x": axes.get_xlabel(), "y": axes.get_ylabel(), "ticks": ticks, "texts": texts, "marks": marks, "raw": raw,
            "fields": FIELDS.get(id(axes), []), "scales": [axes.get_xscale(), axes.get_yscale()],
            "dashes": sorted({line.get_linestyle() for line in axes.lines})}  # fmt: skip


def _remark(text, axes):
    """Return the words of a remark with the place that it is beside, where that is one of the data."""
    x, y = text.xy if getattr(text, "xycoords", "") == "data" else (None, None)
    places = ((x, axes.convert_xunits), (y, axes.convert_yunits))
    return [text.get_text(), *(None if at is None else float(convert(at)) for at, convert in places)]


def _ticks(axis):
    labels = [label.get_text() for label in axis.get_ticklabels()]
    return [[float(at), label] for at, label in zip(axis.get_ticklocs(), labels, strict=False) if label]


def _bar(patch):
    box = patch.get_bbox()
    return {"kind": "bar", "x": [float(box.x0), float(box.x1)], "y": [float(box.y0), float(box.y1)]}


def _line(line, axes):
    # A line across the whole axes has a place along one of them alone.
    places = line.get_transform().contains_branch_seperately(axes.transData)
    ends = zip(line.get_data(orig=False), places, strict=True)
    x, y = ([float(each) for each in along] if placed else None for along, placed in ends)
    return {"kind": "line", "x": x, "y": y}


def _corners(collection):
    offsets = collection.get_offsets().tolist()
    corners = [corner for path in collection.get_paths() for corner in path.vertices.tolist()]
    shown = offsets if len(offsets) > 1 else corners
    return {"kind": "corners", "x": [float(x) for x, _ in shown], "y": [float(y) for _, y in shown]}
