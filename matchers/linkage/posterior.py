"""后验 — bits with term frequencies, competition inside a row, and the guard rails above the score."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from matchers.linkage.classify import Floats
from matchers.linkage.encoding import Ints, Mask
from matchers.linkage.field_levels import BirthLevel, EmployerLevel, PhoneLevel, SameLevel
from matchers.linkage.fields import FIELDS
from matchers.linkage.number_levels import (
    HIDES_SERIAL,
    HOLDS_BIRTH,
    HOLDS_REGION,
    HOLDS_SERIAL,
    REPAIRABLE,
    NumberLevel,
)
from matchers.linkage.parameters import FeedModel
from matchers.linkage.relatives import resemblance
from matchers.linkage.terms import FEW_VALUES, Terms
from matchers.people.names import NameLevel

LevelsOf = Mapping[str, npt.NDArray[np.int8]]
BUT_ONE = (NameLevel.SIMILAR_SHAPE, NameLevel.UNREADABLE, NameLevel.DROPPED, NameLevel.ONE_DIFFERS)
COLUMN = {field: n for n, field in enumerate(FIELDS)}

GUARDS = {
    "given_name": "名字不同而号码不相近",
    "one_character": "姓名少一字或有一字无关，号码不相近，也非生日、电话俱同且性别不异",
    "number": "所填号码的生日与顺序码均不同，姓名也不一致",
    "name_and_birth": "除姓名与出生日期外无足够佐证",
}
CORROBORATION = 1.0  # one field beyond name, sex and birth date must give more bits: one chance in two
SEQUENCE_DIGIT = np.log2(10)  # bits of the one digit of the serial that fifteen digits of a number show
REPEATED = 1.0  # bits that a birth date or a district may add where the number holds it already


def score(levels: LevelsOf, recipient: Ints, feed: FeedModel, terms: Terms, candidates: int) -> Floats:
    """Bits of each pair by field, in the order of ``FIELDS``, each counted in full.

    An agreement gives no more bits than the value's own frequency allows, and a column of one value none.
    """
    classifier = feed.classifier(candidates)
    bits = classifier.bits(np.column_stack([levels[field] for field in FIELDS]))
    rarity, name = terms.rarity, levels["name"]
    region = np.isin(levels["id_number"], list(HOLDS_REGION))
    phone = np.maximum(terms.phone, feed.u["phone"][PhoneLevel.EQUAL])
    for field, at, chance in (
        ("name", name <= NameLevel.FORMER, rarity.name),
        ("name", name == NameLevel.SAME_SOUND, rarity.sound),
        ("birth_date", levels["birth_date"] == BirthLevel.EQUAL, terms.birth),
        ("phone", levels["phone"] == PhoneLevel.EQUAL, phone),
        ("district", levels["district"] == SameLevel.EQUAL, terms.district),
        ("employer", levels["employer"] <= EmployerLevel.SAME_CORE, terms.employer),
    ):
        pairs = np.flatnonzero(at)
        _reweigh(bits, field, pairs, chance[recipient[pairs]] / feed.u[field][levels[field][pairs]])
        _at_most(bits, field, pairs, chance[recipient[pairs]])
    for field, at, chance in (
        ("sex", levels["sex"] == SameLevel.EQUAL, terms.sex),
        ("phone", levels["phone"] == PhoneLevel.ONE_DIGIT, phone),
        ("employer", levels["employer"] == EmployerLevel.SIMILAR, terms.employer),
    ):
        pairs = np.flatnonzero(at)
        _at_most(bits, field, pairs, chance[recipient[pairs]])
    for field, at, times in (
        ("name", np.isin(name, BUT_ONE), rarity.but_one),
        ("name", name == NameLevel.SURNAME_ONLY, rarity.surname),
        ("id_number", region, rarity.region),
    ):
        pairs = np.flatnonzero(at)
        _reweigh(bits, field, pairs, times[recipient[pairs]])
    for field, values in terms.values.items():
        if values == 1:
            bits[:, COLUMN[field]] = 0.0
    return bits


def _reweigh(bits: Floats, field: str, pairs: Ints, times: Floats) -> None:
    """Takes away the bits by which the agreement of these pairs is commoner than an average one."""
    bits[pairs, COLUMN[field]] -= np.clip(np.log2(times), -9.0, 9.0)


def _at_most(bits: Floats, field: str, pairs: Ints, chance: Floats) -> None:
    """Keeps the bits of these pairs within what a value of this chance can tell."""
    bits[pairs, COLUMN[field]] = np.minimum(bits[pairs, COLUMN[field]], -np.log2(chance))


def corroborated(levels: LevelsOf, recipient: Ints, bits: Floats, terms: Terms) -> Mask:
    """Which pairs have a field beyond name, sex and birth date that agrees by more than ``CORROBORATION``.

    The number counts where its serial agrees; where that is hidden or rounded away, as much as its region is
    rare. A number that repeats region and birth date while its serial contradicts does not count, nor does a
    column of two values.
    """
    number = levels["id_number"]
    by_number = np.where(np.isin(number, list(HOLDS_SERIAL)), bits[:, COLUMN["id_number"]], 0.0)
    hidden = np.flatnonzero(np.isin(number, list(HIDES_SERIAL)))
    region = -np.log2(terms.rarity.region_share[recipient[hidden]]) * (terms.rarity.regions > FEW_VALUES)
    shown = region + np.where(number[hidden] == NumberLevel.FLOAT15, SEQUENCE_DIGIT, 0.0)
    by_number[hidden] = np.minimum(shown, bits[hidden, COLUMN["id_number"]])
    telling = [f for f in ("phone", "district", "employer") if terms.values[f] > FEW_VALUES]
    beyond = bits[:, [COLUMN[field] for field in telling]]
    return np.asarray((beyond > CORROBORATION).any(axis=1) | (by_number > CORROBORATION))


def count_once(levels: LevelsOf, bits: Floats) -> None:
    """Leaves little of a birth date and a district that the number holds already."""
    for field, holds in (("birth_date", HOLDS_BIRTH), ("district", HOLDS_REGION)):
        held = np.flatnonzero(np.isin(levels["id_number"], list(holds)))
        bits[held, COLUMN[field]] = np.minimum(bits[held, COLUMN[field]], REPEATED)


def compete(
    row: Ints, levels: LevelsOf, bits: Floats, feed: FeedModel, candidates: int
) -> tuple[Floats, Floats]:
    """The posterior of each pair, and its rivals' bits: what it loses by them; ``row`` must be sorted.

    Beside a pair stand nobody, the other candidates of its row, and a relative of each candidate.
    """
    if len(row) == 0:
        return np.empty(0), np.empty(0)
    odds = bits.sum(axis=1) * np.log(2) + np.log(feed.share / max(candidates, 1))
    nobody = np.log1p(-feed.share)
    start = np.flatnonzero(np.diff(row, prepend=-1))
    size = np.diff(np.append(start, len(row)))
    top = np.maximum(np.maximum.reduceat(odds, start), nobody)
    weight = np.exp(odds - np.repeat(top, size))
    relatives = weight * resemblance(levels, feed)
    alone = np.repeat(np.exp(nobody - top), size)
    everyone = np.repeat(np.add.reduceat(weight + relatives, start), size)
    rivals = relatives + np.maximum(everyone - (weight + relatives), 0.0)
    return weight / (everyone + alone), np.log2(alone) - np.log2(alone + rivals)


def guards(levels: LevelsOf, corroboration: Mask) -> dict[str, Mask]:
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
    return {
        "given_name": (name >= NameLevel.SURNAME_ONLY) & ~(serial_seen & ~born_otherwise),
        "one_character": one_character & ~(serial_seen | same_birth_and_phone),
        "number": elsewhere & (name > NameLevel.FORMER),
        "name_and_birth": ~corroboration,
    }
