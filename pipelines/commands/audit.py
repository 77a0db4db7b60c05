"""``crossmatch audit`` — 审计链的核验."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base.settings import Settings

app = typer.Typer(help="审计记录：谁在何时做了什么（audit trail）。", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch audit``."""
    cli.add_typer(app, name="audit")


@app.callback()
def _audit() -> None: ...


@app.command("verify")
def verify(
    head: Annotated[str | None, typer.Option(help="报告封面上的审计链末端；用以发现被截去的记录。")] = None,
    as_json: Json = False,
) -> None:
    """核验审计链是否完整；有改动、增删、移位或截尾时以退出码 1 指出（verify the chain）。"""
    from pipelines.database import audit, migrate

    with migrate.opened(Settings.load().database_url) as engine:
        verdict = audit.require_sound(engine, head)
    verified = f"审计链完整：{verdict.events} 条，末端 {verdict.head}"
    typer.echo(json.dumps(asdict(verdict)) if as_json else verified)
