"""A million mutated rows through the block kernel and through the oracle; prints every disagreement.

``python -m benchmarks.fuzz_landing [--rows N] [--seed N]``; exit 1 where there was one.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from expectations.feed import feed
from pipelines.readers import land
from tests import oracle

ROWS_A_FILE = 9_000  # below the size from which a file that is mostly garbage is given up
HEADER = ("公民身份号码", "姓名", "死亡日期", "注销原因", "数据来源")
ROW = ("510292197905014432", "王超", "2026-05-01", "死亡", "公安")
PIECES = (
    '"', '""', "\r", "\0", "\t", " ", "　", "'", ",", "|", ";", "合计", "公民身份号码", "1", "X", "０",
    "年", "·", "\ufeff", "\u200b", "\ue81e", "㐀", "𠂇", "2026-02-31", "99991231", "00000000", "45413",
)  # fmt: skip
RAW = (
    b"\xff", b"\x81", b"\x82\x35\x90\x37", b"\x81\x35\xf4\x37", b"\xfe\x59", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xc2",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    dice = random.Random(given.seed)
    outcomes: Counter[str] = Counter()
    for _ in range(0, given.rows, ROWS_A_FILE):
        encoding, delimiter = dice.choice(("gb18030", "utf-8")), dice.choice(",\t|;")
        rows = [_row(dice, encoding, delimiter) for _ in range(ROWS_A_FILE)]
        outcomes += compare(b"\n".join([delimiter.join(HEADER).encode(encoding), *rows]), encoding, delimiter)
    print(dict(outcomes.most_common()))
    sys.exit(1 if outcomes["disagreements"] else 0)


def _row(dice: random.Random, encoding: str, delimiter: str) -> bytes:
    row = bytearray(delimiter.join(ROW).encode(encoding))
    for _ in range(dice.choice((0, 0, 1, 1, 2, 5))):
        at = dice.randrange(len(row) + 1)
        way = dice.random()
        if way < 0.5:
            row[at:at] = dice.choice(PIECES).encode(encoding)
        elif way < 0.7:
            row[at:at] = dice.choice(RAW)
        elif way < 0.9:
            del row[at : at + dice.randrange(1, 6)]
        else:
            row[at : at + 1] = dice.randbytes(1)
    return bytes(row)


def compare(content: bytes, encoding: str, delimiter: str) -> Counter[str]:
    """How many lines became what, and how many the two disagree on."""
    wanted = oracle.judge(content, feed("deaths"), encoding, delimiter)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        file.write_bytes(content)
        done = land(file, feed("deaths"), Path(folder), part="p", encoding=encoding, delimiter=delimiter)
        rows = pq.read_table(Path(folder) / "extract", columns=["line"])["line"].to_pylist()
        rejects = pq.read_table(Path(folder) / "rejects").to_pylist()
    rejected = {r["line"]: (r["reason"], r["column"]) for r in rejects}
    wrong = (rejected.items() ^ wanted.rejected.items()) | (set(rows) ^ wanted.landed.keys())
    reasons = Counter(reason for reason, _ in rejected.values())
    return reasons + Counter(
        landed=len(rows),
        dropped=done.rows_dropped,
        disagreements=len(wrong) + abs(done.rows_dropped - len(wanted.dropped)),
    )


if __name__ == "__main__":
    main()
