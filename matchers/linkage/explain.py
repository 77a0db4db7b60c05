"""说明 — why a link was made: one Chinese sentence and the facts behind it, as JSON, with every link."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from matchers.linkage.encoding import text
from matchers.linkage.field_levels import BirthLevel, EmployerLevel, PhoneLevel, SameLevel
from matchers.linkage.fields import FIELDS, SIZES
from matchers.linkage.index import KEYS
from matchers.linkage.number_levels import NumberLevel
from matchers.linkage.picture import FIELD_WORDS
from matchers.linkage.posterior import GUARDS
from matchers.people.names import Likeness, NameLevel, likeness
from matchers.schemas import ComparedRecipients, ComparedRows

WORDS: dict[str, dict[int, str]] = {
    "name": {
        NameLevel.EQUAL: "姓名一致",
        NameLevel.FORMER: "与曾用名一致",
        NameLevel.SAME_SOUND: "姓名同音",
        NameLevel.FUZZY_SOUND: "姓名近音",
        NameLevel.SIMILAR_SHAPE: "姓名形近",
        NameLevel.UNREADABLE: "姓名有字不可辨",
        NameLevel.DROPPED: "姓名少一字",
        NameLevel.SWAPPED: "名字两字颠倒",
        NameLevel.ONE_DIFFERS: "姓名有一字不同",
        NameLevel.SURNAME_ONLY: "仅姓氏相同",
        NameLevel.GIVEN_ONLY: "仅名字相同",
        NameLevel.DIFFERENT: "姓名不同",
    },
    "id_number": {
        NumberLevel.EQUAL: "身份证号一致",
        NumberLevel.SWAPPED: "身份证号相邻两位颠倒",
        NumberLevel.DROPPED: "身份证号少一位",
        NumberLevel.INSERTED: "身份证号多一位",
        NumberLevel.MASKED_BIRTH: "身份证号未遮盖部分一致",
        NumberLevel.MASKED_SERIAL: "身份证号未遮盖部分一致",
        NumberLevel.FLOAT15: "身份证号前十五位一致（电子表格舍入）",
        NumberLevel.FLOAT6: "身份证号前几位一致（科学计数法）",
        NumberLevel.TWO_DIGITS: "身份证号两位不同",
        NumberLevel.BIRTH_SERIAL: "身份证号生日与顺序码一致，地区码不同",
        NumberLevel.REGION_SERIAL: "身份证号地区码与顺序码一致，生日不同",
        NumberLevel.REGION_BIRTH: "身份证号地区码与生日一致，顺序码不同",
        NumberLevel.BIRTH_ONLY: "身份证号仅生日一致",
        NumberLevel.REGION_ONLY: "身份证号仅地区码一致",
        NumberLevel.DIFFERENT: "身份证号不同",
    },
    "birth_date": {
        BirthLevel.EQUAL: "出生日期一致",
        BirthLevel.SWAPPED: "出生月日颠倒",
        BirthLevel.ONE_DIGIT: "出生日期一位不同",
        BirthLevel.TEN_YEARS: "出生年份差十年",
        BirthLevel.TWO_PARTS: "出生日期部分一致",
        BirthLevel.YEAR_ONLY: "仅出生年份一致",
        BirthLevel.DIFFERENT: "出生日期不同",
    },
    "sex": {SameLevel.EQUAL: "性别一致", SameLevel.DIFFERENT: "性别不同"},
    "phone": {
        PhoneLevel.EQUAL: "手机号一致",
        PhoneLevel.ONE_DIGIT: "手机号一位不同",
        PhoneLevel.DIFFERENT: "手机号不同",
    },
    "district": {SameLevel.EQUAL: "区划一致", SameLevel.DIFFERENT: "区划不同"},
    "employer": {
        EmployerLevel.EQUAL: "单位一致",
        EmployerLevel.SAME_CORE: "单位名称主体一致",
        EmployerLevel.SIMILAR: "单位名称相近",
        EmployerLevel.DIFFERENT: "单位不同",
    },
}
_ALWAYS_NAMED = ("id_number", "name")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Chosen pairs, one a position: both sides, levels and bits by field, and what else is explained.

    ``keys``: by which they met, as bits. ``held_by``: a column for each of ``GUARDS``. ``runner_up``:
    person_id of the row's second, where ``has_runner_up``.
    """

    recipients: ComparedRecipients
    rows: ComparedRows
    levels: Mapping[str, npt.NDArray[np.int8]]
    bits: npt.NDArray[np.float64]
    posterior: npt.NDArray[np.float64]
    rivals: npt.NDArray[np.float64]
    keys: npt.NDArray[np.uint8]
    held_by: npt.NDArray[np.bool_]
    runner_up: npt.NDArray[np.object_]
    has_runner_up: npt.NDArray[np.bool_]
    runner_up_posterior: npt.NDArray[np.float64]


