"""What each group of predictions earns, computed from the measurements; `make earned` writes it to `facts/earned.csv`.

Answers take it from there, so that none of them waits for measurements to be predicted.
"""

from costlib.facts.folder import FOLDER
from costlib.files import csv_text, write_whole
from costlib.validation.errors import SHARE, computed_factor, own

SOURCE = {"source": "costofalignment", "locator": "measured_*.csv", "status": "derived",
          "note": "make earned: the reported half of the measurements"}  # fmt: skip


def rows():
    """Yield a row for each group with reported measurements."""
    result = own(0)
    for group in sorted({p.case.group for p in result.of(half="reported")}):
        count = len(result.of(group, "reported"))
        yield {"name": group, "factor": repr(computed_factor(group, result)), "share": SHARE, "rows": count, **SOURCE}


def main():
    """Write the table."""
    found = list(rows())
    write_whole(FOLDER / "earned.csv", csv_text([found[0], *(row.values() for row in found)]))


if __name__ == "__main__":
    main()
