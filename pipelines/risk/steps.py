"""风险的步骤 — what Airflow calls: the month before a day analysed and sampled, the daily check."""

from datetime import date
from typing import Any

from matchers import months
from pipelines.base.settings import Settings
from pipelines.database import migrate
from pipelines.risk import payment_check, step
from pipelines.risk import sample as quality


def analyse(settings: Settings, day: date) -> dict[str, Any]:
    """The counts of the analysis of the month before ``day``."""
    result = step.run(settings, months.of(day) - 1)
    return result | {"missing": {code: list(gone) for code, gone in result["missing"].items()}}


def sample(settings: Settings, day: date) -> dict[str, Any]:
    """How many were drawn of the month before ``day``, and the form."""
    month = months.of(day) - 1
    with migrate.opened(settings.database_url) as engine:
        drawn = quality.draw(settings, engine, month)
        return {"drawn": drawn, "file": str(quality.form(settings, engine, month))}


def check_before_payment(settings: Settings, day: date) -> dict[str, Any]:
    """What the three daily rules see."""
    result = payment_check.run(settings, day)
    return result | {"missing": {code: list(gone) for code, gone in result["missing"].items()}}
