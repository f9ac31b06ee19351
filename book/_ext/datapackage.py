"""All data of the book as one zip: a tabular data package (Frictionless, version 1) with a schema for every table.

The bytes depend on the data alone: entries are sorted and bear one fixed date.
"""

import csv
import io
import json
import os
import re
import zipfile
from pathlib import Path

import costlib
from costlib.base import citation
from costlib.base.files import csv_text
from costlib.facts import schema
from costlib.facts.folder import FOLDER
from costlib.report import notebooks

NAME = "cost-of-alignment-data"
DATE = (2026, 1, 1, 0, 0, 0)
CC_BY = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/",
         "title": "Creative Commons Attribution 4.0"}  # fmt: skip
BSD = {"name": "BSD-3-Clause", "path": "https://opensource.org/license/bsd-3-clause", "title": "BSD 3-Clause License"}
EXAMINED = ("mamath2025economics", "coursepage")
RESULTS = {
    "key": ("string", "name of the number in its chapter"),
    "value": ("number", "the number in this run, to twelve digits, in the unit of the row"),
    "unit": ("string", "unit of the number"),
    "published_value": ("number", "the same number at the published inputs; empty where it is not known"),
    "chapter": ("string", "chapter that computes it"),
}


def file_name():
    """Return the name of the zip, with the version of the data."""
    return f"{NAME}-{costlib.__version__}.zip"


def build(target, source, results=None):
    """Write the zip.

    Parameters
    ----------
    target : folder for the zip, made if missing
    source : folder of the book, with executed chapters in notebooks/ and book/references.bib
    results : path of a results.csv; without it the chapters' own records are taken

    Returns
    -------
    path of the zip
    """
    tables = _tables(source, results)
    bibliography = Path(source, "book", "references.bib").read_bytes()
    files = {resource["path"]: content for resource, content in tables}
    described = describe([resource for resource, _ in tables], bibliography.decode())
    files["datapackage.json"] = (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()
    files["README.txt"] = _readme(described).encode()
    files["references.bib"] = bibliography
    path = Path(target, file_name())
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return path


def describe(resources, bibliography):
    """Return the descriptor of the package around those of its tables."""
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "title": f"{citation.TITLE}: data",
        "description": "Facts with their sources, parameters, the ledger of claims, computed numbers, and the numbers "
        "of figures and tables. Keys in columns named source are entries of references.bib.",
        "version": costlib.__version__,
        "licenses": [CC_BY, BSD],
        "sources": [_source(key, bibliography) for key in EXAMINED],
        "contributors": [{"title": citation.AUTHOR, "role": "author"}],
        "resources": resources,
    }


def at_the_end(app, exception):
    """Write the zip and the tables of facts into the pages when they are finished."""
    if exception or app.builder.format != "html":
        return
    downloads = Path(app.outdir, "_downloads")
    build(downloads, app.srcdir, os.environ.get("COSTLIB_RESULTS"))
    facts = downloads / "facts"
    facts.mkdir(exist_ok=True)
    for kind in schema.tables():
        (facts / f"{kind}.csv").write_bytes((FOLDER / f"{kind}.csv").read_bytes())


def _tables(source, results):
    """Every table as its descriptor and its bytes, in the order of the package."""
    facts = [(_fact(kind), (FOLDER / f"{kind}.csv").read_bytes()) for kind in schema.tables()]
    content = Path(results).read_bytes() if results else _recorded(source)
    shown = {name: _distinct(data) for path in notebooks.paths(source) for name, data in notebooks.files(path).items()}
    return [*facts, (_results(), content), *((_shown(name, data), data) for name, data in sorted(shown.items()))]


def _resource(name, path, title, schema, licence):
    return {"profile": "tabular-data-resource", "name": name.lower(), "path": path, "title": title, "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "licenses": [licence], "schema": schema}  # fmt: skip


def _fact(kind):
    doc = re.sub(r":\w+:|`", "", schema.tables()[kind]).replace("None", "empty")
    found = _resource(kind, f"facts/{kind}.csv", f"Facts: {kind.replace('_', ' ')}", schema.descriptor(kind), BSD)
    return found | {"description": f"Each row: {doc[0].lower()}{doc[1:]}"}


def _results():
    fields = [{"name": name, "type": kind, "description": text} for name, (kind, text) in RESULTS.items()]
    for field in fields:
        field["constraints"] = {"required": field["name"] != "published_value"}
    schema = {"fields": fields, "primaryKey": ["chapter", "key"], "missingValues": [""]}
    found = _resource("results", "results.csv", "Computed numbers of the chapters", schema, CC_BY)
    return found | {"description": "Every number that a chapter publishes, unrounded."}


def _recorded(source):
    """The chapters' own records in the form of results.csv; what was published before is not known to them."""
    found = [list(RESULTS)]
    for chapter in notebooks.paths(source):
        found += [[r["key"], r["value"], r["unit"], "", chapter.stem] for r in notebooks.records(chapter, "key")]
    return csv_text(found).encode()


def _distinct(content):
    """Number the columns that have the name of an earlier one: a schema knows a column by its name."""
    header, *rows = csv.reader(io.StringIO(content.decode()))
    if len({*header}) == len(header):
        return content
    numbered = [f"{title} ({n})" if (n := header[: place + 1].count(title)) > 1 else title
                for place, title in enumerate(header)]  # fmt: skip
    return csv_text([numbered, *rows]).encode()


def _shown(file, content):
    """Describe the numbers of one figure or table: the types are those that every value has."""
    name = file.removesuffix(".csv")
    header, *rows = csv.reader(io.StringIO(content.decode()))
    fields = [_inferred(title, [row[place] for row in rows], name) for place, title in enumerate(header)]
    kind = "Figure" if name.startswith("fig-") else "Table"
    schema = {"fields": fields, "missingValues": [""]}
    found = _resource(name, f"shown/{file}", f"{kind} {name}", schema, CC_BY)
    return found | {"description": f"The content of {kind.lower()} {name} of the book."}


def _inferred(title, values, name):
    number = all(re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value) for value in values if value)
    kind = "number" if number and any(values) else "string"
    return {"name": title, "type": kind, "description": f"{title.replace('_', ' ')}, as shown in {name}"}


def _source(key, bibliography):
    from pybtex.database import parse_string

    entry = parse_string(bibliography, "bibtex").entries[key]
    title = re.sub(r"[{}]", "", entry.fields["title"])
    return {"title": title} | ({"path": entry.fields["url"]} if "url" in entry.fields else {})


def _readme(described):
    lines = [f"{described['title']}, version {described['version']}", "", described["description"], ""]
    lines += [f"{resource['path']}: {resource['title']}." for resource in described["resources"]]
    lines += ["references.bib: the sources, in BibTeX.", "datapackage.json: columns, types, units, allowed values.", ""]
    lines += ["Empty cells are values that are not known or do not apply. All files are UTF-8.", ""]
    lines += ["The tables in facts/ are part of costlib and under BSD-3-Clause, all else is under CC BY 4.0.", ""]
    return "\n".join([*lines, "Cite as:", "", citation.forms()["text"], ""])
