"""疑点清单 — candidates of the account's districts by filters, in the workbook's order, a page at a time.

Paging goes on behind the last row shown, so a page costs the same wherever it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    func,
    or_,
    select,
)

from matchers.lifecycle import ACTIVE, TWO_PEOPLE, UNANSWERED, Status, Step
from matchers.text import fold
from pipelines.database import tally
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.desk.work_order import EVERY, ORDER, PLACE, places
from pipelines.reports import bodies
from sql.desk_tables import desk_assignment, reply_deadline
from sql.tables import evidence, match_run, recipient, review, suspension_candidate

ROWS: Final = 50
COUNTED: Final = 1000
FEN: Final = 100
AGES: Final = {"10": (0, 10), "30": (11, 30), "60": (31, 60), "90": (61, 90), "more": (91, 36_500)}
AGE_WORDS: Final = {
    "10": "10 天内",
    "30": "11–30 天",
    "60": "31–60 天",
    "90": "61–90 天",
    "more": "90 天以上",
}
STATES: Final = {"all": "全部", "unanswered": "待答复"}
C = suspension_candidate.c
SHOWN: Final[tuple[ColumnElement[Any], ...]] = (
    C.candidate_id, C.claim_id, C.person_id, C.district, C.cause, C.tier, C.status, C.summary, C.moved,
    C.preventable_fen, C.overpaid_fen, C.first_seen_as_of, C.changed,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, where the next page begins (empty at the end), and how many there are up to ``COUNTED``."""

    rows: Sequence[RowMapping]
    after: str
    count: int


def page(connection: Connection, account: Account, asked: Mapping[str, str], today: date) -> Page:
    """One page of the list that is ``asked`` for by the names of ``conditions`` and ``after``."""
    wanted = select(*SHOWN, ORDER.label("place")).where(*conditions(account, asked, today)).order_by(*PLACE)
    rows: list[RowMapping] = []
    for behind in _behind(asked.get("after", "")):
        rest = ROWS + 1 - len(rows)
        rows += connection.execute(wanted.where(*behind).limit(rest)).mappings() if rest else ()
    after = _after(rows[ROWS - 1]) if len(rows) > ROWS else ""
    some = select(C.candidate_id).where(*conditions(account, asked, today)).limit(COUNTED).subquery()
    count = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return Page(rows[:ROWS], after, count)


def search(connection: Connection, account: Account, words: str) -> Sequence[RowMapping]:
    """The candidates of a candidate's, a claim's or a person's number, or a name, given whole.

    A part of it finds nothing: what is masked cannot be guessed sign by sign.
    """
    sought, typed, r = fold(words).strip().upper(), words.strip(), recipient.c
    named = select(r.person_id).where((r.id_number == sought) | (r.name == typed))
    people = connection.execute(named).scalars().all()
    meant = or_(C.candidate_id == sought, C.claim_id == typed, C.person_id.in_(people))
    wanted = select(*SHOWN, ORDER.label("place")).where(meant, scope.condition(account, C.district))
    return connection.execute(wanted.order_by(*PLACE).limit(ROWS)).mappings().all()


def sentences(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, str]:
    """By candidate_id: the fact of each row, whose employer and agency its evidence names; nobody in full."""
    numbers = [row["candidate_id"] for row in rows]
    e, r = evidence.c, recipient.c
    supporting = select(e.candidate_id, e.weight, e.feed, e.fact)
    supporting = supporting.where(e.candidate_id.in_(numbers), e.weight == "supports")
    facts = pd.DataFrame(
        connection.execute(supporting).all(), columns=list(supporting.selected_columns.keys())
    )
    involved = bodies.of_candidates(facts, {row["candidate_id"]: row["district"] for row in rows})
    named = select(r.person_id, r.name).where(r.person_id.in_([row["person_id"] for row in rows]))
    names = {person: name for person, name in connection.execute(named)}
    return {
        number: bodies.of_row(
            {**row, "bodies": involved.get(number, ""), "name": names.get(row["person_id"])}, masked=True
        )
        for number, row in zip(numbers, rows, strict=True)
    }


