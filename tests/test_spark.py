"""The same statements and the same night on Spark, row for row; ``SPARK_MASTER`` names another master."""

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import sql
from expectations.feed import Feed, feeds
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.engine import spark
from pipelines.engine.seam import MatchEngine, match_engine
from tests.city import City
from tests.test_engine import parquet

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or spark.java() is None,
    reason="Spark or Java is not installed",
)
CLUSTER = os.environ.get("SPARK_MASTER", "local[2]")
NIGHT = date(2026, 6, 18)
RISK = ("contributions", "late", "kinds", "steady", "staff_reductions", "deaths", "hires")
STILL = "1781800000"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the cluster, whose workers write beside a Spark of links and not into the package."""
    import pyspark

    home = tmp_path_factory.mktemp("spark")
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        yield CLUSTER
        spark.stop()


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory, cluster: str) -> dict[str, City]:
    """One demo city twice, after the same night on each engine."""
    after = {}
    for engine in ("duckdb", cluster):
        home = tmp_path_factory.mktemp("city")
        build(home, claims=60, rows=600)
        url = f"sqlite:///{home / 'benefit.db'}"
        database = sql.connect(url)
        upgrade(database)
        settings = Settings(
            database_url=url,
            inbox=home / "inbox",
            store=home / "store",
            reports=home / "reports",
            engine=engine,
            engine_rows=0,
        )
        city = City(home, settings, database)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", STILL)
            city.night(NIGHT.isoformat(), report=True)
        after[engine] = city
    return after


def reports(city: City) -> dict[str, str]:
    files = [p for p in city.settings.reports.rglob("*") if p.is_file()]
    root = city.settings.reports
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@needs_spark
def test_a_night_on_a_cluster_writes_the_same_rows_and_the_same_reports(
    cities: dict[str, City], cluster: str
) -> None:
    ours, theirs = cities["duckdb"], cities[cluster]
    assert theirs.state() == ours.state()
    assert reports(theirs) == reports(ours)
    assert ours.rows("SELECT 1 FROM suspension_candidate LIMIT 1")


def statements(feed: Feed) -> Iterator[str]:
    """Every statement that a night, a preview or a month asks of this feed's extract."""
    columns = list(feed.columns)
    timed = [c.name for c in feed.columns.values() if c.type in ("date", "month")]
    for persons in ("count(DISTINCT id_key)", sql.match("persons_sampled")):
        yield sql.match("measures").format(persons=persons, covered=timed[-1])
    yield sql.match("measures_spans").format(
        spans=", ".join(f"min({c}) AS a_{c}, max({c}) AS z_{c}" for c in timed)
    )
    yield from (sql.match("measures_values").format(column=c) for c in columns)
    yield from map(sql.match, ("linked", "residue", "usable"))
    if feed.name == "identity_changes":
        yield sql.match("changes")
    if feed.name in RISK:
        yield sql.risk(feed.name)
    if feed.name == "contributions":
        yield from (sql.risk(name).format(first=24_300, last=24_312) for name in RISK[1:4])


@needs_spark
def test_every_statement_gives_the_same_rows_on_both_engines(
    cities: dict[str, City], cluster: str, tmp_path: Path
) -> None:
    settings = cities["duckdb"].settings
    keys = settings.store / "nights" / NIGHT.isoformat() / "recipients_by_key.parquet"
    numbers = pd.read_parquet(keys)["id_key"]
    people = parquet(tmp_path / "people.parquet", person=sorted(set(numbers)))
    answer, rows = tmp_path / "answer.parquet", 0
    with match_engine(settings) as ours, match_engine(cities[cluster].settings) as theirs:
        for feed in feeds().values():
            extracts = sorted((settings.store / "deliveries" / feed.name).glob("*/*/extract/*.parquet"))
            for engine in (ours, theirs):
                engine.register("people", [people])
                engine.register("recipients_by_key", [keys])
                if extracts:
                    engine.register("extract", extracts)
            for statement in statements(feed) if extracts else ():
                expected, columns = answers(ours, statement, answer)
                assert answers(theirs, statement, answer) == (expected, columns), statement
                rows += len(expected)
    assert rows > len(numbers)


def answers(engine: MatchEngine, statement: str, path: Path) -> tuple[list[str], list[str]]:
    """The rows in their order, where the statement gives one, and the columns."""
    count = engine.write(statement, path)
    frame = pd.read_parquet(path)
    assert len(frame) == count
    rows = [str(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]
    return (rows if "ORDER BY" in statement else sorted(rows)), list(frame.columns)


def as_numbers(settings: Settings, table: Path, answer: Path) -> None:
    with match_engine(settings) as engine:
        engine.register("t", [table])
        engine.write("SELECT CAST(a AS integer) AS a FROM t", answer)


@needs_spark
def test_what_spark_cannot_do_is_an_error_without_a_value_of_a_row(
    cities: dict[str, City], cluster: str, tmp_path: Path
) -> None:
    answer = parquet(tmp_path / "answer.parquet", a=[1])
    before = answer.read_bytes()
    with pytest.raises(CrossmatchError, match="CAST_INVALID_INPUT") as failure:
        as_numbers(cities[cluster].settings, parquet(tmp_path / "t.parquet", a=["secret"]), answer)
    assert "secret" not in str(failure.value)
    assert answer.read_bytes() == before


@needs_spark
def test_paths_are_read_to_the_letter_and_answers_can_be_read_again(
    cities: dict[str, City], cluster: str, tmp_path: Path
) -> None:
    odd = tmp_path / "a{1}* [b]"
    files = [
        parquet(odd / f"delivered_on=2026-10-{day}" / "key" / "extract" / "0.parquet", a=[day], b=[None] * 1)
        for day in (10, 11)
    ]
    with match_engine(cities[cluster].settings) as engine:
        engine.register("t", files)
        assert engine.write("SELECT a, delivered_on FROM t WHERE a > 10", odd / "it's.parquet") == 1
        engine.register("t", [odd / "it's.parquet"])
        assert engine.rows("SELECT * FROM t") == [{"a": 11, "delivered_on": date(2026, 10, 11)}]


def test_small_extracts_are_joined_embedded_whatever_the_engine(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", engine="spark://nowhere.example:7077", engine_rows=3)
    with match_engine(settings, [parquet(tmp_path / "t.parquet", a=[1, 2])]) as engine:
        assert engine.rows("SELECT 1 AS a") == [{"a": 1}]


@pytest.mark.parametrize("lacking", ["Java 17", "spark]"])
def test_without_spark_or_java_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "spark]":
        monkeypatch.setitem(sys.modules, "pyspark", None)
    elif importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark is not installed")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    settings = Settings(store=tmp_path / "store", engine="spark", engine_rows=0)
    with pytest.raises(UsageError, match=re.escape(lacking)), match_engine(settings):
        pass
