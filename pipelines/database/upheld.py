"""认定以来 — of confirmed candidates, what came back since, and what was kept back.

Kept back is what was on the roll when somebody confirmed a candidate, and since neither went out nor is
there: a lower bound, for what came on the roll after the decision and was kept back then is not in it.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select

from matchers.lifecycle import PROVEN
from sql.tables import overpayment, preventable, review, review_detail, review_money, suspension_candidate

C = suspension_candidate.c


def recovered(*where: ColumnElement[bool]) -> Select[Any]:
    """District and fen on record as come back, of the candidates that satisfy ``where``."""
    fen = review_detail.c.recovered_fen
    return _of_newest(fen, review_detail.c.review_id, fen.is_not(None), *where)


def prevented(*where: ColumnElement[bool]) -> Select[Any]:
    """District and fen kept back, of the candidates that satisfy ``where`` and two people have signed."""
    then = review_money.c
    since = gone_out(C.candidate_id) - then.paid_fen
    left = then.scheduled_fen - on_the_roll(C.candidate_id) - case((since > 0, since), else_=0)
    return _of_newest(left, then.review_id, review.c.second_by.is_not(None), *where)


def on_the_roll(candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    """Fen of the candidate that are scheduled and not paid yet."""
    return _sum(preventable.c.scheduled_fen, candidate_id)


def gone_out(candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    """Fen of the candidate that were paid, whatever came back of them."""
    return _sum(overpayment.c.paid_fen, candidate_id)


def _of_newest(
    fen: ColumnElement[int], review_id: ColumnElement[str], *where: ColumnElement[bool]
) -> Select[Any]:
    """District and sum of confirmed candidates; of several records about one the newest counts."""
    newest = (review.c.decided_at.desc(), review.c.review_id.desc())
    turn = func.row_number().over(partition_by=review.c.candidate_id, order_by=newest)
    records = (
        select(C.district, fen.label("fen"), turn.label("turn"))
        .join_from(review, review_id.table, review_id == review.c.review_id)
        .join(suspension_candidate, C.candidate_id == review.c.candidate_id)
        .where(C.status.in_(PROVEN), *where)
        .subquery()
    )
    counts = (records.c.turn == 1, records.c.fen > 0)
    return select(records.c.district, func.sum(records.c.fen)).where(*counts).group_by(records.c.district)


def _sum(fen: ColumnElement[int], candidate_id: ColumnElement[str]) -> ScalarSelect[Any]:
    line = fen.table.c
    own = (line.candidate_id == candidate_id, line.recoverable_from_person)
    return select(func.coalesce(func.sum(fen), 0)).where(*own).scalar_subquery()
