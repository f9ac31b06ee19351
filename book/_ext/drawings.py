"""Sphinx extension: figures as SVG within the page, in its font and its colours, light and dark.

Matplotlib writes the same file for readers to take away; what stands in a page is made from it here. Where the book is
built from committed chapters, which hold no SVG, the page shows the picture.
"""

import html
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from docutils import nodes
from markup import EXTENSION, raw, to_top

from costlib.report import figures
from costlib.report.attachments import PICTURES

FOLDER = "_downloads/figures"  # of the files that the line beneath a figure names
PX_PER_UNIT = 1.4  # at which a figure 5.2 inches wide takes 524 pixels, and its text is hardly larger than the page's
# Our colours by name, of which the style sheet has the values for light and for dark pages.
NAMES = {getattr(figures, name).lower(): name.lower()
         for name in ("BLUE", "ORANGE", "GREEN", "PINK", "SKY", "YELLOW", "RED", "GREY")}  # fmt: skip
GROUND, INK = "var(--fig-ground, #fff)", "currentColor"
# Matplotlib gives the first two to everything by a style sheet, which within a page would be one for the whole page.
ROOT = {"stroke-linejoin": "round", "stroke-linecap": "butt", "fill": INK}
ANCHORS = {0: "start", 0.5: "middle", 1: "end"}  # by the share of a text before its place
LEFT_OUT = ("metadata", "style")
FIELD_COLOURS = 6  # from so many on that are none of ours, axes hold a map, whose colours are data
NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
USED = re.compile(r"url\(#(.+)\)$")
MOVED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")
UPRIGHT = re.compile(r"rotate\(-?0 [^)]*\)")


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x, y):
        """Say whether a point lies in it."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def drawing(svg, name, words, picture=""):
    """Return the SVG of a figure by Matplotlib as HTML that stands in a page.

    Its text takes the font of the page. Black becomes the colour of the text and white that of the ground, greys are
    shades of the text, and our colours variables of the style sheet. What lies on a map stays as it is. Ids are unique
    in the book, and only what something refers to has one.

    Parameters
    ----------
    svg : the file
    name : of the figure, which its ids begin with
    words : what it shows, for who does not see it
    picture : address of the same as PNG, for what takes no SVG
    """
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        _spell_out(element)
    for group in root.iter("g"):
        _align(group.findall("text"))
    _paint(root)
    _name(root, name)
    width, height = map(float, root.get("viewBox").split()[2:])
    about = {
        "class": "costlib-figure", "role": "img", "aria-label": words, "viewBox": f"0 0 {width:.2f} {height:.2f}",
        "width": f"{PX_PER_UNIT * width:.0f}", "height": f"{PX_PER_UNIT * height:.0f}",
        "style": f"--width: {width:.2f}",
    }  # fmt: skip
    about |= ROOT | ({"data-picture": picture} if picture else {})
    return f"<svg{_attributes(about)}>{''.join(map(_written, root))}</svg>"


def _spell_out(element):
    """Take the namespaces from an element, and make attributes of its style."""
    element.tag = element.tag.rpartition("}")[2]
    found = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    style = found.pop("style", "")
    for declaration in filter(None, style.split(";")):
        key, _, value = declaration.partition(":")
        found[key.strip()] = value.strip()
    for needless in ("font-family", "font-variant", "font-stretch", "version"):
        found.pop(needless, None)
    if UPRIGHT.fullmatch(found.get("transform", "")):
        del found["transform"]
    if element.tag == "text" and (moved := MOVED.fullmatch(found.get("transform", ""))):
        del found["transform"]
        found |= {"x": moved[1], "y": moved[2]}
    element.attrib.clear()
    element.attrib.update(found)


# --- text -----------------------------------------------------------------------------------------------------------


@cache
def _measure():
    from matplotlib.textpath import TextToPath

    return TextToPath().get_text_width_height_descent


def _width(text):
    """The width of a text in the font that Matplotlib laid the figure out with."""
    from matplotlib.font_manager import FontProperties

    weight = text.get("font-weight", "400")
    font = FontProperties(family="DejaVu Sans", size=float(text.get("font-size")[:-2]), weight=int(weight))
    return _measure()(text.text or "", font, False)[0]


def _align(lines):
    """Let lines of one text be aligned as they were: Matplotlib says of each where it begins, by its own font."""
    if len(lines) < 2 or any("text-anchor" in line.attrib for line in lines):
        return
    widths = [_width(line) for line in lines]
    starts = [_start(line) for line in lines]
    for share, anchor in ANCHORS.items():
        places = [start + share * width for start, width in zip(starts, widths, strict=True)]
        if max(places) - min(places) < 0.5:
            for line, width in zip(lines, widths, strict=True):
                line.attrib |= {"text-anchor": anchor, "x": f"{float(line.get('x', 0)) + share * width:.2f}"}
            return


def _start(line):
    """Where a line begins along its own direction."""
    if moved := re.match(r"translate\(([-\d.]+) ([-\d.]+)\) rotate\(([-\d.]+)\)", line.get("transform", "")):
        return -float(moved[2]) if abs(float(moved[3])) == 90 else float(moved[1])
    return float(line.get("x", 0))


def _middle(text):
    """The middle of a text, at about the height of its small letters."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    if moved := MOVED.match(text.get("transform", "")):
        x, y = x + float(moved[1]), y + float(moved[2])
    shift = {"start": 0.5, "middle": 0, "end": -0.5}[text.get("text-anchor", "start")]
    return x + shift * _width(text), y - 0.25 * float(text.get("font-size")[:-2])


# --- colours --------------------------------------------------------------------------------------------------------


