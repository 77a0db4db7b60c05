"""What a made-up city is analysed under: its settings, and the signature that nothing is analysed without."""

import datetime as dt
from pathlib import Path

from pipelines.base.settings import Settings
from pipelines.database.migrate import opened
from pipelines.risk import impact

SIGNED_ON = dt.date(2025, 1, 2)


def sign(settings: Settings) -> Settings:
    """The same settings, after somebody has signed."""
    with opened(settings.database_url) as engine:
        impact.sign(settings, engine, SIGNED_ON, "签署人")
    return settings


def settings_of(folder: Path) -> Settings:
    """The settings under which a city in ``folder`` is analysed."""
    return Settings(
        database_url=f"sqlite:///{folder / 'benefit.db'}",
        inbox=folder / "inbox",
        store=folder / "store",
        reports=folder / "reports",
        risk_policy=str(folder / "risk-policy.toml"),
    )
