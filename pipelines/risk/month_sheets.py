"""月报的工作簿 — the tables of the month's page as sheets, its funnels as charts beside their figures."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, Final

import pandas as pd

from pipelines.reports.workbook import Book, Column
from pipelines.risk.drawing import Drawn
from pipelines.risk.page import TABLES

SHEETS: Final = {
    "money": "资金", "rules": "规则与核定", "districts": "区县", "duties": "岗位与备案",
    "reasons": "减员原因", "checks": "质量抽查", "ageing": "进度",
}  # fmt: skip
FUNNELS: Final = {"employers": "漏斗图 单位", "offices": "漏斗图 办公室"}
POINTS: Final = {"employers": "一点为一个单位", "offices": "一点为一个办公室"}
LIMITS: Final = ("95% 下限", "95% 上限", "99.8% 下限", "99.8% 上限")
DASHES: Final = ("dash", "dash", "solid", "solid")
TENFOLD: Final = 10  # below this a logarithmic scale has no room for its ticks
BLUE: Final = "#1F4E79"


def add(book: Book, values: Mapping[str, Any]) -> None:
    """A sheet for each table of ``values`` (the page's figures) and for each funnel."""
    for name, title in SHEETS.items():
        heads = TABLES[name][1]
        rows = pd.DataFrame(values[name], columns=list(heads))
        counted = rows.select_dtypes("integer").columns
        book.table(title, [Column(h, h, 26, "count" if h in counted else "text") for h in heads], rows)
    for drawn in values["funnels"]:
        _funnel(book, drawn)


def _funnel(book: Book, drawn: Drawn) -> None:
    """Each point's size and value, the limits at some sizes, and the chart of both."""
    title, heads = FUNNELS[drawn.name], (drawn.axis, "值", "界限处的规模", *LIMITS)
    sheet = book.sheet(title, [Column(head, str(n), 14) for n, head in enumerate(heads)])
    number = book.style(num_format="0.000")
    points, limits = drawn.of.points, drawn.of.limits
    for line, (point, limit) in enumerate(zip_longest(points, limits, fillvalue=()), 1):
        for column, value in [*enumerate(point), *enumerate(limit, 2)]:
            sheet.write_number(line, column, value, number)
    chart = book.book.add_chart({"type": "scatter"})
    chart.add_series(_series(title, 0, 1, len(points)) | {
        "name": POINTS[drawn.name], "marker": {"type": "circle", "size": 5, "fill": {"color": BLUE}},
    })  # fmt: skip
    for n, (name, dash) in enumerate(zip(LIMITS, DASHES, strict=True)):
        drawn_as = {"color": BLUE, "width": 1.25, "dash_type": dash}
        series = {"name": name, "line": drawn_as, "marker": {"type": "none"}}
        chart.add_series(_series(title, 2, 3 + n, len(limits)) | series)
    chart.set_title({"name": drawn.title, "name_font": {"size": 12}})
    least, most = limits[0][0], limits[-1][0]
    close = {"min": least, "max": most} if most > least else {}
    scale = {"log_base": 10} if most > TENFOLD * least else close
    chart.set_x_axis({"name": drawn.axis, "crossing": "min", "num_format": "General", **scale})
    chart.set_size({"width": 900, "height": 480})
    sheet.insert_chart(1, len(heads) + 1, chart)


def _series(sheet: str, sizes: int, values: int, rows: int) -> dict[str, Any]:
    return {"categories": [sheet, 1, sizes, rows, sizes], "values": [sheet, 1, values, rows, values]}
