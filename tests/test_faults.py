"""Whatever befalls a night, running it again ends as if nothing had been: a sample of ``make faults``."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import REPOSITORY
from tests.faults import trials
from tests.faults.ground import NIGHT, Ground, difference, ground, order
from tests.faults.runner import Runner
from tests.faults.town import AUDIT_WORDS

COMMIT = "transaction:before_commit"
PROMISED: list[str] = []
LONG_AFTER = "4102444800"  # 2100-01-01: a night that is still to come is refused


@pytest.fixture(scope="module")
def runners() -> Iterator[tuple[Runner, Runner]]:
    with Runner(0) as first, Runner(1) as second:
        yield first, second


@pytest.fixture(scope="module")
def on_sqlite(runners: tuple[Runner, Runner]) -> Iterator[Ground]:
    with ground(*runners, None) as made:
        yield made


@pytest.fixture(scope="module")
def on_server(request: pytest.FixtureRequest, runners: tuple[Runner, Runner]) -> Iterator[Ground]:
    with ground(*runners, request.getfixturevalue("postgres")) as made:
        yield made


def last(on: Ground, name: str) -> int:
    """The last crash point of that name."""
    return len(on.points) - 1 - on.points[::-1].index(name)


@pytest.mark.parametrize(
    "name",
    ["landed:rows", "landed:renamed", "file:written", COMMIT, "transaction:committed"],
)
def test_a_night_killed_at_a_crash_point_ends_the_same_when_run_again(on_sqlite: Ground, name: str) -> None:
    assert list(trials.killed_at(on_sqlite, last(on_sqlite, name))) == PROMISED


def test_the_page_on_reliability_counts_the_crash_points(on_sqlite: Ground) -> None:
    page = (REPOSITORY / "docs" / "reliability.md").read_text("utf-8")
    assert f"passes {len(on_sqlite.points)} of" in " ".join(page.split())


def test_a_clean_up_is_counted_on_the_page_and_killed_at_its_last_commit_ends_the_same(
    runners: tuple[Runner, Runner],
) -> None:
    page = (REPOSITORY / "docs" / "reliability.md").read_text("utf-8")
    with ground(*runners, None, "cleanup") as on:
        assert f"a clean-up of its history {len(on.points)}." in " ".join(page.split())
        assert list(trials.killed_at(on, last(on, COMMIT))) == PROMISED


def test_a_rerun_that_is_killed_too_is_made_good_by_the_next(on_sqlite: Ground) -> None:
    first, second = random.Random(7).sample(range(len(on_sqlite.points)), 2)
    assert list(trials.killed_at(on_sqlite, first, again_at=second)) == PROMISED


@pytest.mark.parametrize("act", ["term", "int"])
def test_a_night_that_is_asked_to_end_does_so_soon_and_can_be_run_again(on_sqlite: Ground, act: str) -> None:
    assert list(trials.asked_to_end_at(on_sqlite, last(on_sqlite, "file:renamed"), act)) == PROMISED


@pytest.mark.parametrize(("name", "bytes_a_file"), [("lock:taken", 6_000), ("landed:renamed", 0)])
def test_a_disk_that_fills_up_fails_the_night_in_one_line_and_tears_no_file(
    on_server: Ground, name: str, bytes_a_file: int
) -> None:
    at = on_server.points.index(name)
    assert list(trials.disk_full_at(on_server, at, bytes_a_file=bytes_a_file)) == PROMISED


def test_a_full_disk_under_the_database_fails_the_night_in_one_line(on_sqlite: Ground) -> None:
    assert list(trials.disk_full_at(on_sqlite, last(on_sqlite, "sync:evidence:staged"))) == PROMISED


def test_what_a_power_cut_loses_never_stands_under_a_final_name(on_sqlite: Ground) -> None:
    assert list(trials.power_cut_at(on_sqlite, last(on_sqlite, "landed:renamed"))) == PROMISED


def test_a_night_without_memory_tears_nothing(on_sqlite: Ground) -> None:
    assert list(trials.out_of_memory(on_sqlite, 32)) == PROMISED


def test_a_night_killed_at_an_instant_that_nobody_chose_ends_the_same(on_sqlite: Ground) -> None:
    assert list(trials.killed_after(on_sqlite, random.Random(11).uniform(0.2, 2))) == PROMISED


def test_a_frozen_night_is_put_aside_and_writes_nothing_when_it_wakes(on_sqlite: Ground) -> None:
    assert list(trials.frozen_at(on_sqlite, last(on_sqlite, COMMIT))) == PROMISED


@pytest.mark.parametrize("backfill", [False, True])
def test_a_second_run_beside_a_night_is_refused_and_the_night_is_unharmed(
    on_sqlite: Ground, backfill: bool
) -> None:
    assert list(trials.rivalled_at(on_sqlite, on_sqlite.points.index(COMMIT), backfill=backfill)) == PROMISED


def test_a_killed_night_ends_the_same_on_the_server(on_server: Ground) -> None:
    assert list(trials.killed_at(on_server, last(on_server, COMMIT))) == PROMISED


def test_a_frozen_night_is_put_aside_by_ending_its_sessions(on_server: Ground) -> None:
    assert list(trials.frozen_at(on_server, last(on_server, COMMIT))) == PROMISED


def test_a_commit_whose_outcome_nobody_heard_is_made_good(on_server: Ground) -> None:
    _, commits = trials.messages(on_server)
    assert len(commits) >= on_server.points.count(COMMIT)
    for after in (False, True):
        assert list(trials.cut_at(on_server, commits[-1], after=after)) == PROMISED


def test_a_server_that_stops_at_once_and_comes_back_costs_nothing_but_a_rerun(on_server: Ground) -> None:
    assert list(trials.server_restarted_at(on_server, last(on_server, COMMIT))) == PROMISED


def test_both_databases_end_in_the_same_state_to_the_last_byte_but_for_their_users_in_the_audit(
    on_sqlite: Ground, on_server: Ground
) -> None:
    assert difference(on_sqlite.expected, on_server.expected) == ["audit_event"]
    assert on_sqlite.expected[AUDIT_WORDS] == on_server.expected[AUDIT_WORDS]


def test_another_process_zone_thread_and_order_give_the_same_bytes(on_sqlite: Ground) -> None:
    other = {"zone": "America/New_York", "threads": 2, "backwards": True}
    assert list(trials.elsewhere(on_sqlite, **other)) == PROMISED


def test_the_clock_changes_no_finding(on_sqlite: Ground) -> None:
    with on_sqlite.town() as town:
        late = order(town, *NIGHT)
        assert (
            on_sqlite.runner.run(
                replace(late, environment={**late.environment, "SOURCE_DATE_EPOCH": LONG_AFTER})
            )
            == 0
        )
        changed = {name for name in difference(on_sqlite.expected, town.digest()) if "/" not in name}
    assert changed == {"audit_event", "delivery", "match_run"}


def test_a_night_run_again_on_the_same_ground_changes_no_row_and_no_file(on_sqlite: Ground) -> None:
    with on_sqlite.town() as town:
        assert [on_sqlite.runner.run(order(town, *NIGHT)) for _ in range(2)] == [0, 0]
        assert difference(on_sqlite.expected, town.digest()) == []
