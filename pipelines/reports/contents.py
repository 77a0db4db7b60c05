"""报表内容 — everything that the reports of one night show, read once from the benefit database.

What a report says depends on the night and on the tables alone: no clock, so the same night gives the same
bytes. Codes are still codes here; ``words`` turns them into Chinese where they are shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Boolean, Connection, Engine, Integer, Select, func, select

from expectations.feed import feeds
from matchers import overpayment
from matchers.findings import TIERS
from matchers.lifecycle import ACTIVE
from pipelines import runs
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.decisions.precision import precision
from pipelines.deliveries import Delivery, InUse, deliveries, in_use
from pipelines.reports import words
from sql import tables as t

PAY_DAYS = 31
STRENGTH = {name: strength for strength, name in TIERS.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """The newest finished run of the night; ``unavailable``: the feeds it went without, ``notes``: what
    people should know of it, in Chinese.
    """

    run_id: str
    status: str
    policy: str
    policy_version: str
    code_version: str
    input_digest: str
    unavailable: frozenset[str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the reports as of ``as_of`` show; ``run`` is None where the night has not run.

    ``candidates``: every one known by the night, key candidate_id, with its person and claim, ``active``,
    ``new``, ``age_days``, ``facts`` (keys of what supports it), ``sources``, ``against``, ``likeness`` (why a
    doubtful row was taken for the person), ``counted_fen`` and ``counted_preventable_fen`` (what totals
    count: each month and benefit once a claim).
    ``overpayments`` and ``preventable`` (payments still scheduled): of active candidates, with ``counted``
    among these and ``places`` (file and line).
    ``last_paid_on``: on which of the last ``PAY_DAYS`` days most payments went out.
    ``links``: those that the model proposes. ``reviews``: with their detail, oldest first. ``rules``: the
    precision of each. ``nights``: those up to this one, oldest first.
    """

    as_of: date
    run: Run | None
    nights: tuple[date, ...]
    audit_head: str
    feeds: Mapping[str, InUse]
    deliveries: tuple[Delivery, ...]
    candidates: pd.DataFrame
    evidence: pd.DataFrame
    overpayments: pd.DataFrame
    preventable: pd.DataFrame
    last_paid_on: date | None
    excluded: pd.DataFrame
    questions: pd.DataFrame
    links: pd.DataFrame
    requests: pd.DataFrame
    notices: pd.DataFrame
    reviews: pd.DataFrame
    rules: pd.DataFrame

    @property
    def districts(self) -> list[str]:
        """The codes of the districts that have an active candidate or somebody to notify or ask, in order."""
        told = (self.active, self.questions, self.requests, self.notices)
        return sorted({code for frame in told for code in frame["district"] if code})

    @property
    def active(self) -> pd.DataFrame:
        """The candidates that somebody still has to work on."""
        return self.candidates[self.candidates["active"]]

    def of_district(self, district: str) -> "Contents":
        """The same night, for one district alone."""
        claims = self.candidates.loc[self.candidates["district"] == district, "claim_id"]
        ids = self.candidates.loc[self.candidates["district"] == district, "candidate_id"]
        frames: dict[str, Any] = {
            "candidates": self.candidates[self.candidates["district"] == district],
            **{
                name: getattr(self, name)[getattr(self, name)["candidate_id"].isin(ids)]
                for name in ("evidence", "overpayments", "preventable", "reviews")
            },
            "excluded": self.excluded[self.excluded["claim_id"].isin(claims)],
            **{
                name: getattr(self, name)[getattr(self, name)["district"] == district]
                for name in ("questions", "requests", "notices")
            },
        }
        return replace(self, **frames)


