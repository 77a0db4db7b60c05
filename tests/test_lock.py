"""One run at a time on a benefit database; what died or froze is put aside and writes nothing afterwards."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, text

import sql
from pipelines.base.errors import Locked
from pipelines.database import lock_server
from pipelines.database.lock import Lock, held, opened
from sql.tables import release_decision, run_epoch
from tests.conftest import REPOSITORY, TEMPLATE
from tests.holder import ROW
from tests.postgres import Server

Holder = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def holder(database_url: str) -> Iterator[Holder]:
    """Starts a run of its own that holds the lock, or says why it cannot."""
    running = []

    def start(mode: str = "alone", says: str = "held") -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.holder", database_url, mode]
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert heard(process) == says
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def rows(database: Engine) -> int:
    with database.connect() as connection:
        return connection.execute(select(func.count()).select_from(release_decision)).scalar_one()


def stopped(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


def test_the_second_run_is_refused_with_exit_code_75(holder: Holder) -> None:
    first = holder()
    second = holder(says="Locked")
    assert second.wait(10) == 75
    tell(first, "write")
    assert heard(first) == "written"


def test_a_run_that_ended_leaves_the_lock_to_the_next(holder: Holder, database: Engine) -> None:
    first = holder()
    tell(first, "end")
    assert first.wait(10) == 0
    with held(database) as lock, lock.writing() as connection:
        assert connection.execute(select(run_epoch.c.epoch)).scalar_one() == 2


def test_a_killed_run_leaves_the_lock_and_nothing_half_written(holder: Holder, database: Engine) -> None:
    first = holder()
    tell(first, "write")
    assert heard(first) == "written"
    first.kill()
    first.wait(10)
    with held(database):
        assert rows(database) == 0


def test_a_frozen_run_is_put_aside_at_once_and_writes_nothing_when_it_wakes(
    holder: Holder, database: Engine
) -> None:
    first = holder()
    tell(first, "write")
    assert heard(first) == "written"
    stopped(first)
    tell(first, "commit")
    with held(database):
        first.send_signal(signal.SIGCONT)
        assert first.wait(20) != 0
        assert rows(database) == 0


def test_a_run_that_lost_its_lock_unawares_is_refused_when_it_writes(
    holder: Holder, database: Engine
) -> None:
    first = holder()
    if database.dialect.name == "sqlite":
        Path(f"{database.url.database}.lock").unlink()
    else:
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
        with database.connect() as connection:
            connection.execute(text(ended))
    with held(database):
        tell(first, "write")
        assert heard(first) == "Locked"
        assert first.wait(10) == 75


def test_runs_that_share_the_lock_work_side_by_side_and_keep_others_out(
    holder: Holder, database: Engine
) -> None:
    first, second = holder("shared"), holder("shared")
    with pytest.raises(Locked), held(database):
        pass
    for process in (first, second):
        tell(process, "end")
        process.wait(10)
    with held(database):
        holder("shared", says="Locked")


def test_the_lock_is_not_taken_twice_by_a_call_that_is_handed_it(database: Engine) -> None:
    url = database.url.render_as_string(hide_password=False)
    with held(database) as lock:
        with opened(url, lock) as inner, inner.writing() as connection:
            before = connection.execute(select(run_epoch.c.epoch)).scalar_one()
        with opened(url, lock, shared=True) as inner, inner.writing() as connection:
            assert connection.execute(select(run_epoch.c.epoch)).scalar_one() == before


@pytest.fixture
def twin(postgres: Server) -> Iterator[Engine]:
    """Another database of the same server, alike to the last table number."""
    postgres.execute(f"CREATE DATABASE twin TEMPLATE {TEMPLATE}")
    engine = sql.connect(postgres.url("twin"))
    yield engine
    engine.dispose()
    postgres.execute("DROP DATABASE twin WITH (FORCE)")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_run_on_another_database_of_the_server_disturbs_nobody(
    holder: Holder, database: Engine, twin: Engine
) -> None:
    first = holder()
    tell(first, "write")
    assert heard(first) == "written"
    with held(twin):
        tell(first, "commit")
        tell(first, "end")
        assert first.wait(20) == 0
    assert rows(database) == 1


def test_writers_of_one_run_wait_for_each_other(database: Engine) -> None:
    def write(lock: Lock, number: int) -> None:
        with lock.writing() as connection:
            seen = connection.execute(select(func.count()).select_from(release_decision)).scalar_one()
            row = ROW | {"subject": f"s{number}", "reason": f"after {seen}"}
            connection.execute(insert(release_decision).values(row))

    with held(database) as lock, ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(write, lock), range(40)))
    assert rows(database) == 40


def test_writing_without_the_lock_is_a_defect(database: Engine) -> None:
    with held(database) as lock:
        pass
    with pytest.raises(RuntimeError, match="needs the lock"), lock.writing():
        pass


@pytest.mark.parametrize(
    ("first", "second", "enters"),
    [(False, False, False), (False, True, False), (True, False, False), (True, True, True)],
)
def test_a_second_thread_is_kept_out_as_a_second_process_is(
    database: Engine, first: bool, second: bool, enters: bool
) -> None:
    def enter() -> bool:
        try:
            with held(database, shared=second):
                return True
        except Locked:
            return False

    with held(database, shared=first), ThreadPoolExecutor(1) as thread:
        assert thread.submit(enter).result() is enters
    assert enter()


def test_a_run_alone_waits_a_moment_for_one_that_shares_and_then_works(
    holder: Holder, database: Engine
) -> None:
    sharing = holder("shared")

    def alone() -> str:
        with held(database):
            return "worked"

    with ThreadPoolExecutor(1) as thread:
        run = thread.submit(alone)
        time.sleep(0.3)
        assert not run.done()
        tell(sharing, "end")
        assert run.result(timeout=20) == "worked"


def test_a_thread_that_came_or_was_kept_out_gives_nothing_away_to_another_process(
    holder: Holder, database: Engine
) -> None:
    def enter() -> None:
        with held(database, shared=True):
            pass

    with ThreadPoolExecutor(1) as thread:
        with held(database):
            with pytest.raises(Locked):
                thread.submit(enter).result()
            holder(says="Locked")
        with held(database, shared=True):
            thread.submit(enter).result()
            holder(says="Locked")


def test_of_ten_threads_at_once_one_works_and_nine_are_refused(database: Engine) -> None:
    begun, refused = threading.Barrier(10), threading.Semaphore(0)

    def run(_: int) -> str:
        begun.wait()
        try:
            with held(database):
                for _ in range(9):
                    assert refused.acquire(timeout=60)
        except Locked:
            refused.release()
            return "refused"
        return "worked"

    with ThreadPoolExecutor(10) as threads:
        ended = sorted(threads.map(run, range(10)))
    assert ended == [*["refused"] * 9, "worked"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_run_that_froze_behind_its_last_transaction_ends_as_replaced_when_it_wakes(
    holder: Holder, database: Engine
) -> None:
    first = holder()
    tell(first, "write")
    assert heard(first) == "written"
    tell(first, "commit")
    while not rows(database):
        time.sleep(0.01)
    stopped(first)
    with held(database):
        pass
    first.send_signal(signal.SIGCONT)
    tell(first, "end")
    assert heard(first) == "Locked"
    assert first.wait(20) == 75
    assert rows(database) == 1


def test_of_ten_runs_at_once_one_works_and_nine_are_refused(database: Engine) -> None:
    fork = multiprocessing.get_context("fork")
    begun, refused = fork.Barrier(10), fork.Semaphore(0)

    def run(url: str) -> None:
        begun.wait()
        try:
            with held(sql.connect(url)):
                for _ in range(9):
                    refused.acquire()
        except Locked as error:
            refused.release()
            sys.exit(error.exit_code)

    url = database.url.render_as_string(hide_password=False)
    runs = [fork.Process(target=run, args=(url,)) for _ in range(10)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert sorted(one.exitcode or 0 for one in runs) == [0, *[75] * 9]


def test_a_role_that_may_not_end_a_dead_run_is_told_that_it_is_busy(postgresql_url: str) -> None:
    owner = sql.connect(postgresql_url)
    with owner.connect() as dead:
        gone = subprocess.run(
            [sys.executable, "-c", "from sql.processes import this_process; print(this_process())"],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        dead.execute(text(f"SET application_name = '{gone}'"))
        dead.execute(text("SELECT pg_advisory_lock(:key)"), {"key": lock_server.KEY})
        dead.execute(text("CREATE ROLE outsider"))
        dead.commit()
        with owner.begin() as outside:
            outside.execute(text("SET LOCAL ROLE outsider"))
            with pytest.raises(Locked):
                lock_server.share(outside)
        dead.execute(text("DROP ROLE outsider"))
        dead.commit()
    owner.dispose()
