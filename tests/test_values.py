"""Values that are none, spoilt, escaped or outside a life: what becomes of each, in any feed and column."""

import random
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations.feed import feed, feeds
from matchers.people.resident_id import check_character
from pipelines.base.logs import redacted
from pipelines.readers import Landing, land
from pipelines.reports import words
from tests.sweep import FORMATS, KINDS, TABLES, tried

BORN = "50019919850312"


def number(serial: int, born: str = BORN) -> str:
    body = f"{born}{serial:03d}"
    return body + check_character(body)


def landed(path: Path, name: str, to: Path) -> tuple[Landing, list[dict[str, Any]], list[dict[str, Any]]]:
    done = land(path, feed(name), to, part="p")
    return done, pq.read_table(to / "extract").to_pylist(), pq.read_table(to / "rejects").to_pylist()


def csv(folder: Path, name: str, rows: Iterable[Sequence[str]], *columns: str) -> Any:
    headings = [feed(name).columns[c].headings[0] for c in columns]
    path = folder / "a.csv"
    path.write_text("".join(",".join(row) + "\n" for row in (headings, *rows)), "utf-8")
    return landed(path, name, folder / "landed")


DEATH = ("id_number", "name", "died_on", "registered_on", "kind", "certificate_no", "origin")


@pytest.mark.parametrize(
    "word", ["NULL", "\\N", "(Null)", "无", "/", "--", "#N/A", "<null>", "000000", "暂无"]
)
def test_a_word_for_nothing_is_empty_where_a_value_may_lack_and_a_reject_where_it_may_not(
    word: str, tmp_path: Path
) -> None:
    rows = [
        (number(1), "甲乙", "2026-05-01", word, "死亡", word, "公安"),
        (number(2), "甲丙", word, "", "死亡", "", "公安"),
    ]
    _, kept, rejects = csv(tmp_path, "deaths", rows, *DEATH)
    assert [(r["registered_on"], r["certificate_no"]) for r in kept] == [(None, None)]
    assert [(r["column"], r["value"]) for r in rejects] == [("died_on", word)]


@pytest.mark.parametrize(
    "day", ["1900-01-01", "1900-01-01 00:00:00.000", "1970/1/1", "00010101", "1899年12月30日"]
)
def test_a_placeholder_day_is_none_where_a_day_may_lack_and_a_reject_where_it_may_not(
    day: str, tmp_path: Path
) -> None:
    rows = [
        (number(1), "甲乙", "2026-05-01", day, "死亡", "", "公安"),
        (number(2), "甲丙", day, "", "死亡", "", "公安"),
    ]
    _, kept, rejects = csv(tmp_path, "deaths", rows, *DEATH)
    assert [r["registered_on"] for r in kept] == [None]
    assert [(r["reason"], r["column"]) for r in rejects] == [("bad_date", "died_on")]


@pytest.mark.parametrize(
    "text",
    ["20260501000000", "2026-05-01T00:00:00+08:00", "2026-04-30T16:00:00Z", "01-5月 -26", "01-MAY-26",
     "01-5月 -26 12.00.00.000000 上午", "2026-05-01 上午 12:00:00", "2026年5月1号", "20260501.0"],
)  # fmt: skip
def test_a_day_that_is_clear_is_read_however_it_is_written(text: str, tmp_path: Path) -> None:
    row = (number(1), "甲乙", text, "", "死亡", "", "公安")
    assert [r["died_on"] for r in csv(tmp_path, "deaths", [row], *DEATH)[1]] == [date(2026, 5, 1)]


@pytest.mark.parametrize("text", ["5/1/2026", "2026-05", "1777564800000"])
def test_a_day_that_is_not_clear_is_never_guessed(text: str, tmp_path: Path) -> None:
    row = (number(1), "甲乙", text, "", "死亡", "", "公安")
    assert [r["reason"] for r in csv(tmp_path, "deaths", [row], *DEATH)[2]] == ["bad_date"]


@pytest.mark.parametrize("spoilt", ["5.00100123456789E+17", "500100123456789000", "9150****34", "5.001E17"])
def test_a_spoilt_number_is_missing_counted_and_kept_as_it_came(spoilt: str, tmp_path: Path) -> None:
    row = (number(1), "甲乙", "2026-05-01", "", "死亡", spoilt, "公安")
    done, kept, _ = csv(tmp_path, "deaths", [row], *DEATH)
    assert kept[0]["certificate_no"] is None
    assert spoilt in kept[0]["as_came"]
    assert done.damaged == {"certificate_no": 1}


def test_every_number_in_a_compared_text_column_is_watched_for_damage() -> None:
    compared = {
        "employer_id",
        "employer_uscc",
        "entity_uscc",
        "referral_no",
        "notice_no",
        "certificate_no",
        "phone",
    }
    columns = [c for declared in feeds().values() for c in declared.columns.values()]
    assert {c.name for c in columns if c.number} == compared
    assert all(c.number for c in columns if c.name in compared)


def _ending_in_zeros(count: int) -> list[str]:
    days = (
        f"500199{year}0{month}{day}"
        for year in range(1960, 1990)
        for month in (3, 5)
        for day in range(10, 29)
    )
    sound = [f"{day}1000" for day in days if check_character(f"{day}100") == "0"]
    return sound[:count]


