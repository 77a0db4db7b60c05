"""``crossmatch demo`` — 生成一座虚构的演示城市及其真相（demo municipality with planted truth）。"""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.arguments import Json


def register(cli: typer.Typer) -> None:
    """Adds ``crossmatch demo``."""
    cli.command("demo")(demo)


def demo(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="写到哪个新目录。")],
    claims: Annotated[int, typer.Option(min=1, help="待遇档案份数（claims）。")] = 1500,
    rows: Annotated[int, typer.Option(min=1, help="缴费记录约多少行，可至千万（contributions）。")] = 40_000,
    seed: Annotated[int, typer.Option(min=0, help="种子；同一种子得到同一座城市。")] = 20261,
    as_of: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="基准日，即要比对的那一夜。")
    ] = datetime(2026, 6, 18),
    mangled: Annotated[
        float, typer.Option(min=0, max=1, help="有问题的人中，证件号码被写坏的比例（如 0.2）。")
    ] = 0.0,
    history: Annotated[
        bool, typer.Option("--history", help="另写几十年的历史登记及其真相（historical clean-up）。")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--database-url", help="写入这个空的待遇库；默认为 PATH/benefit.db。")
    ] = None,
    risk: Annotated[
        bool, typer.Option("--risk", help="改为一座基金风险城市：骗保与失职、相像而无辜的、各自的真相。")
    ] = False,
    as_json: Json = False,
) -> None:
    """生成一座虚构的演示城市（demo municipality）。

    待遇库、各部门投递、当夜应发现的真相。
    """
    from rich.console import Console
    from rich.progress import Progress

    from pipelines.base.settings import Settings
    from pipelines.demo import build

    if risk:
        _risk_city(path, claims, seed, as_of.date(), url, as_json)
        return
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        writing = progress.add_task("写投递文件")
        made = build(
            path,
            claims=claims,
            rows=rows,
            seed=seed,
            as_of=as_of.date(),
            mangled=mangled,
            history=Settings.load().policy if history else "",
            url=url,
            delivered=lambda done, of: progress.update(writing, completed=done, total=of),
        )
    if as_json:
        typer.echo(json.dumps(asdict(made)))
    else:
        typer.echo(
            f"{path}：待遇档案 {made.claims} 份，缴费 {made.contributions} 行，投递 {made.deliveries} 次；"
            f"{as_of.date()} 当夜应发现疑点 {made.candidates} 条（见 truth.csv）"
        )


def _risk_city(path: Path, claims: int, seed: int, as_of: date, url: str | None, as_json: bool) -> None:
    """A city for ``crossmatch risk`` of the month of ``as_of``."""
    from pipelines.demo import risk
    from pipelines.demo.calendar import hyphened, month_of

    month = month_of(as_of)
    made = risk.build(path, claims=claims, seed=seed, month=month, url=url)
    counts = {"claims": len(made.rows["claim"]), "signals": len(made.truth), "innocents": len(made.quiet)}
    if as_json:
        typer.echo(json.dumps({"month": hyphened(month), **counts}))
    else:
        typer.echo(
            f"{path}：申领 {counts['claims']} 笔，{hyphened(month)} 应有的信号 {counts['signals']} 条"
            f"（见 truth_risk.csv），不得提示的 {counts['innocents']} 个（见 quiet_risk.csv）；"
            f"分析前先 crossmatch risk-impact 签署，CROSSMATCH_RISK_POLICY={path}/risk-policy.toml"
        )
