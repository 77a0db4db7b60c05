"""Where lines end: every row that a person sees in an editor is a row, under the number that it shows."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expectations.feed import feed
from matchers.people.resident_id import check_character
from pipelines.engine.pool import Pool
from pipelines.readers import Landing, land, multiline, ranges
from pipelines.readers.detect import detect

EDITOR = ("\n", "\r\n", "\r")


def row(serial: int, name: str = "王超") -> str:
    body = f"50019919850312{serial:03d}"
    return ",".join((body + check_character(body), name, "2026-05-01", "2026-05-02", "死亡", "公安"))


HEADER = "公民身份号码,姓名,死亡日期,死亡登记日期,注销原因,数据来源"
Numbers = dict[str, int]


def numbered(path: Path, processes: int = 1) -> tuple[Landing, Numbers, list[int]]:
    """The landing, the line of each landed row by its ID number, and the lines of the rejects."""
    folder = path.parent / f"{path.name}.landed"
    done = land(path, feed("deaths"), folder, part="p", workers=lambda size: Pool(processes))
    rows, rejects = (pq.read_table(folder / kind).to_pylist() for kind in ("extract", "rejects"))
    return done, {r["id_number"]: r["line"] for r in rows}, sorted(r["line"] for r in rejects)


def seen(content: str) -> Numbers:
    """The number of each row's line as an editor shows it."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return {
        line.split(",")[0].strip('"'): number for number, line in enumerate(lines, 1) if line[:3] == "500"
    }


@pytest.mark.parametrize("end", ["\x85", "\x0b", "\x0c", "\u2028", "\u2029", "\x1e", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_whose_lines_end_in_another_sign_is_read_row_by_row(
    end: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(end.join((HEADER, *map(row, range(1, 5)), "")).encode(encoding))
    done, rows, _ = numbered(path)
    assert (done.rows_read, sorted(rows.values())) == (4, [2, 3, 4, 5])


@pytest.mark.parametrize("sign", ["\x85", "\x0b", "\x0c", "\u2028", "\u2029", "\x1c"])
def test_such_a_sign_inside_a_cell_or_behind_it_ends_no_line(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    content = "\n".join((HEADER, row(1, f"王{sign}超"), row(2) + sign, row(3, f"{sign}王超"), ""))
    path.write_text(content, "utf-8")
    done, rows, rejects = numbered(path)
    assert (done.rows_read, sorted(rows.values()), rejects) == (3, [2, 3, 4], [])


@pytest.mark.parametrize("processes", [1, 2])
def test_every_row_has_the_number_of_its_line_in_an_editor_in_any_part_of_a_large_file(
    processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(processes)
    texts = (row(n % 900 + 1, rng.choice(("王超", '"王\r超"', '"王\r\r超"', "甲乙"))) for n in range(900))
    content = "标题\r制表\r\n" + HEADER + "\n" + "".join(text + rng.choice(EDITOR) for text in texts) + "坏\n"
    monkeypatch.setattr(ranges, "RANGE", 20_000)
    monkeypatch.setattr(ranges, "CHUNK", 1_000)
    monkeypatch.setattr(ranges, "BLOCK", 3_000)
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8", newline="")
    done, rows, rejects = numbered(path, processes)
    wanted = seen(content)
    assert {number: wanted[number] for number in rows} == rows
    assert rejects[-1] == content.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert done.rows_landed == 900


def test_a_long_part_in_which_carriage_returns_alone_end_lines_is_read_row_by_row(tmp_path: Path) -> None:
    first = "\n".join((HEADER, *map(row, range(1, 4)), ""))
    part = "\r".join(map(row, [n % 900 + 4 for n in range(2_000)]))
    assert len(part.encode()) > 100_000
    path = tmp_path / "a.csv"
    path.write_text(first + part + "\n" + row(990) + "\n", "utf-8", newline="")
    done, rows, _ = numbered(path)
    assert (done.rows_read, done.rows_landed, rows[row(990)[:18]]) == (2_004, 2_004, 2_005)


def test_one_broken_row_between_carriage_returns_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "\n" + "\r".join((row(1), row(2), "坏,行", row(3))) + "\n", "utf-8", newline="")
    done, rows, rejects = numbered(path)
    assert (done.rows_read, sorted(rows.values()), rejects) == (4, [2, 3, 5], [4])


def test_records_of_several_lines_are_numbered_by_their_first_in_an_editor(tmp_path: Path) -> None:
    content = "\r\n".join((HEADER, row(1, '"王\n超"'), row(2, '"李\r娜"'), row(3, '"张\r\n三"'), row(4), ""))
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8", newline="")
    shape = detect(path, feed("deaths"), "a.csv", None, None)
    multiline.land(path, shape, feed("deaths"), tmp_path / "landed", "p", "a.csv")
    rows = pq.read_table(tmp_path / "landed" / "extract").to_pylist()
    assert {r["id_number"]: r["line"] for r in rows} == seen(content)
