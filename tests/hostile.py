"""Texts that try to become more than text in a page, in Markdown, in a formula or an address; and a look for them."""

import re

from bs4 import BeautifulSoup

# What a value of a reader's file may hold. The mark stands in each, so that it can be looked for.
MARK = "zq9"
TEXTS = [
    f"<img src=x onerror=alert('{MARK}')>",
    f'"><script>alert("{MARK}")</script>',
    f"</script><script>alert('{MARK}')</script>",
    f"<!--<script>{MARK}",
    f"'><svg/onload=alert('{MARK}')>",
    f'" onmouseover="alert(\'{MARK}\')" x="',
    f"[{MARK}](javascript:alert(1))",
    f"![{MARK}](https://evil.example/x.png)",
    f"<javascript:alert('{MARK}')>",
    f"{{raw}}`html <b>{MARK}</b>`",
    f"```{{raw}} html {MARK}",
    f"`{MARK}",
    f"``` {MARK} ``",
    f"$\\frac{{{MARK}",
    f"$x$ {MARK} \\unheard $$",
    f"a | b {MARK} | c",
    f"${{{MARK}}} $name {{{{ {MARK} }}}} {{% {MARK} %}}",
    f"&lt;b&gt;{MARK}&amp;&#60;i&#62;",
    f"# {MARK}",
    f"- {MARK}",
    f"1. {MARK}",
    f"({MARK})=",
    f"% {MARK}",
    f"::: {MARK}",
    f"_{MARK}_ *{MARK}* ~~{MARK}~~",
    f"javascript:alert('{MARK}')",
    f"data:text/html,<script>{MARK}</script>",
    f"//evil.example/{MARK}",
    f"@{MARK}@ @label@ \\\\ %s {{0}} {MARK}",
    f"{MARK}\u202egpj.exe\u2066",
    f"{MARK}\x1b[2J\x00\x07\x7f\x85",
    f"{MARK}\u2028\u2029\ufeff\u200b",
]  # fmt: skip


def soup(text):
    """The elements of a page."""
    return BeautifulSoup(text, "html.parser")


def skeleton(text):
    """What a page is made of: its elements in order with the names of their attributes, whatever the words."""
    return [
        (tag.name, sorted({*tag.attrs} - {"class"})) for tag in soup(text).find_all(True)
    ]  # long words have no class


def strangers(text, *allowed):
    """What a page has of such texts other than as words, and each script within it: a list of what is wrong."""
    page, found = soup(text), []
    allowed += ("alt", "content", "title", "aria-label", "value", "data-default")
    for tag in page.find_all(True):
        if MARK in tag.name or any(MARK in name or name.startswith("on") for name in tag.attrs):
            found.append(str(tag)[:200])
        for name, value in tag.attrs.items():
            said = " ".join(value) if isinstance(value, list) else value
            if name in ("href", "src", "action", "formaction") and said.strip().lower().startswith(
                ("javascript:", "vbscript:")
            ):
                found.append(f"{name}={said[:200]}")
            of_heading = name in ("id", "href") and re.fullmatch(r"#?[a-z0-9-]+", said)  # its letters and digits
            if MARK in said and name not in allowed and not of_heading and not said.startswith("data:"):
                found.append(f"{name}={said[:200]}")
        if tag.name == "script" and not tag.get("src") and tag.get("type") != "application/json":
            found.append(f"script {str(tag)[:200]}")
        if tag.name == "script" and "<" in (tag.string or ""):
            found.append(f"script {str(tag)[:200]}")
    return found