def read(engine: Engine, store: Store, as_of: date) -> Contents:
    """The contents of the reports as of ``as_of``."""
    with engine.connect() as connection:
        evidence = _rows(connection, t.evidence)
        candidates = _candidates(connection, as_of)
        candidates = candidates.join(_carried_by(evidence, candidates), on="candidate_id")
        links = _rows(connection, t.probable_link)
        why = _likeness(evidence, links)
        candidates = candidates.assign(likeness=candidates["candidate_id"].map(why).fillna(""))
        overpaid = _lines(connection, t.overpayment, candidates, evidence)
        scheduled = _lines(connection, t.preventable, candidates, evidence)
        return Contents(
            as_of=as_of,
            run=_run(connection, as_of),
            nights=tuple(_nights(connection, as_of)),
            audit_head=audit.decided(connection),
            feeds={name: in_use(engine, name, as_of, store) for name in feeds()},
            deliveries=tuple(deliveries(engine, as_of=as_of)),
            candidates=_with_totals(candidates, overpaid, scheduled),
            evidence=evidence,
            overpayments=overpaid,
            preventable=scheduled,
            last_paid_on=_last_paid_on(connection, as_of),
            excluded=_rows(connection, t.excluded_match),
            questions=_of_claims(connection, t.identity_question),
            links=links,
            requests=_of_claims(connection, t.material_request),
            notices=_of_claims(connection, t.entitlement_notice),
            reviews=_reviews(connection),
            rules=precision(engine),
        )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a small frame, by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _candidates(connection: Connection, as_of: date) -> pd.DataFrame:
    c, r, k = t.suspension_candidate, t.recipient, t.claim
    person = (r.c.name, r.c.id_number, r.c.phone)
    claimed = (k.c.start_month, k.c.entitled_months, k.c.monthly_amount)
    joined = c.outerjoin(r, r.c.person_id == c.c.person_id).outerjoin(k, k.c.claim_id == c.c.claim_id)
    wanted = select(c, *person, *claimed).select_from(joined).where(c.c.first_seen_as_of <= as_of)
    found = _frame(connection, wanted.order_by(c.c.candidate_id))
    return found.assign(
        strength=found["tier"].map(STRENGTH).astype("int64"),
        active=found["status"].isin(ACTIVE),
        new=found["first_seen_as_of"] == as_of,
        age_days=[(as_of - day).days for day in found["first_seen_as_of"]],
    )


def _carried_by(evidence: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """By candidate_id: ``facts``, ``sources`` (feed and date of what supports it) and ``against``."""
    cause = candidates.set_index("candidate_id")["cause"]
    told = evidence[evidence["candidate_id"].isin(cause.index)]
    support = told[told["weight"] == "supports"]
    doubts = told[told["weight"] == "against"]
    parts = {
        "facts": support.groupby("candidate_id")["fact_key"].agg(lambda k: sorted(set(k))),
        "sources": _sources(support),
        "against": doubts.groupby("candidate_id")["note"].agg(_listed),
    }
    carried = pd.DataFrame(parts, index=cause.index)
    empty = carried["facts"].isna()
    return carried.assign(
        facts=carried["facts"].mask(empty, pd.Series([[]] * len(carried), index=carried.index)),
        sources=carried["sources"].fillna(""),
        against=carried["against"].fillna(""),
    )


def _likeness(evidence: pd.DataFrame, links: pd.DataFrame) -> "pd.Series[str]":
    """By candidate_id: why rows without a usable number were taken for the person, each reason once."""
    place = ["feed", "delivery_id", "file", "line"]
    told = links.assign(why=[str(json.loads(e)["sentence"]) for e in links["explanation"]])
    found = evidence[["candidate_id", *place]].drop_duplicates().merge(told, on=place, validate="m:1")
    return found.groupby("candidate_id")["why"].agg(_listed)


def _sources(support: pd.DataFrame) -> "pd.Series[str]":
    """By candidate_id: each feed with the dates of its deliveries, as ``参保缴费 2026-09-10、2026-10-10``."""
    told = support.assign(
        title=support["feed"].map(words.feed), day=[d[-10:] for d in support["delivery_id"]]
    )
    days = told.groupby(["candidate_id", "title"])["day"].agg(lambda d: "、".join(sorted(set(d))))
    each = days.reset_index().assign(source=lambda f: (f["title"] + " " + f["day"]).str.strip())
    return each.groupby("candidate_id")["source"].agg("；".join)


def _lines(
    connection: Connection, table: Any, candidates: pd.DataFrame, evidence: pd.DataFrame
) -> pd.DataFrame:
    """A table's payments of active candidates; ``counted`` anew among these, ``places`` of the month's facts.

    The stored ``counted`` looks at every candidate of the night; one that people have dismissed since must
    not hide a month from another that stands.
    """
    active = candidates[candidates["active"]]
    known = ["candidate_id", "cause", "strength", "stop_month"]
    lines = _rows(connection, table).merge(active[known], on="candidate_id", validate="m:1")
    lines = lines.assign(counted=overpayment.counted(lines.rename(columns={"strength": "tier"})))
    places = _places(evidence[evidence["weight"] == "supports"])
    lines = lines.merge(places, on=["candidate_id", "benefit_month"], how="left", validate="m:1")
    order = ["claim_id", "benefit_month", "benefit_kind", "candidate_id", "payment_id"]
    return lines.fillna({"places": ""}).sort_values(order, ignore_index=True)


def _places(support: pd.DataFrame) -> pd.DataFrame:
    """Where the facts of each candidate and month stand: ``缴费.csv 第12行；…``."""
    spans = [_months(span) for span in support["months"]]
    told = list(map(words.place, support["feed"], support["file"], support["line"]))
    each = support[["candidate_id"]].assign(benefit_month=pd.Series(spans, support.index), places=told)
    each = each.explode("benefit_month")
    return each.groupby(["candidate_id", "benefit_month"])["places"].agg(_listed).reset_index()


def _months(span: str) -> list[str]:
    if not span:
        return []
    first, _, last = span.partition("…")
    return [str(month) for month in pd.period_range(first, last or first, freq="M")]


def _with_totals(candidates: pd.DataFrame, overpaid: pd.DataFrame, scheduled: pd.DataFrame) -> pd.DataFrame:
    """``counted_fen`` and ``counted_preventable_fen``: sums over any candidates count nothing twice."""
    sums = {}
    for name, lines, amount in (
        ("counted_fen", overpaid, "due_fen"),
        ("counted_preventable_fen", scheduled, "scheduled_fen"),
    ):
        once = lines[lines["counted"] & lines["recoverable_from_person"]]
        total = once.groupby("candidate_id")[amount].sum()
        sums[name] = candidates["candidate_id"].map(total).fillna(0).astype("int64")
    return candidates.assign(**sums)


def _last_paid_on(connection: Connection, as_of: date) -> date | None:
    day = t.payment.c.paid_on
    recent = select(day).where(day > as_of - timedelta(PAY_DAYS), day <= as_of).group_by(day)
    found: date | None = connection.scalar(recent.order_by(func.count().desc(), day.desc()).limit(1))
    return found


def _run(connection: Connection, as_of: date) -> Run | None:
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
        notes=tuple(counts.get("notes", counts.get("held", ()))),
    )


