"""A small city's month of fund risk: what people decide, what is remembered and erased, drawn and shown."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy.stats import chisquare, poisson

import sql
from matchers import months
from matchers.risk import components, funnel, sampling
from matchers.risk.sampling import Stratum
from pipelines.base.errors import DecisionRefused, UsageError
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from pipelines.demo.risk import build
from pipelines.desk.roles import Role
from pipelines.reports.words import district
from pipelines.risk import (
    estimates,
    judging,
    month_sheets,
    page,
    payment_check,
    report,
    retention,
    reviews,
    sample,
    step,
)
from pipelines.risk.ground import policy
from pipelines.risk.prelist import prelist
from pipelines.risk.reviews import Answer
from sql.risk_tables import quality_check, risk_fact, risk_memory, risk_run, risk_seen, risk_signal
from sql.tables import suspension_candidate
from tests.desk import Desk
from tests.risksigned import settings_of, sign

MONTH = months.number("2026-12")
AT = dt.datetime(2027, 1, 5, 10, 0)


@dataclass
class Town:
    settings: Settings
    engine: sa.Engine

    def run(self, month: int = MONTH) -> dict[str, object]:
        return step.run(self.settings, month)

    def signal(self, **wanted: str) -> dict[str, str]:
        c = risk_signal.c
        asked = sa.select(risk_signal).where(*(c[k] == v for k, v in wanted.items())).order_by(c.signal_id)
        with self.engine.connect() as connection:
            row = connection.execute(asked.limit(1)).mappings().first()
        assert row is not None
        return dict(row)

    def decide(self, signal: str, decision: str, by: str, heard_on: dt.date | None = None) -> reviews.Taken:
        return reviews.decide(self.engine, Answer(signal, decision, by, "说明", heard_on), AT)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("risk") / "city"
    build(folder, claims=300, seed=4, month=MONTH)
    settings = settings_of(folder)
    engine = sql.connect(settings.database_url)
    upgrade(engine)
    with pytest.raises(UsageError, match="影响评估尚未签署"):
        step.run(settings, MONTH)
    made = Town(sign(settings), engine)
    made.run()
    return made


def test_the_page_of_the_month_stands_alone_and_names_no_operator(town: Town) -> None:
    html = (town.settings.reports / "risk" / "2026-12" / "风险分析月报-2026-12.html").read_text("utf-8")
    assert html.count("<svg") == 2
    assert not re.search(r"(?:src|href)=|<script|url\(|@import", html)
    assert "main, footer > div { max-width: 1120px" in html, "a style that is escaped is none"
    assert "其中没有止日" in html
    with town.engine.connect() as connection:
        operators = set(connection.execute(sa.text("SELECT operator_id FROM operator")).scalars())
    assert not [name for name in operators if name in html]


def test_the_citys_workbook_shows_what_hangs_together_with_a_signal_and_nothing_else(town: Town) -> None:
    folder = town.settings.reports / "risk" / "2026-12"
    book = pd.read_excel(folder / "风险分析月报-2026-12.xlsx", sheet_name=None, dtype=str)
    shown = book["关联申领"].fillna("")
    sizes = shown.groupby(shown.columns[0])["申领编号"].size()
    assert sizes.min() >= 2
    assert shown.groupby(shown.columns[0])["本笔所在的信号"].max().ne("").all()
    named = {number for cell in shown["本笔所在的信号"] if cell for number in cell.split("、")}
    assert named <= set(book["信号"]["信号编号"])
    assert "关联申领" not in pd.ExcelFile(folder / "基金监督" / "经办信号-2026-12.xlsx").sheet_names


def test_the_citys_workbook_has_the_tables_of_the_page_and_its_funnels_as_charts(town: Town) -> None:
    book = openpyxl.load_workbook(town.settings.reports / "risk" / "2026-12" / "风险分析月报-2026-12.xlsx")
    assert {*month_sheets.SHEETS.values(), *month_sheets.FUNNELS.values()} <= set(book.sheetnames)
    heads = [cell.value for cell in book["规则与核定"][1]]
    assert tuple(heads) == page.TABLES["rules"][1]
    assert "岗位兼任、一人通办" in {row[0] for row in book["规则与核定"].iter_rows(values_only=True)}
    for title in month_sheets.FUNNELS.values():
        sheet = book[title]
        assert len(sheet._charts) == 1
        size, value = next(sheet.iter_rows(2, 2, 1, 2, values_only=True))
        assert size > 0
        assert value >= 0


def test_a_month_before_shows_its_own_signals_again_after_a_later_one_was_analysed(town: Town) -> None:
    town.run(MONTH - 1)
    c = risk_seen.c
    with town.engine.connect() as connection:
        counts = dict(
            tuple(r) for r in connection.execute(sa.select(c.month, sa.func.count()).group_by(c.month))
        )
    assert counts["2026-11"] > 0
    assert counts["2026-12"] > 0


def test_a_conclusion_takes_a_hearing_and_two_people_who_had_no_part(town: Town) -> None:
    number = town.signal(rule="SHORT_TENURE")["signal_id"]
    town.decide(number, "checking", "甲")
    with pytest.raises(DecisionRefused, match="听取"):
        town.decide(number, "founded", "甲")
    with pytest.raises(DecisionRefused, match="日期"):
        town.decide(number, "heard", "甲")
    town.decide(number, "heard", "甲", dt.date(2027, 1, 4))
    assert not town.decide(number, "founded", "甲").final
    with pytest.raises(DecisionRefused, match="受理或审批"):
        town.decide(number, "founded", "op1")
    with pytest.raises(DecisionRefused, match="另一人"):
        reviews.decide(town.engine, Answer(number, "founded", "甲 ", "另说"), AT)
    assert town.decide(number, "founded", "乙").final
    employer = town.signal(signal_id=number)
    assert employer["status"] == "founded"
    with town.engine.connect() as connection:
        rows = prelist(connection, policy(town.settings), dt.date(2026, 12, 31))
    (row,) = rows.to_dict("records")
    assert (row["kind"], row["key"]) == ("单位", employer["subject_key"])
    assert row["district"] == district(employer["district"])
    assert row["investigators"] == "2027-01-05 甲、乙"
    assert row["statement"] == "2027-01-04 甲"
    assert row["times"] > 20
    lacking = ("notice", "order", "refusal", "decision", "remedies", "legal", "instrument")
    assert all(row[item].startswith("缺") for item in lacking)


def test_nobody_signs_about_himself_or_under_another_number_of_his(town: Town) -> None:
    signal = town.signal(subject_kind="operator")
    with pytest.raises(DecisionRefused, match="本人"):
        town.decide(signal["signal_id"], "checking", signal["subject_key"])


def test_what_was_unfounded_is_not_raised_again_and_is_erased_after_a_year(town: Town) -> None:
    number = town.signal(rule="ACCOUNT_SHARED", level="important")["signal_id"]
    town.decide(number, "unfounded", "甲")
    assert town.decide(number, "unfounded", "乙").final
    town.run()
    assert town.signal(signal_id=number)["status"] == "unfounded"
    with town.engine.begin() as connection:
        assert retention.erase(connection, dt.date(2027, 11, 30)) == 0
        assert retention.erase(connection, dt.date(2027, 12, 31)) > 0
        left = set(connection.execute(sa.select(risk_signal.c.signal_id)).scalars())
        kept = connection.execute(sa.select(sa.func.count()).select_from(risk_memory)).scalar_one()
    assert number not in left
    assert kept > 1
    town.run()
    with town.engine.connect() as connection:
        assert number not in set(connection.execute(sa.select(risk_signal.c.signal_id)).scalars())


def test_the_daily_check_writes_no_signal_and_only_for_the_supervision(town: Town) -> None:
    c = risk_signal.c
    with town.engine.connect() as connection:
        before = connection.execute(sa.select(risk_signal).order_by(c.signal_id)).all()
    result = payment_check.run(town.settings, dt.date(2026, 11, 20))
    assert Path(str(result["file"])).parent.name == "基金监督"
    with town.engine.connect() as connection:
        assert connection.execute(sa.select(risk_signal).order_by(c.signal_id)).all() == before


def test_a_month_is_drawn_once_and_its_form_tells_nobody_what_was_thought(town: Town) -> None:
    assert sample.draw(town.settings, town.engine, MONTH) == 60
    assert sample.draw(town.settings, town.engine, MONTH) == 0
    form = pd.read_excel(sample.form(town.settings, town.engine, MONTH))
    assert list(form.columns) == [column.heading for column in sample.FORM]
    assert len(form) == 60
    assert not form["区县"].astype(str).str.isdigit().any(), "a district has a name"
    with town.engine.connect() as connection:
        strata = set(connection.execute(sa.select(quality_check.c.stratum)).scalars())
    assert strata == {"clean"}
    number = str(form["抽查编号"][0])
    with pytest.raises(DecisionRefused, match="受理或审批"):
        sample.answer(town.engine, number, "right", 0, "op1", AT)
    with pytest.raises(DecisionRefused, match="没有错发金额"):
        sample.answer(town.engine, number, "right", 1, "丙", AT)
    for _ in range(2):
        sample.answer(town.engine, number, "wrong", 157_500, "丙", AT)
    for verdict, fen in (("right", 0), ("wrong", 1)):
        with pytest.raises(DecisionRefused, match="另一结论"):
            sample.answer(town.engine, number, verdict, fen, "丙", AT)
    with town.engine.connect() as connection:
        rows = estimates.estimates(connection, MONTH)
    clean = next(row for row in rows if row["title"] == "无疑点")
    assert (clean["checked"], clean["wrong"], clean["share"]) == (1, 1, 1.0)
    assert rows[-1]["share"] is None


def test_claims_under_leads_beyond_the_cap_are_drawn_among_the_doubtful_ones(
    town: Town, tmp_path: Path
) -> None:
    city_policy = tmp_path / "risk-policy.toml"
    none = '[values]\nleads_most = [{ since = 2018-01-01, value = 0, cite = "x" }]\n'
    city_policy.write_text(Path(town.settings.risk_policy).read_text("utf-8") + none, "utf-8")
    settings = replace(town.settings, risk_policy=str(city_policy))
    cut = judging.cut_claims(settings, town.engine, MONTH - 1)
    assert sample.draw(settings, town.engine, MONTH - 1) > 0
    c = quality_check.c
    asked = sa.select(c.stratum, c.subject).where(c.month == months.text(MONTH - 1))
    with town.engine.connect() as connection:
        drawn = connection.execute(asked).all()
    weak = {row.subject for row in drawn if row.stratum == "weak"}
    assert weak
    assert weak <= cut
    assert not cut & {row.subject for row in drawn if row.stratum == "clean"}


def test_what_can_still_be_kept_back_is_ranked_before_any_level(filled: sa.Engine) -> None:
    day, c = dt.date(2026, 12, 31), suspension_candidate.c
    with filled.begin() as connection:
        claim = connection.execute(sa.select(c.claim_id).where(c.preventable_fen > 0).limit(1)).scalar_one()
        for number, level, about in (("FX1", "important", "C0"), ("FX2", "lead", claim)):
            signal = dict.fromkeys((column.name for column in risk_signal.columns), "x") | {
                "signal_id": number, "rule": "LATE_PAID", "subject_kind": "claim", "subject_key": about,
                "level": level, "status": "open", "first_seen_as_of": day, "last_seen_as_of": day,
            }  # fmt: skip
            seen = {"level": level, "figures": '{"paid_fen": 1}', "summary": "x"}
            fact = {"fact_no": 0, "claim_id": about, "weight": "supports", "reason": "x"}
            connection.execute(sa.insert(risk_signal).values(signal))
            connection.execute(sa.insert(risk_seen).values(month="2026-12", signal_id=number, **seen))
            connection.execute(sa.insert(risk_fact).values(signal_id=number, **fact))
        ranked = report.ranked(connection, "2026-12")
    assert list(ranked["signal_id"]) == ["FX2", "FX1"]
    assert list(ranked["preventable_fen"] > 0) == [True, False]


def test_only_the_supervision_of_the_city_sees_a_signal_about_an_operator_at_the_desk(
    database: sa.Engine, database_url: str, tmp_path: Path
) -> None:
    row = {
        "rule": "OVERRIDE", "period": "2026", "district": "599901", "level": "important", "figures": "{}",
        "expected": "", "summary": "一句", "counter": "先问", "legal_basis": "x", "policy_version": "x",
        "fingerprint": "x", "status": "open", "first_seen_as_of": dt.date(2026, 12, 31),
        "last_seen_as_of": dt.date(2026, 12, 31),
    }  # fmt: skip
    subjects = (("operator", "OPCANARY"), ("claim", "C0001"))
    with database.begin() as connection:
        for kind, key in subjects:
            connection.execute(
                sa.insert(risk_signal).values(
                    **row, signal_id=f"FX{kind}", subject_kind=kind, subject_key=key
                )
            )
        run = {
            "month": "2026-12", "as_of": dt.date(2026, 12, 31), "policy_version": "x", "missing": "{}",
            "cut": "{}", "counts": "{}", "finished_at": AT,
        }  # fmt: skip
        connection.execute(sa.insert(risk_run).values(**run))
    desk = Desk(database)
    try:
        own = desk.person("w1", Role.HANDLER, "599901").get("/risk").text
        other = desk.person("w2", Role.HANDLER, "599902").get("/risk").text
        city = desk.person("w3", Role.SUPERVISOR, "*").get("/risk").text
    finally:
        desk.close()
    assert ("C0001" in own, "OPCANARY" in own) == (True, False)
    assert ("C0001" in other, "OPCANARY" in other) == (False, False)
    assert ("C0001" in city, "OPCANARY" in city) == (True, True)


def test_four_thousand_draws_are_uniform() -> None:
    subjects = [f"C{n}" for n in range(20)]
    drawn = [s for n in range(4000) for s in sampling.draw(subjects, 5, f"seed{n}")]
    counts = pd.Series(drawn).value_counts().reindex(subjects)
    assert len(drawn) == 20_000
    assert chisquare(counts).pvalue > 0.01


def test_the_interval_of_all_strata_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    rates, sizes, checks = (0.08, 0.01), (2000, 8000), (480, 720)
    truth = sum(r * s for r, s in zip(rates, sizes, strict=True)) / sum(sizes)
    held = 0
    for _ in range(1000):
        wrong = [int(rng.binomial(n, r)) for n, r in zip(checks, rates, strict=True)]
        of = sampling.overall([Stratum(*row) for row in zip(sizes, checks, wrong, strict=True)])
        held += of.low <= truth <= of.high
    assert held >= 950


def test_recall_is_no_figure_before_a_thousand_checks() -> None:
    assert sampling.recall(500, [Stratum(1000, 499, 5), Stratum(5000, 500, 5)]).share is None
    of = sampling.recall(500, [Stratum(1000, 500, 5), Stratum(5000, 500, 5)])
    assert of.share is not None
    assert of.low < of.share < of.high
    assert sampling.share(Stratum(1000, 60, 0)).high == pytest.approx(0.0596, abs=0.0005)


def test_limits_of_a_funnel_are_where_chance_alone_would_put_as_many_beyond() -> None:
    points = [(1.0, 4.8), (1.0, 4.9), (100.0, 1.31), (100.0, 1.32)]
    made = funnel.of_points(points, 1.0, poisson)
    size, low, high, lower, higher = made.limits[-1]
    assert (round(size), low > lower, high < higher) == (100, True, True)
    assert poisson.cdf(int(high * 100), 100) <= 0.975 <= poisson.cdf(int(high * 100) + 1, 100)
    assert made.outside == 2


def test_a_key_of_more_than_thirty_people_ties_nobody_together() -> None:
    ties = pd.DataFrame(
        [(f"C{n}", "bank") for n in range(31)] + [("C1", "a"), ("C2", "a"), ("C2", "b"), ("C3", "b")],
        columns=["claim_id", "key"],
    )
    tied = components.components(ties)
    assert set(tied.index) == {"C1", "C2", "C3"}
    assert tied.nunique() == 1
    assert components.components(ties, most=31).nunique() == 1
    assert len(components.components(ties, most=31)) == 31
