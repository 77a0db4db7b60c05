"""历史批次 — ``<history>/<YYYY-MM-DD[-text]>/<dataset>/``: landed like deliveries, with a feed of its own
each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from expectations.feed import Feed
from expectations.feed import feed as declared
from expectations.history import datasets
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries import health
from pipelines.deliveries.arrival import Arrival, arrivals
from pipelines.deliveries.landing import Lander
from pipelines.deliveries.ledger import Delivery, deliveries, superseded
from pipelines.deliveries.retention import landed_again
from pipelines.engine.seam import for_bytes

PREFIX = "history:"
NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(-.+)?", re.A)


@dataclass(frozen=True, slots=True)
class Landed:
    """One dataset of one batch, in the store."""

    batch: str
    dataset: str
    delivery: Delivery

    @property
    def day(self) -> date:
        """The day of the batch."""
        return self.delivery.delivered_on


@dataclass(frozen=True, slots=True)
class Fed:
    """What a nights' feed gives: day and extracts of each delivery, oldest first.

    ``removed``: files past their retention that lie neither in the store nor in the inbox, by delivery, name
    and hash; their rows are not read.
    """

    files: list[tuple[date, list[Path]]]
    removed: tuple[str, ...]


def landed(settings: Settings, engine: Engine, as_of: date, only: str = "") -> list[Landed]:
    """Every dataset of every batch known on ``as_of``, oldest first, its files in the store.

    ``only``: one of them, as ``<batch>/<dataset>``.

    What is on record was landed before, and is landed again where the store has lost it. ``UsageError`` where
    there is no folder of history, ``DeliveryRejected`` where a file cannot be read.
    """
    if not settings.history.is_dir():
        raise UsageError(f"历史数据目录 {settings.history} 不存在；请建立目录或修改配置项 history")
    store, done = Store(settings.store), []
    for batch, day, folder in folders(settings.history, as_of):
        for name, dataset in datasets().items():
            if (folder / name).is_dir() and only in ("", f"{batch}/{name}"):
                feed = _named(dataset, batch)
                on_record = deliveries(engine, feed.name)
                judged = on_record[0] if on_record and _at_hand(on_record[0], store) else None
                arrival = Arrival(feed.name, day, folder / name)
                delivery = judged or Lander(feed, store, for_bytes(settings)).examine(arrival, ())
                if delivery.health == "refused":
                    raise DeliveryRejected(f"{batch}/{name} 已拒收：{delivery.reason}")
                done.append(Landed(batch, name, delivery))
    return done


def feed_files(settings: Settings, engine: Engine, name: str, as_of: date) -> Fed:
    """The deliveries of a feed that a night on ``as_of`` would accept.

    Deliveries that no night has judged yet are landed and judged here, and not put on record; an extract that
    has been removed is landed again from the inbox.
    """
    feed, store = declared(name), Store(settings.store)
    on_record = {d.delivered_on: d for d in deliveries(engine, name, as_of)}
    lander = Lander(feed, store, for_bytes(settings))
    fresh: list[Delivery] = []
    for arrival in arrivals(settings.inbox, name, as_of):
        if arrival.delivered_on not in on_record:
            fresh.append(lander.examine(arrival, [*on_record.values(), *fresh]))
    every = [*on_record.values(), *health.judged(settings, feed, fresh, on_record.values())]
    gone = superseded(every, as_of)
    used = [d for d in every if d.counts and not d.only_resent and d.delivered_on not in gone]
    ordered = sorted(used, key=lambda d: d.delivered_on)
    removed = tuple(gap for d in ordered for gap in landed_again(settings, feed, d))
    return Fed([(d.delivered_on, d.landed_files(store, "extract")) for d in ordered], removed)


def folders(root: Path, as_of: date) -> Iterator[tuple[str, date, Path]]:
    """Name, day and folder of each batch that is known on ``as_of``, oldest first."""
    for folder in sorted(root.iterdir()):
        named = NAME.fullmatch(folder.name)
        if named is None or not folder.is_dir() or folder.is_symlink():
            continue
        try:
            day = date.fromisoformat(named[1])
        except ValueError:
            continue
        if day <= as_of:
            yield folder.name, day, folder


def _at_hand(delivery: Delivery, store: Store) -> bool:
    """Whether a delivery on record may be used as it lies in the store."""
    folder = store.delivery(delivery.feed, delivery.delivered_on)
    return delivery.health != "refused" and all(
        (folder / file.landed).is_dir() for file in delivery.files if file.landed
    )


def _named(dataset: Feed, batch: str) -> Feed:
    return replace(dataset, name=f"{PREFIX}{batch}/{dataset.name}")
