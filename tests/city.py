"""A city for tests: a sample world's agency rows in any benefit database, and settings for its nights."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from expectations.feed import feeds
from pipelines import night
from pipelines.base.settings import Settings
from sql.tables import AGENCY, OURS

WALL_CLOCK = "_at"
RECORDS = ("audit_event", "backfill")


@dataclass(frozen=True)
class City:
    """One benefit database filled from ``world``, with its own inbox, store and reports."""

    world: Path
    settings: Settings
    engine: sa.Engine

    def night(self, as_of: str, *, report: bool = False, refused: Sequence[str] = ()) -> dict[str, Any]:
        """Every step of a night but the reports, unless they are asked for; the counts of each step.

        ``refused``: feeds that are known to be refused and are not accepted again.
        """
        day = date.fromisoformat(as_of)
        counts: dict[str, Any] = {
            feed: night.accept(self.settings, feed, day) for feed in feeds() if feed not in refused
        }
        steps = ("link", "judge", "write_back", "report") if report else ("link", "judge", "write_back")
        return counts | {step: getattr(night, step)(self.settings, day) for step in steps}

    def deliver(self, feed: str, day: str, content: str, *, supersedes: str | None) -> None:
        """Put one more delivery into the inbox."""
        folder = self.settings.inbox / day / feed
        folder.mkdir(parents=True)
        (folder / f"{feed}.csv").write_text(content, "utf-8")
        if supersedes:
            (folder / "manifest.json").write_text(json.dumps({"supersedes": supersedes}), "utf-8")

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of our tables, sorted, but for the columns that hold wall-clock time."""
        with self.engine.connect() as connection:
            return {
                table.name: _rows(connection, table)
                for table in OURS.sorted_tables
                if table.name != "run_epoch"
            }

    def findings(self) -> dict[str, list[tuple[Any, ...]]]:
        """``state`` without the record of who ran what: equal after the same nights, however run."""
        return {name: rows for name, rows in self.state().items() if name not in RECORDS}

    def forget(self) -> None:
        """Empty our tables and the store, as if no night had ever been."""
        with self.engine.begin() as connection:
            for table in reversed(OURS.sorted_tables):
                connection.execute(sa.delete(table))
        shutil.rmtree(self.settings.store)

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(r) for r in connection.execute(sa.text(statement), values).mappings()]

    def execute(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def score(self, script: Path, *truth: str) -> str:
        """What a scoring script says of the database; its last line holds the counts."""
        url = self.engine.url.render_as_string(hide_password=False)
        asked = [sys.executable, script, self.world, url, *truth]
        return subprocess.run(asked, capture_output=True, text=True).stdout.strip()


def settle(world: Path, url: str, engine: sa.Engine, home: Path, since: str = "") -> City:
    """A city whose benefit database holds the agency rows of ``world``.

    Its inbox is a copy, of what came ``since`` that day: enough for tests that ask how nights follow each
    other.
    """
    source = sa.create_engine(f"sqlite:///file:{world / 'benefit.db'}?mode=ro&uri=true")
    with source.connect() as read, engine.begin() as write:
        for table in AGENCY.sorted_tables:
            rows = [dict(r) for r in read.execute(sa.select(table)).mappings()]
            if rows:
                write.execute(sa.insert(table), rows)
    source.dispose()
    for day in (world / "inbox").iterdir():
        if day.name >= since:
            shutil.copytree(day, home / "inbox" / day.name)
    settings = Settings(
        database_url=url, inbox=home / "inbox", store=home / "store", reports=home / "reports", memory_mb=512
    )
    return City(world, settings, engine)


def counts(world: Path) -> list[dict[str, str]]:
    with (world / "counts.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _rows(connection: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    columns = [c for c in table.columns if not c.name.endswith(WALL_CLOCK)]
    return sorted(tuple(row) for row in connection.execute(sa.select(*columns)))
