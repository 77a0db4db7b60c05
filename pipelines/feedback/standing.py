"""现有办理 — what stands on record of a candidate when a row comes back: its answer so far and its bounds."""

from collections.abc import Set
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from matchers import months
from matchers.lifecycle import PROVEN
from matchers.people.signature import same
from pipelines.feedback.answer import Answer, Problems
from pipelines.reports.carried import RECOVERY, concluded
from sql.tables import payment, review, review_detail, suspension_candidate

WITH_RECOVERY = (*RECOVERY, "document_no", "note", "verified_by", "closed_on")
WITH_SIGNATURE = ("second_by", "note")


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer on record (empty where none is), the candidate's ``status``, when it was raised,
    the months in which benefits may have to stop, what is owed and what its claim was ever paid, in fen.
    """

    answer: Answer
    status: str
    raised_on: date
    first_month: str
    last_month: str
    owed_fen: int
    paid_fen: int


def read(connection: Connection, candidate_id: str) -> Standing:
    """What stands on record of the candidate."""
    c = suspension_candidate.c
    row = connection.execute(select(suspension_candidate).where(c.candidate_id == candidate_id)).one()
    p = payment.c
    paid = select(func.sum(p.amount)).where(p.claim_id == row.claim_id, p.amount > 0, p.state != "scheduled")
    yuan = connection.scalar(paid) or 0
    first = min(filter(None, (row.event_month, row.first_conflict_month, row.stop_month)))
    last = max(filter(None, (row.event_month, row.last_conflict_month, row.stop_month)))
    return Standing(
        answer=_answer(connection, candidate_id, str(row.status)),
        status=str(row.status),
        raised_on=row.first_seen_as_of,
        first_month=first,
        last_month=months.text(months.number(last) + 1),
        owed_fen=int(row.overpaid_fen),
        paid_fen=max(int(yuan * 100), int(row.overpaid_fen)),
    )


def alone(names: Set[str]) -> bool:
    """Whether an answer with only these fields leaves what is on record as it is and adds to it."""
    return names <= set(WITH_RECOVERY) or names <= set(WITH_SIGNATURE)


def completed(given: Answer, standing: Standing) -> Answer:
    """The answer as a whole where a row brings only what is new to the one on record; else as it is given.

    New may be a recovery on what is confirmed, or the second signature that a conclusion waits for.
    """
    values = {f.name: getattr(given, f.name) for f in fields(Answer) if getattr(given, f.name) != f.default}
    before, keys = standing.answer, values.keys()
    entered = keys & {*RECOVERY, "closed_on"} and ("verified_by" in keys or "closed_on" not in keys)
    recovered = standing.status in PROVEN and before.second_by and entered
    awaited = not before.second_by or same(before.second_by, given.second_by)
    signed = before.conclusion and awaited and "second_by" in keys
    if (recovered and keys <= set(WITH_RECOVERY)) or (signed and keys <= set(WITH_SIGNATURE)):
        return replace(before, **{"closed_on": None, **values})
    return given


def implausible(answer: Answer, standing: Standing) -> Problems:
    """What cannot be true of this candidate: each under the heading to be mended."""
    month = answer.stop_month
    within = f"停发年月须在冲突期间之内（{standing.first_month} 至 {standing.last_month}）"
    tests = {
        "应追回金额": ((answer.recoverable_fen or 0) > standing.paid_fen, "应追回金额不得超过本申领已发金额"),
        "已追回金额": ((answer.recovered_fen or 0) > owed(answer, standing), "已追回金额不得超过应追回金额"),
        "停发年月": (bool(month) and not standing.first_month <= str(month) <= standing.last_month, within),
        "核查日期": (_before(answer.verified_on, standing.raised_on), "核查日期不得早于疑点提出之日"),
        "告知日期": (
            _before(answer.notice_on, answer.verified_on or standing.raised_on),
            "告知日期不得早于核查日期和疑点提出之日",
        ),
        "销号日期": (
            _before(answer.closed_on, answer.notice_on) or _before(answer.closed_on, answer.verified_on),
            "销号日期不得早于核查日期和告知日期",
        ),
    }
    return {heading: reason for heading, (wrong, reason) in tests.items() if wrong}


def owed(answer: Answer, standing: Standing) -> int:
    """Fen that are to come back: what was laid down with the conclusion, else what the candidate says."""
    due = (answer.recoverable_fen, standing.answer.recoverable_fen, standing.owed_fen)
    return next(fen for fen in due if fen is not None)


def _before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other


def _answer(connection: Connection, candidate_id: str, status: str) -> Answer:
    """The conclusion that stands or waits for its second signature, with the newest recovery after it.

    What people have decided since takes the place of a conclusion that waited.
    """
    r = review.c
    joined = review.outerjoin(review_detail, review_detail.c.review_id == r.review_id)
    wanted = select(review, *(c for c in review_detail.c if c.name != "review_id")).select_from(joined)
    rows = connection.execute(
        wanted.where(r.candidate_id == candidate_id).order_by(r.decided_at, r.review_id)
    ).mappings()
    standing = concluded([dict(row) for row in rows], status)
    if not standing:
        return Answer()
    first = standing[0]
    values: dict[str, Any] = {
        f.name: value for f in fields(Answer) if (value := first.get(f.name)) not in (None, "")
    }
    for row in standing:
        values |= {name: row[name] for name in RECOVERY if row[name] is not None}
    return Answer(**values | {"verified_by": first["decided_by"], "conclusion": first["decision"]})
