"""Versions of the book beside each other: kept, offered on every page, and listed for machines."""

import pytest
import versions
from onepage import PrintError

PAGE = """<!DOCTYPE html><html lang="en"><head><meta name="description" content="It &amp; more."/>
<title>{0} &#8212; The Cost of Alignment</title></head><body><article class="bd-article"><h1>{0}</h1>
<p>Words of {0}.</p></article></body></html>"""
TOC = """format: jb-book
root: book/index
parts:
- caption: Start
  chapters:
  - file: book/a
    sections:
    - file: book/b
"""


@pytest.fixture
def built(tmp_path):
    (tmp_path / "built" / "book").mkdir(parents=True)
    (tmp_path / "built" / "index.html").write_text("<html><head></head></html>")
    for name in ("index", "a", "b"):
        (tmp_path / "built" / "book" / f"{name}.html").write_text(PAGE.format(name))
    (tmp_path / "built" / "executed").mkdir()
    (tmp_path / "toc.yml").write_text(TOC)
    return tmp_path / "built"


def written(built, version, address=""):
    return versions.write(built, built.parent / "site", version, address, built.parent / "toc.yml")


def test_a_version_stands_beside_the_earlier_ones_and_all_offer_all(built):
    first = written(built, "0.9.0")
    (first / "book" / "a.html").write_text("old")
    second = written(built, "0.10.0")
    site = built.parent / "site"
    assert (first / "book" / "a.html").read_text() == "old", "an earlier version stays as it is"
    assert '["0.10.0", "0.9.0"]' in (site / "versions.js").read_text(), "the newest by its numbers, not its letters"
    assert "0.10.0/index.html" in (site / "index.html").read_text()
    assert '<script defer src="../../versions.js"></script></head>' in (second / "book" / "a.html").read_text()
    assert '<script defer src="../versions.js"></script></head>' in (second / "index.html").read_text()
    assert not (second / "executed").exists()


def test_machines_get_markdown_of_each_page_and_a_list_by_part(built):
    target = written(built, "1.0")
    assert (target / "book" / "b.md").read_text() == "# b\n\nWords of b.\n"
    said = (target.parent / "llms.txt").read_text().splitlines()
    assert said == ["# index", "", "> It & more.", "", "## Start", "",
                    "- [a](1.0/book/a.md): It & more.", "- [b](1.0/book/b.md): It & more."]  # fmt: skip
    assert not (target.parent / "sitemap.xml").exists(), "a map needs an address"
    written(built, "1.0", "https://books.example/cost")
    found = (target.parent / "sitemap.xml").read_text()
    assert "<loc>https://books.example/cost/1.0/book/b.html</loc>" in found and found.count("<url>") == 3


@pytest.mark.parametrize("version", ["", "../x", "v1", "1.0 ", "1..0"])
def test_a_version_that_is_no_number_writes_nothing(built, version):
    with pytest.raises(PrintError, match="VERSION must be numbers between dots"):
        written(built, version)
    assert not (built.parent / "site").exists()


def test_without_pages_there_is_nothing_to_keep(tmp_path):
    with pytest.raises(PrintError, match="holds no pages"):
        versions.write(tmp_path, tmp_path / "site", "1.0")
