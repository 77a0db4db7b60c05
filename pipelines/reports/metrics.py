"""指标 — what waits and how the last night went, as text that Prometheus reads; counts, never a person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from pipelines.base.store import Store
from pipelines.reports import waiting, words
from pipelines.runs import ENDED
from sql.tables import match_run, suspension_candidate

FILE = "metrics.prom"
STEPS = (("link", "started_at", "linked_at"), ("judge", "linked_at", "judged_at"),
         ("write_back", "judged_at", "finished_at"))  # fmt: skip


class Metric(NamedTuple):
    """One gauge: its name, what it means, and its values by their labels."""

    name: str
    meaning: str
    values: tuple[tuple[Mapping[str, str], float], ...]


def write(connection: Connection, path: Path) -> Path:
    """The metrics as they are now, at ``path``, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Store.replacing(path) as unfinished:
        unfinished.write_text(
            text([*_night(connection), *_candidates(connection), *_waiting(connection)]), "utf-8"
        )
    return path


def text(metrics: Iterable[Metric]) -> str:
    """The metrics in Prometheus' text format."""
    lines = []
    for name, meaning, values in metrics:
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(labels)} {value:.12g}" for labels, value in values]
    return "\n".join([*lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    escaped = (f'{n}="{_escaped(v)}"' for n, v in labels.items())
    return f"{{{','.join(escaped)}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _night(connection: Connection) -> Iterator[Metric]:
    """The run that ended last: its night, how it ended, when, and how long its steps took."""
    c = match_run.c
    last = select(match_run).where(c.status.in_(ENDED)).order_by(c.finished_at.desc(), c.run_id).limit(1)
    run = connection.execute(last).mappings().first()
    if run is None:
        return
    night = datetime(run["as_of"].year, run["as_of"].month, run["as_of"].day)
    yield _single(
        "crossmatch_night_timestamp_seconds", "The night that ended last, at 00:00 UTC.", _seconds(night)
    )
    ended = tuple(({"status": status}, float(run["status"] == status)) for status in ENDED)
    yield Metric("crossmatch_night_status", "How that night ended: 1 at its status.", ended)
    finished = _seconds(run["finished_at"])
    yield _single("crossmatch_night_finished_timestamp_seconds", "When that night ended.", finished)
    took = tuple(
        ({"step": step}, (run[end] - run[start]).total_seconds())
        for step, start, end in STEPS
        if run[start] and run[end]
    )
    yield Metric("crossmatch_step_seconds", "How long each step of that night took.", took)


def _candidates(connection: Connection) -> Iterator[Metric]:
    c = suspension_candidate.c
    counted = select(c.status, c.tier, func.count()).group_by(c.status, c.tier).order_by(c.status, c.tier)
    values = tuple(
        ({"status": status, "tier": tier}, float(n)) for status, tier, n in connection.execute(counted)
    )
    yield Metric("crossmatch_candidates", "Candidates by status and tier.", values)


def _waiting(connection: Connection) -> Iterator[Metric]:
    """What ``crossmatch status`` shows, added up where only the subject differs."""
    summed: dict[tuple[str, str, str], int] = {}
    for row in waiting.read(connection):
        key = (row.whom, row.what, words.district(row.district))
        summed[key] = summed.get(key, 0) + row.count
    values = tuple(
        ({"whom": whom, "what": what, "district": district}, float(n))
        for (whom, what, district), n in summed.items()
    )
    yield Metric("crossmatch_waiting", "What waits for whom.", values)


def _single(name: str, meaning: str, value: float) -> Metric:
    return Metric(name, meaning, (({}, value),))


def _seconds(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()
