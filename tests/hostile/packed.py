"""Compressed text and workbooks."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.hostile.corpus import HEADER, HONEST, ROW, content, hostile, legal

PACKED = gzip.compress(HONEST)

content("a_gzip_cut_short", gzip.compress(HONEST * 500)[:-40], "a.csv.gz")
content("a_gzip_with_a_wrong_checksum", PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "a.csv.gz")
content("a_gzip_with_a_wrong_length", PACKED[:-4] + b"\xff\xff\xff\x7f", "a.csv.gz")
content("a_gzip_in_a_gzip", gzip.compress(PACKED), "a.csv.gz")
content("a_gzip_header_alone", PACKED[:10], "a.csv.gz")
content("an_empty_gzip", gzip.compress(b""), "a.csv.gz")
content("a_gzip_that_is_none", HONEST, "a.csv.gz")
content("a_gzip_with_garbage_behind", PACKED + b"garbage", "a.csv.gz")
content("a_gzip_named_csv", PACKED)
content("a_workbook_in_a_gzip", gzip.compress(b"PK\x03\x04" + bytes(64)), "a.csv.gz")


@hostile
def a_gzip_bomb(folder: Path) -> Path:
    with gzip.open(folder / "a.csv.gz", "wb", compresslevel=9) as file:
        file.write(HONEST)
        for _ in range(100):
            file.write(bytes(1 << 20))
    return folder / "a.csv.gz"


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(*rows: str, head: str = "") -> str:
    made = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, 1))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?>{head}<worksheet xmlns="{space}"><sheetData>{made}</sheetData></worksheet>'


def table(*lines: str) -> list[str]:
    return [
        "".join(cell(f"{chr(65 + column)}{number}", text) for column, text in enumerate(line.split(",")))
        for number, line in enumerate(lines, 1)
    ]


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def parts(worksheet: str | bytes | None = None) -> dict[str, str | bytes]:
    """The members of the smallest workbook that readers accept."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="导出" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": worksheet or sheet(*table(HEADER, ROW)),
    }


def archive(members: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return made.getvalue()


def workbook(name: str, worksheet: str | bytes | None = None, **others: str | bytes) -> None:
    """Register a hostile workbook by its sheet and its further members."""
    content(name, archive(parts(worksheet) | others), "a.xlsx")


def damaged(name: str, change: Callable[[bytes], bytes]) -> None:
    """Register a workbook whose archive was tampered with."""
    content(name, change(archive(parts())), "a.xlsx")


LAUGHS = "".join(
    f'<!ENTITY l{n} "{("&l" + str(n - 1) + ";") * 10}">' if n else '<!ENTITY l0 "哈">' for n in range(9)
)
workbook("billion_laughs", sheet(cell("A1", "&l8;"), head=f"<!DOCTYPE x [{LAUGHS}]>"))
workbook(
    "an_entity_from_outside",
    sheet(cell("A1", "&f;"), head='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
)
workbook("a_cell_in_the_last_column", sheet(*table(HEADER, ROW), cell("XFD3", "x")))
workbook("a_cell_in_the_last_row", sheet(*table(HEADER, ROW)).replace('<row r="2">', '<row r="1048576">'))
workbook("a_cell_below_the_last_row", sheet(*table(HEADER, ROW)).replace('"A2"', '"A99999999"'))
workbook("a_cell_in_column_of_seven_letters", sheet(*table(HEADER, ROW)).replace('"A2"', '"ZZZZZZZ2"'))
workbook("a_sheet_in_utf_16", sheet(*table(HEADER, ROW)).encode("utf-16"))
workbook("a_sheet_that_is_no_xml", b"\x00\x01\x02" * 500)
workbook("a_sheet_cut_short", sheet(*table(HEADER, ROW))[:-60])
workbook("macros", **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
workbook("links_to_other_workbooks", **{"xl/externalLinks/externalLink1.xml": "<externalLink/>"})
workbook("an_embedded_file", **{"xl/embeddings/oleObject1.bin": b"MZ"})
workbook("a_control", **{"xl/activeX/activeX1.xml": "<x/>"})
workbook("a_member_with_an_absolute_path", **{"/etc/cron.d/x": "x"})
workbook("a_member_that_climbs_up", **{"../../x": "x"})
workbook("a_member_with_backslashes", **{"..\\x": "x"})
workbook("a_member_on_another_drive", **{"C:/x": "x"})
workbook("too_many_members", **{f"xl/media/{n}.txt": b"" for n in range(1_000)})
workbook("a_required_column_missing_in_a_workbook", sheet(*table(HEADER.replace("姓名", "名"), ROW)))
workbook("an_empty_sheet", sheet())
damaged("a_workbook_cut_short", lambda made: made[: len(made) // 2])
damaged("a_workbook_without_its_end", lambda made: made[:-10])
damaged(
    "a_workbook_with_an_encryption_flag",
    lambda made: made.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
)
damaged("a_workbook_with_broken_content", lambda made: made[:45] + bytes(60) + made[105:])
content("a_workbook_that_is_none", HONEST, "a.xlsx")
content("an_encrypted_workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_096), "a.xlsx")
content("an_archive_without_a_workbook", archive({"a.txt": "x"}), "a.xlsx")
content("an_empty_archive", archive({}), "a.xlsx")
content("an_empty_workbook_file", b"", "a.xlsx")


@hostile
def a_sheet_that_inflates_to_a_gigabyte(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts().items():
            if "sheet1" not in name:
                file.writestr(name, text)
        with file.open("xl/worksheets/sheet1.xml", "w") as inside:
            for _ in range(64):
                inside.write(b" " * (1 << 20))
    return folder / "a.xlsx"


@hostile
def two_members_of_one_name(folder: Path) -> Path:
    (folder / "a.xlsx").write_bytes(
        archive(parts() | {"xl/worksheets/sheet2.xml": sheet()}).replace(b"sheet2", b"sheet1")
    )
    return folder / "a.xlsx"


@legal
def a_sheet_that_lies_about_its_reach(folder: Path) -> Path:
    text = sheet(*table(HEADER, ROW)).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    (folder / "a.xlsx").write_bytes(archive(parts(text)))
    return folder / "a.xlsx"


@legal
def an_honest_workbook(folder: Path) -> Path:
    (folder / "a.xlsx").write_bytes(archive(parts()))
    return folder / "a.xlsx"
