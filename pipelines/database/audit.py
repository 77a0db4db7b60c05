"""审计 — what was done, by whom and when, as a chain in which each event carries the hash of the one before.

Beside who acted stand the users of the machine and of the database, which nobody types in; the oldest events
lack them. An event that was changed, added, taken out or moved breaks the chain. One cut off its end does
not, but ``verify`` looks for the hash of the last thing that people did, which every report and run keeps.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select, text

from pipelines.base import clock
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.logs import redacted
from sql import database_user
from sql.processes import os_user
from sql.tables import audit_event, match_run

START = "0" * 64
APPENDING = int.from_bytes(b"audit", "big")
AT_ONCE = 10_000
BY_PEOPLE = ("review", "import_feedback", "release", "identity", "ask_undo", "undo")
HEAD = "audit_head"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many events the chain holds, its head, and what is wrong with it, empty when nothing is."""

    events: int
    head: str
    faults: tuple[str, ...]


def record(
    connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object]
) -> str:
    """The head after this event, which stands or falls with the caller's transaction.

    ``detail`` is JSON; an ID or mobile number in it or in ``subject`` is left out. ``ValueError`` where
    ``actor`` names nobody.
    """
    if not actor.strip():
        raise ValueError("an audit event names who acted")
    take_turn(connection)
    last = connection.execute(_last()).first()
    event = {
        "seq": last.seq + 1 if last else 1,
        "at": clock.now(),
        "actor": actor,
        "action": action,
        "subject": redacted(subject),
        "detail": json.dumps(_clean(detail), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "previous_hash": last.hash if last else START,
        "os_user": os_user(),
        "database_user": database_user(connection),
    }
    reached = _hash(event)
    connection.execute(insert(audit_event).values(**event, hash=reached))
    return reached


def take_turn(connection: Connection) -> None:
    """Waits until no other transaction that has a turn is open: who appends to the chain does so alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPENDING})


def head(engine: Engine) -> str:
    """The hash of the last event; 64 zeros before the first."""
    with engine.connect() as connection:
        last = connection.execute(_last()).first()
    return last.hash if last else START


def decided(connection: Connection) -> str:
    """The hash of the last thing that people did, empty before the first; runs and exports do not move it."""
    c = audit_event.c
    last = select(c.hash).where(c.action.in_(BY_PEOPLE)).order_by(c.seq.desc()).limit(1)
    return connection.execute(last).scalar() or ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the chain as it was recorded; ``at`` in UTC, ``detail`` as JSON.

    ``os_user`` and ``database_user``: as whom it was written; None in the oldest, empty where there is none.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    os_user: str | None
    database_user: str | None


def events(
    engine: Engine, *, subject: str = "", actor: str = "", action: str = "", limit: int | None = None
) -> list[Event]:
    """The newest events first, narrowed to a subject, who acted or what was done; at most ``limit``."""
    c = audit_event.c
    wanted = _shown()
    narrowed = {c.subject: subject, c.actor: actor, c.action: action}
    wanted = wanted.where(*(column == value for column, value in narrowed.items() if value))
    with engine.connect() as connection:
        return [Event(*row) for row in connection.execute(wanted.order_by(c.seq.desc()).limit(limit))]


def event(engine: Engine, seq: int) -> Event:
    """The event of this number; ``UsageError`` where there is none."""
    wanted = _shown().where(audit_event.c.seq == seq)
    with engine.connect() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        raise UsageError(f"审计链中没有第 {seq} 条；有哪些见 crossmatch audit list")
    return Event(*row)


def _shown() -> Select[int, datetime, str, str, str, str, str | None, str | None]:
    c = audit_event.c
    return select(c.seq, c.at, c.actor, c.action, c.subject, c.detail, c.os_user, c.database_user)


def verify(engine: Engine, expected_head: str | None = None) -> Verdict:
    """What is wrong with the chain.

    ``expected_head``, as a report shows it, and what runs kept as their heads, must be among its hashes.
    """
    faults: list[str] = []
    events, previous = 0, START
    missing = {*_heads_of_runs(engine), expected_head} - {None, START, ""}
    for row in _events(engine):
        events += 1
        fault = _fault(row, events, previous)
        if fault and not faults:
            faults.append(fault)
        previous = row.hash
        missing.discard(row.hash)
    for head in sorted(filter(None, missing)):
        keeper = "给定的" if head == expected_head else "运行记录所记的"
        faults.append(f"链中没有{keeper}末端 {head}：其后的记录被截去或整链被重写")
    return Verdict(events, previous, tuple(faults))


def _heads_of_runs(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        kept = connection.execute(select(match_run.c.counts)).scalars()
        return {json.loads(counts).get(HEAD, "") for counts in kept}


def require_sound(engine: Engine, expected_head: str | None = None) -> Verdict:
    """The verdict on a chain without fault; ``CrossmatchError`` tells the faults of another."""
    verdict = verify(engine, expected_head)
    if verdict.faults:
        raise CrossmatchError("审计链不完整：" + "；".join(verdict.faults))
    return verdict


def _fault(row: Row[Any], expected: int, previous: str) -> str | None:
    if row.seq != expected:
        return f"应为第 {expected} 条，实为第 {row.seq} 条：有记录被删除、插入或移动"
    if row.previous_hash != previous:
        return f"第 {row.seq} 条与前一条不衔接：有记录被替换或移动"
    if row.hash != _hash(row._mapping):
        return f"第 {row.seq} 条的内容与其散列不符：记录被改动"
    return None


def _events(engine: Engine) -> Iterator[Row[Any]]:
    with engine.connect().execution_options(yield_per=AT_ONCE) as connection:
        yield from connection.execute(select(audit_event).order_by(audit_event.c.seq))


def _last() -> Any:
    return select(audit_event.c.seq, audit_event.c.hash).order_by(audit_event.c.seq.desc()).limit(1)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value


def _hash(event: Mapping[Any, Any]) -> str:
    words = [event[c] for c in ("seq", "actor", "action", "subject", "detail", "previous_hash")]
    words.append(event["at"].isoformat(timespec="microseconds"))
    users = [event["os_user"], event["database_user"]]
    words += users if any(user is not None for user in users) else []
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
