"""写回 — the judgement of a night becomes the state of our tables, in one transaction.

The state is a function of the nights that were run, not of their order: figures come from the latest night
that saw a candidate, its first night only moves back, and exclusions, questions and notices are those of the
latest night. A night may open, update or withdraw what is open; what a person has taken up keeps its status.
"""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import ColumnElement, Connection, delete, select, true, update

from matchers import lifecycle, months, notices
from matchers.causes import causes
from matchers.early import NOTHING_PAID_AFTER
from matchers.judge import Judgement
from matchers.lifecycle import FALLEN, RequestStatus, Status, Step
from matchers.schemas import AskedQuestions, Excluded, ProbableLinks, StandingCandidates, shown
from pipelines.database import tally
from pipelines.database.sync import Changes, sync, sync_all
from pipelines.runs import LINKAGE, Later
from sql import tables as t

MONTHS = ("event_month", "stop_month", "first_conflict_month", "last_conflict_month", "benefit_month")
AT_ONCE = 5000
LINKED_BY = {"repaired": LINKAGE, "probable": LINKAGE, "alias": "identity_changes"}


@shown("asked_questions", "probable_links")
@dataclass(frozen=True, slots=True)
class Who:
    """Who is who on a night: ``questions`` and ``links`` that the model proposes, as our tables hold them.

    ``excluded``: matched rows that are no evidence, in pieces, where there are too many for the judgement.
    """

    questions: AskedQuestions
    links: ProbableLinks
    excluded: Iterable[Excluded] | None = None


def write(
    connection: Connection, judgement: Judgement, who: Who, as_of: date, out: frozenset[str], later: Later
) -> dict[str, int]:
    """How many candidates were opened, changed and withdrawn; our tables then say what the night says.

    A candidate that rests on what is ``out``, a feed or ``LINKAGE``, is left as it was.
    """
    standing = standing_candidates(connection)
    earlier = standing[standing["last_seen_as_of"] <= as_of]
    frozen = {c for c, feeds in rests_on(connection, earlier).items() if feeds & out}
    judged = judgement.candidates[~judgement.candidates["candidate_id"].isin(frozen)]
    seen_later = judged["candidate_id"].isin(
        standing.loc[standing["last_seen_as_of"] > as_of, "candidate_id"]
    )
    current = judged[~seen_later]
    changes = put(connection, judgement, set(current["candidate_id"]), as_of, later, standing)
    _move_first_seen(connection, judged[seen_later], as_of)
    withdrawn = _withdraw(connection, standing, set(judgement.candidates["candidate_id"]) | frozen, as_of)
    if later.out:
        _ask_earlier(connection, judgement.requests)
    else:
        latest(connection, judgement, who)
    survivors(connection)
    tally.write(connection)
    return {"opened": changes.inserted, "changed": changes.updated, Status.WITHDRAWN: withdrawn}


def put(
    connection: Connection,
    judgement: Judgement,
    numbers: Set[str],
    as_of: date,
    later: Later,
    standing: StandingCandidates | None = None,
) -> Changes:
    """What had to change for these candidates, with all that hangs on them, to be as the night judged."""
    before = standing_candidates(connection) if standing is None else standing
    current = judgement.candidates[judgement.candidates["candidate_id"].isin(numbers)]
    candidates = _with_status(connection, current, judgement.evidence, before, as_of, later)
    changes = sync(connection, t.suspension_candidate, _texts(candidates), key=["candidate_id"])
    for start in range(0, len(current), AT_ONCE):
        _detail(connection, judgement, sorted(numbers)[start : start + AT_ONCE])
    return changes


def standing_candidates(connection: Connection) -> StandingCandidates:
    """Every candidate: candidate_id, cause, status, link_tier, first_seen_as_of, last_seen_as_of."""
    c = t.suspension_candidate.c
    rows = connection.execute(
        select(c.candidate_id, c.cause, c.status, c.link_tier, c.first_seen_as_of, c.last_seen_as_of)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys()))


