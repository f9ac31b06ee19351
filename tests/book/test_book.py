"""The book as readers get it: from a fresh clone by the README's command, strictly built, in a real browser."""

import csv
import math
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT, until

from costlib.facts import claims
from costlib.report.notebooks import figures, paths


class Page(HTMLParser):
    """The ids and links of a page, and what it loads."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.pictures = set(), [], [], []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids.update(filter(None, (given.get("id"), given.get("name") if tag == "a" else None)))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe") and given.get("src"):
            self.loads.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon", "preconnect"):
            self.loads.append(given["href"])
        if tag == "img" or given.get("role") == "img":
            self.pictures.append({"alt": given.get("aria-label"), "src": given.get("data-picture")} | given)


@pytest.fixture(scope="module")
def pages(site):
    found = {path: Page(path) for folder in ("book", "notebooks") for path in sorted((site / folder).rglob("*.html"))}
    listed = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert {str(path.relative_to(site).with_suffix("")) for path in found} >= set(listed) and len(listed) > 30
    return found


def test_every_page_of_the_contents_is_there(site):
    listed = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert len(listed) > 12
    for name in [*listed, "index", "search", "genindex"]:
        assert (site / f"{name}.html").is_file(), name


def test_chapters_have_the_number_of_their_file_in_heading_and_navigation(pages):
    chapters = {path: page for path, page in pages.items() if path.parent.name == "notebooks"}
    assert len(chapters) == len(paths(ROOT))
    for path, page in pages.items():
        numbers = [int(number) for number in re.findall(r'<li class="toctree-l1[^>]*><a [^>]*>(\d+)\. ', page.text)]
        assert numbers == list(range(1, len(chapters) + 1)), path.name
    for path, page in chapters.items():
        assert f'<h1><span class="section-number">{int(path.stem[:2])}. </span>' in page.text, path.name
        assert not re.search(r'<h[2-6]><span class="section-number">', page.text), path.name
        assert not re.search(r'caption-number">Fig\. \d+\.|class="eqno">\(\d+\.', page.text), path.name


def test_the_published_scenario_reproduces_the_committed_numbers(site):
    with (site / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 600
    for row in rows:
        assert math.isclose(float(row["value"]), float(row["published_value"]), rel_tol=1e-9, abs_tol=1e-12), row


def test_no_banner_and_one_parameters_cell_at_published_values(pages):
    for path, page in pages.items():
        assert "These pages use inputs that differ" not in page.text, path.name
        assert "tag_injected-parameters" not in page.text, path.name


def test_every_glued_number_is_shown(pages):
    for path, page in pages.items():
        assert "glue:" not in page.text, path.name
        assert 'class="pasted-text">None' not in page.text and 'pasted-text"></' not in page.text, path.name
    glued = [prose for folder in ("book/*.md", "notebooks/*.py") for prose in ROOT.glob(folder)]
    asked = sum(prose.read_text(encoding="utf-8").count("{glue:text}`") for prose in glued)
    assert sum(page.text.count('class="pasted-text"') for page in pages.values()) >= asked > 800


def test_money_is_not_taken_for_mathematics(pages):
    for path, page in pages.items():
        for formula in re.findall(r'<math [^>]*alttext="([^"]*)"', page.text):
            assert not re.search(r"\d\.\d\d|, ?together", formula), f"{path.name}: {formula}"
    assert sum(page.text.count("<math ") for page in pages.values()) > 400


def test_nothing_is_loaded_from_another_host(pages):
    for path, page in pages.items():
        assert len(page.loads) > 5, f"{path.name} loads nothing that could be looked at"
        assert [url for url in page.loads if urlsplit(url).netloc] == [], path.name


def test_no_page_holds_a_script_and_each_has_a_policy(site, pages):
    for path in [*pages, *(site / f"{name}.html" for name in ("index", "search", "genindex", "py-modindex"))]:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"<script(?![^>]* src=)(?![^>]*application/json)[^>]*>|<[a-z][^<>]* on[a-z]+=", text) == [], (
            path
        )
        assert text.count("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'") == 1
        assert ("'wasm-unsafe-eval'" in text) == (path.name == "calculator.html"), path


def test_every_link_inside_the_book_arrives(pages):
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link == "#":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name} links to {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path.name} links to {link}"
    assert sum(not urlsplit(link).scheme for page in pages.values() for link in page.links) > 2000


def test_every_outside_link_is_a_whole_secure_address(pages):
    links = {link: path for path, page in pages.items() for link in page.links if urlsplit(link).scheme}
    links = {link: path for link, path in links.items() if urlsplit(link).scheme not in ("data", "mailto")}
    assert len(links) > 100
    for link, path in links.items():
        parts = urlsplit(link)
        assert parts.scheme == "https", f"{path.name} links to {link}"
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc.lower()), f"{path.name} links to {link}"
        assert not re.search(r"[\s<>{}|\\^`]|%20|\b(TODO|example\.(com|org)|localhost)\b", link), f"{path.name}: {link}"


def test_every_picture_has_words(pages):
    for path, page in pages.items():
        for picture in page.pictures:
            assert picture.get("alt"), f"{path.name}: {picture.get('src')}"
            assert not re.fullmatch(r"[\w./]+\.(png|svg)", picture["alt"]), f"{path.name}: {picture['alt']}"
    drawn = sum(len(figures(path)) for path in paths(ROOT))
    assert sum(len(page.pictures) for page in pages.values()) >= drawn > 35


def test_every_claim_has_its_address_and_its_chapter(pages, site):
    ledger = pages[site / "book" / "claims.html"]
    for claim in claims.ledger().values():
        assert f"claim-{claim.id.lower()}" in ledger.ids
        assert f"claims.html#claim-{claim.id.lower()}" in pages[site / "notebooks" / f"{claim.chapter}.html"].text


def test_status_names_versions_and_every_chapter(pages, site):
    text = pages[site / "book" / "status.html"].text
    assert "jupyter-book" in text and "costlib" in text
    assert len(re.findall(r"\d\.\d s</p>", text)) == len(list((ROOT / "notebooks").glob("*.ipynb")))


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_and_are_quiet_in_a_browser(browser, address, pages, site, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    tab = context.new_page()
    complaints = []
    tab.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((address, "data:")) else None)
    # The policy in each page, and the same from the server: what either refuses is an error of the console.
    for path in [*pages, *(site / f"{name}.html" for name in ("search", "genindex", "py-modindex", "404"))]:
        tab.goto(f"{address}/{path.relative_to(site)}", wait_until="load")
        too_wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{path.name} overflows by {too_wide} px at {width}"
        unreadable = tab.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
        assert unreadable == [], path.name
        assert complaints == [], path.name
    context.close()


def test_the_ledger_can_be_filtered_and_linked_to(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/book/claims.html#claim-b066")
    assert tab.locator("#claim-b066").is_visible()
    tab.select_option("#ledger-filter select[name=verdict]", "reproduced-by-rounding")
    assert tab.locator(".claim:visible").count() == 2
    assert tab.locator("#ledger-count").inner_text() == "2 of 166 statements"
    tab.evaluate("location.hash = '#claim-b061'")
    until(tab, "!document.getElementById('claim-b061').hidden")
    tab.fill("#ledger-filter input[name=words]", "dpo rounds")
    assert 0 < tab.locator(".claim:visible").count() < 20
    tab.close()


def test_the_landing_page_has_the_headline(browser, address):
    tab, complaints = browser.new_page(), []
    # What the theme logs of its colours is no complaint.
    tab.on("console", lambda each: complaints.append(each.text) if each.type in ("error", "warning") else None)
    tab.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    tab.goto(f"{address}/index.html")
    tab.wait_for_url("**/book/index.html")
    assert complaints == []
    text = tab.inner_text("main")
    for number in ("$279.74", "11.7x", "58.5x", "3.9x", "19.4x"):
        assert number in text, number
    tab.close()
