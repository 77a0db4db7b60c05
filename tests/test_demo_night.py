"""A night on a made-up city finds what its stories planted, to the month and the fen, and nobody else."""

import csv
import datetime as dt
from typing import Any

import pytest

import sql
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from tests.city import City

AS_OF = dt.date(2025, 3, 12)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    home = tmp_path_factory.mktemp("city")
    world, url = home / "world", f"sqlite:///{home / 'world' / 'benefit.db'}"
    build(world, claims=200, rows=2_000, seed=4, as_of=AS_OF, mangled=0.1)
    engine = sql.connect(url)
    upgrade(engine)
    settings = Settings(
        database_url=url, inbox=world / "inbox", store=home / "store", reports=home / "reports"
    )
    city = City(world, settings, engine)
    city.night(AS_OF.isoformat())
    return city


def _planted(city: City, name: str) -> list[dict[str, str]]:
    with (city.world / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))


def _raised(city: City) -> dict[tuple[str, str], dict[str, Any]]:
    months: dict[str, set[str]] = {}
    for row in city.rows("SELECT * FROM overpayment WHERE benefit_kind = 'unemployment_benefit'"):
        months.setdefault(row["candidate_id"], set()).add(row["benefit_month"])
    candidates = city.rows("SELECT * FROM suspension_candidate WHERE status <> 'withdrawn'")
    return {
        (row["claim_id"], row["cause"]): row | {"months": months.get(row["candidate_id"], set())}
        for row in candidates
    }


def test_every_certain_candidate_is_raised_to_the_month_and_the_fen(city: City) -> None:
    raised = _raised(city)
    sure = [row for row in _planted(city, "truth.csv") if row["link"] != "mangled"]
    missed = [row["story"] for row in sure if (row["claim_id"], row["cause"]) not in raised]
    assert not missed
    for want in sure:
        candidate = raised[want["claim_id"], want["cause"]]
        figures = {
            "tier": candidate["tier"],
            "event_month": candidate["event_month"],
            "stop_month": candidate["stop_month"],
            "overpaid_months": ";".join(sorted(candidate["months"])),
            "overpaid_amount": candidate["overpaid_fen"],
            "preventable_amount": candidate["preventable_fen"],
        }
        planted = {name: want[name] for name in figures}
        planted |= {name: _fen(want[name]) for name in ("overpaid_amount", "preventable_amount")}
        assert figures == planted, want["story"]


def test_nobody_else_is_suspected(city: City) -> None:
    planted = {(row["claim_id"], row["cause"]) for row in _planted(city, "truth.csv")}
    stories = {row["claim_id"]: row["story"] for row in _planted(city, "quiet.csv")}
    assert [stories.get(claim, "another cause") for claim, _ in _raised(city).keys() - planted] == []


def test_who_is_linked_by_a_mangled_number_is_a_lead_at_most(city: City) -> None:
    raised = _raised(city)
    mangled = [row for row in _planted(city, "truth.csv") if row["link"] == "mangled"]
    tiers = {raised[k]["tier"] for row in mangled if (k := (row["claim_id"], row["cause"])) in raised}
    assert mangled
    assert tiers <= {"lead"}


def test_every_delivery_is_accounted_for_to_the_row(city: City) -> None:
    kept = {(row["feed"], str(row["delivered_on"])): row for row in city.rows("SELECT * FROM delivery")}
    counted = [
        (feed, day, row["rows_read"], row["rows_rejected"], row["rows_dropped"])
        for (feed, day), row in sorted(kept.items())
    ]
    planted = [
        (row["feed"], row["delivered_on"], int(row["rows"]), int(row["rejected"]), int(row["dropped"]))
        for row in _planted(city, "counts.csv")
    ]
    assert counted == sorted(planted)
    assert {row["health"] for row in kept.values()} == {"accepted"}


def test_survivors_hear_of_their_right(city: City) -> None:
    notified = {
        r["claim_id"] for r in city.rows("SELECT claim_id FROM entitlement_notice WHERE kind = 'survivors'")
    }
    sure = {row["claim_id"] for row in _planted(city, "truth.csv") if row["link"] != "mangled"}
    assert notified >= {row["claim_id"] for row in _planted(city, "notices.csv")} & sure
