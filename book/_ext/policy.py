"""What a page may load and run, as a content security policy in its head: files beside it, and no script within it.

It stands in the page itself, since pages are read from disks and from any host; `make serve` sends it as well. No page
holds a script of its own, so whatever gets into one, none of it runs.
"""

import base64
import hashlib
import re

from costlib.report import runtime

RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # widths of bars, colours of code; styles run nothing
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
WASM = "'wasm-unsafe-eval'"
CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
TAG = '<meta http-equiv="Content-Security-Policy" content="{}">'


def applied(page, **more):
    """Return the HTML of a page with the policy before all that it is about; `more` as for :func:`rules`.

    >>> applied('<head><meta charset="utf-8"><title>A</title></head>').splitlines()[1].split(";")[:2]
    ['<meta http-equiv="Content-Security-Policy" content="default-src \\'none\\'', " script-src 'self'"]
    """
    return CHARSET.sub(lambda found: f"{found[0]}\n{TAG.format(rules(**more))}", page, count=1)


def rules(script="", python="none"):
    """Return the policy.

    Parameters
    ----------
    script : of a page that must carry its script in itself
    python : where a page takes Python from: "none", "beside" the pages, or its "public" host
    """
    found = dict(RULES)
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        found["script-src"] += f" 'sha256-{digest}'"
    if python != "none":
        found["script-src"] += f" {WASM}"
    if python == "public":
        for name in ("script-src", "connect-src"):
            found[name] += f" {runtime.PUBLIC}"
    return "; ".join(map(" ".join, found.items()))
