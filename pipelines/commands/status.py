"""``crossmatch status`` — what waits for whom, on one screen."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from pipelines.arguments import Json
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from pipelines.reports.waiting import Waiting


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch status``."""
    cli.command("status")(status)


def status(as_json: Json = False) -> None:
    """谁有什么待办（what waits for whom）。

    暂扣与未完成的比对、待放行与被拒收的批次、待送消息、身份存疑、各区县待下发、待答复、待复核。
    """
    from pipelines.database.migrate import opened
    from pipelines.reports import waiting

    with opened(Settings.load().database_url) as engine, engine.connect() as connection:
        rows = waiting.read(connection)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
    else:
        _print(rows)


def _print(rows: "list[Waiting]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    from pipelines.reports import words

    if not rows:
        typer.echo("没有待办")
        return
    table = Table(
        "由谁办", "区县", "待办", Column("件数", justify="right"), "最早", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for row in rows:
        since = row.since.isoformat() if row.since else ""
        what = f"{row.what}　{row.subject}" if row.subject else row.what
        table.add_row(row.whom, words.district(row.district), what, f"{row.count:,}", since)
    Console().print(table)
