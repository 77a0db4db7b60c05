"""批次台账 — the ``delivery`` table as values: what arrived, what became of it, and what people released."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, exists, literal, or_, select

from pipelines.base.store import Store
from pipelines.database.lock import Lock
from sql.tables import delivery, release_decision

HealthOutcome = Literal["accepted", "held", "refused"]
COUNTED = ("rows_read", "rows_landed", "rows_rejected", "rows_dropped")


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file of a delivery and what reading it gave.

    ``landed``: its folder below the delivery's in the store, empty where none of its rows count.
    ``damaged``: by column, rows whose number a spreadsheet has spoilt. ``empty``: by column, landed rows
    without a value.
    ``rows_unread``: how many of its rejected rows stand in a sheet that could not be read. ``remarks``: what
    stands outside its tables, as ``readers.Landing`` has them. ``resent``: its content came before and is not
    counted again, so that its four counts are 0.
    """

    file: str
    sha256: str
    bytes: int
    rows_read: int = 0
    rows_landed: int = 0
    rows_rejected: int = 0
    rows_dropped: int = 0
    encoding: str = ""
    delimiter: str = ""
    unknown_headings: tuple[str, ...] = ()
    unread_sheets: tuple[str, ...] = ()
    damaged: Mapping[str, int] = field(default_factory=dict)
    rows_unread: int = 0
    remarks: tuple[str, ...] = ()
    empty: Mapping[str, int] = field(default_factory=dict)
    resent: bool = False
    landed: str = ""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "DeliveredFile":
        """The file that plain values speak of, as JSON keeps them."""
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in plain.items()}
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery and the judgement on it. ``released``: held, and a person let it go on."""

    feed: str
    delivered_on: date
    health: HealthOutcome
    files: tuple[DeliveredFile, ...] = ()
    reason: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)
    supersedes: date | None = None
    sha256: str = ""
    released: bool = False
    landed_at: datetime = field(default=datetime.min, compare=False)

    @property
    def delivery_id(self) -> str:
        """The name of this delivery in every table, report and command."""
        return delivery_id(self.feed, self.delivered_on)

    @property
    def counts(self) -> bool:
        """Whether its rows may be used: accepted, or held and released."""
        return self.health == "accepted" or self.released

    @property
    def only_resent(self) -> bool:
        """Whether it brought nothing but files that had come before."""
        return bool(self.files) and all(f.resent for f in self.files)

    @property
    def encoding(self) -> str:
        """The encodings that were used, each once."""
        return "、".join(sorted({f.encoding for f in self.files if f.encoding}))

    def landed_files(self, store: Store, part: Literal["extract", "rejects"]) -> list[Path]:
        """The Parquet files of its extract or its rejects, in the order of its files."""
        folder = store.delivery(self.feed, self.delivered_on)
        keys = [f.landed for f in self.files if f.landed]
        return [path for key in keys for path in sorted((folder / key / part).glob("*.parquet"))]

    def rows(self, kind: str) -> int:
        """The sum of one of the ``COUNTED`` over its files."""
        return sum(getattr(f, kind) for f in self.files)


def delivery_id(feed: str, delivered_on: date) -> str:
    """The name of a delivery, as in ``contributions/2026-10-10``."""
    return f"{feed}/{delivered_on.isoformat()}"


def content_digest(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a delivery's content, from the name and SHA-256 of everything that was judged."""
    return hashlib.sha256(json.dumps(sorted(files)).encode()).hexdigest()


def deliveries(engine: Engine, feed: str | None = None, as_of: date | None = None) -> list[Delivery]:
    """Every delivery on record, oldest first: of one feed or all, dated up to ``as_of`` or whenever."""
    statement = select(delivery).order_by(delivery.c.delivered_on, delivery.c.feed)
    if feed is not None:
        statement = statement.where(delivery.c.feed == feed)
    if as_of is not None:
        statement = statement.where(delivery.c.delivered_on <= as_of)
    with engine.connect() as connection:
        released = set(connection.execute(select(release_decision.c.subject)).scalars())
        return [_read(dict(row), released) for row in connection.execute(statement).mappings()]


def record(held: Lock, judged: Delivery) -> None:
    """Write one delivery's row in a transaction of its own, with the lock; only a refused one is replaced."""
    row = _row(judged)
    differs = [delivery.c[k].is_distinct_from(v) for k, v in row.items() if k != "landed_at"]
    with held.writing() as connection:
        connection.execute(
            delivery.update()
            .where(
                delivery.c.delivery_id == judged.delivery_id, delivery.c.health == "refused", or_(*differs)
            )
            .values(row)
        )
        absent = select(*(literal(v, delivery.c[k].type) for k, v in row.items())).where(
            ~exists().where(delivery.c.delivery_id == judged.delivery_id)
        )
        connection.execute(delivery.insert().from_select(list(row), absent))


def newest(rows: Iterable[Delivery]) -> Delivery | None:
    """The last of ``rows`` that brought something of its own."""
    return max((d for d in rows if not d.only_resent), key=lambda d: d.delivered_on, default=None)


def superseded(rows: Iterable[Delivery], on: date) -> set[date]:
    """The dates whose deliveries are out of use on the day ``on``, by what counted deliveries say.

    A delivery that was itself superseded has still taken its predecessor out of use.
    """
    return {d.supersedes for d in rows if d.supersedes is not None and d.counts and d.delivered_on <= on}


def _row(judged: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": judged.delivery_id,
        "feed": judged.feed,
        "delivered_on": judged.delivered_on,
        "files": _json([asdict(f) for f in judged.files]),
        "sha256": judged.sha256,
        "encoding": judged.encoding,
        **{kind: judged.rows(kind) for kind in COUNTED},
        "health": judged.health,
        "reason": judged.reason,
        "measures": _json(dict(judged.measures)),
        "supersedes": judged.supersedes,
        "landed_at": judged.landed_at,
    }


def _read(row: Mapping[str, Any], released: set[str]) -> Delivery:
    recorded = Delivery(
        feed=row["feed"],
        delivered_on=row["delivered_on"],
        health=row["health"],
        files=tuple(map(DeliveredFile.of, json.loads(row["files"]))),
        reason=row["reason"],
        measures=json.loads(row["measures"]),
        supersedes=row["supersedes"],
        sha256=row["sha256"],
        landed_at=row["landed_at"],
    )
    return replace(recorded, released=recorded.health == "held" and recorded.delivery_id in released)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
