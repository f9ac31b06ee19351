"""Register the tables of measurements of a version by their hashes: `make register`, after the last fit.

A source that joins a table later was not in the file of that hash, so that its rows could decide no coefficient. Rows
of other tables, such as predictions that were written down once, stay as they are.
"""

import csv
import hashlib

from costlib.base.files import csv_text, write_whole
from costlib.facts import schema
from costlib.facts.folder import FOLDER
from costlib.validation.errors import OWN
from costlib.version import __version__

RULE = (
    "rows of a source that joins later: coefficients and intervals of this version, every row with complete inputs "
    "predicted or counted as a miss, median factor, share within the factor of the target, coverage, width and score"
)


def rows():
    """Yield a row for each table of measurements."""
    for name in OWN:
        content = (FOLDER / f"{name}.csv").read_bytes()
        count = len(list(csv.DictReader(content.decode().splitlines(keepends=True))))
        yield {"name": name, "version": __version__, "rows": count, "sha256": hashlib.sha256(content).hexdigest(),
               "rule": RULE, "source": "costofalignment", "locator": "make register", "status": "derived",
               "note": "Hash of the file that coefficients were fitted to."}  # fmt: skip


def main():
    """Write the table."""
    found = [*rows(), *(row for row in schema.rows("registrations") if row["name"] not in OWN)]
    write_whole(FOLDER / "registrations.csv", csv_text([list(found[0]), *(list(row.values()) for row in found)]))


if __name__ == "__main__":
    main()
