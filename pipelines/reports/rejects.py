"""退回明细 — rows that could not be taken in, by feed, for the agency that supplied them."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from expectations.feed import feeds
from matchers.people.resident_id import mask
from pipelines.base.store import Store
from pipelines.deliveries.ledger import Delivery
from pipelines.readers.parts import numbers_in
from pipelines.reports import words

HEADINGS = ("交付日期", "文件", "行号", "原因", "栏目", "原值", "原始行")
DAYS = 31
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
BATCH = 10_000


def write(store: Store, deliveries: Sequence[Delivery], as_of: date, folder: Path) -> list[Path]:
    """One ``<feed>.csv`` (UTF-8 with BOM) for each feed with rejects in a recent delivery.

    Recent: of the last 31 days, and the newest in any case. A value that a spreadsheet would run as a formula
    has a ``'`` put before it; numbers of persons are masked: file and line tell the agency which row it is.
    """
    written = []
    for feed in feeds():
        recent = [d for d in recent_of(deliveries, feed, as_of) if d.rows("rows_rejected")]
        if recent:
            path = folder / f"{feed}.csv"
            with (
                Store.replacing(path) as unfinished,
                unfinished.open("w", encoding="utf-8-sig", newline="") as file,
            ):
                rows = csv.writer(file)
                rows.writerow(HEADINGS)
                for delivery in recent:
                    rows.writerows(_rows(store, delivery))
            written.append(path)
    return written


def recent_of(deliveries: Sequence[Delivery], feed: str, as_of: date) -> list[Delivery]:
    """The feed's deliveries of the last 31 days, or its newest one, oldest first."""
    own = [d for d in deliveries if d.feed == feed]
    return [d for d in own if d.delivered_on > as_of - timedelta(DAYS)] or own[-1:]


def safe(value: object, numbers: Iterable[str] = ()) -> str:
    """The value as text that no spreadsheet takes for a formula, without a person's numbers.

    ``numbers``: texts that are such whatever they look like, for they stand in a column of them.
    """
    text = "" if value is None else str(value)
    for number in numbers:
        covered = mask(number).replace("\\", r"\\")
        text = re.sub(rf"(?<![^,\t|;\"]){re.escape(number)}(?![^,\t|;\"])", covered, text)
    text = words.without_numbers(text)
    return "'" + text if text.startswith(RISKY) else text


def _rows(store: Store, delivery: Delivery) -> Iterator[list[str]]:
    columns = feeds()[delivery.feed].columns
    for part in delivery.landed_files(store, "rejects"):
        kept = pq.ParquetFile(part)
        for batch in kept.iter_batches(BATCH):
            for row in batch.to_pylist():
                column = row["column"] or ""
                heading = columns[column].headings[0] if column in columns else column
                reason = words.REJECT.get(row["reason"], row["reason"])
                place = (delivery.delivered_on, row["file"], row["line"])
                numbers = numbers_in(row["raw"], kept.metadata)
                yield [safe(value) for value in (*place, reason, heading)] + [
                    safe(row[name], numbers) for name in ("value", "raw")
                ]
