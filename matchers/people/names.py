"""姓名 — how far two name keys agree, character by character: by sight, by sound, by shape.

This is the definition, one pair at a time; ``matchers/linkage/name_levels.py`` computes the same levels for
millions of pairs. Jaro–Winkler is of no use here: one wrong character in three leaves it where thousands of
different people are.
"""

import re
from enum import IntEnum
from itertools import product

from matchers.people.glyphs import UNREADABLE, fuzzy, glyph, looks_like, slurred, surname_readings, taken_for

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
        "仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐"
        "段干百里呼延东郭南门羊舌微生梁丘左丘西门第五南荣东里即墨达奚褚师贺兰完颜叶赫纳兰爱新哥舒耶律尔朱"
        "宿勤归海公户",
    )
)


class Likeness(IntEnum):
    """How far two characters agree; smaller is closer."""

    EQUAL = 0
    SAME_SOUND = 1
    FUZZY_SOUND = 2
    SIMILAR_SHAPE = 3
    UNREADABLE = 4
    DIFFERENT = 5


class NameLevel(IntEnum):
    """How far two names agree. ``FORMER`` is an equal former name; ``MISSING`` where one side has none."""

    EQUAL = 0
    FORMER = 1
    SAME_SOUND = 2
    FUZZY_SOUND = 3
    SIMILAR_SHAPE = 4
    UNREADABLE = 5
    DROPPED = 6
    SWAPPED = 7
    ONE_DIFFERS = 8
    SURNAME_ONLY = 9
    GIVEN_ONLY = 10
    DIFFERENT = 11
    MISSING = 12


def likeness(a: str, b: str, *, opening: bool = False) -> Likeness:
    """How far two characters agree; ``opening`` reads them as surnames."""
    if a == b and a not in UNREADABLE:
        return Likeness.EQUAL
    if a in UNREADABLE or b in UNREADABLE:
        return Likeness.UNREADABLE
    one, two = glyph(a), glyph(b)
    if one.plain == two.plain:
        return Likeness.EQUAL
    own = surname_readings(a) if opening else frozenset(one.readings)
    other = surname_readings(b) if opening else frozenset(two.readings)
    if own & other:
        return Likeness.SAME_SOUND
    if {fuzzy(r) for r in own} & {fuzzy(r) for r in other}:
        return Likeness.FUZZY_SOUND
    return Likeness.SIMILAR_SHAPE if looks_like(one, two) else Likeness.DIFFERENT


def compare(a: str, b: str) -> NameLevel:
    """The level of two name keys; ``MISSING`` where one is empty."""
    if not a or not b:
        return NameLevel.MISSING
    if a == b and not (UNREADABLE & set(a)):
        return NameLevel.EQUAL
    pairs = [likeness(x, y, opening=i == 0) for i, (x, y) in enumerate(zip(a, b, strict=False))]
    same_surname = pairs[0] == Likeness.EQUAL
    if len(a) == len(b):
        level = _aligned(pairs, a, b)
    elif abs(len(a) - len(b)) == 1 and min(len(a), len(b)) >= 2 and _drops(a, b):
        level = NameLevel.DROPPED
    else:
        level = None
    if level is not None:
        return level
    return NameLevel.SURNAME_ONLY if same_surname else NameLevel.DIFFERENT


def _aligned(pairs: list[Likeness], a: str, b: str) -> NameLevel | None:
    equal = sum(pair == Likeness.EQUAL for pair in pairs)
    worst = max(pairs)
    if worst <= Likeness.FUZZY_SOUND:
        return (NameLevel.EQUAL, NameLevel.SAME_SOUND, NameLevel.FUZZY_SOUND)[worst]
    if worst == Likeness.SIMILAR_SHAPE and equal:
        return NameLevel.SIMILAR_SHAPE
    if worst == Likeness.UNREADABLE and equal * 2 >= len(pairs) and not _only_surname(pairs):
        return NameLevel.UNREADABLE
    if len(pairs) == 3 and pairs[0] == Likeness.EQUAL and _same(a[1], b[2]) and _same(a[2], b[1]):
        return NameLevel.SWAPPED
    if len(pairs) >= 3 and pairs[0] == Likeness.EQUAL and equal == len(pairs) - 1:
        return NameLevel.ONE_DIFFERS
    if len(pairs) >= 3 and equal == len(pairs) - 1:
        return NameLevel.GIVEN_ONLY
    return None


