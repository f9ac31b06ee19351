"""A book run with hostile hardware: in none of its pages does the name of a GPU become an element, and nothing runs."""

import json
import re
import shutil
import threading
from urllib.parse import quote

import pytest
import serve
from command import costlib
from conftest import ROOT
from hostile import MARK, TEXTS, soup, strangers

from costlib.facts import hardware
from costlib.report import rerun

NAME = f"\"><img src=x onerror=alert('{MARK}')>"
LABEL = f"<img src=x onerror=alert(1)>[{MARK}](javascript:1)${MARK}$|"
ALL = f"{LABEL} {' '.join(text for text in TEXTS if text.isprintable())}"  # what a chapter may show
GPU = {
    "name": NAME,
    "label": LABEL,
    "device": NAME,
    "bf16_dense_tflops": 312,
    "hbm_gb": 80,
    "hbm_bandwidth_gb_per_s": 2039,
}
LISTENING = """window.ran = []; window.alert = (words) => window.ran.push(words);
addEventListener("securitypolicyviolation", (event) => console.error("policy", event.violatedDirective))"""
SEARCHED = f"search.html?q={quote('Beneath ' + ALL)}"
CAPTION = "Of {glue:text}`gpu_label`. Words."
GLUED = "{glue:text}`gpu_label`"
TITLE = f"(sec-a)=\n# Of {GLUED}\n\n**Question.** Of {GLUED}?\n\n**Answer.** Of *{GLUED}*."
COMPUTED = f"""from costlib.facts import catalog
from costlib.report import figures, page
label = catalog.find("gpus", cluster_gpu).label + {ALL.removeprefix(LABEL)!r}
page.phrase("gpu_label", label)
page.publish("ratio_low", 1, "ratio", "1.0x")
page.publish("ratio_high", 2, "ratio", "2.0x")
inputs = page.inputs(globals(), "tab-a-inputs")"""
DRAWN = """fig, ax = figures.canvas(4, 2)
ax.plot([0, 1], label=label)
ax.set(title=label[:40], xlabel=label[40:80])
ax.legend()
ax = None"""
FIGURE = {"mystnb": {"figure": {"caption": CAPTION, "name": "fig-a-labels"}, "image": {"alt": "A picture."}}}
CHAPTER = [
    ("markdown", {}, TITLE),
    ("code", {"tags": ["parameters"]}, "cluster_gpu: str = 'a100-sxm-80gb'  # of the cluster [-]"),
    ("code", {}, COMPUTED),
    ("code", {}, "df = page.table('tab-a-labels', ['gpu', label], [[label, label], [cluster_gpu, '1']], label)"),
    ("markdown", {}, f"## Beneath {GLUED}\n\n- {GLUED}\n\n| a | b |\n|---|---|\n| {GLUED} | 1 |"),
    ("code", FIGURE, DRAWN),
    ("code", {}, "df = page.data('fig-a-labels', ['gpu', label], [[label, 1.5]])"),
    ("code", {}, "label"),
    ("code", {}, "catalog.find('gpus', cluster_gpu)"),
]
PAGES = {
    "index": "# A book\n\nWords of {ref}`sec-a`.",
    "calculator": "# Your numbers\n\n```{calculator-form}\n```",
    "cite": "# Cite\n\n```{cite-one}\nWords.\n```",
    "data": "# Data\n\n```{data-downloads}\n```\n\n```{fact-table} gpus\n:columns: label hbm_gb\n```",
    "status": "# Status\n\n```{status-table}\n```\n\n```{execution-table}\n```",
}


