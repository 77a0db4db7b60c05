"""``deliveries``、``check-delivery``、``release`` — what arrived, what became of it, and letting it go on."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from pipelines.deliveries.ledger import Delivery
    from pipelines.deliveries.overview import Overview
    from pipelines.deliveries.preview import Preview

COLOURS = {"accepted": "green", "held": "yellow", "refused": "red"}
PIPED_WIDTH = 240
KINDS = {"rows_read": "读入", "rows_landed": "入库", "rows_rejected": "退回", "rows_dropped": "剔除"}


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("deliveries")(deliveries)
    app.command("check-delivery")(check_delivery)
    app.command("release")(release)


def deliveries(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="截至哪一天 YYYY-MM-DD，默认今天")
    ] = None,
    last: Annotated[int, typer.Option(min=0, help="每个数据源列出最近几批；0 为全部")] = 5,
    as_json: Json = False,
) -> None:
    """报送批次：收到什么，结论与原因（deliveries）。

    已接收、待放行或已拒收；读入 = 入库 + 退回 + 剔除。
    """
    from pipelines.database.migrate import opened
    from pipelines.deliveries.overview import overview

    settings = Settings.load()
    with opened(settings.database_url) as engine:
        summary = overview(settings, engine, night_of(day))
    if as_json:
        typer.echo(json.dumps(summary.plain(), ensure_ascii=False))
        return
    _print(_feeds(summary), _listed(summary.deliveries, last))
    notes = [f"未受理：{name}（下一次运行时受理）" for name in summary.waiting]
    notes += [f"受理后有变动：{name}（仍以受理时为准；更正请另报新批次）" for name in summary.changed]
    typer.echo("\n".join((*notes, *summary.ahead, *summary.strays)))


def check_delivery(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="数据文件")],
    feed: Annotated[str, typer.Option("--feed", help="数据源，如 contributions")],
    as_json: Json = False,
) -> None:
    """试读一个文件（check before first use）。

    列名、编码、取值分布、退回行；不入库，不显示个人信息。
    """
    from dataclasses import asdict

    from expectations.feed import feeds
    from pipelines.deliveries.preview import preview

    settings = Settings.load()
    if feed not in feeds():
        raise UsageError(f"没有数据源 {feed}；可用：{'、'.join(feeds())}")
    if not path.exists():
        raise UsageError(f"文件不存在：{path}")
    checked = preview(settings, path, feeds()[feed])
    if as_json:
        typer.echo(json.dumps(asdict(checked), ensure_ascii=False, default=dict))
    else:
        _print(*_previewed(checked))
    if checked.disagreements:
        raise DeliveryRejected("；".join(checked.disagreements))


def release(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="DELIVERY|RUN|FEED",
            help="批次编号（如 hires/2026-10-18）、运行编号，或数据源（连同 --from、--to）",
        ),
    ],
    by: Annotated[str, typer.Option("--by", help="放行人")],
    reason: Annotated[str, typer.Option("--reason", help="放行理由，记录在案")],
    first: Annotated[str | None, typer.Option("--from", help="数据源的批次从哪一天起，YYYY-MM-DD")] = None,
    last: Annotated[str | None, typer.Option("--to", help="到哪一天止，YYYY-MM-DD")] = None,
    as_json: Json = False,
) -> None:
    """放行待放行的批次或运行（release）。

    批次要一人，一夜的运行要两人；下一次运行起生效。
    给出 --from 和 --to 时，放行该数据源这段日子里所有待放行的批次，逐批记录在案。
    """
    from expectations.feed import feeds
    from pipelines.database.migrate import opened
    from pipelines.decisions.release import held
    from pipelines.decisions.release import release as let_go

    with opened(Settings.load().database_url) as engine:
        if first is not None and last is not None:
            if subject not in feeds():
                raise UsageError(f"没有数据源 {subject}；可用：{'、'.join(feeds())}")
            released = {
                delivery: let_go(engine, delivery, by, reason)
                for delivery in held(engine, subject, night_of(first), night_of(last))
            }
            done = f"已记录：{'、'.join(released)}（{len(released)} 批）；下一次运行起生效"
            none = f"{feeds()[subject].title}在这段日子里没有待放行的批次，没有放行任何一批"
            typer.echo(json.dumps(released) if as_json else done if released else none)
            return
        if first is not None or last is not None:
            raise UsageError("--from 与 --to 须一并给出，并以数据源为参数")
        people = let_go(engine, subject, by, reason)
    answer = {"subject": subject, "released_by": people}
    typer.echo(json.dumps(answer) if as_json else f"已记录：{subject} 由 {people} 人放行；下一次运行起生效")


def _print(*tables: "Table") -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    for table in tables:
        if table.row_count:
            console.print(table.title, style="italic", markup=False, soft_wrap=True)
            table.title = None
            console.print(table)


def _table(title: str, *columns: str, rows: Sequence[Sequence[str]]) -> "Table":
    """A table under its title; of one without rows nothing is printed."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    return table


