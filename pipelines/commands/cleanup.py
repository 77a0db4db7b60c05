"""``cleanup`` — decades of records put in order: found, explained, proposed; people decide."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.arguments import Json, group, night_of
from pipelines.base.settings import Settings

cli = group("历史数据清理：检查、建议，由人决定；不改待遇库。")
By = Annotated[str, typer.Option("--by", help="操作人的姓名；写入必填")]
Reason = Annotated[str, typer.Option("--reason", help="理由")]
OUTCOMES = {"taken": "收回", "on_record": "以前已收回", "blank": "未填写", "refused": "未接收"}
COUNTED = {
    "merge": "一人多号，建议合并", "question": "像是一人多号，只问", "claims": "复算待遇期限（申领）",
    "proposals": "更正建议",
}  # fmt: skip
STAGES = {"persons": "一人多号", "check": "分片", "employers": "单位"}
REFUSED = 4
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="截至日，缺省为今天")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(cli, name="cleanup")


@cli.command("plan")
def plan(as_of: AsOf = None, as_json: Json = False) -> None:
    """列出将读入的历史批次（plan）。"""
    import sql
    from pipelines.cleanup.batches import landed

    settings = Settings.load()
    engine = sql.connect(settings.database_url)
    rows = [
        {"batch": one.batch, "dataset": one.dataset, "rows_landed": one.delivery.rows("rows_landed"),
         "rows_rejected": one.delivery.rows("rows_rejected")}
        for one in landed(settings, engine, night_of(as_of))
    ]  # fmt: skip
    engine.dispose()
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            usable, rejected = row["rows_landed"], row["rows_rejected"]
            typer.echo(f"{row['batch']}　{row['dataset']}　可用 {usable} 行，退回 {rejected} 行")


@cli.command("run")
def run(
    as_of: AsOf = None,
    apply: Annotated[bool, typer.Option("--apply", help="写入发现和建议；不加则只显示数目")] = False,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", help="写入的理由，记入审计；写入必填")] = "",
    as_json: Json = False,
) -> None:
    """检查历史数据（run）。

    不加 --apply 时什么都不写入待遇库；中断后重跑同一命令即续。
    """
    from matchers.cleanup import catalogue
    from pipelines.cleanup.run import run as cleaned
    from pipelines.cleanup.status import removed
    from pipelines.cleanup.steps import require_reason

    require_reason(apply, by, reason)
    outcome = cleaned(
        Settings.load(), night_of(as_of), apply=apply, by=by, reason=reason,
        progress=lambda line: typer.echo(line, err=True),
    )  # fmt: skip
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "run_id": outcome.run_id,
                    "written": outcome.written,
                    "counts": outcome.counts,
                    "removed": outcome.removed,
                },
                ensure_ascii=False,
            )
        )
        return
    titles = {code: check.title for code, check in catalogue().items()} | COUNTED
    for name, count in outcome.counts.items():
        typer.echo(f"{titles[name]}　{count}")
    for gap in outcome.removed:
        typer.echo(f"未读入　{removed(gap)}")
    typer.echo("已写入" if outcome.written else "未写入（加 --apply 写入）")


@cli.command("status")
def status(as_json: Json = False) -> None:
    """进行中的运行到了哪一步、最近写入的运行、各区县建议的状态（status）。

    未写入的运行：正在进行、中断待续或试运行；进行中可随时再看。
    """
    from matchers.cleanup.steps import STATUS
    from pipelines.cleanup.status import removed
    from pipelines.cleanup.status import status as standing
    from pipelines.database import migrate
    from pipelines.reports import words

    settings = Settings.load()
    with migrate.opened(settings.database_url) as engine, engine.connect() as connection:
        now = standing(settings, connection)
    if as_json:
        typer.echo(json.dumps(now, ensure_ascii=False))
        return
    for one in now["under_way"]:
        typer.echo(f"未写入 {one['run_id']}　截至 {one['as_of']}　{_how_far(one)}　最近进展 {one['touched']}")
        for gap in one["removed"]:
            typer.echo(f"未读入　{removed(gap)}")
    if now["run"] is None:
        typer.echo("还没有写入过清理结果；请运行 crossmatch cleanup run --apply")
        return
    typer.echo(f"运行 {now['run']['run_id']}　截至 {now['run']['as_of']}　口径 {now['run']['policy']}")
    typer.echo("　".join(f"{STAGES[stage]} {n}" for stage, n in now["chunks"].items()))
    for row in now["proposals"]:
        typer.echo(
            f"{words.district(row['district']) or words.CITY}　{STATUS[row['status']]}　{row['count']}"
        )


@cli.command("score")
def score(
    path: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="演示城市的目录")],
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """对照演示登记的真相，用十行说明结果（score）；不写入待遇库。"""
    from pipelines.cleanup.steps import scored

    outcome = scored(Settings.load(), path, night_of(as_of))
    if as_json:
        typer.echo(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        for line in outcome.lines:
            typer.echo(line)
    if outcome.faults:
        raise typer.Exit(1)


def _how_far(one: dict[str, Any]) -> str:
    done = one["done"]
    people, units = ("已完成" if done[stage] else "未完成" for stage in ("persons", "employers"))
    return f"{one['persons']} 人：一人多号{people}，分片 {done['check']}/{one['shards']}，单位{units}"


@cli.command("report")
def report(
    district: Annotated[list[str] | None, typer.Option(help="只写这些区县；缺省为全部")] = None,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="另写电话或账号缺失、不合格的登记，每区县一份")
    ] = False,
    as_json: Json = False,
) -> None:
    """写出各区县的更正建议清单、数据质量页和基金监督的待核问题（report）。"""
    from pipelines.cleanup import places
    from pipelines.cleanup.steps import report as written

    settings = Settings.load()
    files = written(settings, tuple(district or ()), contacts=contacts)
    if as_json:
        typer.echo(json.dumps(files, ensure_ascii=False))
    elif files:
        typer.echo("\n".join((f"写在 {places.reports(settings)}/", *files)))
    else:
        typer.echo("还没有写入过清理结果；请运行 crossmatch cleanup run --apply")


@cli.command("explain")
def explain(
    proposal: Annotated[str, typer.Argument(help="建议编号，见更正建议清单第一列")], as_json: Json = False
) -> None:
    """说明一条建议（explain）。

    为什么提出、须先排除什么、谁已登记什么决定、下一步是什么。号码、姓名、账号均已遮盖。
    """
    from pipelines.cleanup.explained import explained
    from pipelines.database import migrate

    with migrate.opened(Settings.load().database_url) as engine, engine.connect() as connection:
        one = explained(connection, proposal)
    if as_json:
        typer.echo(json.dumps(one, ensure_ascii=False))
        return
    typer.echo(f"{one['proposal']}　{one['check']}　{one['district']}　{one['status']}")
    typer.echo(f"{one['record']}，{one['column']}：{one['before'] or '（空）'} → {one['after']}")
    typer.echo(f"把握　{one['confidence']}；有利于　{one['favours']}；所需证明　{one['proof_needed']}")
    for heading, sentences in (("支持", one["supports"]), ("须先排除", one["against"])):
        for sentence in sentences:
            typer.echo(f"{heading}　{sentence}")
    for line in one["decisions"]:
        second = f"；复核 {line['second_by']}" if line["second_by"] else ""
        typer.echo(f"决定　{line['at']}　{line['by']}　{line['decision']}：{line['reason']}{second}")
    typer.echo(f"下一步　{one['next']}")


@cli.command("decide")
def decide(
    proposal: Annotated[str, typer.Argument(help="建议编号，见更正建议清单第一列")],
    decision: Annotated[str, typer.Option(help="同意、不同意、暂缓、已执行")],
    reason: Reason,
    by: Annotated[str, typer.Option("--by", help="决定人的姓名")],
    as_json: Json = False,
) -> None:
    """登记一个更正决定（decide）。

    关键信息、合并和待遇期限须由两人先后登记同一决定才生效；受理、审批该笔申领的人和改过该记录的人不得签认。
    """
    _decide(proposal, decision, reason, by, as_json)


@cli.command("undo")
def undo(
    proposal: Annotated[str, typer.Argument(help="建议编号")],
    reason: Reason,
    by: Annotated[str, typer.Option("--by", help="决定人的姓名")],
    as_json: Json = False,
) -> None:
    """撤销一个决定（undo）；已导出的，下次导出时撤回。"""
    from matchers.cleanup.steps import DECISIONS

    _decide(proposal, DECISIONS["undone"], reason, by, as_json)


def _decide(proposal: str, decision: str, reason: str, by: str, as_json: bool) -> None:
    from matchers.cleanup.steps import DECISIONS, STATUS
    from pipelines.base import clock
    from pipelines.cleanup import decisions
    from pipelines.cleanup.explained import explained
    from pipelines.database import migrate
    from pipelines.database.transaction import deciding

    codes = {word: code for code, word in DECISIONS.items()}
    made = decisions.Decision(proposal, codes.get(decision, decision), by, reason)
    with migrate.opened(Settings.load().database_url) as engine, deciding(engine) as connection:
        state = decisions.decide(connection, made, clock.exactly())
        following = explained(connection, proposal)["next"]
    if as_json:
        typer.echo(json.dumps({"proposal": proposal, "status": state, "next": following}, ensure_ascii=False))
    else:
        typer.echo(f"{proposal}：已登记；当前状态：{STATUS[state]}；下一步：{following}")


@cli.command("import-feedback")
def import_feedback(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="填好的更正建议清单（.xlsx）")],
    by: Annotated[str, typer.Option("--by", help="操作人的姓名")],
    apply: Annotated[bool, typer.Option("--apply", help="写入；不加则只核对")] = False,
    as_json: Json = False,
) -> None:
    """收回填好的更正建议清单（import-feedback）。"""
    from pipelines.base import clock
    from pipelines.cleanup.returned import take_in
    from pipelines.database import migrate

    with migrate.opened(Settings.load().database_url) as engine:
        receipt = take_in(engine, file, by, apply=apply, at=clock.exactly())
    if as_json:
        typer.echo(json.dumps(asdict(receipt), ensure_ascii=False))
    else:
        counted = "，".join(f"{OUTCOMES[name]} {n}" for name, n in receipt.outcomes.items())
        typer.echo(f"{receipt.file}（{receipt.list_id}）：读到 {receipt.rows} 行，其中{counted}")
        for problem in receipt.problems:
            typer.echo(f"  {problem.place}　{problem.proposal_id}　{problem.reason}")
        if receipt.missing:
            typer.echo(f"少了 {len(receipt.missing)} 行")
        if not receipt.applied:
            typer.echo("以上为核对结果，尚未写入；确认后加 --apply")
    if receipt.problems:
        raise typer.Exit(REFUSED)


@cli.command("export")
def export(
    district: Annotated[str, typer.Argument(help="区县代码；不属于任何区县的写 全市")],
    by: Annotated[str, typer.Option("--by", help="操作人的姓名")],
    as_json: Json = False,
) -> None:
    """导出已同意的更正，签名后交业务系统（export）。

    签名私钥（PEM，Ed25519）只从环境变量 CROSSMATCH_SIGNING_KEY 读取；没有私钥只写草稿，状态不变。
    """
    from pipelines.cleanup.export import export as exported
    from pipelines.database import lock
    from pipelines.reports.words import CITY

    settings = Settings.load()
    with lock.opened(settings.database_url, shared=True) as held:
        done = exported(settings, held, "" if district == CITY else district, by)
    if as_json:
        typer.echo(json.dumps({**asdict(done), "file": str(done.file)}, ensure_ascii=False))
    else:
        signed = f"已签名，公钥指纹 {done.signed_by}" if done.signed_by else "草稿，未签名，状态不变"
        typer.echo(f"{done.file}　{done.rows} 行　{signed}")


@cli.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="导出的文件（.csv，同名的 .json、.sig 在旁边）")],
    key: Annotated[Path, typer.Option("--key", help="签名人的公钥（PEM）")],
    as_json: Json = False,
) -> None:
    """核对导出文件的签名（verify）。"""
    from pipelines.cleanup.export import verify as verified
    from pipelines.cleanup.signing import public_key

    manifest = verified(file, public_key(key))
    if as_json:
        typer.echo(json.dumps(manifest, ensure_ascii=False))
    else:
        typer.echo(
            f"签名有效：{manifest['export_id']}　{manifest['rows']} 行　公钥指纹 {manifest['signed_by']}"
        )
