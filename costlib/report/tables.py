"""How every table is shown: a pandas frame as HTML, with the line beneath it that saves it as a CSV file."""

import io
import re
from pathlib import Path
from urllib.parse import quote

from costlib.base.display import SHORT, are_numbers
from costlib.base.files import csv_text
from costlib.base.text import markup

THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")


def html(name, shown, caption="", links=None, marked=()):
    """Return a frame of texts as HTML: the first cell of a row names it, and columns of numbers stand to the right.

    Parameters
    ----------
    name : the id of the table
    shown : pandas.DataFrame of texts
    caption : what to see in the table
    links : dict of column name to addresses, quoted as such, one for each row, of which an empty one is no link
    marked : whether a row differs from what is published, one for each row
    """
    from pandas.io.formats.style import Styler

    linked = shown.map(markup)
    for column, addresses in (links or {}).items():
        linked[column] = [f'<a href="{markup(to)}">{text}</a>' if to else text
                          for text, to in zip(linked[column], addresses, strict=True)]  # fmt: skip
    right = [are_numbers(shown.iloc[:, place]) for place in range(shown.shape[1])]
    css = [[_classes(cell, number) for cell, number in zip(row, right, strict=True)] for row in shown.to_numpy()]
    styler = Styler.from_custom_template(str(Path(__file__).parent), html_table="table.html")
    styled = styler(linked.rename(columns=markup), uuid="", cell_ids=False).hide(axis="index")
    return styled.to_html(exclude_styles=True, name=name, caption=markup(caption), right=right, css=css, marked=marked)


def _classes(cell, number):
    found = classes(cell, number)
    return f' class="{" ".join(found)}"' if found else ""


def classes(cell, number, short=False):
    """Return the classes of a cell; what is short, as most numbers are, is not broken over lines.

    >>> classes("1,234", True), classes("from a hundred on, or never", True), classes("a judge", False)
    (['number'], ['number', 'long'], ['short'])
    """
    short = short or len(cell) <= SHORT
    return ["number"] + ["long"] * (not short) if number else ["short"] * short


def as_csv(shown):
    """Return a frame of texts as CSV; a number has no separators there, all else is as shown."""
    rows = [[cell.replace(",", "") if THOUSANDS.fullmatch(cell) else cell for cell in row] for row in shown.to_numpy()]
    return csv_text([shown.columns, *rows])


def as_numbers(shown):
    """Return a frame of texts as its CSV file is read: a column of plain numbers holds numbers.

    >>> import pandas
    >>> as_numbers(pandas.DataFrame({"run": ["a", "b"], "pairs": ["1,000", ""]})).pairs.tolist()
    [1000.0, nan]
    """
    import pandas

    return pandas.read_csv(io.StringIO(as_csv(shown)))


def links(name, content):
    """Return the line beneath a table or a figure: its address, and its numbers as a file.

    Parameters
    ----------
    name : the id
    content : CSV, which the link carries in itself
    """
    return line(name, f"data:text/csv;charset=utf-8,{quote(content, safe=' ,.:;()[]/+-_=*@!?')}")


def line(name, address):
    """Return the line beneath a table or a figure whose CSV file has an address."""
    return (
        f'<p class="costlib-links"><a href="#{name}">{name}</a> · <a class="costlib-data" '
        f'aria-label="{name} as CSV" download="{name}.csv" href="{address}">CSV</a></p>'
    )
