"""A month of fund risk on whole cities: what is seen, written and shown to whom; candidates untouched."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
import sqlalchemy as sa

import sql
from matchers import months
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.commands.risk import risk
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.risk import step
from sql.risk_tables import OPTIONAL, risk_fact, risk_run, risk_signal
from sql.tables import suspension_candidate
from tests.city import City, settle
from tests.risksigned import sign
from tests.test_roles import SCRIPT, _as

MONTH = months.number("2026-12")
PLACES = ("risk_signal", "risk_fact", "risk_run")


@pytest.fixture
def city(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> City:
    """The sample city with schemes, its six optional relations among its tables."""
    world = shared / "data" / "risk-a"
    sql.create_agency(database, reference="risk")
    made = settle(world, database_url, database, tmp_path)
    _copy(world, database)
    settings = replace(made.settings, risk_policy=str(world / "risk-policy.toml"))
    return City(world, sign(settings), database)


def _copy(world: Path, database: sa.Engine) -> None:
    source = sa.create_engine(f"sqlite:///file:{world / 'benefit.db'}?mode=ro&uri=true")
    with source.connect() as read, database.begin() as write:
        for table in OPTIONAL.sorted_tables:
            rows = [dict(r) for r in read.execute(sa.select(table)).mappings()]
            write.execute(sa.insert(table), rows)
    source.dispose()


def signals(engine: sa.Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(r) for r in connection.execute(sa.select(risk_signal)).mappings()]


def test_a_month_sees_every_scheme_and_none_of_the_innocent_and_says_the_same_again(city: City) -> None:
    step.run(city.settings, MONTH)
    verdict = city.score(city.world.parents[1] / "tools" / "score_risk.py")
    assert "wrong 0" in verdict.splitlines()[-1], verdict
    before = {name: rows for name, rows in city.state().items() if name in PLACES}
    assert step.run(city.settings, MONTH)["withdrawn"] == 0
    assert {name: rows for name, rows in city.state().items() if name in PLACES} == before


def test_no_number_of_an_account_stands_in_a_signal(city: City) -> None:
    step.run(city.settings, MONTH)
    accounts = {r["bank_account"] for r in city.rows("SELECT DISTINCT bank_account FROM payment")}
    text = json.dumps([*signals(city.engine), *city.rows("SELECT * FROM risk_fact")], default=str)
    assert not [a for a in accounts if a and a in text]


def test_signals_about_operators_stand_in_the_folder_of_supervision_and_nowhere_else(city: City) -> None:
    files = [Path(path) for path in step.run(city.settings, MONTH)["files"]]
    operators = {s["subject_key"] for s in signals(city.engine) if s["subject_kind"] == "operator"}
    named = {path.relative_to(city.settings.reports): _named_in(path, operators) for path in files}
    assert named.pop(Path("risk/2026-12/基金监督/经办信号-2026-12.xlsx")) == operators
    assert len(named) > 1
    assert not any(named.values())
    accounts = {r["bank_account"] for r in city.rows("SELECT DISTINCT bank_account FROM payment")} - {None}
    assert not any(_named_in(path, accounts) for path in files)


def _named_in(path: Path, words: set[str]) -> set[str]:
    if path.suffix != ".xlsx":
        text = path.read_text("utf-8")
        return {word for word in words if word in text}
    sheets = openpyxl.load_workbook(path, read_only=True).worksheets
    cells = {
        str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row if value
    }
    return {word for word in words if any(word in cell for cell in cells)}


def test_without_a_relation_its_rules_say_so_and_withdraw_nothing(city: City) -> None:
    step.run(city.settings, MONTH)
    before = {s["signal_id"]: s["status"] for s in signals(city.engine) if s["rule"] == "DUTY_CONFLICT"}
    city.execute("DROP TABLE duty_exception")
    missing = step.run(city.settings, MONTH)["missing"]
    assert missing["DUTY_CONFLICT"] == missing["CONCENTRATION"] == ("岗位兼任备案",)
    after = {s["signal_id"]: s["status"] for s in signals(city.engine) if s["rule"] == "DUTY_CONFLICT"}
    assert before == after
    assert set(after.values()) == {"open"}


def test_a_signal_whose_facts_are_gone_is_withdrawn_and_comes_back_with_them(city: City) -> None:
    step.run(city.settings, MONTH)
    events = city.rows("SELECT event_id, kind FROM claim_event WHERE kind = 'override'")
    city.execute("UPDATE claim_event SET kind = 'review' WHERE kind = 'override'")
    step.run(city.settings, MONTH)
    assert [s["status"] for s in signals(city.engine) if s["rule"] == "OVERRIDE"] == ["withdrawn"]
    for event in events:
        city.execute(
            "UPDATE claim_event SET kind = 'override' WHERE event_id = :event_id", event_id=event["event_id"]
        )
    step.run(city.settings, MONTH)
    assert [s["status"] for s in signals(city.engine) if s["rule"] == "OVERRIDE"] == ["open"]


def test_a_city_without_any_optional_relation_is_told_what_is_missing_and_accuses_nobody(
    database: sa.Engine, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=database_url, inbox=tmp_path, store=tmp_path / "store", reports=tmp_path / "reports"
    )
    result = step.run(sign(settings), MONTH)
    assert (result["levels"], len(result["missing"])) == ({}, 15)
    with database.connect() as connection:
        assert set(json.loads(connection.execute(sa.select(risk_run.c.missing)).scalar_one())) == set(
            result["missing"]
        )


def test_candidates_and_all_else_of_a_night_are_the_same_with_and_without_risk(tmp_path: Path) -> None:
    as_of, world = dt.date(2025, 3, 12), tmp_path / "world"
    build(world, claims=60, rows=600, seed=3, as_of=as_of)
    engine = sql.connect(f"sqlite:///{world / 'benefit.db'}")
    upgrade(engine)
    settings = Settings(
        database_url=str(engine.url),
        inbox=world / "inbox",
        store=tmp_path / "store",
        reports=tmp_path / "reports",
    )
    made = City(world, settings, engine)
    made.night(as_of.isoformat())
    before = made.findings()
    assert before[suspension_candidate.name]
    step.run(sign(settings), months.of(as_of))
    after = made.findings()
    assert {n: r for n, r in after.items() if not n.startswith("risk_")} == {
        n: r for n, r in before.items() if not n.startswith("risk_")
    }


def test_the_reference_schema_of_the_optional_relations_is_the_one_that_is_read(database: sa.Engine) -> None:
    sql.create_agency(database, reference="risk")
    schema = "public" if database.name == "postgresql" else None
    for table in OPTIONAL.sorted_tables:
        there = {c["name"] for c in sa.inspect(database).get_columns(table.name, schema=schema)}
        assert there == set(table.columns.keys()), table.name


def test_readers_do_not_see_signals_about_operators_and_supervision_does(postgresql_url: str) -> None:
    engine = sql.connect(postgresql_url)
    row = {c.name: "x" for c in risk_signal.columns} | {
        "level": "lead", "status": "open", "first_seen_as_of": dt.date(2026, 1, 1),
        "last_seen_as_of": dt.date(2026, 1, 1),
    }  # fmt: skip
    with engine.begin() as connection:
        for kind in ("claim", "operator"):
            connection.execute(
                sa.insert(risk_signal).values({**row, "signal_id": kind, "subject_kind": kind})
            )
            fact = {"signal_id": kind, "fact_no": 0, "weight": "supports", "reason": "x"}
            connection.execute(sa.insert(risk_fact).values(fact))
    engine.dispose()
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection_:
        for _ in range(2):
            connection_.execute(SCRIPT.read_bytes())
    seen = {}
    for role in ("reader", "supervision", "pipeline"):
        as_role = sql.connect(_as(postgresql_url, role))
        with as_role.connect() as connection:
            ids = connection.exec_driver_sql(
                "SELECT signal_id FROM risk_signal JOIN risk_fact USING (signal_id) ORDER BY 1"
            )
            seen[role] = list(ids.scalars())
            facts = connection.exec_driver_sql("SELECT count(*) FROM risk_fact").scalar_one()
            assert facts == len(seen[role])
        as_role.dispose()
    assert seen == {
        "reader": ["claim"],
        "supervision": ["claim", "operator"],
        "pipeline": ["claim", "operator"],
    }


def test_a_month_that_has_not_begun_is_refused_and_writes_nothing(
    database: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSMATCH_DATABASE_URL", database_url)
    monkeypatch.setenv("CROSSMATCH_STORE", str(tmp_path / "store"))
    monkeypatch.setenv(
        "SOURCE_DATE_EPOCH", str(int(dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC).timestamp()))
    )
    with pytest.raises(UsageError, match="尚未到来"):
        risk("2026-12")
    assert signals(database) == []
