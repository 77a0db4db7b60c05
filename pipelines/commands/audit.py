"""``crossmatch audit`` — 审计链的查阅与核验."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from pipelines.arguments import Json, group
from pipelines.base import clock
from pipelines.base.settings import Settings

app = group("审计记录：谁在何时做了什么（audit trail）。")


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


@app.command("list")
def listed(
    subject: Annotated[str, typer.Option(help="只看这个编号（疑点、批次、运行、清单）的记录。")] = "",
    by: Annotated[str, typer.Option(help="只看此人所为。")] = "",
    action: Annotated[str, typer.Option(help="只看这种操作，如 review、release。")] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多多少条，新的在前。")] = 20,
    as_json: Json = False,
) -> None:
    """列出审计记录，新的在前（list events）。"""
    from pipelines.database import audit, migrate

    with migrate.opened(Settings.load().database_url) as engine:
        events = audit.events(engine, subject=subject, actor=by, action=action, limit=limit)
    if as_json:
        typer.echo(json.dumps([asdict(event) for event in events], ensure_ascii=False, default=str))
    else:
        lines = [f"{e.seq}  {_shown(e.at)}  {e.actor}  {_action(e.action)}  {e.subject}" for e in events]
        typer.echo("\n".join(["序号  时间  人员  事项  对象", *lines]) if lines else "没有这样的记录")


@app.command("show")
def show(
    seq: Annotated[int, typer.Argument(metavar="编号", help="第几条，见 audit list。")],
    as_json: Json = False,
) -> None:
    """显示一条审计记录的全部内容（show one event）。"""
    from pipelines.database import audit, migrate

    with migrate.opened(Settings.load().database_url) as engine:
        event = audit.event(engine, seq)
    detail = json.loads(event.detail)
    if as_json:
        typer.echo(json.dumps({**asdict(event), "detail": detail}, ensure_ascii=False, default=str))
        return
    typer.echo(
        f"第 {event.seq} 条　{_shown(event.at)}　{event.actor}　{_action(event.action)}　{event.subject}"
    )
    if event.os_user:
        on_server = f"　数据库用户 {event.database_user}" if event.database_user else ""
        typer.echo(f"  操作系统用户 {event.os_user}{on_server}")
    for name, value in detail.items():
        typer.echo(f"  {name}：{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


def _action(code: str) -> str:
    """An action in the desk's words, with the code that ``--action`` takes."""
    from pipelines.desk.trail import WORDS

    return f"{WORDS[code]}（{code}）" if code in WORDS else code


def _shown(at: datetime) -> str:
    """An instant in UTC as people in Shanghai read it."""
    return f"{clock.in_shanghai(at):%Y-%m-%d %H:%M:%S}"
