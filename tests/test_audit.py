"""The audit chain shows every change to it, and logs show no number of a person."""

import hashlib
import json
import logging
import os
import pwd
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update

import sql
from pipelines.base import logs
from pipelines.base.errors import CrossmatchError
from pipelines.database import audit, migrate
from sql.tables import audit_event, match_run

number = audit_event.c.seq
EVENTS = 6
AT = datetime(2026, 3, 7, 1, 30)


def extend(database: Engine) -> None:
    with database.begin() as connection:
        for night in range(1, EVENTS + 1):
            audit.record(
                connection, "夜间任务", "night", f"2026-03-{night:02d}", {"opened": night, "秒": 1.5}
            )


@pytest.fixture
def chain(database: Engine) -> Engine:
    extend(database)
    return database


def test_an_untouched_chain_is_sound_and_ends_with_its_head(chain: Engine) -> None:
    assert audit.verify(chain) == audit.Verdict(6, audit.head(chain), ())


def test_an_empty_chain_is_sound(database: Engine) -> None:
    assert audit.verify(database, audit.head(database)) == audit.Verdict(0, audit.START, ())


def edit(connection: Connection, at: int) -> None:
    connection.execute(update(audit_event).where(number == at).values(actor="某人"))


def edit_with_its_hash(connection: Connection, at: int) -> None:
    row = connection.execute(select(audit_event).where(number == at)).one()._asdict()
    row |= {"actor": "某人"}
    del row["hash"]
    connection.execute(update(audit_event).where(number == at).values(**row, hash=audit._hash(row)))


def take_out(connection: Connection, at: int) -> None:
    connection.execute(delete(audit_event).where(number == at))


def take_out_and_renumber(connection: Connection, at: int) -> None:
    take_out(connection, at)
    for seq in range(at + 1, EVENTS + 1):
        connection.execute(update(audit_event).where(number == seq).values(seq=seq - 1))


def put_in(connection: Connection, at: int) -> None:
    row = connection.execute(select(audit_event).where(number == at)).one()._asdict()
    for seq in range(EVENTS, at, -1):
        connection.execute(update(audit_event).where(number == seq).values(seq=seq + 1))
    connection.execute(insert(audit_event).values(row | {"seq": at + 1, "hash": "f" * 64}))


def swap(connection: Connection, at: int) -> None:
    for old, new in ((at, 99), (at + 1, at), (99, at + 1)):
        connection.execute(update(audit_event).where(number == old).values(seq=new))


@pytest.mark.parametrize("tamper", [edit, edit_with_its_hash, take_out, take_out_and_renumber, put_in, swap])
def test_every_change_to_the_chain_is_found(
    database: Engine, tamper: Callable[[Connection, int], None]
) -> None:
    for at in range(1, EVENTS):
        with database.begin() as connection:
            connection.execute(delete(audit_event))
        extend(database)
        with database.begin() as connection:
            tamper(connection, at)
        assert audit.verify(database).faults
        with pytest.raises(CrossmatchError, match="审计链不完整"):
            audit.require_sound(database)


def test_a_cut_tail_is_found_by_the_head_on_a_report(chain: Engine) -> None:
    on_the_report = audit.head(chain)
    for left in range(EVENTS - 1, -1, -1):
        with chain.begin() as connection:
            connection.execute(delete(audit_event).where(number > left))
        assert audit.verify(chain).faults == ()
        assert len(audit.verify(chain, on_the_report).faults) == 1


def test_a_cut_tail_is_found_by_the_head_that_a_run_kept(chain: Engine) -> None:
    texts = dict.fromkeys(("policy", "policy_version", "code_version", "input_digest"), "x")
    run = {"run_id": "r", "as_of": date(2026, 3, 7), "status": "succeeded", "started_at": AT, **texts}
    with chain.begin() as connection:
        decided = audit.record(connection, "甲", "review", "c1", {})
        kept = json.dumps({audit.HEAD: audit.decided(connection)})
        connection.execute(insert(match_run).values(**run, counts=kept))
        audit.record(connection, "夜间任务", "night", "2026-03-07", {})
    assert audit.verify(chain).faults == ()
    with chain.begin() as connection:
        connection.execute(delete(audit_event).where(number > EVENTS))
    assert audit.verify(chain).faults == (
        f"链中没有运行记录所记的末端 {decided}：其后的记录被截去或整链被重写",
    )


def test_the_head_of_an_older_report_is_still_in_a_longer_chain(chain: Engine) -> None:
    older = audit.head(chain)
    with chain.begin() as connection:
        newer = audit.record(connection, "甲", "review", "c1", {})
    assert newer != older
    assert audit.verify(chain, older).faults == ()


