"""签名 — a person who signs, as names are compared: two ways to write one name are one signature."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from matchers.text import name_key

if TYPE_CHECKING:
    from opencc import OpenCC

# Variants that OpenCC does not take for one another, each before its standard form.
VARIANTS = str.maketrans(
    dict(re.findall(r"(\S)(\S)", "靑青 淸清 髙高 﨑崎 衞卫 寗宁 甯宁 彊强 喦岩 嵒岩 槀槁 堃坤 喆哲"))
)

STAFF_NUMBER = re.compile(r"(?<=\D)\d+$")


def signature(name: str) -> str:
    """The name as it is compared; empty where nothing in it names anybody.

    NFKC, without blanks, signs and bracketed remarks, without case, each character simplified.
    """
    letters = (c for c in name_key(name) if unicodedata.category(c)[0] in "LN")
    return "".join(_simplified(c) for c in "".join(letters).casefold().translate(VARIANTS))


def same(one: str, other: str) -> bool:
    """Whether two signatures are one person's: alike in ``signature``, and naming somebody.

    A staff number behind a name tells two people of one name apart only where both have one.
    """
    first, second = signature(one), signature(other)
    alike = first in (second, STAFF_NUMBER.sub("", second)) or second == STAFF_NUMBER.sub("", first)
    return alike and "" not in (first, second)


def among(one: str, others: Iterable[str]) -> bool:
    """Whether one of ``others`` is the same person's signature."""
    return any(same(one, other) for other in others)


@cache
def _simplified(character: str) -> str:
    simplified: str = _simplifier().convert(character)
    return simplified.translate(VARIANTS)


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")