def conditions(account: Account, asked: Mapping[str, str], today: date) -> list[ColumnElement[bool]]:
    """What the filters say, within the account's districts: district, cause, tier, status, age, yuan,
    tonight, mine, late, unsigned, unopened. A filter that cannot be read narrows nothing.
    """
    given = {name: value for name, value in asked.items() if value}
    narrowing: list[ColumnElement[bool]] = [scope.condition(account, C.district)]
    for name in ("district", "cause", "tier"):
        if name in given:
            narrowing.append(C[name] == given[name])
    status = given.get("status", "active")
    within = places(given.get("tier", ""), status)
    if len(within) < len(EVERY):
        narrowing.append(ORDER.in_(within))
    if status == "active":
        narrowing.append(C.status.in_(ACTIVE))
    elif status == "unanswered":
        narrowing.append(C.status.in_(UNANSWERED))
    elif status in set(Status):
        narrowing.append(C.status == status)
    if given.get("age") in AGES:
        least, most = AGES[given["age"]]
        narrowing.append(C.first_seen_as_of.between(today - timedelta(most), today - timedelta(least)))
    if given.get("yuan", "").isdecimal():
        narrowing += _worth(int(given["yuan"][:9]) * FEN)
    if given.get("tonight"):
        last = select(func.max(match_run.c.as_of)).where(match_run.c.status == "succeeded").scalar_subquery()
        narrowing.append((C.first_seen_as_of == last) | (C.changed != "") | (C.moved != ""))
    if given.get("mine"):
        own = select(desk_assignment.c.candidate_id).where(desk_assignment.c.account == account.account)
        narrowing.append(C.candidate_id.in_(own))
    if given.get("late"):
        due = select(reply_deadline.c.candidate_id).where(reply_deadline.c.reply_by < today)
        narrowing += [C.candidate_id.in_(due), C.status == Status.DISPATCHED]
    if given.get("unopened"):
        narrowing.append(tally.unopened())
    if given.get("unsigned"):
        narrowing.append(C.candidate_id.in_(_unsigned()))
    return narrowing


def _worth(fen: int) -> list[ColumnElement[bool]]:
    """Both amounts together: one of them is half of it at least, which an index knows."""
    half = -(-fen // 2)
    return [C.preventable_fen + C.overpaid_fen >= fen, (C.preventable_fen >= half) | (C.overpaid_fen >= half)]


def _unsigned() -> Select[str]:
    """The candidates whose last decision awaits its second person; being handed out is none."""
    r, later = review.c, review.alias().c
    behind = (later.candidate_id == r.candidate_id, later.decided_at > r.decided_at)
    decided = select(later.review_id).where(*behind, later.decision != Step.DISPATCHED).exists()
    return select(r.candidate_id).where(r.decision.in_(TWO_PEOPLE), r.second_by.is_(None), ~decided)


def _after(row: RowMapping) -> str:
    return "~".join(str(row[name]) for name in ("place", "preventable_fen", "overpaid_fen", "candidate_id"))


def _behind(after: str) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """What comes behind a row, in order: those that are like it the longest first. All where there is none.

    Each condition is a stretch of the index, which one for all of them would not be.
    """
    parts = after.split("~")
    if len(parts) != 4 or not all(part.isdecimal() for part in parts[:3]):
        yield ()
        return
    place, preventable, overpaid = (int(part[:18]) for part in parts[:3])
    order = ORDER
    here, same, even = order == place, C.preventable_fen == preventable, C.overpaid_fen == overpaid
    yield here, same, even, C.candidate_id > parts[3]
    yield here, same, C.overpaid_fen < overpaid
    yield here, C.preventable_fen < preventable
    yield (order > place,)
