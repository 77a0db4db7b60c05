"""What must become of a file that is written as agencies write them: every line landed, rejected or named."""

import datetime as dt
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from expectations.feed import feed
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import land

HEADER = ["公民身份号码", "姓名", "死亡日期", "注销原因", "数据来源"]
TRADITIONAL = ["公民身份號碼", "姓名", "死亡日期", "註銷原因", "數據來源"]
ROW = ["510292197905014432", "王超", "2026-05-01", "死亡", "公安"]
OTHER = ["51029219771110633X", "李娜", "2026-05-02", "死亡", "公安"]
DAY = dt.date(2026, 5, 1)


def joined(*rows, sign=","):
    return "\n".join(sign.join(row) for row in rows) + "\n"


def read(path: Path, name: str = "deaths"):
    """The landing of a file, its rows in order and its rejects."""
    folder = path.parent / f"{path.name}.landed"
    done = land(path, feed(name), folder, part="p")
    extract, rejects = (pq.read_table(folder / part).to_pylist() for part in ("extract", "rejects"))
    assert done.rows_read == len(extract) + len(rejects) + done.rows_dropped
    return done, extract, rejects


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def workbook(folder: Path, sheets: dict[str, list[list[object]]], **options) -> Path:
    with xlsxwriter.Workbook(folder / "a.xlsx", options) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name.removesuffix("!"))
            if name.endswith("!"):
                sheet.hide()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return folder / "a.xlsx"


