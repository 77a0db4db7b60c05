"""``crossmatch doctor`` — 体检：版本、口径、目录、机器、待遇库."""

import json
from dataclasses import asdict

import typer

from pipelines.arguments import Json
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings

MARKS = {"ok": "正常", "warn": "留意", "fail": "不行"}


def register(app: typer.Typer) -> None:
    """Adds ``crossmatch doctor``."""
    app.command("doctor")(doctor)


def doctor(
    as_json: Json = False,
) -> None:
    """检查本机与配置是否适合运行（doctor）。

    配置、权限、磁盘、时钟、版本；有一项不行即以退出码 1 结束。
    """
    from pipelines.upkeep.doctor import check

    looked = check(Settings.load())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in looked], ensure_ascii=False))
    else:
        typer.echo("\n".join(f"{MARKS[one.verdict]}　{one.subject}：{one.sentence}" for one in looked))
    failed = sum(one.verdict == "fail" for one in looked)
    if failed:
        raise CrossmatchError(f"{failed} 项不适合运行，见上")