def rests_on(connection: Connection, standing: StandingCandidates) -> dict[str, frozenset[str]]:
    """What each standing candidate rests on: the feeds of its evidence, and ``besides``."""
    c = t.evidence.c
    feeds: dict[str, set[str]] = {
        number: besides(cause, link)
        for number, cause, link in zip(
            standing["candidate_id"], standing["cause"], standing["link_tier"], strict=True
        )
    }
    for number, feed in connection.execute(select(c.candidate_id, c.feed).distinct()):
        if number in feeds:
            feeds[number].add(feed)
    return {number: frozenset(names) for number, names in feeds.items()}


def besides(cause: str, link_tier: str) -> set[str]:
    """What a candidate rests on besides its evidence: feeds that its cause needs, and what made its link."""
    return {*causes()[cause].needs, *filter(None, [LINKED_BY.get(link_tier)])}


def _with_status(
    connection: Connection,
    current: pd.DataFrame,
    evidence: pd.DataFrame,
    standing: pd.DataFrame,
    as_of: date,
    later: Later,
) -> pd.DataFrame:
    before = standing.set_index("candidate_id")
    support = evidence[evidence["weight"] == "supports"]
    facts = _sets(support["candidate_id"], support["fact_key"])
    feeds = _sets(evidence["candidate_id"], evidence["feed"])
    dismissed, judged = dismissed_facts(connection), facts_judged_before(connection, as_of)
    status, changed = [], []
    heads = zip(current["candidate_id"], current["cause"], current["link_tier"], strict=True)
    for number, cause, link in heads:
        was = before["status"].get(number)
        then = lifecycle.next_status(was, facts[number], dismissed.get(number, frozenset()))
        if then == Status.OPEN and later.withdrew(feeds[number] | besides(cause, link)):
            then = Status.WITHDRAWN
        status.append(then)
        changed.append(lifecycle.changed(facts[number], judged.get(number)))
    first = current["candidate_id"].map(before["first_seen_as_of"]).fillna(as_of)
    return current.assign(
        status=status,
        changed=changed,
        first_seen_as_of=[min(day, as_of) for day in first],
        last_seen_as_of=as_of,
    )


def dismissed_facts(connection: Connection) -> dict[str, frozenset[str]]:
    """By candidate, the facts that two people dismissed."""
    r = t.review.c
    return _facts(connection, r.decision == Step.DISMISSED, r.second_by.is_not(None))


def facts_judged_before(connection: Connection, as_of: date) -> dict[str, frozenset[str]]:
    """By candidate, the facts that people judged as nights before this one saw them.

    What they judged as this very night saw it says nothing of what has changed by it, so a night that is
    written again, or restored, says the same.
    """
    seen = t.judged_fact.c.seen_as_of
    return _facts(connection, seen.is_(None) | (seen < as_of))


def _facts(connection: Connection, *where: ColumnElement[bool]) -> dict[str, frozenset[str]]:
    f = t.judged_fact.c
    joined = t.judged_fact.join(t.review, f.review_id == t.review.c.review_id)
    rows = connection.execute(select(f.candidate_id, f.fact_key).select_from(joined).where(*where)).all()
    return _sets((number for number, _ in rows), (fact for _, fact in rows))


