"""What Airflow has to do: the order of a night, what is retried, what red means; and one night through it."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from expectations.feed import feeds
from pipelines import deliveries
from pipelines.base.errors import CrossmatchError, DeliveryRejected, HeldByGate, Locked, UsageError
from pipelines.base.failures import DatabaseFailed
from pipelines.base.settings import Settings
from pipelines.cleanup import status, steps
from pipelines.database.migrate import opened, upgrade
from pipelines.demo import build
from pipelines.demo.municipality import AS_OF
from pipelines.demo.people import number
from sql.cleanup_tables import cleanup_run
from sql.risk_tables import quality_check, risk_run
from sql.tables import delivery, suspension_candidate
from tests.conftest import REPOSITORY
from tests.risksigned import sign

Environment = dict[str, str]
BUNDLE = {
    "name": "crossmatch",
    "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
    "kwargs": {"path": str(REPOSITORY / "dags")},
}


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The environment of an Airflow of its own; set before anything imports Airflow."""
    home = tmp_path_factory.mktemp("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE]),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        yield {**os.environ, **own}


@pytest.fixture(scope="session")
def dags(airflow_home: Environment) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(REPOSITORY / "dags"))
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_a_night_goes_from_acceptance_to_reports(dags: dict[str, Any]) -> None:
    edges = {task.task_id: task.downstream_task_ids for task in dags["nightly_match"].tasks}
    assert edges == {
        "accept": {"link"},
        "link": {"judge"},
        "judge": {"write_back"},
        "write_back": {"report"},
        "report": set(),
    }


def test_one_square_stands_for_one_feed(dags: dict[str, Any]) -> None:
    accept = dags["nightly_match"].get_task("accept")
    assert accept.op_kwargs_expand_input.value == {"feed": list(feeds())}


def test_a_refused_feed_does_not_end_the_night_but_a_failed_step_does(dags: dict[str, Any]) -> None:
    rules = {task.task_id: task.trigger_rule.value for task in dags["nightly_match"].tasks}
    assert rules.pop("link") == "all_done"
    assert set(rules.values()) == {"all_success"}


def test_a_night_is_a_day_in_shanghai_at_half_past_one(dags: dict[str, Any]) -> None:
    timetable = dags["nightly_match"].timetable
    schedule = (timetable.expression, str(timetable.timezone), timetable.key_format)
    assert schedule == ("30 1 * * *", "Asia/Shanghai", "%Y-%m-%d")


@pytest.mark.parametrize("error", [DeliveryRejected, HeldByGate, UsageError, CrossmatchError, ValueError])
def test_what_waiting_does_not_mend_is_not_retried(dags: dict[str, Any], error: type[Exception]) -> None:
    assert _decides(dags, error("")) == "fail"


@pytest.mark.parametrize("error", [DatabaseFailed("", "08006"), Locked("")])
def test_a_lost_connection_and_a_taken_lock_are_retried(dags: dict[str, Any], error: Exception) -> None:
    assert _decides(dags, error) == "retry"


def _decides(dags: dict[str, Any], error: Exception) -> str:
    policy = dags["nightly_match"].get_task("link").retry_policy
    return str(policy.evaluate(error, try_number=1, max_tries=3).action.value)