def _only_surname(pairs: list[Likeness]) -> bool:
    return len(pairs) > 1 and all(pair != Likeness.EQUAL for pair in pairs[1:])


def _same(x: str, y: str) -> bool:
    return likeness(x, y) == Likeness.EQUAL


def _drops(a: str, b: str) -> bool:
    """Whether the longer name without one character that is not its first is the shorter."""
    short, long = sorted((a, b), key=len)
    return any(_equal(short, long[:i] + long[i + 1 :]) for i in range(1, len(long)))


def split(name: str) -> tuple[str, str]:
    """Surname and given name; a name with a dot divides there, a single character is a surname."""
    head, dot, tail = name.partition("·")
    if dot:
        return head, tail
    cut = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:cut], name[cut:]


def contradicts(a: str, b: str) -> bool:
    """Whether surname and given name of two name keys both differ beyond sound and one look-alike character.

    A dropped character and two neighbours in the wrong order explain themselves alone: with either, all the
    rest must be equal. An empty name contradicts nothing, nor does a character that cannot be read (``某``,
    ``□``, ``*``).
    """
    if not a or not b or a.replace("·", "") == b.replace("·", ""):
        return False
    if a.isascii() != b.isascii():
        return not _spells(*((a, b) if a.isascii() else (b, a)))
    (surname, given), (other_surname, other_given) = split(a), split(b)
    if _akin(surname, other_surname, opening=True) or _akin(given, other_given):
        return False
    return not (_one_dropped(a, b) or _neighbours_swapped(a, b))


def _akin(a: str, b: str, *, opening: bool = False) -> bool:
    """Whether two parts of names agree in sound, character by character, at most one in shape alone.

    A part of which nothing can be read agrees with any: a mask does not say how long it was.
    """
    if (a and UNREADABLE.issuperset(a)) or (b and UNREADABLE.issuperset(b)):
        return True
    if len(a) != len(b):
        return False
    pairs = [_strict_likeness(x, y, opening=opening) for x, y in zip(a, b, strict=True)]
    return Likeness.DIFFERENT not in pairs and pairs.count(Likeness.SIMILAR_SHAPE) <= 1


def _strict_likeness(x: str, y: str, *, opening: bool) -> Likeness:
    """``likeness`` for a yes or no: what is merely faint there, for a model to weigh, is different here."""
    level = likeness(x, y, opening=opening)
    if level == Likeness.FUZZY_SOUND and not slurred(x, opening=opening) & slurred(y, opening=opening):
        return Likeness.DIFFERENT
    if level == Likeness.SIMILAR_SHAPE and not taken_for(glyph(x), glyph(y)):
        return Likeness.DIFFERENT
    return level


def _one_dropped(a: str, b: str) -> bool:
    """Whether the longer name without one of its characters is the shorter."""
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(
        _equal(short, long[:i] + long[i + 1 :]) for i in range(len(long))
    )


def _neighbours_swapped(a: str, b: str) -> bool:
    """Whether the names are equal once two neighbours have changed places."""
    return len(a) == len(b) and any(
        _equal(a, b[:i] + b[i + 1] + b[i] + b[i + 2 :]) for i in range(len(b) - 1)
    )


def _equal(a: str, b: str) -> bool:
    return all(_same(x, y) for x, y in zip(a, b, strict=True))


def _spells(latin: str, hanzi: str) -> bool:
    """Whether Latin letters spell the Hanzi, surname first or last."""
    letters = "".join(c for c in latin.lower() if c.isalpha())
    surname, given = split(hanzi)
    rest = "".join(glyph(c).readings[0] for c in surname[1:] if glyph(c).readings)
    for spelling in product(*(glyph(c).readings or ("",) for c in given)):
        called = "".join(spelling)
        for opening in surname_readings(surname[:1]) if surname else ():
            if letters in (opening + rest + called, called + opening + rest):
                return True
    return False
