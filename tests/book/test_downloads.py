"""What readers take away: files below figures and tables, chapters that run elsewhere, and the wheel."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import SimpleNamespace

import downloads
import pytest
from conftest import ROOT
from docutils import nodes
from docutils.utils import new_document

from costlib import __version__
from costlib.report import attachments, kernels, rerun
from costlib.report.notebooks import records

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}


def named_figures(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [name for cell in cells if (name := cell["metadata"].get("mystnb", {}).get("figure", {}).get("name"))]


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_below_each_figure_stand_its_address_and_its_files(site, path):
    html = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
    names = named_figures(path)
    assert names
    for name in names:
        figure, line = re.search(
            rf'(<figure[^>]* id="{name}">.*?</figure>)\s*<p class="costlib-links">(.*?)</p>', html, re.S
        ).groups()
        assert f'<a href="#{name}">{name}</a>' in line
        assert re.findall(r">([^<]+)</a>", line) == [name, "PNG", "SVG", "PDF", "CSV"]
        for ending, magic in MAGIC.items():
            assert f'<a download="{name}.{ending}" href="../_downloads/figures/{name}.{ending}">' in line
            assert (site / "_downloads" / "figures" / f"{name}.{ending}").read_bytes().startswith(magic)
        assert f'data-picture="../_downloads/figures/{name}.png"' in figure
        assert html.count(f'download="{name}.csv"') == 1, "the numbers are in the line of the figure and nowhere else"


def test_vector_files_carry_no_time_but_the_fixed_one(site):
    drawn = sorted(name for path in NOTEBOOKS for name in named_figures(path))
    for ending in ("svg", "pdf"):
        assert sorted(path.stem for path in (site / "_downloads" / "figures").glob(f"*.{ending}")) == drawn
    for path in (site / "_downloads" / "figures").glob("*.svg"):
        assert set(re.findall(r"<dc:date>(\d{4}-\d\d-\d\d)", path.read_text(encoding="utf-8"))) == {"2026-01-01"}
    for path in (site / "_downloads" / "figures").glob("*.pdf"):
        assert set(re.findall(rb"Date \(D:(\d{8})", path.read_bytes())) == {b"20260101"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_download_button_leads_to_a_light_notebook(site, path):
    html = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
    assert f'href="../_sources/notebooks/{path.name}"' in html
    text = (site / "_sources" / "notebooks" / path.name).read_text(encoding="utf-8")
    assert "image/svg+xml" not in text and "application/pdf" not in text
    assert "input_path" not in text and str(ROOT) not in text
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text), "no time of execution"


def test_the_wheel_beside_the_pages_is_the_package_and_its_hash_is_told(site):
    told = json.loads((site / "_downloads" / "wheel.json").read_text(encoding="utf-8"))
    assert told["file"] == f"costlib-{__version__}-py3-none-any.whl"
    wheel = site / "_downloads" / told["file"]
    assert told["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("costlib/formulas.py") == (ROOT / "costlib" / "formulas.py").read_bytes()


# --- chapters away from the repository ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def apart(site, tmp_path_factory):
    """The Python of an environment with the wheel beside the pages, where costlib comes from nowhere else."""
    folder = tmp_path_factory.mktemp("apart")
    told = json.loads((site / "_downloads" / "wheel.json").read_text(encoding="utf-8"))
    uv, python = Path(sys.executable).with_name("uv"), folder / "venv" / "bin" / "python"
    alone = ["--quiet", "--offline", "--no-cache", "--python"]
    subprocess.run([uv, "venv", *alone, sys.executable, folder / "venv"], check=True)
    wheel = site / "_downloads" / told["file"]
    subprocess.run([uv, "pip", "install", "--no-deps", *alone, python, wheel], check=True)
    # The packages of the extra are those of this environment; what it says of costlib is not read from there.
    packages = next((folder / "venv").glob("lib/python*/site-packages"))
    (packages / "others.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n", encoding="utf-8")
    return python


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["06_caveats", "09_scaling", "16_decision_guide", "19_landscape"])
def test_a_downloaded_chapter_runs_with_the_wheel_alone_and_gives_the_same_numbers(site, apart, chapter, tmp_path):
    # One chapter of each part and the last, which reads the largest table of facts.
    folder = tmp_path / "empty"
    folder.mkdir()
    notebook = json.loads((site / "_sources" / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    whence = f"import costlib\nassert costlib.__file__.startswith({str(apart.parents[1])!r}), costlib.__file__"
    notebook["cells"].append({"cell_type": "code", "id": "whence", "metadata": {}, "outputs": [],
                              "execution_count": None, "source": whence})  # fmt: skip
    source, result = tmp_path / "downloaded.ipynb", tmp_path / "executed.ipynb"
    source.write_text(json.dumps(notebook), encoding="utf-8")
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "COSTLIB"))}
    command = [apart, "-m", "papermill", "--no-progress-bar", source, result]
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    again, published = (
        {record["key"]: record for record in records(path, "key")}
        for path in (result, ROOT / "notebooks" / f"{chapter}.ipynb")
    )
    assert again.keys() == published.keys() and len(published) > 20
    for key, record in published.items():
        assert again[key]["value"] == pytest.approx(record["value"], rel=1e-9), key
        assert (again[key]["text"], again[key]["unit"]) == (record["text"], record["unit"]), key
    assert list(folder.iterdir()) == [], "a chapter leaves nothing behind"


# --- the files themselves -------------------------------------------------------------------------------------------


def pictures(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [{kind: data[kind] for kind in attachments.ENDINGS} for data in outputs if "image/png" in data]


@pytest.mark.slow
def test_a_figure_is_drawn_the_same_twice(tmp_path):
    chapter = ROOT / "notebooks" / "06_caveats.ipynb"
    for name in ("one.ipynb", "two.ipynb"):
        kernels.execute(chapter, tmp_path / name, {}, tmp_path, attachments.VARIABLES | {"PYTHONHASHSEED": "random"})
    one, two = pictures(tmp_path / "one.ipynb"), pictures(tmp_path / "two.ipynb")
    assert len(one) == 3
    assert one == two


@pytest.mark.heavy
def test_without_the_variable_a_figure_is_png_alone(tmp_path):
    chapter = ROOT / "notebooks" / "01_case_studies.ipynb"
    kernels.execute(chapter, tmp_path / "out.ipynb", {}, tmp_path)
    text = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert "image/png" in text and "image/svg+xml" not in text and "application/pdf" not in text


def test_pictures_are_taken_out_and_everything_else_stays(tmp_path):
    png, pdf = (base64.b64encode(content).decode() for content in (b"a picture", b"a page"))
    drawn = {"image/png": png, "image/svg+xml": ["<svg>", "é</svg>"], "application/pdf": pdf, "text/plain": "<Figure>"}
    settings = {"mystnb": {"figure": {"name": "fig-a"}}, "papermill": {"start_time": "now"}, "execution": {}}
    outputs = [{"data": drawn}, {"name": "stdout"}]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "é"},
             {"cell_type": "code", "metadata": settings, "source": "", "outputs": outputs}]  # fmt: skip
    ran = {"duration": 1.5, "input_path": "/home/someone"}
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {"papermill": ran, "kernelspec": {}}}), encoding="utf-8")
    attachments.take_pictures(tmp_path)
    files = {file.name: file.read_bytes() for file in (tmp_path / "_figures").iterdir()}
    assert files == {"fig-a.png": b"a picture", "fig-a.svg": "<svg>é</svg>".encode(), "fig-a.pdf": b"a page"}
    left = json.loads(path.read_text(encoding="utf-8"))
    assert left["metadata"] == {"papermill": {"duration": 1.5}, "kernelspec": {}}
    assert left["cells"][0] == cells[0]
    assert left["cells"][1]["metadata"] == {"mystnb": {"figure": {"name": "fig-a"}}}
    assert left["cells"][1]["outputs"] == [{"data": {"image/png": png, "text/plain": "<Figure>"}}, {"name": "stdout"}]


def test_the_line_of_a_figure_names_only_the_files_that_there_are(tmp_path):
    line = '<p class="costlib-links"><a href="#fig-a-b">fig-a-b</a> · <a class="costlib-data" href="data:,">CSV</a></p>'
    figure, cell = nodes.figure(ids=["fig-a-b"]), nodes.container("", nodes.raw("", line, format="html"))
    document = new_document("page")
    document += [figure, nodes.container("", nodes.paragraph(), cell)]
    (tmp_path / "_figures").mkdir()
    (tmp_path / "_figures" / "fig-a-b.png").touch()
    app = SimpleNamespace(srcdir=tmp_path, builder=SimpleNamespace(format="html"))
    downloads.add_lines(app, document, "book/page")
    assert [type(node) for node in document] == [nodes.figure, nodes.raw, nodes.container]
    assert re.sub(r"<.*?>", "", document[1].astext()) == "fig-a-b · PNG · CSV"
    assert 'href="../_downloads/figures/fig-a-b.png"' in document[1].astext()
    assert [type(node) for node in document[2]] == [nodes.paragraph], "the emptied box has gone, its neighbour stays"


def test_a_package_that_cannot_be_built_is_an_error_that_says_why(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    with pytest.raises(rerun.RunError, match=r"the package could not be built: .*"):
        rerun._add_wheel(tmp_path, tmp_path / "out")


def test_a_book_without_a_package_has_no_wheel(tmp_path):
    rerun._add_wheel(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
