"""A made-up city for record linkage: recipients, rows with a sound number, rows without one, and the truth.

One row in twenty is damaged; three in twenty of these have a number of fifteen digits and are linked by it.
The errors come from sources that the matcher does not use: wrong characters of one sound from Unihan readings
(xpinyin), wrong characters of one look from Wubi codes (pywubi). Region codes do not exist.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from matchers.people.resident_id import CLASSES, USABLE, normalise_array

SURNAMES = (
    "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
    "傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔向汤单仇翟解查区"
)
GIVEN = (
    "英华文玉明秀丽红军平国建志永春兰伟芳敏静强磊洋艳勇杰娟涛超霞刚桂波辉玲生龙元全胜学祥才发武新利清飞彬富顺信子"
    "海山仁贵福德忠光天达安岩中茂进林有坚和彪诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固"
    "之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎行时泰盛雄琛钧冠策腾楠榕风航弘淑惠珠翠雅芝萍娥梅"
    "琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷"
    "丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚"
)
REGIONS = tuple(f"{head}{n}" for head in ("50019", "51359", "51239", "51029") for n in range(10))
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
KINDS = (
    "missing", "substitution", "fifteen", "float15", "transposition", "drop", "float6", "mask", "insert"
)  # fmt: skip
KIND_SHARES = np.array((25, 20, 15, 12, 10, 5, 5, 4, 2)) / 98
NAME_KINDS = ("homophone", "shape", "unreadable", "near-homophone", "former", "drop", "swap", "other")
NAME_SHARES = (0.38, 0.25, 0.06, 0.10, 0.07, 0.05, 0.05, 0.04)
SHORT = 0.18  # names of two characters
Ints = npt.NDArray[np.int64]


@dataclass
class Task:
    """The frames of the task.

    ``truth``: person_id (None for nobody), id_error and name_error of each row of the residue. ``fifteen``:
    damaged rows with a number of fifteen digits, id_key, id_class and owner (the true person_id) beside.
    """

    recipients: pd.DataFrame
    linked: pd.DataFrame
    residue: pd.DataFrame
    truth: pd.DataFrame
    fifteen: pd.DataFrame
    valid_rows: int
    hits: int


@dataclass
class People:
    """Made-up people as arrays; names as code points, 0 where a name has two characters."""

    name: npt.NDArray[np.uint32]
    region: Ints
    born: npt.NDArray[np.datetime64]
    serial: Ints
    phone: Ints
    district: Ints
    employer: Ints
    former: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros((0, 3), np.uint32))

    def __len__(self) -> int:
        return len(self.region)

    def take(self, at: Ints) -> "People":
        """The people at the given positions."""
        return People(*(getattr(self, c)[at] for c in self.__dataclass_fields__))


def task(recipients: int, rows: int, seed: int, *, residue: float = 0.05, theirs: float = 0.064) -> Task:
    """A city of ``recipients`` and an extract of ``rows``, of which ``theirs`` are the recipients'.

    The share ``residue`` is damaged. Of the rows with a sound number only the recipients' are made, and a
    damaged number that is sound by chance leaves the task.
    """
    draw = np.random.default_rng(seed)
    registered = people(recipients, draw)
    _unique(registered, registered, draw)
    employers = _employers(8_000, draw)
    own = draw.integers(0, recipients, round(rows * theirs))
    lost = draw.random(len(own)) < residue
    others = round(rows * (1 - theirs) * residue)
    strangers = people(others, draw)
    related = np.flatnonzero(draw.random(others) < 0.03)
    _relate(strangers, related, registered, draw)
    _unique(strangers, registered, draw)
    linked = _rows(registered.take(own[~lost]), employers, draw, mangled=False)[0]
    linked["person_id"] = _person(own[~lost])
    mine, my_errors = _rows(registered.take(own[lost]), employers, draw, mangled=True)
    foreign, their_errors = _rows(strangers, employers, draw, mangled=True)
    order = draw.permutation(len(mine) + len(foreign))
    truth = pd.concat([my_errors.assign(person_id=_person(own[lost])), their_errors.assign(person_id=None)])
    delivered = pd.concat([mine, foreign], ignore_index=True).iloc[order].reset_index(drop=True)
    truth = truth.iloc[order].reset_index(drop=True)
    _, key, kind, _ = normalise_array(pa.array(delivered["id_number"].fillna("")), frozenset())
    delivered = delivered.assign(delivery_id="made-up/2026-01-01", file="made-up.csv", id_key=key.to_pandas())
    delivered["id_class"] = np.array(CLASSES, object)[kind]
    left = ~delivered["id_class"].isin(USABLE)
    residue_rows = delivered[left].drop(columns=["id_key", "id_class"])
    short = delivered["id_class"] == "valid15"
    return Task(
        _recipients(registered, employers),
        linked,
        _numbered(residue_rows),
        truth[left].reset_index(drop=True),
        _numbered(delivered[short].assign(owner=truth["person_id"])),
        round(rows * (1 - residue)),
        len(linked),
    )


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reset_index(drop=True).assign(line=np.arange(len(rows)) + 2)


def people(size: int, draw: np.random.Generator) -> People:
    """Made-up people: names by Zipf's law over common and rare characters, born 1961 to 2004."""
    born = np.datetime64("1961-01-01") + draw.integers(0, 16_000, size)
    region = np.minimum(draw.zipf(1.4, size) - 1, len(REGIONS) - 1)
    spread = draw.integers(0, len(REGIONS), size)
    region = np.where(draw.random(size) < 0.5, region, spread)
    return People(
        name=_names(size, draw),
        region=region,
        born=born,
        serial=draw.integers(1, 1000, size),
        phone=draw.choice([133, 135, 138, 139, 150, 158, 186, 189], size) * 10**8
        + draw.integers(0, 10**8, size),
        district=np.where(draw.random(size) < 0.7, region, draw.integers(0, len(REGIONS), size)),
        employer=np.minimum(draw.zipf(1.3, size), 7_999),
        former=_names(size, draw),
    )


