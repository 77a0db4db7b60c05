"""帧的栏目 — each frame that passes between modules: its columns, their kinds and meanings, in one place.

``matchers/frames.toml`` declares them; functions name them (``Claims``, ``Linked`` …) in their signatures.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import pandas as pd
from pandas.api import types

Described = TypeVar("Described", bound=type)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``kind``: a word of ``KINDS``; ``optional``: whether it may be empty in a row."""

    name: str
    kind: str
    optional: bool
    meaning: str

    def faults(self, values: "pd.Series[Any]") -> list[str]:
        """What is wrong with the values, by the column's name; no value is shown."""
        if values.empty:
            return []
        lacking = int(values.isna().sum()) if not self.optional else 0
        wrong = not KINDS[self.kind](values.dropna())
        return [f"{self.name}: {lacking} empty"] * bool(lacking) + [f"{self.name}: not {self.kind}"] * wrong


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of frame. ``rest``: whether columns of its source stand beside the named ones."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rest: bool = False

    def __str__(self) -> str:
        """Name, meaning and columns, as a docstring shows them."""
        width = max((len(c.name) for c in self.columns), default=0)
        head = f"``{self.name}``: {self.meaning}"
        lines = (f"    {c.name:{width}}  {c.kind}{'?' * c.optional}  {c.meaning}" for c in self.columns)
        return "\n".join([head, *lines])

    def empty(self) -> "AnyRows":
        """A frame of this kind without rows."""
        return pd.DataFrame(columns=[c.name for c in self.columns])

    def faults(self, frame: "AnyRows") -> list[str]:
        """What is not as declared: columns that lack or are not named, kinds, empty cells."""
        named = {c.name: c for c in self.columns}
        lacking = [f"{name}: lacks" for name in named if name not in frame]
        strange = [f"{name}: not declared" for name in frame if name not in named and not self.rest]
        present = (c for name, c in named.items() if name in frame)
        return [*lacking, *strange, *(fault for c in present for fault in c.faults(frame[c.name]))]


def _is_text(values: "pd.Series[Any]") -> bool:
    return bool(values.astype(object).map(lambda value: isinstance(value, str)).all())


def _is_whole(values: "pd.Series[Any]") -> bool:
    return (
        types.is_numeric_dtype(values) and not types.is_bool_dtype(values) and bool((values % 1 == 0).all())
    )


def _is_day(values: "pd.Series[Any]") -> bool:
    return types.is_datetime64_any_dtype(values) or bool(
        pd.to_datetime(values, errors="coerce").notna().all() and not types.is_numeric_dtype(values)
    )


KINDS: Mapping[str, Callable[["pd.Series[Any]"], bool]] = {
    "key": _is_text,
    "text": _is_text,
    "month": _is_whole,
    "fen": _is_whole,
    "whole": _is_whole,
    "day": _is_day,
    "ratio": lambda values: types.is_numeric_dtype(values) and bool((values >= 0).all()),
    "share": lambda values: bool(values.between(0, 1).all()),
    "flag": lambda values: bool(values.isin([True, False]).all()),
}


@cache
def schemas() -> dict[str, Schema]:
    """Every declared frame by name."""
    declared = tomllib.loads((files(__package__) / "frames.toml").read_text("utf-8"))
    return {name: _schema(name, **given) for name, given in declared.items()}


def _schema(
    name: str, meaning: str, columns: Mapping[str, list[str]] = MappingProxyType({}), rest: bool = False
) -> Schema:
    made = (Column(c, kind.rstrip("?"), kind.endswith("?"), words) for c, (kind, words) in columns.items())
    return Schema(name, meaning, tuple(made), rest)


def shown(*names: str) -> Callable[[Described], Described]:
    """Puts the columns of the frames that a class holds into its docstring."""

    def add(holder: Described) -> Described:
        holder.__doc__ = "\n\n".join([holder.__doc__ or "", *(str(schemas()[name]) for name in names)])
        return holder

    return add


