"""What the signals say of a made-up city, and that they would say it of any other people as well."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

import sql
from matchers import months
from pipelines.database.migrate import upgrade
from pipelines.demo.risk import build
from pipelines.risk import step
from sql.risk_tables import risk_fact, risk_signal
from tests.risksigned import settings_of, sign

MONTH = months.number("2026-12")
KEY = "0f" * 32


def _month(folder: Path, **kind: Any) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """The month's signals and their facts, but for districts, with the same key of accounts."""
    build(folder, claims=200, seed=9, month=MONTH, **kind)
    (folder / "store").mkdir()
    (folder / "store" / "risk.key").write_text(KEY, "ascii")
    settings = settings_of(folder)
    engine = sql.connect(settings.database_url)
    upgrade(engine)
    step.run(sign(settings), MONTH)
    c, f = risk_signal.c, risk_fact.c
    with engine.connect() as connection:
        signals = connection.execute(
            sa.select(c.signal_id, c.rule, c.subject_kind, c.subject_key, c.period, c.level, c.figures)
        ).all()
        facts = connection.execute(
            sa.select(f.signal_id, f.claim_id, f.event_id, f.payment_id, f.line, f.reason)
        ).all()
    engine.dispose()
    return {tuple(s) for s in signals}, {tuple(fact) for fact in facts}


def test_the_same_deeds_of_other_people_in_other_districts_give_the_same_signals(tmp_path: Path) -> None:
    as_it_is, permuted = _month(tmp_path / "a"), _month(tmp_path / "b", permuted=True)
    assert {rule for _, rule, *_ in as_it_is[0]} >= {"SHORT_TENURE", "ACCOUNT_SHARED", "DUTY_CONFLICT"}
    assert as_it_is == permuted


def test_a_city_without_schemes_has_at_most_two_important_signals(tmp_path: Path) -> None:
    signals, _ = _month(tmp_path / "a", no_schemes=True)
    assert sum(level == "important" for *_, level, _ in signals) <= 2
    assert not [rule for _, rule, *_ in signals if rule == "DUTY_CONFLICT"]
