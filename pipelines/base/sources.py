"""源文件 — every file of our packages, wherever they are installed."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

PACKAGES = ("expectations", "matchers", "pipelines", "sql")


def sources() -> Iterator[tuple[str, bytes]]:
    """Name from the package on, such as ``sql/__init__.py``, and content; nothing that was compiled."""
    for package in PACKAGES:
        yield from _below(files(package), package)


def _below(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for part in folder.iterdir():
        if part.is_dir() and part.name != "__pycache__":
            yield from _below(part, f"{name}/{part.name}")
        elif part.is_file() and not part.name.endswith(".pyc"):
            yield f"{name}/{part.name}", part.read_bytes()
