"""Sphinx extension: light pages without outside requests, formulas as MathML, what search engines and previews read."""

import html
import os
import re
from pathlib import Path

import mathml
import not_found
import policy
import preview
from markup import EXTENSION

from costlib.base import fmt

# What a page loads, and the mark in its article or its scripts without which it has no use for it.
TOGGLED = r'class="(?:[^"]* )?(?:toggle[ "]|admonition [^"]*dropdown)'
NEEDED_FOR = {
    "sphinx-design.min.css": r'class="(?:[^"]* )?sd-',
    "design-tabs.js": "sd-tab-",
    "togglebutton": TOGGLED,
    "toggleHint": TOGGLED,
    "toggleOpenOnPrint": TOGGLED,
    "copybutton.": 'class="highlight"',
    "clipboard.min.js": 'class="highlight"',
    "mystnb.": 'class="cell |cell_|pasted-',
}
# The theme's drawings of icons, script and font, are replaced by the few masks of costlib.css; nothing runs live code,
# and only the search page searches.
UNUSED = ("fontawesome.js", "sphinx-thebe", "THEBE_JS_URL")
SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
LOAD = re.compile(r"[ \t]*(?:<script\b[^>]*>.*?</script>|<link\b[^>]*(?:stylesheet|preload)[^>]*>)\n?", re.S)

CALCULATOR = "book/calculator"  # the one page that runs Python

# What is code or data, and must keep every character; no line ends in a drawing.
AS_IT_IS = re.compile(r"(<script\b.*?</script>|<pre\b.*?</pre>|<svg\b.*?</svg>)", re.S)

HINT = r'(<button class="btn search-button-field[^>]*>.*?)<span class="search-button__kbd-shortcut">.*?</span>'
REPLACED = tuple(
    (re.compile(pattern, re.S), replacement)
    for pattern, replacement in (
        # The name of a button must contain the words on it; the hint at a shortcut stands in the search field.
        (HINT, r"\1"),
        (r'<summary aria-label="Toggle hidden content">', "<summary>"),
        (r'<summary>(?=<span class="toctree-toggle")', '<summary aria-label="pages beneath this one">'),
        (r'(<button (?:class="sidebar-toggle |onclick="toggleFullScreen)[^>]*)title="([^"]*)"',
         r'\1title="\2" aria-label="\2"'),
        # This role was withdrawn; an entry of a list is a list item.
        (r'role="doc-biblioentry"', 'role="listitem"'),
        # Firefox fetches the next page before it is wanted, which the policy forbids with an error.
        (r'[ \t]*<link rel="next"[^>]*>\n?', ""),
        # A comma or a full stop stays with the formula before it.
        (r'(<span class="math[^"]*)("><math (?:(?!</span>).)*</math></span>)([,.;:)]+)',
         r'<span class="unbroken">\1\2\3</span>'),
        # The policy allows no script in a page: costlib.js does what the theme's own do, as far as it is of use here.
        (r'onclick="(toggleFullScreen|window\.print)\(\)"', r'data-does="\1"'),
        (r'[ \t]*<script data-cfasync="false">\s*document\.documentElement\.dataset\.mode = [^<]*</script>\n?', ""),
        (r"[ \t]*<script>DOCUMENTATION_OPTIONS\.(?:pagename|search_as_you_type) = [^<]*</script>\n?", ""),
        (r"[ \t]*<script>\s*// Activate the search field on page load[^<]*</script>\n?", ""),
        (r'\s*<div id="ethical-ad-placement".*?</div>', ""),
        (r'\s*<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName[^<]*</script>', ""),
    )
)  # fmt: skip


def drop_remote_css(app, config):
    """Remove style sheets that the theme's extensions load from other hosts."""
    app.registry.css_files[:] = [(f, a) for f, a in app.registry.css_files if not f.startswith(("http:", "https:"))]


def tidied(page, name):
    """Return the text of a page without what it has no use for, and with what its readers' tools need.

    Parameters
    ----------
    page : the HTML
    name : the page's name in the book; "search" keeps the scripts that search
    """
    for pattern, replacement in REPLACED:
        page = pattern.sub(replacement, page)
    head, _, body = page.partition("<body")
    body = "".join(
        part if part.startswith(("<script", "<pre", "<svg")) else fmt.unbroken(part) for part in AS_IT_IS.split(body)
    )

    def kept(match):
        load = match[0]
        if any(mark in load for mark in UNUSED) or (name != "search" and any(mark in load for mark in SEARCH)):
            return ""
        for mark, needed in NEEDED_FOR.items():
            if mark in load and not re.search(needed, body):
                return ""
        return load

    viewport = re.compile(r'\s*<meta name="viewport"[^>]*>')
    return viewport.sub("", LOAD.sub(kept, head), count=len(viewport.findall(head)) - 1) + "<body" + body


def wrap_templates(app):
    """Let every page pass through `tidied` after its template, and take its policy."""
    if app.builder.format != "html":
        return
    render = app.builder.templates.render

    def finished(template, context):
        name = context.get("pagename")
        python = "none" if name != CALCULATOR else "beside" if os.environ.get("COSTLIB_PYODIDE") else "public"
        return policy.applied(tidied(render(template, context), name), python=python)

    app.builder.templates.render = finished


def escape_heading(app, pagename, templatename, context, doctree):
    """Let the theme's heading for print, which it takes for HTML, be words."""
    if "pagetitle" in context:
        context["pagetitle"] = html.escape(context["pagetitle"])


def slim_files(app, exception):
    """Remove from the built pages the files that no page loads, and the drawings of icons from the style sheet."""
    static = Path(app.outdir, "_static")
    if exception or app.builder.format != "html" or not static.is_dir():
        return
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    sheet.write_text(without_icons(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    fonts = ("scripts/fontawesome.js*", "vendor/fontawesome/webfonts/*.ttf")
    for pattern in ("**/*.map", "*-macros.html", "sphinx-thebe.*", *fonts):
        for file in static.glob(pattern):
            file.unlink()


def without_icons(sheet):
    """Return a style sheet without the glyphs of Font Awesome's two thousand icons.

    >>> without_icons('.a{b:c}.fa-bars:before,.fa-navicon:before{content:"x"}.d{e:f}')
    '.a{b:c}.d{e:f}'
    """
    glyph = r"\.fa-[\w-]+::?before"
    return re.sub(glyph + "(?:," + glyph + r')*\{(?:--fa:|content:)"[^"]*"\}', "", sheet)


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (mathml.visit_inline, None), (mathml.visit_block, None))
    app.connect("config-inited", drop_remote_css, priority=900)
    app.connect("config-inited", preview.set_address)
    app.connect("builder-inited", wrap_templates)
    app.connect("html-page-context", preview.describe)
    app.connect("html-page-context", escape_heading, priority=900)  # after the theme has taken it
    app.connect("build-finished", slim_files)
    app.connect("build-finished", preview.draw)
    app.connect("build-finished", not_found.write)
    app.connect("build-finished", not_found.lead_in, priority=400)  # else the theme writes one
    return EXTENSION
