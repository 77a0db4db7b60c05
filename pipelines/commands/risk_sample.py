"""``risk-sample``, ``risk-check`` — the month's random quality sample, and what was found at each check."""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base import clock
from pipelines.base.settings import Settings
from pipelines.commands.risk import month_of

VERDICTS = {"对": "right", "错": "wrong"}


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("risk-sample")(risk_sample)
    app.command("risk-check")(risk_check)


def risk_sample(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="月份 YYYY-MM。")],
    as_json: Json = False,
) -> None:
    """随机抽取一个月的质量抽查，写出核对表（quality sample）。

    与任何疑点无关；核对人看不到系统的结论。抽过的月份不再抽，只重写核对表。
    """
    from pipelines.database import migrate
    from pipelines.risk import sample

    number, settings = month_of(month), Settings.load()
    with migrate.opened(settings.database_url) as engine:
        drawn = sample.draw(settings, engine, number)
        path = sample.form(settings, engine, number)
    if as_json:
        typer.echo(json.dumps({"month": month, "drawn": drawn, "file": str(path)}, ensure_ascii=False))
    else:
        typer.echo(f"{month} 质量抽查：新抽 {drawn} 份；核对表 {path}")


def risk_check(
    check: Annotated[str, typer.Argument(help="抽查编号，见核对表第一列。")],
    verdict: Annotated[str, typer.Option(help="对、错。")],
    by: Annotated[str, typer.Option("--by", help="核对人。")],
    wrong_yuan: Annotated[float, typer.Option(min=0, help="错发金额（元）。")] = 0.0,
    as_json: Json = False,
) -> None:
    """登记一份质量抽查的核对结论（quality check）。"""
    from pipelines.database import migrate
    from pipelines.risk import sample

    with migrate.opened(Settings.load().database_url) as engine:
        fen = round(wrong_yuan * 100)
        sample.answer(engine, check, VERDICTS.get(verdict, verdict), fen, by, clock.exactly())
    typer.echo(
        json.dumps({"check": check, "verdict": verdict}, ensure_ascii=False)
        if as_json
        else f"{check}：已登记"
    )