def test_an_event_of_a_transaction_that_failed_never_was(chain: Engine) -> None:
    with chain.connect() as connection, connection.begin() as transaction:
        audit.record(connection, "甲", "review", "c1", {})
        transaction.rollback()
    assert audit.verify(chain).events == 6


def test_an_event_names_the_users_of_machine_and_database_and_neither_can_be_changed(chain: Engine) -> None:
    [event, *_] = audit.events(chain)
    role = "postgres" if chain.dialect.name == "postgresql" else ""
    assert (event.os_user, event.database_user) == (pwd.getpwuid(os.geteuid()).pw_name, role)
    for changed in ({"os_user": "别人"}, {"database_user": "别人"}, {"os_user": None, "database_user": None}):
        with chain.connect() as connection, connection.begin() as undone:
            connection.execute(update(audit_event).where(number == EVENTS).values(changed))
            row = connection.execute(select(audit_event).where(number == EVENTS)).one()
            assert audit._fault(row, EVENTS, row.previous_hash), changed
            undone.rollback()


def test_events_from_before_the_users_were_kept_still_verify_and_take_none(
    empty_url: str,
) -> None:
    engine = sql.connect(empty_url, create=True)
    migrate.upgrade(engine)
    extend(engine)
    before = _as_before(engine)
    migrate.downgrade(engine, "0020")
    migrate.upgrade(engine)
    assert audit.verify(engine) == audit.Verdict(EVENTS, before, ())
    extend(engine)
    assert audit.verify(engine, before).events == 2 * EVENTS
    with engine.begin() as connection:
        connection.execute(update(audit_event).where(number == 2).values(os_user="别人"))
    assert "第 2 条的内容与其散列不符" in audit.verify(engine).faults[0]
    engine.dispose()


def _as_before(engine: Engine) -> str:
    """The chain as events without users made it, and its head."""
    previous = audit.START
    with engine.begin() as connection:
        for row in connection.execute(select(audit_event).order_by(number)).all():
            event = row._asdict() | {"os_user": None, "database_user": None, "previous_hash": previous}
            words = [event[c] for c in ("seq", "actor", "action", "subject", "detail", "previous_hash")]
            words.append(event["at"].isoformat(timespec="microseconds"))
            previous = hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
            connection.execute(
                update(audit_event).where(number == row.seq).values(**event | {"hash": previous})
            )
    return previous


def test_an_event_tells_no_number_of_a_person(database: Engine) -> None:
    with database.begin() as connection:
        audit.record(
            connection, "甲", "review", "50019919850101001X", {"note": ["本人 13800000000"], "sum": 1.5}
        )
        event = connection.execute(select(audit_event)).one()
    assert event.subject == logs.MARK
    assert json.loads(event.detail) == {"note": [f"本人 {logs.MARK}"], "sum": 1.5}
    assert audit.verify(database).faults == ()


@pytest.mark.parametrize(
    "number",
    [
        "50019919850101001X", "500199198501010010", "500199850101001", "500199 19850101 0010",
        "500199-19850101-001x", "５００１９９１９８５０１０１００１Ｘ", "6222020000000000000", "13800000000",
        "138 0000 0000", "１３８００００００００", "139-0000-0000",
    ],
)  # fmt: skip
def test_a_number_of_a_person_never_stands_in_a_log(number: str) -> None:
    assert logs.redacted(f"身份证{number}，已核") == f"身份证{logs.MARK}，已核"
    assert logs.redacted(f"({number})") == f"({logs.MARK})"
    assert number not in logs.redacted(f"2026-03-01{number}")


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-03-01 01:30:00.123456", "2026-03-01 2026-03-02", "rows=12345678", "contributions/2026-03-01",
        "a" * 20 + "0" * 44, "2026-03-01-0123456789ab", "YD1234567890123456", "12345678901234af",
        "SQLSTATE 23505 suspension_candidate_pkey",
        "20260120-500106-3e246f025f", "20260120-500106-1234567890",
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_person_stays(harmless: str) -> None:
    assert logs.redacted(harmless) == harmless


def test_records_of_every_logger_are_redacted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = logging.getLogRecordFactory()
    logs.install()
    try:
        try:
            raise KeyError("50019919850101001X")
        except KeyError:
            logging.getLogger("some.library").exception("row %s of %(x)s", "50019919850101001X")
        logging.getLogger("some.library").warning("%s 的电话 %s", "甲", 13800000000)
    finally:
        logging.setLogRecordFactory(before)
    assert "50019919850101001X" not in caplog.text
    assert f"甲 的电话 {logs.MARK}" in caplog.text
