"""The slow second opinion on delimited files: Python's codec and csv module, one physical line at a time.

It shares no code with the readers; it knows only the contract of a feed and the text of the specification.
"""

import codecs
import csv
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field

from expectations.feed import Column, Feed

LONGEST = 65_536
PRIVATE = {  # from the table of changes of GB 18030-2022
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15,
    0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE816: 0x20087,
    0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE,
    0xE864: 0x9FBB,
}  # fmt: skip
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass
class Verdicts:
    """Line numbers, as an editor counts, by what became of them; ``landed`` holds the cells by column."""

    landed: dict[int, dict[str, str]] = field(default_factory=dict)
    rejected: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)


def judge(content: bytes, feed: Feed, encoding: str, delimiter: str) -> Verdicts:
    """What must become of every line behind the header, which is the first line."""
    header, *physical = content.removeprefix(codecs.BOM_UTF8).split(b"\n")
    if physical and not physical[-1]:
        physical.pop()
    titles = [tidy(title).replace(" ", "").upper() for title in header.decode(encoding).split(delimiter)]
    places = {}
    for column in feed.columns.values():
        for title in column.headings:
            if title.upper() in titles:
                places[column.name] = titles.index(title.upper())
                break
    verdicts = Verdicts()
    ended = 1
    for line in physical:
        number, ended = ended + 1, ended + 1 + line.removesuffix(b"\r").count(b"\r")
        outcome = read(line, feed, titles, places, encoding, delimiter)
        if outcome is None:
            verdicts.dropped.add(number)
        elif isinstance(outcome, tuple):
            verdicts.rejected[number] = outcome
        else:
            verdicts.landed[number] = outcome
    return verdicts


def read(line, feed, titles, places, encoding, delimiter):
    if len(line) > LONGEST:
        return "too_long", None
    try:
        text = unpadded(line.decode(encoding), delimiter)
    except UnicodeDecodeError:
        left = unpadded(line.decode(encoding, "replace"), delimiter)
        return "nul" if "\0" in left else "undecodable", None
    if "\0" in text:
        return "nul", None
    if encoding == "gb18030":
        text = "".join(chr(PRIVATE.get(ord(c), ord(c))) for c in text)
    text = (text[:-1] if text.endswith("\r") else text).replace("\r", " ")
    end = "\ue000end"
    *cells, last = next(csv.reader([text + delimiter + end], delimiter=delimiter))
    if text.count('"') % 2 or last != end:
        return "unbalanced_quote", None
    words = [tidy(cell) for cell in cells]
    spoken = [word for word in words if word]
    if not spoken or spoken[0].replace(" ", "").rstrip(":") in feed.totals:
        return None
    if [word.replace(" ", "").rstrip("*").upper() for word in words] == titles:
        return None
    if len(cells) != len(titles):
        return "column_count", None
    for column in feed.columns.values():
        if column.name in places and (fault := fault_of(words[places[column.name]], column)):
            return fault, column.name
    return {name: cells[place] for name, place in places.items()}


def unpadded(text, delimiter):
    """The line without several NULs that fill up a field behind its text."""
    parts = []
    for part in text.split(delimiter):
        core = part.rstrip('"\r')
        bare = core.rstrip("\0")
        filled = len(core) - len(bare) > 1 and bare and bare[-1] not in '"\r'
        parts.append(bare + part[len(core) :] if filled else part)
    return delimiter.join(parts)


def tidy(text: str) -> str:
    text = "".join(chr(PRIVATE.get(ord(c), ord(c))) for c in text)
    text = "".join(c for c in text if c in "\t\n\v\f\r\x85" or unicodedata.category(c) != "Cc")
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return " ".join(text.split()).lstrip("' ")


def fault_of(word: str, column: Column) -> str | None:
    if not word:
        return "empty_required" if column.required and not column.may_be_empty else None
    if column.type == "code":
        zeros = {"0" * n + word for n in range(8)}
        return None if (zeros | {word.upper()}) & set(column.codes) else "unknown_code"
    if column.type == "money":
        whole = r"[-+]?([0-9]{1,13}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]*)?"
        return None if re.fullmatch(rf"¥?{whole}元?", word) else "bad_number"
    if column.type in ("date", "month"):
        return fault_of_time(word, column)
    return None


def fault_of_time(word: str, column: Column) -> str | None:
    bad = f"bad_{column.type}"
    never = {"00000000", "000000", "0000-00", "0000/00", "0000-00-00", "0000/00/00"}
    if column.type == "month" and re.fullmatch(r"[0-9]{4}\.1", word):
        return "ambiguous_month"
    if word in never:
        return bad if column.required else None
    if column.type == "month":
        match = re.fullmatch(
            r"([0-9]{4})(?:([0-9]{2})|[-/]([0-9]{1,2})|年([0-9]{1,2})月|\.([0-9]{2}|[2-9]))", word
        )
        if match:
            year, month = int(match[1]), int(next(g for g in match.groups()[1:] if g))
            if (year, month) in {(9999, 12), (2099, 12)}:
                return bad if column.required else None
            return None if 1900 <= year < 2100 and 1 <= month <= 12 else bad
    day = re.sub(r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$", "", word)
    match = re.fullmatch(r"([0-9]{4})([-/.]|年|)([0-9]{1,2})([-/.]|月|)([0-9]{1,2})(日?)", day)
    if not match:
        return bad
    year, first, month, second, number, third = match.groups()
    shape = first + second + third
    if shape not in {"", "--", "//", "..", "年月日"} or (not shape and len(day) != 8):
        return bad
    if (int(year), int(month), int(number)) in {(9999, 12, 31), (2099, 12, 31)}:
        return bad if column.required else None
    try:
        return None if 1900 <= dt.date(int(year), int(month), int(number)).year < 2100 else bad
    except ValueError:
        return bad
