"""试读 — a file read as the night would, and what it holds, without a single person in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sql
from expectations.feed import Feed
from matchers import months
from matchers.summary import yuan
from pipelines import readers
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries import health
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.landing import RECORDED, damage_words
from pipelines.deliveries.ledger import COUNTED, DeliveredFile, Delivery, HealthOutcome
from pipelines.deliveries.manifest import NAME, Manifest
from pipelines.engine.seam import MatchEngine, for_bytes, match_engine
from pipelines.readers import guard

if TYPE_CHECKING:
    import pandas as pd

PART = "rows"
LINES_SHOWN = 10
RANGED = ("month", "date", "money")


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The rows rejected for one reason in one column; ``lines``: the first of them."""

    reason: str
    column: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What reading one file gives.

    ``values``: for each code column, and for the classes of each ID column, rows by value, empty values
    under ``""``; a column that the file lacks is not among them. ``spans``: first and last of each month and
    date column but the birth date, least and most of each amount. ``health`` and ``reason``: what the night
    would make of it as the first delivery of the feed. ``disagreements``: with the manifest beside the file.
    """

    landing: readers.Landing
    values: Mapping[str, Mapping[str, int]]
    spans: Mapping[str, tuple[str, str]]
    rejects: tuple[RejectedRows, ...]
    health: HealthOutcome
    reason: str
    disagreements: tuple[str, ...]


def preview(settings: Settings, path: Path, feed: Feed) -> Preview:
    """What the file at ``path`` would give as part of ``feed``; nothing of it is kept.

    A manifest in the same folder is heeded. ``DeliveryRejected`` where the night would refuse the file,
    ``UsageError`` where it is the manifest itself.
    """
    arrival = Arrival(feed.name, date.max, path.parent)
    promised = arrival.manifest()
    if path.name == NAME:
        names = "、".join(guard.shown(file.name) for file in arrival.files()) or "（目录中没有）"
        raise UsageError(f"{NAME} 是控制文件，不是数据文件；请试读它旁边的数据文件：{names}，届时一并核对")
    with _scratch(Store(settings.store)) as folder:
        alone, day = replace(settings, store=folder), clock.today()
        landed = Store(folder).delivery(feed.name, day) / PART
        landing = readers.land(
            path,
            feed,
            landed,
            part=PART,
            encoding=promised.encoding,
            delimiter=promised.delimiter,
            workers=for_bytes(settings),
        )
        values, spans = {}, {}
        extracts = sorted((landed / "extract").glob("*.parquet"))
        if extracts:
            with match_engine(alone) as engine:
                engine.register("extract", extracts)
                values, spans = _values(engine, feed, landing), _spans(engine, feed)
        rejects = _rejects(landed / "rejects")
        (judged,) = health.judged(alone, feed, [_delivery(feed, day, landing, path)], ())
    whole = [file.name for file in arrival.files()] == [path.name]
    disagreements = tuple(_disagreements(promised, landing, whole))
    return Preview(landing, values, spans, rejects, judged.health, judged.reason, disagreements)


@contextmanager
def _scratch(store: Store) -> Iterator[Path]:
    """A scratch folder of the store; a store that is not there yet is not there afterwards either."""
    made = [path for path in (store.root / "scratch", store.root) if not path.exists()]
    try:
        with store.scratch() as folder:
            yield folder
    finally:
        with suppress(OSError):
            for path in made:
                path.rmdir()


def _delivery(feed: Feed, day: date, landing: readers.Landing, path: Path) -> Delivery:
    """The file as a delivery of its own that arrives on ``day``."""
    figures = {name: getattr(landing, name) for name in (*COUNTED, *RECORDED)}
    file = DeliveredFile.of(
        {"file": landing.file, "sha256": landing.sha256, "bytes": path.stat().st_size, "landed": PART}
        | figures
    )
    return Delivery(feed.name, day, "accepted", (file,), "；".join(damage_words(feed, [landing.damaged])))


def _values(engine: MatchEngine, feed: Feed, landing: readers.Landing) -> dict[str, dict[str, int]]:
    columns = [c.name for c in feed.columns.values() if c.type == "code"]
    columns += [c.name.removesuffix("_number") + "_class" for c in feed.columns.values() if c.type == "id"]
    counted = {c: engine.rows(sql.match("measures_values").format(column=c)) for c in columns}
    values = {c: {row["value"] or "": row["rows_with_it"] for row in rows} for c, rows in counted.items()}
    return {c: counts for c, counts in values.items() if c in landing.headings or counts.keys() - {""}}


def _spans(engine: MatchEngine, feed: Feed) -> dict[str, tuple[str, str]]:
    kinds = {c.name: c.type for c in feed.columns.values() if c.type in RANGED and c.name != "birth_date"}
    spans = ", ".join(f"min({c}) AS first_{c}, max({c}) AS last_{c}" for c in kinds)
    ends = engine.rows(sql.match("measures_spans").format(spans=spans))[0]
    return {c: (_text(ends[f"first_{c}"], kind), _text(ends[f"last_{c}"], kind)) for c, kind in kinds.items()}


def _rejects(folder: Path) -> tuple[RejectedRows, ...]:
    import pandas as pd

    files = sorted(folder.glob("*.parquet"))
    if not files:
        return ()
    rows = pd.concat([pd.read_parquet(file, columns=["line", "reason", "column"]) for file in files])
    lines = rows.fillna({"column": ""}).sort_values("line").groupby(["reason", "column"])["line"]
    counted = lines.agg(["count", _first_lines]).reset_index()
    return tuple(RejectedRows(*row) for row in counted.itertuples(index=False, name=None))


def _first_lines(lines: "pd.Series[int]") -> tuple[int, ...]:
    return tuple(lines.head(LINES_SHOWN).tolist())


def _disagreements(promised: Manifest, landing: readers.Landing, whole: bool) -> list[str]:
    """What the manifest contradicts of this file; ``whole``: the delivery has no other, its rows are all."""
    listed = promised.files
    if listed is not None:
        listed = {name: says for name, says in listed.items() if name == landing.file}
    of_this = Manifest(rows=promised.rows if whole else None, files=listed)
    objections = of_this.disagreements(date.max, {landing.file: landing.sha256})
    return objections + of_this.miscounts({landing.file: landing.rows_landed + landing.rows_rejected})


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "money":
        return yuan(value)
    return value.isoformat() if isinstance(value, date) else months.text(value)
