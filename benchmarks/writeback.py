"""What writing a night's candidates back costs beside inserting the same rows once, on SQLite and PostgreSQL.

``python -m benchmarks.writeback NIGHT [--candidates N]``: the judgement in the folder of a night that was run
is repeated under other numbers until there are so many candidates. Both fill the same empty tables, with
their keys and indexes, in one transaction. Seconds, and processor seconds of this process and of the server.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, Table, delete, select, text

import sql
from matchers.judge import Judgement
from pipelines.base.frames import Night
from pipelines.database.migrate import upgrade
from pipelines.judging import writeback
from pipelines.runs import Later
from sql import tables as t
from tests.postgres import server

WRITTEN = (t.suspension_candidate, t.evidence, t.overpayment, t.preventable)
HUNG = ("evidence", "overpayments", "preventable")
NUMBERED = ("candidate_id", "claim_id", "payment_id")
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("night", type=Path)
    options.add_argument("--candidates", type=int, default=100_000)
    given = options.parse_args()
    as_of = date.fromisoformat(given.night.name)
    judgement = repeated(Night(given.night), given.candidates)
    counts = {name: len(getattr(judgement, name)) for name in ("candidates", *HUNG)}
    print(*(f"{count} {name}" for name, count in counts.items()), sep=", ")
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with database() as engine:
            compare(name, engine, judgement, as_of)


def repeated(night: Night, candidates: int) -> Judgement:
    """The judgement of ``night`` as often as gives ``candidates``, each time under other numbers."""
    whole = Judgement(**{part.name: night.frame(f"judged/{part.name}") for part in fields(Judgement)})
    own = whole.candidates["candidate_id"]
    times = -(-candidates // len(own))
    last = set(own.iloc[: candidates - (times - 1) * len(own)])
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in ("candidates", *HUNG)}
    for n in range(times):
        for name, frames in parts.items():
            frame = getattr(whole, name)
            frame = frame if n < times - 1 else frame[frame["candidate_id"].isin(last)]
            again = {column: f"{n:02d}" + frame[column] for column in NUMBERED if column in frame}
            frames.append(frame.assign(**again))
    return replace(whole, **{name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()})


def compare(name: str, engine: Engine, judgement: Judgement, as_of: date) -> None:
    """Print what each of both costs, and their ratio."""
    numbers = set(judgement.candidates["candidate_id"])

    def write_back(connection: Connection) -> None:
        writeback.put(connection, judgement, numbers, as_of, Later({}))

    written = _cost(engine, write_back)
    with engine.connect() as connection:
        same = {table: _rows(connection, table) for table in WRITTEN}

    def insert(connection: Connection) -> None:
        for table, rows in same.items():
            sql.copy_rows(connection, table, rows)

    with engine.begin() as connection:
        for table in reversed(WRITTEN):
            connection.execute(delete(table))
    inserted = _cost(engine, insert)
    for title, (seconds, processor) in (("written back", written), ("inserted", inserted)):
        print(f"{name:12}{title:14}{seconds:8.1f} s{processor:8.1f} CPU s")
    print(f"{name:12}{'ratio':14}{written[0] / inserted[0]:8.2f}  {written[1] / inserted[1]:8.2f}")


def _rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(table))]


def _cost(engine: Engine, work: Callable[[Connection], None]) -> tuple[float, float]:
    """Wall seconds and processor seconds of one transaction, the server's own among them."""
    with engine.connect() as connection:
        began, used = time.perf_counter(), time.process_time() + _server(connection)
        work(connection)
        connection.commit()
        return time.perf_counter() - began, time.process_time() + _server(connection) - used


def _server(connection: Connection) -> float:
    if connection.dialect.name != "postgresql":
        return 0.0
    process = connection.scalar(text("SELECT pg_backend_pid()"))
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


@contextmanager
def _sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "benefit.db").touch()
        yield from _filled(f"sqlite:///{folder}/benefit.db")


@contextmanager
def _postgresql() -> Iterator[Engine]:
    with server() as running:
        yield from _filled(running.url())


def _filled(url: str) -> Iterator[Engine]:
    engine = sql.connect(url)
    sql.create_agency(engine)
    upgrade(engine)
    yield engine
    engine.dispose()


if __name__ == "__main__":
    main()
