"""Put built pages beside those of earlier versions: python book/_tools/versions.py BUILT SITE VERSION [ADDRESS].

SITE gets a folder for the version, Markdown of each page in it, a list of versions that every page offers, `llms.txt`,
and, where its public address is given, a map for search engines. What earlier versions have there stays as it is.
"""

import html
import json
import re
import shutil
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "_ext"))

import export
from onepage import PrintError

LEFT = ("executed", "build.log", "run.json", "markdown", "pdf", "site", ".costlib-output.json", ".costlib-lock")
NUMBER = re.compile(r"\d+(\.\d+)*")
DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
TITLE = re.compile(r"<title>(.*?)(?: &#8212;|</title>)", re.S)


def write(built, site, version, address="", toc="_toc.yml"):
    """Write one version of the book into a site; return the folder of the version.

    Parameters
    ----------
    built : folder that `make book` wrote
    site : folder of all versions
    version : its name there, numbers between dots
    address : public address of the site, for what needs one
    toc : the table of contents

    Raises
    ------
    PrintError : for a version that is no number, or pages that are not there
    """
    built, site = Path(built), Path(site)
    if site.resolve() == built.resolve():
        raise PrintError(f"SITE must be another folder than the pages, got {str(site)!r} for both")
    if not NUMBER.fullmatch(version):
        raise PrintError(f"VERSION must be numbers between dots, such as 1.2.0, got {version!r}")
    if not (built / "book" / "index.html").is_file():
        raise PrintError(f"{built} holds no pages: run make book to the end first")
    target = site / version
    if target.exists():
        if not (target / "book" / "index.html").is_file():
            raise PrintError(f"{target} holds no pages of this book, and is left as it is")
        shutil.rmtree(target)
    shutil.copytree(built, target, ignore=lambda folder, names: LEFT if Path(folder) == built else ())
    markdown = export.write(built, built / "markdown")
    for page in sorted(markdown.rglob("*.md")):
        shutil.copyfile(page, target / page.relative_to(markdown))
    for page in target.rglob("*.html"):
        up = "../" * len(page.relative_to(site).parts[:-1])
        script = f'<script defer src="{up}versions.js"></script></head>'
        page.write_text(page.read_text(encoding="utf-8").replace("</head>", script, 1), encoding="utf-8")
    versions = sorted((path.name for path in site.iterdir() if NUMBER.fullmatch(path.name)), key=_order, reverse=True)
    (site / "versions.js").write_text(SCRIPT.replace("LIST", json.dumps(versions)), encoding="utf-8")
    (site / "index.html").write_text(FIRST.format(versions[0]), encoding="utf-8")
    pages = listed(toc)
    newest, root = site / versions[0], address.rstrip("/") + "/" if address else ""
    (site / "llms.txt").write_text(for_models(newest, pages, f"{root}{versions[0]}/"), encoding="utf-8")
    if root:
        places = (html.escape(f"{root}{versions[0]}/{page}.html") for _, page in pages)
        entries = "".join(f"<url><loc>{place}</loc></url>\n" for place in places)
        (site / "sitemap.xml").write_text(f"{MAP}{entries}</urlset>\n", encoding="utf-8")
    return target


def listed(toc):
    """Return the pages of a table of contents as (part, page), the first page first."""
    contents = yaml.safe_load(Path(toc).read_text(encoding="utf-8"))
    pages = [("", contents["root"])]
    for part in contents["parts"]:
        for chapter in part["chapters"]:
            pages += [(part["caption"], each["file"]) for each in (chapter, *chapter.get("sections", ()))]
    return pages


def for_models(folder, pages, root=""):
    """Return what a language model reads first: the book in a sentence, and its pages as Markdown, part by part."""
    lines, before = [], None
    for part, page in pages:
        text = (folder / f"{page}.html").read_text(encoding="utf-8")
        title, said = (html.unescape(found[1]).strip() for found in (TITLE.search(text), DESCRIPTION.search(text)))
        if not part:
            lines += [f"# {title}", "", f"> {said}"]
            continue
        if part != before:
            lines += ["", f"## {part}", ""]
        before = part
        lines.append(f"- [{title}]({root}{page}.md): {said}")
    return "\n".join(lines) + "\n"


def _order(version):
    return [int(part) for part in version.split(".")]


FIRST = (
    '<!DOCTYPE html><html lang="en"><title>The Cost of Alignment</title>'
    '<meta http-equiv="refresh" content="0; url={}/index.html">\n'
)
MAP = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
SCRIPT = """// The versions of the book, newest first, beneath its name in the side bar.
document.addEventListener("DOMContentLoaded", () => {
  const versions = LIST;
  const whole = location.origin === "null" ? location.href.split(/[?#]/)[0] : location.origin + location.pathname;
  const [root, here, page] = whole.match(/^(.*\\/)(\\d+(?:\\.\\d+)*)\\/(.*)$/)?.slice(1) ?? [];
  const place = document.querySelector(".navbar-brand")?.parentElement;
  if (!here || !place || versions.length < 2) return;
  const box = document.createElement("select");
  box.setAttribute("aria-label", "version of the book");
  box.autocomplete = "off";
  for (const version of versions) box.add(new Option(`version ${version}`, version, false, version === here));
  // A page that a version lacks answers with its first page.
  box.addEventListener("change", async () => {
    const wanted = `${root}${box.value}/${page}`;
    const there = await fetch(wanted, { method: "HEAD" }).then((answer) => answer.ok, () => true);
    location.href = there ? wanted : `${root}${box.value}/index.html`;
  });
  place.append(box);
});
"""

if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 5:
        sys.exit("costlib: python book/_tools/versions.py BUILT SITE VERSION [ADDRESS]")
    try:
        print(f"site {write(*sys.argv[1:])}")
    except (PrintError, OSError) as problem:
        sys.exit(f"costlib: {problem}")
