"""字典 — the sheet that explains every column, quotes the law and holds the lists behind the drop-downs."""

from collections.abc import Sequence

from matchers.law import Article
from pipelines.reports import laws
from pipelines.reports.answers import CONCLUSIONS, HOW, REASONS, WAYS
from pipelines.reports.contents import Contents
from pipelines.reports.workbook import Book, Column

SHEET = "字典"
CONCLUSION_WORDS = {
    "核查中": "正在核实，尚无结论",
    "属实": "核查属实；须有告知日期、停发年月和复核人",
    "部分属实": "部分月份或部分金额属实；要求同上",
    "不属实": "核查不属实；须有不属实原因和复核人。同样的事实以后不再提出",
}


def write(book: Book, contents: Contents, columns: Sequence[Column], *further: str) -> None:
    """The sheet: reasons in column B, where the drop-down reads them; other lists; the columns; the law.

    ``further``: articles quoted whether or not a listed cause rests on them.
    """
    lists = [
        *(("不属实原因", word, "") for word in REASONS),
        *(("核查结论", word, CONCLUSION_WORDS[word]) for word in CONCLUSIONS),
        *(("核查方式", word, "") for word in HOW),
        *(("追回方式", word, "") for word in WAYS),
        *(("栏目", column.heading, column.meaning) for column in columns),
        *(("条文", article.title, article.text) for article in _articles(contents, further)),
    ]
    shown = (Column("类别", "", 14), Column("取值", "", 30), Column("说明", "", 80))
    sheet = book.sheet(SHEET, shown)
    for row, cells in enumerate(lists, 1):
        for n, text in enumerate(cells):
            sheet.write_string(row, n, text, book.style(text_wrap=True, border=1, border_color="#C9D1D9"))
    sheet.protect("", {"select_locked_cells": True})


def _articles(contents: Contents, further: Sequence[str]) -> tuple[Article, ...]:
    rules = contents.run.policy if contents.run else "national"
    return laws.articles(rules, contents.active["cause"], *further)
