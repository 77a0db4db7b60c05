"""A month of fund risk on whole cities: what is seen, written and shown to whom; candidates untouched."""

import csv
import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import openpyxl
import psycopg
import pytest
import sqlalchemy as sa

import sql
from matchers import months
from matchers.risk.ground import Ground
from matchers.schemas import schemas
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.commands.risk import risk
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.risk import sample, step
from pipelines.risk.ground import ground as read_ground
from sql.risk_tables import OPTIONAL, risk_fact, risk_run, risk_signal
from sql.tables import suspension_candidate
from tests.boundaries import Passage, watched
from tests.city import City, settle
from tests.conftest import TEMPLATE, fresh
from tests.risksigned import sign
from tests.test_roles import SCRIPT, _as

MONTH = months.number("2026-12")
PLACES = ("risk_signal", "risk_fact", "risk_run")


@dataclass(frozen=True)
class Analysed:
    """A city whose month was analysed; ``files``: what that wrote; ``passage``: the frames that passed."""

    city: City
    files: tuple[Path, ...]
    passage: Passage


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def analysed(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Analysed]:
    """The sample city with schemes and its six optional relations; each test leaves it as it was."""
    home = tmp_path_factory.mktemp(request.param)
    for url in _urls(request, home / "benefit.db"):
        engine, world = sql.connect(url), shared / "data" / "risk-a"
        sql.create_agency(engine, reference="risk")
        made = settle(world, url, engine, home)
        _copy(world, engine)
        settings = sign(replace(made.settings, risk_policy=str(world / "risk-policy.toml")))
        with watched("matchers.risk", "pipelines.risk") as passage:
            files = step.run(settings, MONTH)["files"]
        yield Analysed(City(world, settings, engine), tuple(map(Path, files)), passage)
        engine.dispose()


