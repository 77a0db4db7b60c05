"""The signature on the assessment of personal information, without which nothing is analysed."""

import datetime as dt

from pipelines.base.settings import Settings
from pipelines.database.migrate import opened
from pipelines.risk import impact

SIGNED_ON = dt.date(2025, 1, 2)


def sign(settings: Settings) -> Settings:
    """The same settings, after somebody has signed."""
    with opened(settings.database_url) as engine:
        impact.sign(settings, engine, SIGNED_ON, "签署人")
    return settings
