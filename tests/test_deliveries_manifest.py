"""What the agency says it sent must be what arrived."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from pipelines.base.errors import DeliveryRejected
from pipelines.deliveries.manifest import Manifest, Promised, parse

DAY = date(2026, 10, 31)
SHA = hashlib.sha256(b"a").hexdigest()


def test_a_manifest_may_say_everything_or_nothing() -> None:
    assert parse(b"{}") == Manifest()
    full = {
        "rows": 12034,
        "files": {"a.csv": {"rows": 6000, "sha256": SHA.upper()}},
        "encoding": "GBK",
        "delimiter": "\t",
        "produced_on": "2026-10-31",
        "supersedes": "2026-10-28",
    }
    assert parse(json.dumps(full).encode("utf-8-sig")) == Manifest(
        rows=12034,
        files={"a.csv": Promised(6000, SHA)},
        encoding="gb18030",
        delimiter="\t",
        produced_on=DAY,
        supersedes=date(2026, 10, 28),
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"row": 1}', "'row'"),
        ('{"files": {"a.csv": {"lines": 1}}}', "'lines'"),
        ('{"rows": 1, "rows": 2}', "重复的键"),
        ('{"rows": "12"}', "rows 应为"),
        ('{"rows": -1}', "rows 应为"),
        ('{"rows": true}', "rows 应为"),
        ('{"rows": 1.5}', "rows 应为"),
        ('{"files": ["a.csv"]}', "files 应为"),
        ('{"files": {"a.csv": 1}}', "files.a.csv"),
        ('{"files": {"a.csv": {"rows": -1}}}', "files.a.csv.rows"),
        ('{"files": {"a.csv": {"sha256": "abc"}}}', "files.a.csv.sha256"),
        ('{"encoding": "ebcdic"}', "'ebcdic'"),
        ('{"delimiter": "x"}', "'x'"),
        ('{"produced_on": "31.10.2026"}', "produced_on 应为"),
        ('{"supersedes": 20261028}', "supersedes 应为"),
        ("[]", "JSON 对象"),
        ("{", "不是有效的"),
        ("[" * 100_000, "不是有效的"),
        (b"\xd6\xd0", "不是有效的"),
        (b" " * (5 << 20), "超过 4 MB"),
    ],
)
def test_a_manifest_that_cannot_be_understood_refuses_naming_the_key(content: Any, says: str) -> None:
    with pytest.raises(DeliveryRejected, match=says):
        parse(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (Manifest(files={"a.csv": Promised(None, SHA)}), []),
        (
            Manifest(files={"a.csv": Promised(None, "0" * 64)}),
            ["文件 a.csv 的 SHA-256 与清单不符（内容不完整或被改动）"],
        ),
        (
            Manifest(files={"b.csv": Promised(None, None)}),
            ["清单列出的文件 b.csv 不在目录中", "文件 a.csv 未列入清单"],
        ),
        (Manifest(files={}), ["文件 a.csv 未列入清单"]),
        (Manifest(produced_on=DAY), []),
        (Manifest(produced_on=date(2026, 11, 1)), ["produced_on 2026-11-01 晚于到达日期 2026-10-31"]),
        (Manifest(supersedes=DAY), ["supersedes 2026-10-31 不早于本批次日期 2026-10-31"]),
    ],
)
def test_what_contradicts_the_folder_is_told_before_anything_is_read(
    manifest: Manifest, says: list[str]
) -> None:
    assert manifest.disagreements(DAY, {"a.csv": SHA}) == says


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (Manifest(rows=5, files={"a.csv": Promised(2, None)}), []),
        (Manifest(rows=4), ["全批：清单 4 行，实际 5 行"]),
        (Manifest(files={"a.csv": Promised(3, None)}), ["文件 a.csv：清单 3 行，实际 2 行"]),
        (Manifest(), []),
    ],
)
def test_every_number_of_rows_must_agree(manifest: Manifest, says: list[str]) -> None:
    assert manifest.miscounts({"a.csv": 2, "b.csv": 3}) == says
