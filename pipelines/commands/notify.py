"""``crossmatch notify`` — 发送夜报消息（digest after the night）。"""

import json
from typing import Annotated

import typer

from pipelines.commands.night import night_of
from pipelines.settings import Settings


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch notify``."""
    cli.command("notify")(notify)


def notify(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="比对日，默认今天。")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """发送一夜的摘要和此前未送出的消息；地址见环境变量 APPRISE_URLS，未设置则不发送（notify）。"""
    from pipelines import notify as messages

    told = messages.after_night(Settings.load(), night_of(day))
    typer.echo(json.dumps(told) if as_json else f"已送出 {told['sent']} 条，待送 {told['waiting']} 条")
