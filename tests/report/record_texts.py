"""Record published words and facts that changed: `make record REASON="..." KEYS="facts/gpu_prices/*"`.

`tests/data/record.csv.xz` has a line for each fact, source, figure, table, phrase, section of prose and released entry
of the changelog: a digest of what it says, the version that said it first, and why it changed. What is new joins by
itself; what changed or went needs a reason. Numbers that chapters compute have a record of their own, see
`record_changes.py`.
"""

import csv
import hashlib
import io
import json
import lzma
import re
import sys
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

from record_changes import rows, versions

from costlib.base.files import csv_text
from costlib.report import notebooks

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "tests" / "data" / "record.csv.xz"
COLUMNS = ["id", "digest", "version", "reason"]
# Tables that are computed as a whole, by `make landscape`, `make left-out` and `make register`.
COMPUTED = ("landscape", "left_out", "regimes", "registrations")


def kept():
    """Return the rows of the record."""
    return list(csv.DictReader(io.StringIO(lzma.decompress(RECORD.read_bytes()).decode())))


def keep(lines):
    """Write the record, packed alike on every machine."""
    text = csv_text([COLUMNS, *(row.values() for row in lines)])
    RECORD.write_bytes(lzma.compress(text.encode(), preset=9))


def current(root=ROOT):
    """Return what is published in words, by id."""
    return dict([*_facts(root), *_sources(root), *_shown(root), *_prose(root), *_changelog(root), *_scenarios(root)])


def _facts(root):
    for path in sorted((root / "costlib" / "facts").glob("*.csv")):
        if path.stem in COMPUTED:
            yield f"facts/{path.stem}", path.read_text(encoding="utf-8")
            continue
        parts = 2 if path.stem == "columns" else 1
        for row in rows(path):
            # Empty cells are left out, so that a new column changes the rows alone that fill it.
            filled = {column: cell for column, cell in row.items() if cell}
            yield f"facts/{path.stem}/{'.'.join(list(row.values())[:parts])}", json.dumps(filled)


def _sources(root):
    text = (root / "book" / "references.bib").read_text(encoding="utf-8")
    for key, entry in re.findall(r"^@\w+\{(\w+),(.*?)^\}", text, re.M | re.S):
        yield f"sources/{key}", entry


def _shown(root):
    for path in notebooks.paths(root):
        files = {name.removesuffix(".csv"): content.decode() for name, content in notebooks.files(path).items()}
        for name, figure in notebooks.figures(path).items():
            yield f"figures/{name}/alt", figure["alt"]
            yield f"figures/{name}/caption", figure["caption"]
        for name, content in files.items():
            head, _, body = content.partition("\n")
            kind = "figures" if name.startswith("fig-") else "tables"
            yield f"{kind}/{name}/columns", head
            yield f"{kind}/{name}/rows", body
        for output in notebooks.outputs(path):
            key = output["metadata"].get("scrapbook", {}).get("name")
            if key and "costlib" not in output["metadata"]:  # words that depend on the inputs, and no number
                yield f"phrases/{path.stem}/{key}", json.dumps(output["data"])


def _prose(root):
    pages = [root / "README.md", *sorted((root / "book").glob("*.md"))]
    yield from sections((path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in pages)
    for path in notebooks.paths(root):
        cells = [cell["source"] for cell in notebooks.read(path)["cells"] if cell["cell_type"] == "markdown"]
        yield from sections([(f"notebooks/{path.stem}", "\n\n".join(cells))])


def sections(texts):
    """Return the sections of texts with headings of Markdown, by address.

    >>> dict(sections([("a.md", "# One\\nx\\n## Two\\ny")]))
    {'prose/a.md#one': '# One x', 'prose/a.md#two': '## Two y'}
    """
    for name, text in texts:
        seen = Counter()
        for part in re.split(r"^(?=#{1,4} )", text, flags=re.M):
            heading = re.match(r"#* *(.*)", part)[1] if part.startswith("#") else ""
            slug = re.sub(r"\W+", "-", heading.lower()).strip("-")
            seen[slug] += 1
            if part.strip():
                yield f"prose/{name}#{slug}{seen[slug] if seen[slug] > 1 else ''}", " ".join(part.split())


def _changelog(root):
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    for version, entry in re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-.*?\)$(.*?)(?=^## |\Z)", text, re.M | re.S):
        yield f"changelog/{version}", entry


def _scenarios(root):
    for path in sorted((root / "notebooks").glob("s*/*.yml")):
        yield path.relative_to(root / "notebooks").as_posix(), path.read_text(encoding="utf-8")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def recorded(record, found, version, reason="", patterns=()):
    """Return the record after changes, and the ids that still lack a reason; an entry that went has no digest."""
    known, after, lacking = {row["id"]: row for row in record}, [], []
    for item in sorted(known.keys() | found.keys()):
        row, now = known.get(item), digest(found[item]) if item in found else ""
        if row and row["digest"] == now:
            after.append(row)
        elif not row or (row["version"] == version and not row["reason"]):  # new, and not released yet
            after += [dict(zip(COLUMNS, (item, now, version, ""), strict=True))] if now else []
        elif any(fnmatchcase(item, pattern) for pattern in patterns):
            after.append(dict(zip(COLUMNS, (item, now, version, reason), strict=True)))
        else:
            after.append(row)
            lacking.append(item)
    return after, lacking


def main(reason="", *patterns):
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    # Of a release that has its date only what is new joins: its own entry of the changelog.
    dated = re.match(r"(?s)(?:(?!^## \d).)*^## (\d+\.\d+\.\d+) \(\d{4}-", changelog, re.M)
    version = dated[1] if dated and not patterns else versions(changelog)[1]
    if patterns and not reason.endswith("."):
        sys.exit("REASON must be a sentence that says why these words or facts changed, with its full stop")
    after, lacking = recorded(kept(), current(), version, reason, patterns)
    keep(after)
    sys.exit("".join(f"no reason yet: {item}\n" for item in lacking) or None)


if __name__ == "__main__":
    main(*sys.argv[1:])
