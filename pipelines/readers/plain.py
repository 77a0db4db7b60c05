"""还原 — a delimited file as it was meant: unpacked, and in an encoding that keeps ASCII.

The plain copy lies in the landing folder for as long as it is read. UTF-16 becomes UTF-8 in which a lone
surrogate stays as broken as it was, so that only its line is rejected. Lines that end with a carriage
return alone, as old Macintoshes wrote them, or with a mainframe's NEL and the like, end with a line feed.
"""

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from matchers.text import standard
from pipelines.base.errors import DeliveryRejected

BLOCK = 1 << 20
RETURNS = re.compile(rb"\r+(?!\n|\r|$)")
RETURN = b"\r"
MANY = 500
OTHER_ENDS = (
    b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e",
    *(sign.encode(codec) for codec in ("utf-8", "gb18030") for sign in "\x85\u2028\u2029"),
)  # fmt: skip
INFLATED_FREE = 64 << 20
INFLATED_RATIO = 200
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MAGIC = {
    b"\xff\xfe\x00\x00": "UTF-32 文本",
    b"PK\x03\x04": "zip 或 Excel 工作簿",
    b"\x1f\x8b": "gzip 压缩文件",
    b"\xd0\xcf\x11\xe0": "旧版或加密的 Excel 工作簿",
    b"PAR1": "parquet 文件",
    b"%PDF": "PDF 文件",
    b"7z\xbc\xaf": "7z 压缩文件",
    b"Rar!": "rar 压缩文件",
    **dict.fromkeys((b"[{", b'{"', b"[\n", b"{\n"), "JSON"),
    **dict.fromkeys((b"<html", b"<HTML", b"<!DOC", b"<!doc", b"<table", b"<?xml"), "网页或 XML"),
}
WORKBOOK = "xlsx 工作簿"
TAR = slice(257, 262)


@contextmanager
def plain(source: IO[bytes], path: Path, packed: bool, folder: Path) -> Iterator[tuple[Path, str | None]]:
    """The path of the plain content, and ``utf-16`` where it was that."""
    with ExitStack() as stack:
        content: IO[bytes] = source
        file, marked = path.name, None
        if packed:
            require(source, "gzip 压缩文件", file)
            content, path = new_copy(stack, folder)
            _inflate(source, content, file)
        require(content, "文本", file)
        content.seek(0)
        if (mark := content.read(2)) in UTF16:
            source, marked = content, "utf-16"
            content, path = new_copy(stack, folder)
            _to_utf8(source, content, UTF16[mark], "surrogatepass")
        yield path, marked


def require(source: IO[bytes], kind: str, file: str) -> None:
    """``DeliveryRejected`` says what the content is by its first bytes, where that is not ``kind``."""
    source.seek(0)
    head = source.read(TAR.stop).removeprefix(codecs.BOM_UTF8)
    accepted = MAGIC[b"PK\x03\x04"] if kind == WORKBOOK else kind
    actual = next((meaning for magic, meaning in MAGIC.items() if head.startswith(magic)), None)
    if head[TAR] == b"ustar":
        actual = "tar 包"
    if actual not in (None, accepted):
        raise DeliveryRejected(f"{file}：扩展名说是{kind}，内容却是{actual}；请改正扩展名或解开后重新报送。")


def other_ends(path: Path) -> list[bytes]:
    """What may end lines in place of line feeds: a carriage return alone, the commonest other sign.

    The first block is looked at. Where it has many line feeds, they end the lines.
    """
    with path.open("rb") as source:
        block = source.read(BLOCK)
    returns = [RETURN] if RETURNS.search(block) else []
    others = [end for end in OTHER_ENDS if end in block] if block.count(b"\n") < MANY else []
    return returns + sorted(others, key=block.count)[-1:]


@contextmanager
def with_line_feeds(path: Path, end: bytes, folder: Path) -> Iterator[Path]:
    """The path of a copy in which a line feed ends every line that ``end`` ended."""
    with ExitStack() as stack, path.open("rb") as source:
        copy, plain_path = new_copy(stack, folder)
        if end == RETURN:
            _without_returns(source, copy)
        else:
            _without_ends(source, copy, end)
        yield plain_path


def _without_ends(source: IO[bytes], copy: IO[bytes], end: bytes) -> None:
    rest = b""
    while block := source.read(BLOCK):
        content = (rest + block).replace(end, b"\n")
        begun = len(content) - len(end) + 1
        copy.write(content[:begun])
        rest = content[begun:]
    copy.write(rest)
    copy.flush()


def _without_returns(source: IO[bytes], copy: IO[bytes]) -> None:
    after = b""
    while block := source.read(BLOCK):
        if after == b"\r" and block.startswith(b"\n"):
            block = block[1:]
        after = block[-1:]
        copy.write(block.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    copy.flush()


@contextmanager
def as_utf8(path: Path, folder: Path) -> Iterator[Path]:
    """The path of a copy in UTF-8 of a file in GB18030, broken bytes as they were."""
    with ExitStack() as stack, path.open("rb") as source:
        copy, utf8 = new_copy(stack, folder)
        _to_utf8(source, copy, "gb18030", "surrogateescape")
        yield utf8


def new_copy(stack: ExitStack, folder: Path) -> tuple[IO[bytes], Path]:
    """An empty file in ``folder`` and its path, gone with the stack."""
    copy = tempfile.NamedTemporaryFile(dir=folder, prefix=".plain-")  # noqa: SIM115
    return stack.enter_context(copy), Path(copy.name)


def _inflate(source: IO[bytes], copy: IO[bytes], file: str) -> None:
    packed = source.seek(0, 2)
    source.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=source) as inflated:
            while block := inflated.read(BLOCK):
                size += len(block)
                if size > max(INFLATED_FREE, INFLATED_RATIO * packed):
                    raise DeliveryRejected(
                        f"{file}：解压后超过压缩前的 {INFLATED_RATIO} 倍，疑为压缩炸弹；请不压缩重新报送。"
                    )
                copy.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DeliveryRejected(f"{file}：gzip 压缩文件损坏或不完整；请重新压缩后报送。") from None
    copy.flush()


def _to_utf8(source: IO[bytes], copy: IO[bytes], encoding: str, errors: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    while block := source.read(BLOCK):
        text = decoder.decode(block)
        copy.write((standard(text) if encoding == "gb18030" else text).encode("utf-8", errors))
    try:
        copy.write(decoder.decode(b"", final=True).encode("utf-8", errors))
    except UnicodeDecodeError:
        copy.write(b"\xff")
    copy.flush()
