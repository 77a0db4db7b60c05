"""Values that are none, spoilt, escaped or outside a life: what becomes of each, in any feed and column."""

import json
import random
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from expectations.feed import feed, feeds
from matchers.people.resident_id import check_character
from pipelines.base.errors import DeliveryRejected
from pipelines.base.logs import redacted
from pipelines.base.store import Store
from pipelines.deliveries.ledger import DeliveredFile, Delivery
from pipelines.readers import Landing, land
from pipelines.reports import rejects, words
from tests.harmful import FORMATS, KINDS, TABLES, tried, written

BORN = "50019919850312"


def number(serial: int, born: str = BORN) -> str:
    body = f"{born}{serial:03d}"
    return body + check_character(body)


def landed(path: Path, name: str, to: Path) -> tuple[Landing, list[dict[str, Any]], list[dict[str, Any]]]:
    done = land(path, feed(name), to, part="p")
    extract = pq.read_table(to / "extract")
    assert done.empty == {c: n for c in feed(name).columns if (n := extract[c].null_count)}
    return done, extract.to_pylist(), pq.read_table(to / "rejects").to_pylist()


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
        "form_no",
        "replaces_form_no",
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


def test_one_of_two_columns_must_be_there_in_the_file_and_in_each_row(tmp_path: Path) -> None:
    prison = ("id_number", "name", "manner", "confined_on", "term_from")
    rows = [(number(1), "甲乙", "收监", "2026-02-01", ""), (number(2), "甲丙", "收监", "", "")]
    done, kept, rejects = csv(tmp_path, "imprisonments", rows, *prison)
    assert (done.rows_landed, [row["line"] for row in kept]) == (1, [2])
    assert [(r["line"], r["reason"], r["column"]) for r in rejects] == [(3, "empty_required", "confined_on")]
    with pytest.raises(DeliveryRejected, match="收监日期"):
        csv(tmp_path, "imprisonments", [row[:3] for row in rows], *prison[:3])


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


