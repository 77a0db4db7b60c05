"""姓名比较 — ``matchers.people.names.compare`` for millions of pairs: the same levels, from tables.

Each distinct character gets a number; a matrix holds the likeness of every two of them, so that a pair of
names costs a few look-ups. Surnames have an alphabet of their own, since they are read differently.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from matchers.linkage.compare import LevelFeature
from matchers.linkage.encoding import Ints, Levels, code_points, mixed, text
from matchers.people.glyphs import UNREADABLE, fuzzy, glyph, surname_readings
from matchers.people.names import Likeness, NameLevel

NARROW = 4  # characters of nearly every name
WIDTH = 24  # longer names are compared on their first characters
LIMIT = 8192  # characters with a place in the matrix; a rarer one is only equal to itself
_END, _UNREADABLE = 0, 1
Ids = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Names:
    """Encoded names: character numbers, 0 behind the end.

    ``spelling`` and ``sound`` are one number for the whole name and for its usual reading, for joins and
    frequencies; ``sounds`` holds the first four characters' sounds, 0 behind the end and where there is none.
    """

    narrow: Ids
    wide: Ids
    length: npt.NDArray[np.int8]
    spelling: Ints
    sound: Ints
    sounds: npt.NDArray[np.int32]

    @property
    def opening_sound(self) -> Ints:
        """The sound of the first character; -1 where it has none."""
        return np.where(self.sounds[:, 0] > 0, self.sounds[:, 0], -1).astype(np.int64)

    @property
    def given_sound(self) -> Ints:
        """The sound of the second character; -1 where it has none."""
        return np.where(self.sounds[:, 1] > 0, self.sounds[:, 1], -1).astype(np.int64)


class Alphabet:
    """Characters met so far, numbered, and the likeness of every two of them."""

    def __init__(self, *, opening: bool):
        self._opening = opening
        self._number = np.full(0x110000, -1, np.int32)
        self._number[0] = _END
        self._characters = ["", "□"]
        self._plain: dict[str, int] = {}
        self._reading: dict[str, int] = {}
        self._readings = [0, -1]
        self._likeness = np.zeros((0, 0), np.int8)

    def ids(self, codepoints: npt.NDArray[np.uint32]) -> Ids:
        """Numbers of characters; simplified and traditional forms have the same."""
        flat = self._number[codepoints]
        for new in np.unique(codepoints[flat < 0]):
            self._number[new] = self._add(chr(new))
        return (self._number[codepoints] if (flat < 0).any() else flat).astype(np.uint16)

    def _add(self, character: str) -> int:
        if character in UNREADABLE:
            return _UNREADABLE
        plain = glyph(character).plain
        if plain not in self._plain:
            self._plain[plain] = len(self._characters)
            self._characters.append(plain)
            usual = next(iter(sorted(self._read(plain))), plain)
            self._readings.append(self._reading.setdefault(usual, len(self._reading) + 1))
        return self._plain[plain]

    def _read(self, character: str) -> Iterable[str]:
        return surname_readings(character) if self._opening else glyph(character).readings[:1]

    def sounds(self, ids: Ids) -> npt.NDArray[np.int32]:
        """One number for the usual reading of each character; -1 where it cannot be read."""
        return np.array(self._readings, np.int32)[ids]

    def likeness(self) -> npt.NDArray[np.int8]:
        """``Likeness`` of every two characters by number."""
        if len(self._likeness) != min(len(self._characters), LIMIT):
            self._likeness = _likeness(self._characters[:LIMIT], opening=self._opening)
        return self._likeness


def _likeness(characters: list[str], *, opening: bool) -> npt.NDArray[np.int8]:
    same_sound, fuzzy_sound = _Groups(), _Groups()
    for n, character in enumerate(characters[_UNREADABLE + 1 :], _UNREADABLE + 1):
        readings = surname_readings(character) if opening else glyph(character).readings
        same_sound.add(n, *readings)
        fuzzy_sound.add(n, *{fuzzy(reading) for reading in readings})
    table = np.full((len(characters), len(characters)), np.int8(Likeness.DIFFERENT))
    _look_alike(characters, table)
    for groups, level in ((fuzzy_sound, Likeness.FUZZY_SOUND), (same_sound, Likeness.SAME_SOUND)):
        for square in groups.squares():
            table[square] = level
    np.fill_diagonal(table, Likeness.EQUAL)
    table[_UNREADABLE, :] = table[:, _UNREADABLE] = Likeness.UNREADABLE
    return table


def _look_alike(characters: list[str], table: npt.NDArray[np.int8]) -> None:
    """Writes ``matchers.people.glyphs.looks_like`` of every two characters into the table."""
    corners = np.full((len(characters), 5), -1, np.int8)
    having, made_of, but_one = _Groups(), _Groups(), _Groups()
    place = {c: n for n, c in enumerate(characters)}
    for n, character in enumerate(characters[_UNREADABLE + 1 :], _UNREADABLE + 1):
        facts = glyph(character)
        corners[n, : len(facts.corners)] = [ord(c) - 48 for c in facts.corners]
        for gap in range(len(facts.corners)):
            but_one.add(n, f"{gap}:{facts.corners[:gap]}{facts.corners[gap + 1 :]}")
        having.add(n, *set(facts.parts))
        for part in facts.parts:
            if part in place:
                table[n, place[part]] = table[place[part], n] = Likeness.SIMILAR_SHAPE
        if len(facts.parts) > 1:
            made_of.add(n, "".join(sorted(facts.parts)))
    for groups in (but_one, made_of):
        for square in groups.squares():
            table[square] = Likeness.SIMILAR_SHAPE
    for a, b in having.squares():
        two = ((corners[a] == corners[b]) & (corners[a] >= 0)).sum(axis=2) >= 2
        table[a, b] = np.where(two, np.int8(Likeness.SIMILAR_SHAPE), table[a, b])


class _Groups:
    """Numbers that share a property, as squares of a table."""

    def __init__(self) -> None:
        self._members: dict[str, list[int]] = defaultdict(list)

    def add(self, number: int, *properties: str) -> None:
        """Puts ``number`` into a group for each property."""
        for each in properties:
            self._members[each].append(number)

    def squares(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """The rows and columns of every group of two or more."""
        for members in self._members.values():
            if len(members) > 1:
                yield np.array(members)[:, None], np.array(members)[None, :]


class NameFeature(LevelFeature):
    """``NameLevel`` of two name keys."""

    levels = NameLevel

    def __init__(self, left_on: str, right_on: str, label: str | None = None):
        super().__init__(left_on, right_on, label=label)
        self._opening, self._given = Alphabet(opening=True), Alphabet(opening=False)

    def encode(self, *columns: "pd.Series[str]") -> Names:
        """Character numbers of one side's names."""
        names = text(columns[0])
        length = np.minimum(pc.fill_null(pc.utf8_length(names), 0).to_numpy(zero_copy_only=False), WIDTH)
        width = max(int(length.max(initial=0)), NARROW)
        points = code_points(names, width)
        wide = np.empty(points.shape, np.uint16)
        wide[:, 0] = self._opening.ids(points[:, 0])
        wide[:, 1:] = self._given.ids(points[:, 1:])
        opening, given = self._opening.sounds(wide[:, 0]), self._given.sounds(wide[:, 1:])
        unheard = (opening <= 0) | (given < 0).any(axis=1)
        return Names(
            np.ascontiguousarray(wide[:, :NARROW]),
            wide,
            length.astype(np.int8),
            np.where(length > 0, mixed(*wide.T), -1),
            np.where(unheard, -1, mixed(opening, *np.maximum(given, 0).T)),
            np.maximum(np.column_stack([opening, given[:, : NARROW - 1]]), 0),
        )

    def compare(self, left: Names, right: Names, i: Ints, j: Ints) -> Levels:
        """Level by level: equal names at once, the rest only where something is akin."""
        levels = np.full(len(i), np.int8(NameLevel.DIFFERENT))
        a, b = left.length[i], right.length[j]
        long = np.maximum(a, b) > NARROW
        narrow, wide = np.flatnonzero(~long), np.flatnonzero(long)
        for at, form in ((narrow, "narrow"), (wide, "wide")):
            x, y = getattr(left, form)[i[at]], getattr(right, form)[j[at]]
            levels[at] = self._levels(*_same_width(x, y), a[at], b[at])
        levels[(a == 0) | (b == 0)] = NameLevel.MISSING
        return levels

    def _levels(self, x: Ids, y: Ids, a: npt.NDArray[np.int8], b: npt.NDArray[np.int8]) -> Levels:
        levels = np.full(len(x), np.int8(NameLevel.DIFFERENT))
        first = _look_up(self._opening.likeness(), x[:, 0], y[:, 0])
        same_surname = first == Likeness.EQUAL
        levels[same_surname] = NameLevel.SURNAME_ONLY
        equal = ((x == y) & (x > _UNREADABLE)).sum(axis=1)
        same_length = a == b
        levels[same_length & (a >= 3) & ~same_surname & (equal == a - 1)] = NameLevel.GIVEN_ONLY
        levels[same_length & (a >= 3) & same_surname & (equal == a - 1)] = NameLevel.ONE_DIFFERS
        swapped = same_length & (a == 3) & same_surname & (x[:, 1] == y[:, 2]) & (x[:, 2] == y[:, 1])
        levels[swapped & (x[:, 1:3] > _UNREADABLE).all(axis=1) & (equal < 3)] = NameLevel.SWAPPED
        akin = np.flatnonzero(same_length & (first != Likeness.DIFFERENT))
        levels[akin] = self._akin(x[akin], y[akin], a[akin], first[akin], levels[akin])
        one_more = np.flatnonzero((np.abs(a - b) == 1) & (np.minimum(a, b) >= 2) & same_surname)
        levels[one_more[_drops(x[one_more], y[one_more], a[one_more] > b[one_more])]] = NameLevel.DROPPED
        return levels

    def _akin(self, x: Ids, y: Ids, length: npt.NDArray[np.int8], first: Levels, otherwise: Levels) -> Levels:
        """Names of one length whose first characters are akin: the worst likeness decides."""
        pairs = np.empty(x.shape, np.int8)
        pairs[:, 0] = first
        pairs[:, 1:] = _look_up(self._given.likeness(), x[:, 1:], y[:, 1:])
        inside = np.arange(x.shape[1]) < length[:, None]
        equal = ((pairs == Likeness.EQUAL) & inside).sum(axis=1)
        worst = np.where(inside, pairs, 0).max(axis=1, initial=0)
        given_equal = equal - (pairs[:, 0] == Likeness.EQUAL)
        readable = (equal * 2 >= length) & ((length == 1) | (given_equal > 0))
        return np.select(
            [
                worst == Likeness.EQUAL,
                worst == Likeness.SAME_SOUND,
                worst == Likeness.FUZZY_SOUND,
                (worst == Likeness.SIMILAR_SHAPE) & (equal > 0),
                (worst == Likeness.UNREADABLE) & readable,
            ],
            [
                np.int8(NameLevel.EQUAL),
                np.int8(NameLevel.SAME_SOUND),
                np.int8(NameLevel.FUZZY_SOUND),
                np.int8(NameLevel.SIMILAR_SHAPE),
                np.int8(NameLevel.UNREADABLE),
            ],
            otherwise,
        )


