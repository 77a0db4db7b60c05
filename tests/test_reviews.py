"""What people decide moves a candidate only along its life, with two signatures on a conclusion."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from matchers import lifecycle
from matchers.law import policy
from pipelines.base.errors import UsageError
from pipelines.base.store import Store
from pipelines.decisions import reviews
from pipelines.decisions.precision import below_floor, precision, wilson
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import take
from pipelines.reports import contents, page
from sql import tables as t
from tests.findings import NIGHTS, city
from tests.test_cli import crossmatch

AT = datetime(2026, 10, 21, 1, 0)


@pytest.fixture
def candidates(database: Engine) -> list[str]:
    city(claims=120).fill(database)
    c = t.suspension_candidate.c
    with database.connect() as connection:
        return list(connection.execute(select(c.candidate_id).order_by(c.candidate_id)).scalars())


def made(candidate: str, decision: str, by: str, reason: str = "", second: str = "") -> Decision:
    return Decision(candidate, decision, by, f"{by} {decision}", reason_code=reason, second_by=second)


def done(engine: Engine, *decisions: Decision) -> list[str]:
    """The status after each decision, an hour apart."""
    reached = []
    for n, decision in enumerate(decisions):
        with engine.begin() as connection:
            reached.append(take(connection, decision, AT + timedelta(hours=n)).status)
    return reached


def test_a_case_takes_every_step_of_its_life(database: Engine, candidates: list[str]) -> None:
    one = candidates[0]
    steps = [
        made(one, "dispatched", "甲"), made(one, "verifying", "乙"), made(one, "notified", "乙"),
        made(one, "confirmed", "乙"), made(one, "confirmed", "丙"), made(one, "recovering", "乙"),
        made(one, "closed", "乙"),
    ]  # fmt: skip
    assert done(database, *steps) == [
        "dispatched", "verifying", "notified", "notified", "confirmed", "recovering", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize("decision", ["confirmed", "partly_confirmed", "recovering", "closed"])
def test_nobody_is_confirmed_before_being_told(
    database: Engine, candidates: list[str], decision: str
) -> None:
    with pytest.raises(UsageError, match="当前状态不能"):
        done(database, made(candidates[0], decision, "甲", second="乙"))


def test_one_person_cannot_sign_twice(database: Engine, candidates: list[str]) -> None:
    one = candidates[0]
    with pytest.raises(UsageError, match="不得为同一人"):
        done(database, made(one, "dismissed", "甲", "back_paid", second="甲"))
    done(database, made(one, "dismissed", "甲", "back_paid"))
    again = replace(made(one, "dismissed", "甲", "back_paid"), source="later")
    with pytest.raises(UsageError, match="须由另一人复核"):
        done(database, again)


def test_a_second_signature_does_not_complete_a_conclusion_that_others_have_overtaken(
    database: Engine, candidates: list[str]
) -> None:
    one = candidates[0]
    first = made(one, "dismissed", "甲", "back_paid")
    assert (
        done(database, first, made(one, "notified", "乙"), made(one, "dismissed", "丙", "other"))[-1]
        == "notified"
    )


def test_a_dismissal_needs_a_reason_of_the_list(database: Engine, candidates: list[str]) -> None:
    with pytest.raises(UsageError, match="须选择原因"):
        done(database, made(candidates[0], "dismissed", "甲", "没有时间", second="乙"))


def test_an_unknown_candidate_or_decision_is_named(database: Engine, candidates: list[str]) -> None:
    with pytest.raises(UsageError, match="没有编号为 YD-none 的疑点"):
        done(database, made("YD-none", "verifying", "甲"))
    with pytest.raises(UsageError, match="没有“suspend”这种决定"):
        done(database, made(candidates[0], "suspend", "甲"))


def test_every_decision_is_an_audit_event(database: Engine, candidates: list[str]) -> None:
    done(
        database,
        made(candidates[0], "verifying", "甲"),
        made(candidates[1], "dismissed", "甲", "other", "乙"),
    )
    c = t.audit_event.c
    with database.connect() as connection:
        events = connection.execute(select(c.actor, c.action, c.subject).order_by(c.seq)).all()
    assert [tuple(e) for e in events] == [("甲", "review", candidates[0]), ("甲", "review", candidates[1])]


def test_precision_counts_last_signed_conclusions_by_the_rule_they_judged(
    database: Engine, candidates: list[str]
) -> None:
    c = t.suspension_candidate.c
    with database.begin() as connection:
        same = {"cause": "PENSION", "tier": "precise", "policy_version": policy("national").stamp}
        ids = candidates[:4]
        for n, one in enumerate(ids):
            # the cause stays unique per claim because each has a claim of its own
            connection.execute(
                t.suspension_candidate.update().where(c.candidate_id == one).values(**same, claim_id=f"X{n}")
            )
    done(
        database,
        *(made(one, "notified", "甲") for one in ids[:2]),
        made(ids[0], "confirmed", "甲", second="乙"),
        made(ids[1], "partly_confirmed", "甲", second="乙"),
        made(ids[2], "dismissed", "甲", "other", second="乙"),
        made(ids[3], "dismissed", "甲", "other"),
    )
    with database.begin() as connection:
        connection.execute(t.suspension_candidate.update().values(tier="lead"))
    (row,) = precision(database).to_dict("records")
    assert (row["cause"], row["tier"], row["confirmed"], row["dismissed"]) == ("PENSION", "precise", 2, 1)
    assert row["low"] < row["precision"] < row["high"]


def test_a_rule_is_demoted_only_on_enough_reviews(database: Engine, candidates: list[str]) -> None:
    import pandas as pd

    rules = pd.DataFrame({"reviewed": [30, 29, 30], "precision": [0.4, 0.1, 0.5]})
    assert list(below_floor(rules, policy("national"), NIGHTS[-1])) == [True, False, False]


def test_a_demoted_rule_is_said_to_be_so_on_the_page_and_by_the_command(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    city(claims=700).fill(database)
    c = t.suspension_candidate.c
    rule = select(c.candidate_id).where(c.cause == "PENSION", c.tier == "precise").limit(30)
    with database.begin() as connection:
        for one in connection.execute(rule).scalars().all():
            take(connection, made(one, "dismissed", "甲", "survivor_benefit", "乙"), AT)
    shown = crossmatch(tmp_path, "laws", DATABASE_URL=database_url).stdout
    assert (
        f"享受基本养老保险待遇（精确疑点）　{policy('national').stamp}　0%（0/30，95% 区间 0%–11%）　低于下限"
        in shown
    )
    night = contents.read(database, Store(tmp_path / "store"), NIGHTS[-1])
    assert page.render(night, []).count("低于下限，已降为一般疑点") == 1


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)


def test_every_reason_and_decision_has_its_words() -> None:
    assert set(lifecycle.MAY_FOLLOW) == set(reviews.WORDS)
    assert len(set(reviews.REASONS.values())) == len(reviews.REASONS)
