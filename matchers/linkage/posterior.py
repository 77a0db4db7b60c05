"""后验 — bits with term frequencies, competition inside a row, and the guard rails above the score."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.linkage.classify import Floats
from matchers.linkage.encoding import Ints, Mask, frequency, mixed
from matchers.linkage.field_levels import BirthLevel, EmployerLevel, PhoneLevel, SameLevel
from matchers.linkage.fields import FIELDS
from matchers.linkage.number_levels import HOLDS_BIRTH, REPAIRABLE, NumberLevel
from matchers.linkage.parameters import FeedModel
from matchers.names import NameLevel

Encoded = Mapping[str, Any]
LevelsOf = Mapping[str, npt.NDArray[np.int8]]
LIKE_A_RELATIVE = frozenset(range(NameLevel.SIMILAR_SHAPE, NameLevel.MISSING)) - {
    NameLevel.UNREADABLE,
    NameLevel.SWAPPED,
}
COLUMN = {field: n for n, field in enumerate(FIELDS)}

GUARDS = {
    "given_name": "名字不同而号码不相近",
    "one_character": "姓名少一字或有一字无关，号码不相近，也非生日、电话俱同且性别不异",
    "number": "所填号码的生日与顺序码均不同，姓名也不一致",
    "name_and_birth": "除姓名与出生日期外无足够佐证",
}
CORROBORATION = 3.0  # bits that must come from beyond name, sex and birth date: one chance in eight
BIRTH_TWICE = 1.0  # bits a birth date may add where the number has told it already
HOUSEHOLD = 8.0  # bits a telephone may add where the given names differ: families share surname and telephone


@dataclass(frozen=True, slots=True)
class Terms:
    """How common the values of recipients are, for the levels where an equal rare value weighs more.

    Each array has one value per recipient: the chance that another person has the same.
    """

    name: Floats
    sound: Floats
    birth: Floats
    phone: Floats
    district: Floats
    employer: Floats

    @classmethod
    def of(cls, recipients: Encoded, rows: Encoded) -> "Terms":
        """Frequencies among the recipients and rows of the night; nothing is rarer than twice seen."""
        spelling, sound = (
            [getattr(side["name"], part) for side in (recipients, rows)] for part in ("spelling", "sound")
        )
        rarest = 2.0 / max(len(spelling[0]) + len(spelling[1]), 1)
        employers = [side["employer"].core for side in (recipients, rows)]
        districts = np.concatenate([recipients["district"], rows["district"]])
        return cls(
            name=np.maximum(frequency(spelling[0], np.concatenate(spelling)), rarest),
            sound=np.maximum(frequency(sound[0], np.concatenate(sound)), rarest),
            birth=np.maximum(frequency(recipients["birth_date"], recipients["birth_date"]), 1e-5),
            phone=_other_names(recipients, rows),
            district=np.maximum(frequency(recipients["district"], districts), 1e-3),
            employer=np.maximum(frequency(employers[0], np.concatenate(employers)), max(rarest, 1e-4)),
        )


def _other_names(recipients: Encoded, rows: Encoded) -> Floats:
    """For each recipient's telephone, the share of other names that are seen with it."""
    phone = np.concatenate([recipients["phone"], rows["phone"]])
    sound = np.concatenate([recipients["name"].sound, rows["name"].sound])
    once = ~pd.Series(mixed(phone, sound)).duplicated().to_numpy()
    bearers = phone[once & (phone >= 0)]
    size = max(len(bearers), 1)
    return np.maximum(frequency(recipients["phone"], bearers) - 1.0 / size, 0.0)


