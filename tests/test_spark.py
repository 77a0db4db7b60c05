"""The same statements, work and night on Spark, row for row; ``SPARK_MASTER`` names another master.

One application serves the whole module: two executors, processes of their own that have the program from its
driver. Java compiles little, since nothing here is large.
"""

import importlib.util
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sql
from expectations.feed import Feed, feed, feeds
from pipelines.base.errors import CrossmatchError, DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.base.workers import Alone
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.engine import spark
from pipelines.engine.seam import MatchEngine, for_bytes, match_engine
from pipelines.readers import land, ranges
from tests.city import City
from tests.cluster import CLUSTER, OF_THIS_MACHINE, STILL, dying, night, on_cluster, opened, reports
from tests.test_engine import parquet
from tests.test_line_ends import HEADER, row

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or spark.java() is None,
    reason="Spark or Java is not installed",
)
NIGHT = date(2026, 6, 18)
OF_MONTHS = ("late", "kinds", "steady")
RISK = ("contributions", "staff_reductions", "deaths", "hires", "business_roles", "identity_changes")
MONTHS = {"first": 24_300, "last": 24_312}
WRITTEN = {
    *map(sql.match, ("linked", "residue")),
    *map(sql.risk, RISK),
    *(sql.risk(name).format(**MONTHS) for name in OF_MONTHS),
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the cluster."""
    with opened(tmp_path_factory.mktemp("spark"), __name__):
        yield CLUSTER


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a file for each function during which an executor was killed while the night ran."""
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory, cluster: str, killed: Path) -> dict[str, City]:
    """One demo city twice, after the same night on each engine; on the cluster executors are killed."""
    after = {}
    for engine in ("duckdb", cluster):
        home = tmp_path_factory.mktemp("city")
        build(home, claims=40, rows=300)
        url = f"sqlite:///{home / 'benefit.db'}"
        database = sql.connect(url)
        upgrade(database)
        settings = Settings(
            database_url=url, inbox=home / "inbox", store=home / "store", reports=home / "reports"
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", STILL)
            if engine == "duckdb":
                city = City(home, settings, database)
                city.night(NIGHT.isoformat(), report=True)
            else:
                city = City(home, on_cluster(settings), database)
                night(city, NIGHT.isoformat(), killed if OF_THIS_MACHINE else None)
        after[engine] = city
    return after


@needs_spark
def test_a_night_on_a_cluster_writes_the_same_rows_and_the_same_reports(
    cities: dict[str, City], cluster: str
) -> None:
    ours, theirs = cities["duckdb"], cities[cluster]
    assert theirs.state() == ours.state()
    assert reports(theirs) == reports(ours)
    assert ours.rows("SELECT 1 FROM suspension_candidate LIMIT 1")


@needs_spark
@pytest.mark.skipif(not OF_THIS_MACHINE, reason="its executors are not processes of this machine")
def test_in_each_kind_of_work_an_executor_was_killed_in_that_night(
    cities: dict[str, City], killed: Path
) -> None:
    assert {"land_range", "link_block", "judge_part"} <= {marker.name for marker in killed.iterdir()}


def statements(feed: Feed) -> Iterator[str]:
    """Every statement that a night, a preview or a month asks of this feed's extract."""
    columns = list(feed.columns)
    timed = [c.name for c in feed.columns.values() if c.type in ("date", "month")]
    for persons in ("count(DISTINCT id_key)", sql.match("persons_sampled")):
        yield sql.match("measures").format(persons=persons, covered=timed[-1])
    yield sql.match("measures_spans").format(
        spans=", ".join(f"min({c}) AS a_{c}, max({c}) AS z_{c}" for c in timed)
    )
    asked = [c.name for c in feed.columns.values() if c.type == "code"]
    asked += [c.name.removesuffix("_number") + "_class" for c in feed.columns.values() if c.type == "id"]
    yield from (sql.match("measures_values").format(column=c) for c in asked)
    yield " UNION ALL ".join(
        f"SELECT '{c}' AS name, CAST(value AS string) AS value, rows_with_it FROM ({_unordered(c)}) AS t"
        for c in columns
    )
    yield from map(sql.match, ("linked", "residue", "usable"))
    both = "id_key, file, line"
    yield sql.match("differing").format(key="id_key", columns=both, earlier=both, tonight=both)
    if feed.name == "identity_changes":
        yield sql.match("changes")
    if feed.name in RISK:
        yield sql.risk(feed.name)
    if feed.name == "contributions":
        yield from (sql.risk(name).format(**MONTHS) for name in OF_MONTHS)


def test_no_statement_is_left_out_of_those_that_are_tried_on_both_engines() -> None:
    asked = {statement for feed in feeds().values() for statement in statements(feed)}
    every = [
        (sql.match if folder == "match" else sql.risk)(file.stem)
        for folder in ("match", "risk")
        for file in (sql.HERE / folder).glob("*.sql")
    ]
    assert len(every) > 10
    for statement in every:
        longest = max(re.split(r"\{\w+\}", statement), key=len)
        assert any(longest in each for each in asked), statement


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
                    engine.register("earlier", extracts[1:] or extracts)
                    engine.register("tonight", extracts[:1])
            for statement in statements(feed) if extracts else ():
                expected, columns = answers(ours, statement, answer)
                assert answers(theirs, statement, answer) == (expected, columns), statement
                rows += len(expected)
    assert rows > len(numbers)


def _unordered(column: str) -> str:
    return sql.match("measures_values").format(column=column).partition("ORDER BY")[0]


def answers(engine: MatchEngine, statement: str, path: Path) -> tuple[list[str], list[str]]:
    """The rows in their order, where the statement gives one, and the columns."""
    if statement not in WRITTEN:
        asked = engine.rows(statement)
        rows = [str(list(row.values())) for row in asked]
        return (rows if "ORDER BY" in statement else sorted(rows)), list(asked[0] if asked else ())
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


def placed(item: int) -> tuple[str, int]:
    import pipelines

    return str(pipelines.__file__), item


def refused(item: int) -> int:
    if item:
        raise DeliveryRejected(f"{item}.csv：无法读取")
    return item


@needs_spark
def test_items_are_worked_on_by_executors_with_the_code_of_the_driver(
    cities: dict[str, City], cluster: str
) -> None:
    with match_engine(cities[cluster].settings) as engine:
        done = engine.run(placed, range(5))
        with pytest.raises(DeliveryRejected, match=r"1\.csv：无法读取"):
            engine.run(refused, range(3))
    assert [item for _, item in done] == [0, 1, 2, 3, 4]
    assert all("crossmatch-" in place for place, _ in done)


@needs_spark
@pytest.mark.skipif(not OF_THIS_MACHINE, reason="its executors are not processes of this machine")
def test_an_executor_that_is_killed_while_it_lands_costs_a_retry_and_no_row(
    cities: dict[str, City], cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE", 4_000)
    monkeypatch.setattr(ranges, "CHUNK", 1_000)
    path, marks = tmp_path / "deaths.csv", tmp_path / "killed"
    marks.mkdir()
    path.write_text("\n".join((HEADER, *map(row, range(1, 200)), "坏", "")), "utf-8")
    settings = cities[cluster].settings
    options = {"feed": feed("deaths"), "part": "p"}
    ours = land(path, folder=tmp_path / "ours", workers=lambda size: Alone(), **options)
    with dying(marks):
        theirs = land(path, folder=tmp_path / "theirs", workers=lambda size: spark.Tasks(settings), **options)
    assert list(marks.iterdir())
    assert theirs == ours
    for kind in ("extract", "rejects"):
        mine, other = (pq.read_table(tmp_path / who / kind).sort_by("line") for who in ("ours", "theirs"))
        assert mine.num_rows == (199 if kind == "extract" else 1)
        assert other.to_pylist() == mine.to_pylist()
    assert len(list((tmp_path / "theirs" / "extract").iterdir())) > 2


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
    assert not isinstance(for_bytes(settings)(200), spark.Tasks)
    assert isinstance(for_bytes(settings)(300), spark.Tasks)
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
