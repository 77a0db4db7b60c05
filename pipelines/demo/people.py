"""人 — people who do not exist: identity numbers of regions that never were, with valid check characters.

The sequence part below 500 is for recipients, from 500 on for everybody else, so that nobody's number is
another's by chance.
"""

import datetime as dt
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

import numpy as np
import pyarrow as pa

REGIONS: Final = (
    *("500190", "500191", "500192", "510290", "510291", "510292", "510293", "511290"),
    *("511291", "512290", "512291", "512390", "512391", "513590", "513591"),
)
PERMIT_REGIONS: Final = ("810290", "820290", "830290")
DISTRICTS: Final = tuple(str(599901 + n) for n in range(12))
WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS: Final = np.array(list("10X98765432"))
PHONES: Final = ("138", "139", "158", "177", "186")

SURNAMES: Final = (
    *"王李张刘陈杨黄赵吴周" * 6,
    *"徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹" * 3,
    *"曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷",
    *"黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇翟解查区",
    *("欧阳", "司马", "上官", "尉迟"),
)
GIVEN: Final = {
    "M": "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林建国志文博海成亮坤晨阳峰",
    "F": "芳娜敏静丽艳娟霞秀燕玲桂英兰红梅雪慧莹倩颖玉萍婷瑜琴欣悦淑珍凤璐萌蓉云洁晶莉琳",
}
TWINS: Final = dict(zip("英伟丽静娟艳琴明华强霞辉", "瑛玮莉婧鹃燕芹铭桦墙遐晖", strict=True))


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person; ``district`` is where they live."""

    id_number: str
    name: str
    sex: str
    born: dt.date
    phone: str
    district: str

    @property
    def fifteen(self) -> str:
        """The number as it was before 1999; only for who was born before 2000."""
        return self.id_number[:6] + self.id_number[8:17]

    def misheard(self) -> "Person":
        """The same person, the given name as somebody else would have typed it."""
        for old, new in TWINS.items():
            if old in self.name[1:]:
                return replace(self, name=self.name[0] + self.name[1:].replace(old, new, 1))
        return replace(self, name=self.name[:-1] if len(self.name) > 2 else self.name + self.name[-1])

    def renumbered(self, rng: Random) -> "Person":
        """The same person under another number, as a correction of the register gives it."""
        region = rng.choice([r for r in REGIONS if r != self.id_number[:6]])
        sequence = rng.randrange(1, 250) * 2 - (self.sex == "M")
        return replace(self, id_number=number(region, self.born, sequence))


def checked(seventeen: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers of 17 digits with their check character (ISO 7064 MOD 11-2)."""
    digits = np.ascontiguousarray(seventeen.astype("U17")).view(np.uint32).reshape(-1, 17) - ord("0")
    return np.char.add(seventeen.astype("U17"), CHECKS[(digits * WEIGHTS).sum(axis=1) % 11])


def number(region: str, born: dt.date, sequence: int) -> str:
    """One identity number."""
    return str(checked(np.array([f"{region}{born:%Y%m%d}{sequence:03d}"]))[0])


def draw(rng: np.random.Generator, count: int, sequences: range, born: range) -> pa.Table:
    """``count`` people as text columns id_number, name, sex (M/F), birth_date, phone, district."""
    days = np.datetime64(f"{born.start}-01-01") + rng.integers(0, len(born) * 365, count)
    sequence = rng.integers(sequences.start, sequences.stop, count)
    front = np.char.add(rng.choice(REGIONS, count), np.char.replace(days.astype("U10"), "-", ""))
    ids = checked(np.char.add(front, np.char.zfill(sequence.astype("U3"), 3)))
    sex = np.where(sequence % 2 == 1, "M", "F")
    subscriber = np.char.zfill(rng.integers(0, 10**8, count).astype("U8"), 8)
    columns = {
        "id_number": ids,
        "name": _names(rng, sex),
        "sex": sex,
        "birth_date": days.astype("U10"),
        "phone": np.char.add(rng.choice(PHONES, count), subscriber),
        "district": rng.choice(DISTRICTS, count),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def _names(rng: np.random.Generator, sex: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    count = len(sex)

    def given() -> np.ndarray[Any, Any]:
        drawn = [rng.choice(list(GIVEN[which]), count) for which in "MF"]
        return np.where(sex == "M", *drawn)

    second = np.where(rng.random(count) < 0.3, "", given())
    return np.char.add(np.char.add(rng.choice(SURNAMES, count), given()), second)


def others(rng: np.random.Generator, count: int) -> pa.Table:
    """``count`` people who draw no benefit, as ``draw`` gives them."""
    return draw(rng, count, range(500, 1000), range(1942, 2005))


def recipients(rng: np.random.Generator, count: int) -> list[Person]:
    """``count`` people of working age with numbers all different, whose sequence part is below 500."""
    drawn = draw(rng, count + count // 4 + 20, range(1, 500), range(1972, 2004)).to_pylist()
    different = list({row["id_number"]: row for row in drawn}.values())[:count]
    return [_person(**row) for row in different]


def _person(birth_date: str, **facts: str) -> Person:
    return Person(born=dt.date.fromisoformat(birth_date), **facts)
