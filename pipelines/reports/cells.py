"""表格行 — the rows of a sheet as XML, a column at a time: the bytes that xlsxwriter writes cell by cell.

A value that comes again in its column is spelt once; a row is then one join around its number. This is the
one place that knows how xlsxwriter keeps a sheet in constant memory: its open file and its pending row.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Literal, NamedTuple

from xlsxwriter.utility import xl_col_to_name

Kind = Literal["text", "long", "date", "money", "count"]
LONGEST, LONGEST_CODED = 32_000, 32_767
CUT = "……（过长，已截断）"
LINE_HEIGHT = 17
TALLEST = 24
WIDE_FROM, NARROW = "\u2e80", 1.1
EPOCH = date(1899, 12, 31).toordinal()
LEAP_DAY = 59  # Excel counts a 29 February 1900 that never was
AT_ONCE = 5_000
SPECIAL = re.compile("[\x00-\x08\x0b-\x1f&<>\ud800-\udfff\ufffe\uffff]|_x")  # all that may be escaped or lost


class Cells(NamedTuple):
    """The cells of one column: values, format, kind, and the column's width in characters.

    ``folded``: out of sight, so that no row is as tall as a text in it needs.
    """

    values: Sequence[Any]
    style: Any
    kind: Kind
    width: float
    folded: bool = False


def write(sheet: Any, columns: Sequence[Cells]) -> None:
    """Puts the columns, of at least one row, all as long, below the heading that ``sheet`` ends with."""
    last = len(columns[0].values) - 1
    above = sheet.previous_row + 1
    if last:
        _write_whole(sheet, above, [column._replace(values=column.values[:last]) for column in columns])
    _write_pending(sheet, above + last, [column._replace(values=column.values[last:]) for column in columns])


def _write_whole(sheet: Any, top: int, columns: Sequence[Cells]) -> None:
    """Rows from ``top`` on that xlsxwriter need not hear of again."""
    count = len(columns[0].values)
    sheet._write_single_row(top + count)
    behind = [f'<c r="{xl_col_to_name(n)}' for n in range(1, len(columns))] + ["</row>"]
    texts = [_texts(sheet, column, after) for column, after in zip(columns, behind, strict=True)]
    heads = [f'" ht="{_pixels(n) * 0.75:.16g}" customHeight="1"><c r="A' for n in _heights(columns)]
    for start in range(0, count, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        rows = zip(heads[part], *(text[part] for text in texts), strict=True)
        sheet.fh.write(
            "".join(str(n).join(('<row r="', *row)) for n, row in enumerate(rows, top + start + 1))
        )


def _write_pending(sheet: Any, row: int, columns: Sequence[Cells]) -> None:
    """The last row cell by cell: xlsxwriter keeps it open, its formats unnumbered, until it closes."""
    sheet.set_row_pixels(row, _pixels(*_heights(columns)))
    for n, (values, style, kind, _, _) in enumerate(columns):
        [value] = values
        if not _is_given(value):
            sheet.write_blank(row, n, None, style)
        elif kind == "date":
            sheet.write_datetime(row, n, datetime.combine(value, time()), style)
        elif kind in ("money", "count"):
            sheet.write_number(row, n, value / 100 if kind == "money" else value, style)
        elif (text := plain(str(value))).startswith("<r>") and text.endswith("</r>"):
            sheet.write_rich_string(row, n, text[0], text[1], text[2:], style)  # else it is taken for XML
        else:
            sheet.write_string(row, n, text, style)


def plain(text: str) -> str:
    """A text as a cell can hold it: no longer than Excel allows; a cut one ends by saying that it was cut."""
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _pixels(lines: int) -> int:
    """The height of a row of so many lines."""
    return int(lines * LINE_HEIGHT * 4 / 3 + 0.5)


def _heights(columns: Sequence[Cells]) -> list[int]:
    """Of each row, how many lines the longest of its long texts in sight takes."""
    most = [1] * len(columns[0].values)
    for column in columns:
        if column.kind == "long" and not column.folded:
            texts = [value if isinstance(value, str) else "" for value in column.values]
            measured = {text: _lines(text, column.width) for text in set(texts)}
            most = [max(n, measured[text]) for n, text in zip(most, texts, strict=True)]
    return most


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell: a Hanzi is two characters wide; no row holds more than 24."""
    wide = sum([2 if letter >= WIDE_FROM else NARROW for letter in text])
    return min(max(math.ceil(wide / (width - 1)), 1), TALLEST)


def _texts(sheet: Any, column: Cells, after: str) -> list[str]:
    """Each cell from behind its row number up to and with ``after``, what stands between it and the next."""
    head = f'" s="{column.style._get_xf_index()}"'
    spell = SPELT[column.kind]
    values, blank = column.values, f"{head}/>{after}"
    if spell is _text:
        values = [v if isinstance(v, str) or not _is_given(v) else str(v) for v in values]
    spelt = {v: f"{head}{spell(sheet, v)}{after}" for v in set(values) if _is_given(v)}
    return [spelt.get(v, blank) for v in values]


def _is_given(value: object) -> bool:
    return not (value is None or value == "" or value != value)


def _text(sheet: Any, value: Any) -> str:
    ordinary = 2 * len(value) <= LONGEST and not SPECIAL.search(value)
    text = value if ordinary else _escaped(sheet, value)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _escaped(sheet: Any, value: str) -> str:
    coded = (
        plain(value).encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_CODED].decode("utf-16-le", "ignore")
    )
    escaped: str = sheet._escape_data(sheet._escape_control_characters(coded))
    return escaped


def _date(_: Any, value: Any) -> str:
    days = value.toordinal() - EPOCH
    return _number(days + (days > LEAP_DAY))


def _money(_: Any, value: Any) -> str:
    return _number(value / 100)


def _count(_: Any, value: Any) -> str:
    return _number(value)


def _number(value: float) -> str:
    return f"><v>{value:.16G}</v></c>"


SPELT: Mapping[Kind, Callable[[Any, Any], str]] = {
    "text": _text, "long": _text, "date": _date, "money": _money, "count": _count,
}  # fmt: skip
