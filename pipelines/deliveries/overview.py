"""报送总览 — what arrived, what became of it, and on which feeds a night can rely."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from expectations.feed import feeds
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries.arrival import ahead, arrivals, strays
from pipelines.deliveries.ledger import COUNTED, Delivery, deliveries
from pipelines.deliveries.usage import InUse, in_use


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of all deliveries on a day.

    ``feeds``: by name. ``deliveries``: oldest first. ``waiting``: ids of what lies in the inbox unjudged.
    ``changed``: ids of accepted and held ones whose folder has changed since. ``ahead``: sentences on
    folders of the inbox that are dated after the day, ``strays``: on the rest of it.
    """

    as_of: date
    feeds: Mapping[str, InUse]
    deliveries: tuple[Delivery, ...]
    waiting: tuple[str, ...]
    changed: tuple[str, ...]
    ahead: tuple[str, ...]
    strays: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON; nothing of a person."""
        return {
            "as_of": self.as_of.isoformat(),
            "feeds": {
                name: {
                    "available": used.available,
                    "reason": used.reason,
                    "delivery_ids": list(used.delivery_ids),
                }
                for name, used in self.feeds.items()
            },
            "deliveries": [_plain(d) for d in self.deliveries],
            "waiting": list(self.waiting),
            "changed": list(self.changed),
            "ahead": list(self.ahead),
            "strays": list(self.strays),
        }


def overview(settings: Settings, engine: Engine, as_of: date) -> Overview:
    """The overview of the day ``as_of``; reads the record and the inbox, changes nothing."""
    recorded = {d.delivery_id: d for d in deliveries(engine, as_of=as_of)}
    arrived = [a for name in feeds() for a in arrivals(settings.inbox, name, as_of)]
    judged = [(a, recorded[a.delivery_id]) for a in arrived if a.delivery_id in recorded]
    return Overview(
        as_of=as_of,
        feeds={name: in_use(engine, name, as_of, Store(settings.store)) for name in feeds()},
        deliveries=tuple(recorded.values()),
        waiting=tuple(a.delivery_id for a in arrived if a.delivery_id not in recorded),
        changed=tuple(a.delivery_id for a, d in judged if d.health != "refused" and a.changed_since(d)),
        ahead=tuple(ahead(settings.inbox, as_of)),
        strays=tuple(strays(settings.inbox, as_of)),
    )


def _plain(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.delivery_id,
        "feed": delivery.feed,
        "delivered_on": delivery.delivered_on.isoformat(),
        "health": delivery.health,
        "released": delivery.released,
        "reason": delivery.reason,
        **{kind: delivery.rows(kind) for kind in COUNTED},
        "encoding": delivery.encoding,
        "files": [f.file for f in delivery.files],
        "supersedes": delivery.supersedes and delivery.supersedes.isoformat(),
        "measures": dict(delivery.measures),
    }
