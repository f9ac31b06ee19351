"""The built pages as portable Markdown: `python book/_ext/export.py _build` writes _build/markdown.

The pages have every number, citation and reference in place, so Markdown made from them needs no tool of this book:
numbers and citations are text, figures are files, tables are Markdown, formulas stand between dollar signs.
"""

import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from onepage import PrintError, article_of, as_pictures

from costlib.base import folders
from costlib.base.errors import FileError, RunError

LEFT_OUT = (
    "a.headerlink, .costlib-screen, .costlib-links, script, style, noscript, template, button, summary, form, "
    "datalist, .toctree-wrapper, [hidden]"
)
INLINE = {"a", "abbr", "b", "br", "cite", "code", "em", "i", "img", "kbd", "math", "small", "span", "strong", "sub",
          "sup", "tt", "u", "var", "wbr"}  # fmt: skip
# What Markdown would read as a mark.
SPECIAL = re.compile(r"([\\`*\[\]<$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|~(?=~))")
# The same at the beginning of a line: headings, lists, rules, quotations, fences.
OPENING = re.compile(r"^(?=(?:#{1,6}|[-+])(?:\s|$)|[>|]|[-=~:]{3})|(?<=^\d)(?=[.)]\s)|(?<=^\d\d)(?=[.)]\s)", re.M)
_MARKED = r"\\\1"
SAFE = "!#$%&'*+,/:;=?@[]~"  # of an address within round brackets
LANGUAGES = {"ipython3": "python", "default": "", "none": ""}
MARKS = {"em": "*", "i": "*", "cite": "*", "strong": "**", "b": "**"}


def write(built, target=None):
    """Write the pages of a built folder as Markdown; return the folder that holds it.

    Parameters
    ----------
    built : folder that `make book` or `costlib rerun` wrote
    target : folder to write, new or of an earlier export [markdown/ in the built folder]

    Raises
    ------
    PrintError : for a page that is not there
    FileError : for a folder that is not ours
    """
    built = Path(built)
    pages = {path.relative_to(built).with_suffix("").as_posix(): as_pictures(article_of(path))
             for folder in ("book", "notebooks") for path in sorted((built / folder).rglob("*.html"))}  # fmt: skip
    if not pages:
        raise PrintError(f"{built} holds no pages: run make book, or costlib rerun, to the end first")
    files = [*sorted((built / "_images").glob("*")), *sorted((built / "_downloads" / "figures").glob("*.png"))]
    pictures = {path.relative_to(built).as_posix(): path for path in files if path.is_file()}
    with folders.opened(target or built / "markdown", "export") as folder:
        wanted = _targets(pages)
        texts = {f"{name}.md": markdown(article, name, pages, wanted) for name, article in pages.items()}
        folder.replace(
            [*texts, *pictures],
            lambda name: texts[name].encode() if name in texts else pictures[name].read_bytes(),
            folder.files,
        )
        return folder.path


def _targets(pages):
    """The places that a link of some page leads to, as page and id."""
    found = set()
    for name, article in pages.items():
        for link in article.find_all("a", href=True):
            parts = urlsplit(link["href"])
            if not parts.scheme and parts.fragment:
                found.add((_page(name, parts.path), unquote(parts.fragment)))
    return found


def _page(name, path):
    """The name of the page that an address on another page leads to."""
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path))) if path else name
    return whole.removesuffix(".html")


def markdown(article, name="", pages=(), wanted=()):
    """Return the Markdown of the article of a page.

    Parameters
    ----------
    article : the element, which loses what only a screen can use
    name : of the page, such as "book/index"
    pages : names of the pages that links may lead to
    wanted : (page, id) of the places that links lead to

    >>> from bs4 import BeautifulSoup
    >>> markdown(BeautifulSoup("<h2>A<a class=headerlink>#</a></h2><p>It is <b>so</b>.</p>", "html.parser"))
    '## A\\n\\nIt is **so**.\\n'
    """
    for tag in article.select(LEFT_OUT):
        tag.decompose()
    return "\n\n".join(_Page(name, pages, wanted).blocks(article)) + "\n"