@pytest.fixture(scope="module")
def hostile_book(tmp_path_factory):
    """The pages of a book of one chapter that shows the name of its GPU wherever a chapter can show one."""
    root = tmp_path_factory.mktemp("hostile") / "book"
    shutil.copytree(ROOT / "book", root / "book", ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    for name in ("_config.yml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, root / name)
    for name, text in PAGES.items():
        (root / "book" / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    chapters = "".join(
        f"      - file: {name}\n" for name in ("notebooks/05_comparison", *(f"book/{n}" for n in PAGES if n != "index"))
    )
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/index\nparts:\n  - caption: A part\n    chapters:\n{chapters}"
    )
    cells = [
        {"cell_type": kind, "id": f"cell-{place}", "metadata": metadata, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for place, (kind, metadata, source) in enumerate(CHAPTER)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks").mkdir()
    (root / "notebooks" / "05_comparison.ipynb").write_text(json.dumps(notebook))
    out = root.parent / "out"
    outcome = rerun.run(root, {"cluster_gpu": NAME}, out, own=hardware.checked({"gpu": GPU}))
    assert outcome.failed == {}
    return out


@pytest.fixture(scope="module")
def pages(hostile_book):
    found = {
        file.relative_to(hostile_book).as_posix(): file.read_text(encoding="utf-8")
        for file in hostile_book.rglob("*.html")
    }
    assert {f"book/{name}.html" for name in PAGES} | {
        "notebooks/05_comparison.html",
        "index.html",
        "404.html",
    } <= found.keys()
    return found


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory):
    """The whole book, with the chapters that speak of a GPU run on the hostile one."""
    out = tmp_path_factory.mktemp("whole") / "out"
    mine, scenario = out.parent / "mine.yml", out.parent / "scenario.yml"
    mine.write_text(json.dumps({"gpu": GPU}))
    scenario.write_text(json.dumps({"cluster_gpu": NAME}))
    done = costlib(
        "rerun", scenario, "--hardware", mine, "-o", out, "--book", ROOT, "--chapters", "03,08,09,11,12,14,15"
    )
    assert done.exit_code == 0, done.output
    return out


def test_the_whole_book_shows_hostile_hardware_as_words(browser, whole_book):
    found = {
        file.relative_to(whole_book).as_posix(): file.read_text(encoding="utf-8") for file in whole_book.rglob("*.html")
    }
    assert len(found) > 40 and MARK in found["notebooks/08_memory.html"].partition("<article")[2]
    assert {name: wrong for name, text in found.items() if name != "404.html" and (wrong := strangers(text))} == {}
    look_at(browser, whole_book, found)


def test_no_page_has_more_of_a_name_than_words(pages):
    assert {name: wrong for name, text in pages.items() if name != "404.html" and (wrong := strangers(text))} == {}


def test_the_name_stands_where_it_should(pages):
    """What is not shown cannot be wrong: the chapter has the label in each of its places, as it was written."""

    def letters(text):  # quotes and dashes are those of good type
        return re.sub("[^A-Za-z0-9]", "", text)

    said = letters(ALL)
    chapter = soup(pages["notebooks/05_comparison.html"])
    for place in (
        "h1",
        "h2",
        "figcaption",
        "caption",
        "thead th:nth-of-type(2)",
        "tbody th",
        "li p .pasted-text",
        "td .pasted-text",
        "em .pasted-text",
    ):
        texts = [letters(each.get_text()) for each in chapter.select(f"article {place}")]
        assert any(said in text for text in texts), place
    for name, text in pages.items():
        if name.startswith(("book/", "notebooks/")):
            bar = soup(text).select_one(".bd-header-announcement").get_text()
            assert letters(NAME) in letters(bar) and letters(LABEL) in letters(bar), name
    assert said in letters(chapter.title.get_text())
    cited = json.loads(soup(pages["book/cite.html"]).find(id="cite-data").string)["pieces"]
    assert MARK in cited["fig-a-labels"]["body"] and MARK in cited["tab-a-labels"]["body"]


def test_every_page_has_a_policy_that_lets_no_script_of_its_own_run(pages):
    for name, text in pages.items():
        page = soup(text)
        policies = [tag["content"] for tag in page.select('head > meta[http-equiv="Content-Security-Policy"]')]
        assert len(policies) == 1, name
        rules = dict(rule.split(" ", 1) for rule in policies[0].split("; "))
        assert rules["default-src"] == "'none'" and "unsafe" not in rules["script-src"].replace(
            "'wasm-unsafe-eval'", ""
        ), name
        assert ("sha256" in rules["script-src"]) == (name == "404.html"), name
        assert ("wasm" in rules["script-src"]) == (name == "book/calculator.html"), name
        assert page.head.find(True).name == "meta" and page.head.find_all(True)[1].get("http-equiv"), "before all else"
        assert not [a for tag in page.find_all(True) for a in tag.attrs if a.startswith("on")], name


def test_nothing_runs_in_a_browser(browser, hostile_book, pages):
    look_at(browser, hostile_book, [*pages, "search.html?q=zq9", SEARCHED, "book/cite.html#fig-a-labels"])


def look_at(browser, folder, names):
    """Open pages wide and narrow: nothing runs, nothing is refused, nothing comes from elsewhere, nothing overflows."""
    context = browser.new_context()
    tab = context.new_page()
    complaints = []
    tab.add_init_script(LISTENING)
    tab.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    with serve.server(folder) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{served.server_port}"
        tab.on("request", lambda r: None if r.url.startswith((address, "data:")) else complaints.append(r.url))
        for name in names:
            for width in (1280, 390):
                tab.set_viewport_size({"width": width, "height": 900})
                tab.goto(f"{address}/{name}", wait_until="networkidle")
                assert tab.evaluate("window.ran") == [] and complaints == [], (name, complaints)
                assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (name, width)
                assert (
                    tab.locator("img[src=x], img[src*=evil], svg[onload], main script:not([src]):not([type])").count()
                    == 0
                )
        served.shutdown()
    context.close()
