"""Sphinx extension: a chapter opens with its answer, the figure that shows it, and then what follows from both.

The three are one box, which a wide page shows side by side. What reads the page, a phone and print have them in this
order.
"""

from docutils import nodes
from markup import EXTENSION

CLASS = "opening"


def gather(app, doctree, docname):
    """Put the answer, the first figure and the paragraphs between them into one box, the figure second."""
    section = doctree.next_node(nodes.section)
    if not docname.startswith("notebooks/") or section is None:
        return
    _, answer, *others = [child for child in section if not isinstance(child, nodes.Invisible)]
    place = next((place for place, child in enumerate(others) if not isinstance(child, nodes.paragraph)), None)
    if not isinstance(answer, nodes.paragraph) or place is None or not others[place].next_node(nodes.figure):
        return
    box, meant = (nodes.container(is_div=True, classes=[name]) for name in (CLASS, f"{CLASS}-meant"))
    section.insert(section.index(answer), box)
    for child in (answer, *others[: place + 1]):
        section.remove(child)
    meant += others[:place]
    box += [answer, others[place], *[meant] * bool(place)]


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", gather, priority=900)  # after all that looks for paragraphs of a section
    return EXTENSION
