"""清理运行 — from the landed history to one transaction of findings, clusters, checks and proposals.

Every stage leaves its frame in the store under the digest of its inputs, so that a run that died anywhere is
taken up by the next, which ends with the same rows. Without ``apply`` the database is only read.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd

import sql
from matchers import law, months
from matchers.schemas import CleanupFindings, EntitlementChecks, PersonClusters
from pipelines.base import crash
from pipelines.base.frames import read_frame
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import assemble, benefits, shards, stages
from pipelines.cleanup.sources import Sources, gathered
from pipelines.database import lock

Progress = Callable[[str], None]
NOBODY = "crossmatch"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run found; ``written`` where it was applied."""

    run_id: str
    counts: dict[str, int]
    written: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """What every stage of one run starts from: the work, its frames' folder, and the digest of its inputs."""

    work: stages.Work
    folder: Path
    digest: str


def run(
    settings: Settings,
    as_of: date,
    *,
    apply: bool,
    by: str = "crossmatch",
    progress: Progress = lambda _: None,
) -> Outcome:
    """The outcome of a clean-up on the day ``as_of``; ``progress`` hears of each stage when it is done."""
    with prepared(settings, as_of) as stage:
        progress("已读入历史批次")
        result = _result(stage, progress)
    if apply:
        with lock.opened(settings.database_url) as held:
            assemble.written(held, result, by)
        progress("已写入")
    return Outcome(result.run_id, result.counts(), apply)


@contextmanager
def prepared(settings: Settings, as_of: date) -> Iterator[Stage]:
    """The start of every stage: sources read, months scattered, paid months counted."""
    engine = sql.connect(settings.database_url)
    try:
        source = gathered(settings, engine, as_of)
    finally:
        engine.dispose()
    digest = _digest(settings, source, as_of)
    folder = Store(settings.store).root / "cleanup" / digest
    folder.mkdir(parents=True, exist_ok=True)
    with Store(settings.store).scratch() as scratch:
        if not (folder / "months").is_dir():
            (scratch / "months").mkdir()
            shards.scatter(source, Store(settings.store), scratch / "months")
            Store.publish(scratch / "months", folder / "months")
        crash.point("cleanup:scattered")
    policy = law.policy(settings.policy)
    work = stages.Work(source, benefits.drawn(source, months.of(as_of)), folder / "months", as_of, policy)
    paid = _kept(folder, "paid", lambda: (_paid(work),))[0].set_index("person_no")["months"]
    counted = source.persons["person_no"].map(paid).fillna(0).astype("int64")
    yield Stage(stages.counted(work, counted), folder, digest)


def persons(stage: Stage) -> tuple[PersonClusters, CleanupFindings]:
    """The clusters, and the findings across persons."""
    clusters, findings = _kept(stage.folder, "persons", lambda: stages.persons(stage.work))
    return clusters, findings


def check(stage: Stage, shard: int) -> tuple[CleanupFindings, EntitlementChecks]:
    """The findings and the entitlement checks of one shard."""
    judged = partial(stages.check, stage.work, persons(stage)[0], shard)
    findings, checks = _kept(stage.folder, f"check-{shard:02d}", judged)
    return findings, checks


def employers(stage: Stage) -> CleanupFindings:
    """The findings about employers."""
    return _kept(stage.folder, "employers", lambda: (stages.employers(stage.work),))[0]


def _result(stage: Stage, progress: Progress) -> assemble.Result:
    clusters, across = persons(stage)
    progress("已完成一人多号")
    findings, checks, chunks = [across], [], [("persons", 0, len(across))]
    for shard in range(stage.work.shards):
        of_shard, checked = check(stage, shard)
        findings.append(of_shard)
        checks.append(checked)
        chunks.append(("check", shard, len(of_shard)))
        progress(f"已检查分片 {shard + 1}/{stage.work.shards}")
    findings.append(employers(stage))
    chunks.append(("employers", 0, len(findings[-1])))
    work = stage.work
    return assemble.Result(
        stage.digest[:12].upper(), stage.digest, work.as_of, work.policy, work.source, clusters,
        pd.concat(findings, ignore_index=True), pd.concat(checks, ignore_index=True), tuple(chunks),
    )  # fmt: skip


def _paid(work: stages.Work) -> pd.DataFrame:
    counted = pd.concat([stages.paid_months(work, shard) for shard in range(work.shards)])
    return pd.DataFrame({"person_no": counted.index.astype(object), "months": counted.to_numpy()})


def _kept(folder: Path, name: str, made: Callable[[], tuple[pd.DataFrame, ...]]) -> tuple[pd.DataFrame, ...]:
    """The frames of a stage, made where an earlier run has not left them whole."""
    done = folder / f"{name}.json"
    if not done.exists():
        frames = made()
        for n, frame in enumerate(frames):
            with Store.replacing(folder / f"{name}-{n}.parquet") as unfinished:
                frame.to_parquet(unfinished, index=False)
        with Store.replacing(done) as unfinished:
            unfinished.write_text(json.dumps(len(frames)))
        crash.point(f"cleanup:{name.partition('-')[0]}")
    return tuple(read_frame(folder / f"{name}-{n}.parquet") for n in range(json.loads(done.read_text())))


def _digest(settings: Settings, source: Sources, as_of: date) -> str:
    """The digest of everything a run reads: batches, feeds, the agency's relations, policy and day."""
    hashed = hashlib.sha256(f"{as_of} {law.policy(settings.policy).stamp}".encode())
    for one in source.batches:
        hashed.update(f"{one.batch}/{one.dataset}/{one.delivery.sha256}".encode())
    for day, paths in source.feed:
        hashed.update(f"{day}{[path.parent.parent.name for path in paths]}".encode())
    merged = (sorted(source.superseded.items()), source.rejected.to_numpy().tolist())
    hashed.update(repr(merged).encode())
    for frame in (
        source.claims,
        source.payments,
        source.recoveries,
        source.persons,
        source.identity_changes,
        source.deaths,
    ):
        hashed.update(pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes())
    return hashed.hexdigest()
