"""``night``、``explain`` — run one night, and say why."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.errors import HeldByGate, UsageError
from pipelines.base.settings import Settings
from pipelines.commands.summary import show_night

if TYPE_CHECKING:
    from pipelines.night import Progress
    from pipelines.past.rehearsal import Difference

FIGURES = {
    "status": "", "tier": "", "event_month": "事由 ", "stop_month": "停发 ", "overpaid_months": "多领月数 ",
    "overpaid_fen": "已发应退 ", "preventable_fen": "可止付金额 ", "at_risk_fen": "发放前待核 ",
}  # fmt: skip
UNDONE = {
    "restored": "疑点复原", "removed": "删除", "reopened": "恢复撤销", "kept": "因已有决定而保留",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("night")(night)
    app.command("explain")(explain)


def night(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="比对日 YYYY-MM-DD，默认今天；undo 撤回一夜")
    ] = None,
    undone: Annotated[str | None, typer.Argument(metavar="[DATE]", help="undo 之后：要撤回的比对日")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只比较，不写入任何地方")] = False,
    by: Annotated[list[str] | None, typer.Option("--by", help="撤回一夜的申请人，须两人")] = None,
    reason: Annotated[str, typer.Option("--reason", help="撤回一夜的理由，记录在案")] = "",
    as_json: Json = False,
) -> None:
    """运行一夜比对（one night, without Airflow）。

    接收、匹配、研判、写回、报告；某个数据源被拒收，其余照常。不该运行的一夜由两人用 night undo DATE 撤回：
    疑点、证据、告知回到其余各夜所说，人作出的决定不动。
    """
    from pipelines import night as work

    if day == "undo":
        _undo(night_of(undone), by or [], reason, as_json)
        return
    if undone is not None or by or reason:
        raise UsageError("--by、--reason 只用于撤回一夜：crossmatch night undo DATE --by 姓名 --reason 理由")
    settings, as_of = Settings.load(), night_of(day)
    if dry_run:
        from pipelines.past import rehearsal

        try:
            print_difference(rehearsal.difference(settings, [as_of]), as_json)
        except HeldByGate as held:
            raise HeldByGate(f"试运行（没有写入）：{held}") from None
        return
    with _progress(as_of) as progress:
        counts = work.run(settings, as_of, progress)
    if as_json:
        typer.echo(json.dumps(counts, ensure_ascii=False, default=str))
        return
    for accepted in counts["accept"].values():
        typer.echo("\n".join(accepted.get("notes", ())), nl=bool(accepted.get("notes")))
    show_night(settings, as_of)


def _undo(as_of: date, by: list[str], reason: str, as_json: bool) -> None:
    from dataclasses import asdict

    from pipelines.past.undo import undo

    result = undo(Settings.load(), as_of, by, reason)
    if as_json:
        typer.echo(json.dumps(asdict(result), default=str))
    elif not result.done:
        typer.echo(f"已登记：撤回 {as_of}；须由另一人运行同一命令后生效")
    else:
        counts = "，".join(f"{word} {result.counts[kind]} 件" for kind, word in UNDONE.items())
        typer.echo(f"已撤回 {as_of}：{counts}；该夜的清单作废，请重新出其余各夜的报告")


@contextmanager
def _progress(as_of: date) -> Iterator["Progress"]:
    """Shows which step of the night is at work, on a terminal only; what is called when one begins."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    from pipelines.night import steps

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{as_of}", total=steps(), completed=-1)
        yield lambda step: bar.update(task, advance=1, description=f"{as_of} {step}")


def print_difference(difference: "Difference", as_json: bool) -> None:
    """Prints what a night or a backfill would change, and that nothing was written."""
    from pipelines.reports import words

    if as_json:
        typer.echo(json.dumps(difference.as_dict(), ensure_ascii=False, default=str))
        return
    for word, rows in (
        ("新增", difference.opened),
        ("变化", difference.changed),
        ("撤销", difference.withdrawn),
    ):
        for row in rows:
            who = f"{row['candidate_id']}　申领 {row['claim_id']}　{words.cause(str(row['cause']))}"
            typer.echo(f"{word}　{who}　{_figures(row)}")
    counts = (len(difference.opened), len(difference.changed), len(difference.withdrawn))
    typer.echo("新增 {} 件，变化 {} 件，撤销 {} 件；以上只是比较，没有写入".format(*counts))


def _figures(row: Mapping[str, Any]) -> str:
    """What a candidate would be; of one that is there already only what would differ."""
    from pipelines.reports import words

    def figure(name: str, value: Any) -> str:
        if name.endswith("_fen"):
            return f"{words.yuan(int(value))}元"
        return words.tier(value) if name == "tier" else words.STATUS.get(str(value), str(value))

    before, after = row["before"], row["after"]
    if before is None:
        return "，".join(f"{word}{figure(name, after[name])}" for name, word in FIGURES.items())
    differ = [name for name in FIGURES if before[name] != after[name]]
    return "，".join(f"{FIGURES[n]}{figure(n, before[n])} → {figure(n, after[n])}" for n in differ)


def explain(
    candidate: Annotated[str, typer.Argument(help="疑点编号")],
    picture: Annotated[
        Path | None, typer.Option("--picture", help="把推定匹配的依据画成瀑布图，存到此文件")
    ] = None,
    case_file: Annotated[
        Path | None,
        typer.Option("--print", help="把此人全部疑点的案卷写到此文件（网页，供打印）；号码已遮盖"),
    ] = None,
    as_json: Json = False,
) -> None:
    """说明一个疑点的全部理由（explain）。

    事实、法律、逐月核算、对当事人有利的事实、尚缺什么。
    """
    from dataclasses import asdict

    from pipelines.database.migrate import opened
    from pipelines.reports import case as cases
    from pipelines.reports import casefile
    from pipelines.reports import explain as reasoning

    with opened(Settings.load().database_url) as engine:
        case = cases.read(engine, candidate)
        others = [cases.read(engine, one.candidate_id) for one in case.siblings] if case_file else []
    if case_file:
        case_file.write_text(casefile.page([case, *others]), "utf-8")
    if picture:
        picture.write_text(reasoning.pictures(case), "utf-8")
    if as_json:
        typer.echo(json.dumps(asdict(case), ensure_ascii=False, default=str))
    else:
        typer.echo(reasoning.page(case))
        for file in filter(None, (case_file, picture)):
            typer.echo(f"写在 {file}")
