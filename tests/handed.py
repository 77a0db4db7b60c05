"""The handed cases: one folder each, as an agency sent it, and what a night makes of it."""

import csv
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines import night
from pipelines.base.store import Store
from pipelines.deliveries import Delivery, deliveries
from tests.city import City, settle

NIGHT = date(2026, 6, 18)
CANDIDATES = "SELECT claim_id, cause, tier, status FROM suspension_candidate"
EXCLUDED = "SELECT feed, line, reason FROM excluded_match"
QUESTIONS = "SELECT kind, feed, line FROM identity_question"
PROPOSED = "SELECT feed, line FROM probable_link"


@dataclass(frozen=True)
class Case:
    """A case whose people stand in the benefit database and whose deliveries lie in the inbox."""

    city: City

    def night(self, as_of: date = NIGHT) -> Mapping[str, Any]:
        """The counts of the whole night but its reports; every line of its deliveries is accounted for."""
        counts = night.propose(self.city.settings, as_of)
        assert all(
            one.rows("rows_read")
            == one.rows("rows_landed") + one.rows("rows_rejected") + one.rows("rows_dropped")
            for one in deliveries(self.city.engine)
        )
        return counts

    @property
    def candidates(self) -> dict[tuple[str, str], str]:
        """The tier of each candidate that stands, by claim and cause."""
        rows = self.city.rows(CANDIDATES)
        return {(r["claim_id"], r["cause"]): r["tier"] for r in rows if r["status"] == "open"}

    @property
    def excluded(self) -> dict[tuple[str, int], str]:
        """The reason of each line of a feed that is no evidence."""
        return {(r["feed"], r["line"]): r["reason"] for r in self.city.rows(EXCLUDED)}

    @property
    def questions(self) -> dict[tuple[str, int], str]:
        """The kind of question about each line of a feed."""
        return {(r["feed"], r["line"]): r["kind"] for r in self.city.rows(QUESTIONS)}

    @property
    def proposed(self) -> list[dict[str, Any]]:
        """The links that the model proposes."""
        return self.city.rows(PROPOSED)

    def delivered(self, feed: str) -> Delivery:
        """The newest delivery of a feed, as the ledger has it."""
        return deliveries(self.city.engine, feed)[-1]

    def landed(self, feed: str) -> tuple[int, int, int]:
        """How many rows of the newest delivery were read, landed and rejected."""
        read, landed, rejected = (
            self.delivered(feed).rows(kind) for kind in ("rows_read", "rows_landed", "rows_rejected")
        )
        return read, landed, rejected

    def rejects(self, feed: str) -> list[Sequence[str]]:
        """The rows of the reports' list of rejects: day, file, line, reason, column, value, row."""
        from pipelines.reports import rejects

        folder = self.city.settings.reports
        [path] = rejects.write(Store(self.city.settings.store), [self.delivered(feed)], NIGHT, folder)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:]


def case(folder: Path, url: str, engine: sa.Engine, home: Path) -> Case:
    """The case of ``folder`` in an empty benefit database; its inbox is a copy."""
    world = home / "case"
    (world / "inbox").parent.mkdir()
    (world / "inbox").symlink_to(folder / "inbox")
    with sqlite3.connect(world / "benefit.db") as source:
        source.executescript((folder / "agency.sql").read_text("utf-8"))
    return Case(settle(world, url, engine, home))
