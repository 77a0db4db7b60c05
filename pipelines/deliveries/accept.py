"""受理 — every delivery of a feed that has arrived by a day: landed, judged, put on record."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from expectations.feed import feed as declared
from pipelines.base import clock
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import lock
from pipelines.database.lock import Lock
from pipelines.deliveries import health
from pipelines.deliveries.arrival import arrivals
from pipelines.deliveries.landing import Lander
from pipelines.deliveries.ledger import Delivery, deliveries, newest, record
from pipelines.engine.seam import for_bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """Figures of the deliveries that one call judged, refused ones each time anew.

    ``notes``: Chinese sentences on deliveries that were judged before and whose folder has changed since, and
    on those dated after today.
    """

    feed: str
    accepted: int
    held: int
    refused: int
    rows_read: int
    rows_landed: int
    rows_rejected: int
    rows_dropped: int
    notes: tuple[str, ...]

    def counts(self) -> dict[str, Any]:
        """The same as plain values, for a log or another process."""
        return asdict(self) | {"notes": list(self.notes)}


def accept(settings: Settings, feed_name: str, as_of: date, within: Lock | None = None) -> Accepted:
    """Judges and records every delivery of the feed, dated up to ``as_of``, that was not yet judged.

    What was accepted or held is frozen: a later change of its folder is noted, not taken. What was refused
    is judged again. Each row is written in a transaction of its own, oldest first, after its files are safe
    in the store; a run that dies anywhere is made good by the next. ``DeliveryRejected`` where the newest
    delivery is refused, once all are on record; ``UsageError`` where there is no inbox, for then nobody knows
    whether anything arrived. ``within``: the lock of a run that this is part of.
    """
    if not settings.inbox.is_dir():
        raise UsageError(f"收件目录 {settings.inbox} 不存在；请建立或挂载它，或修改配置项 inbox")
    feed, store = declared(feed_name), Store(settings.store)
    lander = Lander(feed, store, for_bytes(settings))
    with lock.opened(settings.database_url, within, shared=True) as held:
        engine = held.engine
        recorded = {d.delivered_on: d for d in deliveries(engine, feed_name)}
        fresh: list[Delivery] = []
        notes = _ahead(settings, feed_name, as_of)
        for arrival in arrivals(settings.inbox, feed_name, as_of):
            before = recorded.get(arrival.delivered_on)
            if before is None or before.health == "refused":
                fresh.append(lander.examine(arrival, recorded.values()))
                recorded[arrival.delivered_on] = fresh[-1]
            elif arrival.changed_since(before):
                notes.append(
                    f"{before.delivery_id} 的目录在受理后有变动，仍以受理时的内容为准；更正请另报新批次"
                )
        days = {d.delivered_on for d in fresh}
        settled = health.judged(
            settings, feed, fresh, [d for d in recorded.values() if d.delivered_on not in days]
        )
        for delivery in settled:
            record(held, delivery)
            store.keep_only(feed_name, delivery.delivered_on, [f.landed for f in delivery.files])
        last = newest(deliveries(engine, feed_name, as_of))
    if last is not None and last.health == "refused":
        raise DeliveryRejected(f"{last.delivery_id} 已拒收：{last.reason}")
    by_health = [d.health for d in settled]
    return Accepted(
        feed=feed_name,
        accepted=by_health.count("accepted"),
        held=by_health.count("held"),
        refused=by_health.count("refused"),
        rows_read=sum(d.rows("rows_read") for d in settled),
        rows_landed=sum(d.rows("rows_landed") for d in settled),
        rows_rejected=sum(d.rows("rows_rejected") for d in settled),
        rows_dropped=sum(d.rows("rows_dropped") for d in settled),
        notes=tuple(notes),
    )


def _ahead(settings: Settings, feed_name: str, as_of: date) -> list[str]:
    """A sentence for each delivery dated after today, which no night reads before its day has come."""
    today = max(as_of, clock.today())
    return [
        f"{arrival.delivery_id} 的日期在今天之后，未读取；日期写错的请改正目录名"
        for arrival in arrivals(settings.inbox, feed_name, date.max)
        if arrival.delivered_on > today
    ]
