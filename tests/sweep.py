"""Nights full of harmful files: ``python -m tests.sweep FILES [SEED]`` tries so many.

What must hold of each file ``tests.harmful`` says; of a night: every delivery is accepted, nobody whom
harmful values concern, each a recipient, is accused, and people of whom a sound file speaks are.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

import sql
from expectations.feed import LOCAL, feed, feeds
from pipelines import night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database.migrate import upgrade
from pipelines.deliveries import Delivery, deliveries
from sql.tables import claim, payment, recipient, suspension_candidate
from tests.harmful import CONCERNING, KINDS, ROWS, TABLES, TEXTS, Made, made, sound, written, wrong_in

TABLES_IN = 40  # one in so many files is a workbook or Parquet, for which the reader starts a process
FILES = 2_000  # of a night
NIGHT = date(2026, 6, 18)
DELIVERED = date(2026, 6, 2)
MEMORY = Path("/dev/shm")
OF_THE_ROLL = ("EXHAUSTED", "RETIREMENT_AGE", "PAID_AFTER_STOP", "DUPLICATE_BENEFIT")  # read no feed


def template(home: Path) -> Path:
    """An empty benefit database with the agency's relations."""
    file = home / "template.db"
    engine = sql.connect(f"sqlite:///{file}", create=True)
    upgrade(engine)
    sql.create_agency(engine)
    engine.dispose()
    return file


def without_bounds(home: Path) -> Path:
    """A folder of contracts under which no delivery is held because most of its rows are harmful."""
    folder = home / "feeds"
    folder.mkdir()
    for name in feeds():
        (folder / f"{name}.toml").write_text("[health]\nsmall_rows = 1_000_000_000\n", "utf-8")
    return folder


class City:
    """A benefit database for one night, whose recipients are people in harmful rows."""

    def __init__(self, home: Path, empty: Path) -> None:
        shutil.copyfile(empty, home / "benefit.db")
        url = f"sqlite:///{home / 'benefit.db'}"
        self._engine = sql.connect(url)
        self._settings = Settings(
            database_url=url,
            inbox=home / "inbox",
            store=home / "store",
            reports=home / "reports",
            memory_mb=512,
            threads=1,
        )

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def night(self, rng: Random, files: int, kinds: Sequence[str] = KINDS) -> list[str]:
        """What is wrong with the files of one night and with what came of them."""
        every = [self._delivered(place, rng, kinds) for place in range(files)]
        dead = sound(feed("deaths"), files * ROWS)
        self._deliver(dead, "sound")
        for place, one in enumerate(feeds().values(), start=files + 1):
            if one.mode == "snapshot" and one is not dead.feed:
                self._deliver(sound(one, place * ROWS), "sound")  # without a usable row it would be held
        self._admit([number for _, one in every if one.kind in CONCERNING for number in one.numbers])
        self._admit(dead.numbers)
        night.propose(self._settings, NIGHT)
        by_feed = {delivery.feed: delivery for delivery in deliveries(self._engine)}
        return [*self._wrong(by_feed, every), *self._accused(set(dead.numbers))]

    def _delivered(self, place: int, rng: Random, kinds: Sequence[str]) -> tuple[str, Made]:
        one = made(
            rng.choice(list(feeds().values())),
            rng.choice(kinds),
            rng.choice(TABLES if rng.random() * TABLES_IN < 1 else TEXTS),
            rng,
            place * ROWS,
        )
        return self._deliver(one, f"f{place}"), one

    def _deliver(self, one: Made, name: str) -> str:
        folder = self._settings.inbox / DELIVERED.isoformat() / one.feed.name
        folder.mkdir(parents=True, exist_ok=True)
        return written(one.headings, one.rows, one.form, folder, name).name

    def _admit(self, numbers: Iterable[str]) -> None:
        """Make recipients of the people with these numbers, none of whom has worked, died or refused."""
        people = list(dict.fromkeys(numbers))
        with self._engine.begin() as connection:
            for table, rows in (
                (recipient, map(_recipient, people)),
                (claim, map(_claim, people)),
                (payment, (paid for person in people for paid in _payments(person))),
            ):
                if values := list(rows):
                    connection.execute(sa.insert(table), values)

    def _wrong(self, by_feed: dict[str, Delivery], every: Sequence[tuple[str, Made]]) -> Iterator[str]:
        extracts: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for delivery in by_feed.values():
            if delivery.health != "accepted":
                yield f"{delivery.feed}: {delivery.health}, {delivery.reason}"
            for path in delivery.landed_files(Store(self._settings.store), "extract"):
                for row in pq.read_table(path).to_pylist():
                    extracts.setdefault((delivery.feed, row["file"].partition("#")[0]), []).append(row)
        for name, one in every:
            file = next((f for f in by_feed[one.feed.name].files if f.file == name), None)
            if file is not None and by_feed[one.feed.name].health != "refused":
                kept = extracts.get((one.feed.name, name), [])
                yield from wrong_in(one, kept, file.rows_read, file.rows_rejected, file.rows_dropped)

    def _accused(self, dead: set[str]) -> Iterator[str]:
        c, person = suspension_candidate.c, claim.c.person_id
        of = sa.select(c.cause, c.tier, person).join_from(
            suspension_candidate, claim, c.claim_id == claim.c.claim_id
        )
        with self._engine.connect() as connection:
            rows = [row for row in connection.execute(of) if row.cause not in OF_THE_ROLL]
        yield from (f"accused: {row.cause} {row.tier}" for row in rows if row.person_id not in dead)
        if dead - {row.person_id for row in rows}:
            yield "a sound file accuses nobody"


