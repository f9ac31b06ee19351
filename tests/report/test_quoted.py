"""Digits typed in prose: each number with a unit is given by a fact, a computed number or a source.

`tests/data/quoted.csv` has a row for each: the file, the words as they stand there, and for each number in them what
gives it, separated by `;`. `@` stands for what a role prints.
"""

import ast
import functools
import operator
import re

import pytest
from conftest import ROOT

from costlib.base.files import read_rows
from costlib.facts import catalog, claims, parameters, prices
from costlib.report import notebooks

QUOTED = read_rows(ROOT / "tests" / "data" / "quoted.csv")
SOURCES = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M))
NUMBER = r"\$?\d[\d,]*(?:\.\d+)?(?:e\d+)?"
WORDS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}
UNITS = (
    r"%|x\b|times|GB|GiB|kB|MB|B/s|TFLOP/s|B\b|million|billion|trillion|tokens?|hours?|days?|weeks?|minutes?|seconds?|ms|s|W|"
    r"pairs?|comparisons?|calls?|FLOPs?|petaflop/s-days|GPUs?|examples?|people|models?|statements|words|characters|turns|"
    r"bytes|bits?|draws|points|rows|episodes|volunteers|written answers|judgments|demonstrations|scenarios|prompts|"
    r"parameters|chapters|papers|numbers"
)
MEASURED = re.compile(
    rf"(?<![\w.\-/^]){NUMBER}(?:,? (?:to|and|or|of|against) (?:@ )?{NUMBER})*(?:[ -]|(?=%|x\b|B\b))(?:{UNITS})(?!\w)"
    r"|\$\d[\d,]*(?:\.\d+)?"
)
# What is no quotation: number formats, sizes in the names of models and GPUs, levels of intervals, and nothing at all.
ALLOWED = re.compile(
    r"\d+[- ]bits?|\d[\d.]*B( model)?"
    r"|(A100|H100|B200|GPUs of|with|GPU of|sold as|same|An) (with )?(80|40) Gi?B|(80|40) GB (A100|part|on|hold)"
    r"|(?<![\d.])(5|10|80|90|95) %"
    r"(?= (and 9[05] %|interval|quantile|of (the |these )?(draws|repetitions)|of @ draws|confidence|lie between))"
    r"|0 demonstrations|100 %(?= an input)"
)
# Example output that other tests compute: test_methods.py reads the table of this page.
COMPUTED = {"book/compare.md": r"^\|.*$"}


def prose(root=ROOT):
    """Return the prose of each file in one line, without code, equations and what roles print."""
    found = {}
    for path in [root / "README.md", *sorted((root / "book").glob("*.md"))]:
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        found[name] = re.sub(COMPUTED[name], "", text, flags=re.M) if name in COMPUTED else text
    for path in notebooks.paths(root):
        cells = [cell["source"] for cell in notebooks.read(path)["cells"] if cell["cell_type"] == "markdown"]
        words = [text for figure in notebooks.figures(path).values() for text in (figure["caption"], figure["alt"])]
        found[f"notebooks/{path.stem}"] = "\n\n".join(cells + words)
    return {name: plain(text) for name, text in found.items()}


def plain(text):
    """Return text without code, equations, addresses and roles.

    >>> plain("From {glue:text}`x` to $A_1$ at $2, `code`.")
    'From @ to @ at $2, @.'
    """
    text = re.sub(r"^(```|~~~).*?^\1|\$\$.*?\$\$( \(eq-[\w-]+\))?|^:\w.*?$|^\([^)\n]*\)=$", "", text, flags=re.S | re.M)
    text = re.sub(r"\{[\w:,-]+\}`[^`]*`|`[^`]*`|\]\([^)]*\)", "@", text)
    text = re.sub(r"\$(?=[A-Za-z\\(|]|\d+[A-Za-z(\\]|\d+ [-+<>/]|\d+/)[^$\n]*(\n[^$\n]*)?\$", "@", text)
    return " ".join(text.split())


PROSE = prose()


@functools.cache
def published():
    return {f"{path.stem}/{record['key']}": record["value"] for path in notebooks.paths(ROOT)
            for record in notebooks.records(path, "key")}  # fmt: skip


def fact(address):
    table, name, column = address.split("/")
    return getattr(catalog.table(table)[name], column)


def source(key):
    """The number is quoted from a source, and no fact holds it."""
    assert key in SOURCES, f"{key} is not in the bibliography"


def rule(where):
    """The number is a rule, a bound or an assumption of the book, or measured by it; it is said where."""
    assert where


GIVERS = {"key": lambda address: published()[address], "fact": fact, "source": source, "rule": rule,
          "default": lambda name: parameters.vocabulary()[name].default,
          "claim": lambda item: claims.find(item).published,
          "claim_high": lambda item: claims.find(item).published_high,
          "old_days": lambda: prices.OLD.days,
          "count": lambda table: len(catalog.table(table)),
          "statements": lambda of="": sum(of in ("", each.document) for each in claims.ledger().values())}  # fmt: skip