def explained(pairs: Pairs, prior: float, version: str) -> list[str]:
    """One JSON object for each pair: sentence, fields with level and bits, bits of prior and rivals,
    posterior, runner-up, the keys by which it met, the guard rails that hold it, the model's version.
    """
    names = zip(_texts(pairs.recipients, "name_key"), _texts(pairs.rows, "name_key"), strict=True)
    numbers = zip(_texts(pairs.recipients, "id_key"), _texts(pairs.rows, "id_number"), strict=True)
    levels = np.column_stack([pairs.levels[field] for field in FIELDS]).tolist()
    bits = np.round(pairs.bits, 2).tolist()
    explanations = []
    for n, (name, number) in enumerate(zip(names, numbers, strict=True)):
        level = dict(zip(FIELDS, levels[n], strict=True))
        explanations.append(
            {
                "sentence": sentence(level, name, number),
                "fields": [
                    {"field": field, "level": _LEVEL_NAMES[field][level[field]], "bits": weight}
                    for field, weight in zip(FIELDS, bits[n], strict=True)
                ],
                "prior_bits": round(prior, 2),
                "rivals_bits": round(float(pairs.rivals[n]), 2),
                "posterior": float(f"{pairs.posterior[n]:.6g}"),
                "runner_up": _runner_up(pairs, n),
                "found_by": [key for k, key in enumerate(KEYS) if pairs.keys[n] >> k & 1],
                "held_by": [rail for rail, holds in zip(GUARDS, pairs.held_by[n], strict=True) if holds],
                "model": version,
            }
        )
    return [json.dumps(one, ensure_ascii=False) for one in explanations]


_LEVEL_NAMES = {field: [level.name for level in feature.levels] for field, feature in FIELDS.items()}


def _runner_up(pairs: Pairs, n: int) -> dict[str, Any] | None:
    if not pairs.has_runner_up[n]:
        return None
    return {"person_id": pairs.runner_up[n], "posterior": float(f"{pairs.runner_up_posterior[n]:.3g}")}


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    texts: list[str] = pc.fill_null(text(frame[column]), "").to_pylist()
    return texts


def sentence(level: Mapping[str, int], name: tuple[str, str], number: tuple[str, str]) -> str:
    """「身份证号第 12 位不同；姓名同音（伟／玮）；手机号一致」: recipient before row in every pair."""
    parts = []
    for field in ("id_number", "name", "birth_date", "phone", "district", "employer", "sex"):
        at = level[field]
        if at == SIZES[field] - 1:
            if field in _ALWAYS_NAMED:
                parts.append(f"无可用{FIELD_WORDS[field]}")
        elif field == "id_number":
            parts.append(number_words(NumberLevel(at), *number))
        elif field == "name":
            parts.append(name_words(NameLevel(at), *name))
        elif field != "sex" or at == SameLevel.DIFFERENT:
            parts.append(WORDS[field][at])
    return "；".join(parts)


def number_words(level: NumberLevel, own: str, given: str) -> str:
    """What is wrong with the number, with the place of the digit where it is one."""
    place = next((n for n, (a, b) in enumerate(zip(own, given, strict=False), 1) if a != b), len(given) + 1)
    if level in (NumberLevel.REGION_DIGIT, NumberLevel.BIRTH_DIGIT, NumberLevel.SERIAL_DIGIT):
        return f"身份证号第 {place} 位不同"
    if level == NumberLevel.SWAPPED:
        return f"身份证号第 {place}、{place + 1} 位颠倒"
    if level == NumberLevel.DROPPED:
        return f"身份证号缺第 {place} 位"
    if level == NumberLevel.INSERTED:
        return f"身份证号第 {place} 位多出"
    return WORDS["id_number"][level]


def name_words(level: NameLevel, own: str, given: str) -> str:
    """How the names agree, with the characters that differ: 「姓名同音（伟／玮）」."""
    words = WORDS["name"][level]
    if level in (NameLevel.EQUAL, NameLevel.FORMER):
        return words
    if len(own) != len(given) or level in (NameLevel.DIFFERENT, NameLevel.SURNAME_ONLY, NameLevel.SWAPPED):
        return f"{words}（{own}／{given}）"
    pairs = [(a, b) for a, b in zip(own, given, strict=True) if likeness(a, b) != Likeness.EQUAL]
    return f"{words}（{''.join(a for a, _ in pairs)}／{''.join(b for _, b in pairs)}）"
