"""总览数字 — counts and sums of the account's districts, each a few grouped rows from the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, case, func, select

from expectations.feed import feeds
from matchers.findings import LEAD, TIERS
from matchers.lifecycle import ACTIVE, UNANSWERED
from pipelines.base.store import Store
from pipelines.deliveries import deliveries, in_use
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.desk.listing import AGES
from sql.tables import audit_event, match_run, overpayment, preventable, suspension_candidate

NIGHTS, MONTHS = 12, 12
VIEW = "case_view"
C = suspension_candidate.c


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed that a night may not have: ``word`` says how it stands, ``reason`` why."""

    title: str
    agency: str
    word: str
    reason: str


def last_run(connection: Connection) -> Row[Any] | None:
    """The newest run, whatever became of it."""
    r = match_run.c
    return connection.execute(
        select(match_run).order_by(r.as_of.desc(), r.started_at.desc()).limit(1)
    ).first()


def doubtful_feeds(engine: Engine, store: Store, today: date) -> list[Feed]:
    """The feeds that a night of that day could not rely on, or of which people should know something."""
    doubtful = []
    for name, feed in feeds().items():
        used, recorded = in_use(engine, name, today, store), deliveries(engine, name, today)
        remark = recorded[-1].reason if recorded and recorded[-1].health == "accepted" else ""
        if reason := "；".join(filter(None, (used.reason, remark))):
            word = "有提示" if used.available else "不可用"
            doubtful.append(Feed(feed.title, feed.agency, word, reason))
    return doubtful


def matrix(connection: Connection, account: Account) -> dict[str, dict[str, int]]:
    """District → cause → how many candidates somebody still has to work on."""
    wanted = select(C.district, C.cause, func.count()).where(*_active(account)).group_by(C.district, C.cause)
    counts: dict[str, dict[str, int]] = {}
    for district, cause, n in connection.execute(wanted.order_by(C.district, C.cause)):
        counts.setdefault(district, {})[cause] = n
    return counts


def ages(connection: Connection, account: Account, today: date) -> list[Row[Any]]:
    """One row per district: ``district``, one count per band of ``AGES``, ``waiting``, ``unopened``."""
    bands = [
        func.sum(
            case((C.first_seen_as_of.between(today - timedelta(most), today - timedelta(least)), 1), else_=0)
        ).label(f"age_{name}")
        for name, (least, most) in AGES.items()
    ]
    opened = C.candidate_id.in_(select(audit_event.c.subject).where(audit_event.c.action == VIEW))
    waiting = func.sum(case((C.status.in_(UNANSWERED), 1), else_=0)).label("waiting")
    unopened = func.sum(case((opened, 0), else_=1)).label("unopened")
    wanted = select(C.district, *bands, waiting, unopened).where(*_active(account)).group_by(C.district)
    return list(connection.execute(wanted.order_by(C.district)))


def by_night(connection: Connection, account: Account) -> list[tuple[date, int]]:
    """The last nights and how many candidates each was the first to see."""
    r = match_run.c
    ran = select(r.as_of).where(r.status == "succeeded").distinct().order_by(r.as_of.desc()).limit(NIGHTS)
    nights = sorted(connection.execute(ran).scalars())
    new = _first_seen(connection, account, nights[0]) if nights else {}
    return [(night, new.get(night, 0)) for night in nights]


def by_month(connection: Connection, account: Account, today: date) -> list[tuple[str, int]]:
    """The last months, as ``YYYY-MM``, and how many candidates were first seen in each."""
    last = today.year * 12 + today.month - 1
    months = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(last - MONTHS + 1, last + 1)]
    counts = dict.fromkeys(months, 0)
    for night, n in _first_seen(connection, account, date.fromisoformat(f"{months[0]}-01")).items():
        counts[f"{night:%Y-%m}"] = counts.get(f"{night:%Y-%m}", 0) + n
    return [(month, counts[month]) for month in months]


def money(connection: Connection, account: Account) -> dict[str, int]:
    """Fen that can still be kept back (``stoppable``) and that went out (``owed``); leads are not summed.

    Each payment counts once, whatever number of candidates it stands under.
    """
    summed = [name for strength, name in TIERS.items() if strength != LEAD]
    return {
        "stoppable": _once(connection, account, C.preventable_fen, preventable.c.scheduled_fen, summed),
        "owed": _once(connection, account, C.overpaid_fen, overpayment.c.due_fen, summed),
    }


def _once(
    connection: Connection, account: Account, sum_of: Column[Any], amount: Column[Any], tiers: Sequence[str]
) -> int:
    """A claim with one candidate counts by its sum; only of one with several are the payments looked at."""
    within = (*_active(account), C.tier.in_(tiers))
    several = select(C.claim_id).where(*within).group_by(C.claim_id).having(func.count() > 1)
    alone = select(func.sum(sum_of)).where(*within, C.claim_id.not_in(several))
    lines = amount.table.c
    each = (
        select(lines.payment_id, func.max(amount).label("fen"))
        .join(suspension_candidate, C.candidate_id == lines.candidate_id)
        .where(*within, C.claim_id.in_(several), lines.recoverable_from_person)
        .group_by(lines.payment_id)
        .subquery()
    )
    shared = select(func.sum(each.c.fen))
    return sum(int(connection.execute(part).scalar_one() or 0) for part in (alone, shared))


def _first_seen(connection: Connection, account: Account, since: date) -> dict[date, int]:
    own = scope.condition(account, C.district)
    wanted = select(C.first_seen_as_of, func.count()).where(own, C.first_seen_as_of >= since)
    return {night: n for night, n in connection.execute(wanted.group_by(C.first_seen_as_of))}


def _active(account: Account) -> tuple[Any, ...]:
    return C.status.in_(ACTIVE), scope.condition(account, C.district)
