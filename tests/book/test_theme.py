"""The pages are light, accessible, findable and complete without a network."""

import html
import http.client
import re
import struct
import threading
from urllib.parse import unquote, urlsplit

import mathml
import not_found
import pytest
import serve
import theme
from bs4 import BeautifulSoup
from conftest import ROOT, until

from costlib.base import fmt
from costlib.report import notebooks

CHECKED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LAYOUT = ["target-size", "scrollable-region-focusable"]
NARROW = ("book/index.html", "book/claims.html", "book/calculator.html", "notebooks/04_synthetic_cost.html")
MOST_BYTES = 1_500_000
ALIKE = "tbody tr:nth-child(n+7), option:nth-child(n+4), .claim:nth-of-type(n+40), .citation:nth-of-type(n+20)"


@pytest.fixture(scope="module")
def every_page(site):
    folders = [path for name in ("book", "notebooks") for path in sorted((site / name).rglob("*.html"))]
    return [str(path.relative_to(site)) for path in [*folders, site / "search.html", site / "genindex.html"]]


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def served(site):
    with serve.server(site) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield pages
        pages.shutdown()


# --- formulas -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"C_\text{seed}", "<msub><mi>C</mi><mtext>seed</mtext></msub>"),
        (r"n^*", "<msup><mi>n</mi><mo lspace=\"0\" rspace=\"0\">\u2217</mo></msup>"),
        (r"a / b", '<mi>a</mi><mo lspace="0" rspace="0">/</mo><mi>b</mi>'),
        (r"a \ln b", '<mi>a</mi><mspace width="0.167em" /><mi>ln</mi><mspace width="0.167em" /><mi>b</mi>'),
        (r"\mathrm{d}", "<mtext>d</mtext>"),
    ],
)  # fmt: skip
def test_mathml_of_each_mended_construct(latex, expected):
    assert re.sub(r"<math [^>]*>|</math>", "", mathml.convert(latex)) == expected


def test_brackets_grow_around_fractions_alone():
    assert 'stretchy="false"' in mathml.convert(r"\left( a + b \right)")
    assert 'stretchy="true"' in mathml.convert(r"\left( \frac{a}{b} \right)")


def test_limits_stand_below_on_a_line_of_their_own_and_beside_within_one():
    assert "<munder><mi>min</mi>" in mathml.convert(r"\min_{a} b", display=True)
    assert "<msub><mi>min</mi>" in mathml.convert(r"\min_{a} b")


def test_a_command_without_mathml_is_an_error():
    with pytest.raises(ValueError, match=r"no MathML for \\undefined"):
        mathml.convert(r"\undefined + 1")


def test_formulas_are_mathml_with_their_source_and_no_page_has_mathjax(site, every_page):
    formulas = 0
    for name in every_page:
        text = (site / name).read_text(encoding="utf-8")
        assert "mathjax@" not in text.lower() and "window.MathJax" not in text, name
        assert not re.search(r'class="math[^>]*>\s*(\\\(|\\\[|<code>)', text), name
        assert "<merror" not in text, name
        found = re.findall(r'<math (?:display="block" )?alttext="([^"]+)"', text)
        assert len(found) == text.count("<math "), name
        formulas += len(found)
    assert formulas > 400


def test_equations_keep_their_numbers_and_references(site):
    text = (site / "notebooks" / "04_synthetic_cost.html").read_text(encoding="utf-8")
    number = re.search(r'id="equation-eq-synthetic-cost">\s*<span class="eqno">\((\d+)\)', text)[1]
    assert f'href="#equation-eq-synthetic-cost">({number})</a>' in text


def test_every_sign_of_every_formula_is_in_the_shipped_font(site, every_page, tab, address):
    data = (ROOT / "book" / "_static" / "stix-two-math.woff2").read_bytes()
    assert data[:4] == b"wOF2" and len(data) < 80_000
    written = set()
    for name in every_page:
        text = (site / name).read_text(encoding="utf-8")
        for formula in re.findall(r"<math .*?</math>", text, re.S):
            written.update(re.findall(r"<(m[ino]|mtext)[^>]*>([^<]+)</", formula))
    assert len(written) > 60
    tab.goto(f"{address}/notebooks/04_synthetic_cost.html")
    signs = sorted(f"<{tag}>{text}</{tag}>" for tag, text in written)
    tab.evaluate("signs => document.body.innerHTML = signs.map(s => `<math>${s}</math>`).join(' ')", signs)
    tab.evaluate("document.fonts.ready")
    session = tab.context.new_cdp_session(tab)
    for command in ("DOM.enable", "CSS.enable"):
        session.send(command)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    found = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "math > *"})["nodeIds"]
    assert len(found) == len(signs)
    for sign, node in zip(signs, found, strict=True):
        fonts = {font["familyName"] for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}
        assert fonts <= {"STIX Two Math"}, f"{sign} is drawn with {fonts}"


