"""底稿 — all that a month's rules may read, from the benefit database and the extracts."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from matchers import months
from matchers.risk.ground import Ground
from matchers.risk.policy import RiskPolicy, read
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.risk import benefits, feeds, relations
from pipelines.risk.keys import Keys, keys
from sql.risk_tables import account_check, claim_event, duty_exception, payee_agent, service_hours
from sql.risk_tables import operator as operator_posts

VARIABLE = "CROSSMATCH_RISK_POLICY"


def policy(settings: Settings) -> RiskPolicy:
    """The built-in policy with the city's own file before it; ``UsageError`` where that cannot be read."""
    if not settings.risk_policy:
        return read()
    file = Path(settings.risk_policy)
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"风险口径 {file} 无法读取（{error.strerror}）；请检查 {VARIABLE}") from None
    except ValueError as error:
        raise UsageError(f"{file} 不是有效的 TOML（{error}）") from None
    return read(given, str(file))


def ground(settings: Settings, engine: Engine, month: int) -> Ground:
    """The ground of the twelve months that end with ``month``."""
    last = pd.Timestamp(months.last_day(month))
    secret, rules = keys(settings.store), policy(settings)
    with engine.connect() as connection:
        claims = benefits.claims(connection, secret, last)
        payments = benefits.payments(connection, secret, claims, last)
        given = relations.all_of(connection)
    rows = feeds.rows(settings, feeds.extracts(settings, engine, last.date()), claims["person"], month)
    numbers = feeds.employers(claims, rows.get("staff_reductions"), rows.get("kinds"))
    placed = {
        name: frame.assign(employer=feeds.employer(frame, numbers))
        for name, frame in rows.items()
        if "employer_uscc" in frame
    }
    staff = relations.operators(given[operator_posts.name], secret)
    return Ground(
        month=month,
        policy=replace(rules, dummies=frozenset(secret.of(n) for n in rules.dummies)),
        claims=claims.assign(employer=feeds.employer(claims, numbers)),
        payments=payments,
        operators=staff,
        events=relations.events(given[claim_event.name], staff, secret, last),
        exceptions=relations.exceptions(given[duty_exception.name], staff),
        checks=relations.checks(given[account_check.name], secret, last),
        agents=relations.agents(given[payee_agent.name], secret),
        hours=relations.hours(given[service_hours.name]),
        forms=_forms(placed.get("staff_reductions"), last),
        contributions=placed.get("contributions"),
        late=placed.get("late"),
        deaths=rows.get("deaths"),
        hires=placed.get("hires"),
        changes=feeds.changes(rows["identity_changes"], secret) if "identity_changes" in rows else None,
        contacts=_contacts(rows.get("business_roles"), secret),
        kinds=_kinds(placed.get("kinds")),
        steady=frozenset(placed["steady"]["employer"]) if "steady" in placed else frozenset(),
    )


def _forms(rows: pd.DataFrame | None, last: pd.Timestamp) -> pd.DataFrame | None:
    """The forms filed by the last day."""
    return None if rows is None else rows[rows["filed_on"] <= last].reset_index(drop=True)


def _contacts(rows: pd.DataFrame | None, secret: Keys) -> pd.DataFrame | None:
    return None if rows is None else rows.assign(phone=secret.column(rows["phone"]))[["employer", "phone"]]


def _kinds(rows: pd.DataFrame | None) -> "pd.Series[str] | None":
    """Each employer's most frequent kind; of two as frequent the smaller code."""
    if rows is None:
        return None
    counts = rows.groupby(["employer", "kind"])["rows_of_it"].sum().reset_index()
    first = counts.sort_values(["rows_of_it", "kind"], ascending=[False, True]).drop_duplicates("employer")
    return first.set_index("employer")["kind"]
