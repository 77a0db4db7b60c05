"""词频 — how common each recipient's values are: agreeing on a rare one weighs more.

A name that nobody else bears tonight is not for that as common as any other such name. Its chance leans on
the chances of its characters, as strongly as the night's own names say: where characters go together
freely, much; where names are formulas, little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.linkage.classify import Floats
from matchers.linkage.encoding import Ints, frequency, mixed

Encoded = Mapping[str, Any]
FEW_VALUES = 2  # with so many a column tells no two people apart
FEWEST, UNCERTAIN = 5, 1_000_000
CHANGING = ("birth_date", "sex", "phone", "district", "employer")
RAREST = 3e-8  # one namesake in a city of thirty million
SAMPLE = 100_000  # recipients by whose names the leaning is chosen
LEANINGS = 4.0 ** np.arange(14)


@dataclass(frozen=True, slots=True)
class Rarity:
    """One value per recipient: the chance that somebody else has the same, by the recipients themselves.

    ``but_one``, ``surname`` and ``region``: that somebody else's name is the same but for one character, or
    in the surname, or the number in the region; as multiples of the average recipient's. ``region_share``:
    the share of the recipients whose number has the region; ``regions``: how many there are.
    """

    name: Floats
    sound: Floats
    but_one: Floats
    surname: Floats
    birth: Floats
    region: Floats
    region_share: Floats
    regions: int

    @classmethod
    def of(cls, recipients: Encoded) -> "Rarity":
        """The same for every feed of a night; the recipient himself does not count."""
        names, region, birth = recipients["name"], recipients["id_number"].region, recipients["birth_date"]
        spelt = characters(names.narrow)
        region_share = np.maximum(frequency(region, region), 1e-4)
        return cls(
            name=chance(names.spelling, spelt),
            sound=chance(names.sound, characters(names.sounds)),
            but_one=_relative(_but_one(spelt, names.length)),
            surname=_relative(spelt[:, 0]),
            birth=np.maximum(frequency(birth, birth), 1e-5),
            region=_relative(region_share),
            region_share=region_share,
            regions=_values(region, names.sound),
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """``Rarity``, and the same of what the feed's rows show too: birth date, sex, telephone and so on.

    ``values``: how many values the columns of ``CHANGING`` hold, on the side that holds fewer;
    ``UNCERTAIN`` where fewer than ``FEWEST`` people are in the column.
    """

    rarity: Rarity
    birth: Floats
    sex: Floats
    phone: Floats
    district: Floats
    employer: Floats
    values: Mapping[str, int]

    @classmethod
    def of(cls, rarity: Rarity, recipients: Encoded, rows: Encoded) -> "Terms":
        """Chances by the recipients and rows of the night."""
        sexes, districts = (np.concatenate([recipients[f], rows[f]]) for f in ("sex", "district"))
        return cls(
            rarity=rarity,
            birth=np.maximum(rarity.birth, _other_names(recipients, rows, "birth_date")),
            sex=np.where(recipients["sex"] < 0, 1.0, frequency(recipients["sex"], sexes)),
            phone=_other_names(recipients, rows, "phone"),
            district=np.maximum(frequency(recipients["district"], districts), 1e-3),
            employer=np.maximum(
                _employer(recipients, rows, "core"), _employer(recipients, rows, "credit_code")
            ),
            values={
                field: min(
                    _values(column, side["name"].sound)
                    for side in (recipients, rows)
                    for column in _columns(side, field)
                )
                for field in CHANGING
            },
        )


def _relative(chance: Floats) -> Floats:
    return np.asarray(chance / chance.mean()) if len(chance) else chance


def characters(names: npt.NDArray[Any]) -> Floats:
    """The chance of each name's character by place, its absence behind the end included, 1 from there.

    A place counts the names that reach it. Each character counts once more than others bear it.
    """
    shares = np.ones(names.shape)
    reaches = np.ones(len(names), bool)
    for place in range(names.shape[1]):
        symbol = names[reaches, place]
        counts = np.bincount(symbol)
        shares[reaches, place] = counts[symbol] / (len(symbol) + np.count_nonzero(counts))
        reaches &= names[:, place] > 0
    return shares


def chance(values: Ints, parts: Floats) -> Floats:
    """The chance that somebody else bears each recipient's value, by its bearers and by its parts."""
    if len(values) == 0:
        return np.empty(0)
    codes, _ = pd.factorize(values)
    others = np.bincount(codes)[codes].astype(np.float64) - 1.0
    by_parts = parts.prod(axis=1)
    lean = leaning(others, by_parts)
    return np.asarray(np.maximum((others + lean * by_parts) / (len(values) + lean), RAREST))


def leaning(others: Floats, by_parts: Floats) -> float:
    """How many bearers the parts stand for: what foretells each recipient's value best from all others."""
    size, step = len(others), -(-len(others) // SAMPLE)
    others, by_parts = others[::step], by_parts[::step]
    likelihoods = [np.log((others + lean * by_parts) / (size - 1.0 + lean)).mean() for lean in LEANINGS]
    return float(LEANINGS[int(np.argmax(likelihoods))])


def _but_one(spelt: Floats, length: npt.NDArray[np.int8]) -> Floats:
    """The chance of all characters but one, summed over which one after the surname."""
    total = np.zeros(len(spelt))
    for place in range(1, spelt.shape[1]):
        total += np.where(length > place, np.delete(spelt, place, axis=1).prod(axis=1), 0.0)
    return np.maximum(total, 1e-15)


def bearers(recipients: Encoded, rows: Encoded, field: str) -> Ints:
    """The values of a field by everybody who bears them: a value once for every name that it is seen with."""
    value = np.concatenate([recipients[field], rows[field]])
    sound = np.concatenate([recipients["name"].sound, rows["name"].sound])
    once = ~pd.Series(mixed(value, sound)).duplicated().to_numpy()
    return np.asarray(value[once & (value >= 0)], np.int64)


def _other_names(recipients: Encoded, rows: Encoded, field: str) -> Floats:
    """For each recipient's value, the share of other names that are seen with it."""
    everybody = bearers(recipients, rows, field)
    return np.maximum(frequency(recipients[field], everybody) - 1.0 / max(len(everybody), 1), 0.0)


def _employer(recipients: Encoded, rows: Encoded, part: str) -> Floats:
    """The chance of each recipient's employer by one part of it: two are equal by either."""
    own, theirs = (getattr(side["employer"], part) for side in (recipients, rows))
    return np.maximum(np.where(own < 0, 0.0, frequency(own, np.concatenate([own, theirs]))), 1e-5)


def _columns(side: Encoded, field: str) -> list[npt.NDArray[np.integer]]:
    return [side["employer"].core, side["employer"].credit_code] if field == "employer" else [side[field]]


def _values(column: npt.NDArray[np.integer], sound: Ints) -> int:
    """How many values a column holds; ``UNCERTAIN`` where too few people are in it to say."""
    values = len(pd.unique(column[column >= 0]))
    if values > FEW_VALUES:
        return values
    people = len(pd.unique(mixed(column, sound)[(column >= 0) & (sound >= 0)]))
    return values if people >= FEWEST else UNCERTAIN
