"""代码包 — the packages of this program as one zip, which executors put first on their path."""

import hashlib
import zipfile
from pathlib import Path

from pipelines.base.sources import sources

SUFFIXES = (".py", ".toml", ".sql", ".txt")


def packed(folder: Path) -> Path:
    """The zip in ``folder``, named by its content: a cluster keeps files by their names."""
    parts = {name: content for name, content in sources() if name.endswith(SUFFIXES)}
    digest = hashlib.sha256()
    for name, content in sorted(parts.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    path = folder.absolute() / f"crossmatch-{digest.hexdigest()[:16]}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            archive.writestr(name, content)
    return path
