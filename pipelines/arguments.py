"""命令的参数 — what several commands take: a group, a night, and whether a machine reads the answer."""

import re
from datetime import date
from typing import Annotated

import typer

from pipelines.base import clock
from pipelines.base.usage import Commands

Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]


def group(about: str) -> typer.Typer:
    """A group of commands under ``about``."""
    return Commands(help=about)


def night_of(text: str | None) -> date:
    """The night that a person names, today in Shanghai where none is named; a wrong date is a wrong use."""
    if text is None:
        return clock.today()
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter("日期写作 YYYY-MM-DD，例如 2026-10-20")
