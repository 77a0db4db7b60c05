"""守门 — a delivered file is opened only if it is what it seems: a plain, finished file of its own.

Whatever is refused here is refused before its content is looked at.
"""

import hashlib
import os
import re
import stat
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Self

from pipelines.base.errors import DeliveryRejected

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
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        os.close(handle)
        raise DeliveryRejected(f"{name}：不是普通文件（目录、管道或设备）；请重新报送。")
    with os.fdopen(handle, "rb") as source:
        if before.st_nlink > 1:
            raise DeliveryRejected(f"{name}：文件另有硬链接，内容可能被旁人改动；请复制为独立文件后报送。")
        yield source
        after = _state(os.fstat(handle)), _state(path.lstat()) if path.exists() else None
    if after != (_state(before), _state(before)):
        raise DeliveryRejected(f"{name}：读取期间文件仍在变化；请等传输完成后重新报送。")


def _state(file: os.stat_result) -> tuple[int, ...]:
    return file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns


class Digest:
    """The SHA-256 of an open file, reckoned on a thread of its own while others read the file."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._digest = hashlib.sha256()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        at = 0
        while not self._stopped and (block := os.pread(self._handle, BLOCK, at)):
            self._digest.update(block)
            at += len(block)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._thread.join()

    def hex(self) -> str:
        """The digest of the whole file, once it is there."""
        self._thread.join()
        return self._digest.hexdigest()
