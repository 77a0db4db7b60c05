"""脏行 — rows that cannot be read, one function per way in which they go wrong, and lines left out by name.

Each takes a good row of somebody who draws nothing, so that no dirt hides a fact.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final

from expectations.feed import ColumnType
from pipelines.demo.writing.rendering import Rendering

Cells = dict[str, str]
TOO_LONG: Final = 40_000


@dataclass(frozen=True, slots=True)
class Dirty:
    """Physical lines in place of rows: how many are rejects and how many are left out by name."""

    content: bytes
    rejected: int = 0
    dropped: int = 0


def _columns(rendering: Rendering, kind: ColumnType) -> list[str]:
    return [name for name in rendering.columns if (c := rendering.feed.columns.get(name)) and c.type == kind]


def _put(kind: ColumnType, *values: str) -> Callable[[Cells, Rendering, Random], Cells | None]:
    def spoil(cells: Cells, rendering: Rendering, rng: Random) -> Cells | None:
        columns = _columns(rendering, kind)
        return cells | {rng.choice(columns): rng.choice(values)} if columns else None

    return spoil


def _empty_required(cells: Cells, rendering: Rendering, rng: Random) -> Cells:
    must = [c.name for c in rendering.feed.columns.values() if c.required and not c.may_be_empty]
    return cells | {rng.choice(must): ""}


WRONG_CELLS: Final[Mapping[str, Callable[[Cells, Rendering, Random], Cells | None]]] = {
    "empty_required": _empty_required,
    "bad_month": _put("month", "202413", "202400", "20240231", "2024年13月"),
    "ambiguous_month": _put("month", "2024.1"),
    "bad_date": _put("date", "2024-02-30", "20241301", "不详"),
    "bad_number": _put("money", "四千八百", "4800元整"),
    "unknown_code": _put("code", "999", "第九类"),
}


def _plain(cells: Cells, rendering: Rendering) -> list[str]:
    return [value.replace(rendering.dialect.delimiter, "") for value in cells.values()]


def _line(cells: Cells, rendering: Rendering) -> str:
    return rendering.line(_plain(cells, rendering))


def _short(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(rendering.line(_plain(cells, rendering)[:-2]))


def _long(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(rendering.line([_line(cells, rendering), "错位", "多余"]))


def _open_quote(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(_line(cells | {"name": '"' + cells["name"]}, rendering))


def _line_break(cells: Cells, rendering: Rendering) -> bytes:
    broken = f'"{cells["name"]}\n（附注）"'
    return rendering.encoded(_line(cells | {"name": broken}, rendering))


def _undecodable(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(_line(cells | {"name": "#@#"}, rendering)).replace(b"#@#", b"\xff\xff")


def _nul(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(_line(cells | {"name": cells["name"] + "\0"}, rendering))


def _too_long(cells: Cells, rendering: Rendering) -> bytes:
    return rendering.encoded(_line(cells | {"name": "长" * TOO_LONG}, rendering))


WRONG_LINES: Final[Mapping[str, tuple[Callable[[Cells, Rendering], bytes], int]]] = {
    "too_short": (_short, 1),
    "too_many_columns": (_long, 1),
    "unbalanced_quote": (_open_quote, 1),
    "line_break": (_line_break, 2),
    "undecodable": (_undecodable, 1),
    "nul": (_nul, 1),
    "too_long": (_too_long, 1),
}
BYTEWISE: Final = ("undecodable", "nul", "too_long")


def left_out(rendering: Rendering) -> dict[str, Dirty]:
    """Lines that are dropped by name: blank, a totals row, the header once more."""
    totals = rendering.line([rendering.feed.totals[0], *[""] * (len(rendering.columns) - 1)])
    header = rendering.line(rendering.headings)
    lines = {"blank": "", "totals": totals, "header": header}
    return {name: Dirty(rendering.encoded(line), dropped=1) for name, line in lines.items()}


class Dirt:
    """Deals kinds of dirt in turn, so that a city has every kind."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.cells: Iterator[str] = cycle(WRONG_CELLS)
        self.lines: Iterator[str] = cycle([*WRONG_LINES, *WRONG_CELLS])

    def wrong_row(self, victim: Cells, rendering: Rendering) -> Cells:
        """The row with one cell that cannot be read."""
        while True:
            spoilt = WRONG_CELLS[next(self.cells)](victim, rendering, self.rng)
            if spoilt is not None:
                return spoilt

    def wrong_line(self, victim: Cells, rendering: Rendering) -> Dirty:
        """A line that cannot be read, or holds a cell that cannot."""
        kind = next(self.lines)
        if kind in BYTEWISE and rendering.dialect.encoding == "utf-16":
            kind = "too_short"
        if kind in WRONG_LINES:
            spoil, rejected = WRONG_LINES[kind]
            return Dirty(spoil(victim, rendering), rejected)
        spoilt = WRONG_CELLS[kind](victim, rendering, self.rng) or self.wrong_row(victim, rendering)
        return Dirty(rendering.encoded(_line(spoilt, rendering)), 1)
