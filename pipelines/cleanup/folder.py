"""运行的文件夹 — ``<store>/cleanup/<digest>/``: what one run has read and made so far.

Its name is the digest of all that the run reads.

::

    records/<name>.parquet   what the stages read, gathered once
    months/<piece>.parquet   the months of all persons, scattered
    plan.json                the day, the batches, how many persons and shards: with it the run has begun
    <stage>-<n>.parquet      the frames of a stage; <stage>.json beside them says that they are whole
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipelines.base import clock, crash
from pipelines.base.frames import keep_frame, read_frame
from pipelines.base.store import Store
from pipelines.cleanup.sources import Records

STAGES = ("persons", "check", "employers")
Frames = tuple[pd.DataFrame, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has before it: its day and policy, what it reads, how many persons and shards.

    ``removed``: files of feeds that it could not read, because they were removed.
    """

    as_of: str
    policy: str
    batches: tuple[str, ...]
    persons: int
    shards: int
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of the run whose inputs have this digest."""

    store: Store
    digest: str

    @property
    def path(self) -> Path:
        """Where it is; need not exist."""
        return self.store.root / "cleanup" / self.digest

    @property
    def run_id(self) -> str:
        """The run's name in every table."""
        return self.digest[:12].upper()

    def plan(self) -> Plan | None:
        """What the run has before it; None where it has not begun, or is past its time."""
        try:
            stated = json.loads((self.path / "plan.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        listed = {name: tuple(stated[name]) for name in ("batches", "removed") if name in stated}
        return Plan(**stated | listed)

    def begin(self, plan: Plan) -> None:
        """Say that everything the stages read is there."""
        self._say("plan", asdict(plan))

    def keep_records(self, records: Records) -> None:
        """Store the frames that the stages read."""
        for name in (field.name for field in fields(Records)):
            keep_frame(self.path / "records" / f"{name}.parquet", getattr(records, name))

    def records(self) -> Records:
        """The frames that the stages read."""
        names = (field.name for field in fields(Records))
        return Records(**{name: read_frame(self.path / "records" / f"{name}.parquet") for name in names})

    def kept(self, name: str, made: Callable[[], Frames]) -> Frames:
        """The frames of a stage, made where no earlier run has left them whole."""
        done = self.path / f"{name}.json"
        if not done.exists():
            frames = made()
            for n, frame in enumerate(frames):
                keep_frame(self.path / f"{name}-{n}.parquet", frame)
            self._say(name, len(frames))
            crash.point(f"cleanup:{name.partition('-')[0]}")
        count = json.loads(done.read_text("utf-8"))
        return tuple(read_frame(self.path / f"{name}-{n}.parquet") for n in range(count))

    def done(self) -> dict[str, int]:
        """How many parts of each stage are whole."""
        whole = [path.stem.partition("-")[0] for path in self.path.glob("*.json")]
        return {stage: whole.count(stage) for stage in STAGES}

    def touched(self) -> datetime:
        """When something was last written into it."""
        newest = max((self.path, *self.path.iterdir()), key=lambda path: path.stat().st_mtime)
        return clock.written(newest).replace(tzinfo=UTC)

    def _say(self, name: str, value: object) -> None:
        with Store.replacing(self.path / f"{name}.json") as unfinished:
            unfinished.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def every(store: Store) -> Iterator[Folder]:
    """The folder of each run that the store still has."""
    for path in sorted((store.root / "cleanup").glob("*/")):
        yield Folder(store, path.name)


def retire(store: Store, oldest: datetime) -> int:
    """How many runs were removed that nothing was written for since ``oldest``; what they wrote stays."""
    past = [folder for folder in every(store) if folder.touched() < oldest]
    for folder in past:
        shutil.rmtree(folder.path)
    return len(past)
