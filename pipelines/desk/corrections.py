"""更正建议 — the proposals of a clean-up within the account's districts: what speaks for and against each.

Nobody's number, name, account or telephone is shown in full; that stands in the district's own workbook.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, select, tuple_

from matchers import cleanup
from matchers.cleanup.proposals import needs_two
from matchers.cleanup.steps import DECISIONS, MAY_FOLLOW, STATUS
from matchers.evidence import digest
from pipelines.cleanup.explained import against, covered, decided, following, supports, waiting
from pipelines.cleanup.lists import COLUMN, CONFIDENCE, FAVOURED_FIRST, FAVOURS, RELATION
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.reports import words
from sql.cleanup_tables import correction_export, correction_proposal

AT_ONCE: Final = 20
WAITING: Final = ("proposed", "deferred")
P = correction_proposal.c
RANK: Final[ColumnElement[int]] = case({code: n for n, code in enumerate(FAVOURED_FIRST)}, value=P.favours)
ORDER: Final = (RANK, P.check_code, P.proposal_id)


@dataclass(frozen=True, slots=True)
class Shown:
    """One proposal as the page shows it. ``supports`` and ``against``: sentences; ``waits``: the decision
    that lacks its second signature; ``next``: what comes next; ``may``: the decisions that can follow;
    ``version``: of what is shown.
    """

    row: RowMapping
    title: str
    relation: str
    column: str
    before: str
    after: str
    supports: Sequence[str]
    against: Sequence[str]
    two: bool
    decisions: Sequence[RowMapping]
    waits: RowMapping | None
    next: str
    may: Mapping[str, str]
    version: str


def page(connection: Connection, account: Account, asked: Mapping[str, str]) -> Sequence[RowMapping]:
    """Some proposals narrowed by district, check and status, behind the one named ``after``: in the order of
    the workbook, what favours the person first.
    """
    wanted = select(correction_proposal).where(scope.condition(account, P.district))
    if asked.get("status") in STATUS:
        wanted = wanted.where(P.status == asked["status"])
    elif asked.get("status") != "all":
        wanted = wanted.where(P.status.in_(WAITING))
    if asked.get("district"):
        wanted = wanted.where(P.district == ("" if asked["district"] == words.CITY else asked["district"]))
    if asked.get("check"):
        wanted = wanted.where(P.check_code == asked["check"])
    last = connection.execute(select(*ORDER).where(P.proposal_id == asked.get("after", ""))).first()
    if last:
        wanted = wanted.where(tuple_(*ORDER) > tuple_(*last))
    return connection.execute(wanted.order_by(*ORDER).limit(AT_ONCE)).mappings().all()


def one(connection: Connection, account: Account, proposal_id: str) -> RowMapping | None:
    """A proposal within the account's bounds, None where there is none."""
    own = select(correction_proposal).where(P.proposal_id == proposal_id)
    return connection.execute(own.where(scope.condition(account, P.district))).mappings().first()


def shown(connection: Connection, rows: Sequence[RowMapping]) -> list[Shown]:
    """The proposals as the page shows them, each with what people have decided so far."""
    given = decided(connection, [row["proposal_id"] for row in rows])
    return [_shown(row, given.get(row["proposal_id"], ())) for row in rows]


def standing(connection: Connection, account: Account) -> Sequence[RowMapping]:
    """district, check_code, status and how many proposals, of the account's districts."""
    counted = select(P.district, P.check_code, P.status, func.count().label("count"))
    grouped = counted.where(scope.condition(account, P.district)).group_by(P.district, P.check_code, P.status)
    return connection.execute(grouped.order_by(P.district, P.check_code, P.status)).mappings().all()


def exports(connection: Connection, account: Account) -> Sequence[RowMapping]:
    """export_id, district, sha256, signed_by of what went out of the account's districts."""
    e = correction_export.c
    own = select(correction_export).where(scope.condition(account, e.district))
    return connection.execute(own.order_by(e.district, e.export_id)).mappings().all()


def _shown(row: RowMapping, decisions: Sequence[RowMapping]) -> Shown:
    return Shown(
        row=row,
        title=cleanup.catalogue()[row["check_code"]].title,
        relation=RELATION[row["relation"]],
        column=COLUMN.get(row["column_name"], row["column_name"]),
        before=covered(row["column_name"], row["before_value"]),
        after=covered(row["column_name"], row["after_value"]),
        supports=supports(row),
        against=against(row),
        two=needs_two(row["check_code"], row["column_name"]),
        decisions=decisions,
        waits=waiting(row, decisions),
        next=following(row, decisions),
        may={code: DECISIONS[code] for code, states in MAY_FOLLOW.items() if row["status"] in states},
        version=digest([row["status"], row["before_value"], [str(dict(line)) for line in decisions]]),
    )


TERMS: Final = {"confidence": CONFIDENCE, "favours": FAVOURS, "status": STATUS, "decision": DECISIONS}
