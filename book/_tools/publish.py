"""Make the published record: execute every chapter's text twin at published values and store it with its outputs."""

import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from costlib.report import kernels

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def publish(twin):
    """Execute one text twin and write the notebook beside it, without times, random ids or machine names."""
    import jupytext
    import nbformat

    target = twin.with_suffix(".ipynb")
    notebook = jupytext.read(twin)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "source.ipynb"), Path(folder, "result.ipynb")
        nbformat.write(notebook, source)
        kernels.execute(source, result, {}, twin.parent)
        executed = nbformat.read(result, as_version=4)
    twin_metadata = notebook.metadata.get("jupytext", {})
    executed.metadata = {"jupytext": twin_metadata, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = lighter(output.data["image/png"])
        tags = cell.metadata.get("tags", [])
        cell.metadata = {key: cell.metadata[key] for key in ("mystnb",) if key in cell.metadata}
        if tags:
            cell.metadata["tags"] = tags
    # A cell on each line: a fifth of a megabyte of blanks and breaks less than nbformat writes.
    content = json.loads(nbformat.writes(executed))
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False, separators=(",", ": ")) for cell in content.pop("cells"))
    rest = json.dumps(content, separators=(",", ": "))
    target.write_text(f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n', encoding="utf-8")
    return target


def lighter(picture):
    """Return a PNG in base64 with a palette of 32 colours: a drawing looks the same at a quarter of its size."""
    import base64
    import io

    from PIL import Image

    drawn = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    file = io.BytesIO()
    drawn.quantize(32, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def main(names):
    """Publish the chapters named, or all."""
    folder = Path("notebooks")
    twins = [path for path in sorted(folder.glob("[0-9][0-9]_*.py")) if not names or path.stem[:2] in names]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for target in pool.map(publish, twins):
            print(target)


if __name__ == "__main__":
    main(sys.argv[1:])
