"""A file that was cut anywhere, or is called something strange, is refused whole and leaves nothing."""

import gzip
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from expectations.feed import feed
from pipelines.base.errors import DeliveryRejected
from pipelines.base.store import Store
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.landing import Lander
from pipelines.readers import land
from tests.inbox import DEATHS, Inbox, day, deaths, text

ROWS = deaths(range(400))
CSV = text(DEATHS, ROWS).encode("gb18030")
CUTS = 100
Make = Callable[[Path], Path]


def compressed(folder: Path) -> Path:
    (folder / "a.csv.gz").write_bytes(gzip.compress(CSV, mtime=0))
    return folder / "a.csv.gz"


def workbook(folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([DEATHS, *ROWS]):
            sheet.write_row(number, 0, row)
    return folder / "a.xlsx"


def parquet(folder: Path) -> Path:
    columns = zip(DEATHS, zip(*ROWS, strict=True), strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in columns}), folder / "a.parquet")
    return folder / "a.parquet"


def cuts(whole: bytes) -> list[int]:
    """Lengths at each hundredth of a file, and just before its end."""
    return sorted({len(whole) * n // CUTS for n in range(CUTS)} | {len(whole) - 1})


@pytest.mark.parametrize("make", [compressed, workbook, parquet])
def test_a_file_cut_at_any_hundredth_is_refused_whole(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path)
    whole = path.read_bytes()
    assert land(path, feed("deaths"), tmp_path / "whole", part="p").rows_landed == len(ROWS)
    for length in cuts(whole):
        path.write_bytes(whole[:length])
        with pytest.raises(DeliveryRejected):
            land(path, feed("deaths"), tmp_path / "cut" / str(length), part="p")


@pytest.mark.parametrize("stated", ["rows", "sha256"])
def test_a_plain_text_cut_at_any_hundredth_is_refused_by_its_manifest(tmp_path: Path, stated: str) -> None:
    promised = {"rows": len(ROWS), "sha256": hashlib.sha256(CSV).hexdigest()}
    for number, length in enumerate(cuts(CSV)):
        inbox = Inbox(tmp_path / str(number) / "inbox")
        manifest = {"files": {"a.csv": {stated: promised[stated]}}}
        folder = inbox.deliver("deaths", "2026-01-10", {"a.csv": CSV[:length]}, manifest)
        lander = Lander(feed("deaths"), Store(tmp_path / str(number) / "store"))
        seen = lander.examine(Arrival("deaths", day("2026-01-10"), folder), [])
        only_a_line_feed_is_gone = stated == "rows" and length == len(CSV) - 1
        assert (seen.health == "accepted") == only_a_line_feed_is_gone


def names(seed: int, many: int) -> list[str]:
    """File names of the kind that get out of folders, hide or do not fit."""
    chance = random.Random(seed)
    parts = [
        *("..", "\\", "a", "名册", "\u202e", "\u200b", "\n", "~", "$", "CON", "nul", ".", " ", "%2e%2e"),
        *("'", '"', ";", "|", "`", "=cmd", "é", "e\u0301", "\ud800"),
    ]
    made = ["".join(chance.choices(parts, k=chance.randint(1, 5))) + ".csv" for _ in range(many)]
    return [*dict.fromkeys(made), "a" * 251 + ".csv", "名" * 83 + ".csv"]


def test_whatever_a_file_is_called_it_lands_under_our_own_key_or_is_refused(tmp_path: Path) -> None:
    honest = text(DEATHS, ROWS[:1]).encode()
    became = []
    for number, name in enumerate(names(3, 200)):
        home = tmp_path / str(number)
        folder = home / "inbox" / "2026-01-10" / "deaths"
        folder.mkdir(parents=True)
        try:
            (folder / name).write_bytes(honest)
        except (OSError, UnicodeEncodeError):
            continue
        seen = Lander(feed("deaths"), Store(home / "store")).examine(
            Arrival("deaths", day("2026-01-10"), folder), []
        )
        landed = sorted(p.name for p in home.glob("store/deliveries/deaths/delivered_on=2026-01-10/*"))
        became.append(seen.health)
        assert landed == ([file.landed for file in seen.files] if seen.health == "accepted" else [])
        assert {p.name for p in home.iterdir()} <= {"inbox", "store"}
    assert set(became) == {"accepted", "refused"}
