"""运行记录 — one row of ``match_run`` for each night and what went into it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from matchers.causes import causes
from matchers.findings import TIER_WORDS
from matchers.judge import Judgement
from matchers.law import Policy, policy
from matchers.schemas import AnyRows
from pipelines.base import clock
from pipelines.base.errors import CrossmatchError, HeldByGate
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.lock import Lock
from pipelines.deliveries import InUse
from sql.tables import audit_event, match_run

NIGHT = "night"
LINKAGE = "linkage"
JUDGED = "judge.json"
ENDED = ("succeeded", "held", "failed")


@dataclass(frozen=True, slots=True)
class Opened:
    """A night's run: its number, the feeds that are out, why the model proposes nothing, if so, what the
    checks of its rows say, the rules that are demoted and the candidates that this does not touch.
    """

    run_id: str
    unavailable: tuple[str, ...]
    drift: tuple[str, ...]
    checks: tuple[str, ...]
    demoted: Mapping[str, str]
    confirmed: tuple[str, ...]

    @property
    def out(self) -> frozenset[str]:
        """What neither creates nor closes a candidate on this night."""
        return out(self.unavailable, self.drift)


def out(unavailable: Iterable[str], drift: Iterable[str]) -> frozenset[str]:
    """The feeds that are out, and ``linkage`` where the model drifted."""
    return frozenset(unavailable) | ({LINKAGE} if tuple(drift) else frozenset())


@dataclass(frozen=True, slots=True)
class Later:
    """The nights after this one that were run already, each with the feeds that were out on it."""

    out: Mapping[date, frozenset[str]]

    def withdrew(self, feeds: frozenset[str]) -> bool:
        """Whether one of them, with all these feeds in, no longer saw what rests on them."""
        return any(not feeds & out for out in self.out.values())


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided that a night goes by: on ``pairs`` (``same`` or ``different``, by question), rules
    demoted by their reviews (why, by rule), and while there are such, the candidates that people confirmed.
    """

    pairs: Mapping[str, str]
    demoted: Mapping[str, str]
    confirmed: tuple[str, ...]


def code_version() -> str:
    """The version of this product, as it stands on every run."""
    return version("benefit-crossmatch")


def begin(
    held: Lock,
    settings: Settings,
    as_of: date,
    used: Iterable[InUse],
    frames: Iterable[AnyRows],
    decisions: Decisions,
) -> str:
    """The run's number, kept in the night's folder; the same night over the same inputs is the same run."""
    rules = policy(settings.policy)
    used = list(used)
    decided = [f"{key} {to}" for part in (decisions.pairs, decisions.demoted) for key, to in part.items()]
    decided += decisions.confirmed
    input_digest = _digest(rules, [*(d for u in used for d in u.delivery_ids), *decided], frames)
    run_id = f"{as_of.isoformat()}-{input_digest[:12]}"
    fresh = {
        "status": "running", "started_at": clock.now(), "finished_at": None, "counts": "{}", "as_of": as_of,
        "linked_at": None, "judged_at": None,
        "policy": rules.name, "policy_version": rules.stamp, "code_version": code_version(),
        "input_digest": input_digest,
    }  # fmt: skip
    with held.writing() as connection:
        again = update(match_run).where(match_run.c.run_id == run_id)
        if not connection.execute(again.values(**fresh)).rowcount:
            connection.execute(insert(match_run).values(run_id=run_id, **fresh))
    unavailable = sorted(u.feed for u in used if not u.available)
    opens = Opened(run_id, tuple(unavailable), (), (), dict(decisions.demoted), decisions.confirmed)
    _keep(settings, as_of, asdict(opens))
    return run_id


def note(settings: Settings, as_of: date, drift: Iterable[str], checks: Iterable[str]) -> None:
    """Keep with the night why its model proposes nothing, and what the checks of its rows say."""
    _keep(settings, as_of, asdict(opened(settings, as_of)) | {"drift": list(drift), "checks": list(checks)})


def opened(settings: Settings, as_of: date) -> Opened:
    """The night's run as its folder keeps it; ``CrossmatchError`` if the night was not linked."""
    try:
        kept: dict[str, Any] = json.loads(_note(settings, as_of).read_text("utf-8"))
    except FileNotFoundError:
        raise CrossmatchError(f"{as_of}：尚未匹配，请先运行 crossmatch night {as_of}") from None
    parts: dict[str, Any] = {n: tuple(part) if isinstance(part, list) else part for n, part in kept.items()}
    return Opened(**parts)


