"""``crossmatch report`` — 重新生成一夜的报表（write the reports again）。"""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch report``."""
    cli.command("report")(report)


def report(
    night: Annotated[str, typer.Argument(metavar="DATE", help="比对日，如 2026-10-20。")],
    district: Annotated[
        list[str] | None, typer.Option(help="只写这些区县（六位代码）的工作簿；可重复。")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="每个区县最多列多少件，0 为全部；默认按配置项 report_limit。")
    ] = None,
    as_json: Json = False,
) -> None:
    """重新生成一夜的工作簿、退回明细和夜报（reports）。"""
    from pipelines import reports, runs
    from pipelines.database import agency
    from pipelines.database.migrate import opened

    settings, as_of = Settings.load(), night_of(night)
    with opened(settings.database_url) as engine:
        runs.require_ended(engine, as_of)
        districts = agency.districts(engine)
    if strange := [code for code in district or () if code not in districts]:
        raise UsageError(f"没有经办区划 {'、'.join(strange)}；可用：{'、'.join(districts)}")
    written = reports.write(settings, as_of, tuple(district or ()), limit)
    if as_json:
        typer.echo(
            json.dumps({"as_of": str(as_of), "files": [str(path) for path in written]}, ensure_ascii=False)
        )
    else:
        typer.echo("\n".join(str(path) for path in written))