def test_dags_and_tasks_have_a_chinese_name_and_an_owner(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        assert dag.dag_display_name.endswith(dag.dag_id)
        for task in dag.tasks:
            assert any("一" <= letter <= "鿿" for letter in task.task_display_name), task.task_id
            assert task.owner == "失业保险待遇比对"


def test_every_dag_tells_the_person_on_call_what_red_means(dags: dict[str, Any]) -> None:
    assert set(dags) == {"historical_cleanup", "monthly_risk", "nightly_match", "payment_check", "upkeep"}
    for dag in dags.values():
        unexplained = [task.task_id for task in dag.tasks if f"`{task.task_id}" not in dag.doc_md]
        assert not unexplained, dag.dag_id
        assert all(task.retries for task in dag.tasks)


@pytest.mark.parametrize(
    ("asked", "key", "night_is"),
    [("2026-03-05", None, "2026-03-05"), (None, "2026-03-06", "2026-03-06"), (None, None, "2026-03-08")],
)
def test_the_night_of_a_run_is_what_was_asked_for_else_its_partition_else_today_in_shanghai(
    dags: dict[str, Any], asked: str | None, key: str | None, night_is: str
) -> None:
    night_of = dags["nightly_match"].user_defined_macros["night_of"]
    run = SimpleNamespace(partition_key=key, run_after=datetime(2026, 3, 7, 17, 0, tzinfo=UTC))
    assert night_of({"night": asked}, run) == night_is


@pytest.mark.parametrize(
    ("batch", "asked", "day_is"),
    [
        ("2026-06-01-central", None, "2026-06-01"),
        ("2026-06-01-central", "2026-06-18", "2026-06-01"),
        ("", "2026-06-18", "2026-06-18"),
        ("", None, "2026-03-08"),
    ],
)
def test_a_clean_up_is_of_the_day_of_the_batch_that_was_asked_for_else_of_the_day_that_was(
    dags: dict[str, Any], batch: str, asked: str | None, day_is: str
) -> None:
    cleanup = dags["historical_cleanup"]
    run = SimpleNamespace(partition_key=None, run_after=datetime(2026, 3, 7, 17, 0, tzinfo=UTC))
    assert cleanup.user_defined_macros["night_of"]({"batch": batch, "night": asked}, run) == day_is
    assert {"batch", "districts", "dry_run", "reason", "by"} <= set(cleanup.params)
    assert cleanup.params["dry_run"] is True


def test_a_batch_that_there_is_none_of_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "2026-06-01-central").mkdir()
    settings = Settings(database_url="sqlite://", history=tmp_path)
    steps.require_batch(settings, "")
    steps.require_batch(settings, "2026-06-01-central")
    with pytest.raises(UsageError, match="没有批次 2026-06-02；可用：2026-06-01-central"):
        steps.require_batch(settings, "2026-06-02")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "city"
    build(folder, claims=120, rows=1500)
    with opened(_variables(folder)["CROSSMATCH_DATABASE_URL"]) as engine:
        upgrade(engine)
    return folder


@pytest.fixture(scope="module")
def first_night(city: Path, airflow_home: Environment) -> list[tuple[str, str, str]]:
    """Each task of the city's first night, with its feed and its state."""
    return _through_airflow(city, airflow_home)


def _variables(city: Path) -> Environment:
    return {
        "CROSSMATCH_DATABASE_URL": f"sqlite:///{city}/benefit.db",
        "CROSSMATCH_INBOX": f"{city}/inbox",
        "CROSSMATCH_HISTORY": f"{city}/history",
        "CROSSMATCH_STORE": f"{city}/store",
        "CROSSMATCH_REPORTS": f"{city}/reports",
    }


