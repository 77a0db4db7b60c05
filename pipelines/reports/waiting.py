"""待办 — what waits for whom: one line for each kind of work and district, counted; no person is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from expectations.feed import feeds
from matchers.lifecycle import ACTIVE, TWO_PEOPLE, UNANSWERED, Status, Step
from pipelines.base import clock
from pipelines.decisions.release import signed
from pipelines.judging.gate import PEOPLE
from pipelines.reports import outcome, words
from sql import tables as t

OPERATOR, STEWARD = "系统管理员", "数据管理"
CITY, HANDLER, CHECKER = "市级督办", "区县经办", "区县复核"


@dataclass(frozen=True, slots=True)
class Waiting:
    """``count`` things of one kind that wait for ``whom``, the oldest ``since`` then; ``district``: a code or
    empty; ``subject``: what to name when acting on it, or empty.
    """

    whom: str
    what: str
    count: int
    since: date | None
    district: str = ""
    subject: str = ""


def read(connection: Connection) -> list[Waiting]:
    """All that waits: nights, deliveries, messages, questions of identity, then by district candidates."""
    parts = (_nights, _deliveries, _messages, _questions, _candidates, _second_signatures)
    return [waiting for part in parts for waiting in part(connection)]


def _nights(connection: Connection) -> Iterator[Waiting]:
    """Nights whose newest run neither succeeded nor had a successor that did."""
    r = t.match_run.c
    rows = connection.execute(select(r.run_id, r.as_of, r.status).order_by(r.started_at, r.run_id)).all()
    newest = {row.as_of: row for row in rows}
    done = max((row.as_of for row in newest.values() if row.status == "succeeded"), default=date.min)
    for as_of, row in sorted(newest.items()):
        if row.status == "held":
            names = len(signed(connection, row.run_id))
            signatures = f"待放行（已签 {names}/{PEOPLE}）" if names < PEOPLE else "已放行，待重跑"
            whom = STEWARD if names < PEOPLE else OPERATOR
            yield Waiting(whom, f"夜间比对暂扣，{signatures}", 1, as_of, subject=row.run_id)
        elif row.status != "succeeded" and as_of > done:
            word = outcome.ENDED.get(row.status, outcome.UNENDED)
            yield Waiting(OPERATOR, f"{word}，待重跑", 1, as_of, subject=row.run_id)


def _deliveries(connection: Connection) -> Iterator[Waiting]:
    """The newest delivery of a feed where it is held and nobody has released it, or was refused."""
    d = t.delivery.c
    rows = connection.execute(
        select(d.delivery_id, d.feed, d.delivered_on, d.health).order_by(d.delivered_on)
    )
    newest = {row.feed: row for row in rows}
    for feed, row in sorted(newest.items()):
        if row.health == "held" and not signed(connection, row.delivery_id):
            what = f"{words.feed(feed)}批次待放行"
            yield Waiting(STEWARD, what, 1, row.delivered_on, subject=row.delivery_id)
        elif row.health == "refused":
            what = f"{words.feed(feed)}批次被拒收，待重报"
            yield Waiting(_agency(feed), what, 1, row.delivered_on, subject=row.delivery_id)


def _agency(feed: str) -> str:
    return feeds()[feed].agency if feed in feeds() else OPERATOR


def _messages(connection: Connection) -> Iterator[Waiting]:
    o = t.outbox.c
    count, since = connection.execute(
        select(func.count(), func.min(o.as_of)).where(o.sent_at.is_(None))
    ).one()
    if count:
        yield Waiting(OPERATOR, "消息待送出", count, since)


def _questions(connection: Connection) -> Iterator[Waiting]:
    """Questions of identity that nobody has decided, by the district of their claim."""
    q, c, decided = t.identity_question.c, t.claim.c, t.identity_decision.c
    joined = t.identity_question.outerjoin(t.claim, c.claim_id == q.claim_id)
    wanted = select(c.district, func.count()).select_from(joined)
    wanted = wanted.where(q.question_id.not_in(select(decided.pair_id))).group_by(c.district)
    for district, count in connection.execute(wanted.order_by(c.district)):
        yield Waiting(STEWARD, "身份存疑待判断", count, None, district or "")


def _candidates(connection: Connection) -> Iterator[Waiting]:
    """Candidates in work by district and status: open ones wait for the city, the others for the district."""
    c = t.suspension_candidate.c
    counted = select(c.district, c.status, func.count(), func.min(c.first_seen_as_of))
    wanted = counted.where(c.status.in_(ACTIVE)).group_by(c.district, c.status)
    order = {status: n for n, status in enumerate(ACTIVE)}
    rows = sorted(connection.execute(wanted), key=lambda row: (order[row.status], row.district))
    for district, status, count, since in rows:
        what = "待答复" if status in UNANSWERED else words.STATUS[status]
        if status == Status.OPEN:
            yield Waiting(CITY, words.STATUS[status], count, since, district)
        else:
            yield Waiting(HANDLER, what, count, since, district)


def _second_signatures(connection: Connection) -> Iterator[Waiting]:
    """Conclusions of one person on candidates in work that wait for the second."""
    r, c = t.review.c, t.suspension_candidate.c
    joined = t.review.join(t.suspension_candidate, c.candidate_id == r.candidate_id)
    first = func.min(r.decided_at)
    wanted = select(c.district, func.count(c.candidate_id.distinct()), first).select_from(joined)
    later = t.review.alias().c
    newest = select(func.max(later.decided_at)).where(
        later.candidate_id == r.candidate_id, later.decision != Step.DISPATCHED
    )
    unsigned = wanted.where(
        r.decision.in_(TWO_PEOPLE), r.second_by.is_(None), c.status.in_(ACTIVE),
        r.decided_at == newest.scalar_subquery(),
    )  # fmt: skip
    for district, count, since in connection.execute(unsigned.group_by(c.district).order_by(c.district)):
        yield Waiting(CHECKER, "结论待另一人复核", count, clock.in_shanghai(since).date(), district)
