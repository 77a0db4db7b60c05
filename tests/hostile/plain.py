"""Names, kinds of file, and text."""

import os
import stat
from pathlib import Path

from tests.hostile.corpus import HEADER, HONEST, ROW, content, hostile, legal


@hostile
def a_symbolic_link(folder: Path) -> Path:
    (folder / "real.csv").write_bytes(HONEST)
    (folder / "a.csv").symlink_to(folder / "real.csv")
    return folder / "a.csv"


@hostile
def a_link_to_nowhere(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("/nonexistent")
    return folder / "a.csv"


@hostile
def a_link_to_an_endless_device(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("/dev/zero")
    return folder / "a.csv"


@hostile
def a_hard_link(folder: Path) -> Path:
    (folder / "real.csv").write_bytes(HONEST)
    (folder / "a.csv").hardlink_to(folder / "real.csv")
    return folder / "a.csv"


@hostile
def a_pipe_that_nobody_writes_to(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


@hostile
def a_folder_named_like_a_file(folder: Path) -> Path:
    (folder / "a.csv").mkdir()
    return folder / "a.csv"


@hostile
def a_socket_named_like_a_file(folder: Path) -> Path:
    os.mknod(folder / "a.csv", stat.S_IFSOCK | 0o600)
    return folder / "a.csv"


@hostile
def a_file_without_rights(folder: Path) -> Path:
    return folder / "missing.csv"


@hostile
def ten_gigabytes_without_a_line_feed(folder: Path) -> Path:
    with (folder / "a.csv").open("wb") as file:
        file.truncate(10 << 30)
    return folder / "a.csv"


@hostile
def a_line_of_ten_gigabytes_behind_the_header(folder: Path) -> Path:
    with (folder / "a.csv").open("wb") as file:
        file.write(HONEST)
        file.truncate(10 << 30)
    return folder / "a.csv"


@hostile
def mostly_garbage(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(HONEST + b"a,b,c\n" * 60_000)
    return folder / "a.csv"


@hostile
def quotes_that_never_close(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(HONEST + b'"' * 9 + ROW.encode() + b"\n" + b'",\n' * 60_000)
    return folder / "a.csv"


for number, name in enumerate(
    [
        "a.csv.part", "a.csv.tmp", "a.crdownload", "a.csv~", ".a.csv", "~$a.xlsx", "a\u202evsc.csv",
        "..\\a.csv", "a\nb.csv", "a\x1b[31m.csv", "a.exe", "a", "a.csv.exe", "a.csv.gz.gz", "a.xlsx.gz",
        "a.zip", "a.xls", "a.xlsm", "a\u200b.csv",
    ]
):  # fmt: skip
    content(f"a_name_that_tells_{number}", HONEST, name)

content("nothing_at_all", b"")
content("an_empty_line", b"\n")
content("a_byte_order_mark_alone", b"\xef\xbb\xbf")
content("a_utf_16_mark_alone", b"\xff\xfe")
content("a_file_without_header", f"{ROW}\n".encode() * 3)
content("a_required_column_missing", HONEST.replace("死亡日期".encode(), "日期".encode()))
content("a_required_column_twice", HONEST.replace(b"\n", b",x\n").replace(b",x", ",姓名".encode(), 1))
content("zeros", bytes(100_000))
content("noise", bytes((i * 7919 + i // 251) % 256 for i in range(200_000)))
content("utf_16_without_a_mark", HONEST.decode().encode("utf-16-le"))
content("utf_32", HONEST.decode().encode("utf-32"))
content("utf_7", HONEST.decode().encode("utf-7"))
content("big_5", HEADER.replace("数据来源", "資料來源").encode("big5", "replace") + b"\n")
content("a_pdf_named_csv", b"%PDF-1.7\n" + HONEST)
content("an_old_workbook_named_csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
content("an_archive_named_csv", b"PK\x03\x04" + bytes(64))
content("a_parquet_named_txt", b"PAR1" + bytes(64), "a.txt")
content("html_named_csv", f"<html><table><tr><td>{HEADER}</td></tr></table></html>".encode())


@legal
def a_header_and_nothing_else(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(HEADER.encode())
    return folder / "a.csv"


@legal
def old_macintosh_lines(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(HONEST.replace(b"\n", b"\r") * 3)
    return folder / "a.csv"


@legal
def a_lone_surrogate_in_utf_16(folder: Path) -> Path:
    text = HONEST.decode().encode("utf-16") + b"\x00\xd8,\x00\n\x00" + ROW.encode("utf-16-le")
    (folder / "a.csv").write_bytes(text + b"\x00")
    return folder / "a.csv"


@legal
def a_title_of_a_million_columns(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(b"," * 1_000_000 + b"\n" + HONEST)
    return folder / "a.csv"


@legal
def a_line_of_a_million_fields(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(HONEST + b"," * 1_000_000 + b"\n" + ROW.encode())
    return folder / "a.csv"


@legal
def formulas_and_escapes_in_names(folder: Path) -> Path:
    names = ["=1+1", "@SUM(A1)", "+86", "\x1b[31m", "<script>", "'; drop table", "%s%n", "\u202e王"]
    rows = [ROW.replace("王超", name) for name in names]
    (folder / "a.csv").write_text("\n".join([HEADER, *rows]), "utf-8")
    return folder / "a.csv"
