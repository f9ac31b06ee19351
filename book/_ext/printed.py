"""The one document that is printed: style, running headers, title page, contents and chapters."""

import html
import re
from pathlib import Path

import onepage

SUBTITLE = "What it costs to align a language model with human or AI feedback: an executable report"
LICENCE = "Text and figures: CC BY 4.0. Code: BSD-3-Clause."
FACES = (
    ("Book", "STIXGeneral", ("", "Bol", "Italic", "BolIta")),
    ("Book Serif", "DejaVuSerif", ("", "-Bold", "-Italic", "-BoldItalic")),
    ("Book Sans", "DejaVuSans", ("", "-Bold", "-Oblique", "-BoldOblique")),
    ("Book Mono", "DejaVuSansMono", ("", "-Bold", "-Oblique", "-BoldOblique")),
)
IN_CSS = {ord('"'): "'", ord("\\"): None, ord("<"): r"\3c "}  # nothing ends a text, nor the element around it
STYLES = (("400", "normal"), ("700", "normal"), ("400", "italic"), ("700", "italic"))


def document(root, built, about, chapters, pages):
    """Return the whole book as one HTML document.

    Parameters
    ----------
    root : folder of the book, with book/_print
    built : folder of the built pages
    about : what `pdf.describe` returns
    chapters : what `onepage.chapters` returns
    pages : {id: page number}, as far as it is known
    """
    sheets = (root / "book" / "_static" / "moving.css", root / "book" / "_print" / "book.css")
    style = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    headers = "\n".join(_header(about, chapter) for chapter in chapters)
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{_text(about["title"])}</title>\n'
        f"<style>\n{_font_faces(built)}\n{style}\n{headers}\n</style></head><body>\n"
        f"{_title_page(about)}\n{_contents(chapters, pages)}\n{_body(chapters, pages)}\n</body></html>\n"
    )


def _text(text):
    return html.escape(text, quote=False)


def _body(chapters, pages):
    pieces, part = [], ""
    for chapter in chapters:
        opening = ""
        if chapter.part != part:
            part = chapter.part
            label = re.sub(r"\W+", "-", part.lower()).strip("-")
            opening = f'<h1 class="part" id="part-{label}">{_text(part)}</h1>'
        content = chapter.article.decode_contents()
        if chapter.moved:
            target = onepage.anchor("appendix", chapter.anchor)
            words = "How this was computed, how far to trust it, how to run it again, and sources: page "
            content += f'<p class="moved"><a href="#{target}">{words}{pages.get(target, "")}</a></p>'
        shape = "chapter landscape" if chapter.landscape else "chapter"
        pieces.append(f'<section class="{shape}" id="{chapter.anchor}">{opening}{content}</section>')
    return "\n".join(pieces)


def _header(about, chapter):
    """Return the style of one chapter's pages, whose running header names the chapter."""
    left = f"{about['title']} {about['version']}" + (", with changed inputs" if about["changed"] else "")
    right = chapter.title if chapter.part else ""
    margins = " ".join(
        f'@top-{side} {{ content: "{text.translate(IN_CSS)}"; }}' for side, text in (("left", left), ("right", right))
    )
    size = "size: A4 landscape; " if chapter.landscape else ""
    return f"@page page-{chapter.anchor} {{ {size}{margins} }} #{chapter.anchor} {{ page: page-{chapter.anchor}; }}"


def _title_page(about):
    title, author, commit = _text(about["title"]), _text(about["author"]), about["commit"]
    version = f"Version {about['version']}" + (f", commit {commit}" if commit else "")
    changed = f'<p class="changed">{about["changed"]}</p>\n' if about["changed"] else ""
    cite = f"{author}: <i>{title}</i>. {version}, {about['date']}."
    if about["changed"]:
        cite += " These pages use other inputs than the published ones: cite the published book beside your scenario."
    return (
        f'<section class="title-page"><p class="title">{title}</p>\n'
        f'<p class="subtitle">{SUBTITLE}</p>\n'
        f'<p class="author">{author}</p>\n<p>{version}<br>{about["date"]}</p>\n{changed}'
        f'<div class="imprint"><p><b>How to cite.</b> {cite}</p>\n<p><b>Licence.</b> {LICENCE}</p></div></section>'
    )


def _contents(chapters, pages):
    lines, part = [], ""
    for chapter in chapters:
        if chapter.part != part:
            part = chapter.part
            lines.append(f'<p class="toc-part">{_text(part)}</p>')
        lines.append(_line(chapter.anchor, _text(chapter.title), pages))
    pictures = [
        _line(target, f"<b>{number}</b>&nbsp; {_text(words)}", pages)
        for chapter in chapters
        for target, number, words in onepage.figures(chapter)
    ]
    return (
        f'<nav class="contents"><h1 id="contents">Contents</h1>\n{"".join(lines)}</nav>\n'
        f'<nav class="contents figures"><h1 id="figures">Figures</h1>\n{"".join(pictures)}</nav>'
    )


def _line(target, text, pages):
    number = pages.get(target, "")
    return f'<p><a href="#{target}"><span>{text}</span><span class="dots"></span><span>{number}</span></a></p>\n'


def _font_faces(built):
    """Return CSS for the faces that come with the drawing library, so that no machine's own fonts are needed."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    rules = [
        _face(family, folder / f"{stem}{ending}.ttf", *style)
        for family, stem, endings in FACES
        for ending, style in zip(endings, STYLES, strict=True)
    ]
    formulas = sorted((built / "_static").glob("*math*.woff2"))
    return "\n".join([*rules, *[_face("Book Math", path, *STYLES[0]) for path in formulas[:1]]])


def _face(family, path, weight, style):
    source = f'url("{path.resolve().as_uri()}")'
    return f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; src: {source}; }}'
