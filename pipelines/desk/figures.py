"""总览数字 — counts and sums of the account's districts, from what is added up beside the candidates."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, func, select

from expectations.feed import feeds
from pipelines.base.store import Store
from pipelines.database.tally import Figure
from pipelines.deliveries import Delivery, deliveries, used_of
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.desk.listing import AGES
from sql.tables import candidate_tally, match_run

NIGHTS, MONTHS = 12, 12
T = candidate_tally.c


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
    arrived: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries(engine, as_of=today):
        arrived[delivery.feed].append(delivery)
    for name, feed in feeds().items():
        recorded = arrived[name]
        used = used_of(name, recorded, today, store)
        remark = recorded[-1].reason if recorded and recorded[-1].health == "accepted" else ""
        if reason := "；".join(filter(None, (used.reason, remark))):
            word = "有提示" if used.available else "不可用"
            doubtful.append(Feed(feed.title, feed.agency, word, reason))
    return doubtful


def matrix(connection: Connection, account: Account) -> dict[str, dict[str, int]]:
    """District → cause → how many candidates somebody still has to work on."""
    wanted = select(T.district, T.item, T.amount).where(*_own(account, Figure.ACTIVE))
    counts: dict[str, dict[str, int]] = {}
    for district, cause, n in connection.execute(wanted.order_by(T.district, T.item)):
        counts.setdefault(district, {})[cause] = n
    return counts


def districts(connection: Connection, account: Account) -> list[str]:
    """The districts of the account in which there ever was a candidate."""
    own = select(T.district).where(*_own(account, Figure.NEW)).distinct()
    return list(connection.execute(own.order_by(T.district)).scalars())


def ages(connection: Connection, account: Account, today: date) -> list[Row[Any]]:
    """One row per district: ``district``, one count per band of ``AGES``, ``waiting``, ``unopened``."""
    # The oldest band first: most nights are in it, and each of them is compared once.
    bands = [(T.item <= f"{today - timedelta(least)}", name) for name, (least, _) in reversed(AGES.items())]
    within = _own(account, Figure.SINCE, Figure.WAITING, Figure.UNOPENED)
    kept = select(T.district, T.figure, case(*bands, else_="").label("band"), func.sum(T.amount).label("n"))
    each = kept.where(*within).group_by(T.district, T.figure, "band").subquery().c
    wanted: dict[str, ColumnElement[bool]] = {
        **{f"age_{name}": and_(each.figure == Figure.SINCE, each.band == name) for name in AGES},
        "waiting": each.figure == Figure.WAITING,
        "unopened": each.figure == Figure.UNOPENED,
    }
    columns = [func.coalesce(func.sum(each.n).filter(counts), 0).label(n) for n, counts in wanted.items()]
    return list(
        connection.execute(select(each.district, *columns).group_by(each.district).order_by(each.district))
    )


def late(connection: Connection, account: Account, today: date) -> dict[str, int]:
    """District → how many of those handed out had their day of answer before today and have none."""
    passed = (*_own(account, Figure.DUE), T.item < today.isoformat())
    wanted = select(T.district, func.sum(T.amount)).where(*passed).group_by(T.district)
    return {district: int(n) for district, n in connection.execute(wanted)}


def by_night(connection: Connection, account: Account) -> list[tuple[date, int]]:
    """The last nights and how many candidates each was the first to see."""
    r = match_run.c
    ran = select(r.as_of).where(r.status == "succeeded").distinct().order_by(r.as_of.desc()).limit(NIGHTS)
    nights = sorted(connection.execute(ran).scalars())
    new = _new(connection, account, nights[0]) if nights else {}
    return [(night, new.get(night.isoformat(), 0)) for night in nights]


def by_month(connection: Connection, account: Account, today: date) -> list[tuple[str, int]]:
    """The last months, as ``YYYY-MM``, and how many candidates were first seen in each."""
    last = today.year * 12 + today.month - 1
    months = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(last - MONTHS + 1, last + 1)]
    counts = dict.fromkeys(months, 0)
    for night, n in _new(connection, account, date.fromisoformat(f"{months[0]}-01")).items():
        month = night[: len("YYYY-MM")]
        counts[month] = counts.get(month, 0) + n
    return list(counts.items())


def money(connection: Connection, account: Account) -> dict[str, int]:
    """Fen that can still be kept back (``stoppable``) and that went out (``owed``); leads are not summed.

    Within a district each payment counts once, whatever number of candidates it stands under.
    """
    return _sums(connection, account, Figure.STOPPABLE, Figure.OWED)


def so_far(connection: Connection, account: Account) -> dict[str, int]:
    """Fen that two people have ``upheld`` as overpaid, that were ``prevented`` since they were confirmed, and
    that are on record as ``recovered``.
    """
    return _sums(connection, account, Figure.UPHELD, Figure.PREVENTED, Figure.RECOVERED)


def _sums(connection: Connection, account: Account, *figures: Figure) -> dict[str, int]:
    wanted = select(T.figure, func.sum(T.amount)).where(*_own(account, *figures)).group_by(T.figure)
    sums = {name: int(fen) for name, fen in connection.execute(wanted)}
    return {figure.value: sums.get(figure, 0) for figure in figures}


def _new(connection: Connection, account: Account, since: date) -> dict[str, int]:
    wanted = select(T.item, func.sum(T.amount)).where(*_own(account, Figure.NEW), T.item >= since.isoformat())
    return {night: int(n) for night, n in connection.execute(wanted.group_by(T.item))}


def _own(account: Account, *figures: Figure) -> tuple[ColumnElement[bool], ...]:
    return T.figure.in_(figures), scope.condition(account, T.district)
