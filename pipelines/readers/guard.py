"""守门 — a delivered file is opened only if it is what it seems: a plain, finished file of its own.

Whatever is refused here is refused before its content is looked at.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from pipelines.errors import DeliveryRejected

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".download", ".partial", ".swp", "~")
BLOCK = 1 << 20
NAME = re.compile(r"(?P<stem>.+)\.(?P<kind>csv|txt|xlsx|parquet)(?P<gz>\.gz)?", re.I | re.S)


def kind(name: str) -> tuple[str, bool]:
    """The format that a file's name promises, and whether it is compressed."""
    if name.lower().endswith(UNFINISHED) or name.startswith((".", "~$")):
        raise DeliveryRejected(f"{shown(name)}：文件名表示尚在传输或为临时文件；请传完改名后再报送。")
    if "\\" in name or any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in name):
        raise DeliveryRejected(f"{shown(name)}：文件名含有路径符号或不可见字符；请改名后重新报送。")
    promised = NAME.fullmatch(name)
    if not promised or (promised["gz"] and promised["kind"].lower() in {"xlsx", "parquet"}):
        raise DeliveryRejected(
            f"{shown(name)}：不支持的文件格式；请报送 csv、txt（可用 gz 压缩）、xlsx 或 parquet。"
        )
    return promised["kind"].lower(), bool(promised["gz"])


def shown(name: str) -> str:
    """A file's name as it may stand in a message."""
    return "".join(c if c.isprintable() and c != "\\" else "?" for c in name)[:120]


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """The file, open for reading; ``DeliveryRejected`` if it is no plain file or changes meanwhile."""
    name = shown(path.name)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DeliveryRejected(f"{name}：无法打开（{error.strerror}）；请确认是普通文件而非链接。") from None
    with os.fdopen(handle, "rb") as source:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise DeliveryRejected(f"{name}：不是普通文件（目录、管道或设备）；请重新报送。")
        if before.st_nlink > 1:
            raise DeliveryRejected(f"{name}：文件另有硬链接，内容可能被旁人改动；请复制为独立文件后报送。")
        yield source
        after = os.fstat(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DeliveryRejected(f"{name}：读取期间文件仍在变化；请等传输完成后重新报送。")


def sha256(handle: int) -> str:
    """The digest of the whole open file; where it is being read by others does not change."""
    digest = hashlib.sha256()
    at = 0
    while block := os.pread(handle, BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()
