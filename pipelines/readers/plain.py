"""还原 — a delimited file as it was meant: unpacked, and in an encoding that keeps ASCII.

The plain copy lies in the landing folder for as long as it is read. UTF-16 becomes UTF-8 in which a lone
surrogate stays as broken as it was, so that only its line is rejected.
"""

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from matchers.text import standard
from pipelines.base.errors import DeliveryRejected

BLOCK = 1 << 20
INFLATED_FREE = 64 << 20
INFLATED_RATIO = 200
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MAGIC = {
    b"\xff\xfe\x00\x00": "UTF-32 文本",
    b"PK\x03\x04": "zip 或 Excel 工作簿",
    b"\x1f\x8b": "gzip 压缩文件",
    b"\xd0\xcf\x11\xe0": "旧版 Excel 工作簿",
    b"PAR1": "parquet 文件",
    b"%PDF": "PDF 文件",
    b"7z\xbc\xaf": "7z 压缩文件",
    b"Rar!": "rar 压缩文件",
}


@contextmanager
def plain(source: BinaryIO, path: Path, packed: bool, folder: Path) -> Iterator[tuple[Path, str | None]]:
    """The path of the plain content, and ``utf-16`` where it was that."""
    with ExitStack() as stack:
        content: IO[bytes] = source
        file = path.name
        if packed:
            content, path = _copy(stack, folder)
            _inflate(source, content, file)
        content.seek(0)
        mark = content.read(4)
        for magic, meaning in MAGIC.items():
            if mark.startswith(magic):
                raise DeliveryRejected(f"{file}：扩展名说是文本，内容却是{meaning}；请改正扩展名后重新报送。")
        if mark[:2] not in UTF16:
            yield path, None
            return
        content.seek(2)
        copy, path = _copy(stack, folder)
        _to_utf8(content, copy, UTF16[mark[:2]], "surrogatepass")
        yield path, "utf-16"


@contextmanager
def as_utf8(path: Path, folder: Path) -> Iterator[Path]:
    """The path of a copy in UTF-8 of a file in GB18030, broken bytes as they were."""
    with ExitStack() as stack, path.open("rb") as source:
        copy, utf8 = _copy(stack, folder)
        _to_utf8(source, copy, "gb18030", "surrogateescape")
        yield utf8


def _copy(stack: ExitStack, folder: Path) -> tuple[IO[bytes], Path]:
    copy = tempfile.NamedTemporaryFile(dir=folder, prefix=".plain-")  # noqa: SIM115
    return stack.enter_context(copy), Path(copy.name)


def _inflate(source: BinaryIO, copy: IO[bytes], file: str) -> None:
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