# --- weight ---------------------------------------------------------------------------------------------------------


def test_a_page_loses_only_what_it_has_no_use_for():
    head = '<head><script src="a/design-tabs.js"></script><link href="sphinx-design.min.css" rel="stylesheet" /></head>'
    card = '<body><div class="sd-card"><div class="sd-tab-set">'
    assert theme.tidied(head + card, "any") == head + card
    assert theme.tidied(head + "<body>", "any") == "<head></head><body>"
    search = '<head><script src="searchindex.js"></script></head><body>'
    assert theme.tidied(search, "search") == search
    assert "searchindex" not in theme.tidied(search, "any")
    # Firefox would fetch it at once, against the policy, and say so on every page.
    assert (
        theme.tidied('<head><link rel="next" title="A" href="a.html" /></head><body>', "any") == "<head></head><body>"
    )


def test_numbers_stay_with_their_signs_and_code_as_it_is():
    page = "<body><p>90 % of 80 GB</p><pre># 90 % of it</pre><script>'90 %'</script>"
    assert theme.tidied(page, "any") == page.replace("90 % of 80 GB", "90\u00a0% of 80\u00a0GB")
    formula = '<body><span class="math notranslate"><math alttext="u"><mi>u</mi></math></span>, and'
    assert theme.tidied(formula, "any").endswith("</math></span>,</span> and")


def test_every_page_is_light_and_has_no_accessibility_violation(browser, address, site, axe, every_page):
    # Colours that are still fading over would be measured half-way.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    tab = context.new_page()
    loaded = []
    tab.on("response", lambda response: loaded.append(response))
    run = (
        "([rules, but]) => axe.run({resultTypes: ['violations'], runOnly: rules,"
        " rules: Object.fromEntries(but.map(rule => [rule, {enabled: false}]))})"
        ".then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' '))))"
    )
    for name in [*every_page, "404.html"]:
        loaded.clear()
        tab.set_viewport_size({"width": 1280, "height": 900})
        tab.goto(f"{address}/{name}", wait_until="load")
        tab.evaluate("document.fonts.ready")
        # What a plain server sends for an address is the file; a reader who comes back has some of them already.
        paths = {unquote(urlsplit(answer.url).path) for answer in loaded if answer.url.startswith(address)}
        weight = sum((site / path.lstrip("/")).stat().st_size for path in paths if path != "/objects.inv")
        assert len(loaded) > 8 or name == "404.html", name
        assert weight < MOST_BYTES, f"{name} takes {weight} bytes"
        # Rows of a table and boxes of the ledger are alike: the first of them stand for all.
        tab.evaluate("s => document.querySelectorAll(s).forEach(each => each.remove())", ALIKE)
        tab.evaluate(axe)
        # Contrast depends on the colours alone, and all other rules on the width alone.
        contrast = {"type": "rule", "values": ["color-contrast"]}
        # What a narrow page shows instead of side bars is the same on all, so four pages stand for it. Of the chapters,
        # which are built alike, every fourth stands for the others when narrow and in the dark.
        narrow = (CHECKED, ["color-contrast"]) if name in NARROW else ({"type": "rule", "values": LAYOUT}, [])
        runs = [(1280, "light", CHECKED, []), (390, "light", *narrow), (390, "dark", contrast, [])]
        alike = name.startswith("notebooks/") and int(name[10:12]) % 4 != 1
        for width, colours, rules, but in runs[: 1 if alike else 3]:
            tab.set_viewport_size({"width": width, "height": 900})
            tab.evaluate("colours => document.documentElement.dataset.theme = colours", colours)
            assert tab.evaluate(run, [rules, but]) == [], f"{name} at {width} px, {colours}"
    context.close()


def test_icons_are_drawn_without_an_icon_font(tab, address):
    fonts = []
    tab.on("request", lambda request: fonts.append(request.url) if "woff" in request.url else None)
    for page in ("book/index", "notebooks/08_memory"):
        tab.goto(f"{address}/{page}.html")
        tab.evaluate("document.fonts.ready")
        icons = tab.evaluate(
            "[...document.querySelectorAll('.fa-solid, .fas')].filter(i => i.checkVisibility())"
            ".map(i => [i.className, i.offsetWidth > 0 && getComputedStyle(i).maskImage.startsWith('url')])"
        )
        assert len(icons) > 5
        assert [name for name, drawn in icons if not drawn] == [], page
    assert [url.rsplit("/", 1)[1] for url in fonts] == ["stix-two-math.woff2"]


# --- found by people ------------------------------------------------------------------------------------------------


def opening(page):
    """The words of the first paragraph of a built page."""
    first = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article h1 ~ p, .opening > p")
    return " ".join(first.get_text().split())


def metas(text):
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', text)
    return {name: html.unescape(content) for name, content in found}


