"""存放的文件 — what people attach and what was issued, each under its SHA-256 in the desk's own folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from pipelines.base.errors import CrossmatchError


def put(folder: Path, content: bytes) -> str:
    """The SHA-256 under which the content is kept from now on; kept again it is the same file.

    It is whole or not there at all, and nobody but the desk's own user may read it.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = _path(folder, digest)
    if path.exists():
        return digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
    return digest


def get(folder: Path, digest: str) -> bytes:
    """The content; ``CrossmatchError`` where it is gone or is no longer what was kept."""
    try:
        content = _path(folder, digest).read_bytes()
    except OSError:
        raise CrossmatchError("存放的文件不在了，请系统管理员从备份恢复 desk_files") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise CrossmatchError("存放的文件与登记的散列不符，没有给出；请告诉系统管理员")
    return content


def drop(folder: Path, digest: str) -> None:
    """The content is gone, if it was kept."""
    _path(folder, digest).unlink(missing_ok=True)


def _path(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest
