"""Sphinx extension: on each page the first use of a word of the glossary leads to it and carries its meaning."""

import re
from functools import cache
from pathlib import Path

from docutils import nodes
from markup import EXTENSION, to_top

GLOSSARY = "book/glossary"
ENTRY = re.compile(r"^(?P<words>(?:\S.*\n)+) {2}(?P<meaning>\S.*)$", re.M)
# Where a word is a name, a title, code or a link already; a table has no room for notes.
SKIPPED = (nodes.literal, nodes.reference, nodes.title, nodes.raw, nodes.math, nodes.table, nodes.caption, nodes.term,
           nodes.literal_block, nodes.strong, nodes.image)  # fmt: skip
# Words that mostly stand in their everyday sense lead nowhere from a page.
ORDINARY = {"agreement", "answer", "audit", "candidates", "comparison", "context length", "energy", "evaluation",
            "experts", "head", "identity", "interval", "iteration", "label",
            "policy", "reference", "staff"}  # fmt: skip
# Forms that are verbs or other nouns as well.
OFTEN_OTHER = {"draw", "judge", "batch", "activations"}
PAGES = ("notebooks/", "book/index", "book/decide", "book/limitations", "book/estimate", "book/compare", "book/methods")


def read(text):
    """Return the meaning of each word of a glossary page and the word under which it stands.

    >>> read("```{glossary}\\n:sorted:\\n\\nrater\\nannotator\\n  A person.\\n\\nDPO\\n  A method.\\n```\\n")
    {'rater': ('rater', 'A person.'), 'annotator': ('rater', 'A person.'), 'DPO': ('DPO', 'A method.')}
    """
    body = re.search(r"```\{glossary\}\n(?::[^\n]*\n)*\n(.*?)```", text, re.S)[1]
    found = {}
    for entry in ENTRY.finditer(body):
        first, *others = entry["words"].splitlines()
        for word in (first, *others):
            found[word] = (first, entry["meaning"])
    return found


def pattern(words):
    """Return what finds any of the words, the longest first: capitals as they stand, others also at a beginning.

    >>> found = pattern(["pair", "usable pair", "KL"])
    >>> [match[0] for match in found.finditer("Usable pair, pairs, repair, Pair, kl, KL")]
    ['Usable pair', 'Pair', 'KL']
    """
    forms = []
    for word in sorted(words, key=len, reverse=True):
        first = word[0]
        start = f"[{first}{first.upper()}]" if first.islower() else re.escape(first)
        forms.append(start + re.escape(word[1:]))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])")


@cache
def entries(path):
    """Return the meanings of a glossary page, and what finds its words on others."""
    known = read(path.read_text(encoding="utf-8"))
    return known, pattern(known.keys() - OFTEN_OTHER)


def mark(app, doctree, docname):
    """Let the first use of each word on a page lead to the glossary."""
    if app.builder.format != "html" or not docname.startswith(PAGES) or GLOSSARY not in app.env.all_docs:
        return
    known, finds = entries(Path(app.srcdir, f"{GLOSSARY}.md"))
    seen = set(ORDINARY)
    for text in list(doctree.findall(nodes.Text)):
        above = list(_above(text))
        if any(isinstance(up, SKIPPED) for up in above) or not any(isinstance(up, nodes.paragraph) for up in above):
            continue
        parts, end = [], 0
        for match in finds.finditer(text):
            word = match[0] if match[0] in known else match[0][0].lower() + match[0][1:]
            first, meaning = known[word]
            if first not in seen:
                seen.add(first)
                parts += [nodes.Text(text[end : match.start()]), Word(match[0], first, meaning, docname)]
                end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


class Word(nodes.inline):
    """A word that leads to its entry; its text is the word alone, whatever reads it."""

    def __init__(self, shown="", first="", meaning="", docname=""):
        address = f"{to_top(docname)}{GLOSSARY}.html#{anchor(first)}"
        super().__init__("", nodes.Text(shown), address=address, meaning=meaning)


def enter(writer, node):
    """Begin a word in HTML."""
    writer.body.append(
        writer.starttag(node, "a", "", CLASS="term", href=node["address"], **{"data-means": node["meaning"]})
    )


def leave(writer, node):
    """End a word in HTML."""
    writer.body.append("</a>")


def anchor(word):
    """Return the id that Sphinx gives a word of a glossary.

    >>> anchor("KV cache"), anchor("best of n")
    ('term-KV-cache', 'term-best-of-n')
    """
    return f"term-{word.replace(' ', '-')}"


def _above(node):
    while node := node.parent:
        yield node


def setup(app):
    """Register with Sphinx."""
    app.add_node(Word, html=(enter, leave))
    app.connect("doctree-resolved", mark)
    app.add_css_file("terms.css")
    return EXTENSION
