"""The built pages as one HTML document for print: every id made unique, every link turned to its place in it."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

# What only a screen can use: folded code, links beside headings and figures, scripts, buttons.
SCREEN_ONLY = (
    "details.hide, a.headerlink, .toctree-wrapper, .sd-row, .costlib-data, .costlib-links, "
    ".costlib-screen, .whence, script, style, noscript, template, button, [hidden], "
    "#calculator :is(.tabs, #calculator-job, .presets, fieldset, .further, datalist, .takes, .status-bar, "
    ".calculator-chart)"
)
ID_LISTS = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")
WIDE_COLUMNS = 7  # of a reference table; more do not fit upright in a readable size
# Spans that carry no meaning in print; each would be an element of the document's structure.
PLAIN_SPANS = (
    "pasted-text", "bibtex-citation", "fn-bracket", "pre", "std", "doc", "std-ref",
    "n", "nb", "p", "o", "w", "nn", "nf", "nc", "fm", "vm", "bp", "go", "gp",
)  # fmt: skip
BRIEF_ROWS = 11  # of a table that is not split over two pages
LONGEST_WORD = 14  # that a column of a table keeps on one line
FIRST, CHAPTERS = "book/how_to_read", "notebooks/"  # on paper: then come the tools, under another name, and the tables
TOOLS = ("Start here", "With your own numbers")
APPENDIX = ("Appendix", "How each chapter was computed, and how far to trust it")
APART = "div:has(> p.rubric:first-child), #{0}--re-run-this-chapter, #{0}--references"
BREAK_AFTER = re.compile(r"(?<=[_/=,:-])(?=\w)")


class PrintError(Exception):
    """Something a reader can mend: the message says what and how."""


@dataclass
class Chapter:
    """One page of the book: its name in the table of contents, its part, its heading and its content."""

    name: str
    part: str
    title: str
    article: object
    moved: bool = False  # whether a part of it stands in the appendix

    @property
    def landscape(self):
        """Whether its tables need the width."""
        return bool(self.article.select(".wide"))

    @property
    def anchor(self):
        """The id of the chapter in the one document."""
        return anchor(self.name)


def anchor(name, fragment=""):
    """Return the id, in the one document, of a page or of an id on it.

    >>> anchor("notebooks/04_synthetic_cost", "inputs")
    'notebooks-04_synthetic_cost--inputs'
    """
    return name.replace("/", "-") + (f"--{fragment}" if fragment else "")


def contents(root):
    """Return (part, page name) for each page of the book, in the order of print; the first pages have no part."""
    import yaml

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [("" if page["file"] == FIRST else part["caption"].replace(*TOOLS), page["file"])
             for part in toc["parts"] for page in part["chapters"]]  # fmt: skip
    return sorted([("", toc["root"]), *pages], key=lambda page: (page[0] != "", not page[1].startswith(CHAPTERS)))


def chapters(root, built):
    """Return the chapters of a built folder, ready for one document.

    Parameters
    ----------
    root : folder of the book, with _toc.yml
    built : folder that `make book` or `costlib rerun` wrote

    Raises
    ------
    PrintError : for a page that is not there, and for a link inside the book that leads nowhere
    """
    listed = contents(root)
    articles = {name: _article(built, name) for _, name in listed}
    targets = {name: {tag["id"] for tag in article.find_all(id=True)} for name, article in articles.items()}
    found = []
    for part, name in listed:
        article = articles[name]
        _turn_links(article, name, targets)
        _rename_ids(article, name)
        _show_pictures(article, built)
        _tidy(article, depth=1 if part else 0)
        heading = article.find(["h1", "h2"])
        found.append(Chapter(name, part, " ".join(heading.get_text().split()), article))
    return _with_appendix(found)


def _with_appendix(found):
    """Return the chapters, and after the last an appendix: what they fold away, how to run them again, sources."""
    from bs4 import BeautifulSoup

    appendix = Chapter("appendix", *APPENDIX, BeautifulSoup(f"<h2>{APPENDIX[1]}</h2>", "html.parser"))
    after = 0
    for place, chapter in enumerate(found, 1):
        moved = chapter.article.select(APART.format(chapter.anchor)) if chapter.name.startswith(CHAPTERS) else []
        if moved:
            after, chapter.moved = place, True
            heading = BeautifulSoup(f'<h3 id="{anchor("appendix", chapter.anchor)}"></h3>', "html.parser").h3
            heading.string = chapter.title
            for each in moved:
                each.find(["p", "h3"]).name = "h4"
            appendix.article.extend([heading, *(each.extract() for each in moved)])
    return [*found[:after], *([appendix] if after else []), *found[after:]]


def changed_inputs(built):
    """Return the bar of a run with other inputs as HTML, or an empty text at published inputs."""
    bar = _soup(built / "book" / "index.html").select_one(".bd-header-announcement")
    content = bar.select_one(".bd-header-announcement__content") or bar if bar else None
    return content.decode_contents().strip() if content else ""


def versions(built):
    """Return what the status page says built these pages: {"costlib": "0.4.0", "commit": ...}."""
    rows = _soup(built / "book" / "status.html").select(".versions tr")
    cells = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in rows]
    return {row[0]: row[1] for row in cells if len(row) == 2}


def figures(chapter):
    """Return (id, number, first sentence of the caption) for each figure of a chapter."""
    rows = []
    for figure in chapter.article.find_all("figure", id=True):
        number, text = figure.select_one(".caption-number"), figure.select_one(".caption-text")
        if number and text:
            words = " ".join(text.get_text().split())
            rows.append((figure["id"], number.get_text(strip=True), re.split(r"(?<=[a-z)%])\. ", words)[0].rstrip(".")))
    return rows


def _soup(path):
    from bs4 import BeautifulSoup  # comes with the theme of the pages

    try:
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    except OSError as error:
        raise PrintError(f"{path} cannot be read: run make book, or costlib rerun, to the end first") from error


def article_of(path):
    """Return the article of a built page, as an element.

    Raises
    ------
    PrintError : for a page that cannot be read or has no article
    """
    article = _soup(path).select_one("article.bd-article")
    if not article:
        raise PrintError(f"{path} has no article: it was not built by this book's theme")
    return unfolded(article)


def unfolded(article):
    """Return an article whose folded text stands open below its title, and whose numbers are no links to a citation.

    Folded code stays as it is.
    """
    for link in article.select("a.costlib-cite"):
        link.unwrap()
    for fold in article.select("details.sd-dropdown"):
        title = fold.summary
        title.string = " ".join(title.get_text().split())
        title.name, title.attrs = "p", {"class": "rubric"}
        fold.name, fold.attrs = "div", {"id": fold["id"]} if fold.get("id") else {}
    return article


def _article(built, name):
    article = article_of(built / f"{name}.html")
    for tag in article.select(SCREEN_ONLY):
        tag.decompose()
    return article


def _turn_links(article, name, targets):
    """Make links between pages links inside the document; a file of the site has no place in it."""
    for link in article.find_all(href=True):
        parts = urlsplit(link["href"])
        if parts.scheme not in ("", "data") or parts.netloc:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
        page, fragment = path.removesuffix(".html"), unquote(parts.fragment)
        if parts.scheme or page not in targets:
            link.unwrap()
        elif fragment and fragment not in targets[page]:
            raise PrintError(f"{name} links to {page}.html#{fragment}, which is not there")
        else:
            link["href"] = f"#{anchor(page, fragment)}"


def _rename_ids(article, name):
    for tag in article.find_all(id=True):
        tag["id"] = anchor(name, tag["id"])
    for attribute in ID_LISTS:
        for tag in article.find_all(attrs={attribute: True}):
            value = tag[attribute]
            given = value if isinstance(value, list) else value.split()
            tag[attribute] = " ".join(anchor(name, each) for each in given)
    for attribute in ("clip-path", "fill"):
        for tag in article.find_all(attrs={attribute: re.compile(r"^url\(#")}):
            tag[attribute] = f"url(#{anchor(name, tag[attribute][5:-1])})"


def as_pictures(article):
    """Return an article in which the picture of each figure stands for its drawing."""
    from bs4 import Tag

    for drawing in article.select("svg[data-picture]"):
        words = {"src": drawing["data-picture"], "alt": drawing["aria-label"]}
        drawing.replace_with(Tag(name="img", attrs=words, can_be_empty_element=True))
    return article


def _show_pictures(article, built):
    """Take pictures by their full address."""
    for image in article.find_all("img", src=True):
        if urlsplit(image["src"]).scheme:
            continue
        path = built / "book" / unquote(image["src"])  # pages lie one folder deep
        if not path.is_file():
            raise PrintError(f"{path.resolve()} is missing: build the pages again")
        image["src"] = path.resolve().as_uri()


def _tidy(article, depth):
    """Show forms as filled in, put headings below their part's, and fit the tables."""
    for field in article.find_all(["input", "select", "textarea"]):
        field.replace_with(_entered(field))
    for heading in article.find_all(re.compile(r"^h[1-6]$")):
        heading.name = f"h{min(int(heading.name[1]) + depth, 6)}"
    for span in article.find_all("span", class_=list(PLAIN_SPANS)):
        if not span.get("id"):
            span.unwrap()
    for box in article.select("[tabindex]"):
        del box["tabindex"]
    # The browser gives a link of several pieces now one rectangle, now one for each; of one piece always one.
    for emphasis in article.select("a em"):
        emphasis.unwrap()
    article.smooth()
    for table in article.find_all("table"):
        _fit(table)


