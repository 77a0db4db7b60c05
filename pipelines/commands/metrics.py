"""``crossmatch metrics`` — the figures that a monitor reads."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base.settings import Settings


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch metrics``."""
    cli.command("metrics")(metrics)


def metrics(
    path: Annotated[
        Path | None, typer.Argument(metavar="[文件]", help="写到哪里；默认报告目录下的 metrics.prom。")
    ] = None,
    as_json: Json = False,
) -> None:
    """写出供 Prometheus 读取的指标（metrics）。

    最近一夜的结局和各步用时、疑点件数、各项待办；只有数目，没有个人信息。
    """
    from pipelines.database.migrate import opened
    from pipelines.reports import metrics as figures

    settings = Settings.load()
    with opened(settings.database_url) as engine, engine.connect() as connection:
        written = figures.write(connection, path or settings.reports / figures.FILE)
    typer.echo(json.dumps({"file": str(written)}, ensure_ascii=False) if as_json else str(written))
