"""Nothing that a night says tells of a person: not its output, its errors, nor Airflow or the server.

Every recipient is marked: no text of ours holds the two first characters of the names, and the numbers are of
a region and a series that do not exist. The marks stand in every place from which they could get out.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

import sql
from tests.conftest import REPOSITORY
from tests.faults.ground import order
from tests.faults.runner import Runner
from tests.faults.town import SECOND, Town, build
from tests.inbox import DEATHS, HIRES, id_number, name
from tests.inbox import text as lines
from tests.postgres import Server

MARK = "驫驫"
PERSON, NUMBER, PHONE = f"{MARK}丁", id_number(1), "19900000001"
CANARY = re.compile(rf"{MARK}|500199\d{{6}}|５００１９９|1990000\d{{4}}")
COMMANDS = (
    ("night", SECOND.isoformat()),
    ("night", SECOND.isoformat(), "--dry-run"),
    ("deliveries", SECOND.isoformat()),
    ("report", SECOND.isoformat()),
    ("summary", SECOND.isoformat()),
    ("upkeep", SECOND.isoformat()),
    ("doctor",),
    ("audit", "verify"),
)
REFUSES_EVERY_ROW = {
    "sqlite": "CREATE TRIGGER refuses BEFORE INSERT ON {0} BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": "ALTER TABLE crossmatch.{0} ADD CHECK (delivery_id IS NULL)",
}
READS_A_NUMBER_AS_A_DATE = """
    ALTER TABLE public.recipient RENAME TO person;
    CREATE VIEW public.recipient AS
    SELECT person_id, id_kind, id_number, name, sex, CAST(id_number AS date) AS birth_date, phone, district
      FROM public.person;
"""
ROLES = REPOSITORY / "sql" / "roles" / "postgresql.sql"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as warm:
        yield warm


def marked(home: Path, url: str) -> Town:
    """The town, with marks in the rows, headings, names and manifests of its deliveries."""
    town = build(home, url)
    with sql.connect(url).begin() as connection:
        connection.execute(text(f"UPDATE recipient SET name = '{MARK}' || substr(name, 2)"))
    for path in (home / "inbox").rglob("*.csv"):
        path.write_bytes(path.read_bytes().replace("甲".encode("gb18030"), MARK.encode("gb18030")))
    person = (NUMBER, PERSON)
    deliver(home, "2026-02-17", "deaths", "d.csv", lines(DEATHS, [(*person, NUMBER, PERSON, PHONE)]))
    deliver(home, "2026-02-17", "imprisonments", "no_heading.csv", lines(person, [person]))
    deliver(home, "2026-02-17", "enlistments", "open_quote.csv", f'公民身份号码,姓名\n"{NUMBER},{PERSON}\n')
    strange = (*HIRES, NUMBER, PHONE)
    deliver(
        home,
        "2026-02-17",
        "hires",
        "h.csv",
        lines(strange, [(*person, "甲公司", "2026-02-03", "单位就业", "", "")]),
    )
    deliver(home, "2026-02-18", "hires", f"{NUMBER}.csv", lines(HIRES, [(*person, "", NUMBER, PERSON)]))
    deliver(home, "2026-02-18", "pension_payees", f"{NUMBER}.exe", f"{NUMBER},{PERSON}")
    for day, manifest in (("2026-02-18", {"supersedes": NUMBER}), ("2026-02-19", {PERSON: NUMBER})):
        deliver(home, day, "deaths", "d.csv", lines(DEATHS, [(*person, "2026-02-01", "死亡", PERSON)]))
        (home / "inbox" / day / "deaths" / "manifest.json").write_text(
            json.dumps(manifest, ensure_ascii=False)
        )
    (home / "inbox" / f"{NUMBER}").mkdir()
    return town


def deliver(home: Path, day: str, feed: str, file: str, content: str) -> None:
    folder = home / "inbox" / day / feed
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content.encode("gb18030"))


def output(path: Path) -> str:
    """What a file says that may be binary."""
    return path.read_bytes().decode("utf-8", "replace")


def lines_with_a_mark(text: str) -> list[str]:
    return [line[:300] for line in text.splitlines() if CANARY.search(line)]


def test_no_command_says_anything_of_a_person(runner: Runner, database_url: str, tmp_path: Path) -> None:
    town = marked(tmp_path, database_url)
    logs = {command: order(town, *command) for command in COMMANDS}
    for given in logs.values():
        runner.run(given)
    outputs = {command: output(given.log) for command, given in logs.items()}
    assert all(text.strip() for text in outputs.values())
    assert {command: marks for command, text in outputs.items() if (marks := lines_with_a_mark(text))} == {}


@pytest.mark.parametrize("table", ["evidence", "identity_question"])
def test_a_refused_row_says_nothing_of_a_person(
    runner: Runner, backend: str, database_url: str, tmp_path: Path, table: str
) -> None:
    town = marked(tmp_path, database_url)
    with sql.connect(database_url).begin() as connection:
        connection.exec_driver_sql(REFUSES_EVERY_ROW[backend].format(table))
    given = order(town, "night", SECOND.isoformat())
    assert runner.run(given) == 1
    assert output(given.log).startswith("错误：")
    assert lines_with_a_mark(output(given.log)) == []


@pytest.mark.parametrize(
    "breaks", [REFUSES_EVERY_ROW["postgresql"].format("evidence"), READS_A_NUMBER_AS_A_DATE]
)
def test_the_log_of_the_server_says_nothing_of_a_person(
    runner: Runner, postgres: Server, postgresql_url: str, tmp_path: Path, breaks: str
) -> None:
    town = marked(tmp_path, postgresql_url)
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(breaks.encode())
        owner.execute(ROLES.read_bytes())
    begins = postgres.log.stat().st_size
    as_pipeline = make_url(postgresql_url).set(username="pipeline").render_as_string(hide_password=False)
    given = order(Town(town.home, as_pipeline), "night", SECOND.isoformat())
    assert runner.run(given) == 1
    assert output(given.log).startswith("错误：")
    postgres.execute("DO $$ BEGIN RAISE WARNING 'the log is written'; END $$")
    log = postgres.log.read_bytes()[begins:].decode("utf-8", "replace")
    assert "the log is written" in log
    assert lines_with_a_mark(output(given.log) + log) == []


def test_airflow_keeps_nothing_of_a_person(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    town = marked(tmp_path, f"sqlite:///{tmp_path / 'benefit.db'}")
    home = tmp_path / "airflow"
    bundle = {
        "name": "crossmatch",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(REPOSITORY / "dags")},
    }
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
    }
    printed = ""
    for command in (
        ("db", "migrate"),
        ("dags", "test", "nightly_match", SECOND.isoformat(), "--conf", json.dumps({"night": str(SECOND)})),
    ):
        ran = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            cwd=REPOSITORY,
            env={**os.environ, **own, **town.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        printed += ran.stdout + ran.stderr
    assert "已拒收" in printed
    printed += "".join(map(output, (path for path in home.rglob("*") if path.is_file())))
    assert lines_with_a_mark(printed) == []


def test_the_marks_would_be_found(tmp_path: Path) -> None:
    for mark in (PERSON, NUMBER, PHONE):
        assert lines_with_a_mark(f"a\n…{mark}…") == [f"…{mark}…"]
    assert name(1) == PERSON.replace(MARK, "甲")
