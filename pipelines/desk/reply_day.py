"""答复日 — until when an answer is asked for: a day after today."""

from datetime import date
from typing import Final

from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.desk.visit import Visit

NO_DAY: Final = "答复期限应为今天以后的日期"


def read(visit: Visit) -> date:
    """The day that was typed; ``UsageError`` where it is none, or has come already."""
    try:
        day = date.fromisoformat(visit.typed("reply_by"))
    except ValueError:
        raise UsageError(NO_DAY) from None
    if day <= clock.today():
        raise UsageError(NO_DAY)
    return day
