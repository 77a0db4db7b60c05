"""报表内容 — everything that the reports of one night show, read once from the benefit database.

What a report says depends on the night and on the tables alone: no clock, so the same night gives the same
bytes. Codes are still codes here; ``words`` turns them into Chinese where they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from expectations.feed import feeds
from matchers.schemas import (
    AnyRows,
    ReportedCandidates,
    ReportedClaims,
    ReportedEvidence,
    ReportedExcluded,
    ReportedLines,
    ReportedLinks,
    Reviews,
    RulePrecision,
)
from pipelines import runs
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.decisions.precision import precision
from pipelines.deliveries import Delivery, InUse, deliveries, in_use
from pipelines.reports import deriving, paying, reading, since
from pipelines.reports.paying import NextPayment
from pipelines.reports.reading import Run
from pipelines.reports.since import Since
from sql import tables as t


@dataclass(frozen=True, slots=True)
class Contents:
    """What the reports as of ``as_of`` show; ``run`` is None where the night has not run.

    ``candidates``: every one raised by the night or before it, key candidate_id, with its person and claim,
    ``active``, ``new``, ``age_days``, ``handed_days`` (since it was handed out), ``moved`` (how it differs
    from the night before, in words); for active ones
    ``facts`` (keys of what supports it), ``sources``,
    ``against``, ``likeness`` (why a doubtful row was taken for the person), ``counted_fen`` and
    ``counted_preventable_fen`` (what totals count: each month and benefit once a claim).
    ``evidence``: of active candidates.
    ``overpayments`` and ``preventable`` (payments still scheduled): of active candidates, with ``counted``
    among these and ``places`` (file and line).
    ``last_paid_on``: on which of the last ``PAY_DAYS`` days most payments went out.
    ``excluded``: how many matched rows of the whole city are no evidence, and why.
    ``links``: those that the model proposes. ``reviews``: with their detail, oldest first. ``rules``: the
    precision of each. ``nights``: those up to this one, oldest first. ``reply_days``: how many days a
    district has for its answer. ``last_night``, ``last_month``: what differs from then, where both nights are
    kept.
    """

    as_of: date
    run: Run | None
    nights: tuple[date, ...]
    audit_head: str
    feeds: Mapping[str, InUse]
    deliveries: tuple[Delivery, ...]
    candidates: ReportedCandidates
    evidence: ReportedEvidence
    overpayments: ReportedLines
    preventable: ReportedLines
    last_paid_on: date | None
    excluded: ReportedExcluded
    questions: ReportedClaims
    links: ReportedLinks
    requests: ReportedClaims
    notices: ReportedClaims
    reviews: Reviews
    rules: RulePrecision
    reply_days: int
    next_payment: NextPayment | None = None
    last_night: Since | None = None
    last_month: Since | None = None

    @property
    def districts(self) -> list[str]:
        """The codes of the districts that have an active candidate or somebody to notify or ask, in order."""
        frames = (self.active, self.questions, self.requests, self.notices)
        return sorted({code for frame in frames for code in frame["district"] if code})

    @property
    def active(self) -> ReportedCandidates:
        """The candidates that somebody still has to work on."""
        return self.candidates[self.candidates["active"]]

    def of_district(self, district: str) -> "Contents":
        """The same night, for one district alone."""
        candidates = _of(district, self.candidates)
        numbers = candidates["candidate_id"]
        return replace(
            self,
            candidates=candidates,
            evidence=_among(numbers, self.evidence),
            overpayments=_among(numbers, self.overpayments),
            preventable=_among(numbers, self.preventable),
            reviews=_among(numbers, self.reviews),
            questions=_of(district, self.questions),
            requests=_of(district, self.requests),
            notices=_of(district, self.notices),
            last_night=self.last_night and self.last_night.among(numbers),
            last_month=self.last_month and self.last_month.among(numbers),
        )


def read(engine: Engine, store: Store, as_of: date, settings: Settings | None = None) -> Contents:
    """The contents of the reports as of ``as_of``; ``settings`` hold the calendar of payments."""
    with engine.connect() as connection:
        active = reading.numbers(as_of)
        evidence = reading.of_candidates(connection, t.evidence, active)
        links = reading.rows(connection, t.probable_link)
        aged = deriving.aged(reading.candidates(connection, as_of), as_of)
        reviews = reading.reviews(connection)
        nights = tuple(reading.nights(connection, as_of))
        ended = runs.later_nights(connection, date.min).out
        earlier = [
            since.since(store, before(nights, as_of), as_of, reviews, aged, ended) if as_of in ended else None
            for before in (since.last_night, since.last_month)
        ]
        candidates = deriving.with_evidence(deriving.with_moves(aged, earlier[0]), evidence, links)
        paid = reading.of_candidates(connection, t.overpayment, active)
        scheduled = reading.of_candidates(connection, t.preventable, active)
        overpayments = deriving.lines(paid, candidates, evidence)
        preventable = deriving.lines(scheduled, candidates, evidence)
        given = settings or Settings()
        return Contents(
            as_of=as_of,
            run=reading.run(connection, as_of),
            nights=nights,
            audit_head=audit.decided(connection),
            feeds={name: in_use(engine, name, as_of, store) for name in feeds()},
            deliveries=tuple(deliveries(engine, as_of=as_of)),
            candidates=deriving.with_hand_out(
                deriving.with_totals(candidates, overpayments, preventable),
                reviews,
                as_of,
            ),
            evidence=evidence,
            overpayments=overpayments,
            preventable=preventable,
            last_paid_on=reading.last_paid_on(connection, as_of),
            excluded=reading.excluded(connection),
            questions=reading.of_claims(connection, t.identity_question),
            links=links,
            requests=reading.of_claims(connection, t.material_request),
            notices=reading.of_claims(connection, t.entitlement_notice),
            reviews=reviews,
            rules=precision(engine),
            next_payment=paying.following(connection, given, as_of),
            reply_days=given.reply_days,
            last_night=earlier[0],
            last_month=earlier[1],
        )


def records(frame: AnyRows) -> list[dict[str, Any]]:
    """The rows of a small frame, by column name."""
    names, columns = list(map(str, frame.columns)), [frame[name].tolist() for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _of(district: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["district"] == district]


def _among(keys: "pd.Series[str]", frame: pd.DataFrame) -> pd.DataFrame:
    """The rows whose value in the column that ``keys`` is named after is one of them."""
    return frame[frame[str(keys.name)].isin(keys)]
