"""研判 — from a docket to what the night says: candidates, evidence, overpayments, exclusions, notices."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from matchers import doubts, early, evidence, months, notices, overpayment, summary, workdays
from matchers.causes import causes
from matchers.docket import Docket
from matchers.findings import IMPORTANT, LEAD, PERSON, TIERS, Cause
from matchers.law import Policy
from matchers.links import ALLOWS, allowance, fact_rows
from matchers.schemas import (
    Candidates,
    DatedEvents,
    Evidence,
    Excluded,
    Notices,
    Overpayments,
    Preventable,
    Requests,
    shown,
)

KEY = ["claim_id", "cause"]
JUDGED = ("candidates", "evidence", "overpayments", "preventable", "excluded", "requests", "notices")


@shown(*JUDGED)
@dataclass(frozen=True, slots=True)
class Judgement:
    """What a night says, in the columns of our tables; months are numbers, dates are dates.

    ``candidates`` key candidate_id; ``evidence``, ``overpayments`` and ``preventable`` refer to it;
    ``excluded`` matched rows that are no evidence; ``requests`` key claim_id, reason; ``notices`` key
    claim_id, kind.
    """

    candidates: Candidates
    evidence: Evidence
    overpayments: Overpayments
    preventable: Preventable
    excluded: Excluded
    requests: Requests
    notices: Notices


def judge(docket: Docket) -> Judgement:
    """Every cause in force under the docket's policy, judged on every claim of the docket."""
    docket = docket.renumbered()
    facts, excluded = _findings(docket)
    facts, before = early.watched(docket, facts)
    trusted = _trusted(docket, facts)
    heads = _heads(docket, trusted)
    unpaid = early.nothing_paid_after(docket, heads)
    fallen = facts.merge(heads.loc[unpaid, KEY], on=KEY, validate="m:1")
    heads = heads[~unpaid].reset_index(drop=True)
    trusted = trusted.merge(heads[KEY], on=KEY, validate="m:1")
    held = overpayment.conflict_months(trusted)
    ahead = overpayment.from_stop_month(docket.payments, heads)
    whole = overpayment.conflict_months(trusted[~trusted["alone"]])
    lines = overpayment.conflicting(ahead, whole, _named(docket, trusted))
    at_risk = overpayment.at_risk(ahead, lines, trusted[trusted["unended"]])
    candidates = _figures(docket, heads, held, lines, at_risk)
    facts = pd.concat(
        [facts, *doubts.of_links(docket, facts), early.not_begun(docket, heads)], ignore_index=True
    )
    described = evidence.describe(docket, facts.merge(heads[KEY], on=KEY, validate="m:1"))
    candidates = _sealed(docket, candidates, described)
    numbers = candidates[[*KEY, "candidate_id"]]
    excluded = pd.concat([excluded, before, early.excluded(fallen)], ignore_index=True)
    return Judgement(
        candidates=candidates,
        evidence=_evidence(described.merge(numbers, on=KEY, validate="m:1")),
        overpayments=overpayment.overpaid(lines).merge(numbers, on=KEY, validate="m:1"),
        preventable=overpayment.preventable(lines).merge(numbers, on=KEY, validate="m:1"),
        excluded=_placed(docket, excluded),
        requests=notices.requests(docket),
        notices=notices.notices(docket, pd.concat([candidates[KEY], fallen[KEY].drop_duplicates()]), held),
    )


def in_force(docket: Docket) -> dict[str, Cause]:
    """The causes that the policy names and for which no needed feed is out."""
    named = {code: c for code, c in causes().items() if code in docket.policy.causes}
    return {code: c for code, c in named.items() if not docket.unavailable.intersection(c.needs)}