def score(levels: LevelsOf, recipient: Ints, feed: FeedModel, terms: Terms, candidates: int) -> Floats:
    """Bits of each pair by field, in the order of ``FIELDS``, term frequencies included."""
    classifier = feed.classifier(candidates)
    bits = classifier.bits(np.column_stack([levels[field] for field in FIELDS]))
    name, birth = levels["name"], levels["birth_date"]
    for field, at, chance in (
        ("name", name <= NameLevel.FORMER, terms.name),
        ("name", name == NameLevel.SAME_SOUND, terms.sound),
        ("birth_date", birth == BirthLevel.EQUAL, terms.birth),
        ("phone", levels["phone"] == PhoneLevel.EQUAL, np.maximum(terms.phone, feed.u["phone"][0])),
        ("district", levels["district"] == SameLevel.EQUAL, terms.district),
        ("employer", levels["employer"] <= EmployerLevel.SAME_CORE, terms.employer),
    ):
        pairs = np.flatnonzero(at)
        average = feed.u[field][levels[field][pairs]]
        bits[pairs, COLUMN[field]] += np.clip(np.log2(average / chance[recipient[pairs]]), -9.0, 6.0)
    told = np.isin(levels["id_number"], list(HOLDS_BIRTH)) & (birth != BirthLevel.MISSING)
    column = bits[:, COLUMN["birth_date"]]
    column[told] = np.minimum(column[told], BIRTH_TWICE)
    family = np.isin(name, list(LIKE_A_RELATIVE))
    column = bits[:, COLUMN["phone"]]
    column[family] = np.minimum(column[family], HOUSEHOLD)
    return bits


def compete(row: Ints, bits: Floats, feed: FeedModel, candidates: int) -> Floats:
    """The posterior of each pair, its row's other candidates and nobody beside it; ``row`` must be sorted."""
    if len(row) == 0:
        return np.empty(0)
    odds = bits.sum(axis=1) * np.log(2) + np.log(feed.share / max(candidates, 1))
    nobody = np.log1p(-feed.share)
    start = np.flatnonzero(np.diff(row, prepend=-1))
    size = np.diff(np.append(start, len(row)))
    top = np.maximum(np.maximum.reduceat(odds, start), nobody)
    weight = np.exp(odds - np.repeat(top, size))
    total = np.add.reduceat(weight, start) + np.exp(nobody - top)
    return np.asarray(weight / np.repeat(total, size))


def guards(levels: LevelsOf, bits: Floats) -> dict[str, Mask]:
    """Which pairs each rail of ``GUARDS`` keeps from being a link, whatever their posterior."""
    name, number = levels["name"], levels["id_number"]
    birth, phone = levels["birth_date"], levels["phone"]
    repaired = np.isin(number, list(REPAIRABLE)) & (number != NumberLevel.FLOAT6)
    serial_seen = repaired & ~np.isin(number, [NumberLevel.FLOAT15, NumberLevel.MASKED_SERIAL])
    born_otherwise = np.isin(birth, [BirthLevel.YEAR_ONLY, BirthLevel.DIFFERENT])
    same_birth_and_phone = (birth == BirthLevel.EQUAL) & (phone == PhoneLevel.EQUAL)
    same_birth_and_phone &= levels["sex"] != SameLevel.DIFFERENT
    one_character = np.isin(name, [NameLevel.DROPPED, NameLevel.ONE_DIFFERS])
    elsewhere = np.isin(number, [NumberLevel.REGION_ONLY, NumberLevel.DIFFERENT])
    beyond = bits[:, [COLUMN[field] for field in ("phone", "district", "employer")]]
    by_number = np.where(number == NumberLevel.BIRTH_ONLY, 0.0, bits[:, COLUMN["id_number"]])
    corroboration = np.maximum(beyond, 0).sum(axis=1) + np.maximum(by_number, 0)
    return {
        "given_name": (name >= NameLevel.SURNAME_ONLY) & ~(serial_seen & ~born_otherwise),
        "one_character": one_character & ~(serial_seen | same_birth_and_phone),
        "number": elsewhere & (name > NameLevel.FORMER),
        "name_and_birth": corroboration < CORROBORATION,
    }
