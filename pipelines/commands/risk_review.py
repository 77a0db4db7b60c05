"""``risk-review`` — what people decide about a signal of fund risk."""

import json
from datetime import datetime
from typing import Annotated

import typer

from pipelines.arguments import Json
from pipelines.base import clock
from pipelines.base.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("risk-review")(risk_review)


def risk_review(
    signal: Annotated[str, typer.Argument(help="信号编号，见风险信号清单第一列。")],
    decision: Annotated[str, typer.Option(help="核查中、听取说明、核查成立、核查不成立、内控已整改、办结。")],
    reason: Annotated[str, typer.Option(help="理由；听取说明时写当事人的答复。")],
    by: Annotated[str, typer.Option("--by", help="决定人；提供经办人员关系时为其编号。")],
    heard_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="听取单位、经办人员或当事人说明的日期。"),
    ] = None,
    as_json: Json = False,
) -> None:
    """登记对一条风险信号的决定（risk review）。

    成立、不成立、内控已整改须由两人先后登记；认定成立之前须有听取说明的记录；经手过有关申领的人不得签认。
    """
    from pipelines.database import migrate
    from pipelines.risk import reviews, words

    steps = {word: code for code, word in words.STEPS.items()}
    day = heard_on.date() if heard_on else None
    made = reviews.Answer(signal, steps.get(decision, decision), by, reason, day)
    with migrate.opened(Settings.load().database_url) as engine:
        taken = reviews.decide(engine, made, clock.exactly())
    if as_json:
        typer.echo(json.dumps({"signal": signal, "status": taken.status, "final": taken.final}))
        return
    effect = "已生效" if taken.final else "已登记，须由另一人登记同一决定后生效"
    typer.echo(f"{signal}：{effect}；当前状态：{words.status(taken.status)}")
