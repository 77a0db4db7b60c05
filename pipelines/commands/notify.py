"""``crossmatch notify`` — 发送夜报消息（digest after the night）。"""

import json
import os
from typing import Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch notify``."""
    cli.command("notify")(notify)


def notify(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="比对日，默认今天。")] = None,
    as_json: Json = False,
) -> None:
    """发送一夜的消息（notify）。

    一夜的摘要和此前未送出的消息；地址见环境变量 APPRISE_URLS，未设置则不发送。
    """
    from pipelines import runs
    from pipelines.database.migrate import opened
    from pipelines.reports import notify as messages

    settings, as_of = Settings.load(), night_of(day)
    if messages.asked_for(os.environ):
        with opened(settings.database_url) as engine:
            runs.require_ended(engine, as_of)
    counts = messages.after_night(settings, as_of)
    sentence = f"已送出 {counts['sent']} 条，待送 {counts['waiting']} 条"
    if not messages.asked_for(os.environ):
        sentence = f"没有设置 {messages.VARIABLE}，未发送"
    typer.echo(json.dumps(counts) if as_json else sentence)
    if counts["waiting"]:
        raise CrossmatchError("消息未能全部送出；请检查地址与网络后重新运行")
