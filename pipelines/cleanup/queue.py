"""待核问题 — the findings that a district reads: those a person can do something about, the rest is counted.

Gaps are asked about only where they lie in the window of a claim that matters; what is missing of a contact
is counted in the readiness, and listed on request; what may be an insider's doing goes to supervision.
"""

import json

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, select

from matchers import cleanup
from matchers.cleanup.checks.month_gap import CLAIMS
from matchers.lifecycle import FindingStatus
from matchers.schemas import QueuedFindings
from sql import cleanup_tables as t
from sql.tables import claim

LIVE = ("active", "suspended")
COUNTED, IN_A_WINDOW = "CONTACT", "MONTH_GAP"


def questions(connection: Connection, district: str) -> tuple[QueuedFindings, dict[str, int]]:
    """The open findings without a proposal that a district reads, and how many are left out by check."""
    f, p = t.cleanup_finding.c, t.correction_proposal
    rows = _open(connection, f.district == district)
    place = ["check_code", "relation", "record_key", "column_name"]
    proposed = connection.execute(select(*(p.c[c] for c in place)).where(p.c.district == district)).all()
    rows = rows[~pd.MultiIndex.from_frame(rows[place]).isin([tuple(row) for row in proposed])]
    gap = rows["check_code"] == IN_A_WINDOW
    wanted_claims = _claims_that_matter(connection)
    matters = np.array([bool(wanted_claims & _claims_of(text)) for text in rows["evidence"]], bool)
    read = ~rows["check_code"].isin([COUNTED, *_supervised()]) & (~gap | matters)
    left_out = rows.loc[~read, "check_code"].value_counts().sort_index()
    first = rows["evidence"].map(_ask_first).astype(bool)
    order = ["check_code", "later", "record_key", "column_name"]
    listed = rows.assign(later=~first)[read].sort_values(order).drop(columns="later")
    return _worded(listed), {str(code): int(n) for code, n in left_out.items()}


def supervised(connection: Connection) -> QueuedFindings:
    """The open findings of the whole city that supervision asks about."""
    return _worded(_open(connection, t.cleanup_finding.c.check_code.in_(_supervised())))


def contacts(connection: Connection, district: str) -> QueuedFindings:
    """The open findings of a district about telephones and accounts."""
    f = t.cleanup_finding.c
    return _worded(_open(connection, and_(f.check_code == COUNTED, f.district == district)))


def _supervised() -> list[str]:
    return [code for code, check in cleanup.catalogue().items() if check.supervision]


def _open(connection: Connection, which: ColumnElement[bool]) -> pd.DataFrame:
    f = t.cleanup_finding.c
    wanted = select(t.cleanup_finding).where(which, f.status == FindingStatus.OPEN)
    result = connection.execute(wanted.order_by(f.check_code, f.record_key, f.column_name))
    return pd.DataFrame(result.mappings().all(), columns=list(result.keys()))


def _worded(rows: pd.DataFrame) -> QueuedFindings:
    checks = cleanup.catalogue()
    shown = rows.assign(
        check=rows["check_code"].map({code: check.title for code, check in checks.items()}),
        innocent=rows["check_code"].map({code: check.innocent for code, check in checks.items()}),
    )
    return shown.reset_index(drop=True)


def _claims_that_matter(connection: Connection) -> set[str]:
    """The claims that are live, or have an open finding on their term."""
    f, c = t.cleanup_finding.c, claim.c
    with_finding = select(f.record_key).where(
        f.check_code.like("ENT\\_%", escape="\\"), f.status == FindingStatus.OPEN
    )
    live = select(c.claim_id).where(c.status.in_(LIVE))
    return {*connection.execute(with_finding).scalars(), *connection.execute(live).scalars()}


def _claims_of(evidence: str) -> set[str]:
    """The claims that the evidence of a gap names."""
    return set(json.loads(evidence).get(CLAIMS, ())) if evidence.startswith("{") else set()


def _ask_first(evidence: str) -> bool:
    """Whether no month is paid by several members: such a question is asked before others."""
    return evidence.startswith("{") and json.loads(evidence).get("overlap") == ""
