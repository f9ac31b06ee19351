"""The whole book as one PDF: `python book/_ext/pdf.py _build` prints the pages that a run has built."""

import io
import itertools
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import onepage
import printed
from onepage import PrintError

from costlib.base import folders
from costlib.base.extras import need

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    # Nothing on the pages may come from elsewhere.
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip
PRINT_SECONDS = 300
TABLE = re.compile(rb"xref\n0 \d+\n((?:\d{10} \d{5} [nf] \n)+)trailer\n<<(.*?)>>\nstartxref\n\d+\n%%EOF\s*$", re.S)
TOGETHER = 200  # objects in one stream, all of which a reader unpacks for one of them


def write(root, built, target=None):
    """Print the pages of a built folder as one PDF.

    Parameters
    ----------
    root : folder of the book, with _toc.yml, CITATION.cff and book/_print
    built : folder that `make book` or `costlib rerun` wrote
    target : a new file, or that of an earlier print [pdf/cost-of-alignment-VERSION.pdf in the built folder]

    Returns
    -------
    Path : the file written

    Raises
    ------
    PrintError : no Chromium, pages that are not built, a link inside the book that leads nowhere
    FileError : a file or folder that is not ours
    """
    root, built = Path(root).resolve(), Path(built).resolve()
    need("book", "the PDF", "pypdf", "bs4")
    browser = find_browser()
    about = describe(root, built)
    if target:
        target = folders.check_file(target, "pdf")
        folders.write_file(target, "pdf", _printed(root, built, browser, about))
        return target
    name = f"cost-of-alignment-{about['version']}.pdf"
    with folders.opened(built / "pdf", "pdf", names=[name]) as folder:
        folder.write(name, _printed(root, built, browser, about))
        return folder.path / name


def _printed(root, built, browser, about):
    chapters = onepage.chapters(root, built)
    with tempfile.TemporaryDirectory(prefix="costlib-pdf-") as work:
        file, pages = Path(work) / "book.pdf", {}
        # The contents need page numbers, which only a print gives; their own length does not depend on them.
        for _ in range(3):
            print_page(browser, printed.document(root, built, about, chapters, pages), file)
            known, pages = pages, page_numbers(file)
            if pages == known:
                return finished(file.read_bytes(), about)
    raise PrintError("the page numbers of the contents do not settle; shorten the longest title")


def find_browser():
    """Return the path of Chromium."""
    if found := next((path for name in BROWSERS if (path := shutil.which(name))), None):
        return found
    raise PrintError("printing needs Chromium: install the system package chromium, then try again")


def describe(root, built):
    """Return title, author, version, commit, date and licence of the pages, without reading a clock."""
    import yaml

    if not (built / "index.html").is_file():
        raise PrintError(f"{built} holds no built pages: run make book, or costlib rerun -o {built.name}, first")
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    parts = onepage.versions(built)
    released = datetime.fromisoformat(str(citation["date-released"])).replace(tzinfo=UTC)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return {
        "title": citation["title"],
        "author": " and ".join(a.get("name") or f"{a['given-names']} {a['family-names']}" for a in citation["authors"]),
        "subject": " ".join(citation["abstract"].split()),
        "keywords": ", ".join(citation["keywords"]),
        "version": parts.get("costlib", citation["version"]),
        "commit": commit if re.fullmatch(r"[0-9a-f]+\+?", commit := parts.get("commit", "")) else "",
        "date": f"{released:%Y-%m-%d}",
        "moment": datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else released,
        "licence": printed.LICENCE,
        "changed": onepage.changed_inputs(built),
    }


def print_page(browser, text, target):
    """Print one HTML document with a headless browser."""
    source = target.with_suffix(".html")
    source.write_text(text, encoding="utf-8")
    profile = f"--user-data-dir={target.parent / 'profile'}"
    target.unlink(missing_ok=True)
    command = [browser, *FLAGS, profile, f"--print-to-pdf={target}", source.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PRINT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise PrintError(f"{browser} did not print within {PRINT_SECONDS} s") from error
    if done.returncode or not target.is_file():
        raise PrintError(f"{browser} could not print; it said:\n{done.stderr[-1000:]}")


def page_numbers(file):
    """Return {id: page number, from 1} of every target of a link in a printed document."""
    from pypdf import PdfReader

    reader = PdfReader(file)
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}
    places = reader.named_destinations.items()
    return {name.removeprefix("/"): numbers[place.page.idnum] for name, place in places}