def test_sound_numbers_in_three_zeros_are_nobodys_where_they_are_far_beyond_chance(tmp_path: Path) -> None:
    zeros = _ending_in_zeros(3)
    rows = [(n, "甲乙", "2026-05-01", "", "死亡", "", "公安") for n in (*zeros, number(1))]
    done, kept, _ = csv(tmp_path, "deaths", rows, *DEATH)
    assert [r["id_class"] for r in kept] == ["float15"] * 3 + ["valid18"]
    assert [r["id_key"] for r in kept] == [None, None, None, number(1)]
    assert done.damaged == {"id_number": 3}


def test_one_sound_number_in_three_zeros_among_many_is_somebodys(tmp_path: Path) -> None:
    several = [number(serial) for serial in range(1, 400)]
    rows = [(n, "甲乙", "2026-05-01", "", "死亡", "", "公安") for n in (*_ending_in_zeros(1), *several)]
    assert csv(tmp_path, "deaths", rows, *DEATH)[0].damaged == {}


@pytest.mark.parametrize(
    "name", ["买买提&#183;艾力", "买买提&middot;艾力", "\\u4e70\\u4e70\\u63d0·艾力", "买买提&amp;#183;艾力"]
)
def test_escapes_in_a_name_are_read_and_kept_as_they_came(name: str, tmp_path: Path) -> None:
    _, kept, _ = csv(tmp_path, "deaths", [(number(1), name, "2026-05-01", "", "死亡", "", "公安")], *DEATH)
    assert kept[0]["name_key"] == "买买提·艾力"
    assert '"name"' in kept[0]["as_came"]


def test_a_fact_before_birth_and_work_before_sixteen_are_rejects(tmp_path: Path) -> None:
    deaths = [(number(1), "甲", day, "", "死亡", "", "公安") for day in ("1985-03-11", "1985-03-12")]
    assert [r["reason"] for r in csv(tmp_path, "deaths", deaths, *DEATH)[2]] == ["before_birth"]
    hires = [(number(1), "甲", "甲厂", day, "单位就业") for day in ("1980-01-01", "2001-03-11", "2001-03-12")]
    columns = ("id_number", "name", "employer_name", "hired_on", "form")
    (tmp_path / "hires").mkdir()
    rejects = csv(tmp_path / "hires", "hires", hires, *columns)[2]
    assert [(r["line"], r["reason"]) for r in rejects] == [(2, "before_birth"), (3, "under_age")]


def test_nobody_is_insured_before_sixteen_or_before_birth(tmp_path: Path) -> None:
    columns = (
        "id_number",
        "name",
        "employer_id",
        "insurance",
        "settled_month",
        "covered_month",
        "payment_kind",
        "paid_flag",
    )
    rows = [
        (number(1), "甲", "7", insurance, "202601", month, "10", "1")
        for insurance, month in (("390", "199001"), ("110", "199001"), ("390", "198001"), ("110", "200103"))
    ]
    rejects = csv(tmp_path, "contributions", rows, *columns)[2]
    assert [(r["line"], r["reason"]) for r in rejects] == [
        (2, "under_age"),
        (3, "under_age"),
        (4, "before_birth"),
    ]


def test_padding_and_surrogate_pairs_and_a_comma_behind_every_row_are_read(tmp_path: Path) -> None:
    row = ",".join((number(1), "NAME", "2026-05-01", "死亡", "公安", "")).encode()
    names = [b"\xe7\x8e\x8b\xe8\xb6\x85\0\0", b"\xed\xa1\x80\xed\xb5\xa4\xe5\xbb\xba"]
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\n".join(
            [
                "公民身份号码,姓名,死亡日期,注销原因,数据来源".encode(),
                *(row.replace(b"NAME", n) for n in names),
            ]
        )
    )
    _, kept, rejects = landed(path, "deaths", tmp_path / "landed")
    assert ([r["name"] for r in kept], rejects) == (["王超", "𠅤建"], [])


@pytest.mark.parametrize(
    "written",
    ["500199 19850312 0017", "500199-19850312-0017", "５００１９９１９８５０３１２００１７",
     "50019919850312\u200b0017", "500199  19850312 \u00a0 0017"],
)  # fmt: skip
def test_a_number_is_masked_however_it_is_broken_up(written: str) -> None:
    assert "0312" not in words.without_numbers(f"{written},某某").replace(" ", "")
    assert "0017" not in redacted(written)
    assert words.without_numbers("2026-05-01,2026-06-01") == "2026-05-01,2026-06-01"


CASES = {
    "03-long_number_in_other_columns": ("contributions", {"employer_id": 3}, 0),
    "04-words_for_null": ("job_referrals", {}, 0),
    "11-rounded_and_sound_by_chance": ("contributions", {"id_number": 6}, 0),
    "13-escapes_in_names": ("deaths", {}, 0),
    "16-facts_outside_the_persons_life": ("deaths", {}, 1),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sample_that_accused_somebody_is_read_as_it_must_be(
    case: str, shared: Path, tmp_path: Path
) -> None:
    name, damaged, rejected = CASES[case]
    (path,) = (shared / "cases" / case / "inbox").glob(f"*/{name}/*")
    done, rows, _ = landed(path, name, tmp_path)
    assert done.rows_rejected == rejected
    assert done.damaged.keys() == damaged.keys()
    assert not [r for r in rows if r.get("notice_no")]
    assert not any("&#" in (r["name_key"] or "") for r in rows)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_harmful_value_in_any_column_accuses_nobody_and_loses_no_line(
    kind: str, form: str, tmp_path: Path
) -> None:
    rng = random.Random(f"{kind} {form}")
    for number_, declared in enumerate(rng.sample(sorted(feeds()), 1 if form in TABLES else 3)):
        folder = tmp_path / str(number_)
        folder.mkdir()
        assert tried(feed(declared), kind, form, folder, rng) == []
