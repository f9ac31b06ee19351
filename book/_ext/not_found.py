"""The page for an address that does not exist. It may be served at any depth, so it carries all that it needs."""

import json
from pathlib import Path
from urllib.parse import urlsplit

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="description" content="{title}: this address has no page. Start page, contents and search.">
<title>Page not found - {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #ffffff; }}
main {{ max-width: 34rem; margin: 12vh auto; padding: 0 1.2rem; }}
h1 {{ line-height: 1.2; }}
a {{ color: #0b5c9e; }}
input, button {{ font: inherit; padding: 0.3rem 0.6rem; max-width: 100%; box-sizing: border-box; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e6e6e6; background: #14181e; }}
  a {{ color: #8ec5ff; }}
}}
</style>
</head>
<body>
<main>
<h1>Page not found</h1>
<p>{title} has no page at this address. It may have been renamed; the search finds it by its words.</p>
<ul>
<li><a href="{root}{start}.html" data-path="{start}.html">Start page</a></li>
<li><a href="{root}{contents}.html" data-path="{contents}.html">Contents and how to read</a></li>
<li><a href="{root}search.html" data-path="search.html">Search</a></li>
</ul>
<form action="{root}search.html" data-path="search.html" role="search">
<label for="words">Words</label> <input id="words" name="q" type="search"> <button>Search</button>
</form>
</main>
<script>
// Links start at the address that the book was built for, or at the server's root; if the book lies deeper, find it.
(async () => {{
  if ({known} || !location.protocol.startsWith("http")) return;
  const parts = location.pathname.split("/");
  for (let depth = 1; depth < parts.length; depth += 1) {{
    const root = parts.slice(0, depth).join("/") + "/";
    const found = await fetch(root + "objects.inv", {{ method: "HEAD" }}).catch(() => null);
    if (!found || !found.ok) continue;
    for (const element of document.querySelectorAll("[data-path]"))
      element.setAttribute(element.tagName === "FORM" ? "action" : "href", root + element.dataset.path);
    return;
  }}
}})();
</script>
</body>
</html>
"""


def page(title, start, contents, site_url=""):
    """Return the HTML of the page; `site_url` is the book's public address, if it is known.

    >>> 'href="/book/index.html"' in page("A book", "book/index", "book/how_to_read")
    True
    >>> 'href="/deep/search.html"' in page("A book", "book/index", "book/how_to_read", "https://example.org/deep/")
    True
    """
    root = urlsplit(site_url).path.rstrip("/") + "/"
    return PAGE.format(title=title, start=start, contents=contents, root=root, known=json.dumps(bool(site_url)))


def write(app, exception):
    """Put the page at the root of the built pages."""
    if exception or app.builder.format != "html":
        return
    text = page(app.config.html_title, app.config.root_doc, "book/how_to_read", app.config.html_baseurl)
    Path(app.outdir, "404.html").write_text(text, encoding="utf-8")
