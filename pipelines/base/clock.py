"""时钟 — the one place that reads the wall clock, for ``*_at`` columns and the audit, never for results.

``SOURCE_DATE_EPOCH`` stops it, so that two runs may be compared byte for byte.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.base.errors import UsageError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The instant in UTC, naive and in whole seconds, as our ``*_at`` columns hold it."""
    return instant().replace(tzinfo=None, microsecond=0)


def written(file: Path) -> datetime:
    """When a file was last written, as ``now`` would have said then."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return now()
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None, microsecond=0)


def exactly() -> datetime:
    """The instant in UTC, naive, to the microsecond, which tells one decision of a person from the next."""
    return instant().replace(tzinfo=None)


def today() -> date:
    """The day in Shanghai."""
    return instant().astimezone(SHANGHAI).date()


def in_shanghai(at: datetime) -> datetime:
    """An instant of our ``*_at`` columns as the clocks of Shanghai show it, naive."""
    return at.replace(tzinfo=UTC).astimezone(SHANGHAI).replace(tzinfo=None)


def require_come(as_of: date) -> date:
    """``as_of``, a night that has begun in Shanghai; ``UsageError`` where it is still to come."""
    if as_of > today():
        raise UsageError(f"比对日 {as_of} 尚未到来（今天是 {today()}）；请核对年份后重新运行")
    return as_of


def instant() -> datetime:
    """The instant, with its time zone."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
