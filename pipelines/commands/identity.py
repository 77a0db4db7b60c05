"""``identity`` — a person answers a question of who is who."""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("identity")(identity)


def identity(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="问题编号，见夜报“身份存疑”")],
    decision: Annotated[str, typer.Option("--decision", help="same 同一人，different 不是同一人")],
    by: Annotated[str, typer.Option("--by", help="判断人")],
    reason: Annotated[str, typer.Option("--reason", help="依据，记录在案")],
    as_json: Json = False,
) -> None:
    """答复一个身份问题（identity question）。

    下一夜起按此匹配，同样的事实不再问。
    """
    from pipelines.database.migrate import opened
    from pipelines.decisions import identities

    with opened(Settings.load().database_url) as engine:
        identities.decide(engine, question, decision, by, reason)
    answer = {"question": question, "decision": decision}
    typer.echo(
        json.dumps(answer)
        if as_json
        else f"已记录：{question} {identities.DECISIONS[decision]}；下一夜起生效"
    )