def _findings(docket: Docket) -> tuple[pd.DataFrame, pd.DataFrame]:
    facts, excluded = [], []
    for code, cause in in_force(docket).items():
        findings = cause.rule(docket)
        facts.append(findings.facts.assign(cause=code))
        excluded.append(findings.excluded.assign(cause=code))
    every = pd.concat(facts, ignore_index=True)
    claims = every[every["weight"] == "supports"].groupby("cause")["claim_id"].unique().to_dict()
    for code, cause in causes().items():
        for other in cause.unless:
            every = every[~((every["cause"] == code) & every["claim_id"].isin(claims.get(other, [])))]
    return every, pd.concat(excluded, ignore_index=True)


def _placed(docket: Docket, excluded: pd.DataFrame) -> pd.DataFrame:
    """Exclusions with the delivery, file and line of their row."""
    columns = ["claim_id", "cause", "feed", "delivery_id", "file", "line", "reason"]
    if excluded.empty:
        return pd.DataFrame(columns=columns)
    parts = []
    for feed, part in excluded[excluded["feed"].isin(tuple(docket.linked))].groupby("feed"):
        rows = docket.linked[str(feed)].iloc[part["row"].astype(int)]
        parts.append(part.assign(**{c: rows[c].to_numpy() for c in ("delivery_id", "file", "line")}))
    return pd.concat(parts, ignore_index=True)[columns]


def _named(docket: Docket, facts: pd.DataFrame) -> pd.DataFrame:
    """The payments that facts name by themselves: claim_id, cause, payment_id."""
    alone = facts.loc[facts["alone"], [*KEY, "row"]]
    number = docket.payments["payment_id"].to_numpy(dtype=object)[alone["row"].to_numpy(int)]
    return alone[KEY].assign(payment_id=number)


def _trusted(docket: Docket, facts: pd.DataFrame) -> pd.DataFrame:
    """Supporting facts with ``allowed`` and ``reached`` (the lower of strength and what the link allows).

    Where a fact with a certain link stands, facts whose link is only probable lend it neither months nor an
    earlier event: they stay evidence to be checked.
    """
    support = facts[facts["weight"] == "supports"]
    allowed = allowance(docket, support)
    weighed = support.assign(allowed=allowed, reached=np.minimum(support["strength"].astype(int), allowed))
    certain = (allowed >= IMPORTANT).groupby([weighed["claim_id"], weighed["cause"]]).transform("any")
    return weighed[~certain | (allowed >= IMPORTANT)]


def _heads(docket: Docket, facts: pd.DataFrame) -> pd.DataFrame:
    """One row per claim and cause: tier (as a strength), event, stop month and the link it rests on."""
    order = list(ALLOWS)
    linked = facts.assign(
        link_tier=fact_rows(docket, facts, "link_tier", "benefit"),
        link_probability=pd.to_numeric(fact_rows(docket, facts, "link_probability", None)),
    )
    linked = linked.assign(closeness=-linked["link_tier"].map(order.index))
    by_event = linked.sort_values(["event_month", "event_on"], na_position="last").groupby(KEY)
    by_tier = linked.sort_values(["reached", "closeness", "link_probability"], ascending=False).groupby(KEY)
    event = by_event.nth(0).set_index(KEY)[["event_month", "event_on"]]
    best = by_tier.nth(0).set_index(KEY)[["reached", "link_tier", "link_probability"]]
    heads = event.join(best).rename(columns={"reached": "tier"}).reset_index()
    claims = docket.claims[["claim_id", "person_id", "district", "start_month"]]
    heads = heads.merge(claims, on="claim_id", validate="m:1")
    rules = {code: docket.policy.stop_rule(code, docket.as_of) for code in docket.policy.causes}
    delay = [rules[c].delay if causes()[c].stops else 0 for c in heads["cause"]]
    before = heads["event_month"] < heads["start_month"]
    stop = (heads["event_month"] + delay).where(~before, heads["start_month"])
    return heads.assign(
        event_month=heads["event_month"].astype("int64"),
        stop_month=stop.clip(lower=heads["start_month"]).astype("int64"),
        tier=heads["tier"].astype("int64"),
        unpaid_by=heads["cause"].map({code: c.unpaid_by for code, c in causes().items()}),
    )


