"""Executed chapters as files: their cells, what the cells recorded, their figures and the files in their links."""

import json
import re
from pathlib import Path
from urllib.parse import unquote


def paths(root):
    """Return the notebooks of the chapters of the book in `root`, in order."""
    return sorted(Path(root, "notebooks").glob("[0-9][0-9]_*.ipynb"))


def read(path):
    """Return a notebook as a dict in which every text is one text, where the file may hold a list of lines."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                output["data"][kind] = "".join(content) if isinstance(content, list) else content
    return notebook


def code_cells(path):
    """Return the code cells of a notebook."""
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def outputs(path):
    """Return the outputs of all cells of a notebook that show something: dicts with `data` and `metadata`."""
    return [output for cell in code_cells(path) for output in cell["outputs"] if "data" in output]


def records(path, kind):
    """Return what the cells of a chapter recorded: kind "key" for glued numbers, "claims" for checks, and so on."""
    found = [output.get("metadata", {}).get("costlib", {}) for output in outputs(path)]
    return [record for record in found if kind in record]


def figures(path):
    """Return the figures of a chapter by name: dicts with `caption`, `alt` and `data`, the picture by MIME type."""
    found = {}
    for cell in code_cells(path):
        settings = cell["metadata"].get("mystnb", {})
        shown = [output["data"] for output in cell["outputs"] if "image/png" in output.get("data", {})]
        if "name" in settings.get("figure", {}) and shown:
            figure = {"caption": settings["figure"].get("caption", ""), "alt": settings.get("image", {}).get("alt", "")}
            found[settings["figure"]["name"]] = figure | {"data": shown[0]}
    return found


def files(path):
    """Return the content of the CSV files that the figures and tables of a chapter carry in their links, by name."""
    found = {}
    for output in outputs(path):
        for link in re.findall(r"<a\b[^>]*>", output["data"].get("text/html", "")):
            data = re.search(r'href="data:text/csv;charset=utf-8,([^"]+)"', link)
            if data and (name := re.search(r'download="([^"]+\.csv)"', link)):
                found[name[1]] = unquote(data[1]).encode()
    return found