def _fit(table):
    """Mark a table that needs a wide page or stays whole, and let long names break after an underscore and the like."""
    from bs4 import Tag

    rows = table.find_all("tr")
    columns = max((len(row.find_all(["th", "td"])) for row in rows), default=0)
    drawn_from_facts = table.find_parent(lambda tag: {"costlib-table", "container"} <= set(tag.get("class", [])))
    marks = {"wide": drawn_from_facts and columns > WIDE_COLUMNS, "brief": len(rows) <= BRIEF_ROWS}
    table["class"] = [*table.get("class", []), *[mark for mark, applies in marks.items() if applies]]
    for tag in table.find_all("colgroup"):
        tag.decompose()
    for paragraph in table.select("td > p:only-child, th > p:only-child"):
        paragraph.unwrap()
    for text in table.find_all(string=BREAK_AFTER):
        if max(map(len, text.split())) > LONGEST_WORD:
            pieces = BREAK_AFTER.split(text)
            breaks = [part for piece in pieces for part in (Tag(name="wbr", can_be_empty_element=True), piece)]
            text.replace_with(*breaks[1:])


def _entered(field):
    if field.get("type") in ("checkbox", "radio"):
        return "\u2611 " if field.has_attr("checked") else "\u2610 "
    if field.name == "select":
        options = field.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return ", ".join(option.get_text(strip=True) for option in chosen)
    return field.get("value", field.get_text(strip=True))