def test_every_page_says_what_it_is_about(site, every_page):
    descriptions = {}
    for name in every_page:
        tags = metas((site / name).read_text(encoding="utf-8"))
        assert 20 < len(tags["description"]) <= 160, f"{name}: {tags['description']}"
        assert tags["og:title"] and tags["og:type"] and tags["twitter:card"] == "summary_large_image"
        assert tags["og:description"] == tags["description"]
        assert ((site / name).parent / tags["og:image"]).resolve() == (site / "_static" / "preview.png").resolve()
        descriptions[name] = tags["description"]
    assert len(set(descriptions.values())) == len(descriptions)
    # A chapter begins with its answer, in which the glued numbers stand.
    name = "notebooks/04_synthetic_cost.html"
    assert opening(site / name).startswith(descriptions[name].removesuffix(" …"))
    glued = [record["text"] for record in notebooks.records(ROOT / name.replace(".html", ".ipynb"), "key")]
    assert any(len(text) > 3 and text in descriptions[name].replace("\u00a0", " ") for text in glued)


def test_the_picture_for_previews_has_its_size(site):
    data = (site / "_static" / "preview.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 200_000


def test_the_picture_says_the_ratio_that_it_is_given():
    import preview

    texts = [text.get_text() for text in preview.picture(fmt.ratio(2.0), fmt.ratio(3.0)).texts]
    assert f"{fmt.ratio(2.0)} to {fmt.ratio(3.0)}" in texts


def test_the_search_finds_chapters_and_says_when_it_finds_nothing(tab, address):
    tab.goto(f"{address}/book/index.html")
    tab.keyboard.press("Control+k")
    tab.fill("#pst-search-dialog input", "DPO cost")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search.html?q=DPO+cost")
    until(tab, "/found [0-9]+ page/.test(document.getElementById('search-results').innerText)")
    found = tab.locator("#search-results li > a").all_inner_texts()
    links = tab.evaluate("[...document.querySelectorAll('#search-results li > a')].map(link => link.href)")
    # What answers the question comes first: a section of Estimate, and then the chapters.
    assert any("notebooks/" in link for link in links[:3])
    assert any("notebooks/04_synthetic_cost" in link for link in links[:10])
    until(tab, "document.querySelector('#search-results li p')?.innerText.length > 20")
    assert len(found) >= 10 and not {"Changelog", "Bibliography", "Status"} & set(found[:5])
    tab.goto(f"{address}/search.html?q=zebra+quux")
    until(tab, "/did not match any/.test(document.getElementById('search-results').innerText)")


# --- missing pages, and the server ----------------------------------------------------------------------------------


def test_a_search_result_quotes_the_text_of_its_page(tab, address, site):
    tab.goto(f"{address}/search.html?q=synthetic+cost")
    result = tab.locator("#search-results li", has=tab.locator('a[href*="04_synthetic_cost"]')).first
    result.locator(".context").wait_for()
    quoted = result.locator(".context").inner_text().lstrip(". ")[:40]
    assert len(quoted) == 40 and quoted in opening(site / "notebooks/04_synthetic_cost.html")


def test_the_404_page_needs_no_other_file(site):
    text = (site / "404.html").read_text(encoding="utf-8")
    assert not re.search(r"<link|<img|src=|@import|url\(", text.replace('<link rel="icon" href="data:,">', ""))


def test_the_404_page_finds_the_book_below_the_root(tab, site, tmp_path):
    for name in ("404.html", "deep/objects.inv", "deep/book/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((site / name.removeprefix("deep/")).read_bytes())
    with serve.server(tmp_path) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{pages.server_port}"
        answer = tab.goto(f"{root}/deep/book/no/such/page.html")
        assert answer.status == 404
        until(tab, "document.querySelector('[data-path]').href.includes('/deep/')")
        tab.click("text=Start page")
        tab.wait_for_url(f"{root}/deep/book/index.html")
        pages.shutdown()


def test_the_404_page_takes_the_known_address():
    text = not_found.page("A book", "book/index", "book/how_to_read", "https://books.example/cost/")
    assert 'href="/cost/book/index.html"' in text and "if (true ||" in text


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [("/book/index.html", 200, "text/html"), ("/nowhere/at-all", 404, "text/html; charset=utf-8"),
     ("/_static/costlib.js", 200, "text/javascript"), ("/_static/stix-two-math.woff2", 200, "font/woff2")],
)  # fmt: skip
def test_the_server_answers_with_the_right_kind(served, path, status, kind):
    connection = http.client.HTTPConnection("127.0.0.1", served.server_port)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (status, kind)
    connection.close()


def test_the_server_names_modules_and_wasm_and_stays_on_this_machine(served, tmp_path):
    assert serve.Pages.extensions_map[".mjs"] == "text/javascript"
    assert serve.Pages.extensions_map[".wasm"] == "application/wasm"
    assert served.server_address[0] == "127.0.0.1"
    assert "run make book first" in serve.main(tmp_path)
