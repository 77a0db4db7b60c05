"""公民身份号码 — GB 11643-1999 (before it: 15 digits), sorted into classes by what its shape allows.

The region part is advisory: most recipients were born before 1997 and carry codes that no list knows.
"""

import datetime as dt
import re
from operator import mul
from typing import Literal, NamedTuple, Protocol, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matchers.text import buffers, fold, replace

IdClass = Literal[
    "valid18", "valid15", "permit", "float15", "float6", "masked", "length", "checksum", "dummy", "missing",
    "other",
]  # fmt: skip
CLASSES: tuple[IdClass, ...] = get_args(IdClass)
USABLE: frozenset[IdClass] = frozenset({"valid18", "valid15", "permit"})

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

_CROSS = str.maketrans("×✕✖╳", "XXXX")
_NOISE = re.compile(r"[\s'\"`‘’“”‐‑‒–—―−\-]")
_FLOAT6 = re.compile(r"\d(\.\d+)?E\+?\d+")
_DOCUMENT = re.compile(r"(?=(?:\D*\d){4})[0-9A-Z()]{6,}")


class Words(Protocol):
    """Words that stand where there is nothing, asked about a folded text that is not empty."""

    def __contains__(self, text: str, /) -> bool:
        """Whether ``text`` is one of them."""


class ResidentId(NamedTuple):
    """A number as folded, its class, and the 18-character key, or ``None`` where it stands for nobody."""

    text: str
    id_class: IdClass
    key: str | None


def normalise(value: str, nothing: Words) -> ResidentId:
    """The number in ``value``: upper case, no quotes, spaces or hyphens, every cross an ``X``.

    Passports and old permits (``other``) are their own key; a word or a scrap of a number is not. One of the
    words for ``nothing`` is ``missing``, as an empty value is.
    """
    text = _NOISE.sub("", fold(value).upper().translate(_CROSS))
    kind = classify(text, nothing)
    if kind == "valid15":
        return ResidentId(text, kind, to_18(text))
    if kind in USABLE or (kind == "other" and _DOCUMENT.fullmatch(text)):
        return ResidentId(text, kind, text)
    return ResidentId(text, kind, None)


def classify(text: str, nothing: Words) -> IdClass:
    """The class of a folded number; the order of the tests is part of the definition."""
    if not text or text in nothing:
        return "missing"
    if len(set(text)) == 1 or text.startswith(("123456", "000")):
        return "dummy"
    if "*" in text:
        return "masked"
    if _FLOAT6.fullmatch(text):
        return "float6"
    digits = text.isascii() and text.isdigit()
    checked = len(text) == 18 and _has_check(text)
    if checked and _is_date(text[6:14]):
        return "permit" if text.startswith(("81", "82", "83", "9")) else "valid18"
    if len(text) == 15 and digits and _is_date("19" + text[6:12]):
        return "valid15"
    if len(text) == 18 and not checked:
        rounded = digits and (text.endswith("000") or int(float(text)) == int(text))
        return "float15" if rounded else "checksum"
    return "length" if len(text) in (16, 17, 19) else "other"


def to_18(old: str) -> str:
    """The 18-character number of a 15-digit one: the century put in, the check character put on."""
    body = old[:6] + "19" + old[6:]
    return body + check_character(body)


def check_character(body: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    return CHECKS[sum(map(mul, map(int, body), WEIGHTS)) % 11]


def birth_date(key: str) -> dt.date:
    """The birth date in an 18-character key."""
    return dt.date(int(key[6:10]), int(key[10:12]), int(key[12:14]))


def sex(key: str) -> Literal["M", "F"]:
    """The sex in an 18-character key: the 17th digit is odd for men."""
    return "M" if int(key[16]) % 2 else "F"


def mask(text: str) -> str:
    """The number as it may be shown outside the district's workbook: ``500106********3004``."""
    return text[:6] + "*" * max(len(text) - 10, 0) + text[-4:] if len(text) >= 15 else "*" * len(text)


def _has_check(text: str) -> bool:
    body = text[:17]
    return body.isascii() and body.isdigit() and check_character(body) == text[17]


def _is_date(text: str) -> bool:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:])).year in _YEARS
    except ValueError:
        return False


_YEARS = range(1800, 2100)


def _calendar() -> npt.NDArray[np.bool_]:
    days = np.arange(f"{_YEARS.start}-01-01", f"{_YEARS.stop}-01-01", dtype="datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    real = np.zeros(len(_YEARS) * 10_000, bool)
    year = years.astype(np.int64) + 1970 - _YEARS.start
    month = (months - years).astype(np.int64) + 1
    real[year * 10_000 + month * 100 + (days - months).astype(np.int64) + 1] = True
    return real


_REAL = _calendar()
_CHECK_BYTES = np.frombuffer(CHECKS.encode(), np.uint8)


def normalise_array(
    values: pa.StringArray, nothing: Words
) -> tuple[pa.StringArray, pa.StringArray, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """``normalise`` of every value: texts, keys, classes as positions in ``CLASSES``, positions changed.

    Most values are 18 plain characters: one matrix product checks them all. The rest go one by one.
    """
    plain, permit = _plain(values)
    classes = np.where(permit, np.uint8(CLASSES.index("permit")), np.uint8(CLASSES.index("valid18")))
    if plain.all():
        return values, values, classes, np.empty(0, np.int64)
    rest = np.flatnonzero(~plain)
    before = values.take(pa.array(rest)).to_pylist()
    numbers = [normalise(value, nothing) for value in before]
    classes[rest] = [CLASSES.index(one.id_class) for one in numbers]
    changed = [i for i, (one, was) in enumerate(zip(numbers, before, strict=True)) if one.text != was]
    texts = replace(values, rest[changed], [numbers[i].text for i in changed])
    return texts, replace(values, rest, [one.key for one in numbers]), classes, rest[changed]


def _plain(values: pa.StringArray) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which values are ``valid18`` or ``permit`` as they stand, and which of those are ``permit``."""
    offsets, _ = buffers(values)
    long = np.diff(offsets) == 18
    eighteen = np.flatnonzero(long)
    _, content = buffers(values if long.all() else values.filter(pa.array(long)))
    number = content.reshape(len(eighteen), 18)
    digit = number[:, :17] - np.uint8(48)
    check = _CHECK_BYTES[digit.astype(np.uint16) @ np.array(WEIGHTS, np.uint16) % 11]
    valid = check == number[:, 17]
    valid[np.flatnonzero(digit.ravel() >= 10) // digit.shape[1]] = False
    d = digit[:, 6:14].astype(np.int32)
    day = d @ np.array([10**k for k in range(7, -1, -1)], np.int32) - _YEARS[0] * 10_000
    valid &= (day >= 0) & (day < len(_REAL))
    valid &= _REAL[np.where(valid, day, 0)]
    first, second = digit[:, 0], digit[:, 1]
    plain = np.zeros(len(values), bool)
    permit = np.zeros(len(values), bool)
    plain[eighteen] = valid & ~_dummy(digit)
    permit[eighteen] = (first == 9) | ((first == 8) & (second >= 1) & (second <= 3))
    return plain, permit


def _dummy(digit: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    run = np.logical_and.reduce([digit[:, place] == place + 1 for place in range(6)])
    return np.asarray(run | ((digit[:, 0] | digit[:, 1] | digit[:, 2]) == 0))
