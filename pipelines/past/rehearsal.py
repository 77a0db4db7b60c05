"""试运行 — nights on a copy that is thrown away, and the difference they would make.

The copy is a SQLite database with our tables and the four relations, and a store whose landed extracts are
links to the real ones: the same code runs, and nothing is written to the benefit database or the reports, nor
to the store but for the copy itself, which lies in its scratch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, select

from matchers.lifecycle import Status
from matchers.schemas import CandidateStates
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import migrate
from sql import connect, copy_rows, create_agency
from sql import tables as t

SHOWN = ("status", "tier", "event_month", "stop_month", "overpaid_months", "overpaid_fen", "preventable_fen",
         "at_risk_fen")  # fmt: skip


Judged = Callable[[date, Mapping[str, int]], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change: candidates by number, with their figures before and after (None: not there)."""

    opened: list[dict[str, object]]
    changed: list[dict[str, object]]
    withdrawn: list[dict[str, object]]

    def as_dict(self) -> dict[str, object]:
        """The same as plain values, with the number of each kind."""
        return {"counts": {kind: len(rows) for kind, rows in asdict(self).items()}, **asdict(self)}


def difference(settings: Settings, nights: Iterable[date], progress: Judged = lambda *_: None) -> Difference:
    """What these nights, in order, would change in the candidates that stand now.

    ``progress`` is called with each night and what it opened, changed and withdrew.
    """
    from pipelines import night

    before = _candidates(connect(settings.database_url))
    with _copy(settings) as copy:
        for as_of in nights:
            progress(as_of, night.propose(copy, as_of)["write_back"])
        after = _candidates(connect(copy.database_url))
    return compare(before, after)


def compare(before: CandidateStates, after: CandidateStates) -> Difference:
    """The difference between two states of the candidates (index candidate_id; claim_id, cause, figures)."""
    both = before.index.intersection(after.index)
    differs = (before.loc[both, list(SHOWN)] != after.loc[both, list(SHOWN)]).any(axis=1)
    was, then = (frame.loc[both, "status"] == Status.WITHDRAWN for frame in (before, after))
    gone = both[then & ~was]
    changed = both[differs].difference(gone)
    return Difference(
        opened=_compared(None, after.loc[after.index.difference(before.index)]),
        changed=_compared(before, after.loc[changed]),
        withdrawn=_compared(before, after.loc[gone]),
    )


def _compared(before: pd.DataFrame | None, after: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for number, row in after.iterrows():
        was = None if before is None else {k: before.at[number, k] for k in SHOWN}
        rows.append(
            {
                "candidate_id": number,
                "claim_id": row["claim_id"],
                "cause": row["cause"],
                "before": was,
                "after": {k: row[k] for k in SHOWN},
            }
        )
    return rows


def _candidates(engine: Engine) -> pd.DataFrame:
    c = t.suspension_candidate.c
    wanted = select(c.candidate_id, c.claim_id, c.cause, *(c[name] for name in SHOWN)).order_by(
        c.candidate_id
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted)
        return pd.DataFrame(rows.all(), columns=list(rows.keys()), dtype=object).set_index("candidate_id")


@contextmanager
def _copy(settings: Settings) -> Iterator[Settings]:
    with Store(settings.store).scratch() as home:
        url = f"sqlite:///{home / 'benefit.db'}"
        _copy_rows(connect(settings.database_url), connect(url, create=True))
        _link_landed(settings.store / "deliveries", home / "store" / "deliveries")
        yield replace(settings, database_url=url, store=home / "store", reports=home / "reports")


def _copy_rows(source: Engine, target: Engine) -> None:
    migrate.upgrade(target)
    create_agency(target)
    with source.connect() as read, target.begin() as write:
        for table in (*t.AGENCY.sorted_tables, *t.OURS.sorted_tables):
            if table is not t.audit_event:
                copy_rows(write, table, [tuple(row) for row in read.execute(select(table))])


def _link_landed(landed: Path, copy: Path) -> None:
    """Each landed folder as a link, so that new ones may stand beside them."""
    for days in landed.glob("*/*"):
        (copy / days.relative_to(landed)).mkdir(parents=True)
        for folder in days.iterdir():
            (copy / folder.relative_to(landed)).symlink_to(folder.resolve())
