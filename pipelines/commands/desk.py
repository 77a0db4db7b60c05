"""``crossmatch desk`` — 工作台：浏览器里看疑点、办疑点（the desk），以及谁可以登录。"""

import getpass
import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.arguments import Json, group
from pipelines.base.settings import Settings

By = Annotated[str, typer.Option("--by", help="办理人的姓名，记入审计；默认为登录本机的用户名。")]
Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="账号。")]


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch desk``."""
    desk = group("工作台：在浏览器里看疑点、办疑点（desk）。")
    account = group("工作台账号：谁可以登录（account）。")
    desk.command("serve")(serve)
    account.command("add")(add)
    account.command("lock")(lock)
    account.command("reset")(reset)
    account.command("bind")(bind)
    account.command("list")(listed)
    desk.add_typer(account, name="account")
    cli.add_typer(desk, name="desk")


def serve(
    host: Annotated[str, typer.Option("--host", help="监听的地址；对外须经 TLS 反向代理。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="监听的端口。")] = 8460,
) -> None:
    """打开工作台，直到停止本程序（serve）。

    没有调度，不改动待遇业务数据；停止再打开，登录仍在。
    """
    from pipelines.desk.serve import serve as run

    typer.echo(f"工作台：http://{host}:{port}/　停止请按 Ctrl-C", err=True)
    run(Settings.load(), host, port)


def add(
    account: Name,
    name: Annotated[str, typer.Option("--name", help="姓名，签认时记在案上。")],
    role: Annotated[
        str,
        typer.Option("--role", help="handler、checker、supervisor、steward、auditor、administrator 之一。"),
    ],
    district: Annotated[
        list[str] | None, typer.Option("--district", help="区县代码，可多个；* 表示全市。")
    ] = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """建立一个账号，打印一次性口令（add）。

    第一个系统管理员由此建立，其余可在工作台里建立。
    """
    from pipelines.database import migrate
    from pipelines.database.transaction import deciding
    from pipelines.desk import accounts

    with (
        migrate.opened(Settings.load().database_url) as engine,
        deciding(engine, beside_nights=True) as connection,
    ):
        password = accounts.add(connection, account, name, role, district or [], by or getpass.getuser())
    _shown(account, password, as_json)


def lock(account: Name, by: By = "", as_json: Json = False) -> None:
    """锁定一个账号，其登录立即退出（lock）。"""
    from pipelines.database import migrate
    from pipelines.database.transaction import deciding
    from pipelines.desk import accounts

    with (
        migrate.opened(Settings.load().database_url) as engine,
        deciding(engine, beside_nights=True) as connection,
    ):
        accounts.lock(connection, account, by or getpass.getuser())
    typer.echo(json.dumps({"account": account}) if as_json else f"账号 {account} 已锁定")


def reset(account: Name, by: By = "", as_json: Json = False) -> None:
    """重置口令与第二因素并解锁，打印一次性口令（reset）。"""
    from pipelines.database import migrate
    from pipelines.database.transaction import deciding
    from pipelines.desk import accounts

    with (
        migrate.opened(Settings.load().database_url) as engine,
        deciding(engine, beside_nights=True) as connection,
    ):
        password = accounts.reset(connection, account, by or getpass.getuser())
    _shown(account, password, as_json)


def bind(
    account: Name,
    subject: Annotated[
        str, typer.Option("--subject", help="此人在统一身份认证的标识（配置项 oidc_claim）；空：改回用口令。")
    ],
    by: By = "",
    as_json: Json = False,
) -> None:
    """由统一身份认证登录的账号：写明此人在那里的标识，只存散列（bind）。"""
    from pipelines.database import migrate
    from pipelines.database.transaction import deciding
    from pipelines.desk import single_sign_on

    settings = Settings.load()
    with (
        migrate.opened(settings.database_url) as engine,
        deciding(engine, beside_nights=True) as connection,
    ):
        single_sign_on.bind(connection, account, settings.oidc_issuer, subject, by or getpass.getuser())
    way = "由统一身份认证登录" if subject.strip() else "用口令登录"
    typer.echo(json.dumps({"account": account}) if as_json else f"账号 {account} {way}")


def listed(as_json: Json = False) -> None:
    """列出账号（list）。"""
    from pipelines.database import migrate
    from pipelines.desk import accounts
    from pipelines.desk.roles import WORDS

    with migrate.opened(Settings.load().database_url) as engine, engine.connect() as connection:
        every = accounts.every(connection)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in every], ensure_ascii=False, default=str))
        return
    for one in every:
        usable = "统一身份认证" if one.single_sign_on else "待修改口令" if one.must_change else "可用"
        state = "已锁定" if one.locked else usable
        districts = "全市" if one.whole_city else "、".join(one.districts) or "—"
        typer.echo(f"{one.account}　{one.name}　{WORDS[one.role]}　{districts}　{state}")


def _shown(account: str, password: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"account": account, "password": password}))
    else:
        typer.echo(f"账号 {account}，口令 {password}\n只显示这一次；首次登录须修改")
