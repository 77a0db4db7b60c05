"""工作簿 — sheets from declared columns, safe to open, the same bytes every time.

Text is written as text whatever it begins with, so nothing in a workbook can become a formula. A table is not
protected: under protection no program sorts rows with a locked cell. What must not change is sealed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_rowcol_to_cell

from matchers.schemas import AnyRows
from pipelines.base.store import Store
from pipelines.reports import cells
from pipelines.reports.cells import Kind

ROWS = 1_048_575
PAGE_WIDTH = 270
FONT = "微软雅黑"
INK, LINE, HEAD, FILL_IN, SHADE = "#1F2933", "#C9D1D9", "#1F4E79", "#FFF6D6", "#F3F5F7"
FOLDED = {"level": 1, "hidden": True}
NUMBER_FORMAT: Mapping[Kind, str] = {"date": "yyyy-mm-dd", "money": "#,##0.00", "count": "0"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its heading, the frame's column it shows, its width in characters and its kind.

    ``money`` takes fen and shows yuan. ``check``: what Excel should hold an answer to, the cell itself being
    ``{cell}``; a column with one, or with ``answer``, is to be filled in. ``meaning``: what the dictionary
    says. ``folded``: whether it is out of sight, and out of print, until the reader unfolds the details.
    """

    heading: str
    name: str
    width: float = 12
    kind: Kind = "text"
    meaning: str = ""
    answer: bool = False
    check: Mapping[str, Any] = field(default_factory=dict)
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that is being written; sheets stand in the order in which they are added."""

    book: Any
    footer: str
    formats: dict[tuple[object, ...], Any]

    def style(self, **properties: object) -> Any:
        """The format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            given = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top", **properties}
            self.formats[key] = self.book.add_format(given)
        return self.formats[key]

    def sheet(self, title: str, columns: Sequence[Column], *, keep: int = 1, first_line: str = "") -> Any:
        """An empty sheet set up for ``columns``: widths, frozen heading and first ``keep`` columns, print."""
        sheet = self.book.add_worksheet(title)
        top = 1 if first_line else 0
        if first_line:
            sheet.write_string(0, 0, first_line, self.style(bold=True, font_size=11))
        for n, column in enumerate(columns):
            sheet.set_column(n, n, column.width, None, FOLDED if column.folded else {})
            sheet.write_string(top, n, column.heading, self._heading(column))
        sheet.set_row(top, 32)
        sheet.freeze_panes(top + 1, keep)
        sheet.repeat_rows(top)
        sheet.outline_settings(True, True, False, False)
        self._printed(sheet, sum(column.width for column in columns if not column.folded))
        sheet.repeat_columns(0, keep - 1)
        return sheet

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        frame: AnyRows,
        *,
        keep: int = 1,
        hidden: str = "",
        rows: int = ROWS,
    ) -> None:
        """A sheet to sort and filter, a row for each of the frame's; more than fit go on to further sheets.

        ``hidden``: the frame's column that stands, unseen, behind the last one.
        """
        parts = [frame.iloc[start : start + rows] for start in range(0, max(len(frame), 1), rows)]
        for number, part in enumerate(parts, 1):
            name = title if len(parts) == 1 else f"{title}（{number}）"
            shown = [*columns, Column("校验码", hidden, 8)] if hidden else list(columns)
            sheet = self.sheet(name, shown, keep=keep)
            self._fill(sheet, shown, part)
            last = max(len(part), 1)
            sheet.autofilter(0, 0, last, len(columns) - 1)
            sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
            for n, column in enumerate(columns):
                if column.check:
                    sheet.data_validation(1, n, last, n, _of_cell(column.check, xl_rowcol_to_cell(1, n)))
            if hidden:
                sheet.set_column(len(columns), len(columns), 8, None, {"hidden": True})

    def _fill(self, sheet: Any, columns: Sequence[Column], frame: pd.DataFrame) -> None:
        nothing = [None] * len(frame)
        values = [frame[c.name].tolist() if c.name in frame.columns else nothing for c in columns]
        styles = [self._cell(column) for column in columns]
        if len(frame):
            shown = zip(columns, values, styles, strict=True)
            cells.write(
                sheet, [cells.Cells(held, style, c.kind, c.width, c.folded) for c, held, style in shown]
            )

    def _heading(self, column: Column) -> Any:
        fill = (
            {"bg_color": "#F2B84B", "font_color": INK}
            if column.answer
            else {"bg_color": HEAD, "font_color": "#FFFFFF"}
        )
        return self.style(
            bold=True, text_wrap=True, valign="vcenter", align="center", border=1, border_color=LINE, **fill
        )

    def _cell(self, column: Column) -> Any:
        shape: dict[str, object] = {
            "border": 1,
            "border_color": LINE,
            "num_format": NUMBER_FORMAT.get(column.kind, "@"),
        }
        if column.kind == "long":
            shape["text_wrap"] = True
        if column.answer:
            shape |= {"locked": False, "bg_color": FILL_IN}
        return self.style(**shape)

    def _printed(self, sheet: Any, width: float) -> None:
        """A3 across, so many pages wide that it can be read."""
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(math.ceil(width / PAGE_WIDTH), 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L&8 {self.footer}　&A&R&8 第 &P 页 共 &N 页")
        sheet.hide_gridlines(2)


@contextmanager
def writing(path: Path, as_of: date, title: str, footer: str, scratch: Path) -> Iterator[Book]:
    """A workbook that stands at ``path`` after the block, whole; nothing changes there after an error.

    Until then its sheets lie in ``scratch``, where a run that died leaves nothing for long.
    """
    with Store.replacing(path) as unfinished:
        options = {
            "constant_memory": True,
            "tmpdir": str(scratch),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(str(unfinished), options)
        book.set_properties({"title": title, "created": datetime.combine(as_of, time()), "comments": footer})
        yield Book(book, footer, {})
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None


def _of_cell(check: Mapping[str, Any], cell: str) -> dict[str, Any]:
    """The check for a column whose first cell is ``cell``, which a formula names as ``{cell}``."""
    return {key: rule.format(cell=cell) if key == "value" else rule for key, rule in check.items()}