CERTIFICATES = {
    "seventeen_digits": ("12345678901234500", "98765432109876500", "12345678901299900"),
    "sixteen_digits": ("1234567890123450", "9876543210987650", "1234567890129990"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_numbers_of_a_column_that_all_end_where_a_spreadsheet_stops_are_missing_and_kept_as_they_came(
    name: str, tmp_path: Path
) -> None:
    numbers = CERTIFICATES[name]
    rows = [(number(n), "甲乙", "2026-05-01", "", "死亡", text, "公安") for n, text in enumerate(numbers)]
    done, kept, _ = csv(tmp_path, "deaths", rows, *DEATH)
    assert done.damaged == {"certificate_no": 3}
    assert [r["certificate_no"] for r in kept] == [None] * 3
    assert [json.loads(r["as_came"]) for r in kept] == [{"certificate_no": text} for text in numbers]


@pytest.mark.parametrize("digits", [16, 17])
def test_numbers_of_sixteen_and_seventeen_digits_that_end_as_chance_has_it_stay(
    digits: int, tmp_path: Path
) -> None:
    rng = random.Random(digits)
    several = [str(rng.randrange(10 ** (digits - 1), 10**digits)) for _ in range(2_000)]
    rows = [(number(1), "甲乙", "2026-05-01", "", "死亡", text, "公安") for text in several]
    done, kept, _ = csv(tmp_path, "deaths", rows, *DEATH)
    assert done.damaged == {}
    assert [r["certificate_no"] for r in kept] == several


@pytest.mark.parametrize(
    ("came", "left"),
    [("91,500,101,234", "91500101234"), ("123.5E+15", None), ('"1,235E+17"', None), ("1E17", "1E17")],
)
def test_a_number_in_groups_is_one_number_and_an_exponent_is_none(
    came: str, left: str | None, tmp_path: Path
) -> None:
    cell = came if came.startswith('"') else f'"{came}"'
    row = (number(1), "甲乙", "2026-05-01", "", "死亡", cell, "公安")
    assert [r["certificate_no"] for r in csv(tmp_path, "deaths", [row], *DEATH)[1]] == [left]


@pytest.mark.parametrize("wrapped", ['="甲,乙"', '=T("甲,乙")', '"=""甲,乙"""', '= "甲,乙"'])
@pytest.mark.parametrize("many", [False, True])
def test_a_formula_that_keeps_text_may_hold_the_delimiter(wrapped: str, many: bool, tmp_path: Path) -> None:
    plain = [(number(n), "甲乙", "2026-05-01", "", "死亡", "丙", "公安") for n in range(200 if many else 0)]
    row = (number(200), "甲乙", "2026-05-01", "", "死亡", wrapped, "公安")
    kept = csv(tmp_path, "deaths", [*plain, row, row], *DEATH)[1]
    assert [r["certificate_no"] for r in kept[-2:]] == ["甲,乙"] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_carriage_return_alone_ends_a_row_also_in_a_file_with_line_feeds(
    encoding: str, tmp_path: Path
) -> None:
    rows = [f"{number(n)},王超,2026-05-01,死亡,公安" for n in range(6)]
    header = "公民身份号码,姓名,死亡日期,注销原因,数据来源"
    path = tmp_path / "a.csv"
    text = f"{header}\r\n{rows[0]}\n{rows[1]}\r{rows[2]}\r\n{rows[3]}\r{rows[4]}\r{rows[5]}\n"
    path.write_bytes(text.encode(encoding))
    done, kept, _ = landed(path, "deaths", tmp_path / "landed")
    assert [r["id_number"] for r in kept] == [number(n) for n in range(6)]
    assert [r["line"] for r in kept] == [2, 3, 4, 5, 6, 7]
    assert done.rows_read == 6


@pytest.mark.parametrize("feeds", ["\r", "\r\n"])
def test_a_header_that_a_carriage_return_alone_ends_is_read(feeds: str, tmp_path: Path) -> None:
    rows = "\n".join(f"{number(n)},王超,2026-05-01,死亡,公安" for n in range(3))
    path = tmp_path / "a.csv"
    path.write_bytes(f"公民身份号码,姓名,死亡日期,注销原因,数据来源\r{rows}{feeds}".encode())
    assert landed(path, "deaths", tmp_path / "landed")[0].rows_landed == 3


@pytest.mark.parametrize("agency", ["公安", "公\r安"])
def test_a_carriage_return_inside_a_cell_ends_no_row(agency: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"{number(n)},王\r超,2026-05-01,死亡,公安,{agency}\n" for n in range(3))
    path.write_bytes(f"公民身份号码,姓名,死亡日期,注销原因,数据来源,备注\n{rows}".encode())
    assert [r["name"] for r in landed(path, "deaths", tmp_path / "landed")[1]] == ["王 超"] * 3


@pytest.mark.parametrize("form", ["csv", "txt", "xlsx"])
def test_a_reject_shows_no_cell_of_a_column_of_personal_numbers_whatever_is_in_it(
    form: str, tmp_path: Path
) -> None:
    odd = ("H1234567", "5001991985", "500199一九八五", "E 0098 77")
    columns = ("id_number", "name", "died_on", "phone", "kind", "origin")
    headings = [feed("deaths").columns[c].headings[0] for c in columns]
    rows = [(text, "甲乙", "坏日期", "8765432", "死亡", "公安") for text in odd]
    path = written(headings, rows, form, tmp_path)
    store = Store(tmp_path / "store")
    landing = land(path, feed("deaths"), store.delivery("deaths", date(2026, 5, 2)) / "a", part="p")
    file = DeliveredFile(path.name, "", 0, rows_rejected=landing.rows_rejected, landed="a")
    delivery = Delivery("deaths", date(2026, 5, 2), "accepted", (file,))
    (shown,) = rejects.write(store, [delivery], date(2026, 5, 2), tmp_path)
    content = shown.read_text("utf-8-sig")
    assert content.count("坏日期") == 8
    assert not [text for text in (*odd, "8765432") if text in content]


@pytest.mark.parametrize("columns", [("公民身份号码", "联系电话"), ("甲", "乙")])
def test_a_reject_of_an_unread_sheet_shows_no_cell_of_a_column_of_personal_numbers(
    columns: tuple[str, str], tmp_path: Path
) -> None:
    odd = ("H1234567", "5001991985", "500199一九八五")
    rows = [(text, "甲乙", "2026-05-01", "死亡", "87654") for text in (number(1), *odd)]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for headings, sheet in ((DEATH, "一"), ((columns[0], "名", "日", "因", columns[1]), "二")):
            page = book.add_worksheet(sheet)
            names = [feed("deaths").columns[c].headings[0] for c in DEATH] if sheet == "一" else headings
            page.write_row(0, 0, names)
            for place, row in enumerate(rows, 1):
                page.write_row(
                    place,
                    0,
                    (*row, "", "") if sheet == "二" else (number(9), *row[1:3], "", "死亡", "", "公安"),
                )
    store = Store(tmp_path / "store")
    landing = land(
        tmp_path / "a.xlsx", feed("deaths"), store.delivery("deaths", date(2026, 5, 2)) / "a", part="p"
    )
    file = DeliveredFile("a.xlsx", "", 0, rows_rejected=landing.rows_rejected, landed="a")
    delivery = Delivery("deaths", date(2026, 5, 2), "accepted", (file,))
    (shown,) = rejects.write(store, [delivery], date(2026, 5, 2), tmp_path)
    content = shown.read_text("utf-8-sig")
    assert content.count("甲乙") == 4
    assert not [text for text in odd if text in content]
    assert ("87654" in content) == (columns[1] == "乙")


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
