"""基金风险 — what a month of fund risk sees of made-up cities: planted, raised, right, and what was missed.

``python -m benchmarks.risk FOLDER --seeds 101 102 [--claims 25000] [--hard] [--no-schemes]``: a city for each
seed in FOLDER, on SQLite; a city that stands there already is analysed again.
"""

import argparse
import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

import sql
from matchers import months
from matchers.risk.signals import Level
from pipelines.database.migrate import upgrade
from pipelines.demo.risk import build
from pipelines.risk import step
from sql.risk_tables import risk_signal
from tests.risksigned import settings_of, sign

MONTH = months.number("2026-12")


def measure(folder: Path, seed: int, claims: int, **kind: bool) -> dict[str, Any]:
    """What was planted, raised and right of important signals about employers, and all signals by rule."""
    if not (folder / "world.json").exists():
        build(folder, claims=claims, seed=seed, month=MONTH, **kind)
    settings = settings_of(folder)
    engine = sql.connect(settings.database_url)
    upgrade(engine)
    step.run(sign(settings), MONTH)
    with engine.connect() as connection:
        signals = connection.execute(select(risk_signal)).mappings().all()
    engine.dispose()
    important = [s for s in signals if s["level"] == Level.IMPORTANT]
    raised = {s["subject_key"] for s in important if s["subject_kind"] == "employer"}
    planted = _planted(folder / "truth_risk.csv")
    return {
        "seed": seed, **kind, "planted": len(planted), "raised": len(raised), "right": len(raised & planted),
        "important": len(important), "rules": Counter(f"{s['rule']} {s['level']}" for s in signals),
    }  # fmt: skip


def _planted(truth: Path) -> set[str]:
    with truth.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["subject_kind"] == "employer"]
    return {row["subject_key"] for row in rows if row["level"] == Level.IMPORTANT}


def main() -> None:
    """A line of JSON for each seed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seeds", type=int, nargs="+", default=[101])
    asked.add_argument("--claims", type=int, default=25_000)
    asked.add_argument("--hard", action="store_true")
    asked.add_argument("--no-schemes", action="store_true")
    given = asked.parse_args()
    kind = {"hard": given.hard, "no_schemes": given.no_schemes}
    for seed in given.seeds:
        name = "-".join([str(seed), *(word for word, is_so in kind.items() if is_so)])
        print(json.dumps(measure(given.folder / name, seed, given.claims, **kind)), flush=True)


if __name__ == "__main__":
    main()