def _same_width(x: Ids, y: Ids) -> tuple[Ids, Ids]:
    width = max(x.shape[1], y.shape[1])
    grown = [np.pad(s, ((0, 0), (0, width - s.shape[1]))) if s.shape[1] < width else s for s in (x, y)]
    return grown[0], grown[1]


def _look_up(table: npt.NDArray[np.int8], x: Ids, y: Ids) -> npt.NDArray[np.int8]:
    size = np.uint16(len(table))
    if not ((x >= size).any() or (y >= size).any()):
        return table[x, y]
    tabled = (x < size) & (y < size)
    level = table[np.where(tabled, x, 0), np.where(tabled, y, 0)]
    unlike = np.where(
        (x == _UNREADABLE) | (y == _UNREADABLE), np.int8(Likeness.UNREADABLE), np.int8(Likeness.DIFFERENT)
    )
    return np.where(tabled, level, np.where(x == y, np.int8(Likeness.EQUAL), unlike))


def _drops(x: Ids, y: Ids, x_longer: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether the longer name without one later character is the shorter."""
    long = np.where(x_longer[:, None], x, y)
    short = np.where(x_longer[:, None], y, x)
    drops = np.zeros(len(x), bool)
    width = x.shape[1]
    for gap in range(1, width):
        rest = np.delete(long, gap, axis=1)
        present = short[:, : width - 1]
        drops |= (long[:, gap] != _END) & ((rest == present) & (rest != _UNREADABLE)).all(axis=1)
    return drops
