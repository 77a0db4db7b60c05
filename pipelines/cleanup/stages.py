"""阶段 — persons, check and employers as functions of the sources; each gives the frames of its findings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from matchers import cleanup, law, months
from matchers.cleanup import clusters, golden
from matchers.cleanup.checks import double_change
from matchers.cleanup.entitlement import Benefits, checked, expected_if, separated_month, windows
from matchers.cleanup.keys import TEXTS
from matchers.cleanup.ledger import PAYER, Ledger, ledger, spans_text
from matchers.cleanup.register import Register
from matchers.schemas import (
    AgencyClaims,
    ClaimWindows,
    CleanupFindings,
    EmployedMonths,
    EntitlementChecks,
    JudgedTerms,
    Orphans,
    PaidSpans,
    PersonClusters,
    schemas,
)
from pipelines.cleanup import shards
from pipelines.cleanup.sources import Records

SCHEDULED = ("paid", "in_transit", "scheduled")
BENEFIT = "unemployment_benefit"


@dataclass(frozen=True, slots=True)
class Work:
    """What all stages share: the records, what was drawn, where the scattered months lie."""

    source: Records
    benefits: Benefits
    folder: Path
    as_of: date
    policy: law.Policy
    complete: Mapping[str, int] = field(default_factory=dict)

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return shards.number(len(self.source.persons))

    @property
    def pieces(self) -> int:
        """In how many files the months stand."""
        return shards.pieces(len(self.source.persons))

    def register(self, book: Ledger, together: PersonClusters, claims: JudgedTerms) -> Register:
        """The register of everybody."""
        s = self.source
        return Register(
            as_of=self.as_of,
            persons=s.persons,
            ledger=book,
            claims=claims,
            benefits=self.benefits.months,
            employers=s.employers,
            aliases=s.aliases,
            key_changes=s.key_changes,
            identity_changes=s.identity_changes,
            deaths=s.deaths,
            clusters=together,
            orphans=_orphans(s),
            complete=self.complete,
        )


def paid_months(work: Work) -> "pd.Series[int]":
    """How many months count for each person."""
    return pd.concat([_paid_months(work, spans) for _, spans in _parts(work, range(work.pieces))])


def _paid_months(work: Work, spans: PaidSpans) -> "pd.Series[int]":
    book = _book(work, spans)
    placed = book.months[book.months["placed"]].groupby("person_no", observed=False).size()
    unplaced = book.partial.groupby("person_no", observed=False)["count"].sum()
    return (placed + unplaced).set_axis(book.persons).astype("int64")


def persons(work: Work) -> tuple[PersonClusters, CleanupFindings]:
    """The clusters of persons, and the findings that look across persons."""
    register = _across(work)
    registered = work.source.persons
    scored = clusters.pairs(registered, work.source.identity_changes)
    members = pd.Series(pd.unique(scored[["a", "b"]].to_numpy().ravel()), dtype=object)
    paid = _employed(work, members)
    apart = pd.concat([clusters.apart(scored, paid), work.source.rejected], ignore_index=True)
    doubtful = double_change.rule(register)["record_key"]
    together = clusters.clusters(scored, registered, doubtful, apart)
    together = together.assign(evidence=_evidence(work, together, paid))
    return together, cleanup.findings(replace(register, clusters=together), "persons")


def check(work: Work, together: PersonClusters, shard: int) -> tuple[CleanupFindings, EntitlementChecks]:
    """The findings and the entitlement checks of the persons of a shard, part by part."""
    pieces = range(shard, work.pieces, work.shards)
    made = [_checked(work, together, *part) for part in _parts(work, pieces)]
    findings, checks = (pd.concat(frames, ignore_index=True) for frames in zip(*made, strict=True))
    return findings, checks


def _parts(work: Work, pieces: Iterable[int]) -> Iterator[tuple["pd.Series[str]", PaidSpans]]:
    """The registered persons of the pieces and their spans, no more at a time than are held."""
    registered = work.source.persons["person_no"]
    own = shards.piece_of(registered, work.pieces)
    for piece in pieces:
        yield from shards.parts(work.folder, piece, registered[own == piece])


def _checked(
    work: Work, together: PersonClusters, numbers: "pd.Series[str]", spans: PaidSpans
) -> tuple[CleanupFindings, EntitlementChecks]:
    s = work.source
    own = pd.Index(numbers)
    book = _book(work, spans)
    claims = _windows(work, s.claims[s.claims["person_no"].isin(own)], work.benefits)
    drawn = Benefits(*(f[f["person_no"].isin(own)] for f in (work.benefits.months, work.benefits.grants)))
    checks = checked(claims, book, drawn, work.policy)
    merged = _merged(work, together, checks)
    checks = checks.assign(expected_if=expected_if(checks, merged))
    judged = claims.merge(checks.drop(columns=["person_no", "carried_over"]), on="claim_id", validate="1:1")
    judged = judged.merge(
        checks[["claim_id", "carried_over"]].rename(columns={"carried_over": "left"}), on="claim_id"
    )
    register = replace(
        work.register(book, together, judged),
        persons=s.persons[s.persons["person_no"].isin(own)].reset_index(drop=True),
        key_changes=s.key_changes[s.key_changes["person_no"].isin(own)],
        deaths=s.deaths[s.deaths["person_no"].isin(own)],
        benefits=drawn.months,
    )
    return cleanup.findings(register, "people"), checks


def _evidence(work: Work, together: PersonClusters, paid: EmployedMonths) -> "pd.Series[str]":
    """What stands behind each cluster: the record a merge leaves, the months that several members paid."""
    merges = together[together["outcome"] == "merge"]
    columns = golden.golden(merges, work.source.persons, work.source.identity_changes)
    members = together.assign(person_no=together["members"].str.split("+")).explode("person_no")
    own = members[["cluster_id", "person_no"]].merge(paid, on="person_no")
    own = own.drop_duplicates(["cluster_id", "person_no", "month"])
    several = own[own.duplicated(["cluster_id", "month"], keep=False)]
    overlap = spans_text(several.assign(person_no=several["cluster_id"]))
    return golden.evidence(together, columns, overlap)


def employers(work: Work) -> CleanupFindings:
    """The findings about employers."""
    return cleanup.findings(_across(work), "employers")


def _across(work: Work) -> Register:
    """The register of everybody as checks across people read it: no months, no clusters, no terms."""
    nothing = {name: schemas()[name].empty() for name in ("person_clusters", "judged_terms")}
    book = _book(work, shards.read(work.folder, 0).iloc[:0])
    return work.register(book, nothing["person_clusters"], nothing["judged_terms"])


def _book(work: Work, spans: PaidSpans) -> Ledger:
    return ledger(spans, months.of(work.as_of))


def _windows(work: Work, claims: AgencyClaims, benefits: Benefits) -> ClaimWindows:
    paid = work.source.payments
    counted = paid[paid["state"].isin(SCHEDULED) & (paid["benefit_kind"] == BENEFIT)]
    lumps = benefits.grants.loc[benefits.grants["at_once"], "claim_id"]
    benefited = pd.concat([counted["claim_id"], benefits.months["claim_id"], lumps])
    separated = separated_month(claims["separated_on"], claims["start_month"]).astype("int64")
    prepared = claims.assign(separated_month=separated, benefited=claims["claim_id"].isin(benefited))
    return windows(prepared, benefits)


def _merged(work: Work, together: PersonClusters, checks: EntitlementChecks) -> dict[str, EntitlementChecks]:
    """For each open merge with a claim in this piece, the checks as if its members were one person."""
    merges = together[together["outcome"] == "merge"]
    owners = set(checks["person_no"])
    owned = [bool(owners & set(members.split("+"))) for members in merges["members"]]
    concerned = merges[np.array(owned, bool)]
    open_merges = zip(concerned["members"], concerned["keep_person_no"], strict=True)
    return {members: _as_one(work, members.split("+"), keep) for members, keep in open_merges}


def _as_one(work: Work, members: list[str], keep: str) -> EntitlementChecks:
    numbers = pd.Series(members, dtype=object)
    spans = _spans(work, numbers).assign(person_no=keep)
    months_drawn, grants = (
        f[f["person_no"].isin(members)].assign(person_no=keep)
        for f in (work.benefits.months, work.benefits.grants)
    )
    benefits = Benefits(months_drawn, grants)
    claims = work.source.claims[work.source.claims["person_no"].isin(members)].assign(person_no=keep)
    return checked(_windows(work, claims, benefits), _book(work, spans), benefits, work.policy)


def _spans(work: Work, numbers: "pd.Series[str]") -> PaidSpans:
    by_piece = numbers.groupby(shards.piece_of(numbers, work.pieces))
    read = [shards.read(work.folder, int(piece), some) for piece, some in by_piece]
    # Each piece has categories of its own.
    texts = [rows.astype(dict.fromkeys(TEXTS, object)) for rows in read]
    return pd.concat(texts, ignore_index=True) if texts else shards.read(work.folder, 0).iloc[:0]


def _employed(work: Work, numbers: "pd.Series[str]") -> EmployedMonths:
    """person_no, employer, month of the paid months of some persons; an employer is its code where it has
    one.
    """
    rows = _book(work, _spans(work, numbers)).rows
    paid = rows.loc[rows["counting"], PAYER].astype({"person_no": object, "employer_id": object})
    code = work.source.aliases.drop_duplicates("employer_id").set_index("employer_id")["uscc"]
    employer = paid["employer_id"].map(code).fillna(paid["employer_id"])
    return paid.assign(employer=employer)[["person_no", "employer", "month"]].drop_duplicates()


def _orphans(s: Records) -> Orphans:
    nobody = s.claims[~s.claims["person_no"].isin(s.persons["person_no"])]
    frames = [nobody.assign(relation="claim", record_key=nobody["claim_id"], column_name="person_id")]
    for relation, key, rows in (
        ("payment", "payment_id", s.payments),
        ("recovery", "recovery_id", s.recoveries),
    ):
        alone = rows[~rows["claim_id"].isin(s.claims["claim_id"])]
        frames.append(
            alone.assign(relation=relation, record_key=alone[key], column_name="claim_id", district="")
        )
    columns = ["relation", "record_key", "column_name", "district"]
    return pd.concat([frame[columns].astype(object) for frame in frames])


def counted(work: Work, paid: "pd.Series[int]") -> Work:
    """The work with the number of paid months of each person."""
    persons_paid = work.source.persons.assign(paid_months=paid)
    return replace(work, source=replace(work.source, persons=persons_paid))
