"""表头 — where the promised columns stand in a file, found by the row that names all the required ones."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from expectations.feed import LOCAL, Feed
from matchers.text import fold
from pipelines.base.errors import DeliveryRejected

_LONG_NUMBER = re.compile(r"\d{6}")  # in a row of people, not of headings


class NoHeader(DeliveryRejected):
    """No row holds every required heading; ``found``: how many promised ones the likeliest row has."""

    def __init__(self, message: str, found: int) -> None:
        super().__init__(message)
        self.found = found


@lru_cache(1 << 12)
def heading(text: str) -> str:
    """A heading as it is compared: folded, upper case, no spaces, no ``*`` at its end."""
    return fold(text).replace(" ", "").rstrip("*").upper()


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of one table: its folded header and the places of the promised columns in it.

    ``columns``: canonical name to place. ``hidden``: places whose values are never stored or shown.
    """

    header: tuple[str, ...]
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    unknown: tuple[str, ...]
    hidden: frozenset[int]
    totals: frozenset[str] = field(repr=False)

    @property
    def width(self) -> int:
        """The number of fields in a row."""
        return len(self.header)

    def widened(self) -> "Layout":
        """The same with an unnamed column at its end."""
        return replace(self, header=(*self.header, ""))

    def drops(self, cells: Sequence[str]) -> bool:
        """Whether a row is left out by name: blank, a totals row, or the header once more."""
        first = next((text for cell in cells if (text := fold(cell))), "").replace(" ", "")
        if not first or first.rstrip(":") in self.totals:
            return True
        again = first.rstrip("*").upper() == next(filter(None, self.header))
        names = tuple(map(heading, cells))
        return again and self.header in (names, (*names, ""))

    def shown(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row of the right width, those that must not be stored blanked out."""
        return ["" if place in self.hidden else cell for place, cell in enumerate(cells)]


def find(rows: Iterable[Sequence[str]], feed: Feed, file: str) -> tuple[int, Layout]:
    """The first row that holds every required heading, as its number from 0 and its layout.

    ``NoHeader`` names the columns that the likeliest row lacks and the headings found in it,
    ``DeliveryRejected`` the heading that stands there twice.
    """
    best: Sequence[str] = ()
    for number, row in enumerate(rows):
        names = [heading(cell) for cell in row]
        if not missing(names, feed):
            return number, _layout(row, names, feed, file)
        if not any(map(_LONG_NUMBER.search, names)):
            best = max(best, row, key=lambda cells: len(promised([heading(c) for c in cells], feed)))
    names = [heading(cell) for cell in best]
    raise NoHeader(_no_header(names, feed, file), len(promised(names, feed)))


def most_telling(refusals: Iterable[DeliveryRejected]) -> DeliveryRejected:
    """Of several attempts at one file the refusal that came closest to a header."""
    return max(refusals, key=lambda error: error.found if isinstance(error, NoHeader) else math.inf)


def promised(names: Sequence[str], feed: Feed) -> dict[str, int]:
    """The places of the feed's columns among folded headings; a column's first heading wins."""
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    found = {
        column.name: next((places[h] for h in map(heading, column.headings) if h in places), None)
        for column in feed.columns.values()
    }
    return {name: place for name, place in found.items() if place is not None}


def missing(names: Sequence[str], feed: Feed) -> list[str]:
    """The usual headings of the required columns that are not among ``names``."""
    found = promised(names, feed)
    alone = [c.headings[0] for c in feed.columns.values() if c.required and c.name not in found]
    groups = [
        "或".join(feed.columns[name].headings[0] for name in g)
        for g in feed.one_of
        if found.keys().isdisjoint(g)
    ]
    return alone + groups


def _layout(row: Sequence[str], names: Sequence[str], feed: Feed, file: str) -> Layout:
    columns = promised(names, feed)
    if twice := [names[place] for place in columns.values() if list(names).count(names[place]) > 1]:
        raise DeliveryRejected(
            f"{file}：列「{'、'.join(twice)}」出现多次，无法判断以哪一列为准；请只保留一列。"
        )
    ignored = {heading(h) for h in (*feed.serial, *feed.drop)} | {""}
    return Layout(
        header=tuple(names),
        columns=columns,
        headings={name: row[place].strip() for name, place in columns.items()},
        unknown=tuple(
            n for place, n in enumerate(names) if place not in columns.values() and n not in ignored
        ),
        hidden=frozenset(p for p, n in enumerate(names) if n in {heading(h) for h in feed.drop}),
        totals=frozenset(feed.totals),
    )


def _no_header(names: Sequence[str], feed: Feed, file: str) -> str:
    lacks = "、".join(f"「{h}」" for h in missing(names, feed))
    if not promised(names, feed):
        return f"{file}：找不到表头，缺少必需列{lacks}；请确认这是「{feed.title}」数据，且首行附近有表头。"
    found = "、".join(name for name in names if name)
    return (
        f"{file}：缺少必需列{lacks}；读到的列名：{found}。"
        f"请补上该列，或在 {LOCAL} 目录的 {feed.name}.toml 里登记它的新写法。"
    )
