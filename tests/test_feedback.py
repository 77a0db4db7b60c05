"""A district's answers come back: every change is taken in, or named with its cell and the reason."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.feedback.answer import parse
from pipelines.reports import case, explain
from pipelines.reports.exceptions import WORK
from sql import tables as t
from tests.lists import CONFIRMED, DISMISSED, TODAY, List, handed_out, taken_in
from tests.test_cli import crossmatch


def status(engine: Engine, candidate_id: str) -> str:
    c = t.suspension_candidate.c
    with engine.connect() as connection:
        return str(connection.execute(select(c.status).where(c.candidate_id == candidate_id)).scalar_one())


def reasons(engine: Engine, path: Path) -> dict[str, str]:
    return {p.place.partition("!")[2]: p.reason for p in taken_in(engine, path).problems}


def test_a_conclusion_signed_by_two_people_moves_the_status(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    wrong, right = sheet.fill(2, DISMISSED), sheet.fill(3, CONFIRMED)
    receipt = taken_in(filled, sheet.saved())
    assert receipt.problems == ()
    assert (status(filled, wrong), status(filled, right)) == ("dismissed", "confirmed")
    with filled.connect() as connection:
        detail = connection.execute(
            select(t.review.c.decided_by, t.review.c.second_by, t.review_detail)
            .join(t.review_detail, t.review_detail.c.review_id == t.review.c.review_id)
            .where(t.review.c.candidate_id == right, t.review.c.decision == "confirmed")
        ).one()
    assert (detail.decided_by, detail.second_by) == ("甲", "乙")
    assert (detail.stop_month, detail.recoverable_fen, detail.notice_on) == (
        "2026-11",
        175550,
        date(2026, 10, 22),
    )


def test_a_dismissal_remembers_the_facts_that_the_list_showed(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, DISMISSED)
    e, j = t.evidence.c, t.judged_fact.c
    with filled.begin() as connection:
        shown = set(
            connection.execute(
                select(e.fact_key).where(e.candidate_id == candidate, e.weight == "supports")
            ).scalars()
        )
        later = select(t.evidence).where(e.candidate_id == candidate).limit(1)
        fact = dict(connection.execute(later).mappings().one()) | {
            "fact_key": "came later",
            "weight": "supports",
        }
        connection.execute(t.evidence.insert().values(fact))
    taken_in(filled, sheet.saved())
    with filled.connect() as connection:
        judged = set(connection.execute(select(j.fact_key).where(j.candidate_id == candidate)).scalars())
    assert judged == shown


def test_without_apply_nothing_is_written(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, DISMISSED)
    receipt = taken_in(filled, sheet.saved(), apply=False)
    assert receipt.outcomes["taken"] == 1
    assert status(filled, candidate) == "open"
    with filled.connect() as connection:
        assert connection.execute(select(func.count()).select_from(t.review)).scalar_one() == 0
        decided = select(func.count()).where(t.audit_event.c.action != "report")
        assert connection.execute(decided).scalar_one() == 0


def test_the_same_file_again_changes_nothing(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    sheet.fill(2, DISMISSED)
    sheet.fill(3, CONFIRMED)
    sheet.fill(4, {"核查人": "甲", "核查结论": "核查中", "备注": "已约谈"})
    path = sheet.saved()
    first, again = taken_in(filled, path), taken_in(filled, path)
    assert (first.outcomes["taken"], again.outcomes["taken"], again.outcomes["earlier"]) == (3, 0, 3)


def test_one_signature_waits_for_the_second(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, {**DISMISSED, "复核人": None})
    taken_in(filled, sheet.saved())
    assert status(filled, candidate) == "verifying"
    sheet[2, "复核人"] = "乙"
    receipt = taken_in(filled, sheet.saved())
    assert (receipt.outcomes["taken"], status(filled, candidate)) == (1, "dismissed")
    assert taken_in(filled, sheet.saved()).outcomes["earlier"] == 1


def test_a_case_goes_on_to_recovery_and_is_closed(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, CONFIRMED)
    taken_in(filled, sheet.saved())
    sheet.fill(2, {"已追回金额": 500, "追回方式": "分期"})
    taken_in(filled, sheet.saved())
    assert status(filled, candidate) == "recovering"
    sheet.fill(2, {"已追回金额": 1755.5, "销号日期": date(2026, 10, 24)})
    assert taken_in(filled, sheet.saved()).problems == ()
    assert status(filled, candidate) == "closed"


def test_a_recovery_alone_is_taken_in_on_a_later_list_and_signed_by_who_brings_it(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, CONFIRMED)
    taken_in(filled, sheet.saved())
    later = List(handed_out(filled, tmp_path))
    row = next(n for n in range(2, later.sheet.max_row + 1) if later[n, "疑点编号"] == candidate)
    later.fill(row, {"已追回金额": 500})
    receipt = taken_in(filled, later.saved())
    assert (receipt.problems, status(filled, candidate)) == ((), "recovering")
    assert taken_in(filled, later.saved()).outcomes["earlier"] == 1
    r = t.review.c
    with filled.connect() as connection:
        made = connection.execute(select(r.decision, r.decided_by).where(r.candidate_id == candidate)).all()
    assert [by for decision, by in made if decision == "recovering"] == ["丙"]
    assert sorted(by for decision, by in made if decision == "confirmed") == ["甲"]


def test_a_second_signature_alone_completes_the_conclusion_that_waits_for_it(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, {**CONFIRMED, "复核人": None})
    taken_in(filled, sheet.saved())
    assert status(filled, candidate) == "notified"
    later = List(handed_out(filled, tmp_path))
    row = next(n for n in range(2, later.sheet.max_row + 1) if later[n, "疑点编号"] == candidate)
    later.fill(row, {"复核人": "甲"})
    assert "不得为同一人" in reasons(filled, later.saved())[later.place(row, "复核人")]
    later.fill(row, {"复核人": "乙"})
    assert taken_in(filled, later.saved()).problems == ()
    assert status(filled, candidate) == "confirmed"
    assert taken_in(filled, later.saved()).outcomes["earlier"] == 1
    r = t.review.c
    with filled.connect() as connection:
        concluded = select(r.decided_by, r.second_by).where(
            r.candidate_id == candidate, r.decision == "confirmed"
        )
        assert connection.execute(concluded).all() == [("甲", "乙")]


@pytest.mark.parametrize(
    "change",
    [{"停发年月": "2026-10", "复核人": "丁"}, {"应追回金额": 5, "已追回金额": 5}, {"销号日期": TODAY}],
)
def test_nobody_signs_what_was_changed_without_them(
    filled: Engine, tmp_path: Path, change: dict[str, object]
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, CONFIRMED)
    taken_in(filled, sheet.saved())
    later = List(handed_out(filled, tmp_path))
    row = next(n for n in range(2, later.sheet.max_row + 1) if later[n, "疑点编号"] == candidate)
    later.fill(row, change)
    assert "须注明核查人" in reasons(filled, later.saved())[later.place(row, "核查人")]
    assert status(filled, candidate) == "confirmed"


@pytest.mark.parametrize(
    ("change", "heading", "reason"),
    [
        ({"已追回金额": 2_000_000}, "已追回金额", "不得超过应追回金额"),
        ({"应追回金额": 2_000_000, "已追回金额": 2_000_000}, "应追回金额", "不得超过本申领已发金额"),
        ({"停发年月": "2019-01"}, "停发年月", "冲突期间之内"),
        ({"停发年月": "2027-06"}, "停发年月", "冲突期间之内"),
        ({"核查日期": date(2026, 10, 23)}, "告知日期", "不得早于核查日期"),
        ({"告知日期": date(2020, 1, 2)}, "告知日期", "疑点提出之日"),
        ({"核查日期": date(2020, 1, 2)}, "核查日期", "疑点提出之日"),
        ({"销号日期": date(2026, 10, 21)}, "销号日期", "不得早于"),
        ({"核查人": "同意"}, "核查人", "请填姓名"),
        ({"复核人": "已核实"}, "复核人", "请填姓名"),
        ({"复核人": "属实"}, "复核人", "请填姓名"),
        ({"复核人": "甲/乙"}, "复核人", "请填姓名"),
    ],
)
def test_what_cannot_be_true_is_refused_cell_by_cell(
    filled: Engine, tmp_path: Path, change: dict[str, object], heading: str, reason: str
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, CONFIRMED | change)
    assert reason in reasons(filled, sheet.saved())[sheet.place(2, heading)]
    assert status(filled, candidate) == "open"


@pytest.mark.parametrize(
    ("answer", "heading", "reason"),
    [
        ({**DISMISSED, "不属实原因": "不想查"}, "不属实原因", "不在列表中"),
        ({**DISMISSED, "不属实原因": ""}, "不属实原因", "须选择原因"),
        ({**DISMISSED, "复核人": "甲"}, "复核人", "不得为同一人"),
        ({**DISMISSED, "核查人": ""}, "核查人", "须注明核查人"),
        ({**DISMISSED, "核查人": "甲1"}, "核查人", "不含数字"),
        ({**DISMISSED, "不属实原因": "其他（在备注写明）"}, "备注", "须在备注写明"),
        ({**DISMISSED, "应追回金额": "5"}, "应追回金额", "只有认定属实"),
        ({**CONFIRMED, "告知日期": ""}, "告知日期", "须先告知本人"),
        ({**CONFIRMED, "告知日期": "", "停领情形": "死亡"}, "告知日期", "须先告知遗属"),
        ({**CONFIRMED, "停发年月": "2026.1"}, "停发年月", "不是年月"),
        ({**CONFIRMED, "停发年月": ""}, "停发年月", "须填停发年月"),
        ({**CONFIRMED, "应追回金额": "-5"}, "应追回金额", "不小于 0"),
        ({**CONFIRMED, "应追回金额": "一千"}, "应追回金额", "不是金额"),
        ({**CONFIRMED, "告知日期": "2031-01-01"}, "告知日期", "不晚于今天"),
        ({**CONFIRMED, "核查日期": "昨天"}, "核查日期", "不是日期"),
        ({**CONFIRMED, "复核人": "", "销号日期": "2026-10-23"}, "销号日期", "经复核之后"),
        ({"核查结论": "核查中"}, "核查人", "须注明核查人"),
        ({"备注": "长" * 1001}, "备注", "过长"),
    ],
)
def test_an_answer_that_cannot_be_accepted_says_why(
    answer: dict[str, object], heading: str, reason: str
) -> None:
    _, problems = parse({name: str(value) for name, value in answer.items()}, TODAY)
    assert reason in problems[heading]


def test_a_refused_answer_is_named_by_its_cell_and_moves_nothing(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, {**DISMISSED, "不属实原因": "不想查"})
    assert "不在列表中" in reasons(filled, sheet.saved())[sheet.place(2, "不属实原因")]
    assert status(filled, candidate) == "open"


def test_an_edited_locked_cell_refuses_its_row_and_names_the_cell(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, DISMISSED)
    sheet[2, "已发应退"] = 1
    sheet[3, "公民身份号码"] = 5.00190198304e17
    sheet[4, "姓名"] = None
    refused = reasons(filled, sheet.saved())
    assert refused[sheet.place(2, "已发应退")] == "锁定的格被改动"
    assert "数值" in refused[sheet.place(3, "公民身份号码")]
    assert "清空" in refused[sheet.place(4, "姓名")]
    assert "未接收" in refused[sheet.place(2, "核查结论")]
    assert status(filled, candidate) == "open"


def test_a_row_whose_number_was_overwritten_is_recognised_by_its_seal(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = str(sheet[2, "疑点编号"])
    sheet[2, "疑点编号"] = "YD0000000000000000"
    receipt = taken_in(filled, sheet.saved())
    assert [(p.heading, p.candidate_id) for p in receipt.problems] == [("疑点编号", candidate)]
    assert receipt.missing == ()


def test_copied_missing_and_foreign_rows_are_named(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    last = sheet.sheet.max_row
    sheet.fill(2, DISMISSED)
    copied = [cell.value for cell in sheet.sheet[2]]
    gone = str(sheet[last, "疑点编号"])
    sheet.sheet.delete_rows(last)
    sheet.sheet.append([*copied[: sheet.at["备注"] - 1], "改过", *copied[sheet.at["备注"] :]])
    sheet.sheet.append(["YD-自己加的", "精确疑点"])
    receipt = taken_in(filled, sheet.saved())
    assert receipt.missing == (gone,)
    assert [p.reason[:4] for p in receipt.problems if p.heading == "疑点编号"] == [
        "同一疑点",
        "同一疑点",
        "不是本次",
    ]
    assert sum(receipt.outcomes.values()) == receipt.rows
    assert receipt.outcomes["taken"] == 0


def test_sorted_rows_moved_columns_and_added_columns_do_no_harm(filled: Engine, tmp_path: Path) -> None:
    path = handed_out(filled, tmp_path)
    sheet = List(path)
    candidate = sheet.fill(3, DISMISSED)
    rows = [[cell.value for cell in row] for row in sheet.sheet.iter_rows()]
    moved = [[*row[20:], "我的备注" if n == 0 else f"{n}", *row[:20]] for n, row in enumerate(rows)]
    del sheet.book[WORK]
    again = sheet.book.create_sheet(WORK)
    for row in [moved[0], *reversed(moved[1:])]:
        again.append(row)
    sheet.book.save(path)
    receipt = taken_in(filled, path)
    assert receipt.problems == ()
    assert receipt.unknown == ("我的备注",)
    assert status(filled, candidate) == "dismissed"


def test_a_file_of_another_export_or_another_kind_is_refused_whole(filled: Engine, tmp_path: Path) -> None:
    path = handed_out(filled, tmp_path)
    sheet = List(path)
    cover = sheet.book["封面"]
    place = next(cell for row in cover.iter_rows() for cell in row if cell.value == "导出编号")
    cover.cell(place.row, 2).value = "20261020-500106-0000000000"
    with pytest.raises(UsageError, match="导出编号"):
        taken_in(filled, sheet.saved())
    openpyxl.Workbook().save(path)
    with pytest.raises(DeliveryRejected, match="清单原文件"):
        taken_in(filled, path)
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(DeliveryRejected, match="文件损坏"):
        taken_in(filled, path)


def test_a_conclusion_is_not_turned_round_by_a_workbook(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, CONFIRMED)
    taken_in(filled, sheet.saved())
    for heading in CONFIRMED:
        sheet[2, heading] = None
    sheet.fill(2, DISMISSED)
    assert "相反的结论" in reasons(filled, sheet.saved())[sheet.place(2, "核查结论")]
    assert status(filled, candidate) == "confirmed"


def test_the_commands_take_a_list_back_and_a_second_person_completes_it(
    filled: Engine, database_url: str, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate, spoilt = sheet.fill(2, {**DISMISSED, "复核人": None}), str(sheet[3, "疑点编号"])
    sheet[3, "疑点等级"] = "改过"
    path, receipt = str(sheet.saved()), tmp_path / "回执.csv"
    ran = crossmatch(
        tmp_path,
        "import-feedback",
        path,
        "--by",
        "丙",
        "--apply",
        "--receipt",
        str(receipt),
        DATABASE_URL=database_url,
    )
    assert ran.returncode == 4
    assert "收回 1" in ran.stdout
    assert f"{sheet.place(3, '疑点等级')},疑点等级,{spoilt},锁定的格被改动" in receipt.read_text("utf-8-sig")
    arguments = ("review", candidate, "--decision", "不属实", "--reason", "补缴以前月份", "--by")
    alone = crossmatch(tmp_path, *arguments, "甲", DATABASE_URL=database_url)
    assert (alone.returncode, "须由另一人复核" in alone.stderr) == (2, True)
    assert "已生效" in crossmatch(tmp_path, *arguments, "乙", DATABASE_URL=database_url).stdout
    assert status(filled, candidate) == "dismissed"


def test_a_problem_never_repeats_what_stands_in_the_cell(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    number = str(sheet[2, "公民身份号码"])
    sheet[3, "公民身份号码"], sheet[3, "核查人"] = number, number
    receipt = str(taken_in(filled, sheet.saved()))
    assert number not in receipt


def test_list_and_explanation_show_both_signatures_with_their_days(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, {**CONFIRMED, "复核人": None})
    taken_in(filled, sheet.saved())
    assert "2026-10-25 属实（甲，待复核）" in explain.page(case.read(filled, candidate))
    sheet[2, "复核人"] = "乙"
    taken_in(filled, sheet.saved())
    signed = "2026-10-25 属实（甲，2026-10-25 复核乙）"
    assert signed in explain.page(case.read(filled, candidate))
    later = List(handed_out(filled, tmp_path))
    rows = {later[n, "疑点编号"]: later[n, "此前处理"] for n in range(2, later.sheet.max_row + 1)}
    assert signed in rows[candidate]
