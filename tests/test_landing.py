import dataclasses
import datetime as dt
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.feed import feed
from pipelines.base.errors import DeliveryRejected
from pipelines.engine.pool import Pool
from pipelines.readers import guard, land, ranges
from tests import oracle

CONTRIBUTIONS = feed("contributions")
DEATHS = feed("deaths")


def landed(content: bytes, of, *, name="a.csv", **options):
    """The landing of one file's content, its extract rows and its rejects, both by line; what is empty in the
    extract is counted as it lands.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        done = land(path, of, Path(folder) / "landed", part="p", **options)
        table = pq.read_table(Path(folder) / "landed" / "extract")
        assert done.empty == {c: n for c in of.columns if (n := table[c].null_count)}
        extract = table.to_pylist()
        rejects = pq.read_table(Path(folder) / "landed" / "rejects").to_pylist()
    return done, {row["line"]: row for row in extract}, {row["line"]: row for row in rejects}


CELLS = st.sampled_from([
    "510292197905014432", "50019219771110633X", "５10292197905014432", "510292790501443",
    "'510292197905014432", "5102****4432", "王超", "阿·木", "龴山", "\ue81e", "\ue7c7", "ḿ", "①", "ﾊﾝ",
    "合计", "总计：", "合 计", "合", "总", "小", "公民身份号码", "姓名", "公民身份号码,姓名",
    "死亡", "死", "宣告死亡", "公安", "卫健", "x", "m", "1", "2", "男", "女", "\u200b", "\ufeff", "\x1a",
    "2026-05-01", "20260501", "2026/5/1", "2026年5月1日", "2026.5.1", "2026-05-01T08:00", "45413",
    "00000000", "99991231", "2099-12-31", "20260231", "2026-13-01", "2026-05",
    'a"b', '"ab"', '"a""b"', '"a,b"', '""', '"', '"a\nb"', ",,", ",", ";", "|", "", " ", "\u3000", "\xa0",
    "\r", "\t", "\0", "x" * 70_000,
])  # fmt: skip
BYTES = st.binary(max_size=6) | st.sampled_from([
    b"\xff", b"\x81", b"\x81\x30\x81\x30", b"\x82\x35\x90\x37", b"\x81\x35\xf4\x37", b"\xfe\x59",
    b"\xa8\xbc", b"\x84\x31\x95\x33", b"\x84\x31\xa4\x39", b"\xed\xa0\x80", b"\xef\xbb\xbf",
])  # fmt: skip


@st.composite
def files(draw, encoding, delimiter):
    def line():
        cells = [draw(CELLS | BYTES) for _ in range(draw(st.sampled_from([0, 1, 3, 4, 5, 5, 5, 5, 5, 6])))]
        coded = [c if isinstance(c, bytes) else c.encode(encoding) for c in cells]
        return delimiter.encode().join(coded)

    good = delimiter.join(["510292197905014432", "王超", "2026-05-01", "死亡", "公安"]).encode(encoding)
    lines = [line() if draw(st.booleans()) else good for _ in range(draw(st.integers(0, 12)))]
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    header = delimiter.join(["公民身份号码", "姓名", "死亡日期", "注销原因", "数据来源"]).encode(encoding)
    return header + end + end.join(lines) + draw(st.sampled_from([b"", end, b"\r", b"\n\n"]))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_on_any_bytes_the_kernel_and_the_oracle_agree_on_every_line(encoding, delimiter, monkeypatch):
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(content=files(encoding, delimiter), block=st.sampled_from([64, 500, 1 << 20]))
    def check(content, block):
        monkeypatch.setattr(ranges, "BLOCK", block)
        done, extract, rejects = landed(content, DEATHS, delimiter=delimiter, encoding=encoding)
        wanted = oracle.judge(content, DEATHS, encoding, delimiter)
        assert {n: (r["reason"], r["column"]) for n, r in rejects.items()} == wanted.rejected
        assert extract.keys() == wanted.landed.keys()
        assert done.rows_dropped == len(wanted.dropped)
        assert done.rows_read == len(extract) + len(rejects) + len(wanted.dropped)
        for number, cells in wanted.landed.items():
            assert (extract[number]["name"] or "") == oracle.tidy(cells["name"])

    check()


HEADER = "公民身份号码,姓名,死亡日期,注销原因,数据来源"
ROW = "510292197905014432,王超,2026-05-01,死亡,公安"


def text(*rows, header=HEADER, end="\n"):
    return end.join([header, *rows, ""]).encode()


@pytest.mark.parametrize(
    ("content", "recorded"),
    [
        (text(ROW), "utf-8"),
        (b"\xef\xbb\xbf" + text(ROW), "utf-8-sig"),
        (text(ROW).decode().encode("gb18030"), "gb18030"),
        (text(ROW).decode().encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + text(ROW).decode().encode("utf-16-be"), "utf-16"),
    ],
)
def test_every_encoding_is_told_and_recorded(content, recorded):
    done, rows, _ = landed(content, DEATHS)
    assert (done.encoding, rows[2]["name"]) == (recorded, "王超")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_where_headings_are_codes_the_rows_tell_the_encoding(encoding):
    coded = HEADER.replace("公民身份号码", "AAC002").replace("姓名", "AAC003")
    feed_like = text(ROW, header=coded).decode().encode(encoding)
    assert landed(feed_like, DEATHS)[0].encoding == encoding
    codes = "AAC002,AAC003,AAB001,AAE140,AAE002,AAE003,AAA115,AAE114"
    rows = f"{codes}\n510292197905014432,王超,1,110,202604,202604,10,1\n".encode(encoding)
    assert landed(rows, CONTRIBUTIONS)[0].encoding == encoding


@pytest.mark.parametrize(
    ("encoding", "promised", "message"),
    [
        ("gb18030", {"encoding": "utf-8"}, "manifest.json 写的是utf-8，文件却是gb18030、逗号分隔"),
        ("utf-8-sig", {"encoding": "gb18030"}, "写的是gb18030，文件却是utf-8-sig"),
        ("utf-16", {"encoding": "gb18030"}, "写的是gb18030，文件却是utf-16"),
        ("utf-8", {"encoding": "utf-16"}, "写的是utf-16，文件却是没有 UTF-16 的字节序标记"),
        ("utf-8", {"delimiter": "|"}, "写的是竖线分隔，文件却是utf-8、逗号分隔"),
    ],
)
def test_a_file_that_is_not_written_as_its_manifest_says_is_refused(encoding, promised, message):
    with pytest.raises(DeliveryRejected, match=message):
        landed(text(ROW).decode().encode(encoding), DEATHS, **promised)


@pytest.mark.parametrize(("encoding", "promised"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_rows_that_read_better_in_another_encoding_than_promised_are_refused(encoding, promised):
    codes = "AAC002,AAC003,AAB001,AAE140,AAE002,AAE003,AAA115,AAE114"
    rows = f"{codes}\n510292197905014432,王超,1,110,202604,202604,10,1\n"
    with pytest.raises(DeliveryRejected, match=f"写的是{promised}，文件却是{encoding}"):
        landed(rows.encode(encoding), CONTRIBUTIONS, encoding=promised)
    plain = rows.replace("王超", "Wang").encode()
    assert landed(plain, CONTRIBUTIONS, encoding=promised)[0].encoding == promised


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_every_delimiter_is_told_and_recorded(delimiter, encoding):
    content = text(ROW).decode().replace(",", delimiter).encode(encoding)
    done, rows, _ = landed(content, DEATHS)
    assert (done.delimiter, rows[2]["name"], done.encoding) == (delimiter, "王超", encoding)


def test_titles_above_the_header_are_no_rows():
    done, rows, _ = landed(b"\xb2\xbb\n\n" + text(ROW).decode().encode("gb18030"), DEATHS)
    assert (done.rows_read, list(rows)) == (1, [4])


def test_headings_are_recognised_in_full_width_with_spaces_and_a_star():
    header = " 身份证号 ＊,姓　名*,死亡日期,注销原因,数据来源,备注"
    done, rows, _ = landed(text(ROW + ",无", header=header), DEATHS)
    assert done.headings["id_number"] == "身份证号 ＊"
    assert done.unknown_headings == ("备注",)
    assert rows[2]["id_key"] == "510292197905014432"


def test_a_missing_required_column_is_named_with_the_headings_found():
    with pytest.raises(DeliveryRejected, match=r"缺少必需列「死亡日期」；读到的列名：.*数据来源"):
        landed(text(ROW, header=HEADER.replace("死亡日期", "日期")), DEATHS)


def test_a_heading_that_stands_there_twice_is_named():
    with pytest.raises(DeliveryRejected, match="列「姓名」出现多次"):
        landed(text(ROW + ",李", header=HEADER + ",姓名"), DEATHS)


def test_a_column_that_must_not_be_stored_is_nowhere_in_what_is_landed():
    header = "公民身份号码,姓名,罪名,执行方式,刑期起,刑期止"
    person = "510292197905014432,王超,盗窃罪"
    rows = [f"{person},收监,2026-05-01,", f"{person},不明,2026-05-01,", person]
    done, extract, rejects = landed(text(*rows, header=header), feed("imprisonments"))
    assert (done.rows_landed, done.rows_rejected, done.unknown_headings) == (1, 2, ())
    assert "盗窃" not in f"{extract}{rejects}"
    assert rejects[3]["raw"] == "510292197905014432,王超,,不明,2026-05-01,"


def test_a_reject_carries_its_file_line_reason_column_value_and_text():
    _, _, rejects = landed(text(ROW, ROW.replace("2026-05-01", "20260231")), DEATHS)
    assert rejects[3] == {
        "file": "a.csv", "line": 3, "reason": "bad_date", "column": "died_on", "value": "20260231",
        "raw": "510292197905014432,王超,20260231,死亡,公安",
    }  # fmt: skip


def test_the_value_as_it_came_is_kept_where_folding_changed_it():
    _, rows, _ = landed(text(ROW, " '510292790501443,王　超（曾用名）,2026-05-01,死亡,公安"), DEATHS)
    assert rows[2]["as_came"] is None
    assert json.loads(rows[3]["as_came"]) == {"id_number": " '510292790501443", "name": "王　超（曾用名）"}
    assert (rows[3]["id_class"], rows[3]["id_key"]) == ("valid15", "510292197905014432")
    assert rows[3]["name_key"] == "王超"


def test_an_empty_optional_value_takes_its_default():
    codes = "AAC002,AAC003,AAB001,AAE140,AAE002,AAE003,AAA115,AAE114,AAE100"
    _, rows, _ = landed(f"{codes}\n,王超,1,110,202604,202604,10,1,\n".encode(), CONTRIBUTIONS)
    assert (rows[2]["valid"], rows[2]["id_class"], rows[2]["base"]) == ("1", "missing", None)


def test_many_processes_land_what_one_lands(monkeypatch):
    content = text(*[ROW if n % 97 else "a,b" for n in range(30_000)])
    monkeypatch.setattr(ranges, "RANGE", 400_000)
    one, rows, rejects = landed(content, DEATHS)
    two, rows_too, rejects_too = landed(content, DEATHS, workers=lambda size: Pool(2))
    assert (one, rows, rejects) == (two, rows_too, rejects_too)
    assert one.rows_rejected == len(rejects) == 310


@pytest.mark.parametrize("processes", [1, 2])
def test_whether_half_of_a_file_is_bad_is_asked_of_the_whole_file(monkeypatch, processes):
    monkeypatch.setattr(ranges, "RANGE", 400_000)
    good, bad = [ROW] * 20_000, ["a,b"] * 19_000
    done, *_ = landed(text(*good, *bad), DEATHS, workers=lambda size: Pool(processes))
    assert (done.rows_landed, done.rows_rejected) == (20_000, 19_000)
    with pytest.raises(DeliveryRejected, match="入库 20000 行、退回 21000 行"):
        landed(text(*good, *bad, *bad[:2_000]), DEATHS, workers=lambda size: Pool(processes))


def test_a_file_with_many_bad_rows_loses_none(monkeypatch):
    monkeypatch.setattr(ranges, "BLOCK", 4_000)
    monkeypatch.setattr(ranges, "SMALL", 500)
    wanted = [ROW if n % 3 else "a,b" for n in range(3_000)]
    done, rows, rejects = landed(text(*wanted), DEATHS)
    assert (done.rows_landed, done.rows_rejected) == (len(rows), len(rejects)) == (2_000, 1_000)
    assert sorted(rejects) == [line for line, row in enumerate(wanted, 2) if row == "a,b"]


@pytest.mark.parametrize("repeats_first", [True, False])
def test_a_text_that_repeats_in_one_block_and_not_in_the_next_is_landed_as_it_came(
    monkeypatch, repeats_first
):
    monkeypatch.setattr(ranges, "BLOCK", 3_000)
    numbers = ["7"] * 60 + [f"N{n}" for n in range(60)]
    wanted = numbers if repeats_first else numbers[::-1]
    codes = "AAC002,AAC003,AAB001,AAE140,AAE002,AAE003,AAA115,AAE114"
    lines = [f"510292197905014432,王超,{number},110,202604,202604,10,1" for number in wanted]
    _, rows, _ = landed(text(*lines, header=codes), CONTRIBUTIONS)
    assert [rows[line]["employer_id"] for line in sorted(rows)] == wanted


def test_where_a_feed_allows_it_a_line_break_inside_quotes_is_one_record():
    many = dataclasses.replace(DEATHS, multiline=True)
    broken = '"510292197905014432","王\n超",2026-05-01,死亡,公安'
    done, rows, rejects = landed(text(ROW, broken, ROW, '"' + ROW, ROW), many)
    assert {n: row["name"] for n, row in rows.items()} == {2: "王超", 3: "王 超", 5: "王超", 7: "王超"}
    assert {n: row["reason"] for n, row in rejects.items()} == {6: "unbalanced_quote"}
    assert done.rows_read == 5


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(text(ROW))
    with pytest.raises(DeliveryRejected, match="仍在变化"), guard.opened(path), path.open("ab") as writer:
        writer.write(b"x")


def test_a_number_that_a_spreadsheet_rounded_is_never_taken_for_an_identity_number(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheets = [book.add_worksheet("一"), book.add_worksheet("二"), book.add_worksheet("说明")]
    for sheet in sheets[:2]:
        sheet.write_row(2, 1, HEADER.split(","))
        sheet.write_row(3, 1, ROW.split(","))
        sheet.write_number(4, 1, 510292197905014432)
        sheet.write_row(4, 2, ROW.split(",")[1:])
        sheet.write_datetime(4, 3, dt.datetime(2026, 5, 1), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_row(6, 1, ["合计", "2"])
    sheets[2].write(0, 0, "仅供参考")
    book.close()
    done = land(tmp_path / "a.xlsx", DEATHS, tmp_path / "landed", part="p")
    rows = pq.read_table(tmp_path / "landed" / "extract").to_pylist()
    assert [(r["file"], r["line"], r["id_class"], r["died_on"]) for r in rows] == [
        (f"a.xlsx#{sheet}", line, kind, dt.date(2026, 5, 1))
        for sheet in "一二"
        for line, kind in ((4, "valid18"), (5, "float6"))
    ]
    assert (done.rows_read, done.rows_dropped) == (8, 4)
    assert (done.unknown_headings, done.unread_sheets) == ((), ("说明",))


def test_parquet_of_any_type_is_read_as_a_person_would_have_typed_it(tmp_path):
    table = pa.table({
        "公民身份号码": pa.array(["510292197905014432", None]).dictionary_encode(),
        "姓名": ["王超", "李"],
        "死亡日期": pa.array([dt.datetime(2026, 4, 30, 16), None], pa.timestamp("us", "UTC")),
        "注销原因": ["死亡", "死亡"],
        "数据来源": ["公安", "公安"],
        "联系电话": [13900000000.0, None],
        "备注": [{"经办": 1}, None],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    done = land(tmp_path / "a.parquet", DEATHS, tmp_path / "landed", part="p")
    [row] = pq.read_table(tmp_path / "landed" / "extract").to_pylist()
    [reject] = pq.read_table(tmp_path / "landed" / "rejects").to_pylist()
    assert (row["line"], row["died_on"], row["phone"]) == (1, dt.date(2026, 5, 1), "13900000000")
    assert done.unknown_headings == ("备注",)
    assert (reject["line"], reject["reason"]) == (2, "empty_required")
    assert (done.encoding, done.delimiter) == ("parquet", "")