def _nights(connection: Connection, as_of: date) -> Sequence[date]:
    c = t.match_run.c
    ran = select(c.as_of).where(c.as_of <= as_of, c.status == "succeeded").distinct()
    return connection.execute(ran.order_by(c.as_of)).scalars().all()


def _of_claims(connection: Connection, table: Any) -> pd.DataFrame:
    """A table's rows with the district and the person of their claim, in the order of its key."""
    c, r = t.claim.c, t.recipient.c
    joined = table.outerjoin(t.claim, c.claim_id == table.c.claim_id)
    joined = joined.outerjoin(t.recipient, r.person_id == c.person_id)
    wanted = select(table, c.district, r.name, r.id_number, r.phone).select_from(joined)
    return _frame(connection, wanted.order_by(*table.primary_key)).fillna({"district": ""})


def _reviews(connection: Connection) -> pd.DataFrame:
    detail = [c for c in t.review_detail.c if c.name != "review_id"]
    joined = t.review.outerjoin(t.review_detail, t.review_detail.c.review_id == t.review.c.review_id)
    wanted = select(t.review, *detail).select_from(joined)
    return _frame(connection, wanted.order_by(t.review.c.decided_at, t.review.c.review_id))


def _rows(connection: Connection, table: Any) -> pd.DataFrame:
    """A whole table, in the order of its key."""
    return _frame(connection, select(table).order_by(*table.primary_key))


def _frame(connection: Connection, wanted: Select[Any]) -> pd.DataFrame:
    """The rows, their whole numbers and truth values typed as declared, also where there is no row."""
    result = connection.execute(wanted)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object).infer_objects()
    kinds = {Boolean: "bool", Integer: "int64"}
    typed = {
        column.name: kind
        for column in wanted.selected_columns
        for declared, kind in kinds.items()
        if isinstance(column.type, declared) and frame[column.name].notna().all()
    }
    return frame.astype(typed)


def _listed(texts: "pd.Series[str]") -> str:
    return "；".join(sorted({text for text in texts if text}))