class _Page:
    """Markdown of the elements of one page."""

    def __init__(self, name, pages, wanted):
        self.name, self.pages, self.wanted = name, pages, wanted

    def blocks(self, parent):
        """The blocks of an element; words between them are paragraphs."""
        found, words = [], ""
        for child in parent.children:
            if self.is_inline(child):
                words += self.inline(child)
                continue
            found += [*self.paragraph(words), *self.anchor(child), *self.block(child)]
            words = ""
        return [*found, *self.paragraph(words)]

    def is_inline(self, node):
        return node.name is None or (node.name in INLINE and not any(each.name == "p" for each in node.find_all(True)))

    def paragraph(self, words):
        text = re.sub(r" *\n *", "\n", re.sub(r"[ \t]+", " ", words)).strip()
        return [OPENING.sub(r"\\", text)] if text else []

    def anchor(self, tag):
        named = tag.get("id", "")
        return [f'<a id="{named}"></a>'] if (self.name, named) in self.wanted else []

    def block(self, tag):
        if re.fullmatch(r"h[1-6]", tag.name):
            return ["#" * int(tag.name[1]) + " " + self.words(tag)]
        if tag.name == "p":
            return self.paragraph("".join(map(self.inline, tag.children)))
        if tag.name in ("ul", "ol"):
            return ["\n".join(self.items(tag))]
        if tag.name == "pre":
            return [self.code(tag)]
        if tag.name == "table":
            return self.table(tag)
        if tag.name == "hr":
            return ["---"]
        if tag.name == "dt":
            signature = "sig" in tag.get("class", [])
            return [f"`{' '.join(tag.get_text().split())}`" if signature else f"**{self.words(tag)}**"]
        if "math" in tag.get("class", []):
            number = tag.select_one(".eqno")
            return [f"$$ {tag.math['alttext']} $$" + (f" {number.get_text().strip()}" if number else "")]
        inside = self.blocks(tag)
        if tag.name == "blockquote" or {"admonition", "hide"} & set(tag.get("class", [])) == {"admonition"}:
            return ["\n".join(f"> {line}".rstrip() for line in "\n\n".join(inside).split("\n"))]
        return inside

    def items(self, tag):
        for number, item in enumerate(tag.find_all("li", recursive=False), 1):
            mark = "- " if tag.name == "ul" else f"{number}. "
            first, *rest = "\n\n".join([*self.anchor(item), *self.blocks(item)]).split("\n")
            yield mark + first
            yield from (" " * len(mark) + line if line else "" for line in rest)

    def code(self, tag):
        box = tag.find_parent(class_=re.compile("^highlight-")) or tag
        language = re.search(r"highlight-(\w+)", " ".join(box.get("class", [])))
        known = LANGUAGES.get(language[1], language[1]) if language else ""
        text = tag.get_text().rstrip()
        fence = "`" * max(3, _longest_run(text) + 1)
        return f"{fence}{known}\n{text}\n{fence}"

    def table(self, tag):
        lines = [row.find_all(["th", "td"]) for row in tag.find_all("tr")]
        rows = [[self.words(cell).replace("|", "\\|") for cell in line] for line in lines]
        caption = [self.words(tag.caption)] if tag.caption else []
        if not rows:
            return caption
        width = max(map(len, rows))
        header, *body = [row + [""] * (width - len(row)) for row in rows]
        return [*caption, "\n".join(f"| {' | '.join(row)} |" for row in [header, ["---"] * width, *body])]

    def words(self, tag):
        """The inline Markdown of an element on one line."""
        return " ".join("".join(self.inline(child) + " " * (child.name == "p") for child in tag.children).split())

    def inline(self, node):
        if node.name is None:  # words; a comment is a kind of them
            return SPECIAL.sub(_MARKED, node) if type(node).__name__ == "NavigableString" else ""
        if node.name == "math":
            return f"${node['alttext']}$"
        if node.name == "img":
            return f"![{SPECIAL.sub(_MARKED, ' '.join(node.get('alt', '').split()))}]({node['src']})"
        if node.name == "br":
            return "\n"
        text = "".join([*self.anchor(node), *map(self.inline, node.children)])
        if node.name in ("code", "tt", "kbd"):
            return _code_span(" ".join(node.get_text().split(chr(10))))
        if node.name == "a" and node.get("href"):
            return self.link(node["href"], text)
        mark = MARKS.get(node.name, "")
        return f"{mark}{text}{mark}" if text.strip() else text

    def link(self, address, text):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "mailto"):
            return f"[{text}]({quote(address, safe=SAFE)})"
        page = _page(self.name, parts.path)
        if parts.scheme or page not in self.pages or (page == self.name and not parts.fragment):
            return text  # a file of the site, or what only its scripts answer
        to = posixpath.relpath(f"{page}.md", posixpath.dirname(self.name)) if page != self.name else ""
        return f"[{text}]({to}{'#' + parts.fragment if parts.fragment else ''})"


def _longest_run(text):
    return max(map(len, re.findall("`+", text)), default=0)


def _code_span(text):
    """A text as code, between more backticks than it holds in a row.

    >>> _code_span("a"), _code_span("`a")
    ('`a`', '`` `a ``')
    """
    if not text.strip():
        return text
    marks, space = "`" * (_longest_run(text) + 1), " " * (text[0] == "`" or text[-1] == "`")
    return f"{marks}{space}{text}{space}{marks}"


if __name__ == "__main__":
    try:
        print(f"markdown {write(*sys.argv[1:])}")
    except (PrintError, FileError, RunError, OSError) as problem:
        sys.exit(f"costlib: {problem}")