def _sets(numbers: Iterable[str], texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The texts that stand beside each number."""
    beside: dict[str, set[str]] = defaultdict(set)
    for number, text in zip(numbers, texts, strict=True):
        beside[number].add(text)
    return {number: frozenset(own) for number, own in beside.items()}


def _move_first_seen(connection: Connection, candidates: pd.DataFrame, as_of: date) -> None:
    """Candidates that a later night saw have been there since this one."""
    c = t.suspension_candidate.c
    for number in candidates["candidate_id"]:
        moved = update(t.suspension_candidate).where(c.candidate_id == number, c.first_seen_as_of > as_of)
        connection.execute(moved.values(first_seen_as_of=as_of))


def _detail(connection: Connection, judgement: Judgement, numbers: list[str]) -> None:
    for table, frame, key in (
        (t.evidence, judgement.evidence, ["candidate_id", "feed", "delivery_id", "file", "line", "fact_key"]),
        (t.overpayment, judgement.overpayments, ["candidate_id", "payment_id"]),
        (t.preventable, judgement.preventable, ["candidate_id", "payment_id"]),
    ):
        mine = _texts(frame[frame["candidate_id"].isin(numbers)])
        sync(connection, table, mine, key=key, scope=table.c.candidate_id.in_(numbers))


def _withdraw(connection: Connection, standing: pd.DataFrame, kept: set[str], as_of: date) -> int:
    gone = standing[
        (standing["status"] == Status.OPEN)
        & (standing["last_seen_as_of"] <= as_of)
        & ~standing["candidate_id"].isin(kept)
    ]
    c = t.suspension_candidate.c
    for number in gone["candidate_id"]:
        withdrawn = update(t.suspension_candidate).where(c.candidate_id == number)
        connection.execute(withdrawn.values(status=Status.WITHDRAWN))
    return len(gone)


def latest(connection: Connection, judgement: Judgement, who: Who) -> None:
    """What only the latest night says: exclusions, questions, requests and underpayments."""
    excluded = [judgement.excluded] if who.excluded is None else who.excluded
    row = ["claim_id", "cause", "feed", "delivery_id", "file", "line"]
    sync_all(connection, t.excluded_match, excluded, key=row, scope=true())
    sync(connection, t.identity_question, who.questions, key=["question_id"], scope=true())
    sync(connection, t.probable_link, who.links, key=["feed", "delivery_id", "file", "line"], scope=true())
    standing = t.material_request.c.status == RequestStatus.OPEN
    first_asked = ("due_on", "status")
    sync(
        connection, t.material_request, judgement.requests,
        key=["claim_id", "reason"], untouched=first_asked, scope=standing,
    )  # fmt: skip
    owed = judgement.notices[judgement.notices["kind"] == notices.UNDERPAYMENT]
    kind = t.entitlement_notice.c.kind == notices.UNDERPAYMENT
    sync(connection, t.entitlement_notice, owed, key=["claim_id", "kind"], scope=kind)


def forget_latest(connection: Connection) -> None:
    """Takes away what only the latest night says, where there is no night any more."""
    for table in (t.excluded_match, t.identity_question, t.probable_link):
        connection.execute(delete(table))
    asked = t.material_request.c.status == RequestStatus.OPEN
    connection.execute(delete(t.material_request).where(asked))
    owed = t.entitlement_notice.c.kind == notices.UNDERPAYMENT
    connection.execute(delete(t.entitlement_notice).where(owed))


def supporting(connection: Connection, candidate_id: str) -> frozenset[str]:
    """The keys of the facts that support the candidate."""
    c = t.evidence.c
    wanted = select(c.fact_key).where(c.candidate_id == candidate_id, c.weight == "supports")
    return frozenset(connection.execute(wanted).scalars())


def _ask_earlier(connection: Connection, requests: pd.DataFrame) -> None:
    """A request that stands was first made on the earliest night that made it."""
    c = t.material_request.c
    for claim_id, reason, due_on in requests[["claim_id", "reason", "due_on"]].itertuples(index=False):
        asked = update(t.material_request).where(
            c.claim_id == claim_id, c.reason == reason, c.due_on > due_on
        )
        connection.execute(asked.values(due_on=due_on))


def survivors(connection: Connection) -> None:
    """A survivors' notice for each claim whose death candidate stands, or of which only nothing was paid."""
    c, x = t.suspension_candidate.c, t.excluded_match.c
    unpaid = select(x.claim_id).where(x.cause.in_(notices.of_the_dead()), x.reason == NOTHING_PAID_AFTER)
    standing = select(c.claim_id).where(c.cause.in_(notices.of_the_dead()), c.status.not_in(FALLEN))
    dead = pd.DataFrame(connection.execute(standing.union(unpaid)).all(), columns=["claim_id"])
    kind = t.entitlement_notice.c.kind == notices.SURVIVORS
    sync(connection, t.entitlement_notice, notices.survivors(dead), key=["claim_id", "kind"], scope=kind)


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Months as they stand in our tables."""
    texts = {c: frame[c].map(months.text).replace("", None) for c in MONTHS if c in frame}
    return frame.assign(**texts)