Claims = Annotated[pd.DataFrame, "claims"]
JudgedClaims = Annotated[pd.DataFrame, "judged_claims"]
Payments = Annotated[pd.DataFrame, "payments"]
Recipients = Annotated[pd.DataFrame, "recipients"]
Identities = Annotated[pd.DataFrame, "identities"]
RecipientsByKey = Annotated[pd.DataFrame, "recipients_by_key"]
RecipientsByName = Annotated[pd.DataFrame, "recipients_by_name"]
Linked = Annotated[pd.DataFrame, "linked"]
Residue = Annotated[pd.DataFrame, "residue"]
Terms = Annotated[pd.DataFrame, "terms"]
OneEmployer = Annotated[pd.DataFrame, "one_employer"]
Questions = Annotated[pd.DataFrame, "questions"]
AskedQuestions = Annotated[pd.DataFrame, "asked_questions"]
ProbableLinks = Annotated[pd.DataFrame, "probable_links"]
Facts = Annotated[pd.DataFrame, "facts"]
Exclusions = Annotated[pd.DataFrame, "exclusions"]
Candidates = Annotated[pd.DataFrame, "candidates"]
Evidence = Annotated[pd.DataFrame, "evidence"]
Overpayments = Annotated[pd.DataFrame, "overpayments"]
Preventable = Annotated[pd.DataFrame, "preventable"]
Excluded = Annotated[pd.DataFrame, "excluded"]
Requests = Annotated[pd.DataFrame, "requests"]
Notices = Annotated[pd.DataFrame, "notices"]
ComparedRows = Annotated[pd.DataFrame, "compared_rows"]
ComparedRecipients = Annotated[pd.DataFrame, "compared_recipients"]
LinkedPairs = Annotated[pd.DataFrame, "linked_pairs"]
PossiblePairs = Annotated[pd.DataFrame, "possible_pairs"]
ReportedCandidates = Annotated[pd.DataFrame, "reported_candidates"]
ListedCandidates = Annotated[pd.DataFrame, "listed_candidates"]
ReportedLines = Annotated[pd.DataFrame, "reported_lines"]
ReportedEvidence = Annotated[pd.DataFrame, "reported_evidence"]
ReportedClaims = Annotated[pd.DataFrame, "reported_claims"]
ReportedExcluded = Annotated[pd.DataFrame, "reported_excluded"]
ReportedLinks = Annotated[pd.DataFrame, "reported_links"]
Reviews = Annotated[pd.DataFrame, "reviews"]
RulePrecision = Annotated[pd.DataFrame, "rule_precision"]
IdentityChanges = Annotated[pd.DataFrame, "identity_changes"]
FormerNames = Annotated[pd.DataFrame, "former_names"]
ScoredPairs = Annotated[pd.DataFrame, "scored_pairs"]
Joined = Annotated[pd.DataFrame, "joined"]
RegisteredPersons = Annotated[pd.DataFrame, "cleanup_persons"]
PaidSpans = Annotated[pd.DataFrame, "cleanup_spans"]
LedgerRows = Annotated[pd.DataFrame, "cleanup_rows"]
PartialSpans = Annotated[pd.DataFrame, "cleanup_partial"]
LedgerMonths = Annotated[pd.DataFrame, "cleanup_months"]
PersonMonths = Annotated[pd.DataFrame, "person_months"]
MonthSpans = Annotated[pd.DataFrame, "month_spans"]
ByMonth = Annotated[pd.DataFrame, "by_month"]
DrawnMonths = Annotated[pd.DataFrame, "cleanup_drawn"]
Grants = Annotated[pd.DataFrame, "cleanup_grants"]
BenefitHistory = Annotated[pd.DataFrame, "cleanup_benefits"]
AgencyClaims = Annotated[pd.DataFrame, "cleanup_claims"]
ClaimEnds = Annotated[pd.DataFrame, "claim_ends"]
ClaimWindows = Annotated[pd.DataFrame, "claim_windows"]
EntitlementChecks = Annotated[pd.DataFrame, "entitlement_checks"]
JudgedTerms = Annotated[pd.DataFrame, "judged_terms"]
EmployerRows = Annotated[pd.DataFrame, "cleanup_employers"]
EmployerAliases = Annotated[pd.DataFrame, "employer_aliases"]
KeyChanges = Annotated[pd.DataFrame, "key_changes"]
RecordedDeaths = Annotated[pd.DataFrame, "cleanup_deaths"]
AgencyPayments = Annotated[pd.DataFrame, "cleanup_payments"]
AgencyRecoveries = Annotated[pd.DataFrame, "cleanup_recoveries"]
Reach = Annotated[pd.DataFrame, "cleanup_reach"]
KeyedRows = Annotated[pd.DataFrame, "keyed_rows"]
NumberedRows = Annotated[pd.DataFrame, "numbered_rows"]
Orphans = Annotated[pd.DataFrame, "orphans"]
PersonPairs = Annotated[pd.DataFrame, "person_pairs"]
EmployedMonths = Annotated[pd.DataFrame, "employed_months"]
PersonClusters = Annotated[pd.DataFrame, "person_clusters"]
GoldenRecords = Annotated[pd.DataFrame, "golden_records"]
Marked = Annotated[pd.DataFrame, "marked"]
CleanupFindings = Annotated[pd.DataFrame, "cleanup_findings"]
StandingValues = Annotated[pd.DataFrame, "standing_values"]
CorrectionProposals = Annotated[pd.DataFrame, "correction_proposals"]
KeptProposals = Annotated[pd.DataFrame, "kept_proposals"]
ProposalMoves = Annotated[pd.DataFrame, "proposal_moves"]
ReadyPersons = Annotated[pd.DataFrame, "ready_persons"]
OnlineReadiness = Annotated[pd.DataFrame, "online_readiness"]
QueuedFindings = Annotated[pd.DataFrame, "queued_findings"]
CheckedTerms = Annotated[pd.DataFrame, "checked_terms"]
NumberLinked = Annotated[pd.DataFrame, "number_linked"]
RiskClaims = Annotated[pd.DataFrame, "risk_claims"]
RiskPayments = Annotated[pd.DataFrame, "risk_payments"]
RiskEvents = Annotated[pd.DataFrame, "risk_events"]
RiskOperators = Annotated[pd.DataFrame, "risk_operators"]
RiskExceptions = Annotated[pd.DataFrame, "risk_exceptions"]
RiskChecks = Annotated[pd.DataFrame, "risk_checks"]
RiskAgents = Annotated[pd.DataFrame, "risk_agents"]
RiskHours = Annotated[pd.DataFrame, "risk_hours"]
RiskForms = Annotated[pd.DataFrame, "risk_forms"]
RiskContributions = Annotated[pd.DataFrame, "risk_contributions"]
RiskLate = Annotated[pd.DataFrame, "risk_late"]
RiskDeaths = Annotated[pd.DataFrame, "risk_deaths"]
RiskHires = Annotated[pd.DataFrame, "risk_hires"]
RiskChanges = Annotated[pd.DataFrame, "risk_changes"]
RiskContacts = Annotated[pd.DataFrame, "risk_contacts"]
Chains = Annotated[pd.DataFrame, "chains"]
AnyRows = Annotated[pd.DataFrame, "any_rows"]
RowPlaces = Annotated[pd.DataFrame, "row_places"]
ClaimRows = Annotated[pd.DataFrame, "claim_rows"]
FindingRows = Annotated[pd.DataFrame, "finding_rows"]
ContributionRows = Annotated[pd.DataFrame, "contribution_rows"]
HireRows = Annotated[pd.DataFrame, "hire_rows"]
SentenceRows = Annotated[pd.DataFrame, "sentence_rows"]
CausedFacts = Annotated[pd.DataFrame, "caused_facts"]
WeighedFacts = Annotated[pd.DataFrame, "weighed_facts"]
DescribedFacts = Annotated[pd.DataFrame, "described_facts"]
CausedExclusions = Annotated[pd.DataFrame, "caused_exclusions"]
Heads = Annotated[pd.DataFrame, "heads"]
SummedCandidates = Annotated[pd.DataFrame, "summed_candidates"]
ClaimKeys = Annotated[pd.DataFrame, "claim_keys"]
ClaimCauses = Annotated[pd.DataFrame, "claim_causes"]
ClaimStarts = Annotated[pd.DataFrame, "claim_starts"]
PersonTies = Annotated[pd.DataFrame, "person_ties"]
DatedEvents = Annotated[pd.DataFrame, "dated_events"]
ConflictMonths = Annotated[pd.DataFrame, "conflict_months"]
NamedPayments = Annotated[pd.DataFrame, "named_payments"]
ClaimPayments = Annotated[pd.DataFrame, "claim_payments"]
OutgoingPayments = Annotated[pd.DataFrame, "outgoing_payments"]
Recoveries = Annotated[pd.DataFrame, "recoveries"]
StoppedPayments = Annotated[pd.DataFrame, "stopped_payments"]
CountableLines = Annotated[pd.DataFrame, "countable_lines"]
OverpaidLines = Annotated[pd.DataFrame, "overpaid_lines"]
ScheduledLines = Annotated[pd.DataFrame, "scheduled_lines"]
SumsAtRisk = Annotated[pd.DataFrame, "sums_at_risk"]
LineTotals = Annotated[pd.DataFrame, "line_totals"]
PersonNames = Annotated[pd.DataFrame, "person_names"]
BornAndSex = Annotated[pd.DataFrame, "born_and_sex"]
JoinedByKey = Annotated[pd.DataFrame, "joined_by_key"]
TieredRows = Annotated[pd.DataFrame, "tiered_rows"]
LandedRows = Annotated[pd.DataFrame, "landed_rows"]
DeliveredRows = Annotated[pd.DataFrame, "delivered_rows"]
RegisteredClaims = Annotated[pd.DataFrame, "registered_claims"]
RegisteredRecipients = Annotated[pd.DataFrame, "registered_recipients"]
StandingCandidates = Annotated[pd.DataFrame, "standing_candidates"]
CandidateStates = Annotated[pd.DataFrame, "candidate_states"]
CandidateRows = Annotated[pd.DataFrame, "candidate_rows"]
CandidateParts = Annotated[pd.DataFrame, "candidate_parts"]
ShownPeople = Annotated[pd.DataFrame, "shown_people"]
TakenDecisions = Annotated[pd.DataFrame, "taken_decisions"]
AccountRows = Annotated[pd.DataFrame, "account_rows"]
AccountPayments = Annotated[pd.DataFrame, "account_payments"]
OperatorActs = Annotated[pd.DataFrame, "operator_acts"]
PairedActs = Annotated[pd.DataFrame, "paired_acts"]
OfficeActs = Annotated[pd.DataFrame, "office_acts"]
OfficeCounts = Annotated[pd.DataFrame, "office_counts"]
OfficeShares = Annotated[pd.DataFrame, "office_shares"]
Ties = Annotated[pd.DataFrame, "ties"]
Periods = Annotated[pd.DataFrame, "periods"]
ReadForms = Annotated[pd.DataFrame, "read_forms"]
LastJobs = Annotated[pd.DataFrame, "last_jobs"]
EmployerCounts = Annotated[pd.DataFrame, "employer_counts"]
ShortJobs = Annotated[pd.DataFrame, "short_jobs"]
EvidenceRows = Annotated[pd.DataFrame, "evidence_rows"]
RiskClaimRows = Annotated[pd.DataFrame, "risk_claim_rows"]
RankedSignals = Annotated[pd.DataFrame, "ranked_signals"]
Prelisted = Annotated[pd.DataFrame, "prelisted"]
SignalFacts = Annotated[pd.DataFrame, "signal_facts"]
TiedClaims = Annotated[pd.DataFrame, "tied_claims"]