def rewritten(path: Path, member: str, change) -> Path:
    """The workbook with one member's text changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, change(text) if name == member else text)
    return path


# The place of the table


@pytest.mark.parametrize("first", [",", "\t", "|", ";"])
@pytest.mark.parametrize("number", [ROW[0], "510292********4432", ""])
def test_a_row_of_people_above_the_header_refuses_the_file_and_names_the_headers_line(
    tmp_path, first, number
):
    above = joined([number, *ROW[1:]], [number, *OTHER[1:]], sign=first)
    with pytest.raises(DeliveryRejected, match="表头在第 3 行，而其上的第 1 行像是数据"):
        read(written(tmp_path, above + joined(HEADER, ROW)))


def test_a_row_of_people_above_the_header_of_a_sheet_refuses_the_workbook(tmp_path):
    with pytest.raises(DeliveryRejected, match="表头在第 2 行"):
        read(workbook(tmp_path, {"一": [["", *OTHER[1:]], HEADER, ROW]}))


def test_titles_and_captions_above_the_header_are_counted_and_named(tmp_path):
    above = "某市死亡登记表,,,,\n填报单位：公安局,,,填报日期：2026-05-01,\n"
    done, rows, _ = read(written(tmp_path, above + joined(HEADER, ROW)))
    assert ([row["line"] for row in rows], done.remarks) == ([4], ("表头以上 2 行是标题，未作数据读取",))


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_the_first_header_decides_the_encoding_and_the_rest_is_rejected_line_by_line(tmp_path, first, second):
    parts = joined(HEADER, ROW).encode(first) + joined(HEADER, OTHER).encode(second)
    done, rows, rejects = read(written(tmp_path, parts))
    assert ([row["line"] for row in rows], [reject["line"] for reject in rejects]) == ([2], [3, 4])
    assert done.encoding == first


MANY = 30_000


@pytest.mark.parametrize(
    ("above", "below"),
    [(1, 0), (1, 2), (MANY, 0), (0, MANY), (MANY, MANY)],
    ids=["behind", "between", "behind many", "before", "between many"],
)
def test_each_line_in_utf_8_within_a_file_in_gb18030_is_rejected_whatever_it_might_be_read_as(
    tmp_path, above, below
):
    named = [*HEADER, "备注"]
    lines = [
        joined(named, *[[*ROW, "无"]] * above),
        joined(*[[*OTHER, "无"]] * 3),
        joined(*[[*ROW, "无"]] * below),
    ]
    content = lines[0].encode("gb18030") + lines[1].encode() + lines[2].encode("gb18030")
    _, rows, rejects = read(written(tmp_path, content))
    assert [(reject["line"], reject["reason"]) for reject in rejects] == [
        (2 + above + n, "undecodable") for n in range(3)
    ]
    assert [row["name"] for row in rows] == [ROW[1]] * (above + below)


def test_a_row_in_gb18030_that_is_valid_utf_8_too_is_landed(tmp_path):
    rows = [[ROW[0], name, *ROW[2:]] for name in ("联通", "涓", "鐜")]
    names = [row["name"] for row in read(written(tmp_path, joined(HEADER, *rows).encode("gb18030")))[1]]
    assert names == [row[1] for row in rows]


SWAPPED = ["姓名", "公民身份号码", *HEADER[2:]]


def test_a_second_table_with_its_columns_elsewhere_refuses_the_file_and_names_its_line(tmp_path):
    with pytest.raises(DeliveryRejected, match="第 4 行又是一个表头"):
        read(written(tmp_path, joined(HEADER, ROW) + "\n" + joined(SWAPPED, OTHER)))
    with pytest.raises(DeliveryRejected, match="第 4 行又是一个表头"):
        read(workbook(tmp_path, {"一": [HEADER, ROW, [], SWAPPED, OTHER]}))


def test_two_tables_beside_each_other_are_refused(tmp_path):
    beside = ["身份证号", "AAC003", "死亡日期", "注销原因", "数据来源"]
    with pytest.raises(DeliveryRejected, match=r"出现多次|并排"):
        read(workbook(tmp_path, {"一": [[*HEADER, "", *beside], [*ROW, "", *OTHER]]}))


def test_what_stands_in_a_column_without_a_heading_is_named(tmp_path):
    done, _, _ = read(workbook(tmp_path, {"一": [HEADER, [*ROW, "已撤销"]]}))
    assert done.remarks == ("工作表「一」第 6 列没有列名，其中 1 个单元格未读取",)


# Sheets


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_and_is_named(tmp_path, state):
    path = workbook(tmp_path, {"本月": [HEADER, ROW], "作废!": [HEADER, OTHER]})
    rewritten(path, "xl/workbook.xml", lambda text: text.replace(b'"hidden"', f'"{state}"'.encode()))
    done, rows, _ = read(path)
    assert ([row["name"] for row in rows], done.unread_sheets, done.rows_unread) == (["王超"], ("作废",), 0)
    assert done.remarks == ("工作表「作废」是隐藏的工作表，未读取（2 行）",)


def test_every_sheet_is_read_by_its_own_header(tmp_path):
    _, rows, _ = read(
        workbook(
            tmp_path, {"一": [HEADER, ROW], "二": [[*SWAPPED, "备注"], [OTHER[1], OTHER[0], *OTHER[2:]]]}
        )
    )
    assert [(row["file"], row["name"]) for row in rows] == [("a.xlsx#一", "王超"), ("a.xlsx#二", "李娜")]


def test_rows_of_a_sheet_that_neither_has_a_header_nor_goes_on_are_rejected_and_counted(tmp_path):
    strange = [[OTHER[1], OTHER[0], "x"], ["仅供参考"]]
    done, _, rejects = read(workbook(tmp_path, {"一": [HEADER, ROW], "附": strange, "说明": [["仅供参考"]]}))
    assert [(r["file"], r["line"], r["reason"]) for r in rejects] == [("a.xlsx#附", 1, "unread_sheet")]
    assert (done.unread_sheets, done.rows_unread) == (("附", "说明"), 1)


def test_a_sheet_with_headings_but_not_all_is_never_read_by_position(tmp_path):
    cremated = [*HEADER[:2], "火化日期", *HEADER[3:]]
    done, rows, _ = read(workbook(tmp_path, {"一": [HEADER, ROW], "二": [cremated, OTHER]}))
    assert (len(rows), done.unread_sheets, done.rows_unread > 0) == (1, ("二",), True)


def test_merged_cells_give_their_value_to_every_row_they_span(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("一")
        sheet.write_row(0, 1, HEADER)
        sheet.write_row(1, 1, ROW)
        sheet.write_row(2, 1, ["", "", *OTHER[2:]])
        sheet.merge_range(1, 1, 2, 1, ROW[0])
        sheet.merge_range(1, 2, 2, 2, ROW[1])
    _, rows, _ = read(tmp_path / "a.xlsx")
    assert [(row["id_key"], row["name"], row["died_on"].day) for row in rows] == [
        (ROW[0], "王超", 1), (ROW[0], "王超", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_header_in_two_rows_is_read(tmp_path, name):
    high, low = [*HEADER[:2], "死亡情况", "", HEADER[4]], ["", "", *HEADER[2:4], ""]
    path = (
        written(tmp_path, joined(high, low, ROW))
        if name == "a.csv"
        else workbook(tmp_path, {"一": [high, low, ROW]})
    )
    assert [(row["line"], row["died_on"]) for row in read(path)[1]] == [(3, DAY)]


# Days


@pytest.mark.parametrize("date_1904", [False, True])
@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("form", ["yyyy/m/d", "General", "0.00", "@"])
def test_the_days_of_a_workbook_count_from_where_it_says(tmp_path, date_1904, later, form):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": date_1904}) as book:
        sheet = book.add_worksheet("一")
        sheet.write_row(0, 0, HEADER)
        for number in (1, 2):
            sheet.write_row(number, 0, ROW)
        sheet.write_number(1, 2, 46143 - 1462 * date_1904, book.add_format({"num_format": form}))
    extension = (
        b'<extLst><ext uri="u" xmlns:x15="x"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>'
        b"</workbook>"
    )
    if later:
        rewritten(
            tmp_path / "a.xlsx", "xl/workbook.xml", lambda text: text.replace(b"</workbook>", extension)
        )
    assert [row["died_on"] for row in read(tmp_path / "a.xlsx")[1]] == [DAY, DAY]


def test_a_bare_number_is_a_day_in_a_workbook_alone(tmp_path):
    _, rows, rejects = read(written(tmp_path, joined(HEADER, [*ROW[:2], "46143", *ROW[3:]])))
    assert (rows, [reject["reason"] for reject in rejects]) == ([], ["bad_date"])


@pytest.mark.parametrize("days", [20574, 46143])
def test_a_number_of_days_in_parquet_is_never_a_wrong_day(tmp_path, days):
    cells = dict(zip(HEADER, ([cell] for cell in ROW), strict=True)) | {"死亡日期": [days]}
    pq.write_table(pa.table(cells), tmp_path / "a.parquet")
    _, rows, rejects = read(tmp_path / "a.parquet")
    assert (rows, [reject["reason"] for reject in rejects]) == ([], ["bad_date"])


@pytest.mark.parametrize("scale", [0, 2, 10])
def test_whole_decimals_in_parquet_are_whole_numbers(tmp_path, scale):
    numbers = pa.array([510292197905014431 + 1]).cast(pa.decimal128(38, 0)).cast(pa.decimal128(38, scale))
    cells = dict(zip(HEADER, (pa.array([cell]) for cell in ROW), strict=True)) | {"公民身份号码": numbers}
    pq.write_table(pa.table(cells), tmp_path / "a.parquet")
    assert [row["id_class"] for row in read(tmp_path / "a.parquet")[1]] == ["valid18"]


# Headings and lines


@pytest.mark.parametrize("wrapped", ['="{}"', '=T("{}")', '= "{}"', "'{}"])
def test_the_marks_that_keep_numbers_as_text_go_and_the_text_as_it_came_stays(tmp_path, wrapped):
    header, row = [wrapped.format(h) for h in HEADER], [wrapped.format(cell) for cell in ROW]
    _, [landed], _ = read(written(tmp_path, joined(header, row)))
    assert (landed["id_key"], landed["name"], landed["died_on"], landed["kind"]) == (*ROW[:2], DAY, "死亡")
    assert wrapped.format("").strip('")') in landed["as_came"]


@pytest.mark.parametrize(
    "mark", ["*{}", "{}*", "{}（必填）", "{}(18位)", "{}（yyyymmdd）", "（必填）{}", "{}【文本】", "＊{}"]
)
def test_headings_are_known_with_stars_and_remarks_on_how_to_fill_them_in(tmp_path, mark):
    assert len(read(written(tmp_path, joined([mark.format(h) for h in HEADER], ROW)))[1]) == 1


def test_a_heading_of_somebody_else_is_not_taken_for_the_persons(tmp_path):
    with pytest.raises(DeliveryRejected, match="缺少必需列「公民身份号码」"):
        read(written(tmp_path, joined(["公民身份号码（配偶）", *HEADER[1:]], ROW)))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_carriage_return_alone_ends_a_line(tmp_path, encoding):
    content = joined(HEADER, ROW, OTHER).replace("\n", "\r").encode(encoding)
    assert [row["line"] for row in read(written(tmp_path, content))[1]] == [2, 3]


def test_what_is_no_heading_is_neither_shown_nor_stored(tmp_path):
    done, _, _ = read(written(tmp_path, joined([*HEADER, "盗窃", "长" * 41, "备注"], [*ROW, "盗窃", "", ""])))
    assert done.unknown_headings == ("备注",)
    with pytest.raises(DeliveryRejected, match="第 1 行既有列名又有长号码") as refusal:
        read(written(tmp_path, joined([*HEADER, *ROW], OTHER)))
    assert ROW[0] not in str(refusal.value)


# Refusals


@pytest.mark.parametrize(
    ("content", "name", "cause"),
    [
        (joined(HEADER, ROW, sign="，").encode(), "a.csv", "全角逗号"),
        (joined(HEADER, ROW, sign="，").encode("gb18030"), "a.txt", "全角逗号"),
        (joined(HEADER, ROW, sign="\x01").encode(), "a.txt", r"控制符 '\\x01'"),
        (joined(HEADER, ROW, sign="^").encode(), "a.txt", r"“\^”"),
        (joined(HEADER, ROW).encode("utf-16-le"), "a.csv", "没有字节序标记的 UTF-16"),
        (joined(HEADER, ROW).encode("utf-16-be"), "a.txt", "没有字节序标记的 UTF-16"),
        (b"\xef\xbb\xbf" + joined(HEADER, ROW).encode("utf-16-le"), "a.csv", "没有字节序标记的 UTF-16"),
        (joined(HEADER, ROW).encode("utf-32-be"), "a.csv", "文件是 UTF-32 文本"),
        (joined(HEADER, ROW).encode("utf-7"), "a.csv", "文件是 UTF-7 文本"),
        (joined(HEADER, ROW).encode("hz"), "a.txt", "文件是 HZ 文本"),
        (joined(TRADITIONAL, ROW).encode("big5", "replace"), "a.csv", "文件是 Big5（繁体）文本"),
        (("说明\n" * 100 + joined(HEADER, ROW)).encode(), "a.csv", "前 100 行内有表头"),
        (b"PK\x03\x04" + bytes(90), "a.csv.gz", "说是gzip 压缩文件，内容却是zip"),
        (b"<html><table>", "a.xlsx", "内容却是网页"),
        (b"\xd0\xcf\x11\xe0" + bytes(90), "a.xlsx", "内容却是旧版或加密的 Excel"),
        (b"PK\x03\x04" + bytes(90), "a.parquet", "内容却是zip"),
        (b"", "a.csv", "文件是空的"),
        (b"\xef\xbb\xbf\r\n \n", "a.txt", "文件是空的"),
        (b"\xef\xbb\xbf<html><table>", "a.csv", "内容却是网页"),
        (b'[{"a": 1}]', "a.csv", "内容却是JSON"),
        ("".join(f'"{",".join(row)}"\r\n' for row in (HEADER, ROW)).encode(), "a.csv", "放在一对引号里"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_the_file_is(tmp_path, content, name, cause):
    with pytest.raises(DeliveryRejected, match=cause):
        read(written(tmp_path, content, name))


@pytest.mark.parametrize(
    "change", [lambda name: name.replace("/", "\\"), lambda name: name.replace("xl/w", "xl/W")]
)
def test_a_workbook_whose_members_are_named_otherwise_is_read(tmp_path, change):
    path = workbook(tmp_path, {"一": [HEADER, ROW]})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            information = zipfile.ZipInfo("x")
            information.filename = change(name) if "worksheets" not in name or "\\" in change(name) else name
            archive.writestr(information, text)
    assert len(read(path)[1]) == 1
