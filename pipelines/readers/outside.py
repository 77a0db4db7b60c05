"""表外 — what stands in a file outside its table: above the header, beside it, or in a sheet without one.

A row of people must never pass for a title: it would vanish, and with it what it says for or against them.
"""

from collections.abc import Callable, Iterable, Sequence

from expectations.feed import Column, Feed
from matchers.text import fold
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import fields
from pipelines.readers.layout import HEADINGS, Header, Layout, has_long_number, heading, is_personal
from pipelines.readers.parts import Reject

TYPED = ("date", "month", "code", "money")


def require_nothing_above(
    rows: Iterable[tuple[int, Sequence[str]]], header: Header, feed: Feed, file: str
) -> None:
    """``DeliveryRejected`` names the header's line where a row above it may be one of people.

    ``rows``: the rows above with their numbers from 0, one perhaps several times, split in other ways.
    """
    layout = header.layout
    for number, cells in rows:
        if is_person(cells, layout) or _fits(cells, layout, feed):
            raise DeliveryRejected(
                f"{file}：表头在第 {header.first + 1} 行，而其上的第 {number + 1} 行像是数据；"
                "请把表头移到数据之前（每张表单独成文件或工作表）后重新报送。"
            )


def is_person(cells: Sequence[str], layout: Layout) -> bool:
    """Whether a row outside the table has a person's number, or fills most of as many fields."""
    if any(map(has_long_number, cells)):
        return True
    headings = sum(heading(cell) in layout.words for cell in cells)
    named = layout.width - len(layout.unnamed)
    return headings < HEADINGS and len(cells) == layout.width and 2 * _filled(cells) > named


def may_be_person(cells: Sequence[str], feed: Feed) -> bool:
    """Whether a row of a sheet without a header has a person's number, or fills most columns needed."""
    needed = sum(column.required for column in feed.columns.values())
    return any(map(has_long_number, cells)) or 2 * _filled(cells) > needed


def personal_places(rows: Sequence[Sequence[str]], feed: Feed, before: Layout | None) -> list[int]:
    """The places in a sheet without a header at which numbers of a person stand, as far as anything tells.

    They have such a heading in one of ``rows``, a number as long as a person's, or stand where those of the
    sheet ``before`` do.
    """
    words = {heading(h) for column in feed.columns.values() if is_personal(column) for h in column.headings}
    places = {
        n for row in rows for n, cell in enumerate(row) if heading(cell) in words or has_long_number(cell)
    }
    return sorted(places.union(before.personal.values() if before else ()))


def require_one_table(
    rejects: Iterable[Reject], split: Callable[[str], Sequence[str] | None], layout: Layout, file: str
) -> None:
    """``DeliveryRejected`` names the line where among the rejects is the header of another table.

    ``split`` gives the fields of a reject's text. Rows below such a header mean something else.
    """
    for reject in rejects:
        if (
            reject.value is not None
            and heading(reject.value) not in layout.words
            and any(map(str.isdigit, reject.raw))
        ):
            continue
        if layout.is_other_header(split(reject.raw) or ()):
            raise DeliveryRejected(
                f"{file}：第 {reject.line} 行又是一个表头，列次与前面的不同；"
                "请把每张表单独成文件或工作表后重新报送。"
            )


def titles(header: Header) -> list[str]:
    """A Chinese sentence on the rows above the header, which are no rows of the table."""
    return [f"表头以上 {header.first} 行是标题，未作数据读取"] if header.first else []


def beside(rows: Iterable[Sequence[str]], layout: Layout) -> list[str]:
    """A Chinese sentence on the columns without a heading that hold something; of no value that is there."""
    used = {place for row in rows if len(row) == layout.width for place in layout.unnamed if fold(row[place])}
    return [f"第 {'、'.join(str(p + 1) for p in sorted(used))} 列没有列名，未读取"] if used else []


def _filled(cells: Sequence[str]) -> int:
    """How many cells hold something; a caption with its colon is no value of a column."""
    return sum(bool(text) and ":" not in text for text in map(fold, cells))


def _fits(cells: Sequence[str], layout: Layout, feed: Feed) -> bool:
    """Whether a row of the table's width has a value where a day, month, amount or code is promised."""
    if len(cells) != layout.width or _filled(cells) < HEADINGS:
        return False
    typed = ((feed.columns[name], cells[place]) for name, place in layout.columns.items())
    return any(column.type in TYPED and _is_value(column, cell) for column, cell in typed if fold(cell))


def _is_value(column: Column, cell: str) -> bool:
    try:
        return fields.Reading(column)(cell) is not None
    except fields.Unreadable:
        return False
