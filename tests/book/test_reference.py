"""The reference of the package: every module on a page, every equation with its function and back."""

import importlib
import pkgutil
import pydoc
import re
from pathlib import Path

import equations
import pytest
from conftest import ROOT

FLOORS = ("base", "facts", "compute", "economics", "validation", "recipes", "sweeping", "measuring", "face")
LABELS = equations.chapters(ROOT)


@pytest.mark.parametrize("label", [label for label, chapter in LABELS.items() if int(chapter[:2]) >= 7])
def test_every_equation_names_its_function_or_is_evaluated_in_its_chapter(label):
    assert bool(equations.computed_by(label)) != (label in equations.IN_THE_CHAPTER)


def test_every_function_of_an_equation_exists_and_every_label_is_in_a_chapter():
    assert {*equations.FUNCTIONS, *equations.IN_THE_CHAPTER} <= LABELS.keys()
    for label in equations.FUNCTIONS:
        for name in equations.computed_by(label):
            if not name.startswith("costlib.measuring"):  # some of its modules need PyTorch
                assert getattr(pydoc.locate(name), "__doc__", ""), name


def test_every_floor_has_its_page_in_the_contents():
    listed = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for floor in FLOORS:
        assert f"file: book/api/{floor}" in listed
        text = (ROOT / "book" / "api" / f"{floor}.md").read_text(encoding="utf-8")
        assert f"<!-- modules of costlib.{floor} -->" in text


def test_every_module_has_its_section_and_every_public_function_its_place(site):
    for floor in FLOORS:
        page = (site / "book" / "api" / f"{floor}.html").read_text(encoding="utf-8")
        package = importlib.import_module(f"costlib.{floor}")
        for function in re.findall(r"^def ([a-z]\w*)\(", Path(package.__file__).read_text(encoding="utf-8"), re.M):
            assert f'id="costlib.{floor}.{function}"' in page, function
        for _, name, is_package in pkgutil.iter_modules(package.__path__):
            if name.startswith("_") or is_package:
                continue
            assert f'id="module-costlib.{floor}.{name}"' in page, name
            text = (ROOT / "costlib" / floor / f"{name}.py").read_text(encoding="utf-8")
            for function in re.findall(r"^def ([a-z]\w*)\(", text, re.M):
                assert f'id="costlib.{floor}.{name}.{function}"' in page, f"{name}.{function}"


def test_equations_and_functions_lead_to_each_other(site):
    for label, chapter in LABELS.items():
        equation = (site / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
        for name in equations.computed_by(label):
            links = re.findall(rf'href="\.\./book/api/(\w+)\.html#{re.escape(name)}"', equation)
            assert links, f"{label} does not lead to {name}"
            reference = (site / "book" / "api" / f"{links[0]}.html").read_text(encoding="utf-8")
            assert f"notebooks/{chapter}.html#equation-{label}" in reference, f"{name} does not lead to {label}"


def test_a_page_of_the_reference_is_no_heavier_than_a_chapter(site):
    pages = {page.stem: page.stat().st_size for page in (site / "book" / "api").glob("*.html")}
    assert pages.keys() >= set(FLOORS) and max(pages.values()) < 800_000, pages
