"""``cleanup`` — decades of records put in order: found, explained, proposed; people decide."""

import json
from typing import Annotated

import typer

from pipelines.arguments import Json, night_of
from pipelines.base.settings import Settings

cli = typer.Typer(
    help="历史数据清理（cleanup）：检查、说明、建议；由人决定，不改待遇库四个关系。", no_args_is_help=True
)
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
    as_json: Json = False,
) -> None:
    """检查历史数据（run）。

    不加 --apply 时什么都不写入待遇库；中断后重跑同一命令即续。
    """
    from pipelines.cleanup.run import run as cleaned

    outcome = cleaned(
        Settings.load(), night_of(as_of), apply=apply, progress=lambda line: typer.echo(line, err=True)
    )
    if as_json:
        typer.echo(
            json.dumps({"run_id": outcome.run_id, "written": outcome.written, "counts": outcome.counts})
        )
        return
    for name, count in outcome.counts.items():
        typer.echo(f"{name}　{count}")
    typer.echo("已写入" if outcome.written else "未写入（加 --apply 写入）")