def _airflow(city: Path, home: Environment, *arguments: str) -> str:
    """What Airflow's command line says."""
    command = [sys.executable, "-m", "airflow", *arguments]
    ran = subprocess.run(command, env={**home, **_variables(city)}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout


def _through_airflow(city: Path, home: Environment) -> list[tuple[str, str, str]]:
    """Each task of the night with its feed and its state."""
    night_is = str(AS_OF)
    _airflow(city, home, "db", "migrate")
    _airflow(city, home, "dags", "test", "nightly_match", night_is, "--conf", json.dumps({"night": night_is}))
    listed = _airflow(
        city, home, "tasks", "states-for-dag-run", "nightly_match", night_is, "--output", "json"
    )
    named = dict(enumerate(feeds()))
    tasks = json.loads(listed[listed.index("[{") :])
    return [(t["task_id"], named.get(int(t["map_index"] or -1), ""), t["state"]) for t in tasks]


def test_a_night_through_airflow_is_green_and_finds_what_there_is_to_find(
    city: Path, first_night: list[tuple[str, str, str]]
) -> None:
    assert {state for _, _, state in first_night} == {"success"}
    assert len(first_night) == len(feeds()) + 4
    with (city / "truth.csv").open(encoding="utf-8") as file:
        truth = {(row["claim_id"], row["cause"], row["tier"]) for row in csv.DictReader(file)}
    c = suspension_candidate.c
    with opened(_variables(city)["CROSSMATCH_DATABASE_URL"]) as engine, engine.connect() as connection:
        raised = {tuple(row) for row in connection.execute(sa.select(c.claim_id, c.cause, c.tier))}
    assert raised == truth
    assert (city / "reports" / str(AS_OF) / "夜报.html").exists()


@pytest.mark.usefixtures("first_night")
def test_a_single_square_that_is_run_again_changes_nothing(city: Path, airflow_home: Environment) -> None:
    def candidates() -> list[tuple[Any, ...]]:
        with opened(_variables(city)["CROSSMATCH_DATABASE_URL"]) as engine, engine.connect() as connection:
            return sorted(map(tuple, connection.execute(sa.select(suspension_candidate))))

    before = candidates()
    _airflow(city, airflow_home, "tasks", "test", "nightly_match", "accept", str(AS_OF), "--map-index", "3")
    assert candidates() == before


@pytest.mark.usefixtures("first_night")
def test_a_refused_delivery_is_one_red_square_and_the_night_goes_on(
    city: Path, airflow_home: Environment
) -> None:
    folder = city / "inbox" / str(AS_OF) / "deaths"
    folder.mkdir(parents=True)
    (folder / "deaths.csv").write_text("什么,都,不是\n1,2,3\n", "utf-8")
    red = [task for *task, state in _through_airflow(city, airflow_home) if state != "success"]
    assert red == [["accept", "deaths"]]
    assert _labels(airflow_home)["deaths"] == f"{feeds()['deaths'].title}　被拒收"


def _labels(home: Environment) -> dict[str, str]:
    """What Airflow shows for each square of the night's acceptance, by feed."""
    ti = sa.table("task_instance", *map(sa.column, ("task_id", "map_index", "rendered_map_index")))
    wanted = sa.select(ti.c.map_index, ti.c.rendered_map_index).where(ti.c.task_id == "accept")
    engine = sa.create_engine(home["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with engine.connect() as connection:
        rows = connection.execute(wanted.where(ti.c.rendered_map_index.is_not(None))).all()
    engine.dispose()
    names = list(feeds())
    return {names[index]: label for index, label in rows}


@pytest.mark.usefixtures("first_night")
def test_a_held_delivery_stands_behind_its_feed_on_the_square(city: Path) -> None:
    settings = Settings.load(_variables(city))
    assert deliveries.standing(settings, "contributions", AS_OF) == ""
    d = delivery.c
    of_feed = sa.update(delivery).where(d.feed == "contributions")
    with opened(settings.database_url) as engine:
        with engine.begin() as connection:
            before = connection.execute(sa.select(d.health).where(d.feed == "contributions")).scalars().all()
            connection.execute(of_feed.values(health="held"))
        assert deliveries.standing(settings, "contributions", AS_OF) == "　待放行"
        with engine.begin() as connection:
            connection.execute(of_feed.values(health=before[0]))


@pytest.mark.usefixtures("first_night")
def test_a_month_of_fund_risk_through_airflow_is_analysed_and_sampled(
    city: Path, airflow_home: Environment
) -> None:
    sign(Settings.load(_variables(city)))
    day, month = str(AS_OF), "2026-05"
    _airflow(city, airflow_home, "dags", "test", "monthly_risk", day, "--conf", json.dumps({"night": day}))
    assert _states(airflow_home, "monthly_risk") == {"analyse": "success", "sample": "success"}
    drawn = sa.select(sa.func.count()).where(quality_check.c.month == month)
    with opened(_variables(city)["CROSSMATCH_DATABASE_URL"]) as engine, engine.connect() as connection:
        assert connection.execute(sa.select(risk_run.c.month)).scalars().all() == [month]
        assert connection.execute(drawn).scalar_one() > 0
    assert (city / "reports" / "risk" / month / f"风险分析月报-{month}.html").exists()


def _states(home: Environment, dag: str) -> dict[str, str]:
    """The state of each task of a DAG that ran once."""
    ti = sa.table("task_instance", *map(sa.column, ("dag_id", "task_id", "state")))
    engine = sa.create_engine(home["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with engine.connect() as connection:
        rows = connection.execute(sa.select(ti.c.task_id, ti.c.state).where(ti.c.dag_id == dag)).all()
    engine.dispose()
    return {task: state for task, state in rows}


def _cleanup(city: Path, home: Environment, **form: object) -> list[tuple[str, str]]:
    """Each task of a clean-up that ran to its end, with its state."""
    day = str(AS_OF)
    conf = json.dumps({"night": day, **form})
    _airflow(city, home, "dags", "test", "historical_cleanup", day, "--conf", conf)
    listed = _airflow(
        city, home, "tasks", "states-for-dag-run", "historical_cleanup", day, "--output", "json"
    )
    return [(task["task_id"], task["state"]) for task in json.loads(listed[listed.index("[{") :])]


def _killed_once_persons_are_compared(city: Path, home: Environment) -> Path:
    """The folder of a clean-up whose process is killed when it has compared the persons."""
    command = [sys.executable, "-m", "airflow", "dags", "test", "historical_cleanup", str(AS_OF)]
    conf = json.dumps({"night": str(AS_OF)})
    environment = {**home, **_variables(city)}
    with subprocess.Popen(
        [*command, "--conf", conf], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as running:  # fmt: skip
        while not (done := list((city / "store" / "cleanup").glob("*/persons.json"))):
            assert running.poll() is None, "it ended before it had compared anybody"
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGKILL)
    return done[0].parent


def test_a_clean_up_through_airflow_is_dry_by_default_goes_on_where_it_was_killed_and_writes_when_asked(
    tmp_path: Path, airflow_home: Environment
) -> None:
    city = tmp_path / "city"
    build(city, claims=30, rows=300, history="national")
    more = city / "history" / "2020-01-01-more" / "registrations"
    more.mkdir(parents=True)
    rows = [
        f"M{n:05d},{number('500190', date(1970, 1, 1 + n % 28), n % 499 + 1)},甲乙{n}" for n in range(2100)
    ]
    (more / "more.csv").write_text("\n".join(["个人编号,身份证号码,姓名", *rows]), "utf-8")
    url = _variables(city)["CROSSMATCH_DATABASE_URL"]
    with opened(url) as engine:
        upgrade(engine)
    _airflow(city, airflow_home, "db", "migrate")
    folder = _killed_once_persons_are_compared(city, airflow_home)
    compared = (folder / "persons-0.parquet").stat().st_mtime_ns
    settings = Settings(database_url=url, store=city / "store")
    with opened(url) as engine, engine.connect() as connection:
        (going,) = status.under_way(settings, connection)
    assert (going["shards"], going["done"]["persons"], going["done"]["employers"]) == (2, 1, 0)

    tasks = _cleanup(city, airflow_home)
    assert {state for _, state in tasks} == {"success"}
    datasets = len(list((city / "history").glob("*/*")))
    assert Counter(name for name, _ in tasks) == {
        "plan": 1, "land": datasets, "persons": 1, "check": 2, "employers": 1, "assemble": 1, "report": 1,
    }  # fmt: skip
    assert (folder / "persons-0.parquet").stat().st_mtime_ns == compared
    with opened(url) as engine, engine.connect() as connection:
        assert connection.execute(sa.select(cleanup_run)).all() == []
        assert status.under_way(settings, connection)[0]["done"] == {"persons": 1, "check": 2, "employers": 1}

    asked = {"dry_run": False, "by": "数据甲", "reason": "首次清理"}
    assert {state for _, state in _cleanup(city, airflow_home, **asked)} == {"success"}
    assert (folder / "persons-0.parquet").stat().st_mtime_ns == compared
    with opened(url) as engine, engine.connect() as connection:
        (run,) = connection.execute(sa.select(cleanup_run)).all()
        assert run.input_digest == folder.name
        assert status.under_way(settings, connection) == []
    assert (city / "reports" / "历史清理" / "数据质量.html").exists()
