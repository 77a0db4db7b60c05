"""可用批次 — which deliveries of a feed count on a night, and whether the feed can be relied on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from expectations.feed import Feed
from expectations.feed import feed as declared
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database.migrate import opened
from pipelines.deliveries.ledger import Delivery, deliveries, newest, superseded

WORDS = {"held": "待放行", "refused": "被拒收"}


@dataclass(frozen=True, slots=True)
class InUse:
    """The deliveries of one feed that count on a night.

    ``delivery_ids`` and ``extracts`` are what was accepted, also where the feed is not ``available``: then
    it must neither create nor close a candidate. ``reason`` says in Chinese why it is not available, or what
    to know though it is; empty when all is well.
    """

    feed: str
    available: bool
    reason: str
    delivery_ids: tuple[str, ...]
    extracts: tuple[Path, ...]


def in_use(engine: Engine, feed_name: str, as_of: date, store: Store) -> InUse:
    """What is in use of the feed on the night ``as_of``, from the record of deliveries alone.

    A snapshot is its newest accepted delivery, an increment all of them, less what is superseded by then. A
    held delivery that a person released counts as accepted, on every night. The feed is unavailable when
    nothing was ever accepted, when its newest delivery is held or refused, or when that is too old for a
    feed that must arrive regularly. Files that were merely sent again make nothing newer.
    """
    return used_of(feed_name, deliveries(engine, feed_name, as_of), as_of, store)


def used_of(feed_name: str, recorded: Sequence[Delivery], as_of: date, store: Store) -> InUse:
    """The same of the feed's deliveries up to ``as_of``, oldest first, where somebody has read them."""
    feed = declared(feed_name)
    gone = superseded(recorded, as_of)
    standing = [d for d in recorded if d.delivered_on not in gone]
    used = [d for d in standing if d.counts and not d.only_resent]
    if feed.mode == "snapshot":
        used = used[-1:]
    out, worth_knowing = _out(feed, standing, used, as_of), _worth_knowing(feed, standing, used, as_of)
    return InUse(
        feed=feed_name,
        available=not out,
        reason="；".join(filter(None, (out, *worth_knowing))),
        delivery_ids=tuple(d.delivery_id for d in used),
        extracts=tuple(path for d in used for path in d.landed_files(store, "extract")),
    )


def standing(settings: Settings, feed_name: str, as_of: date) -> str:
    """What people must see of the feed's newest delivery at once, behind its title; empty where it counts."""
    with opened(settings.database_url) as engine:
        last = newest(deliveries(engine, feed_name, as_of))
    if last is None:
        return "　尚未收到"
    return "" if last.counts else f"　{WORDS[last.health]}"


def _out(feed: Feed, standing: Sequence[Delivery], used: Sequence[Delivery], as_of: date) -> str:
    """Why the feed is not available on a night; empty if it is."""
    last = newest(standing)
    if last is None:
        return "尚未收到任何批次"
    if not last.counts:
        return f"最新批次 {last.delivered_on} {WORDS[last.health]}：{last.reason}"
    overdue = _overdue(feed, used, as_of)
    return overdue if feed.health.stale == "held" else ""


def _worth_knowing(
    feed: Feed, standing: Sequence[Delivery], used: Sequence[Delivery], as_of: date
) -> Iterable[str]:
    """What people should know of a feed beside its availability."""
    if feed.health.stale == "warn" and (overdue := _overdue(feed, used, as_of)):
        yield overdue
    last = newest(standing)
    if feed.mode == "increment":
        missing = [d for d in standing if not d.counts and d is not last]
        if missing:
            days = "、".join(f"{d.delivered_on}（{WORDS[d.health]}）" for d in missing[-3:])
            yield f"另有 {len(missing)} 个较早批次未计入：{days}"


def _overdue(feed: Feed, used: Sequence[Delivery], as_of: date) -> str:
    if not used:
        return ""
    age, most = (as_of - used[-1].delivered_on).days, feed.health.stale_after_days
    return f"最近批次 {used[-1].delivered_on} 距今 {age} 天，超过 {most} 天" if age > most else ""
