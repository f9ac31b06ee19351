"""Whatever a value of a reader's file holds, a page shows it as words: no element, attribute or address of its own."""

import json
import os
import threading
from types import SimpleNamespace
from urllib.parse import unquote, urljoin, urlsplit

import directives
import export
import markup
import pandas
import printed
import pytest
import serve
import yaml
from hostile import MARK, TEXTS, skeleton, soup, strangers
from markdown_it import MarkdownIt

from costlib.base.display import Table
from costlib.base.text import printable
from costlib.report import figures, rerun, several, tables

PLAIN = "a plain name"
every = pytest.mark.parametrize("text", TEXTS)


@every
def test_a_table_is_made_of_the_same_elements(text):
    def table(words):
        frame = pandas.DataFrame({words: [words, "b"], "number": ["1", "2"]})
        return tables.html("tab-a-b", frame, words, {"number": ["../book/a.html", ""]})

    found = table(text)
    assert skeleton(found) == skeleton(table(PLAIN)) and strangers(found) == []
    page = soup(found)
    assert [page.caption.get_text(), page.th.get_text(), page.tbody.th.get_text()] == [printable(text)] * 3
    assert skeleton(Table([text, "n"], [[text, "1"]]).html()) == skeleton(Table([PLAIN, "n"], [[PLAIN, "1"]]).html())


@pytest.fixture(scope="module")
def good():
    return several.ScenarioResult("plain", several._compared({}))


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    """A picture takes long to draw and has no words but its title, which has a test of its own."""
    drawn = SimpleNamespace(savefig=lambda file, **_: file.write(b"picture"))
    axes = SimpleNamespace(**dict.fromkeys(("plot", "set", "set_yticks", "set_title", "grid"), lambda *_, **__: None))
    monkeypatch.setattr(several.figures, "canvas", lambda *_: (drawn, axes))
    monkeypatch.setattr("matplotlib.pyplot.close", lambda _: None)


@every
def test_scenarios_side_by_side_are_words_and_links_to_their_folders(text, good):
    name = text.replace("/", "-").replace("\0", "")  # which no file has in its name
    found = several.page([good._replace(name=name), several.ScenarioResult(name, problem=text)])
    plain = several.page([good._replace(name=PLAIN), several.ScenarioResult(PLAIN, problem=PLAIN)])
    assert skeleton(found) == skeleton(plain) and strangers(found, "href") == []
    leads_to(found, name)


