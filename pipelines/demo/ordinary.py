"""日常 — the lawful rows that every recipient leaves: fund-paid medical insurance, the last employment.

Kept as one column per fact and month range per claim, never row by row.
"""

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.demo.calendar import month_of
from pipelines.demo.case import contribution
from pipelines.demo.claims import Claim
from pipelines.demo.employers import FUND

WHO: Final = ("id_number", "name", "sex", "birth_date", "phone")
EMPLOYER: Final = ("employer_id", "employer_name", "employer_uscc")


@dataclass(slots=True)
class Ordinary:
    """What contributions and hires say of recipients in the ordinary course."""

    columns: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in (*WHO, *EMPLOYER, "hired_on", "left_on")}
    )
    months: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, rng: Random, claim: Claim, first: bool) -> None:
        """Takes one claim; the last employment only with the person's first claim."""
        person, employer = claim.recipient.person, claim.last_employer
        hired = claim.separated_on - dt.timedelta(days=rng.randint(200, 3000))
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
        worked = (month_of(hired), claim.separated) if first else (0, -1)
        self.months.append((claim.start, claim.last, *worked))

    def contributions(self, settled: int) -> pa.Table:
        """The rows settled in that month: by the fund while drawing, by the last employer before."""
        spans = np.array(self.months).reshape(-1, 4)
        table = pa.table({name: pa.array(self.columns[name], pa.string()) for name in (*WHO, *EMPLOYER)})
        drawing = (spans[:, 0] <= settled) & (settled <= spans[:, 1])
        working = (spans[:, 2] <= settled) & (settled <= spans[:, 3])
        return pa.concat_tables([_fund_paid(table, drawing, settled), _employed(table, working, settled)])

    def hires(self) -> pa.Table:
        """The last employments, each with its end."""
        spans = np.array(self.months).reshape(-1, 4)
        table = pa.table({name: pa.array(values, pa.string()) for name, values in self.columns.items()})
        table = table.filter(pa.array(spans[:, 3] >= 0)).drop_columns(["employer_id"])
        return _constant(table, {"form": "单位就业"})


def _fund_paid(table: pa.Table, chosen: np.ndarray, settled: int) -> pa.Table:
    kinds = pa.array(np.where(np.arange(len(chosen)) % 3 == 0, "36", "11"))
    rows = _constant(table.select(WHO), contribution(FUND, settled, settled) | {"insurance": "310"})
    return _set(rows, "payment_kind", kinds).filter(pa.array(chosen))


def _employed(table: pa.Table, chosen: np.ndarray, settled: int) -> pa.Table:
    facts = contribution(FUND, settled, settled) | {"employer_kind": "10"}
    insurances = pa.array(np.array(["110", "210", "310"])[(np.arange(len(chosen)) + settled) % 3])
    rows = _constant(table, {name: value for name, value in facts.items() if name not in EMPLOYER})
    ordered = [*WHO, *contribution(FUND, settled, settled), "insurance"]
    return rows.append_column("insurance", insurances).filter(pa.array(chosen)).select(ordered)


def _constant(table: pa.Table, facts: dict[str, str]) -> pa.Table:
    for name, value in facts.items():
        table = table.append_column(name, pa.array(np.repeat(value, len(table)), pa.string()))
    return table


def _set(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
