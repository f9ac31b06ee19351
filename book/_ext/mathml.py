"""Formulas as MathML, made while the pages are built: readers load no script, and screen readers get the structure."""

import html
import re
from xml.etree.ElementTree import Element, tostring

from docutils import nodes

THIN = "0.167em"
ATOMS = {"mi", "mn", "mtext", "msub", "msup", "msubsup", "mfrac", "msqrt", "munder", "mrow"}
TALL = {"mfrac", "mtable", "msqrt", "munder", "mover", "munderover"}
SCRIPTS = {"msub", "msup", "msubsup", "munder"}
LIMITS = {"min", "max", "arg\u2009min", "arg\u2009max"}


def convert(latex, display=False):
    r"""Return the MathML of a formula.

    Parameters
    ----------
    latex : the formula without dollar signs
    display : whether it stands on a line of its own

    Raises
    ------
    ValueError : a command that has no MathML

    Examples
    --------
    >>> convert("2N")
    '<math alttext="2N"><mn>2</mn><mi>N</mi></math>'
    >>> convert(r"\unheard{x}")
    Traceback (most recent call last):
    ValueError: no MathML for \unheard in \unheard{x}
    """
    from latex2mathml.converter import convert_to_element

    row = convert_to_element(_prepared(latex), display="block" if display else "inline").find("mrow")
    math = Element("math", {"display": "block"} if display else {}, alttext=" ".join(latex.split()))
    math.extend(row)
    for element in math.iter():
        element.text = html.unescape(element.text or "")
        if element.text.startswith("\\"):
            raise ValueError(f"no MathML for {element.text} in {latex}")
    _mend_tokens(math)
    _mend_fences(math)
    _mend_spaces(math, display)
    return tostring(math, encoding="unicode")


def _prepared(latex):
    """Rewrite what the converter does not know, and break lines outside environments."""
    latex = latex.replace(r"\arg\min", r"\argmin ").replace(r"\arg\max", r"\argmax ")
    latex = re.sub(r"\\mathrm\{(\w+)\}", r"\\text{\1}", latex)
    outside = re.sub(r"\\begin\{(\w+)\}.*?\\end\{\1\}", "", latex, flags=re.S)
    return rf"\begin{{aligned}}{latex}\end{{aligned}}" if r"\\" in outside else latex


def _mend_tokens(math):
    """Names of functions are identifiers; a star is the raised operator; a slash stands close to what it divides."""
    for element in math.iter("mo"):
        if element.text.replace("\u2009", "").isalpha():
            element.tag = "mi"
        elif element.text == "*":
            element.text = "\u2217"
        elif element.text == "/":
            element.attrib.update(lspace="0", rspace="0")
    for element in math.iter("mtd"):
        if side := element.attrib.pop("columnalign", ""):
            element.set("style", f"text-align:{side}")
    for element in math.iter():
        for script in list(element)[1:] if element.tag in SCRIPTS else []:
            for operator in script.iter("mo"):
                operator.attrib.update(lspace="0", rspace="0")


def _mend_fences(math):
    """Brackets grow only around what is tall; the font's next larger bracket would leave a gap."""
    for row in math.iter("mrow"):
        marks = [mark for mark in row if mark.get("fence")]
        if marks and not any(inner.tag in TALL for inner in row.iter()):
            for mark in marks:
                mark.set("stretchy", "false")


def _mend_spaces(math, display):
    r"""TeX's thin spaces beside the names of functions and beside \left ... \right; limits below their operator."""
    for parent in list(math.iter()):
        if parent.tag in ("math", "mrow", "mtd"):
            spaced = []
            for before, child in zip([None, *parent], parent, strict=False):
                if before is not None and _thin_between(before, child):
                    spaced.append(Element("mspace", width=THIN))
                if display and child.tag == "msub" and child[0].text in LIMITS:
                    child.tag = "munder"
                spaced.append(child)
            parent[:] = spaced


def _thin_between(left, right):
    if left.tag not in ATOMS or right.tag not in ATOMS:
        return False
    if _is_function(left):
        return not _is_fenced(right)
    return _is_function(right) or _is_fenced(left) or _is_fenced(right)


def _is_function(element):
    name = element[0] if element.tag in SCRIPTS else element
    return name.tag == "mi" and len(name.text) > 1


def _is_fenced(element):
    inner = element[0] if element.tag in SCRIPTS else element
    return inner.tag == "mrow" and len(inner) > 0 and inner[0].get("fence") == "true"


def visit_inline(translator, node):
    """Write a formula within a line."""
    translator.body.append(f'<span class="math notranslate nohighlight">{_converted(node, False)}</span>')
    raise nodes.SkipNode


def visit_block(translator, node):
    """Write a formula on its own line, with its number and its address if it has one."""
    from sphinx.util.math import get_node_equation_number

    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body += [_code(*function) for function in node.get("functions", ())]
        translator.body.append("</span>")
    translator.body.append(f"{_converted(node, True)}</div>\n")
    raise nodes.SkipNode


def _code(name, address):
    """The link from an equation to a function that computes it; print has no place for it."""
    shown = name.removeprefix("costlib.")
    return (
        f' <a class="costlib-screen costlib-code" href="{address}" aria-label="code: {shown}" title="{shown}">code</a>'
    )


def _converted(node, display):
    from sphinx.util import logging

    try:
        return convert(node.astext(), display)
    except Exception as error:  # the converter's own errors share no class
        logging.getLogger(__name__).warning("formula: %s", error, location=node)
        return f"<code>{html.escape(node.astext())}</code>"
