"""代码包 — the packages of this program as one zip, which executors put first on their path."""

import hashlib
import zipfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

PACKAGES = ("expectations", "matchers", "pipelines", "sql")
SUFFIXES = (".py", ".toml", ".sql", ".txt")


def packed(folder: Path) -> Path:
    """The zip in ``folder``, named by its content: a cluster keeps files by their names."""
    parts = dict(part for package in PACKAGES for part in _parts(files(package), package))
    digest = hashlib.sha256()
    for name, content in sorted(parts.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    path = folder.absolute() / f"crossmatch-{digest.hexdigest()[:16]}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            archive.writestr(name, content)
    return path


def _parts(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    parts = []
    for part in folder.iterdir():
        if part.is_dir():
            parts += _parts(part, f"{name}/{part.name}")
        elif part.name.endswith(SUFFIXES):
            parts.append((f"{name}/{part.name}", part.read_bytes()))
    return parts