def _recipient(person: str) -> dict[str, Any]:
    return {
        "person_id": person, "id_kind": "resident", "id_number": person, "name": "王·超",
        "sex": "M" if int(person[16]) % 2 else "F", "district": "500199",
        "birth_date": date(int(person[6:10]), int(person[10:12]), int(person[12:14])),
    }  # fmt: skip


def _claim(person: str) -> dict[str, Any]:
    return {
        "claim_id": f"C{person}", "person_id": person, "district": "500199", "monthly_amount": 2000,
        "registered_on": date(2025, 12, 20), "start_month": "2026-01", "entitled_months": 12,
        "deemed_months": 0, "extended_to_retirement": False, "status": "active",
        "separated_on": date(2025, 12, 15), "separation_reason": "end_of_contract",
        "last_employer_id": "L001", "last_employer_name": "旧厂", "accepted_by": "甲", "approved_by": "乙",
    }  # fmt: skip


def _payments(person: str) -> Iterator[dict[str, Any]]:
    for month in range(1, 7):
        yield {
            "payment_id": f"{person}-{month}", "claim_id": f"C{person}", "amount": 2000, "state": "paid",
            "benefit_month": f"2026-{month:02d}", "benefit_kind": "unemployment_benefit",
            "paid_on": date(2026, month, 15),
        }  # fmt: skip


def main(files: int, seed: int) -> int:
    """Tries so many made files and prints what is wrong, the rate and the number of files."""
    rng, began, wrong = Random(seed), time.monotonic(), list[str]()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as home:
        os.environ[LOCAL] = str(without_bounds(Path(home)))
        feeds.cache_clear()
        empty = template(Path(home))
        for done in range(0, files, FILES):
            with tempfile.TemporaryDirectory(dir=home) as folder:
                city = City(Path(folder), empty)
                wrong += city.night(rng, min(FILES, files - done))
                city.close()
            tried_so_far = min(files, done + FILES)
            seconds, used = time.monotonic() - began, time.process_time()
            sys.stdout.write(
                f"{tried_so_far} files, {len(wrong)} wrong, {tried_so_far / seconds:.1f} files a second, "
                f"{used:.0f} s of processor\n"
            )
            sys.stdout.flush()
    sys.stdout.write("".join(f"{one}\n" for one in wrong[:20]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
