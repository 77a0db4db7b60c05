"""The register of hostile files, and the honest file that most of them are made from."""

from collections.abc import Callable
from pathlib import Path

Make = Callable[[Path], Path]

FILES: dict[str, Make] = {}
LEGAL: set[str] = set()

HEADER = "公民身份号码,姓名,死亡日期,注销原因,数据来源"
ROW = "510292197905014432,王超,2026-05-01,死亡,公安"
HONEST = f"{HEADER}\n{ROW}\n".encode()


def hostile(make: Make) -> Make:
    """Register a file that must be refused, under its function's name."""
    FILES[make.__name__] = make
    return make


def legal(make: Make) -> Make:
    """Register a file that must land, whatever it looks like."""
    LEGAL.add(make.__name__)
    return hostile(make)


def content(name: str, text: bytes, file: str = "a.csv") -> None:
    """Register a hostile file that is nothing but its content."""

    def make(folder: Path) -> Path:
        (folder / file).write_bytes(text)
        return folder / file

    FILES[name] = make