NAMES = [
    *(
        "javascript:alert(1)",
        "a#b",
        "a?b=c",
        "100%",
        "%2e%2e",
        "a b",
        "ü",
        "日本",
        "a&b;c",
        "a'b\"c",
        "a+b",
        "http:",
        "C:",
    ),
    *(
        "\\\\host\\a",
        "mailto:x",
        "~",
        "-o",
        "*",
        "[x]",
        "{0}",
        "$x",
        "<img src=x onerror=alert(1)>",
        os.fsdecode(b"\xff\xfe"),
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_to_the_folder_of_its_scenario_whatever_its_name(name, good):
    leads_to(several.page([good._replace(name=name)]), name)


@pytest.mark.parametrize("kind", ["on disk", "by server"])
def test_every_link_opens(kind, browser, good, tmp_path):
    (tmp_path / "index.html").write_text(several.page([good._replace(name=name) for name in NAMES]), encoding="utf-8")
    for place, name in enumerate(NAMES):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(f"<p>book {place}", encoding="utf-8")
    tab, said = browser.new_page(), []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    with serve.server(tmp_path) as pages:
        threading.Thread(target=pages.serve_forever, args=[0.01], daemon=True).start()
        start = tmp_path.as_uri() if kind == "on disk" else f"http://127.0.0.1:{pages.server_port}"
        tab.goto(f"{start}/index.html")
        addresses = tab.evaluate("[...document.querySelectorAll('tbody a')].map((link) => link.href)")
        for place, (name, address) in enumerate(zip(NAMES, addresses, strict=True)):
            if kind == "on disk" or name.isprintable():  # Python's server takes names in UTF-8 alone
                tab.goto(address)
                assert tab.inner_text("p") == f"book {place}" and said == [], name
        pages.shutdown()
    tab.close()


def leads_to(page, name):
    for base in ("https://book.example/out/index.html", "file:///home/me/out/index.html"):
        parts = urlsplit(urljoin(base, soup(page).tbody.a["href"]))
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == (*urlsplit(base)[:2], "", "")
        folder = base.rpartition("/")[0].partition("//")[2].partition("/")[2]
        assert unquote(parts.path, errors="surrogateescape") == f"/{folder}/{name}/index.html"


@every
def test_the_bar_above_all_pages_says_names_as_words(text, tmp_path):
    def bar(words):
        (tmp_path / "_config.yml").write_text("title: a book\n")
        own = SimpleNamespace(gpu={"name": words, "label": words}, coefficients={})
        rerun._announce(tmp_path, {"cluster_gpu": words}, {"04"}, ["04", "05"], own)
        return yaml.safe_load((tmp_path / "_config.yml").read_text(encoding="utf-8"))["html"]["announcement"]

    found = bar(text)
    assert skeleton(found) == skeleton(bar(PLAIN)) and strangers(found) == []
    assert soup(found).get_text().count(printable(text)) == 2


@every
def test_data_in_a_page_stays_in_its_block(text):
    found = markup.json_block("x", {text: [text]})
    assert found.count("<") == 2 and strangers(found) == []
    assert json.loads(soup(found).script.string) == {text: [text]}


@every
def test_markdown_of_a_fact_shows_the_fact(text):
    """Of CommonMark, on which MyST builds; a role is braces before a backtick, a target brackets at the beginning."""
    wanted = " ".join(text.split()).replace("\0", "\ufffd")
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(directives._escaped(text))
    assert skeleton(made) == [("p", [])] and soup(made).get_text().strip() == wanted.strip()
    assert "}`" not in directives._escaped(text) and not directives._escaped(text).startswith(("(", "%", "+"))


@every
def test_markdown_of_a_page_shows_its_words(text):
    safe = markup_of(text)
    page = f'<p>{safe}</p><p><code>{safe}</code></p><pre>{safe}</pre><p>a <img alt="{safe}" src="x.png"> b</p>'
    page += f"<table><tr><th>{safe}</th></tr><tr><td>{safe}</td></tr></table>"
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(export.markdown(soup(page)))
    names = [name for name, _ in skeleton(made)]
    assert [name for name in names if name not in ("thead", "tbody")] == [
        "p", "p", "code", "pre", "code", "p", "img", "table", "tr", "th", "tr", "td"]  # fmt: skip
    assert strangers(made) == [] and soup(made).p.get_text().split() == soup(page).p.get_text().split()


def markup_of(text):
    """As a page of the book has it: docutils escapes words, and no file of the book has a zero."""
    return soup("").new_string(text.replace("\0", "")).output_ready()


@every
def test_print_keeps_a_title_within_its_style(text):
    about, chapter = (
        {"title": PLAIN, "version": "1", "changed": ""},
        SimpleNamespace(title=text, part="A", landscape=False, anchor="a"),
    )
    style = printed._header(about, chapter)
    assert "<" not in style and style.count('"') == 4


@pytest.mark.parametrize("text", [text for text in TEXTS if "$" in text])
def test_dollars_in_a_picture_are_no_formula(text, monkeypatch):
    monkeypatch.undo()
    fig, axes = figures.canvas(3, 2)
    axes.set_title(text)
    axes.plot([0, 1], label=text)
    axes.legend()
    fig.canvas.draw()
    assert MARK in axes.get_title()
    figures_closed(fig)


def figures_closed(fig):
    from matplotlib import pyplot

    pyplot.close(fig)
