"""``risk`` — the month's signals of fund risk, and what people decide about them."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.arguments import Json
from pipelines.base.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("risk")(risk)


def month_of(text: str) -> int:
    """The month that a person names; anything else is a wrong use."""
    from matchers import months

    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter("月份写作 YYYY-MM，例如 2026-10")
    return months.number(text)


def risk(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="月份 YYYY-MM，按该月末日回看十二个月")],
    as_json: Json = False,
) -> None:
    """分析一个月的基金风险信号（fund risk）。

    只提示哪里需要看一看：不是疑点，不认定任何人，不停发也不延迟任何待遇。经办人员的信号只进“基金监督”。
    """
    from matchers import months
    from pipelines.base import clock
    from pipelines.risk import step

    number = month_of(month)
    clock.require_come(months.first_day(number))
    result = step.run(Settings.load(), number)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, default=list))
        return
    _say(month, result)


def _say(month: str, result: dict[str, Any]) -> None:
    from matchers.lifecycle import SignalStatus
    from pipelines.risk import words

    levels, missing = result["levels"], result["missing"]
    counts = "，".join(f"{words.level(level)} {n} 条" for level, n in levels.items()) or "没有信号"
    typer.echo(
        f"{month} 基金风险信号：{counts}；超出每区县上限未列 {result['cut']} 条，"
        f"撤回 {result[SignalStatus.WITHDRAWN]} 条"
    )
    for rule, gone in missing.items():
        typer.echo(
            f"{words.NOT_PROVIDED}　{words.title(rule)}：缺{'、'.join(gone)}，本规则未发现也未排除任何情况"
        )
    for rule, gone in result["partly"].items():
        typer.echo(
            f"{words.NOT_PROVIDED}　{words.title(rule)}：缺{'、'.join(gone)}，依靠它的一条未看，其余照常"
        )
    if result["refused"]:
        typer.echo(f"有批次被拒收：{'、'.join(map(str, result['refused']))}")
    typer.echo(f"报告 {len(result['files'])} 份：{Path(result['files'][0]).parent}/")
    typer.echo("以上只是需要核查的信号，不是结论；请先听取说明，再由两人核定")
