"""清理运行 — from the landed history to one transaction of findings, clusters, checks and proposals.

Sources are gathered once; every stage leaves its frames in the run's folder, named by the digest of what was
gathered, so that a run that died anywhere is taken up by the next, which ends with the same rows. Without
``apply`` the database is only read.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

import sql
from matchers import law, months
from matchers.schemas import CleanupFindings, EntitlementChecks, PersonClusters
from pipelines.base import crash
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import assemble, batches, benefits, shards, stages
from pipelines.cleanup.folder import Folder, Plan
from pipelines.cleanup.sources import Sources, gathered
from pipelines.cleanup.status import removed
from pipelines.database import lock
from pipelines.runs import code_version

LOG = logging.getLogger(__name__)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to; ``written`` where it was applied, ``removed`` what it could not read any more."""

    run_id: str
    counts: dict[str, int]
    written: bool
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun: its folder, what it has before it, and the work that all stages share."""

    folder: Folder
    plan: Plan
    work: stages.Work


def run(
    settings: Settings,
    as_of: date,
    *,
    apply: bool,
    by: str = "crossmatch",
    reason: str = "",
    progress: Progress = lambda _: None,
) -> Outcome:
    """The outcome of a clean-up on the day ``as_of``; ``progress`` hears of each stage when it is done."""
    digest = begun(settings, as_of)
    progress("已读入历史批次")
    return ended(settings, taken_up(settings, digest), apply=apply, by=by, reason=reason, progress=progress)


def begun(settings: Settings, as_of: date) -> str:
    """The digest of all that a run on the day reads, gathered and scattered in the run's folder by now."""
    engine = sql.connect(settings.database_url)
    try:
        source = gathered(settings, engine, as_of)
    finally:
        engine.dispose()
    folder = Folder(Store(settings.store), _digest(settings, source, as_of))
    if folder.plan() is None:
        persons = len(source.records.persons)
        folder.keep_records(source.records)
        _scatter(source, folder)
        named = tuple(f"{one.batch}/{one.dataset}" for one in source.batches)
        policy, number = law.policy(settings.policy).version, shards.number(persons)
        folder.begin(Plan(as_of.isoformat(), policy, named, persons, number, source.removed))
        crash.point("cleanup:begun")
    return folder.digest


def taken_up(settings: Settings, digest: str) -> Run:
    """The run that has begun under a digest; ``UsageError`` where its folder is gone."""
    folder = Folder(Store(settings.store), digest)
    plan = folder.plan()
    if plan is None:
        raise UsageError(f"清理运行 {folder.run_id} 的中间数据已不在；请从头重跑")
    as_of = date.fromisoformat(plan.as_of)
    records, policy = folder.records(), law.policy(settings.policy)
    drawn = benefits.drawn(records, months.of(as_of))
    complete = settings.complete_months
    work = stages.Work(records, drawn, folder.path / "months", as_of, policy, complete)
    paid = folder.kept("paid", lambda: (_paid(work),))[0].set_index("person_no")["months"]
    counted = records.persons["person_no"].map(paid).fillna(0).astype("int64")
    return Run(folder, plan, stages.counted(work, counted))


def persons(run: Run) -> tuple[PersonClusters, CleanupFindings]:
    """The clusters, and the findings across persons."""
    clusters, findings = run.folder.kept("persons", lambda: stages.persons(run.work))
    return clusters, findings


def check(run: Run, shard: int) -> tuple[CleanupFindings, EntitlementChecks]:
    """The findings and the entitlement checks of one shard."""
    judged = partial(stages.check, run.work, persons(run)[0], shard)
    findings, checks = run.folder.kept(f"check-{shard:02d}", judged)
    return findings, checks


def employers(run: Run) -> CleanupFindings:
    """The findings about employers."""
    return run.folder.kept("employers", lambda: (stages.employers(run.work),))[0]


def ended(
    settings: Settings,
    run: Run,
    *,
    apply: bool,
    by: str,
    reason: str,
    progress: Progress = lambda _: None,
) -> Outcome:
    """The outcome of a run: the stages that are missing made, all of it written at once where applied."""
    result = made(run, progress)
    for gap in run.plan.removed:
        LOG.warning("未读入：%s", removed(gap))
    if apply:
        with lock.opened(settings.database_url) as held:
            landed = batches.landed(settings, held.engine, run.work.as_of)
            read = [one for one in landed if f"{one.batch}/{one.dataset}" in run.plan.batches]
            assemble.written(held, result, read, by, reason)
        progress("已写入")
    return Outcome(result.run_id, result.counts(), apply, run.plan.removed)


def made(run: Run, progress: Progress = lambda _: None) -> assemble.Result:
    """Everything that a run has to write; ``progress`` hears of each stage when it is done."""
    clusters, across = persons(run)
    progress("已完成一人多号")
    findings, checks, chunks = [across], [], [("persons", 0, len(across))]
    for shard in range(run.plan.shards):
        of_shard, checked = check(run, shard)
        findings.append(of_shard)
        checks.append(checked)
        chunks.append(("check", shard, len(of_shard)))
        progress(f"已检查分片 {shard + 1}/{run.plan.shards}")
    findings.append(employers(run))
    chunks.append(("employers", 0, len(findings[-1])))
    return assemble.Result(
        run_id=run.folder.run_id,
        input_digest=run.folder.digest,
        as_of=run.work.as_of,
        policy=run.work.policy,
        records=run.work.source,
        clusters=clusters,
        findings=pd.concat(findings, ignore_index=True),
        checks=pd.concat(checks, ignore_index=True),
        chunks=tuple(chunks),
    )


def _scatter(source: Sources, folder: Folder) -> None:
    if not (folder.path / "months").is_dir():
        with folder.store.scratch() as scratch:
            (scratch / "months").mkdir()
            shards.scatter(source, folder.store, scratch / "months")
            Store.publish(scratch / "months", folder.path / "months")
    crash.point("cleanup:scattered")


def _paid(work: stages.Work) -> pd.DataFrame:
    counted = stages.paid_months(work)
    return pd.DataFrame({"person_no": counted.index.astype(object), "months": counted.to_numpy()})


def _digest(settings: Settings, source: Sources, as_of: date) -> str:
    """The digest of all that a run goes by: batches, feeds, the agency's relations, policy, code and day."""
    given = (
        as_of,
        law.policy(settings.policy).stamp,
        code_version(),
        sorted(settings.complete_months.items()),
    )
    hashed = hashlib.sha256(repr(given).encode())
    for one in source.batches:
        hashed.update(f"{one.batch}/{one.dataset}/{one.delivery.sha256}".encode())
    for day, paths in source.feed:
        hashed.update(f"{day}{[path.parent.parent.name for path in paths]}".encode())
    hashed.update(repr(source.removed).encode())
    records = source.records
    merged = (sorted(source.superseded.items()), records.rejected.to_numpy().tolist())
    hashed.update(repr(merged).encode())
    for frame in (
        records.claims,
        records.payments,
        records.recoveries,
        records.persons,
        records.identity_changes,
        records.deaths,
    ):
        hashed.update(pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes())
    return hashed.hexdigest()
