"""``night``、``explain`` — run one night, and say why."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import clock
from pipelines.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("night")(night)
    app.command("explain")(explain)


def night(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="比对日 YYYY-MM-DD，默认今天")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只比较，不写入任何地方")] = False,
    as_json: Json = False,
) -> None:
    """运行一晚比对：接收、匹配、研判、写回、报告（one night, without Airflow）。"""
    from pipelines import night as work

    settings, as_of = Settings.load(), night_of(day)
    told: dict[str, Any]
    if dry_run:
        from pipelines import rehearsal

        told = rehearsal.difference(settings, [as_of]).as_dict()
    else:
        told = work.run(settings, as_of)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=None if as_json else 2, default=str))


def explain(
    candidate: Annotated[str, typer.Argument(help="疑点编号")],
    picture: Annotated[
        Path | None, typer.Option("--picture", help="把推定匹配的依据画成瀑布图，存到此文件")
    ] = None,
    as_json: Json = False,
) -> None:
    """说明一个疑点的全部理由：事实、法律、逐月核算、相反证据、尚缺什么。"""
    from dataclasses import asdict

    from pipelines import explain as reasoning
    from sql import connect

    told = reasoning.explain(connect(Settings.load().database_url), candidate)
    if picture:
        picture.write_text(reasoning.pictures(told), "utf-8")
    if as_json:
        typer.echo(json.dumps(asdict(told), ensure_ascii=False, default=str))
    else:
        typer.echo(reasoning.page(told))


def night_of(text: str | None) -> date:
    """The night that a person names, today in Shanghai where none is named; a wrong date is a wrong use."""
    if text is None:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("日期写作 YYYY-MM-DD，例如 2026-10-20") from None