SUMS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def given(text):
    """Return what an expression gives: digits, sums and the givers above."""

    def value(node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.BinOp):
            return SUMS[type(node.op)](value(node.left), value(node.right))
        return GIVERS[node.func.id](*map(value, node.args))

    return value(ast.parse(text.strip(), mode="eval").body)


def agrees(digits, value):
    """Say whether typed digits, or a word for a share, are a value rounded to them."""
    if digits in WORDS:
        return abs(WORDS[digits] - value) < 0.1 * value
    number = digits.strip("$").replace(",", "")
    step = 10.0 ** -len(number.partition(".")[2]) if "e" not in number else float(number) / 100
    return abs(float(number) - value) <= 0.5001 * step


@pytest.mark.parametrize("row", QUOTED, ids=lambda row: f"{row['file']}: {row['quote'][:40]}")
def test_typed_digits_are_what_gives_them(row):
    assert row["quote"] in PROSE[row["file"]], "not in the prose: correct its row in tests/data/quoted.csv too"
    digits = re.findall(rf"(?<![\w.]){NUMBER}|{'|'.join(WORDS)}", row["quote"])
    givers = row["gives"].split(";")
    assert len(digits) == len(givers), f"{digits} need as many givers"
    for number, giver in zip(digits, givers, strict=True):
        value = given(giver)
        assert value is None or agrees(number, value), f"{number} is {value} by {giver.strip()}"


@pytest.mark.parametrize("name", PROSE)
def test_every_number_with_a_unit_is_quoted_from_somewhere(name):
    text = PROSE[name]
    rows = {row["quote"] for row in QUOTED if row["file"] == name}
    spans = [found.span() for quote in rows for found in re.finditer(re.escape(quote), text)]
    spans += [found.span() for found in ALLOWED.finditer(text)]
    lacking = [text[max(0, found.start() - 30) : found.end() + 15] for found in MEASURED.finditer(text)
               if not any(start <= found.start() and found.end() <= end for start, end in spans)]  # fmt: skip
    assert not lacking, f"{name}: glue these numbers, or say in tests/data/quoted.csv what gives them: {lacking}"


def test_a_typed_number_without_a_giver_is_seen():
    text = "It costs $3.50, 12.5 % more, 11 to 58 times as much, 1,234 tokens of $2A - 1$, in `5 GB`, by 16-bit sums."
    seen = [found[0] for found in MEASURED.finditer(plain(text))]
    assert seen == ["$3.50", "12.5 %", "11 to 58 times", "1,234 tokens", "16-bit"]
    assert ALLOWED.fullmatch("16-bit") and not ALLOWED.search("12.5 % more")


def test_rounding_is_to_the_last_digit_typed():
    assert agrees("65.1", 65.14) and not agrees("65.1", 65.16) and agrees("$1,381.44", 1381.4399)
    assert agrees("fifth", 891 / 4096) and not agrees("half", 891 / 4096)


# --- other texts with digits ------------------------------------------------------------------------------------------


def test_an_arxiv_number_is_of_the_year_of_its_entry_and_stands_once():
    # arXiv numbers begin with the year and month in which a paper came; what is printed later says the later year.
    text = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    seen = {}
    for key, entry in re.findall(r"^@\w+\{(\w+),(.*?)^\}", text, re.M | re.S):
        if not (number := re.search(r"eprint = \{(\d{2})(\d{2})\.(\d{4,5})\}", entry)):
            continue
        year = int(re.search(r"year = \{(\d{4})", entry)[1])
        assert 2000 + int(number[1]) <= year <= 2000 + int(number[1]) + 2, key
        assert 1 <= int(number[2]) <= 12 and len(number[3]) == (5 if int(number[1]) >= 15 else 4), key
        if address := re.search(r"arxiv\.org/abs/([\d.]+)", entry):
            assert address[1] == f"{number[1]}{number[2]}.{number[3]}", key
        assert seen.setdefault(number[0], key) == key
    assert len(seen) > 40


def test_the_changelog_names_the_numbers_that_history_records():
    # "`key` old to new": rounded as it is typed there.
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    changes = [row for row in read_rows(ROOT / "costlib" / "facts" / "history.csv") if row["what"] == "value"]
    compared = 0
    for version, entry in re.findall(r"^## (\d+\.\d+\.\d+) \(.*?\)$(.*?)(?=^## |\Z)", text, re.M | re.S):
        for chapter, lines in re.findall(r"^- Chapter (\d+): (.*?)(?=^- |^$)", entry, re.M | re.S):
            for key, old, new in re.findall(
                rf"`(\w+)`[^`;:]*? ({NUMBER})\D{{0,18}}? (?:to|becomes) ({NUMBER})", " ".join(lines.split())
            ):
                rows = [
                    row
                    for row in changes
                    if row["version"] == version and re.fullmatch(rf"{int(chapter):02d}_\w+/{key}", row["id"])
                ]
                for row in rows:
                    compared += 1
                    for digits, value in ((old, row["old"]), (new, row["new"])):
                        assert any(agrees(digits, float(value) * scale) for scale in (1, 100)), (
                            f"{version}, {key}: {digits}, {value}"
                        )
    assert compared > 12
