"""The printed book: everything in it, every number and link in its place, nothing beyond the margins."""

import html.parser
import io
import json
import re
from pathlib import Path

import onepage
import pdf
import printed
import pytest
import yaml
from conftest import ROOT
from pypdf import PdfReader

POINTS_PER_MM = 72 / 25.4
SIDE_MARGIN_MM = 21  # of every page, as the style sheet sets it
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *[chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]]]
# What a person reads first stands first; of the part before the chapters one page does, and its tools come after them.
START, *PARTS, REFERENCE = TOC["parts"]
HOW, *TOOLS = START["chapters"]
APPENDIX = "How each chapter was computed, and how far to trust it"
ADDED = [
    {"caption": "Appendix", "chapters": [{"file": "appendix"}]},
    {"caption": "With your own numbers", "chapters": TOOLS},
]
PRINTED = [*PARTS, *ADDED, REFERENCE]


class Targets(html.parser.HTMLParser):
    """The ids of a document, each as often as it occurs, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if tag == "a" and given.get("href") else []


@pytest.fixture(scope="module")
def joined(site):
    """The chapters as they are joined for print, which takes a while: once for the document and for the PDF."""
    return onepage.chapters(ROOT, site)


@pytest.fixture(scope="module")
def one_page(site, joined):
    """The HTML document that is printed."""
    return printed.document(ROOT, site, pdf.describe(ROOT, site), joined, {})


@pytest.fixture(scope="module")
def book(site, joined, chromium, tmp_path_factory):
    """The PDF of the built pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(onepage, "chapters", lambda root, built: joined)
        return PdfReader(pdf.write(ROOT, site, tmp_path_factory.mktemp("pdf") / "book.pdf"))


@pytest.fixture(scope="module")
def pages(book):
    """(text, places of its pieces) of each page; a place is (x from the left edge in points, piece)."""
    found = []
    for page in book.pages:
        places = []

        def look(piece, cm, tm, font, size, places=places):
            if piece.strip():
                places.append((tm[4] * cm[0] + tm[5] * cm[2] + cm[4], piece))

        found.append((" ".join(page.extract_text(visitor_text=look).split()), places))
    return found


@pytest.fixture(scope="module")
def texts(pages):
    return [text for text, _ in pages]


def outline(book):
    """(depth, title, page from 0) of each bookmark."""
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(book.pages)}

    def walk(entries, depth):
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, depth + 1)
            else:
                yield depth, " ".join(entry.title.split()), numbers[entry.page.idnum]

    return list(walk(book.outline, 0))