def _names(size: int, draw: np.random.Generator) -> npt.NDArray[np.uint32]:
    surname, given = (
        (np.array([ord(c) for c in share], np.uint32), list(share.values())) for share in name_shares()
    )
    name = np.empty((size, 3), np.uint32)
    for n, (letters, share) in enumerate((surname, given, given)):
        name[:, n] = draw.choice(letters, size, p=share)
    name[draw.random(size) < SHORT, 2] = 0
    return name


def name_shares() -> tuple[dict[str, float], dict[str, float]]:
    """How often each character opens a name, and how often it stands behind: one in seventeen is rare."""
    rare = [c for c in _level_one() if c not in GIVEN]
    surnames, given = _falling(SURNAMES, 0.85), _falling(GIVEN, 0.55)
    return surnames, {c: 0.94 * s for c, s in given.items()} | {c: 0.06 / len(rare) for c in rare}


def _falling(letters: str, power: float) -> dict[str, float]:
    share = np.arange(1, len(letters) + 1) ** -power
    return dict(zip(letters, share / share.sum(), strict=True))


def _level_one() -> str:
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return "".join(c.decode("gb2312", "ignore") for c in cells)


def _relate(strangers: People, who: Ints, recipients: People, draw: np.random.Generator) -> None:
    """Makes some strangers relatives of recipients: twins, siblings, parents; some on the same telephone."""
    kin = draw.integers(0, len(recipients), len(who))
    kind = draw.choice(3, len(who), p=[0.1, 0.6, 0.3])
    strangers.name[who, 0] = recipients.name[kin, 0]
    shared = (draw.random(len(who)) < 0.35) & (strangers.name[who, 2] > 0)
    strangers.name[who[shared], 1] = recipients.name[kin[shared], 1]
    strangers.region[who] = recipients.region[kin]
    strangers.district[who] = recipients.district[kin]
    years = np.where(kind == 0, 0, np.where(kind == 1, draw.integers(-2_200, 2_200, len(who)), -9_500))
    strangers.born[who] = recipients.born[kin] + years
    twin = kind == 0
    strangers.serial[who[twin]] = (recipients.serial[kin[twin]] + draw.integers(1, 4, twin.sum())) % 1000
    same_phone = draw.random(len(who)) < 0.2
    strangers.phone[who[same_phone]] = recipients.phone[kin[same_phone]]


def _unique(who: People, among: People, draw: np.random.Generator) -> None:
    """Gives another serial to whoever has the number of somebody else ``among`` these people."""
    while True:
        own, theirs = (p.region * 10**9 + p.born.astype(np.int64) * 1000 + p.serial for p in (who, among))
        same = pd.Series(own).duplicated().to_numpy() if who is among else np.isin(own, theirs)
        if not same.any():
            return
        who.serial[same] = draw.integers(1, 1000, same.sum())


def _employers(size: int, draw: np.random.Generator) -> npt.NDArray[np.object_]:
    places = ["重庆", "渝州", "江城", "巴南", "两江", "山城", "长寿", "合川"]
    trades = ["商贸", "物流", "餐饮管理", "建筑劳务", "机械制造", "电子科技", "物业服务", "家政服务"]
    forms = ["有限公司", "有限责任公司", "股份有限公司", "厂"]
    core = draw.choice([c for c in _level_one()[:900]], (size, 2))
    pick = [draw.choice(choices, size) for choices in (places, trades, forms)]
    return np.array([p + a + b + t + f for p, (a, b), t, f in zip(pick[0], core, *pick[1:], strict=True)])


