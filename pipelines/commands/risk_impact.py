"""``risk-impact`` — the assessment of personal information, without whose signature nothing is analysed."""

import json
from datetime import datetime
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("risk-impact")(risk_impact)


def risk_impact(
    signed_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="签署日期；不写则只写出评估。"),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="签署人。")] = "",
    as_json: Json = False,
) -> None:
    """写出个人信息保护影响评估，登记其签署（impact assessment）。

    目的、读取的栏目、规则与阈值、误报、保存期限、谁可以看、救济；没有签署日期，风险分析不运行。
    """
    from pipelines.database import migrate
    from pipelines.risk import impact

    if bool(by) != (signed_on is not None):
        raise UsageError("签署须同时写明 --signed-on 和 --by")
    settings = Settings.load()
    with migrate.opened(settings.database_url) as engine:
        if signed_on:
            impact.sign(settings, engine, signed_on.date(), by)
        path = impact.write(settings, engine)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "signed": signed_on is not None}, ensure_ascii=False))
    else:
        typer.echo(f"影响评估：{path}；{'已登记签署' if signed_on else '尚须审阅、签署'}")
