"""数据交换约定 — a feed as its TOML declares it: headings, types, codes, volume, freshness.

To add a feed, write ``expectations/<feed>.toml`` and ``tests/deliveries/<feed>/``; everything else
finds it here. An agency's own spellings and bounds stand in a folder that ``CROSSMATCH_FEEDS`` names, in
files of the same names: headings are added to ours, any other value replaces ours.
"""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from expectations.local import SITE, ContractError, fitting, own, read

__all__ = [
    "EVERY",
    "LOCAL",
    "SITE",
    "Column",
    "ContractError",
    "Feed",
    "Health",
    "Span",
    "feed",
    "feeds",
    "load",
]

LOCAL = "CROSSMATCH_FEEDS"
EVERY = "_every"
COMMON = ("nothing", "placeholders")
ELSEWHERE = ("name", "columns", "health", "totals", "serial", "drop", "one_of", "span")
ColumnType = Literal["id", "name", "text", "month", "date", "code", "money", "count"]
Mode = Literal["increment", "snapshot"]


@dataclass(frozen=True, slots=True)
class Column:
    """One promised column: the headings it may bear, its type and, for a code, what it may say.

    ``codes`` maps what may stand in the file to the canonical value. ``default`` stands in for an
    empty optional value. ``may_be_empty``: the heading must be there, the value need not. ``nothing``: words
    that count as empty. ``placeholders``: days that count as none. ``number``: a number in a text, which a
    spreadsheet may spoil. ``from_age``: what it says cannot be before the person has so many years.
    ``missed``: whether the health of a delivery says that no row of it has the column. ``detail``: whether it
    only ends or details the fact, so that its arrival makes no other fact of it.
    """

    name: str
    type: ColumnType
    headings: tuple[str, ...]
    required: bool = False
    may_be_empty: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    nothing: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    number: bool = False
    from_age: int | None = None
    missed: bool = False
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The bounds within which a delivery counts as whole; every one may be overridden by settings.

    ``rows_between``: factors of the median of the last six accepted deliveries, judged from the third
    delivery on and only where that median reaches ``small_rows``. Shares are judged from ``small_rows``
    rows on. ``stale``: what an overdue feed means, ``held`` or ``warn``.
    """

    rows_between: tuple[float, float]
    stale_after_days: int
    stale: Literal["held", "warn"]
    rejected_share: float = 0.02
    unusable_id_share: float = 0.10
    small_rows: int = 200
    history: int = 6
    history_least: int = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Columns of a row that says one month, or the first and last month of a span with the number that
    counts.

    A row says one or the other; a number of months outside the span, or a span reversed, is a reject.
    """

    month: str
    first: str
    last: str
    count: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed. ``drop`` names headings that are never read, stored or logged.

    ``one_of``: groups of columns of which a file and each of its rows must have at least one.
    ``nothing`` and ``placeholders`` hold in each of its columns, beside the column's own.
    ``person``: its rows are about a person and may carry the columns of ``_every.toml``.
    """

    name: str
    title: str
    source: str
    agency: str
    mode: Mode
    row: str
    columns: Mapping[str, Column]
    health: Health
    totals: tuple[str, ...]
    serial: tuple[str, ...]
    drop: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    multiline: bool = False
    nothing: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    person: bool = True
    span: Span | None = None

    @property
    def details(self) -> tuple[str, ...]:
        """The columns that end or detail a fact without making it another one."""
        return tuple(name for name, column in self.columns.items() if column.detail)


def load(name: str, declared: dict[str, Any], every: dict[str, Any]) -> Feed:
    """The feed that a TOML file declares; ``every`` is what all feeds about persons may carry."""
    shared = every["columns"] if declared.get("person", True) else {}
    place, columns = f"{name}.toml", {**shared, **declared.pop("columns", {})}
    span = declared.pop("span", None)
    health = fitting(Health, declared.pop("health", {}), f"{place} [health]")
    common = {key: (*every[key], *declared.get(key, ())) for key in COMMON}
    promised = {n: _column(n, c, common, f"{place} [columns.{n}]") for n, c in columns.items()}
    claimed = Counter(h for column in promised.values() for h in set(column.headings))
    if twice := [heading for heading, claims in claimed.items() if claims > 1]:
        raise ContractError(f"{place} 有不止一列用了列名「{'、'.join(twice)}」；请只留在一列")
    return Feed(
        name=name,
        columns=promised,
        health=Health(**{**health, "rows_between": tuple(health["rows_between"])}),
        totals=tuple(every["totals"]["words"]),
        serial=tuple(every["serial"]["headings"]),
        drop=tuple(declared.pop("drop", ())),
        one_of=_groups(declared.pop("one_of", []), promised, place),
        span=None if span is None else Span(**fitting(Span, span, f"{place} [span]")),
        **{**fitting(Feed, declared, place, *ELSEWHERE), **common},
    )


def _groups(declared: Any, promised: Mapping[str, Column], place: str) -> tuple[tuple[str, ...], ...]:
    whole = isinstance(declared, list) and all(isinstance(group, list) for group in declared)
    if not whole or not all(name in promised for group in declared for name in group):
        raise ContractError(f"{place} 的 one_of 应为几组列的代码，每组至少须有一列")
    return tuple(map(tuple, declared))


def _column(name: str, declared: dict[str, Any], common: Mapping[str, tuple[str, ...]], place: str) -> Column:
    given = fitting(Column, declared, place, "name")
    for key, words in common.items():
        given = {**given, key: (*words, *given.get(key, ()))}
    if not given["headings"]:
        raise ContractError(f"{place} 的 headings 是空的；请写出文件中的列名")
    if (given["type"] == "code") != bool(given.get("codes")):
        raise ContractError(f"{place}：type 为 code 的列须有 codes，其他类型不得有")
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    return Column(name=name, **{**given, **lists})


@cache
def feeds() -> dict[str, Feed]:
    """Every feed by name, in alphabetical order; ``ContractError`` where a TOML is not what it should be."""
    declared = _declared()
    return {n: load(n, feed, declared[EVERY]) for n, feed in declared.items() if n != EVERY}


def feed(name: str) -> Feed:
    """The feed called ``name``; ``KeyError`` where there is none."""
    return feeds()[name]


def nothing(column: str) -> tuple[str, ...]:
    """The words for nothing in a column that every feed may have, wherever it stands."""
    every = _declared()[EVERY]
    return (*every["nothing"], *every["columns"][column].get("nothing", ()))


def _folder() -> str | None:
    """The agency's own contracts: the folder that is named for them, else ``feeds`` in that of the site."""
    site = os.environ.get(SITE, "")
    of_site = str(Path(site) / "feeds") if site and (Path(site) / "feeds").is_dir() else None
    return os.environ.get(LOCAL) or of_site


def _declared() -> dict[str, dict[str, Any]]:
    """What stands in our files and in the agency's own over them, by name of the feed, and ``EVERY``."""
    here = files(__package__)
    every = read(here / f"{EVERY}.toml")
    names = sorted(
        f.name.removesuffix(".toml")
        for f in here.iterdir()
        if f.name.endswith(".toml") and not f.name.startswith("_")
    )
    ours = {n: read(here / f"{n}.toml") for n in names}
    local = own(_folder(), {EVERY: every, **ours})
    if strange := sorted(local[EVERY].keys() - every.keys()):
        raise ContractError(f"{EVERY}.toml 有未知的键 {'、'.join(strange)}；可用：{'、'.join(every)}")
    return {EVERY: local[EVERY], **{n: local[n] for n in names}}
