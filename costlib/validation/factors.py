"""What each group of predictions earns, computed from the measurements; `make earned` writes it to `facts/earned.csv`.

Answers take it from there, so that none of them waits for measurements to be predicted.
"""

import csv
from dataclasses import fields
from pathlib import Path

from costlib.facts import catalog
from costlib.facts.folder import FOLDER
from costlib.validation.errors import SHARE, computed_factor, own


def rows():
    """Yield a row for each group with reported measurements."""
    result = own(0)
    for group in sorted({p.case.group for p in result.of(half="reported")}):
        yield {"name": group, "factor": repr(computed_factor(group, result)), "share": SHARE,
               "rows": len(result.of(group, "reported")), "source": "costofalignment", "locator": "measured_*.csv",
               "status": "derived", "note": "make earned: the reported half of the measurements"}  # fmt: skip


def main():
    """Write the table."""
    with Path(FOLDER, "earned.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(catalog.Earned)], lineterminator="\n")
        table.writeheader()
        table.writerows(rows())


if __name__ == "__main__":
    main()
