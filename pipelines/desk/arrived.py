"""收到的数据 — what arrived of each feed, how it stands against what came before, and what was sent back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow.parquet as pq
from sqlalchemy import Engine

from expectations.feed import Feed, feeds
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries import Delivery, InUse, deliveries, in_use
from pipelines.deliveries.arrival import ahead, arrivals, strays
from pipelines.reports.words import REJECT

SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Source:
    """One feed: whether nights can rely on it, its newest deliveries (newest first) and every held one,
    and of the newest the rejected rows by reason and column, the most first.
    """

    feed: Feed
    used: InUse
    recent: Sequence[Delivery]
    held: Sequence[Delivery]
    rejects: Sequence[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Arrived:
    """All feeds, and sentences on what lies in the inbox and is not on record."""

    sources: Sequence[Source]
    remarks: Sequence[str]


def arrived(settings: Settings, engine: Engine, today: date) -> Arrived:
    """What is on record up to the day; reads the record, the store and the inbox's folders, no file of it."""
    store, recorded = Store(settings.store), deliveries(engine, as_of=today)
    sources = [
        _source(feed, in_use(engine, name, today, store), [d for d in recorded if d.feed == name], store)
        for name, feed in feeds().items()
    ]
    on_record = {d.delivery_id for d in recorded}
    lying = [a.delivery_id for name in feeds() for a in arrivals(settings.inbox, name, today)]
    waiting = [f"未受理：{number}（下一次运行时受理）" for number in lying if number not in on_record]
    return Arrived(sources, [*waiting, *ahead(settings.inbox, today), *strays(settings.inbox, today)])


def _source(feed: Feed, used: InUse, own: Sequence[Delivery], store: Store) -> Source:
    return Source(
        feed=feed,
        used=used,
        recent=own[: -SHOWN - 1 : -1],
        held=[d for d in own if d.health == "held" and not d.released],
        rejects=_rejects(own[-1], store, feed) if own else (),
    )


def _rejects(delivery: Delivery, store: Store, feed: Feed) -> list[tuple[str, str, int]]:
    counts: Counter[tuple[str, str]] = Counter()
    for part in delivery.landed_files(store, "rejects"):
        rows = pq.read_table(part, columns=["reason", "column"]).to_pydict()
        counts.update(zip(rows["reason"], (column or "" for column in rows["column"]), strict=True))
    return [
        (REJECT.get(reason, reason), _heading(feed, column), n)
        for (reason, column), n in counts.most_common()
    ]


def _heading(feed: Feed, column: str) -> str:
    return feed.columns[column].headings[0] if column in feed.columns else column
