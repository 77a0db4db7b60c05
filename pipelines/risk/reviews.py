"""信号核定 — what people decide about a signal, after those whom it concerns were heard, and how it moves.

founded, unfounded and control_fixed take two different people; nobody who took any part in the claims
concerned, and nobody whom the signal is about, signs. What was unfounded is remembered by its facts, so that
without a new fact it is not raised again.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from matchers.lifecycle import (
    SIGNAL_LEADS_TO,
    SIGNAL_MAY_FOLLOW,
    SIGNAL_TWO_PEOPLE,
    SignalStatus,
    SignalStep,
)
from matchers.people.signature import signature
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import every_number, is_party
from pipelines.risk import memory, parties, words
from sql.risk_tables import risk_review, risk_signal


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision on a signal. ``note``: why, or of ``heard`` what the person concerned said to it."""

    signal_id: str
    step: str
    by: str
    note: str
    heard_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The signal's status after the decision; ``final``: no second person is awaited."""

    status: str
    final: bool


def decide(engine: Engine, made: Answer, at: datetime) -> Taken:
    """What became of the decision, which is committed with its audit event.

    ``DecisionRefused`` where there is no such signal, the step cannot follow its status, nobody was heard,
    the reason is missing, or the person is a party or signs twice. The same decision again changes nothing.
    """
    with deciding(engine) as connection:
        return take(connection, made, at)


def take(connection: Connection, made: Answer, at: datetime) -> Taken:
    """The same inside the caller's transaction."""
    c = risk_signal.c
    signal = connection.execute(select(risk_signal).where(c.signal_id == made.signal_id)).mappings().first()
    if signal is None:
        raise DecisionRefused("没有这个编号的信号", made.signal_id)
    on_record = _same(connection, made)
    if on_record is not None:
        return Taken(signal["status"], on_record)
    _may(connection, made, signal["status"])
    parties.require_none(connection, made.signal_id, signal["subject_kind"], signal["subject_key"], made.by)
    two = made.step in SIGNAL_TWO_PEOPLE
    waiting = _waiting(connection, made) if two else None
    if waiting and is_party(made.by, every_number(connection, {waiting.decided_by})):
        raise DecisionRefused("同一人的决定已登记，须由另一人复核", made.signal_id, at="by")
    if waiting:
        values = {"second_by": made.by.strip(), "second_at": at}
        connection.execute(
            update(risk_review).where(risk_review.c.review_id == waiting.review_id).values(**values)
        )
    else:
        connection.execute(insert(risk_review).values(**_row(made, at)))
    final = not two or waiting is not None
    status = _move(connection, made) if final else signal["status"]
    if status == SignalStatus.UNFOUNDED:
        memory.remember(connection, dict(signal), at.date())
    detail = {"step": made.step, "from": signal["status"], "to": status, "final": final}
    audit.record(connection, made.by, "risk_review", made.signal_id, detail)
    return Taken(str(status), final)


def _may(connection: Connection, made: Answer, status: str) -> None:
    where = made.signal_id
    if made.step not in SIGNAL_MAY_FOLLOW:
        choices = "、".join(words.STEPS.values())
        raise DecisionRefused(f"没有“{made.step}”这种决定；可用：{choices}", where, at="decision")
    if not signature(made.by) or not made.note.strip():
        raise DecisionRefused("须注明决定人和理由", where, at="by" if made.note.strip() else "reason")
    if status not in SIGNAL_MAY_FOLLOW[made.step]:
        now = words.STATUS[SignalStatus(status)]
        raise DecisionRefused(f"当前状态“{now}”不能作“{words.STEPS[made.step]}”的决定", where, at="decision")
    if made.step == SignalStep.HEARD and made.heard_on is None:
        raise DecisionRefused("须注明听取说明的日期", where, at="heard_on")
    if made.step == SignalStep.FOUNDED and not _heard(connection, where):
        raise DecisionRefused("认定之前须先告知并听取单位或经办人员、当事人的说明", where, at="decision")


def _heard(connection: Connection, signal_id: str) -> bool:
    c = risk_review.c
    heard = select(c.review_id).where(c.signal_id == signal_id, c.decision == SignalStep.HEARD)
    return connection.execute(heard.limit(1)).first() is not None


def _same(connection: Connection, made: Answer) -> bool | None:
    """Whether this very decision, if it is on record, was final; ``None`` where it is not."""
    c = risk_review.c
    alike = (c.signal_id == made.signal_id, c.decision == made.step, c.note == made.note.strip())
    rows = connection.execute(select(c.decided_by, c.second_by).where(*alike)).all()
    own = [row for row in rows if made.by.strip() in row]
    return (own[-1].second_by is not None or made.step not in SIGNAL_TWO_PEOPLE) if own else None


def _waiting(connection: Connection, made: Answer) -> "Waiting | None":
    c = risk_review.c
    first = (c.signal_id == made.signal_id, c.decision == made.step, c.second_by.is_(None))
    row = connection.execute(
        select(c.review_id, c.decided_by).where(*first).order_by(c.decided_at.desc()).limit(1)
    ).first()
    return None if row is None else Waiting(row.review_id, row.decided_by)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that awaits its second person."""

    review_id: str
    decided_by: str


def _row(made: Answer, at: datetime) -> dict[str, object]:
    stamp = json.dumps([*asdict(made).values(), at], default=str, ensure_ascii=False)
    return {
        "review_id": "FH" + hashlib.sha256(stamp.encode()).hexdigest()[:16].upper(),
        "signal_id": made.signal_id, "decision": made.step, "note": made.note.strip(),
        "decided_by": made.by.strip(), "decided_at": at, "heard_on": made.heard_on,
    }  # fmt: skip


def _move(connection: Connection, made: Answer) -> SignalStatus:
    status = SIGNAL_LEADS_TO.get(made.step) or SignalStatus(made.step)
    c = risk_signal.c
    connection.execute(update(risk_signal).where(c.signal_id == made.signal_id).values(status=status))
    return status
