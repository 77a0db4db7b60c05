"""控制文件 — ``manifest.json``: what the agency says it sent, held against what arrived."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from pipelines.base.errors import DeliveryRejected

NAME = "manifest.json"
MOST_BYTES = 4 << 20
KEYS = ("rows", "files", "encoding", "delimiter", "produced_on", "supersedes")
FILE_KEYS = ("rows", "sha256")
DELIMITERS = (",", "\t", "|", ";")
ENCODINGS = {
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "utf8": "utf-8",
    "utf8sig": "utf-8",
    "utf16": "utf-16",
}


@dataclass(frozen=True, slots=True)
class Promised:
    """What the manifest says of one file; ``None`` where it says nothing."""

    rows: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says; ``None`` where it says nothing. Its rows are the landed and the rejected."""

    rows: int | None = None
    files: Mapping[str, Promised] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    produced_on: date | None = None
    supersedes: date | None = None

    def disagreements(self, delivered_on: date, digests: Mapping[str, str]) -> list[str]:
        """What contradicts the folder before anything is read; ``digests``: SHA-256 by file name."""
        objections = []
        if self.produced_on is not None and self.produced_on > delivered_on:
            objections.append(f"produced_on {self.produced_on} 晚于到达日期 {delivered_on}")
        if self.supersedes is not None and self.supersedes >= delivered_on:
            objections.append(f"supersedes {self.supersedes} 不早于本批次日期 {delivered_on}")
        if self.files is None:
            return objections
        objections += [
            f"清单列出的文件 {name} 不在目录中" for name in sorted(self.files.keys() - digests.keys())
        ]
        objections += [f"文件 {name} 未列入清单" for name in sorted(digests.keys() - self.files.keys())]
        for name in sorted(self.files.keys() & digests.keys()):
            promised = self.files[name].sha256
            if promised is not None and promised != digests[name]:
                objections.append(f"文件 {name} 的 SHA-256 与清单不符（内容不完整或被改动）")
        return objections

    def miscounts(self, rows: Mapping[str, int]) -> list[str]:
        """What contradicts the rows that were read; ``rows``: landed plus rejected by file name."""
        objections = []
        for name, promised in sorted((self.files or {}).items()):
            if promised.rows is not None and promised.rows != rows[name]:
                objections.append(f"文件 {name}：清单 {promised.rows} 行，实际 {rows[name]} 行")
        total = sum(rows.values())
        if self.rows is not None and self.rows != total:
            objections.append(f"全批：清单 {self.rows} 行，实际 {total} 行")
        return objections


def parse(content: bytes) -> Manifest:
    """The manifest in ``content``; ``DeliveryRejected`` names the key that is unknown or unreadable."""
    if len(content) > MOST_BYTES:
        _refuse(f"超过 {MOST_BYTES >> 20} MB，不是控制文件")
    try:
        given = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        _refuse("不是有效的 UTF-8 JSON")
    _only(given, KEYS, "")
    return Manifest(
        rows=_rows(given, ""),
        files=_files(given.get("files")),
        encoding=_encoding(given.get("encoding")),
        delimiter=_delimiter(given.get("delimiter")),
        produced_on=_day(given, "produced_on"),
        supersedes=_day(given, "supersedes"),
    )


def _refuse(what: str) -> NoReturn:
    raise DeliveryRejected(f"{NAME} {what}；请报送部门重新生成")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) != len(pairs):
        _refuse("有重复的键")
    return given


def _only(given: object, keys: tuple[str, ...], place: str) -> None:
    if not isinstance(given, dict):
        _refuse(f"{place}应为 JSON 对象")
    for key in given:
        if key not in keys:
            _refuse(f"{place}有未知的键 {_legible(key)}（可用：{'、'.join(keys)}）")


def _legible(key: str) -> str:
    """A key as a message may quote it: only what could be one, for anything may stand in its place."""
    return repr(key) if re.fullmatch("[A-Za-z_]{1,30}", key) else "（不是字母组成，不予引用）"


def _rows(given: dict[str, Any], place: str) -> int | None:
    rows = given.get("rows")
    if rows is None:
        return None
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
        _refuse(f"{place}rows 应为不小于 0 的整数")
    return rows


def _files(given: object) -> dict[str, Promised] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        _refuse("files 应为 JSON 对象")
    promised = {}
    for name, says in given.items():
        _only(says, FILE_KEYS, f"files.{name} ")
        promised[name] = Promised(_rows(says, f"files.{name}."), _sha256(says.get("sha256"), name))
    return promised


def _sha256(given: object, name: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not re.fullmatch("[0-9a-fA-F]{64}", given):
        _refuse(f"files.{name}.sha256 应为 64 位十六进制")
    return given.lower()


def _encoding(given: object) -> str | None:
    if given is None:
        return None
    encoding = ENCODINGS.get(str(given).lower().replace("-", "").replace("_", ""))
    if encoding is None:
        _refuse(f"encoding {given!r} 不在可读编码之列（gb18030、gbk、gb2312、utf-8、utf-16）")
    return encoding


def _delimiter(given: object) -> str | None:
    if given is None:
        return None
    if given not in DELIMITERS:
        _refuse(f"delimiter {given!r} 不在可用分隔符之列（, \\t | ;）")
    return str(given)


def _day(given: dict[str, Any], key: str) -> date | None:
    value = given.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        _refuse(f"{key} 应为 YYYY-MM-DD 日期")
