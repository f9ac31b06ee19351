"""Agreements of people and of judges that were measured on the same data, from the table of facts."""

from functools import cache
from typing import NamedTuple

from costlib.facts import catalog


class Agreements(NamedTuple):
    """How often people agree with people, and a judge with people, on the same data [fraction].

    `n_people` and `n_judge` are the comparisons behind each, None where they are not printed.
    """

    data: str
    judge: str
    people_agreement: float
    judge_agreement: float
    n_people: float | None
    n_judge: float | None
    year: int

    @property
    def difference(self) -> float:
        """Agreement of the judge less that of people [fraction]."""
        return self.judge_agreement - self.people_agreement


@cache
def joint_agreements() -> tuple[Agreements, ...]:
    """Return the agreements of people and of a judge that were measured on the same data, in the order of the table.

    They share how hard the pairs are and whom they are held against, so an uncertain pair is drawn as one row, never
    one half from here and one half from there.
    """
    rows = [row for row in catalog.table("agreement").values() if row.value_low == row.value_high]
    people = {row.data: row for row in rows if row.who == "human-human"}
    return tuple(
        Agreements(row.data, row.label, people[row.data].value_low, row.value_low, people[row.data].n, row.n,
                   int(max(row.year, people[row.data].year)))
        for row in rows if row.who == "ai-human" and row.data in people
    )  # fmt: skip
