"""风险 — the signals of fund risk that an account may see, the most serious first.

A district sees those of its own claims, accounts and employers. A signal about an operator is for 基金监督 of
the city alone (市级督办 with the whole city): nobody else is shown that there is one.
"""

import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, select, text
from starlette.responses import Response

from matchers.lifecycle import SignalStatus
from matchers.risk.signals import Level
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.desk.rendering import page
from pipelines.desk.roles import Role
from pipelines.desk.visit import Visit
from pipelines.risk import words
from sql.risk_tables import risk_run, risk_signal

OPERATOR: Final = "operator"
SHOWN: Final = 200
ACCOUNT_SHOWN: Final = 12
LET_SEE: Final = text("SELECT set_config('crossmatch.supervision', 'on', true)")


def answer(visit: Visit) -> Response:
    """The newest month that was analysed, and the signals within the account's bounds."""
    with visit.engine.connect() as connection:
        if supervises(visit.account) and connection.dialect.name == "postgresql":
            connection.execute(LET_SEE)
        run = (
            connection.execute(select(risk_run).order_by(risk_run.c.month.desc()).limit(1)).mappings().first()
        )
        rows = [_shown(dict(row)) for row in _signals(connection, visit.account)]
    unseen = [(words.title(rule), "、".join(gone)) for rule, gone in _missing(run).items()]
    return page(visit, "risk", run=run, rows=rows[:SHOWN], more=max(len(rows) - SHOWN, 0), unseen=unseen)


def supervises(account: Account) -> bool:
    """Whether this is 基金监督 of the city."""
    return account.role == Role.SUPERVISOR and account.whole_city


def _signals(connection: Connection, account: Account) -> list[Any]:
    c = risk_signal.c
    rank = case({str(level): n for n, level in enumerate(Level)}, value=c.level)
    wanted = select(risk_signal).where(c.status != SignalStatus.WITHDRAWN, *_within(account))
    return list(connection.execute(wanted.order_by(rank, c.first_seen_as_of, c.signal_id)).mappings())


def _within(account: Account) -> list[ColumnElement[bool]]:
    c = risk_signal.c
    return [scope.condition(account, c.district)] + (
        [] if supervises(account) else [c.subject_kind != OPERATOR]
    )  # fmt: skip


def _missing(run: Any) -> dict[str, list[str]]:
    return {} if run is None else json.loads(run["missing"])


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    key = row["subject_key"]
    return row | {
        "level_word": words.level(row["level"]), "title": words.title(row["rule"]),
        "kind": words.subject(row["subject_kind"]), "status_word": words.status(row["status"]),
        "key": key[:ACCOUNT_SHOWN] if row["subject_kind"] == "account" else key,
    }  # fmt: skip