def numbers(who: People) -> npt.NDArray[np.uint8]:
    """Sound 18-character numbers as bytes."""
    digits = np.empty((len(who), 17), np.int64)
    region = np.array([[int(c) for c in code] for code in REGIONS])[who.region]
    day = who.born.astype("datetime64[D]").astype(object)
    date = np.array([d.year * 10_000 + d.month * 100 + d.day for d in day])
    digits[:, :6] = region
    for n in range(8):
        digits[:, 6 + n] = date // 10 ** (7 - n) % 10
    for n in range(3):
        digits[:, 14 + n] = who.serial // 10 ** (2 - n) % 10
    check = np.frombuffer(b"10X98765432", np.uint8)[digits @ WEIGHTS % 11]
    return np.column_stack([(digits + 48).astype(np.uint8), check])


def _texts(characters: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    return np.ascontiguousarray(characters).view("S18").ravel().astype(str).astype(object)


def _spelled(name: npt.NDArray[np.uint32]) -> npt.NDArray[np.object_]:
    return np.ascontiguousarray(name).view("U3").ravel().astype(object)


def _person(at: Ints) -> npt.NDArray[np.object_]:
    return np.char.add("P", np.char.zfill(at.astype(str), 8)).astype(object)


def _recipients(who: People, employers: npt.NDArray[np.object_]) -> pd.DataFrame:
    spelled = _spelled(who.name)
    return pd.DataFrame(
        {
            "person_id": _person(np.arange(len(who))),
            "id_key": _texts(numbers(who)),
            "name": spelled,
            "name_key": spelled,
            "sex": np.where(who.serial % 2 == 1, "M", "F").astype(object),
            "birth_date": who.born.astype("datetime64[ns]"),
            "phone": who.phone.astype(str).astype(object),
            "district": np.array(REGIONS, object)[who.district],
            "employer_name": employers[who.employer],
            "employer_uscc": None,
        }
    )


def _rows(
    who: People, employers: npt.NDArray[np.object_], draw: np.random.Generator, *, mangled: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    size = len(who)
    name, name_error = _misspelt(who, draw)
    number, id_error = _mangled(numbers(who), draw) if mangled else (_texts(numbers(who)), np.full(size, ""))
    born = who.born.astype("datetime64[ns]").copy()
    typo = draw.random(size) < 0.02
    born[typo] += (draw.choice([1, 10, 30, 365, 3650], typo.sum())).astype("timedelta64[D]")
    born[draw.random(size) < 0.30] = np.datetime64("NaT")
    sex = np.where((who.serial % 2 == 1) ^ (draw.random(size) < 0.005), "M", "F").astype(object)
    sex[draw.random(size) < 0.20] = None
    phone = np.where(draw.random(size) < 0.25, who.phone + draw.integers(1, 10**8, size), who.phone)
    phone = phone.astype(str).astype(object)
    phone[draw.random(size) < 0.40] = None
    moved = draw.random(size) < 0.08
    district = np.array(REGIONS, object)[np.where(moved, draw.integers(0, len(REGIONS), size), who.district)]
    district[draw.random(size) < 0.10] = None
    employer = employers[
        np.where(draw.random(size) < 0.70, np.minimum(draw.zipf(1.3, size), 7_999), who.employer)
    ]
    frame = pd.DataFrame(
        {
            "id_number": number,
            "name": name,
            "name_key": name,
            "sex": sex,
            "birth_date": born,
            "phone": phone,
            "district": district,
            "employer_name": employer,
            "employer_uscc": None,
        }
    )
    return frame, pd.DataFrame({"id_error": id_error, "name_error": name_error})


def _mangled(number: npt.NDArray[np.uint8], draw: np.random.Generator):
    """Numbers as they arrive damaged, and the kind of damage of each.

    A spreadsheet cannot round an X, and nobody born from 2000 on ever had fifteen digits: another kind then.
    """
    size = len(number)
    kind = draw.choice(KINDS, size, p=KIND_SHARES)
    cannot = (np.isin(kind, ("float15", "float6")) & (number[:, 17] == ord("X"))) | (
        (kind == "fifteen") & (number[:, 6] == ord("2"))
    )
    for_all = ~np.isin(KINDS, ("float15", "float6", "fifteen"))
    kind[cannot] = draw.choice(
        np.array(KINDS)[for_all], cannot.sum(), p=KIND_SHARES[for_all] / KIND_SHARES[for_all].sum()
    )
    at = np.arange(size)
    place = draw.integers(0, 17, size)
    changed = number.copy()
    swap = (kind == "transposition") & (number[at, place] != number[at, place + 1])
    changed[at[swap], place[swap]], changed[at[swap], place[swap] + 1] = (
        number[at[swap], place[swap] + 1],
        number[at[swap], place[swap]],
    )
    kind[(kind == "transposition") & ~swap] = "substitution"
    put = kind == "substitution"
    other = (number[at, place] - 48 + draw.integers(1, 10, size)) % 10 + 48
    changed[at[put], place[put]] = other[put]
    changed[kind == "float15", 15:] = ord("0")
    mask = np.flatnonzero(kind == "mask")
    birth = draw.random(len(mask)) < 0.7
    changed[mask[birth], 6:14] = ord("*")
    changed[mask[~birth], 14:] = ord("*")
    text = _texts(changed)
    for n in np.flatnonzero(np.isin(kind, ["drop", "insert", "float6"])):
        if kind[n] == "drop":
            text[n] = text[n][: place[n]] + text[n][place[n] + 1 :]
        elif kind[n] == "insert":
            text[n] = text[n][: place[n]] + str(other[n] - 48) + text[n][place[n] :]
        else:
            text[n] = f"{float(text[n]):.5E}"
    short = np.flatnonzero(kind == "fifteen")
    text[short] = [n[:6] + n[8:17] for n in text[short]]
    text[kind == "missing"] = None
    return text, kind


def _misspelt(who: People, draw: np.random.Generator):
    """Names as they arrive, 15 % of them wrong, and the kind of error of each."""
    size = len(who)
    name = who.name.copy()
    kind = np.where(draw.random(size) < 0.15, draw.choice(NAME_KINDS, size, p=NAME_SHARES), "")
    spelling = _Confusions()
    for n in np.flatnonzero(kind != ""):
        letters = [c for c in name[n] if c]
        at = int(draw.integers(1, len(letters))) if draw.random() < 0.85 else 0
        if kind[n] in ("homophone", "near-homophone", "shape"):
            letters[at] = spelling.confused(letters[at], kind[n], draw)
        elif kind[n] == "unreadable":
            letters[at] = ord(draw.choice(list("□?*")))
        elif kind[n] == "former":
            letters = [letters[0], *(c for c in who.former[n, 1:] if c)]
        elif kind[n] == "drop" and len(letters) == 3:
            letters = [letters[0], letters[int(draw.integers(1, 3))]]
        elif kind[n] == "swap" and len(letters) == 3:
            letters = [letters[0], letters[2], letters[1]]
        elif kind[n] == "other":
            letters[-1] = ord(draw.choice(list(GIVEN)))
        name[n] = [*letters, 0, 0][:3]
    return _spelled(name), kind


class _Confusions:
    """Characters that are taken for each other, among those that names are made of."""

    def __init__(self) -> None:
        from pywubi import wubi
        from xpinyin import Pinyin

        letters = sorted(set(GIVEN) | set(SURNAMES) | set(_level_one()))
        readings = Pinyin()
        self.sound = {ord(c): readings.get_pinyin(c) for c in letters}
        self.code = {ord(c): code for c, code in zip(letters, wubi("".join(letters)), strict=True)}
        self.by_sound: dict[str, list[int]] = defaultdict(list)
        self.near: dict[str, list[int]] = defaultdict(list)
        self.by_code: dict[str, list[int]] = defaultdict(list)
        for c, reading in self.sound.items():
            self.by_sound[reading].append(c)
            self.near[_roughly(reading)].append(c)
        for c, code in self.code.items():
            for n in range(len(code)):
                self.by_code[code[:n] + "." + code[n + 1 :]].append(c)

    def confused(self, c: int, kind: str, draw: np.random.Generator) -> int:
        """A character taken for ``c``; ``c`` itself where there is none."""
        c = int(c)
        if kind == "shape":
            code = self.code[c]
            pool = [x for n in range(len(code)) for x in self.by_code[code[:n] + "." + code[n + 1 :]]]
        else:
            pool = self.by_sound[self.sound[c]]
            if kind == "near-homophone":
                pool = [x for x in self.near[_roughly(self.sound[c])] if x not in pool]
        pool = [x for x in pool if x != c]
        return int(draw.choice(pool)) if pool else c


def _roughly(reading: str) -> str:
    for a, b in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n")):
        if reading.startswith(a):
            reading = b + reading[len(a) :]
    return reading.removesuffix("g") if reading.endswith("ng") else reading
