"""What a reader sees first, what is folded, and what goes on beyond an edge, at a desk and on a phone."""

import re

import opening
import pytest
from conftest import ROOT, until
from docutils import nodes

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
SCREENS = {"desk": (1280, 800), "phone": (390, 844)}
CLIPPED = """[...document.querySelectorAll("pre, .pst-scrollable-table-container, .costlib-table, div.math")]
  .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1
    && !(box.dataset.more || "").includes("right")).map(box => box.outerHTML.slice(0, 80))"""


@pytest.fixture(params=SCREENS.values(), ids=SCREENS)
def tab(browser, request):
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


# The drawing with its words, of which some reach beyond its box.
LOWEST = """Math.max(...[document.querySelector('article figure svg')]
  .flatMap(drawing => [drawing, ...drawing.querySelectorAll('text')])
  .map(part => part.getBoundingClientRect().bottom))"""


def test_the_first_screen_of_a_chapter_holds_the_answer_and_the_whole_first_figure(tab, address):
    for chapter in CHAPTERS:
        tab.goto(f"{address}/notebooks/{chapter}.html")
        bottom, screen = tab.evaluate(LOWEST), tab.viewport_size
        assert bottom <= screen["height"], f"{chapter}: the figure ends at {bottom:.0f} px of {screen}"
        parts = tab.locator("h1 + .opening > p, h1 + .opening figure, .opening-meant > p")
        assert parts.evaluate_all("every => every.map(each => each.localName)")[:3] == ["p", "figure", "p"], chapter
        answer, figure, meant = (parts.nth(place).bounding_box() for place in range(3))
        if screen["width"] > 1000:  # side by side, the tops level
            assert figure["x"] > answer["x"] + answer["width"] and abs(figure["y"] - answer["y"]) < 5, chapter
        else:
            assert answer["y"] < figure["y"] < meant["y"], chapter


# Words are w, figures f and tables t; an opening stands in brackets.
@pytest.mark.parametrize(
    "expected, given", [("(wfw)w", "wwfw"), ("(wf)", "wf"), ("wtf", "wtf"), ("f", "f"), ("w", "w"), ("", "")]
)
def test_an_opening_is_made_where_a_figure_follows_the_words(expected, given):
    makes = {"w": nodes.paragraph, "f": nodes.figure, "t": nodes.table}
    parts = [makes[kind]("", nodes.Text(kind)) for kind in given]
    section = nodes.section("", nodes.title(), *[nodes.container("", p) if p.astext() != "w" else p for p in parts])
    opening.gather(None, nodes.container("", section), "notebooks/01_a")
    found = [child.astext().replace("\n", "") for child in section]
    assert (
        "".join(f"({t})" if "opening" in c["classes"] else t for c, t in zip(section, found, strict=True)) == expected
    )


def test_the_caption_of_a_table_stays_while_it_scrolls(tab, address):
    tab.goto(f"{address}/notebooks/12_equal_footing.html")
    table = tab.locator("#tab-footing-totals")
    place = table.locator("caption").bounding_box()
    assert place["width"] <= table.bounding_box()["width"]
    assert bool(table.evaluate("box => (box.scrollLeft = 100, box.scrollLeft)")) == (tab.viewport_size["width"] < 600)
    assert table.locator("caption").bounding_box()["x"] == pytest.approx(place["x"], abs=1)
    until(
        tab, "parseInt(document.querySelector('#tab-footing-totals').style.getPropertyValue('--caption-height')) > 20"
    )


def test_a_meaning_stays_within_a_narrow_window(tab, address):
    tab.goto(f"{address}/notebooks/12_equal_footing.html")
    tab.keyboard.press("Tab")  # focus shows after a key
    for term in tab.locator("article a.term:visible").all():
        term.focus()
        assert term.evaluate("word => getComputedStyle(word, '::after').content") != "none"
        assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, term.inner_text()


def test_no_table_is_cut_without_a_sign(tab, address):
    for chapter in CHAPTERS:
        tab.goto(f"{address}/notebooks/{chapter}.html")
        tab.evaluate("document.querySelectorAll('details').forEach(fold => (fold.open = true))")
        until(tab, f"{CLIPPED}.length === 0")
    tab.goto(f"{address}/book/parameters.html")
    until(tab, "document.querySelector('.costlib-table .pst-scrollable-table-container').dataset.more === 'right'")
    tab.evaluate("document.querySelector('.costlib-table .pst-scrollable-table-container').scrollLeft = 1e6")
    until(tab, "document.querySelector('.costlib-table .pst-scrollable-table-container').dataset.more === 'left'")


def test_code_shows_where_the_reader_asks_for_it_and_stays_so(tab, address):
    tab.goto(f"{address}/notebooks/12_equal_footing.html")
    bars, switch = tab.locator(".tag_hide-input > details"), tab.locator(".code-switch")
    assert bars.count() > 3 and not bars.first.is_visible()
    assert switch.get_attribute("aria-pressed") == "false"
    place = tab.evaluate("document.querySelector('h1').getBoundingClientRect().top")
    switch.focus()
    tab.keyboard.press("Enter")
    assert switch.get_attribute("aria-pressed") == "true" and bars.first.is_visible()
    assert tab.evaluate("document.querySelector('h1').getBoundingClientRect().top") == place
    tab.goto(f"{address}/notebooks/13_uncertainty.html")
    assert tab.locator(".tag_hide-input > details").first.is_visible()
    tab.locator(".code-switch").click()
    assert tab.evaluate("localStorage.getItem('code')") == "hidden"
    tab.goto(f"{address}/book/cite.html")
    assert tab.locator(".code-switch").count() == 0, "no switch where there is no code"


def test_numbers_of_tables_stand_to_the_right_on_every_page(site):
    # A column of numbers alone, whether the package or Markdown made the table.
    number, checked = re.compile(r"[-−]?\$?\d[\d,.]*( ?(%|x|GB|B))?"), 0
    for page in [*(site / "notebooks").glob("*.html"), *(site / "book").glob("*.html")]:
        for table in re.findall(r"<table.*?</table>", page.read_text(encoding="utf-8"), re.S):
            rows = [
                re.findall(r"<t[dh]([^>]*)>(.*?)</t[dh]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", table, re.S)
            ]
            for column in zip(*rows[1:], strict=False):
                texts = [re.sub(r"<[^>]+>|\s+$|^\s+", "", content).replace("\xa0", " ") for _, content in column]
                if len(texts) > 1 and all(map(number.fullmatch, texts)):
                    assert all("number" in attributes for attributes, _ in column), f"{page.name}: {texts[:4]}"
                    checked += 1
    assert checked > 50
