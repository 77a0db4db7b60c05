"""待核问题 — the findings that a district reads: those a person can do something about, the rest is counted.

Gaps are asked about only where they lie in the window of a claim that matters; what is missing of a contact
is counted in the readiness, and listed on request.
"""

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from matchers import cleanup, months
from matchers.lifecycle import FindingStatus
from matchers.schemas import QueuedFindings
from sql import cleanup_tables as t
from sql.tables import claim

LIVE = ("active", "suspended")
COUNTED, IN_A_WINDOW = "CONTACT", "MONTH_GAP"


def questions(connection: Connection, district: str) -> tuple[QueuedFindings, dict[str, int]]:
    """The open findings without a proposal that a district reads, and how many are left out by check."""
    f, p = t.cleanup_finding.c, t.correction_proposal
    wanted = select(t.cleanup_finding).where(f.district == district, f.status == FindingStatus.OPEN)
    result = connection.execute(wanted.order_by(f.check_code, f.record_key, f.column_name))
    rows = pd.DataFrame(result.mappings().all(), columns=list(result.keys()))
    place = ["check_code", "relation", "record_key", "column_name"]
    proposed = connection.execute(select(*(p.c[c] for c in place)).where(p.c.district == district)).all()
    rows = rows[~pd.MultiIndex.from_frame(rows[place]).isin([tuple(row) for row in proposed])]
    gap = rows["check_code"] == IN_A_WINDOW
    windows = _windows(connection)
    matters = np.array(
        [
            _meets(windows.get(person, ()), spans)
            for person, spans in zip(rows["record_key"], rows["months"], strict=True)
        ],
        bool,
    )
    read = (rows["check_code"] != COUNTED) & (~gap | matters)
    left_out = rows.loc[~read, "check_code"].value_counts().sort_index()
    checks = cleanup.catalogue()
    shown = rows[read].assign(
        check=rows["check_code"].map({code: check.title for code, check in checks.items()}),
        innocent=rows["check_code"].map({code: check.innocent for code, check in checks.items()}),
    )
    return shown.reset_index(drop=True), {str(code): int(n) for code, n in left_out.items()}


def _windows(connection: Connection) -> dict[str, tuple[tuple[int, int], ...]]:
    """By person, the months in which a gap concerns a claim that is live or has a finding on its term.

    A claim looks back to the one before it.
    """
    f, c = t.cleanup_finding.c, claim.c
    with_finding = select(f.record_key).where(
        f.check_code.like("ENT\\_%", escape="\\"), f.status == FindingStatus.OPEN
    )
    wanted = select(c.person_id, c.start_month, c.status, c.claim_id).order_by(c.person_id, c.start_month)
    doubted = set(connection.execute(with_finding).scalars())
    windows: dict[str, tuple[tuple[int, int], ...]] = {}
    before: dict[str, int] = {}
    for person, start, status, claim_id in connection.execute(wanted):
        month = months.number(start)
        if status in LIVE or claim_id in doubted:
            windows[person] = (*windows.get(person, ()), (before.get(person, 0), month - 1))
        before[person] = month
    return windows


def _meets(windows: tuple[tuple[int, int], ...], spans: str) -> bool:
    ends = [span.partition("..")[::2] for span in spans.split(";") if span]
    gaps = [(months.number(first), months.number(last or first)) for first, last in ends]
    return any(low <= last and first <= high for low, high in windows for first, last in gaps)
