import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.feed import feed
from pipelines.readers import land, ranges
from tests import oracle

CONTRIBUTIONS = feed("contributions")
DEATHS = feed("deaths")


def landed(content: bytes, of, *, name="a.csv", **options):
    """The landing of one file's content, its extract rows and its rejects, both by line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        done = land(path, of, Path(folder) / "landed", part="p", **options)
        extract = pq.read_table(Path(folder) / "landed" / "extract").to_pylist()
        rejects = pq.read_table(Path(folder) / "landed" / "rejects").to_pylist()
    return done, {row["line"]: row for row in extract}, {row["line"]: row for row in rejects}


CELLS = st.sampled_from([
    "510292197905014432", "50019219771110633X", "５10292197905014432", "510292790501443",
    "'510292197905014432", "5102****4432", "王超", "阿·木", "龴山", "\ue81e", "\ue7c7", "ḿ", "①", "ﾊﾝ",
    "合计", "总计：", "合 计", "合", "总", "小", "公民身份号码", "姓名", "公民身份号码,姓名",
    "死亡", "死", "宣告死亡", "公安", "卫健", "x", "m", "1", "2", "男", "女", "\u200b", "\ufeff", "\x1a",
    "2026-05-01", "20260501", "2026/5/1", "2026年5月1日", "2026.5.1", "2026-05-01T08:00", "45413",
    "00000000", "99991231", "2099-12-31", "20260231", "2026-13-01", "2026-05",
    'a"b', '"ab"', '"a""b"', '"a,b"', '""', '"', '"a\nb"', ",,", ",", ";", "|", "", " ", "\u3000", "\xa0",
    "\r", "\t", "\0", "x" * 70_000,
])  # fmt: skip
BYTES = st.binary(max_size=6) | st.sampled_from([
    b"\xff", b"\x81", b"\x81\x30\x81\x30", b"\x82\x35\x90\x37", b"\x81\x35\xf4\x37", b"\xfe\x59",
    b"\xa8\xbc", b"\x84\x31\x95\x33", b"\x84\x31\xa4\x39", b"\xed\xa0\x80", b"\xef\xbb\xbf",
])  # fmt: skip


@st.composite
def files(draw, encoding, delimiter):
    def line():
        cells = [draw(CELLS | BYTES) for _ in range(draw(st.sampled_from([0, 1, 3, 4, 5, 5, 5, 5, 5, 6])))]
        coded = [c if isinstance(c, bytes) else c.encode(encoding) for c in cells]
        return delimiter.encode().join(coded)

    good = delimiter.join(["510292197905014432", "王超", "2026-05-01", "死亡", "公安"]).encode(encoding)
    lines = [line() if draw(st.booleans()) else good for _ in range(draw(st.integers(0, 12)))]
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    header = delimiter.join(["公民身份号码", "姓名", "死亡日期", "注销原因", "数据来源"]).encode(encoding)
    return header + end + end.join(lines) + draw(st.sampled_from([b"", end, b"\r", b"\n\n"]))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_on_any_bytes_the_kernel_and_the_oracle_agree_on_every_line(encoding, delimiter, monkeypatch):
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(content=files(encoding, delimiter), block=st.sampled_from([64, 500, 1 << 20]))
    def check(content, block):
        monkeypatch.setattr(ranges, "BLOCK", block)
        done, extract, rejects = landed(content, DEATHS, delimiter=delimiter, encoding=encoding)
        wanted = oracle.judge(content, DEATHS, encoding, delimiter)
        assert {n: (r["reason"], r["column"]) for n, r in rejects.items()} == wanted.rejected
        assert extract.keys() == wanted.landed.keys()
        assert done.rows_dropped == len(wanted.dropped)
        assert done.rows_read == len(extract) + len(rejects) + len(wanted.dropped)
        for number, cells in wanted.landed.items():
            assert (extract[number]["name"] or "") == oracle.tidy(cells["name"])

    check()
