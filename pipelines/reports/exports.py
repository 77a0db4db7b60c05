"""导出保存期 — how long the seals of a list are kept, so that a copy still out with a district is taken back.

A list of every night is kept for some time. Longer stays what people have worked with, handed out or taken
back, while a candidate in it is still in work: recovery is reported on the same copy for months.
"""

from datetime import date

from sqlalchemy import Connection, and_, delete, select

from matchers.lifecycle import ACTIVE
from sql.tables import report_export, report_export_row, review_detail, suspension_candidate

AT_ONCE = 500


def past(connection: Connection, oldest: date) -> list[str]:
    """The exports of nights before ``oldest`` that nobody can still be working with, in order."""
    e, row, candidate = report_export.c, report_export_row.c, suspension_candidate.c
    rows = report_export_row.join(suspension_candidate, candidate.candidate_id == row.candidate_id)
    in_work = select(row.export_id).select_from(rows).where(candidate.status.in_(ACTIVE))
    used = select(review_detail.c.export_id).where(review_detail.c.export_id.is_not(None))
    still_out = and_(e.export_id.in_(used), e.export_id.in_(in_work))
    wanted = select(e.export_id).where(e.as_of < oldest, ~still_out)
    return list(connection.execute(wanted.order_by(e.export_id)).scalars())


def remove(connection: Connection, export_ids: list[str]) -> None:
    """Takes the exports and their rows away."""
    for start in range(0, len(export_ids), AT_ONCE):
        these = export_ids[start : start + AT_ONCE]
        for table in (report_export_row, report_export):
            connection.execute(delete(table).where(table.c.export_id.in_(these)))