def _figures(
    docket: Docket, heads: pd.DataFrame, held: pd.DataFrame, lines: pd.DataFrame, at_risk: pd.DataFrame
) -> pd.DataFrame:
    """The heads with conflict months, amounts and flags."""
    starts = docket.claims[["claim_id", "start_month"]]
    within = held.merge(starts, on="claim_id", validate="m:1")
    within = within[within["benefit_month"].between(within["start_month"], docket.month)]
    conflict = within.groupby(KEY)["benefit_month"].agg(first_conflict_month="min", last_conflict_month="max")
    figured = heads.merge(conflict.reset_index(), on=KEY, how="left", validate="1:1")
    figured = figured.merge(overpayment.totals(lines), on=KEY, how="left", validate="1:1")
    figured = figured.merge(at_risk, on=KEY, how="left", validate="1:1")
    amounts = ["overpaid_months", "due_months", "overpaid_fen", "preventable_fen", "at_risk_fen"]
    figured = figured.assign(**{a: figured[a].fillna(0).astype("int64") for a in amounts})
    own_doing = (
        figured["cause"].map({code: c.notice_to == PERSON for code, c in causes().items()}).astype(bool)
    )
    severe_fen, severe_months = docket.value("severe_fen"), docket.value("severe_months")
    return figured.assign(
        candidate_id=[
            evidence.candidate_id(c, k) for c, k in zip(figured["claim_id"], figured["cause"], strict=True)
        ],
        legal_basis=figured["cause"].map({c: docket.policy.basis(c) for c in docket.policy.causes}),
        policy_version=docket.policy.stamp,
        within_notice_period=within_notice_period(figured, docket.policy, docket.as_of),
        two_month_flag=own_doing & (figured["overpaid_months"] >= docket.value("two_months")),
        severe_flag=own_doing
        & ((figured["due_months"] > severe_months) | (figured["overpaid_fen"] > severe_fen)),
    )


def within_notice_period(events: DatedEvents, policy: Policy, as_of: date) -> list[bool]:
    """Whether the person may still tell of each event (event_on, event_month): fewer working days have passed
    than the policy's ``notice_working_days``.
    """
    limit = int(policy.value("notice_working_days", as_of))
    event_on = [
        months.last_day(month) if pd.isna(on) else on.date()
        for on, month in zip(pd.to_datetime(events["event_on"]), events["event_month"], strict=True)
    ]
    early_days = {on: workdays.younger_than(on, limit, as_of) for on in set(event_on)}
    return [early_days[on] for on in event_on]


def _sealed(docket: Docket, candidates: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """Candidates with the fingerprint of their supporting facts, their tier by name and their summary."""
    support = described[described["weight"] == "supports"]
    prints = support.groupby(KEY)["fact_key"].agg(evidence.fingerprint).rename("fingerprint").reset_index()
    sealed = candidates.merge(prints, on=KEY, validate="1:1")
    sealed = sealed.assign(tier=sealed["tier"].map(TIERS))
    demotion = (sealed["cause"] + "/" + sealed["tier"]).map(dict(docket.demoted))
    demotion = demotion.mask(sealed["candidate_id"].isin(docket.confirmed))
    sealed = sealed.assign(tier=sealed["tier"].mask(demotion.notna(), TIERS[LEAD]), demotion=demotion)
    return sealed.assign(summary=summary.summaries(sealed, described, docket.titles)).drop(
        columns=["unpaid_by", "due_months", "start_month", "demotion"]
    )


def _evidence(described: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "candidate_id", "feed", "delivery_id", "file", "line", "fact_key", "fact", "months", "weight",
        "reason_code", "note",
    ]  # fmt: skip
    noted = described.assign(note=summary.notes(described))
    return noted[columns].drop_duplicates(columns[:6]).sort_values(columns[:6]).reset_index(drop=True)
