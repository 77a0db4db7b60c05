"""``crossmatch dispatch`` — 登记清单已交给区县（a list is handed out）。"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base import clock
from pipelines.base.settings import Settings


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch dispatch``."""
    cli.command("dispatch")(dispatch)


def dispatch(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="交给区县的疑点清单（.xlsx），可多个。")
    ],
    by: Annotated[str, typer.Option("--by", help="下发人的姓名。")],
    as_json: Json = False,
) -> None:
    """登记清单已交给区县：待下发的疑点从此等答复（dispatch）。

    同一清单再登记一次，什么也不变。
    """
    from pipelines.database import migrate
    from pipelines.feedback import dispatch as work

    with migrate.opened(Settings.load().database_url) as engine:
        lists = [work.dispatch(engine, file, by, clock.exactly()) for file in files]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in lists], ensure_ascii=False))
    else:
        for one in lists:
            before = one.rows - one.dispatched
            typer.echo(
                f"{one.file}：下发 {one.dispatched} 件" + (f"，此前已下发或在办 {before} 件" * bool(before))
            )
