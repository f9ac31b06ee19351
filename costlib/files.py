"""Files: written whole or not at all, and tables as the text of a CSV file."""

import csv
import io
from pathlib import Path


def write_whole(path, content):
    """Write text or bytes to a file, which has its whole content or what it had before.

    Parameters
    ----------
    path : of the file; one called the same with .part behind it is written first
    content : text, written as UTF-8, or bytes
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    partial.replace(path)


def csv_text(rows):
    r"""Return rows of cells as the text of a CSV file; None is an empty cell.

    >>> csv_text([["set, all", "count"], ["a", 3], ["b", None]])
    '"set, all",count\na,3\nb,\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
