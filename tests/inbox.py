"""An inbox that tests fill: made-up people with ID numbers of a region that does not exist."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DEATHS = ("公民身份号码", "姓名", "死亡日期", "注销原因", "数据来源")
HIRES = ("公民身份号码", "姓名", "用工单位", "录用日期", "就业形式")


def id_number(n: int) -> str:
    """The n-th number of region 500199, check character and all."""
    body = f"500199{1950 + n // 1000 % 50}0101{n % 1000:03d}"
    rest = sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def name(n: int) -> str:
    return f"甲{chr(0x4E00 + n % 3000)}"


def deaths(people: Iterable[int], died_on: str = "2026-01-05") -> list[Sequence[str]]:
    return [(id_number(n), name(n), died_on, "死亡", "公安") for n in people]


def hires(people: Iterable[int], hired_on: str = "2026-01-05") -> list[Sequence[str]]:
    return [(id_number(n), name(n), "甲公司", hired_on, "单位就业") for n in people]


def text(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in (headings, *rows))


@dataclass(frozen=True)
class Inbox:
    root: Path

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)

    def folder(self, feed: str, day: str) -> Path:
        folder = self.root / day / feed
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def deliver(
        self,
        feed: str,
        day: str,
        files: Mapping[str, str | bytes],
        manifest: Mapping[str, Any] | None = None,
    ) -> Path:
        folder = self.folder(feed, day)
        for file, content in files.items():
            (folder / file).write_bytes(content.encode("gb18030") if isinstance(content, str) else content)
        if manifest is not None:
            (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return folder

    def deaths(self, day: str, people: Iterable[int], **more: Any) -> Path:
        return self.deliver("deaths", day, {"deaths.csv": text(DEATHS, deaths(people))}, **more)

    def hires(self, day: str, people: Iterable[int], **more: Any) -> Path:
        return self.deliver("hires", day, {"hires.csv": text(HIRES, hires(people))}, **more)


def day(text: str) -> date:
    return date.fromisoformat(text)
