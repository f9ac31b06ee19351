"""Sphinx extension: a chapter opens with its answer, the figure that shows it and what follows from both.

A wide page shows them side by side; who hears it, a phone and print have them in this order.
"""

from docutils import nodes
from markup import EXTENSION

CLASS = "opening"


def gather(app, doctree, docname):
    """Put the answer, the first figure and the paragraphs between them into one box, the figure second."""
    section = doctree.next_node(nodes.section)
    if not docname.startswith("notebooks/") or section is None:
        return
    parts = [child for child in section if not isinstance(child, nodes.Invisible | nodes.title)]
    place = next((place for place, part in enumerate(parts) if not isinstance(part, nodes.paragraph)), 0)
    if not place or not parts[place].next_node(nodes.figure):
        return
    answer, *others = parts[: place + 1]
    box, meant = (nodes.container(is_div=True, classes=[name]) for name in (CLASS, f"{CLASS}-meant"))
    section.insert(section.index(answer), box)
    for child in (answer, *others):
        section.remove(child)
    *between, figure = others
    meant += between
    box += [answer, figure, *[meant] * bool(between)]


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", gather, priority=900)  # after all that looks for paragraphs of a section
    return EXTENSION
