"""The pages as portable Markdown: nothing of this book's own notation is left, nothing is missing."""

import re

import export
import onepage
import pytest
from bs4 import BeautifulSoup
from command import refused
from conftest import ROOT

from costlib.report.notebooks import records

CHAPTERS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]


def converted(text):
    return export.markdown(BeautifulSoup(text, "html.parser"), "book/a", {"book/a", "notebooks/b"}, {("book/a", "x")})


def test_words_marks_and_what_markdown_would_read_as_a_mark():
    assert converted("<p>It <em>is</em> <b>$5</b> for a_b * 2, <code>x_y</code>.</p>") == (
        "It *is* **\\$5** for a_b \\* 2, `x_y`.\n"
    )


def test_folded_text_stands_open_below_its_title_and_folded_code_stays():
    page = BeautifulSoup(
        '<details class="sd-dropdown sd-card" id="x"><summary><span>How <b>so</b></span><svg></svg></summary>'
        "<div><p>Thus.</p></div></details><details class=hide><summary>Code</summary></details>", "html.parser"
    )  # fmt: skip
    assert str(onepage.unfolded(page)) == (
        '<div id="x"><p class="rubric">How so</p><div><p>Thus.</p></div></div>'
        '<details class="hide"><summary>Code</summary></details>'
    )


def test_links_lead_to_the_files_and_to_the_same_places():
    text = converted(
        '<p id="x"><a href="../notebooks/b.html#y">b</a> <a href="#x">here</a> '
        '<a href="https://example.org/">there</a> <a href="../results.csv">file</a></p>'
    )
    assert text == '<a id="x"></a>\n\n[b](../notebooks/b.md#y) [here](#x) [there](https://example.org/) file\n'


def test_a_table_a_list_a_formula_and_code():
    assert converted(
        "<table><tr><th>a</th><th>b|c</th></tr><tr><th>1</th><td><p>2</p></td></tr></table>"
        "<ol><li>one<ul><li>in</li></ul></li><li>two</li></ol>"
        '<div class="math"><math alttext="2N"></math></div><div class="highlight-python"><pre>x = 1\n</pre></div>'
    ) == ("| a | b\\|c |\n| --- | --- |\n| 1 | 2 |\n\n1. one\n\n   - in\n2. two\n\n$$ 2N $$\n\n```python\nx = 1\n```\n")


@pytest.fixture(scope="module")
def written(site, tmp_path_factory):
    return export.write(site, tmp_path_factory.mktemp("export"))


def test_no_role_and_no_tag_is_left(written):
    pages = sorted(written.rglob("*.md"))
    assert len(pages) > len(CHAPTERS) + 10
    for page in pages:
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\{(glue|ref|cite|eq|doc)\b", prose), page.name
        assert set(re.findall(r"(?<!\\)<(/?\w+)", prose)) <= {"a", "/a"}, page.name


def test_every_figure_is_a_file(written):
    figures = 0
    for page in written.rglob("*.md"):
        for source in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / source).is_file(), f"{page.name}: {source}"
            figures += 1
    assert figures > 30


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_of_a_chapter_are_text(written, chapter):
    text = (written / "notebooks" / f"{chapter}.md").read_text(encoding="utf-8").replace("\\", "").replace("\xa0", " ")
    source = (ROOT / "notebooks" / f"{chapter}.py").read_text(encoding="utf-8")
    numbers = {record["key"]: record["text"] for record in records(ROOT / "notebooks" / f"{chapter}.ipynb", "key")}
    shown = [key for key in numbers if f"# {{glue:text}}`{key}`" in source or f" {{glue:text}}`{key}`" in source]
    assert shown
    for key in shown:
        assert numbers[key] in text, key


def test_every_link_to_a_place_arrives(written):
    arrived = 0
    for page in written.rglob("*.md"):
        for path, place in re.findall(r"\]\(([^)#:]*\.md)?#([^)]+)\)", page.read_text(encoding="utf-8")):
            target = page.parent / path if path else page
            assert f'<a id="{place}"></a>' in target.read_text(encoding="utf-8"), f"{page.name}: {path}#{place}"
            arrived += 1
    assert arrived > 200


def test_a_folder_of_the_reader_is_no_place_for_an_export(tmp_path):
    built, target = tmp_path / "built", tmp_path / "markdown"
    for name, content in (("book/a.html", '<article class="bd-article"><h1>A</h1></article>'), ("_images/b.png", "1")):
        (built / name).parent.mkdir(parents=True)
        (built / name).write_text(content, encoding="utf-8")
    target.mkdir()
    (target / "thesis.md").write_text("precious")
    refused("is not empty and not made by costlib export", export.write, built, target)
    assert [path.name for path in target.iterdir()] == ["thesis.md"]
    assert export.write(built) == built / "markdown"
    (built / "markdown" / "notes.md").write_text("mine")
    (built / "_images" / "b.png").rename(built / "_images" / "c.png")
    export.write(built)  # again: a picture that is shown no more goes, what the reader put there stays
    left = {path.relative_to(built / "markdown").as_posix() for path in (built / "markdown").rglob("[!.]*.*")}
    assert left == {"book/a.md", "_images/c.png", "notes.md"}
