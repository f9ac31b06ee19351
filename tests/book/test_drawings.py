"""Figures in the pages: drawings with words, in colours that can be told apart, with text that a phone can show."""

import io
import json
import re
from pathlib import Path

import drawings
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from matplotlib import pyplot as plt

from costlib.report import figures

SHEET = (ROOT / "book" / "_static" / "costlib.css").read_text(encoding="utf-8")
GROUNDS = {"light": "#ffffff", "dark": "#121212"}  # of the theme
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PHONE_PX, SMALLEST_PX, MOST_BYTES = 374, 12, 800_000


def colours(mode):
    """The variables of the style sheet in a mode: the dark ones are said anew."""
    light, dark = (re.search(rf"^{re.escape(where)} \{{(.*?)^\}}", SHEET, re.S | re.M)[1]
                   for where in ("html", 'html[data-theme="dark"]'))  # fmt: skip
    found = dict(re.findall(r"--fig-([a-z-]+): (#[0-9a-f]{6})", light))
    again = dict(re.findall(r"--fig-([a-z-]+): (#[0-9a-f]{6})", dark))
    assert found.keys() == again.keys()
    return found if mode == "light" else again


def contrast(one, other):
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the grey that WCAG calls just too light


def test_light_colours_are_ours_and_dark_ones_stand_out():
    ours = {name: getattr(figures, name.upper()).lower() for name in drawings.NAMES.values()}
    shown = {name: colour for name, colour in colours("light").items() if not name.endswith("-text")}
    assert shown == ours and len(ours) == 8
    for name, colour in colours("dark").items():
        assert contrast(colour, GROUNDS["dark"]) >= 3, name
        # Black text on a bar stays black on a dark page.
        assert contrast(colour, "#000000") >= 4.5, name


@pytest.mark.parametrize("mode", GROUNDS)
def test_words_in_a_colour_can_be_read(mode):
    words = {name: colour for name, colour in colours(mode).items() if name.endswith("-text")}
    assert len(words) == 8
    for name, colour in words.items():
        assert contrast(colour, GROUNDS[mode]) >= 4.5, name


# --- one drawing ----------------------------------------------------------------------------------------------------


def drawn(fill, width=5.2, height=3.4):
    """The drawing of a figure that a function fills, as an element."""
    figure, axes = figures.canvas(width, height)
    fill(axes)
    file = io.StringIO()
    figure.savefig(file, format="svg", bbox_inches="tight")
    plt.close(figure)
    text = drawings.drawing(file.getvalue(), "fig-test", 'What "it" shows', "../a.png")
    return BeautifulSoup(text, "html.parser").svg


def words(svg):
    return {text.get_text(): text for text in svg.find_all("text")}


def test_a_drawing_says_what_it_shows_and_styles_nothing_else():
    svg = drawn(lambda axes: axes.plot([1, 2], [3, 4], "o-"))
    assert (svg["role"], svg["aria-label"], svg["data-picture"]) == ("img", 'What "it" shows', "../a.png")
    assert not svg.find_all(["style", "metadata", "script"]) and not svg.select("[style]")
    assert "font-family" not in str(svg)
    ids = [each["id"] for each in svg.find_all(id=True)]
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', str(svg)))
    assert len(ids) == len(set(ids)) > 1 and set(ids) == used and all(name.startswith("fig-test-") for name in ids)


def test_colours_follow_the_page():
    def fill(axes):
        axes.barh(["a", "b"], [2, 1], color=[figures.BLUE, figures.ORANGE])
        axes.axvspan(0, 1, color="0.75")
        axes.plot([1], [1], "o", color=figures.RED, mec="white")
        axes.text(1.9, 0, "on the bar", ha="right", va="center")
        axes.text(1.9, 1, "beside", va="center", color=figures.ORANGE)

    svg = drawn(fill)
    text = str(svg)
    assert 'fill="var(--fig-blue, #0072b2)"' in text and 'stroke="var(--fig-ground, #fff)"' in text
    [shade] = [path for path in svg.find_all("path") if path.get("fill-opacity")]
    assert svg["fill"] == shade["fill"] == "currentColor" and shade["fill-opacity"] == "0.25"
    assert not re.search(r'"#[0-9a-f]{6}"', text.replace('fill="#000000"', "")), "no colour but by name"
    assert words(svg)["on the bar"]["fill"] == "#000000"
    assert words(svg)["beside"]["fill"] == "var(--fig-orange-text, #e69f00)"
    width, height = (each.rstrip("0").rstrip(".") for each in svg["viewbox"].split()[2:])
    outlines = [set(re.findall(r"[\d.]+", path.get("d", ""))) for path in svg.find_all("path")]
    grounds = [numbers for numbers in outlines if {width, height} <= numbers]
    assert not grounds, "nothing white lies behind it"


