"""工作簿的守门 — what a workbook's archive may hold before any reader may open it.

Five kilobytes of legal workbook can ask a reader for half a terabyte. So everything is looked at first,
while the archive is inflated piece by piece. The bounds follow from what a feed promises, not from taste.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from pipelines.base.errors import DeliveryRejected
from pipelines.readers.book import CONTENTS, Merge, column, plain
from pipelines.readers.plain import WORKBOOK, require

MEMBERS: Final = 300
RATIO: Final = 200
RATIO_FREE: Final = 16 << 20
INFLATED: Final = 4 << 30  # a full sheet of 1 048 576 rows and 40 columns in verbose XML
SPARE_COLUMNS: Final = 40
SPARSE: Final = 100
SPARSE_FREE: Final = 10_000
PIECE: Final = 1 << 18
OVERLAP: Final = 512

UNWANTED: Final = {
    "vbaproject.bin": "含有宏",
    "externallinks/": "引用外部文件",
    "embeddings/": "嵌有其他文件",
    "activex/": "含有控件",
}
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d{1,9})")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})")
_LONG_NUMBER = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt\s*=\s*[\"'](?!n))[^>]*>\s*<(?:\w+:)?v>"
    rb"(\d{16,30}(?:\.\d*)?|\d(?:\.\d+)?[Ee]\+?1[5-9])</"
)


class Checked(NamedTuple):
    """The size of a workbook's XML, and its numbers of 16 digits and more as a reader will show them.

    ``merges``: by member, the cells of one column that are merged into one.
    """

    inflated: int
    long_numbers: frozenset[str]
    merges: Mapping[str, frozenset[Merge]]


def check(source: BufferedReader, columns: int, file: str) -> Checked:
    """What the archive holds; ``DeliveryRejected`` where that is more, or other, than such a feed needs."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _look_over(members, file)
            return _inflate(archive, members, _far(columns + SPARE_COLUMNS), file)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError):
        require(source, WORKBOOK, file)
        raise _refused(file, "不是完整的 xlsx 工作簿，或已加密") from None


def _look_over(members: list[zipfile.ZipInfo], file: str) -> None:
    if len(members) > MEMBERS:
        raise _refused(file, f"内部文件超过 {MEMBERS} 个")
    names = [plain(member.filename) for member in members]
    if len(set(names)) < len(names):
        raise _refused(file, "内部文件重名")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise _refused(file, "内部文件的路径越界")
        if member.flag_bits & 0x1:
            raise _refused(file, "已加密")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(file, "压缩方式不是 xlsx 所用的")
        for part, meaning in UNWANTED.items():
            if part in member.filename.lower():
                raise _refused(file, meaning)
    if CONTENTS not in names:
        raise _refused(file, "不是 xlsx 工作簿")


def _inflate(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], far: re.Pattern[bytes], file: str
) -> Checked:
    size = 0
    numbers: set[str] = set()
    merges: dict[str, set[Merge]] = {}
    packed = sum(member.compress_size for member in members)
    for member in members:
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        rest, rows, last = b"", 0, 0
        with archive.open(member) as content:
            while piece := content.read(PIECE):
                size += len(piece)
                if size > min(max(RATIO_FREE, RATIO * packed), INFLATED):
                    raise _refused(file, f"解压后超过压缩前的 {RATIO} 倍，疑为压缩炸弹")
                window = rest + piece
                if not rest and window[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00"):
                    raise _refused(file, "内部文件不是 UTF-8 编码")
                if _DECLARATION.search(window):
                    raise _refused(file, "内含 DTD 或实体声明")
                if "/worksheets/" in plain(member.filename) and far.search(window):
                    raise _refused(file, "单元格位置远超约定的列数或行数")
                numbered = _ROW.findall(window)
                rows, last = rows + len(numbered), max(last, *map(int, numbered)) if numbered else last
                if last > max(SPARSE_FREE, SPARSE * rows):
                    raise _refused(file, "几乎全是空行，单元格位置远超数据")
                numbers.update(str(int(float(number))) for number in _LONG_NUMBER.findall(window))
                if b"mergeCell" in window:
                    merges.setdefault(plain(member.filename), set()).update(_merged(window))
                rest = window[-OVERLAP:]
    return Checked(size, frozenset(numbers), {name: frozenset(cells) for name, cells in merges.items()})


def _merged(content: bytes) -> Iterator[Merge]:
    """The merged cells that span rows, their rows from 0."""
    for letters, first, last in _MERGE.findall(content):
        if int(first) < int(last):
            yield column(letters), int(first) - 1, int(last) - 1


def _far(columns: int) -> re.Pattern[bytes]:
    """References to cells right of so many columns (at most 702), or below row 1 099 999."""
    first, second = divmod(columns - 1, 26)
    lead, last = bytes([64 + first]), bytes([65 + second])
    wide = rb"[A-Z]{3,}|[%c-Z][A-Z]|%c[%c-Z]" % (lead[0] + 1, lead[0], min(last[0] + 1, 90))
    deep = rb"[A-Z]*(?:\d{8,}|[2-9]\d{6}|1[1-9]\d{5})[\"']"
    return re.compile(rb"\br\s*=\s*[\"'](?:(?:%b)\d|%b)" % (wide, deep), re.I)


def _refused(file: str, why: str) -> DeliveryRejected:
    return DeliveryRejected(f"{file}：{why}；请用原软件另存为普通的 xlsx，或改用 csv 报送。")
