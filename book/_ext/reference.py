"""Sphinx extension: the reference of the package from its docstrings, and links between equations and functions."""

import importlib
import pkgutil
import pydoc
import re

import equations
from docutils import nodes
from markup import EXTENSION

FLOOR = re.compile(r"^<!-- modules of ([\w.]+) -->$", re.M)
PARTS = ("Parameters", "Returns", "Yields", "Raises", "Examples", "Notes", "Attributes")
ITEM = re.compile(r"(\S.*?) : (.*)")


def list_modules(app, docname, source):
    """Replace the line that names a package by one section for each of its modules."""
    source[0] = FLOOR.sub(lambda found: "\n".join(map(_section, modules(found[1]))), source[0])


def modules(package):
    """Return the names of the public modules of a package, itself first if it defines something.

    >>> modules("costlib.sweeping")[:2]
    ['costlib.sweeping.cluster', 'costlib.sweeping.expressions']
    """
    found = importlib.import_module(package)
    own = [
        name for name, thing in vars(found).items() if getattr(thing, "__module__", "") == package and name[0] != "_"
    ]
    inside = pkgutil.iter_modules(found.__path__)
    names = sorted(name for _, name, is_package in inside if not name.startswith("_") and not is_package)
    return [package] * bool(own) + [f"{package}.{name}" for name in names]


def _section(module):
    heading, options = module.removeprefix("costlib."), "   :members:\n   :ignore-module-all:"
    return f"## {heading}\n\n```{{eval-rst}}\n.. automodule:: {module}\n{options}\n```\n"


def as_rst(app, what, name, thing, options, lines):
    """Turn the parts of a docstring into what Sphinx draws, and add the equations that it computes."""
    # A link shows the last part of a name alone.
    shorter = [re.sub(r"(:(?:func|class|mod):`)(?=costlib\.)", r"\1~", line) for line in rewritten(lines)]
    lines[:] = [*shorter, *_equations(app, name)]


def rewritten(lines):
    """Return the lines of a docstring with its headed parts as definition lists.

    >>> print("\\n".join(rewritten(["Sum.", "", "Returns", "-------", "total : of all [USD]", "    or zero"])))
    Sum.
    <BLANKLINE>
    .. rubric:: Returns
    <BLANKLINE>
    ``total``
        of all [USD]
        or zero
    """
    found, part = [], ""
    for place, line in enumerate(lines):
        follows = lines[place + 1] if place + 1 < len(lines) else ""
        if line in PARTS and follows and set(follows) == {"-"}:
            part = line
            found += [f".. rubric:: {line}", ""]
        elif part and set(line) == {"-"} and lines[place - 1] == part:
            continue
        elif part not in ("", "Examples", "Notes") and (item := ITEM.fullmatch(line)):
            found += [f"``{item[1]}``", f"    {item[2]}"]
        else:
            ends = part and line[:1].strip() and found[-1].startswith("    ")  # words after a list
            found += ["", line] if ends else [line]
    return found


def _equations(app, name):
    chapters = equations.chapters(app.srcdir)
    for label in equations.of(name):
        if label in chapters:
            yield from ("", f"Equation :eq:`{label}` of :doc:`/notebooks/{chapters[label]}`.")


def leave_out(app, what, name, thing, skip, options):
    """The fields of a named tuple are described with the tuple."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def unlinked(app, environment, node, content):
    """Show what is in the package but on no page, such as a constant, without a link."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    module, kind = node.get("py:module"), node.get("py:class")
    names = [
        name for name in (target, f"{module}.{target}", f"{module}.{kind}.{target}") if name.startswith("costlib.")
    ]
    return content if any(pydoc.locate(name) is not None for name in names) else None


def link_equations(app, doctree, docname):
    """Give each equation that the package computes the way to its functions, which its number shows."""
    objects = app.env.domains["py"].objects
    for block in doctree.findall(nodes.math_block):
        for name in equations.computed_by(block.get("label", "")):
            if name in objects:
                place = objects[name]
                address = app.builder.get_relative_uri(docname, place.docname) + f"#{place.node_id}"
                block.setdefault("functions", []).append((name, address))


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("source-read", list_modules)
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("missing-reference", unlinked)
    app.connect("doctree-resolved", link_equations)
    return EXTENSION
