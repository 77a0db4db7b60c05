"""至今的成效 — what people have confirmed as overpaid and what came back, within the account's districts."""

from sqlalchemy import Connection, func, select

from matchers.lifecycle import PROVEN
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from sql.tables import review, review_detail, suspension_candidate

C = suspension_candidate.c


def money(connection: Connection, account: Account) -> dict[str, int]:
    """Fen that two people have ``upheld`` as overpaid, and those that are on record as ``recovered``.

    Of several records of what came back for a candidate, the newest counts.
    """
    own = (C.status.in_(PROVEN), scope.condition(account, C.district))
    newest = func.row_number().over(partition_by=review.c.candidate_id, order_by=review.c.decided_at.desc())
    records = (
        select(review_detail.c.recovered_fen.label("fen"), newest.label("turn"))
        .join(review, review.c.review_id == review_detail.c.review_id)
        .join(suspension_candidate, C.candidate_id == review.c.candidate_id)
        .where(review_detail.c.recovered_fen.is_not(None), *own)
        .subquery()
    )
    wanted = {
        "upheld": select(func.sum(C.overpaid_fen)).where(*own),
        "recovered": select(func.sum(records.c.fen)).where(records.c.turn == 1),
    }
    return {name: int(connection.execute(sums).scalar_one() or 0) for name, sums in wanted.items()}
