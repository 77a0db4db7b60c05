"""The rows that a night sends back to whoever reported them."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from pipelines.base.store import Store
from pipelines.reports import contents, rejects
from tests.findings import NIGHTS, City


def test_rows_to_send_back_are_safe_to_open_and_complete(database: Engine, tmp_path: Path) -> None:
    store, city_ = Store(tmp_path / "store"), City()
    day = date(2026, 10, 10)
    folder = store.delivery("deaths", day) / "k" / "rejects"
    folder.mkdir(parents=True)
    bad = {
        "file": ["a.csv"] * 2, "line": [7, 9], "reason": ["bad_date", "column_count"],
        "column": ["died_on", None], "value": ["=1+1", None], "raw": ["@x,=1+1", "一,二"],
    }  # fmt: skip
    pq.write_table(pa.table(bad), folder / "rows-0.parquet")
    file = {
        "file": "a.csv", "sha256": "0", "bytes": 1, "rows_read": 9, "rows_landed": 7, "rows_rejected": 2,
        "rows_dropped": 0, "encoding": "utf-8", "delimiter": ",", "unknown_headings": [], "resent": False,
        "landed": "k",
    }  # fmt: skip
    city_.add(
        "delivery", delivery_id="deaths/2026-10-10", feed="deaths", delivered_on=day,
        files=json.dumps([file]), sha256="0", encoding="utf-8", rows_read=9,
        rows_landed=7, rows_rejected=2, rows_dropped=0, health="accepted",
        reason="", measures="{}", landed_at=datetime(2026, 10, 10),
    )  # fmt: skip
    city_.fill(database)
    night = contents.read(database, store, NIGHTS[-1])
    (path,) = rejects.write(store, night.deliveries, NIGHTS[-1], tmp_path / "rejects")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as written:
        rejected = list(csv.DictReader(written))
    assert [(r["行号"], r["原因"], r["栏目"]) for r in rejected] == [
        ("7", "日期无法读取", "死亡日期"),
        ("9", "列数不符", ""),
    ]
    assert (rejected[0]["原值"], rejected[0]["原始行"]) == ("'=1+1", "'@x,=1+1")