def finished(data, about):
    """Return a print with its bibliographic data, and with dates that repeat.

    The browser's file is kept, with other dates and its objects packed; what is new stands behind it as an update,
    because to write the tens of thousands of its structure elements anew takes longer than to print them.
    """
    from pypdf import PdfWriter
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

    stamp = about["moment"].strftime("D:%Y%m%d%H%M%S+00'00'")
    data = packed(re.sub(rb"(/(?:Creation|Mod)Date \()D:[^)]{21}", rb"\g<1>" + stamp.encode(), data))
    writer = PdfWriter(io.BytesIO(data), incremental=True)
    known = {"Title": about["title"], "Author": about["author"], "Subject": about["subject"]}
    known |= {"Keywords": about["keywords"], "Creator": f"costlib {about['version']}"}
    writer.add_metadata({f"/{key}": value for key, value in known.items()})
    writer.xmp_metadata = _xmp(about)
    root = writer.root_object
    root["/Metadata"].update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    root[NameObject("/Lang")] = TextStringObject("en-GB")
    root[NameObject("/PageMode")] = NameObject("/UseOutlines")
    shown = DictionaryObject(root.get("/ViewerPreferences", {}))
    root[NameObject("/ViewerPreferences")] = shown
    shown[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def packed(data):
    """Return a print with all objects but streams in compressed streams, as PDF 1.5 allows: a third of the bytes.

    Most of a tagged book are small dictionaries, one for each element. What has no table of objects stays as it is.
    """
    found = TABLE.search(data)
    if not found:
        return data
    starts = [int(line[:10]) if b"n" in line else 0 for line in found[1].splitlines()]
    ends = dict(itertools.pairwise([*sorted(filter(None, starts)), found.start()]))
    out, entries, loose = bytearray(b"%PDF-1.5" + data[8 : min(ends)]), [(0, 0, 0)] * len(starts), []
    for number, start in enumerate(starts):
        body = data[start : ends[start]].rstrip() if start else b""
        if body.endswith(b"endstream\nendobj"):
            entries[number] = (1, len(out), 0)
            out += body + b"\n"
        elif body:
            loose.append((number, body.partition(b"obj")[2].removesuffix(b"endobj")))

    def add(about, content):
        entries.append((1, len(out), 0))
        content = zlib.compress(content() if callable(content) else content, 9)
        about += b" /Filter /FlateDecode /Length %d" % len(content)
        out.extend(b"%d 0 obj\n<<%b>>\nstream\n%b\nendstream\nendobj\n" % (len(entries) - 1, about, content))

    for first in range(0, len(loose), TOGETHER):
        group, places, inside = loose[first : first + TOGETHER], b"", b""
        for place, (number, body) in enumerate(group):
            entries[number] = (2, len(entries), place)
            places += b"%d %d " % (number, len(inside))
            inside += body
        add(b"/Type /ObjStm /N %d /First %d" % (len(group), len(places)), places + inside)
    start, size = len(out), re.sub(rb"/Size \d+", b"/Size %d" % (len(entries) + 1), found[2])
    add(b"/Type /XRef /W [1 4 2] " + size, lambda: b"".join(struct.pack(">BIH", *entry) for entry in entries))
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _xmp(about):
    from pypdf.xmp import XmpInformation

    found = XmpInformation.create()
    for name, key in (("title", "title"), ("description", "subject"), ("rights", "licence")):
        setattr(found, f"dc_{name}", {"x-default": about[key]})
    found.dc_creator, found.dc_language, found.dc_format = [about["author"]], ["en-GB"], "application/pdf"
    found.xmp_create_date = found.xmp_modify_date = about["moment"]
    return found


def main():
    """Run as a command."""
    import click

    from costlib.base.errors import FileError, RunError
    from costlib.base.files import find_root

    @click.command()
    @click.argument("built", type=click.Path(path_type=Path))
    @click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
    @click.option("--book", type=click.Path(path_type=Path), help="Folder of the book, if not this one or above it.")
    def command(built, output, book):
        """Print the pages of a BUILT folder as one PDF."""
        try:
            target = write(find_root(book), built, output)
        except (PrintError, FileError, RunError, OSError) as error:
            raise SystemExit(f"costlib: {error}") from error
        click.echo(f"pdf      {target.resolve()} ({target.stat().st_size / 1e6:.1f} MB)")

    command()


if __name__ == "__main__":
    main()
