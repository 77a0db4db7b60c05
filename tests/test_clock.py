"""What day it is, is asked of one place, and answered for Shanghai."""

from datetime import UTC, date, datetime

import pytest

from pipelines.base import clock


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("instant", "today"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2028, 2, 28, 16, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 16, tzinfo=UTC), date(2028, 3, 1)),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_day_begins_at_midnight_in_shanghai_wherever_the_machine_stands(
    monkeypatch: pytest.MonkeyPatch, zone: str, instant: datetime, today: date
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(instant.timestamp())))
    assert clock.today() == today
    assert clock.now() == instant.replace(tzinfo=None)
