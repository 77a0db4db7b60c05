"""试读 — a file read as the night would, and what it holds, without a single person in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sql
from expectations.feed import Feed
from matchers import months
from matchers.summary import yuan
from pipelines import readers
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.manifest import Manifest
from pipelines.engine.seam import MatchEngine, match_engine

if TYPE_CHECKING:
    import pandas as pd

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
    date column but the birth date, least and most of each amount. ``disagreements``: with the manifest beside
    the file.
    """

    landing: readers.Landing
    values: Mapping[str, Mapping[str, int]]
    spans: Mapping[str, tuple[str, str]]
    rejects: tuple[RejectedRows, ...]
    disagreements: tuple[str, ...]


def preview(settings: Settings, path: Path, feed: Feed) -> Preview:
    """What the file at ``path`` would give as part of ``feed``; nothing of it is kept.

    A manifest in the same folder is heeded. ``DeliveryRejected`` where the night would refuse the file.
    """
    promised = Arrival(feed.name, date.max, path.parent).manifest()
    with Store(settings.store).scratch() as folder:
        landing = readers.land(
            path,
            feed,
            folder,
            part="rows",
            encoding=promised.encoding,
            delimiter=promised.delimiter,
            processes=settings.threads,
        )
        values, spans = {}, {}
        extracts = sorted((folder / "extract").glob("*.parquet"))
        if extracts:
            with match_engine(replace(settings, store=folder)) as engine:
                engine.register("extract", extracts)
                values, spans = _values(engine, feed, landing), _spans(engine, feed)
        rejects = _rejects(folder / "rejects")
    return Preview(landing, values, spans, rejects, tuple(_disagreements(promised, landing)))


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
    told = lines.agg(["count", _first_lines]).reset_index()
    return tuple(RejectedRows(*row) for row in told.itertuples(index=False, name=None))


def _first_lines(lines: "pd.Series[int]") -> tuple[int, ...]:
    return tuple(lines.head(LINES_SHOWN).tolist())


def _disagreements(promised: Manifest, landing: readers.Landing) -> list[str]:
    says = (promised.files or {}).get(landing.file)
    if says is None:
        return []
    alone = Manifest(files={landing.file: says})
    rows = {landing.file: landing.rows_landed + landing.rows_rejected}
    return alone.disagreements(date.max, {landing.file: landing.sha256}) + alone.miscounts(rows)


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "money":
        return yuan(value)
    return value.isoformat() if isinstance(value, date) else months.text(value)