def _urls(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    if request.param == "postgresql":
        yield from fresh(request.getfixturevalue("postgres"), TEMPLATE)
    else:
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"


@pytest.fixture
def city(analysed: Analysed) -> City:
    """The city of ``analysed``."""
    return analysed.city


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
    verdict = city.score(city.world.parents[1] / "tools" / "score_risk.py")
    assert "wrong 0" in verdict.splitlines()[-1], verdict
    before = {name: rows for name, rows in city.state().items() if name in PLACES}
    assert step.run(city.settings, MONTH)["withdrawn"] == 0
    assert {name: rows for name, rows in city.state().items() if name in PLACES} == before


def test_every_frame_that_passes_between_the_functions_of_a_month_is_as_declared(analysed: Analysed) -> None:
    assert analysed.passage.faults == {}
    assert {"risk_claims", "last_jobs", "read_forms", "office_shares", "ties"} <= analysed.passage.names
    ground = read_ground(analysed.city.settings, analysed.city.engine, MONTH)
    named = {field: name for field, hint in Ground.__annotations__.items() for name in _frames(hint)}
    faults = {name: schemas()[name].faults(getattr(ground, field)) for field, name in named.items()}
    assert faults == {
        name: [] for name in schemas() if name.startswith("risk_") and name != "risk_claim_rows"
    }


def _frames(hint: object) -> set[str]:
    """The names of the declared frames in the annotation of a field."""
    return {str(name) for one in (hint, *get_args(hint)) for name in getattr(one, "__metadata__", ())}


def test_no_number_of_an_account_stands_in_a_signal(city: City) -> None:
    accounts = {r["bank_account"] for r in city.rows("SELECT DISTINCT bank_account FROM payment")}
    text = json.dumps([*signals(city.engine), *city.rows("SELECT * FROM risk_fact")], default=str)
    assert not [a for a in accounts if a and a in text]


def test_signals_about_operators_stand_in_the_folder_of_supervision_and_nowhere_else(
    analysed: Analysed,
) -> None:
    city, reports = analysed.city, analysed.city.settings.reports
    operators = {s["subject_key"] for s in signals(city.engine) if s["subject_kind"] == "operator"}
    written = [path for path in reports.rglob("*") if path.is_file()]
    assert set(analysed.files) <= set(written)
    named = {path.relative_to(reports): _named_in(path, operators) for path in written}
    assert named.pop(Path("risk/2026-12/基金监督/经办信号-2026-12.xlsx")) == operators
    assert len(named) > 1
    assert not any(named.values())
    accounts = {r["bank_account"] for r in city.rows("SELECT DISTINCT bank_account FROM payment")} - {None}
    assert not any(_named_in(path, accounts) for path in written)
    elsewhere = json.dumps(
        [rows for name, rows in city.state().items() if not name.startswith("risk_")], default=str
    )
    assert not [name for name in operators if name in elsewhere]


def _named_in(path: Path, words: set[str]) -> set[str]:
    if path.suffix != ".xlsx":
        text = path.read_text("utf-8")
        return {word for word in words if word in text}
    sheets = openpyxl.load_workbook(path, read_only=True).worksheets
    cells = {
        str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row if value
    }
    return {word for word in words if any(word in cell for cell in cells)}


def test_claims_under_leads_beyond_the_cap_are_drawn_among_the_weak_ones(city: City) -> None:
    with (city.world / "quiet_risk.csv").open(encoding="utf-8") as file:
        cut = {row["subject_key"] for row in csv.DictReader(file) if row["story"] == "cap_cut"}
    paid = {r["claim_id"] for r in city.rows("SELECT claim_id FROM payment WHERE paid_on >= '2026-12-01'")}
    assert sample.draw(city.settings, city.engine, MONTH) > 0
    drawn = city.rows("SELECT subject, stratum FROM quality_check")
    assert {row["subject"] for row in drawn if row["stratum"] == "weak"} == cut & paid
    assert cut & paid
    assert sample.draw(city.settings, city.engine, MONTH) == 0


def test_without_a_relation_its_rules_say_so_and_withdraw_nothing(city: City) -> None:
    before = {s["signal_id"]: s["status"] for s in signals(city.engine) if s["rule"] == "DUTY_CONFLICT"}
    city.execute("ALTER TABLE duty_exception RENAME TO put_aside")
    try:
        missing = step.run(city.settings, MONTH)["missing"]
    finally:
        city.execute("ALTER TABLE put_aside RENAME TO duty_exception")
    assert missing["DUTY_CONFLICT"] == missing["CONCENTRATION"] == ("岗位兼任备案",)
    after = {s["signal_id"]: s["status"] for s in signals(city.engine) if s["rule"] == "DUTY_CONFLICT"}
    assert before == after
    assert set(after.values()) == {"open"}


def test_a_signal_whose_facts_are_gone_is_withdrawn_and_comes_back_with_them(city: City) -> None:
    overrides = "UPDATE claim_event SET kind = :kind WHERE event_id = :event_id"
    events = city.rows("SELECT event_id FROM claim_event WHERE kind = 'override'")
    for kind, status in (("review", "withdrawn"), ("override", "open")):
        for event in events:
            city.execute(overrides, kind=kind, **event)
        step.run(city.settings, MONTH)
        assert [s["status"] for s in signals(city.engine) if s["rule"] == "OVERRIDE"] == [status]


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
    places = {"reader": "crossmatch", "pipeline": "crossmatch", "supervision": "crossmatch_risk"}
    seen = {}
    for role, schema in places.items():
        as_role = sql.connect(_as(postgresql_url, role))
        with as_role.connect() as connection:
            both = f"{schema}.risk_signal JOIN {schema}.risk_fact USING (signal_id)"
            ids = connection.exec_driver_sql(f"SELECT signal_id FROM {both} ORDER BY 1")
            seen[role] = list(ids.scalars())
            facts = connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.risk_fact").scalar_one()
            assert facts == len(seen[role])
            other = ({*places.values()} - {schema}).pop()
            with pytest.raises(sa.exc.DBAPIError) as refused:
                connection.exec_driver_sql(f"SELECT 1 FROM {other}.risk_run")
            assert getattr(refused.value.orig, "sqlstate", None) == "42501"
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
