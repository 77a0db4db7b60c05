"""表头 — where the promised columns stand in a file, by the row or two that name all the required ones."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from expectations.feed import LOCAL, Column, Feed
from matchers.text import fold
from pipelines.base.errors import DeliveryRejected
from pipelines.base.logs import redacted

HEAD_ROWS = 100  # so far down a header is looked for
LONGEST_HEADING = 40
HEADINGS = 2  # so many promised headings make a row one of headings, whatever else stands in it
_PERSON = re.compile(r"\d[\d*]{13,}[\dXx]")
_NUMBER = re.compile(r"\d{4}")  # in no heading that is a code
_LONG_NUMBER = re.compile(r"\d{6}")  # in a row of people, not of headings
_REMARK = (
    r"必填|选填|必录|可空|非空|数字|文本|文本格式|日期|日期格式|代码|单位:元|元"
    r"|\d{1,2}位(?:数字|文本)?|(?:格式:?)?[YMD年月日/\-.]{2,14}"
)
_REMARKS = re.compile(rf"^(?:\((?:{_REMARK})\)|\*)+|(?:[(\[【](?:{_REMARK})[)\]】]|\*)+$")


class NoHeader(DeliveryRejected):
    """No row holds every required heading; ``headings``: how many promised ones the likeliest row has."""

    def __init__(self, message: str, headings: int) -> None:
        super().__init__(message)
        self.headings = headings


@lru_cache(1 << 12)
def heading(text: str) -> str:
    """A heading as it is compared: folded, upper case, no spaces, no ``*`` or remark on how to fill it in."""
    return _REMARKS.sub("", fold(text).replace(" ", "").upper())


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of one table: its folded header and the places of the promised columns in it.

    ``columns``: canonical name to place. ``headings``, ``unknown``: as they may be shown. ``hidden``: places
    whose values are never stored or shown, ``dropped`` their headings. ``personal``: the columns with numbers
    of persons and their places. ``words``: every heading that the feed knows, folded.
    """

    header: tuple[str, ...]
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    unknown: tuple[str, ...]
    hidden: frozenset[int]
    dropped: tuple[str, ...]
    personal: Mapping[str, int]
    totals: frozenset[str] = field(repr=False)
    words: frozenset[str] = field(repr=False)

    @property
    def width(self) -> int:
        """The number of fields in a row."""
        return len(self.header)

    def widened(self) -> "Layout":
        """The same with an unnamed column at its end."""
        return replace(self, header=(*self.header, ""))

    @property
    def unnamed(self) -> list[int]:
        """The places without a heading."""
        return [place for place, name in enumerate(self.header) if not name]

    def drops(self, cells: Sequence[str]) -> bool:
        """Whether a row is left out by name: blank, a totals row, or the header once more."""
        first = next((text for cell in cells if (text := fold(cell))), "").replace(" ", "")
        if not first or first.rstrip(":") in self.totals:
            return True
        if heading(first) != next(filter(None, self.header)):
            return False
        names = tuple(map(heading, cells))
        return self.header in (names, (*names, ""))

    def is_other_header(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header of another table: headings, but not these in these places."""
        names = list(map(heading, cells))
        headings, filled = sum(name in self.words for name in names), sum(map(bool, names))
        if headings < HEADINGS or 2 * headings <= filled or any(map(_NUMBER.search, names)):
            return False
        within = [place for place in self.columns.values() if place < len(names)]
        return any(names[place] != self.header[place] for place in within)

    def shown(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row of the right width, those that must not be stored blanked out."""
        return ["" if place in self.hidden else cell for place, cell in enumerate(cells)]


class Header(NamedTuple):
    """A layout and where it stands: the first and the last row of the header, from 0."""

    first: int
    last: int
    layout: Layout


def find(rows: Iterable[Sequence[str]], feed: Feed, file: str) -> Header:
    """The first row that holds every required heading, or else the first two that do together.

    ``NoHeader`` names the columns that the likeliest row lacks and the headings in it, ``DeliveryRejected``
    the heading that stands there twice, and the row in which headings and a person's number stand together.
    """
    head, promises = list(rows), _Promises(feed)
    best, most = list[str](), 0
    for number, row in enumerate(head):
        names = [heading(cell) for cell in row]
        if not promises.missing(names):
            return Header(number, number, _layout(row, head[number + 1 :], promises, file, number))
        if (count := len(promises.places(names))) > most and not any(map(_LONG_NUMBER.search, names)):
            best, most = names, count
    for number, (above, below) in enumerate(pairwise(head)):
        if len(above) != len(below) or len(above) < promises.fewest:
            continue
        row = [low if fold(low) else high for high, low in zip(above, below, strict=True)]
        if not promises.missing([heading(cell) for cell in row]):
            return Header(number, number + 1, _layout(row, head[number + 2 :], promises, file, number))
    raise NoHeader(_no_header(best, promises, file), most)


def most_telling(refusals: Iterable[DeliveryRejected]) -> DeliveryRejected:
    """Of several attempts at one file the refusal that came closest to a header."""
    return max(refusals, key=lambda error: error.headings if isinstance(error, NoHeader) else math.inf)


class _Promises:
    """The headings that a feed promises."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._ranks = {
            heading(text): (column.name, rank)
            for column in feed.columns.values()
            for rank, text in enumerate(column.headings)
        }
        self._required = [column.name for column in feed.columns.values() if column.required]
        self.fewest = len(self._required) + len(feed.one_of)

    @property
    def words(self) -> frozenset[str]:
        """All of them, folded."""
        return frozenset(self._ranks)

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """The places of the columns among folded headings; a column's first heading wins."""
        best: dict[str, tuple[int, int]] = {}
        for place, name in enumerate(names):
            if name in self._ranks:
                column, rank = self._ranks[name]
                best[column] = min(best.get(column, (rank, place)), (rank, place))
        return {name: best[name][1] for name in self.feed.columns if name in best}

    def missing(self, names: Sequence[str]) -> list[str]:
        """The usual headings of the required columns that are not among folded ``names``."""
        present, columns = self.places(names), self.feed.columns
        alone = [columns[name].headings[0] for name in self._required if name not in present]
        groups = [
            "或".join(columns[name].headings[0] for name in group)
            for group in self.feed.one_of
            if present.keys().isdisjoint(group)
        ]
        return alone + groups


def _layout(
    row: Sequence[str], below: Sequence[Sequence[str]], promises: _Promises, file: str, number: int
) -> Layout:
    feed, names = promises.feed, [heading(cell) for cell in row]
    if any(map(has_long_number, row)):
        raise DeliveryRejected(
            f"{file}：第 {number + 1} 行既有列名又有长号码，像是表头与数据连成了一行；请检查换行后重新报送。"
        )
    columns = promises.places(names)
    if twice := [names[place] for place in columns.values() if names.count(names[place]) > 1]:
        raise DeliveryRejected(
            f"{file}：列「{'、'.join(twice)}」出现多次，无法判断以哪一列为准；请只保留一列。"
        )
    others = ["" if place in columns.values() else name for place, name in enumerate(names)]
    if not promises.missing(others):
        raise DeliveryRejected(
            f"{file}：第 {number + 1} 行并排有两张表的表头；请分成两个文件或工作表后报送。"
        )
    drop = {heading(h) for h in feed.drop}
    ignored = {heading(h) for h in feed.serial} | drop | {""}
    return Layout(
        header=tuple(names),
        columns=columns,
        headings={name: redacted(row[place].strip()) for name, place in columns.items()},
        unknown=tuple(
            redacted(name)
            for place, name in enumerate(others)
            if name not in ignored and len(name) <= LONGEST_HEADING and not _is_data(place, names, below)
        ),
        hidden=frozenset(place for place, name in enumerate(names) if name in drop),
        dropped=tuple(redacted(name) for name in names if name in drop),
        personal={name: place for name, place in columns.items() if is_personal(feed.columns[name])},
        totals=frozenset(feed.totals),
        words=promises.words,
    )


def is_personal(column: Column) -> bool:
    """Whether a column's cells are numbers of a person, whatever they look like."""
    return column.type == "id" or column.name == "phone"


def has_long_number(text: str) -> bool:
    """Whether a number as long as a person's stands in ``text``, its middle perhaps starred out."""
    return bool(_PERSON.search(fold(text).replace(" ", "")))


def _is_data(place: int, names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the text at a place of the header stands below it once more, other than in a header."""
    rows = ([heading(cell) for cell in row] for row in below if len(row) > place)
    return any(row[place] == names[place] and row != names for row in rows)


def _no_header(names: Sequence[str], promises: _Promises, file: str) -> str:
    feed, lacks = promises.feed, "、".join(f"「{h}」" for h in promises.missing(names))
    if not promises.places(names):
        return (
            f"{file}：找不到表头，缺少必需列{lacks}；"
            f"请确认这是「{feed.title}」数据，且前 {HEAD_ROWS} 行内有表头。"
        )
    read = "、".join(redacted(name) for name in names if name and len(name) <= LONGEST_HEADING)
    return (
        f"{file}：缺少必需列{lacks}；读到的列名：{read}。"
        f"请补上该列，或在 {LOCAL} 目录的 {feed.name}.toml 里登记它的新写法。"
    )
