"""The money in the workbooks of a night: counted once, listed payment by payment, the first to do first."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select, update

from matchers.causes import causes
from pipelines import reports
from pipelines.base.settings import Settings
from pipelines.reports import overpaid, page, ranking, words
from pipelines.reports.page import figures
from sql import tables as t
from tests.findings import NIGHTS, city
from tests.test_reports import read, rows


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=60).fill(database)
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


def test_a_month_and_kind_is_owed_once_a_claim_and_leads_are_in_no_total(
    database: Engine, tmp_path: Path
) -> None:
    city(claims=120).fill(database)
    night = read(database, tmp_path)
    tiers = night.candidates.set_index("candidate_id")["tier"]
    owed: dict[tuple[str, str, str], int] = {}
    with database.connect() as connection:
        for line in connection.execute(select(t.overpayment)):
            if line.recoverable_from_person and tiers[line.candidate_id] in words.SUMMED:
                owed[line.claim_id, line.benefit_month, line.benefit_kind] = line.due_fen
    sure = night.active[night.active["tier"].isin(words.SUMMED)]
    claims = overpaid.by_claim(night)
    assert int(sure["counted_fen"].sum()) == sum(owed.values())
    assert int(claims.loc[claims["summed"] == "是", "due_fen"].sum()) == sum(owed.values())


def test_a_dismissed_cause_does_not_hide_the_month_from_another(database: Engine, tmp_path: Path) -> None:
    city(claims=20).fill(database)
    night = read(database, tmp_path)
    twice = night.active.groupby("claim_id").filter(lambda c: len(c) > 1 and (c["tier"] != "lead").all())
    strongest = twice.sort_values("strength").iloc[-1]
    with database.begin() as connection:
        c = t.suspension_candidate.c
        dismissed = update(t.suspension_candidate).where(c.candidate_id == strongest["candidate_id"])
        connection.execute(dismissed.values(status="dismissed"))
    left = read(database, tmp_path).active
    other = left[left["claim_id"] == strongest["claim_id"]].iloc[0]
    assert other["counted_fen"] == other["overpaid_fen"]


def test_each_row_of_the_list_says_whether_totals_count_it_and_why_not(
    database: Engine, settings: Settings
) -> None:
    reports.write(settings, NIGHTS[-1])
    night = read(database, settings.store.parent).active.set_index("candidate_id")
    in_totals = defaultdict(set)
    for district in set(night["district"]):
        book = openpyxl.load_workbook(settings.reports / "2026-10-20" / f"疑点清单-{district}.xlsx")
        for row in rows(book["办理"]):
            one = night.loc[row["疑点编号"]]
            amounts = (one["overpaid_fen"], one["preventable_fen"])
            counted = (one["counted_fen"], one["counted_preventable_fen"])
            why = "lead" if one["tier"] == "lead" else "all" if amounts == counted else "less"
            in_totals[why].add(row["计入合计"])
    assert in_totals["lead"] == {"否：一般疑点不计入"}
    assert in_totals["all"] == {"是"}
    assert in_totals["less"]
    titles = {cause.title for cause in causes().values()}
    for reason in in_totals["less"]:
        assert reason.startswith(("否：", "部分："))
        assert reason.split("“")[1].split("”")[0] in titles


def test_money_to_be_stopped_is_listed_payment_by_payment(database: Engine, settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1])
    night = read(database, settings.store.parent)
    head = figures.headline(night)
    listed = []
    for district in night.districts:
        book = openpyxl.load_workbook(settings.reports / "2026-10-20" / f"多领报告-{district}.xlsx")
        listed += rows(book["可止付金额"])
    counted = [row for row in listed if row["计入合计"] == "是"]
    assert round(sum(row["待发金额"] for row in counted) * 100) == head["stoppable_fen"] > 0
    assert len({(row["申领编号"], row["支付编号"]) for row in counted}) == len(counted)
    assert len(listed) == len(night.preventable)
    assert all(row["办理次序"].startswith(("1", "4")) for row in listed)


def test_the_page_says_when_benefits_were_paid_out_last_and_no_single_payment_since(
    database: Engine, settings: Settings
) -> None:
    days = [date(2026, 8, 26)] * 3 + [date(2026, 9, 26)] * 2 + [date(2026, 10, 12), date(2026, 10, 26)]
    paid = {
        "claim_id": "C1", "benefit_month": "2026-09", "benefit_kind": "unemployment_benefit",
        "amount": 1710, "state": "paid",
    }  # fmt: skip
    with database.begin() as connection:
        connection.execute(
            insert(t.payment), [paid | {"payment_id": f"Z{n}", "paid_on": day} for n, day in enumerate(days)]
        )
    night = read(database, settings.store.parent)
    assert night.last_paid_on == date(2026, 9, 26)
    assert "上次集中发放 2026-09-26" in page.render(night, [])


def test_what_comes_first_in_the_list_is_what_the_page_names_first(
    database: Engine, settings: Settings
) -> None:
    reports.write(settings, NIGHTS[-1])
    for work in figures.work(read(database, settings.store.parent)):
        book = openpyxl.load_workbook(settings.reports / "2026-10-20" / f"疑点清单-{work['code']}.xlsx")
        listed = rows(book["办理"])
        assert [row["疑点编号"] for row in listed[: len(work["first"])]] == work["first"]
        assert [row["办理次序"] for row in listed] == sorted(row["办理次序"] for row in listed)


def test_scheduled_money_of_one_claim_counts_once(database: Engine, tmp_path: Path) -> None:
    city(claims=120).fill(database)
    active = read(database, tmp_path).active
    per_claim = active.groupby("claim_id")["preventable_fen"].max()
    assert int(active["counted_preventable_fen"].sum()) == int(per_claim.sum())


def test_every_overpaid_line_says_in_which_file_and_line_its_fact_stands(settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1], ("500106",))
    sheet = openpyxl.load_workbook(settings.reports / "2026-10-20" / "多领报告-500106.xlsx")["多领明细"]
    lines = rows(sheet)
    assert lines
    assert all("《明细.csv》第" in row["当月事实所在"] for row in lines)
    medical = [row for row in lines if row["待遇项目"] == "代缴医保"]
    assert {(row["可向本人追回"][0], row["计入合计"][0]) for row in medical} == {("否", "否")}


def test_money_that_can_still_be_stopped_ranks_before_any_other(database: Engine, tmp_path: Path) -> None:
    city(claims=120).fill(database)
    active = read(database, tmp_path).active
    kept, left_out = ranking.cut(active, 4)
    for district, part in kept.groupby("district"):
        others = left_out[left_out["district"] == district]
        assert part["preventable_fen"].min() >= others["preventable_fen"].max()
    assert kept["turn"].is_monotonic_increasing


def test_what_districts_entered_as_recovered_stands_beside_what_the_benefit_system_has(
    database: Engine, tmp_path: Path
) -> None:
    city(claims=20).fill(database)
    night = read(database, tmp_path)
    claims = overpaid.by_claim(night)
    assert (claims["reported_fen"] == 0).all()
    candidate = night.active[night.active["claim_id"] == claims["claim_id"][0]]["candidate_id"].iloc[0]
    entered = pd.DataFrame({"candidate_id": [candidate] * 3, "recovered_fen": [100, 250, None]}, dtype=object)
    again = overpaid.by_claim(replace(night, reviews=entered)).set_index("claim_id")
    assert again.loc[claims["claim_id"][0], "reported_fen"] == 250
    assert again["reported_fen"].sum() == 250
    assert (again["due_fen"].to_numpy() == claims["due_fen"].to_numpy()).all()