def _feeds(summary: "Overview") -> "Table":
    from rich.markup import escape

    from expectations.feed import feeds

    rows = [
        (
            f"{feeds()[name].title}　{name}",
            "[green]可用[/]" if used.available else "[red]不可用[/]",
            used.delivery_ids[-1].rpartition("/")[2] if used.delivery_ids else "",
            str(len(used.delivery_ids)),
            escape(used.reason),
        )
        for name, used in summary.feeds.items()
    ]
    return _table(
        f"截至 {summary.as_of} 的数据源", "数据源", "状态", "最近可用批次", "可用批数", "说明", rows=rows
    )


def _listed(deliveries: Sequence["Delivery"], last: int) -> "Table":
    """The last few deliveries of each feed, and every one that is held or refused."""
    from rich.markup import escape

    from pipelines.reports import words

    by_feed: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_feed.setdefault(delivery.feed, []).append(delivery)
    recent = {d.delivery_id for group in by_feed.values() for d in group[-last:]}
    shown = [d for d in deliveries if d.delivery_id in recent or d.health != "accepted"]
    rows = [
        (
            d.delivery_id,
            f"[{COLOURS[d.health]}]{words.standing(d.health, d.released)}[/]",
            *(str(d.rows(kind)) for kind in KINDS),
            d.encoding,
            escape(d.reason),
        )
        for d in sorted(shown, key=lambda d: (d.feed, d.delivered_on))
    ]
    return _table("批次", "批次", "结论", *KINDS.values(), "编码", "说明", rows=rows)


def _previewed(checked: "Preview") -> list["Table"]:
    from pipelines.reports.words import HEALTH, REJECT, meaning

    landing = checked.landing
    file = [(word, str(getattr(landing, kind))) for kind, word in KINDS.items()]
    file += [("编码", landing.encoding), ("分隔符", repr(landing.delimiter)[1:-1])]
    file += [("结论", HEALTH[checked.health]), ("说明", checked.reason)]
    headings = [
        *landing.headings.items(),
        *(("（约定不读、不存）", heading) for heading in landing.dropped_headings),
        *(("（未约定，忽略）", heading) for heading in landing.unknown_headings),
    ]
    damaged = [(column, str(rows)) for column, rows in landing.damaged.items()]
    outside = [(str(number), remark) for number, remark in enumerate(landing.remarks, 1)]
    values = [
        (column, meaning(column, value) or "（空）", str(count))
        for column, counts in checked.values.items()
        for value, count in counts.items()
    ]
    spans = [(column, first, last) for column, (first, last) in checked.spans.items() if first]
    rejects = [
        (f"{REJECT[r.reason]}（{r.reason}）", r.column, str(r.rows), "、".join(map(str, r.lines)))
        for r in checked.rejects
    ]
    return [
        _table(landing.file, "项目", "值", rows=file),
        _table("列名", "字段", "文件中的列名", rows=headings),
        _table("表外", "序号", "说明", rows=outside),
        _table("被表格软件改坏、按缺失处理的号码", "字段", "行数", rows=damaged),
        _table("取值分布", "字段", "值", "行数", rows=values),
        _table("起止", "字段", "最早", "最晚", rows=spans),
        _table("退回", "原因", "字段", "行数", "行号（前几行）", rows=rejects),
    ]
