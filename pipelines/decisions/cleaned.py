"""清理结果 — what a night takes from a clean-up: how sure each term is, and which employers are one."""

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, exists, select

from matchers.cleanup import proposals
from matchers.cleanup.terms import terms
from matchers.lifecycle import FindingStatus
from matchers.schemas import OneEmployer, Terms
from sql import cleanup_tables as t
from sql.tables import claim


def checked_terms(connection: Connection) -> Terms:
    """claim_id, term: ``reproduced`` or ``doubtful``; a claim that no clean-up has settled is absent.

    A finding of too few months stands until people have rejected the months that it proposes. What was
    reproduced holds for the months that were on record then, not for others that stand there today.
    """
    c, f, p = t.entitlement_check.c, t.cleanup_finding.c, t.correction_proposal.c
    rejected = exists().where(
        p.check_code == "ENT_UNDER", p.status == "rejected",
        p.record_key == f.record_key, p.after_value == f.value,
    )  # fmt: skip
    too_few = select(f.record_key).where(
        f.check_code == "ENT_UNDER", f.status == FindingStatus.OPEN, ~rejected
    )
    exact = and_(c.exact, claim.c.entitled_months == c.recorded).label("exact")
    wanted = (
        select(c.claim_id, c.recorded, exact, c.direction, c.expected_if)
        .join_from(t.entitlement_check, claim, claim.c.claim_id == c.claim_id)
        .order_by(c.claim_id)
    )
    return terms(_frame(connection, wanted), pd.Index(connection.execute(too_few).scalars().all()))


def one_employer(connection: Connection) -> OneEmployer:
    """employer_id, uscc of the numbers that people have accepted as one employer's."""
    a, p = t.employer_alias.c, t.correction_proposal.c
    accepted = select(p.record_key).where(
        p.check_code == proposals.ONE_EMPLOYER, p.status.in_(proposals.ACCEPTED)
    )
    wanted = select(a.employer_id, a.uscc).where(a.uscc.in_(accepted)).distinct().order_by(a.employer_id)
    return _frame(connection, wanted).drop_duplicates("employer_id", keep=False).reset_index(drop=True)


def _frame(connection: Connection, wanted: Select[Any]) -> pd.DataFrame:
    result = connection.execute(wanted)
    return pd.DataFrame(result.all(), columns=list(result.keys()))
