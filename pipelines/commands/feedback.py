"""``crossmatch import-feedback``、``review`` — 收回区县反馈，登记核查决定。"""

import csv
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.arguments import Json
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from pipelines.decisions.record import Decision
    from pipelines.feedback import Receipt

By = Annotated[str, typer.Option("--by", help="操作人或决定人的姓名。")]
OUTCOMES = {"taken": "收回", "earlier": "以前已收回", "blank": "未填写", "refused": "未接收"}
SHOWN = 30
REFUSED = 4


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch import-feedback`` and ``crossmatch review``."""
    cli.command("import-feedback")(import_feedback)
    cli.command("review")(review)


def import_feedback(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="区县交回的疑点清单（.xlsx）。")],
    by: By,
    apply: Annotated[bool, typer.Option("--apply", help="写入；不加则只核对，不写入。")] = False,
    receipt: Annotated[Path | None, typer.Option(help="把未接收的格逐格写入这个 CSV，发还区县。")] = None,
    as_json: Json = False,
) -> None:
    """收回区县填好的疑点清单（feedback）。

    逐格核对，接收的成为核查决定，其余逐格说明原因。
    """
    from pipelines import feedback
    from pipelines.database import migrate

    with migrate.opened(Settings.load().database_url) as engine:
        result = feedback.take_in(
            engine, feedback.read(file), by, apply=apply, at=clock.exactly(), today=clock.today()
        )
    if receipt is not None:
        _write(receipt, result)
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False))
    else:
        _print(result)
    if result.problems:
        raise typer.Exit(REFUSED)


def review(
    candidate: Annotated[str, typer.Argument(help="疑点编号，见疑点清单第一列。")],
    decision: Annotated[str, typer.Option(help="下发、核查中、告知、属实、部分属实、不属实、追回、销号。")],
    reason: Annotated[str, typer.Option(help="理由；不属实须用清单“字典”中的原因。")],
    by: By,
    as_json: Json = False,
) -> None:
    """登记一个核查决定（review）。

    属实与不属实须由两人先后登记同一决定才生效。
    """
    from pipelines.database import migrate
    from pipelines.decisions import reviews
    from pipelines.reports import words

    if not reason.strip():
        raise UsageError("登记决定须注明理由（--reason）")
    at = clock.exactly()
    made = _decision(candidate, decision, reason, by, at)
    with migrate.opened(Settings.load().database_url) as engine:
        result = reviews.decide(engine, made, at)
    effect = "已生效" if result.final else "已登记，须由另一人登记同一决定后生效"
    if as_json:
        answer = {"candidate": candidate, "status": result.status, "final": result.final}
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        typer.echo(f"{candidate}：{effect}；当前状态：{words.STATUS[result.status]}")


def _decision(candidate: str, word: str, reason: str, by: str, at: datetime) -> "Decision":
    """The decision in the code's terms; a reason that is none of the list is its note."""
    from pipelines.decisions import reviews
    from pipelines.decisions.record import Decision

    decisions = {word: code for code, word in reviews.WORDS.items()}
    reasons = {word: code for code, word in reviews.REASONS.items()} | {
        code: code for code in reviews.REASONS
    }
    return Decision(
        candidate_id=candidate,
        decision=decisions.get(word, word),
        by=by,
        source=at.isoformat(),
        reason_code=reasons.get(reason, ""),
        note="" if reason in reasons else reason,
    )


def _print(receipt: "Receipt") -> None:
    from pipelines.reports import words

    counted = "，".join(f"{OUTCOMES[name]} {n}" for name, n in receipt.outcomes.items())
    typer.echo(f"{receipt.file}（导出 {receipt.export_id}）：读到 {receipt.rows} 行，其中{counted}")
    if receipt.missing:
        typer.echo(f"少了 {len(receipt.missing)} 行：{'、'.join(receipt.missing[:SHOWN])}")
    typer.echo(f"读取的工作表：{'、'.join(receipt.sheets)}")
    if receipt.left_alone:
        typer.echo(f"没有读取的工作表：{words.without_numbers('、'.join(receipt.left_alone))}")
    if receipt.unknown:
        typer.echo(f"未读取多出的栏目：{'、'.join(receipt.unknown)}")
    for problem in receipt.problems[:SHOWN]:
        typer.echo(f"  {problem.place}　{problem.heading}　{problem.candidate_id}　{problem.reason}")
    if len(receipt.problems) > SHOWN:
        typer.echo(f"  另有 {len(receipt.problems) - SHOWN} 格；用 --receipt 写出全部")
    if not receipt.applied:
        typer.echo("以上为核对结果，尚未写入；确认后加 --apply")


def _write(path: Path, receipt: "Receipt") -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["单元格", "栏目", "疑点编号", "原因"])
        rows.writerows([p.place, p.heading, p.candidate_id, p.reason] for p in receipt.problems)
        rows.writerows([["", "", candidate_id, "行缺失"] for candidate_id in receipt.missing])
