"""What the rest of the product relies on in the match engine."""

import dataclasses
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipelines
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.settings import Settings
from pipelines.engine.seam import match_engine


def parquet(path: Path, **columns: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path / "store", memory_mb=256, threads=1)


def test_registered_files_are_read_as_one_table(settings: Settings, tmp_path: Path) -> None:
    files = [parquet(tmp_path / f"{n}.parquet", line=[n, n + 10]) for n in (1, 2)]
    with match_engine(settings) as engine:
        engine.register("extract", files)
        assert engine.rows("SELECT line FROM extract ORDER BY line") == [{"line": n} for n in (1, 2, 11, 12)]


def test_the_date_in_a_folder_name_comes_with_the_rows(settings: Settings, tmp_path: Path) -> None:
    file = parquet(tmp_path / "delivered_on=2026-10-10" / "abc" / "extract" / "0.parquet", line=[1])
    with match_engine(settings) as engine:
        engine.register("extract", [file])
        assert engine.rows("SELECT * FROM extract") == [{"line": 1, "delivered_on": date(2026, 10, 10)}]


def test_columns_are_found_by_name_not_by_place(settings: Settings, tmp_path: Path) -> None:
    one = parquet(tmp_path / "one.parquet", a=[1], b=["x"])
    two = parquet(tmp_path / "two.parquet", b=["y"], a=[2])
    with match_engine(settings) as engine:
        engine.register("t", [one, two])
        assert engine.rows("SELECT a, b FROM t ORDER BY a") == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_a_written_answer_can_be_registered_again(settings: Settings, tmp_path: Path) -> None:
    answer = tmp_path / "it's here" / "answer.parquet"
    with match_engine(settings) as engine:
        engine.register("t", [parquet(tmp_path / "t.parquet", a=[1, 2, 3])])
        assert engine.write("SELECT a FROM t WHERE a > 1", answer) == 2
        engine.register("t", [answer])
        assert engine.rows("SELECT a FROM t ORDER BY a") == [{"a": 2}, {"a": 3}]


def test_a_failed_statement_leaves_the_earlier_answer(settings: Settings, tmp_path: Path) -> None:
    answer = tmp_path / "answer.parquet"
    with match_engine(settings) as engine:
        engine.write("SELECT 1 AS a", answer)
        before = answer.read_bytes()
        with pytest.raises(duckdb.Error):
            engine.write("SELECT CAST('x' AS integer) AS a", answer)
    assert answer.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["answer.parquet"]


def test_the_engine_stays_within_its_memory_by_spilling_to_the_store(settings: Settings) -> None:
    with match_engine(settings) as engine:
        limits = engine.rows(
            "SELECT current_setting('threads') AS threads, current_setting('temp_directory') AS folder, "
            "current_setting('memory_limit') AS memory"
        )[0]
        assert limits["threads"] == 1
        assert limits["memory"].startswith("256")
        assert Path(limits["folder"]).is_relative_to(settings.store)
    assert list((settings.store / "scratch").iterdir()) == []


def test_a_table_without_a_file_is_an_error_at_once(settings: Settings) -> None:
    with match_engine(settings) as engine, pytest.raises(ValueError, match="contributions"):
        engine.register("contributions", [])


def test_an_unknown_engine_is_a_configuration_error(settings: Settings) -> None:
    unknown = dataclasses.replace(settings, engine="abacus")
    with pytest.raises(UsageError, match="abacus"), match_engine(unknown):
        pass


def test_too_little_memory_is_told_with_the_setting_that_bounds_it(settings: Settings) -> None:
    little = dataclasses.replace(settings, memory_mb=1)
    with pytest.raises(CrossmatchError, match="memory_mb（现为 1）"), match_engine(little) as engine:
        engine.rows("SELECT list(range) FROM range(1000000)")


def test_nobody_but_the_engine_the_settings_and_doctor_knows_of_a_cluster() -> None:
    root = Path(pipelines.__file__).parents[1]
    files = [
        p
        for part in ("dags", "pipelines", "matchers", "expectations", "sql")
        for p in (root / part).rglob("*")
    ]
    texts = [p for p in files if p.suffix in (".py", ".sql", ".toml")]
    know = {str(p.relative_to(root)) for p in texts if "spark" in p.read_text("utf-8").lower()}
    engine = {f"pipelines/engine/{name}.py" for name in ("seam", "spark")}
    assert know == engine | {"pipelines/base/settings.py", "pipelines/upkeep/doctor.py"}


WITHOUT = """
import sys
from pathlib import Path
sys.modules |= dict.fromkeys(("pyspark", "py4j"))
import pipelines.cli, pipelines.night, pipelines.judging.step, pipelines.linking.residue
import pipelines.upkeep.doctor
from pipelines.base.settings import Settings
from pipelines.engine.seam import for_rows, match_engine
settings = Settings(store=Path(sys.argv[1]))
with match_engine(settings) as engine:
    print(engine.rows("SELECT 1 AS a"), for_rows(settings)(10**9).run(abs, [-1]))
"""


def test_without_the_extra_for_a_cluster_all_else_works(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", WITHOUT, str(tmp_path / "store")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[{'a': 1}] [1]", "")
