"""日常 — the lawful rows that every recipient leaves: fund-paid medical insurance, the last employment.

Kept as one column per fact and month range per claim, never row by row.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipelines.demo.calendar import month_of
from pipelines.demo.case import contribution
from pipelines.demo.claims import Claim
from pipelines.demo.employers import FUND

WHO: Final = ("id_number", "name", "sex", "birth_date", "phone")
EMPLOYER: Final = ("employer_id", "employer_name", "employer_uscc")
PERIOD: Final = ("hired_on", "left_on")
NEVER: Final = (0, -1)
WORKING_AGE: Final = 16


@dataclass(slots=True)
class Ordinary:
    """What contributions and hires say of recipients in the ordinary course.

    ``months`` of a claim: the first and last month paid for, the first and last month of the last employment.
    """

    columns: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in (*WHO, *EMPLOYER, *PERIOD)}
    )
    months: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, rng: Random, claim: Claim, first: bool) -> None:
        """Takes one claim; the last employment only with the person's first claim."""
        person, employer = claim.recipient.person, claim.last_employer
        hired = claim.separated_on - dt.timedelta(days=rng.randint(200, 3000))
        hired = max(hired, dt.date(person.born.year + WORKING_AGE + 1, 1, 1))
        facts = (
            person.id_number,
            person.name,
            person.sex,
            person.born.isoformat(),
            person.phone if rng.random() < 0.5 else "",
            employer.employer_id,
            employer.name,
            employer.uscc,
            hired.isoformat(),
            claim.separated_on.isoformat(),
        )
        for values, fact in zip(self.columns.values(), facts, strict=True):
            values.append(fact)
        worked = (month_of(hired), claim.separated) if first else NEVER
        self.months.append((claim.start, claim.last, *worked))

    def contributions(self, settled: int) -> pa.Table:
        """The rows settled in that month: by the fund while drawing, by the last employer before."""
        since, until, hired, left = self._spans()
        drawing = self._rows(WHO, (since <= settled) & (settled <= until))
        working = self._rows((*WHO, *EMPLOYER), (hired <= settled) & (settled <= left))
        paid = contribution(FUND, settled, settled) | {"insurance": "310"}
        kinds = _alternating(("36", "11", "11"), settled, drawing)
        by_fund = _with_facts(drawing, paid | {"payment_kind": kinds})
        insurances = _alternating(("110", "210", "310"), settled, working)
        employed = {name: value for name, value in paid.items() if name not in EMPLOYER}
        by_employer = _with_facts(working, employed | {"employer_kind": "10", "insurance": insurances})
        return pa.concat_tables([by_fund, by_employer.select([*WHO, *paid])])

    def hires(self) -> pa.Table:
        """The last employments, each with its end."""
        *_, left = self._spans()
        names = (*WHO, "employer_name", "employer_uscc", *PERIOD)
        return _with_facts(self._rows(names, left >= 0), {"form": "单位就业"})

    def _spans(self) -> np.ndarray[Any, Any]:
        return np.array(self.months).reshape(-1, 4).T

    def _rows(self, names: tuple[str, ...], chosen: np.ndarray[Any, Any]) -> pa.Table:
        table = pa.table({name: pa.array(self.columns[name], pa.string()) for name in names})
        return table.filter(pa.array(chosen))


def _alternating(values: tuple[str, ...], turn: int, rows: pa.Table) -> np.ndarray[Any, Any]:
    return np.array(values)[(np.arange(len(rows)) + turn) % len(values)]


def _with_facts(table: pa.Table, facts: Mapping[str, Any]) -> pa.Table:
    """The table with further columns, each of one value or of a value per row."""
    for name, value in facts.items():
        values = np.broadcast_to(value, len(table)).astype(str)
        table = table.append_column(name, pa.array(values, pa.string()))
    return table
