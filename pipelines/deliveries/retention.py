"""保存期 — which landed extracts a night still needs, which nobody needs any more, and how one comes back.

A landed extract may be removed once it could change no night: a snapshot when a newer one has taken its
place, what was superseded, an increment when all its months lie before those of any claim that is checked.
The record of the delivery, with hashes and counts, and the evidence rows stay.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import Engine

from expectations.feed import Feed, feeds
from matchers import months
from matchers.schemas import ClaimStarts
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import agency
from pipelines.deliveries import Delivery, InUse, deliveries, in_use
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.landing import Lander
from pipelines.engine.seam import for_bytes

MONTHS_BEFORE = 12  # how long before a claim a month may still speak of it: the job that was lost


def first_month(checked: ClaimStarts, as_of: date) -> int:
    """The earliest month that can speak of one of the claims ``checked`` (start_month) on a night."""
    oldest = months.of(as_of) if checked.empty else int(checked["start_month"].min())
    return oldest - MONTHS_BEFORE


def at_hand(settings: Settings, engine: Engine, used: InUse, first: int) -> InUse:
    """``used`` without increments whose months are all before ``first``; what was removed is landed again.

    ``CrossmatchError`` names the deliveries whose files are needed and no longer lie in the inbox.
    """
    feed, store = feeds()[used.feed], Store(settings.store)
    listed = [d for d in deliveries(engine, used.feed) if d.delivery_id in used.delivery_ids]
    wanted = [d for d in listed if _reaches(feed, d, first)]
    missing = [gap for d in wanted for gap in landed_again(settings, feed, d)]
    if missing:
        raise CrossmatchError(
            f"入库数据已过保存期并已清除，本夜仍需：{'；'.join(missing)}；请把原文件放回收件目录后重跑该夜"
        )
    return replace(
        used,
        delivery_ids=tuple(d.delivery_id for d in wanted),
        extracts=tuple(path for d in wanted for path in d.landed_files(store, "extract")),
    )


def past(settings: Settings, engine: Engine, as_of: date) -> list[Delivery]:
    """The landed deliveries that no night from ``as_of`` on can need, oldest first."""
    with engine.connect() as connection:
        checked = agency.claims(connection, as_of, settings.lookback_months)
    store, first, gone = Store(settings.store), first_month(checked, as_of), []
    for name, feed in feeds().items():
        used = in_use(engine, name, as_of, store).delivery_ids
        for delivery in deliveries(engine, name, as_of):
            needed = delivery.delivery_id in used and _reaches(feed, delivery, first)
            if delivery.counts and not needed and store.delivery(name, delivery.delivered_on).is_dir():
                gone.append(delivery)
    return gone


def _reaches(feed: Feed, delivery: Delivery, first: int) -> bool:
    """Whether a month of it may speak of a checked claim; what a feed tells by dates may at any time."""
    by_month = any(c.type == "month" and c.required for c in feed.columns.values())
    last = delivery.measures.get("last_month")
    return feed.mode == "snapshot" or not by_month or not last or months.number(last) >= first


def landed_again(settings: Settings, feed: Feed, delivery: Delivery) -> Iterator[str]:
    """Land what the store lacks of a delivery from the inbox; what cannot be, by name and hash."""
    store = Store(settings.store)
    folder = settings.inbox / delivery.delivered_on.isoformat() / feed.name
    arrival = Arrival(feed.name, delivery.delivered_on, folder)
    missing = [
        f for f in delivery.files
        if f.landed and not (store.delivery(feed.name, delivery.delivered_on) / f.landed).is_dir()
    ]  # fmt: skip
    if not missing:
        return
    here = {} if arrival.objections() else arrival.digests()
    for file in missing:
        if here.get(file.file) != file.sha256:
            yield f"{delivery.delivery_id} 的 {file.file}（SHA-256 {file.sha256}）"
            continue
        lander = Lander(feed, store, for_bytes(settings))
        again = lander.land(folder / file.file, delivery.delivered_on, file.sha256, arrival.manifest())
        if again.landed != file.landed:
            yield f"{delivery.delivery_id} 的 {file.file}（数据源的约定已改变，须另报新批次）"
