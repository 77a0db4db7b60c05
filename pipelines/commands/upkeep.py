"""``crossmatch upkeep`` — 日常维护：昨夜是否完成，清理过了保存期的数据。"""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("upkeep")(upkeep)


def upkeep(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="日期 YYYY-MM-DD，默认今天")] = None,
    as_json: Json = False,
) -> None:
    """日常维护：清理与警报（retention and alarm）。

    清理过了保存期的入库数据与中间数据，再查该夜比对是否完成。
    """
    from pipelines.upkeep import daily as work

    settings, as_of = Settings.load(), night_of(day)
    removed = work.retain(settings, as_of)
    typer.echo(
        json.dumps(removed)
        if as_json
        else f"已清理中间数据 {removed['removed_nights']} 夜、历史清理 {removed['removed_cleanups']} 次、"
        f"入库批次 {removed['removed_deliveries']} 个、"
        f"清单导出 {removed['removed_exports']} 份"
    )
    work.require_finished(settings, as_of)
