"""``backfill`` — nights of the past, run again."""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.settings import Settings
from pipelines.commands.night import print_difference


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("backfill")(backfill)


def backfill(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="第一夜 YYYY-MM-DD")],
    last: Annotated[str, typer.Argument(metavar="LAST", help="最后一夜 YYYY-MM-DD")],
    reason: Annotated[str, typer.Option("--reason", help="补跑理由，记录在案")] = "",
    by: Annotated[str, typer.Option("--by", help="申请人，记录在案")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="写入；不加则只显示将有的变化")] = False,
    airflow: Annotated[bool, typer.Option("--airflow", help="只打印等价的 Airflow 命令")] = False,
    as_json: Json = False,
) -> None:
    """补跑过去的夜（backfill）。

    先看将有的变化，再加 --apply 写入；中断后重跑同一命令即续。
    """
    from pipelines.past.backfill import preview, run

    start, end = night_of(first), night_of(last)
    if airflow:
        typer.echo(
            "airflow backfill create --dag-id nightly_match --max-active-runs 1"
            f" --from-date {start} --to-date {end}T23:59:59"
        )
        return
    if not apply:
        print_difference(preview(Settings.load(), start, end), as_json)
        return
    done = run(Settings.load(), start, end, reason, by, lambda day: typer.echo(f"{day} 已完成", err=True))
    typer.echo(json.dumps({"nights": [str(day) for day in done]}) if as_json else f"补跑完成：{len(done)} 夜")