def test_the_colours_of_a_map_are_data():
    def fill(axes):
        axes.contourf([[0, 1, 2], [3, 4, 5], [6, 7, 9]], levels=8, cmap="viridis")
        axes.text(1, 1, "on it")
        axes.set_xlabel("below it")

    svg = drawn(fill)
    assert words(svg)["on it"]["fill"] == "#000000"
    assert "fill" not in words(svg)["below it"].attrs
    assert len({path["fill"] for path in svg.find_all("path", fill=re.compile("#"))}) > 6


@pytest.mark.parametrize(("side", "anchor"), [("left", "start"), ("center", "middle"), ("right", "end")])
def test_lines_of_one_text_stay_aligned_in_any_font(side, anchor):
    svg = drawn(lambda axes: axes.text(0.5, 0.5, "a much longer line\nshort", ha=side, multialignment=side))
    places = [words(svg)[line] for line in ("a much longer line", "short")]
    assert [place.get("text-anchor") for place in places] == [anchor] * 2
    assert float(places[0]["x"]) == pytest.approx(float(places[1]["x"]), abs=0.5)


def test_text_of_a_figure_can_be_searched_and_keeps_its_spaces():
    svg = drawn(lambda axes: axes.set_xlabel("a <b>   & c"))
    assert "a <b>\u00a0\u00a0 & c" in words(svg)


# --- every page -----------------------------------------------------------------------------------------------------


def problems(page):
    """What is wrong with the figures of a built page, each in a line."""
    soup, found = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser"), []
    ids = [each["id"] for each in soup.find_all(id=True)]
    found += [f"{name} is the id of two elements" for name in sorted({each for each in ids if ids.count(each) > 1})]
    for figure in soup.select("article figure[id]"):
        svg = figure.find("svg")
        if svg is None:
            found.append(f"{figure['id']} is no drawing")
            continue
        if svg.get("role") != "img" or len(svg.get("aria-label", "")) < 40:
            found.append(f"{figure['id']} has no words")
        sizes = [float(text["font-size"].removesuffix("px")) for text in svg.find_all("text")]
        smallest = min(sizes, default=99) * PHONE_PX / float(svg["viewbox"].split()[2])
        if smallest < SMALLEST_PX:
            found.append(f"{figure['id']} has text of {smallest:.1f} px on a phone")
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_figures_of_a_chapter_are_drawings_with_words_and_text_for_a_phone(site, path):
    page = site / "notebooks" / f"{path.stem}.html"
    assert problems(page) == []
    shown = {Path(page.parent, each) for each in re.findall(r'<img[^>]* src="([^"]+)"', page.read_text("utf-8"))}
    assert sum(each.stat().st_size for each in [page, *shown]) < MOST_BYTES


def test_figures_of_other_pages_are_drawings_as_well(site):
    pages = sorted((site / "book").glob("*.html"))
    assert {page.name: found for page in pages if (found := problems(page))} == {}


def test_a_figure_of_a_chapter_that_was_not_executed_is_its_picture(tmp_path):
    # Committed chapters hold PNG alone, so beside them there is no SVG to draw.
    from docutils import nodes
    from docutils.utils import new_document

    class App:
        srcdir, builder = tmp_path, type("Builder", (), {"format": "html"})

    document = new_document("page")
    document += nodes.figure("", nodes.image(uri="a/b.png", alt="A line."), ids=["fig-a-b"])
    drawings.draw(App, document, "notebooks/01_a")
    assert isinstance(document[0][0], nodes.image)
    (tmp_path / "_figures").mkdir()
    figure, axes = figures.canvas()
    axes.plot([1, 2])
    figure.savefig(tmp_path / "_figures" / "fig-a-b.svg")
    plt.close(figure)
    drawings.draw(App, document, "notebooks/01_a")
    assert document[0].astext().startswith('<svg class="costlib-figure" role="img" aria-label="A line."')
    assert 'data-picture="../_downloads/figures/fig-a-b.png"' in document[0].astext()


def test_every_figure_of_a_chapter_has_a_name_by_which_its_drawing_is_found():
    for path in CHAPTERS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
                assert re.fullmatch(r"fig(-[a-z0-9]+)+", cell["metadata"]["mystnb"]["figure"]["name"]), path.name
