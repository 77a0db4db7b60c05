"""``backfill`` — nights of the past, run again."""

import json
import time
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from matchers.lifecycle import Status
from pipelines.arguments import Json, night_of
from pipelines.base.settings import Settings
from pipelines.commands.night import print_difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pipelines.past.rehearsal import Difference


AIRFLOW = (
    "airflow backfill create --dag-id nightly_match --max-active-runs 1 --from-date {} --to-date {}T23:59:59"
)


class Every(StrEnum):
    """Which nights of the range are run."""

    NIGHT = "night"
    MONTH = "month"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("backfill")(backfill)


def backfill(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="第一夜 YYYY-MM-DD")],
    last: Annotated[str, typer.Argument(metavar="LAST", help="最后一夜 YYYY-MM-DD")],
    reason: Annotated[str, typer.Option("--reason", help="补跑理由，记录在案")] = "",
    by: Annotated[str, typer.Option("--by", help="申请人，记录在案")] = "",
    every: Annotated[Every, typer.Option("--every", help="每夜，或每月只跑最后一夜")] = Every.NIGHT,
    apply: Annotated[bool, typer.Option("--apply", help="写入；不加则只显示将有的变化")] = False,
    airflow: Annotated[
        bool, typer.Option("--airflow", help="只打印等价的 Airflow 命令，每月一夜的每夜一行")
    ] = False,
    as_json: Json = False,
) -> None:
    """补跑过去的夜（backfill）。

    先看将有的变化，再加 --apply 写入；中断后重跑同一命令即续。
    """
    from pipelines.past.asked import nights
    from pipelines.past.backfill import preview, run

    start, end, monthly = night_of(first), night_of(last), every == Every.MONTH
    chosen = nights(start, end, monthly=monthly)
    if airflow:
        commands = [
            AIRFLOW.format(*span) for span in ([(d, d) for d in chosen] if monthly else [(start, end)])
        ]
        typer.echo(json.dumps({"commands": commands}) if as_json else "\n".join(commands))
        return
    clock = _Remaining(chosen)
    if not apply:
        difference = preview(Settings.load(), start, end, monthly=monthly, progress=clock.tried)
        print_difference(difference, as_json)
        if not as_json:
            typer.echo(_by_cause(difference))
        return
    done = run(Settings.load(), start, end, reason, by, clock.done, monthly=monthly)
    typer.echo(json.dumps({"nights": [str(day) for day in done]}) if as_json else f"补跑完成：{len(done)} 夜")


class _Remaining:
    """Says on standard error of each night that it is done, of how many, and how long the others may take."""

    def __init__(self, nights: "Sequence[date]") -> None:
        self.nights, self.ran, self.began = nights, 0, time.monotonic()

    def done(self, night: "date") -> None:
        """A night was run."""
        self._say(night, "已完成")

    def tried(self, night: "date", counts: "Mapping[str, int]") -> None:
        """A night was tried, with what it would do."""
        words = {"opened": "新增", "changed": "变化", Status.WITHDRAWN: "撤销"}
        self._say(night, "，".join(f"{word} {counts[kind]} 件" for kind, word in words.items()))

    def _say(self, night: "date", what: str) -> None:
        self.ran += 1
        left = sum(day > night for day in self.nights)
        minutes = (time.monotonic() - self.began) / self.ran * left / 60
        rest = f"，约还需 {minutes:.0f} 分钟" if left else ""
        typer.echo(f"{night}（{len(self.nights) - left}/{len(self.nights)}）{what}{rest}", err=True)


def _by_cause(difference: "Difference") -> str:
    """One line for each cause: how many candidates would be new, other or gone."""
    from pipelines.reports import words

    kinds = (("新增", difference.opened), ("变化", difference.changed), ("撤销", difference.withdrawn))
    counted = [(word, Counter(str(row["cause"]) for row in rows)) for word, rows in kinds]
    causes = sorted({cause for _, counts in counted for cause in counts})
    return "\n".join(
        f"{words.cause(cause)}：" + "，".join(f"{word} {counts[cause]} 件" for word, counts in counted)
        for cause in causes
    )
