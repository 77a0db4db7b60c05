"""Write-back changes what differs and nothing else, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine, select, true

from pipelines.database.sync import Changes, sync, sync_all
from sql.tables import match_run, material_request

REQUESTS = pd.DataFrame(
    {
        "claim_id": ["k1", "k2", "k3"],
        "reason": ["abroad", "abroad", "studies"],
        "asked_for": ["出入境记录", "出入境记录", "学籍证明"],
        "due_on": [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)],
        "status": ["open", "open", "open"],
    }
)
KEY = ("claim_id", "reason")


def written(database: Engine) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(r) for r in connection.execute(select(material_request).order_by(*KEY))]


def test_a_second_run_over_the_same_rows_changes_none(database: Engine) -> None:
    for expected in (Changes(3, 0, 0), Changes(0, 0, 0)):
        with database.begin() as connection:
            assert sync(connection, material_request, REQUESTS, key=KEY) == expected
    assert written(database) == [tuple(r) for r in REQUESTS.itertuples(index=False)]


def test_only_rows_that_differ_are_updated_and_columns_of_people_are_left_alone(database: Engine) -> None:
    with database.begin() as connection:
        sync(connection, material_request, REQUESTS, key=KEY)
        changed = REQUESTS.assign(
            status="waived", due_on=[date(2026, 3, 1), date(2026, 4, 2), date(2026, 3, 3)]
        )
        assert sync(connection, material_request, changed, key=KEY, untouched=["status"]) == Changes(0, 1, 0)
    assert written(database)[1] == ("k2", "abroad", "出入境记录", date(2026, 4, 2), "open")


def test_rows_in_scope_that_are_no_longer_found_are_deleted_and_others_stay(database: Engine) -> None:
    abroad = material_request.c.reason == "abroad"
    with database.begin() as connection:
        sync(connection, material_request, REQUESTS, key=KEY)
        assert sync(connection, material_request, REQUESTS[1:2], key=KEY, scope=abroad) == Changes(0, 0, 1)
        assert sync(connection, material_request, REQUESTS[:0], key=KEY, scope=abroad) == Changes(0, 0, 1)
    assert [row[0] for row in written(database)] == ["k3"]


def test_rows_that_come_in_pieces_are_compared_as_one_and_a_piece_is_read_when_it_is_staged(
    database: Engine,
) -> None:
    def pieces() -> Iterator[pd.DataFrame]:
        for start in range(3):
            yield REQUESTS[start : start + 1]

    with database.begin() as connection:
        sync(connection, material_request, REQUESTS[1:].assign(asked_for="户籍证明"), key=KEY)
        assert sync_all(connection, material_request, pieces(), key=KEY, scope=true()) == Changes(1, 2, 0)
        assert sync_all(connection, material_request, pieces(), key=KEY, scope=true()) == Changes(0, 0, 0)
        assert sync_all(connection, material_request, [REQUESTS[:1]], key=KEY, scope=true()) == Changes(
            0, 0, 2
        )
    assert [row[0] for row in written(database)] == ["k1"]


def test_a_null_is_a_value_that_can_come_and_go(database: Engine) -> None:
    started = datetime(2026, 3, 1, 17, 30, 0, 250, tzinfo=UTC).replace(tzinfo=None)
    words = dict.fromkeys(["policy", "policy_version", "code_version", "input_digest"], "")
    run = pd.DataFrame(
        [{"run_id": "r1", "as_of": pd.Timestamp("2026-03-01"), "started_at": started, "finished_at": pd.NaT}]
    ).assign(status="running", counts="{}", **words)
    for frame, expected in (
        (run, Changes(1, 0, 0)),
        (run, Changes(0, 0, 0)),
        (run.assign(finished_at=started), Changes(0, 1, 0)),
        (run.assign(finished_at=started), Changes(0, 0, 0)),
        (run, Changes(0, 1, 0)),
    ):
        with database.begin() as connection:
            assert sync(connection, match_run, frame, key=["run_id"]) == expected
    with database.connect() as connection:
        row = connection.execute(select(match_run)).one()
    assert (row.as_of, row.started_at, row.finished_at) == (date(2026, 3, 1), started, None)


def test_a_key_that_comes_twice_is_refused_and_nothing_is_written(database: Engine) -> None:
    twice = pd.concat([REQUESTS, REQUESTS[:1]])
    with pytest.raises(ValueError, match="twice"), database.begin() as connection:
        sync(connection, material_request, twice, key=KEY)
    assert written(database) == []
