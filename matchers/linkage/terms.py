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
RAREST = 3e-8  # one namesake in a city of thirty million
SAMPLE = 100_000  # recipients by whose names the leaning is chosen
LEANINGS = 4.0 ** np.arange(14)


@dataclass(frozen=True, slots=True)
class Terms:
    """One value per recipient: the chance that somebody else has the same.

    ``but_one``, ``surname`` and ``region``: that somebody else's name is the same but for one character, or
    in the surname, or the number in the region; as multiples of the average recipient's.
    """

    name: Floats
    sound: Floats
    but_one: Floats
    surname: Floats
    birth: Floats
    phone: Floats
    district: Floats
    employer: Floats
    region: Floats

    @classmethod
    def of(cls, recipients: Encoded, rows: Encoded) -> "Terms":
        """Chances by the recipients and rows of the night; the pair itself does not count."""
        names, theirs = recipients["name"], rows["name"]
        spelt = characters(names.narrow, theirs.narrow)
        region = recipients["id_number"].region
        employers = [side["employer"].core for side in (recipients, rows)]
        districts = np.concatenate([recipients["district"], rows["district"]])
        return cls(
            name=chance(names.spelling, theirs.spelling, spelt),
            sound=chance(names.sound, theirs.sound, characters(names.sounds, theirs.sounds)),
            but_one=_relative(_but_one(spelt, names.length)),
            surname=_relative(spelt[:, 0]),
            birth=np.maximum(frequency(recipients["birth_date"], recipients["birth_date"]), 1e-5),
            phone=_other_names(recipients, rows),
            district=np.maximum(frequency(recipients["district"], districts), 1e-3),
            employer=np.maximum(frequency(employers[0], np.concatenate(employers)), 1e-5),
            region=_relative(np.maximum(frequency(region, region), 1e-4)),
        )


def _relative(chance: Floats) -> Floats:
    return np.asarray(chance / chance.mean()) if len(chance) else chance


def characters(recipients: npt.NDArray[Any], rows: npt.NDArray[Any]) -> Floats:
    """The chance of each recipient's character by place, its absence behind the end included, 1 from there.

    A place counts the names that reach it. Each character counts once more than others bear it.
    """
    pool = np.concatenate([recipients, rows])
    shares = np.ones(recipients.shape)
    reaches = np.ones(len(pool), bool)
    for place in range(pool.shape[1]):
        symbol = pool[:, place]
        counts = np.bincount(symbol[reaches])
        own = np.flatnonzero(reaches[: len(recipients)])
        others = np.maximum(counts[symbol[own]] - 2, 0)
        shares[own, place] = (others + 1) / (reaches.sum() + np.count_nonzero(counts))
        reaches &= symbol > 0
    return shares


def chance(recipients: Ints, rows: Ints, parts: Floats) -> Floats:
    """The chance that somebody else bears each recipient's value, by its bearers and by its parts."""
    codes, _ = pd.factorize(np.concatenate([recipients, rows]))
    own = codes[: len(recipients)]
    bearers = np.bincount(codes)[own]
    by_parts = parts.prod(axis=1)
    lean = leaning(np.bincount(own)[own], by_parts) if len(own) else 0.0
    told = (np.maximum(bearers - 2, 0) + lean * by_parts) / (len(codes) + lean)
    return np.asarray(np.maximum(told, RAREST))


def leaning(bearers: Ints, by_parts: Floats) -> float:
    """How many bearers the parts stand for: what foretells each recipient's value best from all others."""
    size, step = len(bearers), -(-len(bearers) // SAMPLE)
    others, by_parts = bearers[::step] - 1.0, by_parts[::step]
    told = [np.log((others + lean * by_parts) / (size - 1.0 + lean)).mean() for lean in LEANINGS]
    return float(LEANINGS[int(np.argmax(told))])


def _but_one(spelt: Floats, length: npt.NDArray[np.int8]) -> Floats:
    """The chance of all characters but one, summed over which one after the surname."""
    total = np.zeros(len(spelt))
    for place in range(1, spelt.shape[1]):
        total += np.where(length > place, np.delete(spelt, place, axis=1).prod(axis=1), 0.0)
    return np.maximum(total, 1e-15)


def _other_names(recipients: Encoded, rows: Encoded) -> Floats:
    """For each recipient's telephone, the share of other names that are seen with it."""
    phone = np.concatenate([recipients["phone"], rows["phone"]])
    sound = np.concatenate([recipients["name"].sound, rows["name"].sound])
    once = ~pd.Series(mixed(phone, sound)).duplicated().to_numpy()
    bearers = phone[once & (phone >= 0)]
    size = max(len(bearers), 1)
    return np.maximum(frequency(recipients["phone"], bearers) - 1.0 / size, 0.0)
