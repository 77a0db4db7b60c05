"""偶合 — u: how often two different people agree, level by level.

Common levels are counted on pairs drawn at random; half of the draws share the sound of the surname, without
which names hardly ever come near. Levels too rare to be drawn are worked out from the frequencies of values:
counting them would give each a weight that is nothing but the size of the sample.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from matchers.linkage.classify import Floats, smoothed
from matchers.linkage.encoding import Ints, agreement_rate, frequency
from matchers.linkage.field_levels import BirthLevel, EmployerLevel, PhoneLevel
from matchers.linkage.fields import FIELDS, SIZES
from matchers.linkage.linking import Linkage
from matchers.linkage.number_levels import BIRTH, MASK, REGION, SERIAL, NumberLevel, Numbers
from matchers.linkage.terms import Encoded, bearers
from matchers.people.names import NameLevel
from matchers.schemas import ComparedRows

DRAWS, NAME_DRAWS = 100_000, 500_000
FEWEST = 5  # a level seen less often among names that share no sound is not counted there
NAME = list(FIELDS).index("name")
SHARED_PHONE = 1e-7  # households and agents: strangers' telephones agree more often than recipients' show
ASSUMED_SHAPES = {
    "whole": 0.7, "rounded": 0.15, "float": 0.07, "birth_masked": 0.04, "serial_masked": 0.02, "short": 0.08,
    "long": 0.03,
}  # fmt: skip
RANDOM_NEAR_PHONE = 1e-6  # one digit of eleven, or two neighbours, otherwise


def chances(linkage: Linkage, rows: ComparedRows) -> dict[str, Floats]:
    """The chance u of every level by field, missing left out (its place holds 1), for rows like ``rows``."""
    size, count = len(linkage.entries), len(rows)
    if size == 0 or count == 0:
        return {field: np.append(np.full(n - 1, 1 / (n - 1)), 1.0) for field, n in SIZES.items()}
    draw = np.random.default_rng(0)
    entry, row = draw.integers(0, size, DRAWS), draw.integers(0, count, DRAWS)
    levels = linkage.levels(rows, entry, row)
    u = {f: smoothed(np.bincount(levels[f], minlength=SIZES[f])[:-1], 0.5) for f in FIELDS}
    left, right = linkage.encoded(linkage.entries, "left"), linkage.encoded(rows, "right")
    u["name"] = _names(linkage, draw, left, right)
    birth, phone = (agreement_rate(bearers(left, right, field)) for field in ("birth_date", "phone"))
    u["birth_date"] = _with(u["birth_date"], {BirthLevel.EQUAL: birth})
    u["phone"] = _with(
        u["phone"], {PhoneLevel.EQUAL: max(phone, SHARED_PHONE), PhoneLevel.ONE_DIGIT: RANDOM_NEAR_PHONE}
    )
    employers = left["employer"].name, right["employer"].name
    met = frequency(*employers)[employers[0] >= 0]
    employer = max(float(met.mean()) if len(met) else 0.0, u["employer"][EmployerLevel.EQUAL])
    u["employer"] = _with(u["employer"], {EmployerLevel.EQUAL: employer})
    u["id_number"] = _numbers(left["id_number"], right["id_number"], u["id_number"])
    return {field: np.append(shares, 1.0) for field, shares in u.items()}


def _with(shares: Floats, settled: Mapping[Any, float]) -> Floats:
    """The shares with some levels set, the others made to fill the rest, but none rarer than it was seen.

    Where a column holds one value, nothing is left to fill: the sum may then be more than one.
    """
    filled = shares.copy()
    at = list(settled)
    filled[at] = 0.0
    filled *= max((1.0 - sum(settled.values())) / filled.sum(), 1.0)
    filled[at] = list(settled.values())
    return np.clip(filled, 1e-15, 1.0)


def _names(linkage: Linkage, draw: np.random.Generator, left: Encoded, right: Encoded) -> Floats:
    """Names in two strata: pairs whose surnames sound alike, and all others."""
    own, theirs = left["name"].opening_sound, right["name"].opening_sound
    order = np.argsort(theirs, kind="stable")
    low = np.searchsorted(theirs[order], own, "left")
    alike = np.where(own < 0, 0, np.searchsorted(theirs[order], own, "right") - low)
    chance = alike.sum() / (len(own) * len(theirs))
    entry, row = draw.integers(0, len(own), NAME_DRAWS), draw.integers(0, len(theirs), NAME_DRAWS)
    apart = own[entry] != theirs[row]
    far = _name_counts(linkage, left, right, entry[apart], row[apart])
    far *= far >= FEWEST
    u = (1 - chance) * far / max(far.sum(), 1.0)
    if chance > 0:
        running = np.cumsum(alike)
        at = draw.integers(0, running[-1], NAME_DRAWS)
        entry = np.searchsorted(running, at, "right")
        row = order[low[entry] + (at - (running[entry] - alike[entry]))]
        u += chance * smoothed(_name_counts(linkage, left, right, entry, row), 0.5)
    equal = agreement_rate(left["name"].spelling)
    same_sound = max(agreement_rate(left["name"].sound) - equal, equal / 10)
    return _with(
        np.maximum(u, 1e-9),
        {NameLevel.EQUAL: equal, NameLevel.FORMER: equal, NameLevel.SAME_SOUND: same_sound},
    )


def _name_counts(linkage: Linkage, left: Encoded, right: Encoded, entry: Ints, row: Ints) -> Floats:
    levels = linkage.compare.features[NAME].compare(left["name"], right["name"], entry, row)
    return np.bincount(levels, minlength=SIZES["name"])[:-1].astype(np.float64)


def _numbers(own: Numbers, theirs: Numbers, seen: Floats) -> Floats:
    """Number levels from the chances that region, birth date and serial agree by themselves.

    A text within one edit of a sound number has as many neighbours as there are such edits, each as likely a
    stranger's as any other number. Shapes count as often as they occur among the rows.
    """
    region, birth, serial = (agreement_rate(part) for part in (own.region, own.birth, own.serial))
    both = region * birth * serial
    shape = _shapes(theirs)
    near = _one_digit_chances(own)
    return _with(
        seen,
        {
            NumberLevel.EQUAL: both,
            NumberLevel.REGION_DIGIT: shape["whole"] * near[0] * birth * serial,
            NumberLevel.BIRTH_DIGIT: shape["whole"] * region * near[1] * serial,
            NumberLevel.SERIAL_DIGIT: shape["whole"] * region * birth * near[2],
            NumberLevel.SWAPPED: shape["whole"] * 17 * both,
            NumberLevel.DROPPED: shape["short"] * 180 * both,
            NumberLevel.INSERTED: shape["long"] * 19 * both,
            NumberLevel.MASKED_BIRTH: shape["birth_masked"] * region * serial,
            NumberLevel.MASKED_SERIAL: shape["serial_masked"] * region * birth,
            NumberLevel.FLOAT15: (shape["rounded"] + shape["float"]) * region * birth / 10,
            NumberLevel.FLOAT6: shape["float"] * region,
            NumberLevel.TWO_DIGITS: shape["whole"] * 17 * 16 / 2 * 81 * both,
            NumberLevel.BIRTH_SERIAL: birth * serial,
            NumberLevel.REGION_SERIAL: region * serial,
            NumberLevel.REGION_BIRTH: region * birth,
            NumberLevel.BIRTH_ONLY: birth,
        },
    )


def _shapes(numbers: Numbers) -> dict[str, float]:
    """Which share of the given numbers has which shape, a hundred assumed ones among them."""
    given = numbers.length > 0
    stars = (numbers.characters == MASK).any(axis=1) & ~numbers.floats
    birth_masked = stars & (numbers.characters[:, BIRTH] == MASK).any(axis=1)
    whole = (numbers.length == 18) & ~stars & ~numbers.floats
    rounded = whole & (numbers.characters[:, 15:18] == 0).all(axis=1)
    shapes = {"whole": whole, "rounded": rounded, "float": numbers.floats, "birth_masked": birth_masked}
    shapes |= {"serial_masked": stars & ~birth_masked}
    shapes |= {"short": numbers.length == 17, "long": numbers.length == 19}
    return {
        name: float((shape[given].sum() + 100 * ASSUMED_SHAPES[name]) / (given.sum() + 100))
        for name, shape in shapes.items()
    }


def _one_digit_chances(own: Numbers) -> list[float]:
    """How often two recipients' regions, birth dates and serials differ in exactly one character."""
    sound = np.flatnonzero(own.length == 18)
    if len(sound) < 2:
        return [1e-3, 1e-3, 1e-3]
    draw = np.random.default_rng(1)
    a, b = (own.characters[draw.choice(sound, DRAWS)] for _ in range(2))
    return [
        float(((a[:, part] != b[:, part]).sum(axis=1) == 1).mean()) + 0.5 / DRAWS
        for part in (REGION, BIRTH, SERIAL)
    ]
