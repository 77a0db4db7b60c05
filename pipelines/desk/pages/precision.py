"""查实率 — how often people found each rule right, with its interval, and which rules that demotes; for the
whole city also what random samples say of the claims without a suspicion.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd
from sqlalchemy import Connection, func, select
from starlette.responses import Response

from matchers import months
from matchers.law import policy
from matchers.lifecycle import Step
from pipelines.base import clock
from pipelines.decisions.precision import RULE, fallen, precision
from pipelines.decisions.reviews import REASONS
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.desk.rendering import page
from pipelines.desk.visit import Visit
from pipelines.reports import words
from pipelines.reports.contents import records
from pipelines.reports.page import charts, lists
from pipelines.risk import estimates
from sql.tables import review, suspension_candidate

DESCRIBED: Final = "各规则的查实率与百分之九十五区间；数字见下表"


def answer(visit: Visit) -> Response:
    """The judged rules, the least right first, from the decisions on the account's districts.

    Whether a rule is demoted is the night's to say, for the whole city: who sees a part of it is not told.
    """
    today, laws = clock.today(), policy(visit.settings.policy)
    rules = precision(visit.engine, scope.condition(visit.account, suspension_candidate.c.district))
    floor, least = float(laws.value("precision_floor", today)), int(laws.value("precision_reviews", today))
    rows = _rows(rules.assign(demoted=fallen(rules, laws, today)))
    with visit.engine.connect() as connection:
        reasons = _reasons(connection, visit.account)
        sampled = _sampled(connection) if visit.account.whole_city else None
    points = lists.labels(rows)
    chart = charts.intervals("by-rule", "各规则的查实率及其区间", DESCRIBED, points, floor) if rows else ""
    return page(
        visit, "precision", rows=rows, chart=chart, floor=floor, least=least, reasons=reasons,
        sampled=sampled, heads=estimates.HEADS,
    )  # fmt: skip


def _sampled(connection: Connection) -> tuple[str, list[Sequence[object]]]:
    """The last month of which a sample was drawn and the estimates of its year; empty where there is none."""
    month = estimates.newest(connection)
    if month is None:
        return "", []
    rows = estimates.estimates(connection, month)
    return months.text(month), [estimates.in_words(row) for row in rows]


def _rows(rules: pd.DataFrame) -> list[dict[str, object]]:
    ordered = rules.sort_values(["precision", *RULE])
    return [
        row | {"title": words.cause(row["cause"]), "tier_word": words.tier(row["tier"])}
        for row in records(ordered)
    ]


def _reasons(connection: Connection, account: Account) -> list[tuple[str, str, int]]:
    """Why people dismissed: cause, reason in words, on how many candidates; the most first."""
    r, c = review.c, suspension_candidate.c
    joined = review.join(suspension_candidate, c.candidate_id == r.candidate_id)
    many = func.count(r.candidate_id.distinct())
    wanted = select(c.cause, r.reason_code, many).select_from(joined).group_by(c.cause, r.reason_code)
    signed = (r.decision == Step.DISMISSED, r.second_by.is_not(None), scope.condition(account, c.district))
    rows = connection.execute(wanted.where(*signed).order_by(many.desc(), c.cause, r.reason_code))
    return [(words.cause(cause), REASONS.get(reason, reason), n) for cause, reason, n in rows]
