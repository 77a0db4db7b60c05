"""夜间比对 — one night, top to bottom: the file to read first.

``accept`` → ``link`` → ``judge`` → ``write_back`` → ``report``: each step can be run on its own, again, and
in another process; it hands on frames in the night's folder of the store. The scheduler and the command line
call the same functions. Nothing here stops a benefit: the night only proposes.
"""

import logging
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from expectations.feed import feeds
from pipelines.base import clock
from pipelines.base.errors import DeliveryRejected, HeldByGate
from pipelines.base.settings import Settings
from pipelines.base.steps import logged, unchanged_for
from pipelines.database import lock
from pipelines.database.lock import Lock

if TYPE_CHECKING:
    from matchers.judge import Judgement

Progress = Callable[[str], None]
AT_ONCE = 5000
LOG = logging.getLogger(__name__)


def steps() -> int:
    """How many steps a night has: one for each feed, then match, judge, write back, report."""
    return len(feeds()) + 4


def run(settings: Settings, as_of: date, progress: Progress = lambda _: None) -> dict[str, Any]:
    """One whole night; the counts of every step by name. A refused feed does not end it.

    A night that is held or fails has its reports and its message too, which say so; then the error goes on.
    ``progress`` hears in Chinese of each of its ``steps`` when it begins.
    """
    clock.require_come(as_of)
    with lock.opened(settings.database_url) as held:
        try:
            done = propose(settings, as_of, progress, held)
        except Exception:
            _report_nevertheless(settings, as_of, held)
            raise
        progress("报告")
        return done | {"report": report(settings, as_of, held)}


def propose(
    settings: Settings, as_of: date, progress: Progress = lambda _: None, within: Lock | None = None
) -> dict[str, Any]:
    """A night without its reports: from the inbox to the benefit database.

    ``within``, here and in every step: the lock that the caller holds; without one the step takes its own.
    """
    clock.require_come(as_of)
    with lock.opened(settings.database_url, within) as held:
        done: dict[str, Any] = {"accept": {}}
        for name, feed in feeds().items():
            progress(f"接收 {feed.title}")
            done["accept"][name] = _accepted_or_refused(settings, name, as_of, held)
        for title, step in (("匹配", link), ("研判", judge), ("写回", write_back)):
            progress(title)
            done[step.__name__] = step(settings, as_of, held)
        return done


@logged
def accept(settings: Settings, feed: str, as_of: date, within: Lock | None = None) -> dict[str, Any]:
    """Lands the feed's new deliveries; ``DeliveryRejected`` where its newest one is refused."""
    from pipelines import deliveries

    return deliveries.accept(settings, feed, clock.require_come(as_of), within).counts()


@logged
def link(settings: Settings, as_of: date, within: Lock | None = None) -> dict[str, Any]:
    """Links every feed in use to the recipients of the night; linked rows by feed, and how many links are
    ``proposed`` and ``questions`` asked.

    All that the night's findings depend on is read first; its run is opened under the hash of that. Where it
    is what an earlier night read, that one's links are taken, and ``unchanged_for_days`` says how long ago.
    """
    from pipelines import runs
    from pipelines.linking import again, inputs, recipients

    clock.require_come(as_of)
    with lock.opened(settings.database_url, within) as held:
        night = recipients.gather(settings, held.engine, as_of)
        used = inputs.deliveries(settings, held.engine, as_of, night.frame("claims"))
        decisions = inputs.decisions(settings, held.engine, as_of)
        runs.begin(held, settings, as_of, used.values(), map(night.frame, recipients.BENEFIT), decisions)
        with runs.failing(settings, held, as_of):
            links, earlier = again.link(settings, as_of, night, used, decisions.pairs)
            runs.note(settings, as_of, links.drift, links.checks)
    counts = {**links.counts, "proposed": links.proposed, "questions": links.questions}
    return counts | unchanged_for(as_of, earlier)


