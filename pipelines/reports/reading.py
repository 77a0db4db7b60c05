"""报表读取 — what the benefit database holds for the reports, as typed frames in the order of their keys.

Nothing is worked out here. What belongs to candidates is read by a selection of their numbers, never whole:
evidence of closed cases stays where it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Boolean, Connection, Integer, Select, Table, func, select

from matchers.lifecycle import ACTIVE
from matchers.schemas import (
    AnyRows,
    CandidateParts,
    CandidateRows,
    ReportedClaims,
    ReportedExcluded,
    Reviews,
)
from pipelines import runs
from sql import tables as t

PAY_DAYS = 31


@dataclass(frozen=True, slots=True)
class Run:
    """The newest run of the night that ended, as ``status`` says; ``unavailable``: the feeds it went without,
    ``notes``: what people should know of it, in Chinese, of a held or failed one why it is that.
    """

    run_id: str
    status: str
    policy: str
    policy_version: str
    code_version: str
    input_digest: str
    unavailable: frozenset[str]
    notes: tuple[str, ...]


def numbers(as_of: date) -> Select[tuple[str]]:
    """The numbers of the candidates raised by the night or before it that somebody still has to work on."""
    c = t.suspension_candidate.c
    return select(c.candidate_id).where(c.first_seen_as_of <= as_of, c.status.in_(ACTIVE))


def candidates(connection: Connection, as_of: date) -> CandidateRows:
    """Every candidate raised by the night or before it, with its person's name, id_number and phone and its
    claim's start_month, entitled_months and monthly_amount.
    """
    c, r, k = t.suspension_candidate, t.recipient, t.claim
    person = (r.c.name, r.c.id_number, r.c.phone)
    claimed = (k.c.start_month, k.c.entitled_months, k.c.monthly_amount)
    joined = c.outerjoin(r, r.c.person_id == c.c.person_id).outerjoin(k, k.c.claim_id == c.c.claim_id)
    wanted = select(c, *person, *claimed).select_from(joined).where(c.c.first_seen_as_of <= as_of)
    return frame(connection, wanted.order_by(c.c.candidate_id))


def of_candidates(connection: Connection, table: Table, chosen: Select[tuple[str]]) -> CandidateParts:
    """The rows of ``table`` that belong to the candidates whose numbers ``chosen`` selects."""
    wanted = select(table).where(table.c.candidate_id.in_(chosen))
    return frame(connection, wanted.order_by(*table.primary_key))


def last_paid_on(connection: Connection, as_of: date) -> date | None:
    """On which of the last ``PAY_DAYS`` days most payments went out; None where none did."""
    day = t.payment.c.paid_on
    recent = select(day).where(day > as_of - timedelta(PAY_DAYS), day <= as_of).group_by(day)
    busiest: date | None = connection.scalar(recent.order_by(func.count().desc(), day.desc()).limit(1))
    return busiest


def run(connection: Connection, as_of: date) -> Run | None:
    """The newest run of the night that ended; None where none has."""
    c = t.match_run.c
    finished = select(t.match_run).where(c.as_of == as_of, c.status.in_(runs.ENDED))
    row = connection.execute(finished.order_by(c.finished_at.desc(), c.run_id)).mappings().first()
    if row is None:
        return None
    named = ("run_id", "status", "policy", "policy_version", "code_version", "input_digest")
    counts: Mapping[str, Any] = json.loads(row["counts"])
    return Run(
        **{n: row[n] for n in named},
        unavailable=frozenset(counts.get("unavailable", ())),
        notes=tuple(next((counts[key] for key in ("notes", "held", "failed") if key in counts), ())),
    )


def nights(connection: Connection, as_of: date) -> Sequence[date]:
    """The nights up to this one that ran to their end, oldest first."""
    c = t.match_run.c
    ran = select(c.as_of).where(c.as_of <= as_of, c.status == "succeeded").distinct()
    return connection.execute(ran.order_by(c.as_of)).scalars().all()


def of_claims(connection: Connection, table: Table) -> ReportedClaims:
    """A table's rows with the district and the person of their claim, in the order of its key."""
    c, r = t.claim.c, t.recipient.c
    joined = table.outerjoin(t.claim, c.claim_id == table.c.claim_id)
    joined = joined.outerjoin(t.recipient, r.person_id == c.person_id)
    wanted = select(table, c.district, r.name, r.id_number, r.phone).select_from(joined)
    return frame(connection, wanted.order_by(*table.primary_key)).fillna({"district": ""})


def reviews(connection: Connection) -> Reviews:
    """Every review with its detail, oldest first."""
    detail = [c for c in t.review_detail.c if c.name != "review_id"]
    joined = t.review.outerjoin(t.review_detail, t.review_detail.c.review_id == t.review.c.review_id)
    wanted = select(t.review, *detail).select_from(joined)
    return frame(connection, wanted.order_by(t.review.c.decided_at, t.review.c.review_id))


def excluded(connection: Connection) -> ReportedExcluded:
    """How many matched rows are no evidence, and of how many claims, by cause and reason."""
    x = t.excluded_match.c
    counted = select(
        x.cause, x.reason, func.count().label("rows"), func.count(x.claim_id.distinct()).label("claims")
    )
    return frame(connection, counted.group_by(x.cause, x.reason).order_by(x.cause, x.reason))


def rows(connection: Connection, table: Table) -> AnyRows:
    """A whole table, in the order of its key."""
    return frame(connection, select(table).order_by(*table.primary_key))


def frame(connection: Connection, wanted: Select[Any]) -> AnyRows:
    """The rows, their whole numbers and truth values typed as declared, also where there is no row."""
    result = connection.execute(wanted)
    read = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object).infer_objects()
    kinds = {Boolean: "bool", Integer: "int64"}
    typed = {
        column.name: kind
        for column in wanted.selected_columns
        for declared, kind in kinds.items()
        if isinstance(column.type, declared) and read[column.name].notna().all()
    }
    return read.astype(typed)
