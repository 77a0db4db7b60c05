"""The figures that a monitor reads: the last night, its steps, the candidates, what waits; and no person."""

import re
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select, update

from pipelines.reports import metrics, waiting
from sql import tables as t
from tests.findings import city

LINE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z]+="[^"\n]*",?)+)\})? (?P<value>[0-9.e+]+)')


def _read(path: Path) -> dict[tuple[str, str], float]:
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    matched = [LINE.fullmatch(line) for line in lines]
    assert all(matched)
    return {(m["name"], m["labels"] or ""): float(m["value"]) for m in matched if m}


def test_the_file_says_how_the_last_night_went_and_what_waits(database: Engine, tmp_path: Path) -> None:
    city(claims=40).fill(database)
    c = t.match_run.c
    with database.begin() as connection:
        newest = (
            connection.execute(select(c.run_id).order_by(c.finished_at.desc(), c.run_id)).scalars().first()
        )
        at = {
            name: datetime(2026, 10, 30, 1, minute)
            for minute, name in enumerate(("started_at", "linked_at", "judged_at", "finished_at"))
        }
        connection.execute(update(t.match_run).where(c.run_id == newest).values(status="held", **at))
    with database.connect() as connection:
        read = _read(metrics.write(connection, tmp_path / "made" / metrics.FILE))
        candidates = connection.scalar(select(func.count()).select_from(t.suspension_candidate))
        waits = sum(row.count for row in waiting.read(connection))
        names = set(connection.execute(select(t.recipient.c.name)).scalars())
    assert read["crossmatch_night_status", 'status="held"'] == 1
    assert read["crossmatch_night_status", 'status="succeeded"'] == 0
    assert [read["crossmatch_step_seconds", f'step="{s}"'] for s in ("link", "judge", "write_back")] == [
        60
    ] * 3
    assert sum(v for (name, _), v in read.items() if name == "crossmatch_candidates") == candidates
    assert sum(v for (name, _), v in read.items() if name == "crossmatch_waiting") == waits
    text = (tmp_path / "made" / metrics.FILE).read_text("utf-8")
    assert not any(name in text for name in names)


def test_before_the_first_night_there_is_a_file_too(database: Engine, tmp_path: Path) -> None:
    with database.connect() as connection:
        text = metrics.write(connection, tmp_path / metrics.FILE).read_text("utf-8")
    assert "crossmatch_night_status{" not in text
    assert "# TYPE crossmatch_candidates gauge" in text


def test_a_label_cannot_break_its_line() -> None:
    made = metrics.text([metrics.Metric("m", "x", (({"a": 'q"\\\n'}, 1),))])
    assert made.splitlines()[-1] == r'm{a="q\"\\\n"} 1'