@logged
def judge(settings: Settings, as_of: date, within: Lock | None = None) -> dict[str, Any]:
    """Judges every cause and counts what is owed; candidates by cause.

    A judgement on the grounds of an earlier one is taken from there, and ``unchanged_for_days`` says how
    long ago that night was.
    """
    from pipelines import runs
    from pipelines.judging import again

    clock.require_come(as_of)
    with lock.opened(settings.database_url, within) as held, runs.failing(settings, held, as_of):
        counts, earlier = again.judge(settings, as_of)
    return counts | unchanged_for(as_of, earlier)


@logged
def write_back(settings: Settings, as_of: date, within: Lock | None = None) -> dict[str, int]:
    """Brings the benefit database to what the night says, in one transaction.

    ``HeldByGate`` where the night has far more new candidates than the nights before and fewer than two
    people have released it: then nothing of it is visible.
    """
    from pipelines import runs
    from pipelines.base.store import Store
    from pipelines.database import audit
    from pipelines.judging import moved, writeback
    from pipelines.judging import step as judging

    clock.require_come(as_of)
    with lock.opened(settings.database_url, within) as held, runs.failing(settings, held, as_of):
        judgement, who = judging.kept(settings, as_of)
        opened = runs.opened(settings, as_of)
        _pass_gate(held, opened.run_id, judgement, judging.live_claims(settings, as_of), as_of)
        with held.writing() as connection:
            later = runs.later_nights(connection, as_of)
            counts = writeback.write(connection, judgement, who, as_of, opened.out, later)
            outcome = runs.outcome(judgement, opened)
            kept = outcome | {audit.HEAD: audit.decided(connection)}
            runs.finish(connection, opened.run_id, "succeeded", kept, runs.times(settings, as_of))
            moved.write(connection, Store(settings.store))
            runs.enter(connection, opened.run_id, outcome)
    return counts


@logged
def report(settings: Settings, as_of: date, within: Lock | None = None) -> dict[str, Any]:
    """Writes the night's workbooks, page and rejects; where they lie, and how many notices went out."""
    from pipelines import reports
    from pipelines.reports import notify

    files = [str(path) for path in reports.write(settings, as_of, within=within)]
    return {"files": files, "notices": notify.after_night(settings, as_of)}


def _report_nevertheless(settings: Settings, as_of: date, held: Lock) -> None:
    """The reports of a night that did not succeed; what hinders them hides no reason why it did not."""
    try:
        report(settings, as_of, held)
    except Exception as error:
        LOG.info("%s 的报告未能写全（%s）", as_of, type(error).__name__)


def _accepted_or_refused(settings: Settings, feed: str, as_of: date, held: Lock) -> dict[str, Any]:
    try:
        return accept(settings, feed, as_of, held)
    except DeliveryRejected as refused:
        return {"feed": feed, "refused": str(refused)}


def _pass_gate(held: Lock, run_id: str, judgement: "Judgement", live_claims: int, as_of: date) -> None:
    from pipelines import runs
    from pipelines.decisions import signing
    from pipelines.decisions.release import OPERATORS
    from pipelines.judging import gate
    from sql.tables import claim

    with held.writing() as connection:
        trips = gate.trips(connection, judgement.candidates, live_claims, as_of)
        if not trips or gate.released(connection, run_id) >= gate.PEOPLE:
            return
        reasons = [str(trip) for trip in trips]
        claims = list(judgement.candidates["claim_id"])
        involved = [
            signing.registered(connection, claim.c.claim_id.in_(claims[n : n + AT_ONCE]))
            for n in range(0, len(claims), AT_ONCE)
        ]
        names = sorted({name for part in involved for name in part})
        runs.finish(connection, run_id, "held", {"held": reasons, OPERATORS: names})
        runs.enter(connection, run_id, {"held": reasons})
    raise HeldByGate(
        f"{as_of} 的疑点数量异常（{'；'.join(reasons)}），整夜暂不写回；请核对数据，确认无误后由两人分别运行 "
        f"crossmatch release {run_id} --by 姓名 --reason 理由，再重跑该夜"
    )