def title(site, name):
    """The heading of a built page, or of the appendix."""
    if name == "appendix":
        return APPENDIX
    article = (site / f"{name}.html").read_text(encoding="utf-8").partition("<article")[2]
    found = re.search(r"<h1>(.*?)<a ", article, re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def plain(text):
    """A text without its spaces, which a print sets where it likes."""
    return "".join(text.split())


def test_every_id_is_there_once_and_every_internal_link_has_its_target(one_page):
    found = Targets(one_page)
    assert len(found.ids) == len(set(found.ids)), sorted({i for i in found.ids if found.ids.count(i) > 1})
    inside = [link[1:] for link in found.links if not link.startswith(("http://", "https://", "mailto:"))]
    assert len(inside) > 1500
    assert set(inside) <= set(found.ids)
    assert not [link for link in found.links if ".html" in link and "://" not in link]


def test_references_lead_into_their_own_chapter(one_page):
    ids = set(Targets(one_page).ids)
    # Every chapter has a section of this name, and the ledger and its rows name the same claims.
    for page in PAGES:
        if page.startswith("notebooks/"):
            assert f"{page.replace('/', '-')}--references" in ids, page
    assert 'href="#book-claims--claim-b066"' in one_page
    assert "book-claims--claim-b066" in ids


def bookmarked_chapters(book):
    """(title, page from 0) of each chapter that is in a part."""
    found = outline(book)
    first = next(place for place, entry in enumerate(found) if entry[1] == PARTS[0]["caption"])
    return [(name, number) for depth, name, number in found[first:] if depth == 1]


def test_a_chapter_tells_what_it_found_and_the_appendix_how(one_page, texts):
    body, _, rest = one_page.partition('id="appendix"')
    told, title = body.partition('id="notebooks-01_case_studies"')[2], "4. What do synthetic preferences cost?"
    for word in ('<h4 class="rubric">How this was computed', ">How far to trust it</h4>", "rerun -o mine --chapters"):
        assert word not in told and word in rest.partition('<section class="chapter"')[0]
    # On paper nobody follows a link: the line gives the page, and there it is.
    chapter = next(text for text in texts if title[3:] in text and "and sources: page" in text)
    page = int(re.search(r"and sources: page (\d+)", chapter)[1])
    assert title in texts[page - 1] and "How this was computed" in texts[page - 1]


def test_every_part_and_chapter_is_a_bookmark_of_its_page(site, book, texts):
    found = outline(book)
    first = [title(site, TOC["root"]), title(site, HOW["file"])]
    parts = [part["caption"] for part in PRINTED]
    assert [name for depth, name, _ in found if depth == 0] == ["Contents", "Figures", *first, *parts]
    chapters = bookmarked_chapters(book)
    assert len(chapters) == len(PAGES) - 1  # two pages before them, and the appendix among them
    files = [each["file"] for part in PRINTED for each in part["chapters"]]
    for page, (name, number) in zip(files, chapters, strict=True):
        # A title of two lines has no blank at their end.
        assert name.replace(" ", "").endswith(title(site, page).replace(" ", "")), page
        assert plain(name) in plain(texts[number]), page
    assert any(depth == 2 for depth, *_ in found)


def test_the_contents_give_the_page_of_every_chapter(book, texts):
    chapters = iter(bookmarked_chapters(book))
    expected = ""
    for part in PRINTED:
        lines = [next(chapters) for _ in part["chapters"]]
        expected += plain(part["caption"]) + "".join(plain(name) + str(number + 1) for name, number in lines)
    assert plain(texts[1]).endswith(expected)


def test_pages_carry_their_number_and_chapter(texts):
    for number, text in enumerate(texts[1:], 2):
        assert re.search(rf"(^|\D){number}(\D|$)", text), number
    head = "4. What do synthetic preferences cost?"
    inside = [text for text in texts if head in text and "The Cost of Alignment 0." in text]
    assert len(inside) >= 3


def test_figures_are_numbered_without_a_gap_and_all_there(site, texts):
    expected = 0
    for path in [site / f"{name}.html" for name in PAGES]:
        expected += len(re.findall(r'<span class="caption-number">', path.read_text(encoding="utf-8")))
    drawn = sum(
        "figure" in cell["metadata"].get("mystnb", {})
        for path in sorted((site / "executed").glob("[0-9]*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    )
    assert expected >= drawn > 25  # the opening page shows one of them again
    captions = plain(" ".join(texts[3:]))
    for number in range(1, expected + 1):
        assert re.search(rf"Fig\.{number}(?!\d)", captions), number
    assert not re.search(rf"Fig\.{expected + 1}(?!\d)", captions)


def test_no_broken_glue_and_no_leftover_of_the_screen(texts):
    text = " ".join(texts)
    for broken in ("??", "glue:", "pasted-text", "{ref}", "{doc}", "data as CSV", "Show code cell", "Hide code cell"):
        assert broken not in text, broken
    assert "[source]" not in text and "Link to this" not in text
    assert not re.search(r"(cost|is|of|to) \$?None\b", text)
    assert "$279.74" in text and "11.7x" in text and "58.5x" in text


def test_text_stays_inside_the_margins(book, pages):
    checked = 0
    for number, (page, (_, places)) in enumerate(zip(book.pages, pages, strict=True), 1):
        left, right = SIDE_MARGIN_MM * POINTS_PER_MM - 1, float(page.mediabox.width) - SIDE_MARGIN_MM * POINTS_PER_MM
        beyond = [(round(x), piece) for x, piece in places if not left <= x < right]
        assert not beyond, (number, beyond[:3])
        checked += len(places)
    assert checked > 20_000


def test_nothing_is_wider_than_its_page_and_every_drawing_has_its_style(one_page, browser, tmp_path):
    file = tmp_path / "book.html"
    file.write_text(one_page, encoding="utf-8")
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(file.as_uri())
    side = 2 * SIDE_MARGIN_MM
    wider = page.evaluate(
        """([upright, landscape]) => [...document.querySelectorAll("section.chapter")].flatMap(chapter => {
            chapter.style.width = (chapter.classList.contains("landscape") ? landscape : upright) + "mm";
            const right = chapter.getBoundingClientRect().right + 1;
            return [...chapter.querySelectorAll("*")].filter(each => each.getBoundingClientRect().right > right)
              .map(each => `${chapter.id} ${each.tagName} ${each.textContent.slice(0, 60)}`);
        })""",
        [210 - side, 297 - side],
    )
    tallest, blots = page.evaluate(
        """[Math.max(...[...document.querySelectorAll("svg")].map(each => each.getBoundingClientRect().height)),
          [...document.querySelectorAll("polyline")].filter(each => getComputedStyle(each).fill !== "none").length]"""
    )
    page.close()
    assert not wider, wider[:5]
    assert tallest < 140 * 96 / 25.4, "a drawing is higher than half a page"
    assert not blots and "moving-fields" not in one_page.partition("</style>")[2] and "<input" not in one_page


def test_pages_are_a4(book):
    for page in book.pages:
        size = sorted(round(float(side) / POINTS_PER_MM) for side in (page.mediabox.width, page.mediabox.height))
        assert size == [210, 297]


def test_fonts_are_embedded_and_come_with_the_environment(book):
    names = set()
    for page in book.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            name = font.get_object()["/BaseFont"]
            inner = font.get_object().get("/DescendantFonts", [font])[0].get_object()
            if font.get_object()["/Subtype"] == "/Type3":
                continue  # drawn in the file itself
            descriptor = inner["/FontDescriptor"].get_object()
            assert descriptor.keys() & {"/FontFile", "/FontFile2", "/FontFile3"}, name
            names.add(name.split("+")[-1])
    assert names and all(name.startswith(("STIX", "DejaVu")) for name in names), names


def test_objects_are_packed_and_nothing_is_lost(book):
    objects = {1: b"<</Title (a)>>", 2: b"<</Type /Catalog\n/Pages 4 0 R>>", 3: b"<</Length 2>> stream\nab\nendstream",
               4: b"<</Type /Pages\n/Kids []\n/Count 0>>"}  # fmt: skip
    whole, table = b"%PDF-1.4\n%\xd3\xeb\n", b"0000000000 65535 f \n"
    for number, body in objects.items():
        table += b"%010d 00000 n \n" % len(whole)
        whole += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    last = b"trailer\n<</Size 5\n/Root 2 0 R\n/Info 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(whole)
    small = pdf.packed(whole + b"xref\n0 5\n" + table + last)
    reader = PdfReader(io.BytesIO(small))
    assert reader.metadata.title == "a" and reader.root_object["/Pages"]["/Count"] == 0
    assert reader.get_object(3).get_data() == b"ab" and b"/Catalog" not in small
    assert pdf.packed(small) == small, "what is packed, or not understood, stays as it is"
    assert book.stream.seek(0, io.SEEK_END) / len(book.pages) < 16_000  # bytes a page; 39,000 before


def test_it_says_what_it_is(book):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    about, catalog = book.metadata, book.root_object
    assert (about.title, about.author) == (citation["title"], citation["authors"][0]["name"])
    assert about["/CreationDate"].startswith("D:" + str(citation["date-released"]).replace("-", ""))
    assert catalog["/Lang"].lower().startswith("en") and catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog and catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert book.xmp_metadata.dc_title["x-default"] == citation["title"]
    first = " ".join(book.pages[0].extract_text().split())
    for said in (citation["title"], citation["version"], str(citation["date-released"]), "CC BY 4.0", "How to cite"):
        assert said in first, said


def test_links_inside_the_file_resolve(book):
    places = {name.removeprefix("/") for name in book.named_destinations}
    inside = outside = 0
    for page in book.pages:
        for reference in page.get("/Annots", []):
            link = reference.get_object()
            action = link.get("/A", {})
            if "/URI" in action:
                outside += 1
                assert action["/URI"].startswith(("http://", "https://", "mailto:")), action["/URI"]
            else:
                inside += 1
                assert str(link.get("/Dest", action.get("/D"))).removeprefix("/") in places
    assert inside > 1500 and outside > 100


def test_a_drawing_refers_to_its_own_parts_and_a_picture_is_a_file(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images" / "one.png").touch()
    drawing = '<svg><defs><path id="a"/></defs><use href="#a"/><path clip-path="url(#a)" fill="url(#a)"/></svg>'
    content = str(page_with(tmp_path, f"{drawing}<img src='../_images/one.png'>"))
    assert content.count("book-index--a") == 4 and '"a"' not in content
    assert 'href="#book-index--a"' in content and content.count('"url(#book-index--a)"') == 2
    assert f'src="{(tmp_path / "_images" / "one.png").as_uri()}"' in content


def page_with(folder, body):
    (folder / "book").mkdir()
    (folder / "book" / "index.html").write_text(f"<article class='bd-article'><h1>A</h1>{body}</article>")
    (folder / "_toc.yml").write_text("root: book/index\nparts: []\n")
    return onepage.chapters(folder, folder)[0].article


def test_a_link_that_leads_nowhere_is_an_error(tmp_path):
    with pytest.raises(onepage.PrintError, match="links to book/index.html#nowhere, which is not there"):
        page_with(tmp_path, "<a href='#nowhere'>x</a>")


def test_a_form_is_printed_as_filled_in(tmp_path):
    body = "<input value='2.5'><select><option>a<option selected>b</select><button>Reset</button>"
    assert page_with(tmp_path, body).get_text() == "A2.5b"


def test_files_of_the_site_are_no_links_in_print(tmp_path):
    article = page_with(tmp_path, "<a href='../results.csv'>results</a> <a href='https://example.org/'>there</a>")
    assert [link["href"] for link in article.find_all("a")] == ["https://example.org/"]
    assert "results" in article.get_text()


def test_a_folder_without_pages_is_refused_in_words(tmp_path):
    with pytest.raises(onepage.PrintError, match="run make book"):
        pdf.describe(ROOT, tmp_path)


def test_a_missing_browser_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(onepage.PrintError, match="install the system package chromium"):
        pdf.find_browser()


def test_the_style_for_print_is_not_part_of_the_site(site):
    assert not list(Path(site).rglob("book.css"))
    assert not list(Path(site).rglob("_print"))