def _paint(root):
    """Turn the colours of a figure into those of its page, and take its grounds away."""
    figure = next(group for group in root.iter("g") if group.get("id") == "figure_1")
    _take_ground(figure)
    for axes in figure:
        own = {}
        if axes.get("id", "").startswith("axes_"):
            box = _take_ground(axes)
            own = dict.fromkeys(_on_a_map(axes, box), "map") | dict.fromkeys(_on_bars(axes), "bar")
        for element in axes.iter():
            _colour(element, own.get(element, ""))
    for defined in root.findall("defs"):
        for element in defined.iter():
            _colour(element, "")


def _take_ground(group):
    """Remove the white rectangle behind a figure or behind axes; return its box."""
    first = group.find("g/path")
    if first is None:
        return None
    if first.get("fill") == "#ffffff":
        group.remove(group.find("g"))
    return _box(first.get("d"))


def _box(path):
    """The rectangle around the corners of a path."""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    return Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))


def _on_a_map(axes, box):
    """The elements on the colours of a map."""
    drawn = [group for group in axes if not group.get("id", "").startswith("matplotlib.axis")]
    fills = {each.get("fill") for group in drawn for each in group.iter() if _is_foreign(each.get("fill", ""))}
    if len(fills) < FIELD_COLOURS and not any(group.find(".//image") is not None for group in drawn):
        return []
    return [each for group in drawn for each in group.iter() if each.tag != "text" or box.holds(*_middle(each))]


def _on_bars(axes):
    """The black texts on bars of our colours, which are light enough for it on a dark page as well."""
    bars = [_box(each.get("d")) for each in axes.iter("path")
            if each.get("fill") in NAMES and float(each.get("fill-opacity", each.get("opacity", 1))) > 0.6
            and each.get("d").count("L") == 3]  # fmt: skip
    return [text for text in axes.iter("text") if "fill" not in text.attrib
            and any(bar.holds(*_middle(text)) for bar in bars)]  # fmt: skip


def _is_foreign(colour):
    return bool(re.fullmatch("#[0-9a-f]{6}", colour)) and colour not in NAMES and _grey(colour) is None


def _grey(colour):
    """How light a colour without a hue is, from 0 to 1; None for others."""
    parts = {colour[place : place + 2] for place in (1, 3, 5)} if re.fullmatch("#[0-9a-f]{6}", colour) else ()
    return int(parts.pop(), 16) / 255 if len(parts) == 1 else None


def _colour(element, ground):
    """Give an element the colours of the page; on a map or a bar, what is black stays so."""
    if ground and element.tag in ("text", "path", "use"):
        element.attrib.setdefault("fill", "#000000")
        if "stroke" not in element.attrib and _is_foreign(element.get("fill")):
            element.attrib |= {"stroke": element.get("fill"), "stroke-width": "0.4"}  # no seams between the colours
    for kind in ("fill", "stroke") if not ground else ():
        colour = element.get(kind, "")
        grey = _grey(colour)
        if colour in NAMES:
            shade = "-text" if element.tag == "text" else ""
            element.set(kind, f"var(--fig-{NAMES[colour]}{shade}, {colour})")
        elif grey == 1:
            element.set(kind, GROUND)
        elif grey is not None:
            element.set(kind, INK)
            if grey:
                opacity = float(element.get(f"{kind}-opacity", 1)) * (1 - grey)
                element.set(f"{kind}-opacity", f"{opacity:.3g}")


# --- the words of the file ------------------------------------------------------------------------------------------


def _name(root, name):
    """Give what something refers to an id that begins with a name, and nothing else any."""
    used = {}
    for element in root.iter():
        for key, value in element.attrib.items():
            if found := USED.match(value) if key != "href" else re.match("#(.+)", value):
                old = found[1]
                used.setdefault(old, f"{name}-{len(used) + 1}")
                element.set(key, value.replace(old, used[old]))
    for element in root.iter():
        own = element.attrib.pop("id", "")
        if own in used:
            element.set("id", used[own])


def _written(element):
    """Return an element as HTML."""
    if element.tag in LEFT_OUT or (element.tag == "path" and not element.get("d")):
        return ""
    words = re.sub(" (?= )", "\u00a0", (element.text or "").strip())
    content = html.escape(words, quote=False) + "".join(map(_written, element))
    tail = html.escape((element.tail or "").strip(), quote=False)
    if element.tag in ("g", "defs") and (not content or (element.tag == "g" and not element.attrib)):
        return content + tail
    found = {key: _short(value) if key not in ("id", "href") else value for key, value in element.attrib.items()}
    inside = f">{content}</{element.tag}>" if content else "/>"
    return f"<{element.tag}{_attributes(found)}{inside}{tail}"


def _short(value):
    """Return a value of an attribute with numbers of two decimals, a path without blanks that say nothing.

    >>> _short("M 53.713271 209.99952 \\nL 139.76567 209.99952 \\nz\\n")
    'M53.71 210L139.77 210z'
    """
    rounded = NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
    return re.sub(r"\s*([MLQCz])\s*", r"\1", rounded).strip() if re.match(r"M[\s\d]", value) else rounded


def _attributes(found):
    return "".join(f' {key}="{html.escape(value)}"' for key, value in found.items())


# --- in the book ----------------------------------------------------------------------------------------------------


def draw(app, doctree, docname):
    """Put the drawing in place of the picture of each figure of which there is one."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        name = next(iter(image.parent.get("ids", [])), "")
        file = Path(app.srcdir, PICTURES, f"{name}.svg")
        if name and file.is_file():
            address = f"{to_top(docname)}{FOLDER}/{name}.png"
            image.replace_self(raw(drawing(file.read_text(encoding="utf-8"), name, image.get("alt", ""), address)))


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", draw)
    return EXTENSION
