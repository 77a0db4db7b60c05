"""The handed cases: each as the agency sent it, through a whole night on both databases, or to the last row.

Every one was a quirk of a file that had ended in an accusation, or in a true one lost, without a word.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from expectations.feed import feed
from pipelines import night
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.readers import land
from tests.handed import NIGHT, Case, case

Open = Callable[[str], Case]


@pytest.fixture
def opened(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> Open:
    def of(name: str) -> Case:
        return case(shared / "cases" / name, database_url, database, tmp_path)

    return of


# Through a night


def test_rows_above_a_header_accuse_nobody_and_refuse_the_file_by_the_headers_line(opened: Open) -> None:
    sent = opened("01-header_in_the_middle")
    sent.night()
    refused = sent.delivered("enlistments")
    assert (refused.health, "表头在第 4 行" in refused.reason) == ("refused", True)
    assert sent.landed("deaths") == (5, 1, 4)
    assert [row[2] for row in sent.rejects("deaths")] == ["3", "4", "5", "6"]
    assert sent.candidates == {("C00004", "DEATH"): "precise"}


def test_a_day_of_a_workbook_that_counts_from_1904_is_the_day_that_people_saw(opened: Open) -> None:
    sent = opened("02-date1904")
    sent.night()
    [candidate] = sent.city.rows("SELECT event_month, overpaid_fen FROM suspension_candidate")
    assert (candidate["event_month"], candidate["overpaid_fen"]) == ("2026-05", 0)
    assert sent.landed("deaths") == (1, 1, 0)


def test_a_rounded_or_shortened_number_makes_no_new_employer_of_the_last_one(opened: Open) -> None:
    sent = opened("03-long_number_in_other_columns")
    sent.night()
    assert sent.candidates == {}
    assert sent.excluded == {("contributions", line): "late_deregistration" for line in range(2, 8)}
    [file] = sent.delivered("contributions").files
    assert (file.damaged, sent.landed("contributions")) == ({"employer_id": 3}, (6, 6, 0))


def test_a_word_for_nothing_proves_no_notice_and_so_no_refusal(opened: Open) -> None:
    sent = opened("04-words_for_null")
    sent.night()
    assert sent.candidates == {}
    assert sent.excluded == {("job_referrals", line): "notice_unproven" for line in range(2, 8)}
    assert sent.landed("job_referrals") == (6, 6, 0)


def test_a_placeholder_day_ends_nothing_so_that_what_is_true_stays(opened: Open) -> None:
    sent = opened("05-placeholder_day")
    sent.night()
    assert sent.candidates == {
        ("C00001", "MILITARY"): "precise",
        ("C00002", "IMPRISONED"): "important",
        ("C00003", "IMPRISONED"): "important",
    }
    assert sent.excluded == {}
    assert (sent.landed("enlistments"), sent.landed("imprisonments")) == ((1, 1, 0), (2, 2, 0))


def test_nobody_is_dead_because_of_a_hidden_sheet_and_the_delivery_says_so(opened: Open) -> None:
    sent = opened("06-hidden_sheet")
    sent.night()
    assert sent.candidates == {("C00001", "DEATH"): "precise"}
    [file] = sent.delivered("deaths").files
    assert (file.unread_sheets, sent.landed("deaths")) == (("作废",), (1, 1, 0))
    assert "工作表「作废」是隐藏的工作表，未读取" in sent.delivered("deaths").reason


def test_every_sheet_of_a_snapshot_is_read_so_that_no_true_candidate_is_withdrawn(opened: Open) -> None:
    sent = opened("07-part_of_a_workbook_unread")
    pensioners = {("C00001", "PENSION"): "precise", ("C00002", "PENSION"): "precise"}
    sent.night(date(2026, 5, 18))
    assert sent.candidates == pensioners
    sent.night()
    assert sent.candidates == pensioners
    assert sent.landed("pension_payees") == (41, 41, 0)


def test_a_number_kept_as_text_by_a_formula_is_the_number(opened: Open) -> None:
    sent = opened("08-formula_text_trick")
    sent.night()
    assert sent.candidates == {("C00001", "REEMPLOYED"): "precise", ("C00002", "REEMPLOYED"): "precise"}
    links = sent.city.rows("SELECT DISTINCT link_tier FROM suspension_candidate")
    assert (links, sent.landed("contributions")) == ([{"link_tier": "exact"}], (6, 6, 0))


def test_a_night_in_the_future_is_refused_and_withdraws_nothing_of_the_real_ones(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = opened("09-a_night_in_the_future")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp())))
    sent.night(date(2026, 11, 26))
    assert sent.candidates == {("C00001", "DEATH"): "precise"}
    with pytest.raises(UsageError, match="尚未到来"):
        sent.night(date(2027, 11, 26))
    for day in (27, 28):
        sent.night(date(2026, 11, day))
        assert sent.candidates == {("C00002", "DEATH"): "precise"}


def test_name_and_birth_date_alone_never_link_where_a_column_holds_one_value(opened: Open) -> None:
    sent = opened("10-a_column_with_one_value")
    sent.night()
    assert (sent.candidates, sent.proposed) == ({}, [])
    assert set(sent.excluded.values()) == {"flexible_employment"}
    assert set(sent.questions.values()) <= {"possible_match"}
    assert sent.landed("hires") == (157, 157, 0)


def test_a_rounded_number_that_is_sound_by_chance_is_no_stranger(opened: Open) -> None:
    sent = opened("11-rounded_and_sound_by_chance")
    sent.night()
    assert (sent.candidates, sent.proposed) == ({}, [])
    assert set(sent.questions.values()) == {"possible_match"}
    [file] = sent.delivered("contributions").files
    assert (file.damaged, sent.landed("contributions")) == ({"id_number": 3}, (6, 6, 0))


def test_a_number_with_blanks_or_hyphens_is_masked_in_the_list_of_rejects_and_the_reports(
    opened: Open,
) -> None:
    sent = opened("12-numbers_in_rejects")
    sent.night()
    assert (sent.candidates, sent.landed("imprisonments")) == ({}, (2, 0, 2))
    rejects = sent.rejects("imprisonments")
    assert [row[3] for row in rejects] == ["日期无法读取"] * 2
    night.report(sent.city.settings, NIGHT)
    texts = [path.read_bytes().decode("utf-8", "replace") for path in _texts(sent.city.settings.reports)]
    assert len(texts) > 1
    assert not any("197701010114" in re.sub(r"[^0-9]", "", text) for text in [*map(str, rejects), *texts])


def _texts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".csv", ".html", ".json", ".md", ".txt")]


def test_an_escaped_sign_in_a_name_contradicts_nothing_and_hides_no_suspicion(opened: Open) -> None:
    sent = opened("13-escapes_in_names")
    sent.night()
    assert sent.candidates == {("C00001", "DEATH"): "precise", ("C00002", "DEATH"): "precise"}
    assert (sent.questions, sent.landed("deaths")) == ({}, (2, 2, 0))


def test_a_file_whose_lines_end_in_a_carriage_return_alone_is_rows_and_no_heading(opened: Open) -> None:
    sent = opened("14-carriage_returns_only")
    sent.night()
    assert sent.candidates == {(f"C0000{n}", "IMPRISONED"): "important" for n in (1, 2, 3)}
    assert sent.landed("imprisonments") == (3, 3, 0)
    [file] = sent.delivered("imprisonments").files
    assert (file.unknown_headings, file.remarks) == ((), ())


def test_a_merged_cell_gives_its_person_to_every_row_that_it_spans(opened: Open) -> None:
    sent = opened("15-merged_cells")
    sent.night()
    assert sent.candidates == {("C00001", "REFUSED_JOB"): "important"}
    assert sent.excluded == {("job_referrals", 2): "accepted"}
    assert sent.landed("job_referrals") == (2, 2, 0)
    assert "合并单元格，已按合并的值逐行补上" in sent.delivered("job_referrals").reason


def test_a_death_before_birth_accuses_nobody_and_goes_back_to_the_supplier(opened: Open) -> None:
    sent = opened("16-facts_outside_the_persons_life")
    sent.night()
    assert (sent.candidates, sent.landed("deaths")) == ({}, (1, 0, 1))
    assert [(row[2], row[3]) for row in sent.rejects("deaths")] == [("2", "早于出生日期")]


# To the last row: folder, file, how many rows are read, landed and rejected

READ = {
    "17-misleading-refusals/backslash.xlsx": (1, 1, 0),
    "17-misleading-refusals/bracket_heading.csv": (1, 1, 0),
    "17-misleading-refusals/cr_only.csv": (2, 2, 0),
    "17-misleading-refusals/leading_star.csv": (1, 1, 0),
    "17-misleading-refusals/merged_header.xlsx": (1, 1, 0),
    "17-misleading-refusals/wb_case.xlsx": (1, 1, 0),
    "18-rejected-though-clear/cesu8.csv": (2, 2, 0),
    "18-rejected-though-clear/nul_padded.txt": (3, 3, 0),
    "18-rejected-though-clear/oracle_date.csv": (3, 3, 0),
    "18-rejected-though-clear/trailing_comma_rows.csv": (3, 3, 0),
    "18-rejected-though-clear/ts14.csv": (13, 9, 4),
    "19-workbook-oddities-good/d1900.xlsx": (12, 12, 0),
    "19-workbook-oddities-good/norefs.xlsx": (1, 1, 0),
    "19-workbook-oddities-good/numbers.xlsx": (16, 14, 2),
    "19-workbook-oddities-good/prefixed.xlsx": (1, 1, 0),
    "19-workbook-oddities-good/sst_case.xlsx": (1, 1, 0),
    "19-workbook-oddities-good/strict.xlsx": (2, 2, 0),
    "19-workbook-oddities-good/unit_row.xlsx": (5, 1, 2),
    "19-workbook-oddities-good/x000d.xlsx": (2, 2, 0),
    "19-workbook-oddities-good/x000d_shared.xlsx": (3, 3, 0),
    "20-text-oddities-good/apostrophe.csv": (1, 1, 0),
    "20-text-oddities-good/at.txt": (1, 1, 0),
    "20-text-oddities-good/concat_bom.csv": (3, 2, 0),
    "20-text-oddities-good/concat_bom_nonl.csv": (2, 1, 1),
    "20-text-oddities-good/crcrlf.csv": (2, 2, 0),
    "20-text-oddities-good/eof1a.csv": (3, 2, 0),
    "20-text-oddities-good/eof1a_in_line.csv": (2, 2, 0),
    "20-text-oddities-good/footer.csv": (5, 1, 3),
    "20-text-oddities-good/multimember.csv.gz": (2, 2, 0),
    "20-text-oddities-good/multimember_zeropad.csv.gz": (2, 2, 0),
    "20-text-oddities-good/quotes_inner.csv": (5, 2, 3),
    "20-text-oddities-good/rare.csv": (4, 4, 0),
    "20-text-oddities-good/sep_line.csv": (1, 1, 0),
    "20-text-oddities-good/sqlplus.txt": (4, 1, 2),
    "20-text-oddities-good/tabpad.csv": (1, 1, 0),
    "20-text-oddities-good/us_1f.csv": (1, 1, 0),
    "20-text-oddities-good/utf16le_bom_tab.txt": (1, 1, 0),
    "21-parquet-types/date64.parquet": (4, 4, 0),
    "21-parquet-types/dec_id.parquet": (4, 4, 0),
    "21-parquet-types/dec_id2.parquet": (4, 4, 0),
    "21-parquet-types/float_id.parquet": (4, 4, 0),
    "21-parquet-types/int_days.parquet": (4, 0, 4),
    "21-parquet-types/int_id.parquet": (4, 4, 0),
    "21-parquet-types/nul_text.parquet": (4, 4, 0),
    "21-parquet-types/pandas_index.parquet": (4, 4, 0),
    "21-parquet-types/ts_naive_utc.parquet": (4, 4, 0),
    "21-parquet-types/ts_utc.parquet": (4, 4, 0),
}
REFUSED = {
    "17-misleading-refusals/fullwidth_comma.csv": "全角逗号",
    "17-misleading-refusals/hive01.txt": "控制符",
    "17-misleading-refusals/tar_named_csvgz.csv.gz": "内容却是tar 包",
    "17-misleading-refusals/utf16le_nobom.csv": "没有字节序标记的 UTF-16",
    "17-misleading-refusals/zip_named_gz.csv.gz": "内容却是zip",
    "19-workbook-oddities-good/biff_named.xlsx": "旧版或加密的 Excel",
    "19-workbook-oddities-good/html_named.xlsx": "内容却是网页",
    "20-text-oddities-good/html.xls": "不支持的文件格式",
    "21-parquet-types/struct.parquet": "不是单个的值",
}


@pytest.mark.parametrize("name", READ)
def test_a_single_file_is_read_to_the_last_row(name: str, shared: Path, tmp_path: Path) -> None:
    done = land(shared / "cases" / name, feed("deaths"), tmp_path, part="p")
    assert (done.rows_read, done.rows_landed, done.rows_rejected) == READ[name]
    assert done.rows_read == done.rows_landed + done.rows_rejected + done.rows_dropped
    assert done.rows_unread == 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_single_file_that_cannot_be_read_is_refused_for_its_true_cause(
    name: str, shared: Path, tmp_path: Path
) -> None:
    with pytest.raises(DeliveryRejected, match=re.escape(REFUSED[name])):
        land(shared / "cases" / name, feed("deaths"), tmp_path, part="p")


def test_every_handed_case_has_a_test(shared: Path) -> None:
    tested = Path(__file__).read_text("utf-8")
    folders = [folder for folder in (shared / "cases").iterdir() if folder.is_dir()]
    nights = {folder.name for folder in folders if (folder / "agency.sql").exists()}
    files = {f"{f.name}/{file.name}" for f in folders if f.name not in nights for file in f.iterdir()}
    assert {name for name in nights if f'opened("{name}")' in tested} == nights
    assert READ.keys() | REFUSED.keys() == files
