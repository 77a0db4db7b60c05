"""已止付 — what was on the roll when somebody confirmed a candidate, and since neither went out nor is there.

A lower bound: what came on the roll after the decision and was kept back then is not in it.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select

from matchers.lifecycle import PROVEN
from sql.tables import overpayment, preventable, review, review_money, suspension_candidate

C = suspension_candidate.c


def on_the_roll(candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    """Fen of the candidate that are scheduled and not paid yet."""
    return _sum(preventable.c.scheduled_fen, candidate_id)


def gone_out(candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    """Fen of the candidate that were paid, whatever came back of them."""
    return _sum(overpayment.c.paid_fen, candidate_id)


def by_district(*where: ColumnElement[bool]) -> Select[Any]:
    """District and fen of confirmed candidates that satisfy ``where``; of several decisions the newest."""
    newest = (review.c.decided_at.desc(), review.c.review_id.desc())
    then = review_money.c
    since = gone_out(C.candidate_id) - then.paid_fen
    left = then.scheduled_fen - on_the_roll(C.candidate_id) - case((since > 0, since), else_=0)
    decided = (
        select(
            C.district,
            left.label("fen"),
            func.row_number().over(partition_by=review.c.candidate_id, order_by=newest).label("turn"),
        )
        .join_from(review_money, review, review.c.review_id == then.review_id)
        .join(suspension_candidate, C.candidate_id == review.c.candidate_id)
        .where(review.c.second_by.is_not(None), C.status.in_(PROVEN), *where)
        .subquery()
    )
    kept = (decided.c.turn == 1, decided.c.fen > 0)
    return select(decided.c.district, func.sum(decided.c.fen)).where(*kept).group_by(decided.c.district)


def _sum(fen: ColumnElement[int], candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    line = fen.table.c
    own = (line.candidate_id == candidate_id, line.recoverable_from_person)
    return select(func.coalesce(func.sum(fen), 0)).where(*own).scalar_subquery()
