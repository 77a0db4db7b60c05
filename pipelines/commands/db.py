"""``crossmatch db`` — our tables in the benefit database: 升级、回退、状态、打印 SQL、演练、换库."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.arguments import Json, group
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from pipelines.database.dropping import Dropped


class Dialect(StrEnum):
    """The databases whose DDL may be printed."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


app = group("待遇库中本系统的表：升级、回退、演练、换库、状态、打印 SQL（schema）。")


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch db``."""
    cli.add_typer(app, name="db")


@app.command("upgrade")
def upgrade(
    to: Annotated[str, typer.Argument(help="目标版本，默认最新。")] = "heads", as_json: Json = False
) -> None:
    """升级到最新（或指定）版本，保留数据（migrate up）。"""
    from pipelines.database import migrate

    with migrate.opened(Settings.load().database_url, create=True) as engine:
        applied = migrate.upgrade(engine, to)
    _print({"applied": applied}, f"已执行：{'、'.join(applied)}" if applied else "无需升级", as_json)


@app.command("downgrade")
def downgrade(
    to: Annotated[str, typer.Argument(help="退回到的版本；base 表示全部撤去。")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，连同列出的数据一并删除。")] = False,
    as_json: Json = False,
) -> None:
    """退回到指定版本；撤去的表连同其中数据一并删除（migrate down）。

    先列出要删除的表和行数，确认之后才删除；没有数据的不问。
    """
    from pipelines.database import migrate
    from pipelines.database.dropping import dropped

    with migrate.opened(Settings.load().database_url) as engine:
        lost = dropped(engine, to)
        if lost and not yes:
            _confirmed(lost)
        reverted = migrate.downgrade(engine, to)
    _print({"reverted": reverted}, f"已撤回：{'、'.join(reverted)}" if reverted else "无需撤回", as_json)


def _confirmed(lost: "Sequence[Dropped]") -> None:
    """Goes on where a person at a terminal says so; ``UsageError`` where there is nobody to ask."""
    named = "、".join(map(str, lost))
    if not sys.stdin.isatty():
        raise UsageError(f"将连同数据一并删除：{named}；确认无误后加 --yes 重新运行")
    if not typer.confirm(f"将连同数据一并删除：{named}。确定吗？"):
        raise typer.Exit(UsageError.exit_code)


@app.command("status")
def status(as_json: Json = False) -> None:
    """各版本是否已执行；文件与库中记录不符时报错（migration status）。"""
    from pipelines.database import migrate

    with migrate.opened(Settings.load().database_url) as engine:
        states = migrate.status(engine)
    lines = (f"{s.revision}  {'已执行' if s.applied else '未执行'}  {s.name}" for s in states)
    migrations = [{"revision": s.revision, "name": s.name, "applied": s.applied} for s in states]
    _print({"migrations": migrations}, "\n".join(lines), as_json)


@app.command("sql")
def ddl(
    since: Annotated[str, typer.Option(help="从哪个版本之后开始；base 表示全部。")] = "base",
    dialect: Annotated[Dialect | None, typer.Option(help="sqlite 或 postgresql；默认与待遇库相同。")] = None,
) -> None:
    """打印升级所用的 SQL，交 DBA 审阅、手工执行（print the DDL）。"""
    from sqlalchemy import make_url

    from pipelines.database import migrate

    kind = dialect.value if dialect else make_url(Settings.load().database_url).get_backend_name()
    typer.echo(migrate.ddl(kind, since))


@app.command("rehearse")
def rehearse(
    backup: Annotated[Path, typer.Argument(help="备份写到此文件（SQLite），不覆盖已有的文件。")],
    as_json: Json = False,
) -> None:
    """演练升级：备份、在副本上升级、逐表比对行数（rehearse an upgrade）。

    待遇库不变；升级之后行数不符时以退出码 1 指出。
    """
    from pipelines.base.errors import CrossmatchError
    from pipelines.database import lock, migrate
    from pipelines.database.rehearsal import rehearse as rehearsed

    with (
        migrate.opened(Settings.load().database_url) as engine,
        lock.held(engine, shared=True, one_act=True),
    ):
        done = rehearsed(engine, backup)
    lines = [f"{name}　{rows} → {done.after.get(name, 0)} 行" for name, rows in done.before.items() if rows]
    tried = f"在副本上已执行：{'、'.join(done.applied)}" if done.applied else "已是最新版本"
    answer: dict[str, object] = {"applied": done.applied, "before": done.before, "after": done.after}
    _print(answer, "\n".join([*lines, f"{tried}；备份在 {backup}"]), as_json)
    if done.differ:
        raise CrossmatchError(f"升级之后行数不符：{'、'.join(done.differ)}；请勿升级，备份在 {backup}")


@app.command("transfer")
def transfer(
    to: Annotated[str, typer.Argument(metavar="URL", help="目标库，不写口令（用 PGPASSFILE）。")],
    as_json: Json = False,
) -> None:
    """把本系统的表整库搬到另一个空库，逐行核对（SQLite 换 PostgreSQL）。

    目标库已有本系统的数据时不动；经办机构自己的表不搬。搬完把 database_url 改为目标库。
    """
    from dataclasses import asdict

    from pipelines.base.settings import PASSWORD
    from pipelines.database import lock, migrate
    from pipelines.database.transfer import transfer as transferred

    if PASSWORD.search(to):
        raise UsageError("目标库的 URL 含有口令；口令请放在 PGPASSFILE 所指的文件里")
    with (
        lock.opened(Settings.load().database_url) as held,
        migrate.opened(to, create=True) as target,
    ):
        copied = transferred(held.engine, target)
    lines = [f"{one.table}　{one.rows} 行　{one.digest[:16]}" for one in copied if one.rows]
    sentence = "\n".join([*lines, f"已搬 {sum(one.rows for one in copied)} 行，逐表核对一致"])
    _print({"tables": [asdict(one) for one in copied]}, sentence, as_json)


def _print(answer: dict[str, object], sentence: str, as_json: bool) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else sentence)
