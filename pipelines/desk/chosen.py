"""所选疑点 — many candidates at once: those of a list or of all its pages, within the account's districts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from pipelines.decisions import version
from pipelines.desk import listing, scope
from pipelines.desk.accounts import Account
from pipelines.desk.visit import Visit, missing
from pipelines.desk.work_order import ORDER, PLACE
from sql.tables import suspension_candidate

MOST: Final = 500
BETWEEN: Final = ":"
C = suspension_candidate.c


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some candidates as a page shows them: ``versions`` when they were read, by number."""

    rows: Sequence[RowMapping]
    versions: Mapping[str, str]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Their numbers, in the order of work."""
        return tuple(str(row["candidate_id"]) for row in self.rows)

    @property
    def districts(self) -> dict[str, str]:
        """The district of each."""
        return {str(row["candidate_id"]): str(row["district"]) for row in self.rows}


def read(connection: Connection, account: Account, numbers: Sequence[str]) -> Chosen:
    """The candidates of these numbers; ``missing`` where one is not there or another district's."""
    wanted = select(*listing.SHOWN, ORDER.label("place"))
    within = wanted.where(C.candidate_id.in_(numbers), scope.condition(account, C.district))
    rows = connection.execute(within.order_by(*PLACE)).mappings().all()
    if len(rows) != len(set(numbers)):
        raise missing()
    return Chosen(rows, version.of(connection, [str(row["candidate_id"]) for row in rows]))


def whole(connection: Connection, account: Account, asked: Mapping[str, str], today: date) -> list[str]:
    """The first ``MOST`` numbers of the list that the filters leave, over all its pages."""
    wanted = select(C.candidate_id).where(*listing.conditions(account, asked, today))
    return list(connection.execute(wanted.order_by(*PLACE).limit(MOST)).scalars())


def sent(visit: Visit) -> dict[str, str]:
    """What the form carries: each number and its version as it was shown, empty where none was."""
    parts = [str(value).partition(BETWEEN) for value in visit.form.getlist("number")]
    return {number: seen for number, _, seen in parts if number}