def require_ended(engine: Engine, as_of: date) -> None:
    """``CrossmatchError`` unless the night ended, held or failed too: before, there is nothing to report."""
    ended = select(match_run.c.run_id).where(match_run.c.as_of == as_of, match_run.c.status.in_(ENDED))
    with engine.connect() as connection:
        if connection.execute(ended).first() is None:
            raise CrossmatchError(f"{as_of} 还没有完成的比对；请先运行 crossmatch night {as_of}")


@contextmanager
def failing(settings: Settings, held: Lock, as_of: date) -> Iterator[None]:
    """The block; if it fails, the night's run says so, and why if foreseen, before the error goes on."""
    try:
        yield
    except HeldByGate:
        raise
    except Exception as error:
        why = [str(error)] if isinstance(error, CrossmatchError) else []
        with suppress(CrossmatchError, SQLAlchemyError), held.writing() as connection:
            finish(connection, opened(settings, as_of).run_id, "failed", {"failed": why})
        raise


def finish(
    connection: Connection,
    run_id: str,
    status: str,
    counts: Mapping[str, object],
    times: Mapping[str, datetime] | None = None,
) -> None:
    """Close the run inside the caller's transaction; ``times``: when its steps before had ended."""
    done = update(match_run).where(match_run.c.run_id == run_id)
    text = json.dumps(counts, ensure_ascii=False, sort_keys=True)
    connection.execute(done.values(status=status, counts=text, finished_at=clock.now(), **(times or {})))


def times(settings: Settings, as_of: date) -> dict[str, datetime]:
    """When the night had linked its rows and judged them: the records of that were written then."""
    judged = Night.of(settings, as_of).folder / JUDGED
    return {"linked_at": clock.written(_note(settings, as_of)), "judged_at": clock.written(judged)}


def outcome(judgement: Judgement, run: Opened) -> dict[str, object]:
    """What a run keeps of its night: how many candidates it has by cause, and what was out."""
    by_cause = judgement.candidates["cause"].value_counts().sort_index()
    return {
        "seen": {str(cause): int(n) for cause, n in by_cause.items()},
        "unavailable": list(run.unavailable),
        "drift": list(run.drift),
        "notes": [*run.drift, *run.checks, *_demotions(run.demoted)],
    }


def _demotions(demoted: Mapping[str, str]) -> list[str]:
    """Each demoted rule by its name, and why."""
    rules = [(*rule.split("/"), why) for rule, why in sorted(demoted.items())]
    return [f"{causes()[cause].title}（{TIER_WORDS[tier]}）：{why}" for cause, tier, why in rules]


def enter(connection: Connection, run_id: str, counts: Mapping[str, object]) -> None:
    """Put the run on the audit chain; one that ends again as it ended before is not put there twice."""
    c = audit_event.c
    same = select(c.detail).where(c.action == NIGHT, c.subject == run_id).order_by(c.seq.desc()).limit(1)
    last = connection.execute(same).scalar()
    if last is None or json.loads(last) != counts:
        audit.record(connection, "crossmatch", NIGHT, run_id, counts)


def later_nights(connection: Connection, as_of: date) -> Later:
    """The nights after ``as_of`` that succeeded, with the feeds that were out on each."""
    c = match_run.c
    rows = connection.execute(
        select(c.as_of, c.counts).where(c.as_of > as_of, c.status == "succeeded").order_by(c.finished_at)
    )
    kept = {day: json.loads(counts) for day, counts in rows}
    return Later({day: out(outcome["unavailable"], outcome["drift"]) for day, outcome in kept.items()})


def _keep(settings: Settings, as_of: date, note: Mapping[str, object]) -> None:
    with Store.replacing(_note(settings, as_of)) as unfinished:
        unfinished.write_text(json.dumps(note, ensure_ascii=False), "utf-8")


def _note(settings: Settings, as_of: date) -> Path:
    return Store(settings.store).night(as_of) / "run.json"


def _digest(rules: Policy, deliveries: Iterable[str], frames: Iterable[pd.DataFrame]) -> str:
    """A hash of all that a night's findings depend on: policy, code, deliveries in use, benefit records."""
    digest = hashlib.sha256()
    for part in (rules.stamp, code_version(), *sorted(deliveries)):
        digest.update(part.encode() + b"\0")
    for frame in frames:
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()
