"""``crossmatch summary`` — one night on one screen: 疑点、金额、数据源、报告所在."""

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.errors import CrossmatchError, HeldByGate
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

STATES = {"ok": "green", "warn": "yellow", "out": "red"}


def register(app: typer.Typer) -> None:
    """Adds ``crossmatch summary``."""
    app.command("summary")(summary)


def summary(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="比对日 YYYY-MM-DD，默认今天")] = None,
    as_json: Json = False,
) -> None:
    """显示一夜的结果（the result of a night）。

    按情形与等级的疑点数、金额、数据源状况、报告所在。
    """
    show_night(Settings.load(), night_of(day), as_json)


def show_night(settings: Settings, as_of: date, as_json: bool = False) -> None:
    """Prints the results of a night; of one that was held or failed only that, and the state of its data.

    ``CrossmatchError`` then, as where the night has not ended: ``HeldByGate`` of a held one.
    """
    from pipelines import runs
    from pipelines.base.store import Store
    from pipelines.database.migrate import opened
    from pipelines.reports import contents, outcome, paying
    from pipelines.reports.page import figures
    from pipelines.risk.latest import latest

    with opened(settings.database_url) as engine:
        runs.require_ended(engine, as_of)
        night = contents.read(engine, Store(settings.store), as_of, settings)
        risk = latest(engine, as_of)
    assert night.run is not None
    folder, ended = settings.reports / as_of.isoformat(), outcome.word(night.run)
    overview = {
        "as_of": as_of.isoformat(),
        "run_id": night.run.run_id,
        "status": night.run.status,
        "reasons": list(night.run.notes) if ended else [],
        "policy": night.run.policy_version,
        **({} if ended else {"headline": figures.headline(night), "causes": figures.matrix(night)["causes"]}),
        "next_payment": paying.words(night.next_payment),
        **({"risk": risk} if risk else {}),
        "feeds": figures.health(night),
        "reports": sorted(str(path) for path in folder.rglob("*") if path.is_file()),
    }
    if as_json:
        typer.echo(json.dumps(overview, ensure_ascii=False, default=str))
    else:
        _print(overview, folder)
    if ended:
        kind = HeldByGate if night.run.status == "held" else CrossmatchError
        raise kind(f"{as_of} {ended}：{outcome.reasons(night.run)}")


def _print(overview: dict[str, Any], folder: object) -> None:
    from rich.console import Console

    from pipelines.reports.words import yuan
    from pipelines.risk.latest import sentence

    console = Console()
    console.print(
        f"[bold]夜间比对 {overview['as_of']}[/]　口径 {overview['policy']}　运行 {overview['run_id']}"
    )
    console.print(overview["next_payment"], soft_wrap=True)
    if figures := overview.get("headline"):
        console.print(_causes(overview["causes"], figures))
        console.print(
            f"已发应退 {yuan(figures['owed_fen'])} 元，可止付金额 {yuan(figures['stoppable_fen'])} 元；"
            f"待发名册上另有 {yuan(figures['at_risk_fen'])} 元所属月份尚无记录，发放前一并核实；"
            f"一般疑点另涉及 {yuan(figures['lead_fen'])} 元，须先核实，不计入合计。",
            soft_wrap=True,
        )
    else:
        console.print("没有本夜的结果：比对没有完成，不列疑点与金额")
    if risk := overview.get("risk"):
        console.print(sentence(risk), soft_wrap=True)
    console.print(_feeds(overview["feeds"]))
    notes = [f"{row['feed']}：{row['reason']}" for row in overview["feeds"] if row["reason"]]
    pages = [f"先看夜报：{path}" for path in overview["reports"] if path.endswith(".html")]
    where = f"报告 {len(overview['reports'])} 份：{folder}/"
    console.print("\n".join((*notes, where, *pages)), soft_wrap=True)


def _causes(rows: list[dict[str, Any]], figures: dict[str, Any]) -> "Table":
    from pipelines.reports import words

    tiers = (words.tier(tier).removesuffix("疑点") for tier in words.TIERS)
    table = _table(["情形（疑点数按等级）"], [*tiers, "已发应退", "可止付金额"])
    total = {**figures, "title": "合计", "tiers": figures["active_by_tier"]}
    for row in (*rows, total):
        counts = (str(row["tiers"][tier]) for tier in words.TIERS)
        money = (words.yuan(row["owed_fen"]), words.yuan(row["stoppable_fen"]))
        table.add_row(row["title"], *counts, *money)
    return table


def _feeds(rows: list[dict[str, Any]]) -> "Table":
    kinds = {"rows_read": "读入", "rows_landed": "入库", "rows_rejected": "退回", "rows_dropped": "剔除"}
    table = _table(["数据源", "状况", "最新一批"], list(kinds.values()))
    for row in rows:
        word = f"[{STATES[row['state']]}]{row['word']}[/]"
        table.add_row(row["feed"], word, row["delivered"], *(f"{row[kind]:,}" for kind in kinds))
    return table


def _table(left: list[str], right: list[str]) -> "Table":
    from rich import box
    from rich.table import Column, Table

    texts = (Column(name, no_wrap=True) for name in left)
    numbers = (Column(name, justify="right", no_wrap=True) for name in right)
    return Table(*texts, *numbers, box=box.SIMPLE_HEAD, pad_edge=False)
