"""基金风险 — what a month of fund risk sees of made-up cities: planted, raised, right, and what was missed.

``python -m benchmarks.risk FOLDER --seeds 101 102 [--claims 25000] [--hard] [--no-schemes]``: a city for each
seed in FOLDER, on SQLite; a city that stands there already is analysed again.
"""

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

import sql
from matchers import months
from matchers.risk.signals import Level
from pipelines.database.migrate import upgrade
from pipelines.demo.risk import build
from pipelines.risk import step
from pipelines.risk.keys import keys
from sql.risk_tables import risk_fact, risk_signal
from tests.risksigned import settings_of, sign

MONTH = months.number("2026-12")
Subject = tuple[str, str]


def measure(folder: Path, seed: int, claims: int, **kind: bool) -> dict[str, Any]:
    """By story how much of it was seen, by rule how much was right, and what the innocent were told.

    ``employers``: important signals planted, raised, right. ``schemes``: by rule and story planted, raised,
    raised at the level that is true. ``precision``: by rule the important signals, and the right ones of
    them. ``innocents``: by story important signals and faults, leads.
    """
    if not (folder / "world.json").exists():
        build(folder, claims=claims, seed=seed, month=MONTH, **kind)
    begun, used = time.perf_counter(), time.process_time()
    signals = _analysed(folder)
    seconds, processor = round(time.perf_counter() - begun), round(time.process_time() - used)
    truth, quiet = (list(_rows(folder, f"{name}_risk.csv")) for name in ("truth", "quiet"))
    planted = {(t["rule"], *_subject(t)): t["level"] for t in truth}
    important = [s for s in signals if s["level"] == Level.IMPORTANT]
    about = [(s["rule"], *_subject(s)) for s in important]
    employers = [a for a in about if a[1] == "employer"]
    return {
        "seed": seed, **kind, "seconds": seconds, "processor": processor, "important": len(important),
        "employers": [
            sum(kind == "employer" and level == Level.IMPORTANT for (_, kind, _), level in planted.items()),
            len(employers), sum(planted.get(a) == Level.IMPORTANT for a in employers),
        ],
        "schemes": _seen(truth, signals),
        "precision": {
            rule: [n, sum(planted.get(a) == Level.IMPORTANT for a in about if a[0] == rule)]
            for rule, n in sorted(Counter(rule for rule, *_ in about).items())
        },
        "innocents": _told(quiet, signals),
    }  # fmt: skip


def _analysed(folder: Path) -> list[dict[str, Any]]:
    """The month's signals, each with the ``events`` among its facts."""
    settings = settings_of(folder)
    engine = sql.connect(settings.database_url)
    upgrade(engine)
    step.run(sign(settings), MONTH)
    with engine.connect() as connection:
        signals = [dict(s) for s in connection.execute(select(risk_signal)).mappings()]
        facts = connection.execute(select(risk_fact.c.signal_id, risk_fact.c.event_id)).all()
    engine.dispose()
    events: dict[str, set[str]] = {s["signal_id"]: set() for s in signals}
    for signal, event in facts:
        events[signal].add(event)
    return [s | {"events": events[s["signal_id"]]} for s in signals]


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a truth, accounts by their keys as signals have them."""
    secret = keys(folder / "store")
    with (folder / name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            account = row["subject_kind"] == "account"
            yield row | {"subject_key": secret.of(row["subject_key"]) if account else row["subject_key"]}


def _subject(row: Mapping[str, Any]) -> Subject:
    return row["subject_kind"], row["subject_key"]


def _seen(truth: list[dict[str, str]], signals: list[dict[str, Any]]) -> dict[str, list[int]]:
    levels: dict[tuple[str, Subject], set[str]] = {}
    for s in signals:
        levels.setdefault((s["rule"], _subject(s)), set()).add(s["level"])
    seen: dict[str, list[int]] = {}
    for t in truth:
        raised = levels.get((t["rule"], _subject(t)), set())
        own = seen.setdefault(f"{t['rule']} {t['story']}", [0, 0, 0])
        for place, yes in enumerate((True, bool(raised), t["level"] in raised)):
            own[place] += yes
    return seen


def _told(quiet: list[dict[str, str]], signals: list[dict[str, Any]]) -> dict[str, list[int]]:
    by_subject: dict[Subject, list[dict[str, Any]]] = {}
    for s in signals:
        by_subject.setdefault(_subject(s), []).append(s)
    told: dict[str, list[int]] = {}
    for q in quiet:
        own = told.setdefault(q["story"], [0, 0])
        excused = set(filter(None, q["facts"].split(";")))
        for s in by_subject.get(_subject(q), ()):
            if q["rule"] in ("*", s["rule"]) and (q["ban"] != "facts" or excused & s["events"]):
                own[s["level"] == Level.LEAD] += 1
    return told


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
