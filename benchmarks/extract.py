"""A made-up extract of contributions as agencies write them, of any size, with broken lines among them.

Impossible regions (5019xx, 5129xx …), so that no number is anybody's. 12 in 1 000 numbers are written in
another way or are wrong, dates come in five spellings, 3 % of the names hold a four-byte character.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

CHUNK = 500_000
HEADER = (
    "公民身份号码,姓名,出生日期,单位编号,单位名称,统一社会信用代码,险种类型,费款所属期,对应费款所属期,"
    "缴费类型,缴费基数,缴费标志,到账日期\r\n"
)
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.int64)
BROKEN = (  # one line in so many of each kind, made from the line's text
    (5_000, lambda line: line[: line.rindex(b",")] + b"\r\n"),
    (120_000, lambda line: line.replace(b",1", b",\xff1", 1)),
    (130_000, lambda line: line.replace(b",", b',"', 2)[:-2] + b"\r\n"),
)


class Extract(NamedTuple):
    """A file, its rows, and how many of them no reader can land."""

    path: Path
    rows: int
    broken: int


def write(path: Path, rows: int, seed: int = 1) -> Extract:
    """The extract in GB18030, made anew."""
    random = np.random.default_rng(seed)
    broken = 0
    with path.open("wb") as out:
        out.write(HEADER.encode("gb18030"))
        for start in range(0, rows, CHUNK):
            lines = _lines(random, min(CHUNK, rows - start))
            for one_in, spoil in BROKEN:
                for place in np.flatnonzero(random.random(len(lines)) < 1 / one_in).tolist():
                    lines[place] = spoil(lines[place])
                    broken += 1
            out.write(b"".join(lines))
    return Extract(path, rows, broken)


def numbers(random: np.random.Generator, count: int) -> npt.NDArray[np.str_]:
    """Valid 18-character numbers of people who cannot exist."""
    region = random.choice([500190, 500191, 500192, 510290, 510291, 512390, 513590, 513591], count)
    day = np.datetime64("1960-01-01") + random.integers(0, 17_000, count)
    born = np.char.replace(day.astype("datetime64[D]").astype(str), "-", "").astype(np.int64)
    body = (region * 10**8 + born) * 1_000 + random.integers(1, 999, count)
    digits = body[:, None] // 10 ** np.arange(16, -1, -1) % 10
    check = np.array(list("10X98765432"))[digits @ WEIGHTS % 11]
    return np.char.add(body.astype(str), check)


def names(random: np.random.Generator, count: int) -> npt.NDArray[np.str_]:
    """Names of two or three characters, some of them outside the two-byte range."""
    surname = np.array(list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"))
    given = np.array(list("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鹏辉健波宇浩凯琳"))
    rare = np.array(list("𬭎𫖯䶮𫟹𬀩"))
    last = np.where(random.random(count) < 0.03, random.choice(rare, count), random.choice(given, count))
    middle = np.where(random.random(count) < 0.4, "", random.choice(given, count))
    return np.char.add(np.char.add(random.choice(surname, count), middle), last)


def _lines(random: np.random.Generator, count: int) -> list[bytes]:
    number = numbers(random, count)
    born = np.array([n[6:14] for n in number])
    employer = random.integers(0, 40_000, count)
    uscc = np.char.add("91500101MA", np.char.zfill(employer.astype(str), 8))
    town = random.choice(list("宏鑫永瑞恒华盛嘉"), 40_000)
    trade = random.choice(["物业", "机械", "电子", "餐饮", "建材", "物流", "商贸"], 40_000)
    firm = np.char.add(np.char.add(np.char.add("重庆", town), trade), "有限公司")[employer]
    month = random.choice(
        ["202505", "202506", "202507", "2025-07", "2025年7月"], count, p=[0.2, 0.3, 0.3, 0.1, 0.1]
    )
    base = random.integers(4_000, 30_000, count).astype(str)
    paid = random.choice(
        ["2025-07-25", "20250725", "2025/7/25", "2025年7月25日", "2025-07-25 00:00:00"], count
    )
    payer = np.char.add("5", np.char.zfill(employer.astype(str), 8))
    columns = [
        _as_written(random, number), names(random, count), born, payer, firm, uscc,
        random.choice(["110", "210", "310", "410"], count), month, month,
        random.choice(["10", "31", "20"], count, p=[0.96, 0.03, 0.01]), np.char.add(base, ".00"),
        random.choice(["1", "2"], count, p=[0.97, 0.03]), np.char.add(paid, "\r\n"),
    ]  # fmt: skip
    joined = pc.binary_join_element_wise(*(pa.array(c, pa.string()) for c in columns), ",")
    return "".join(joined.to_pylist()).encode("gb18030").splitlines(keepends=True)


def _as_written(random: np.random.Generator, number: npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
    full_width = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    ways = (
        lambda n: n.translate(full_width), lambda n: f" {n} ", lambda n: n.lower(), lambda n: n[:6] + n[8:17],
        lambda n: n[:17] + ("1" if n[17] != "1" else "2"), lambda n: "",
    )  # fmt: skip
    written = number.astype(object)
    for place in np.flatnonzero(random.random(len(number)) < 0.012).tolist():
        written[place] = ways[random.integers(len(ways))](number[place])
    return written
