"""The list after a list: what was answered stands in it already, and what is new is taken."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from tests.lists import CONFIRMED, DISMISSED, List, handed_out, taken_in
from tests.test_feedback import status


def test_what_was_answered_stands_in_the_next_list_and_only_what_is_new_is_taken(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    confirmed = sheet.fill(2, {**CONFIRMED, "核查方式": "电话核实"})
    begun = sheet.fill(3, {"核查人": "甲", "核查方式": "上门核实", "核查结论": "核查中"})
    assert taken_in(filled, sheet.saved()).problems == ()
    later = List(handed_out(filled, tmp_path))
    rows = {later[n, "疑点编号"]: n for n in range(2, later.sheet.max_row + 1)}
    carried = {h: later[rows[confirmed], h] for h in (*CONFIRMED, "核查方式")}
    assert carried == {
        **CONFIRMED,
        "核查方式": "电话核实",
        "告知日期": datetime(2026, 10, 22),
        "核查人": None,
        "复核人": None,
    }
    assert (later[rows[begun], "核查结论"], later[rows[begun], "核查方式"]) == ("核查中", "上门核实")
    untouched = taken_in(filled, later.saved())
    assert (untouched.problems, untouched.outcomes["earlier"], untouched.outcomes["taken"]) == ((), 2, 0)
    later.fill(rows[confirmed], {"已追回金额": 500})
    later.fill(rows[begun], {**CONFIRMED, "核查人": "丁"})
    receipt = taken_in(filled, later.saved())
    assert (receipt.problems, receipt.outcomes["taken"]) == ((), 2)
    assert (status(filled, confirmed), status(filled, begun)) == ("recovering", "confirmed")


def test_an_answer_carried_into_a_list_does_not_take_back_what_was_decided_since(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    candidate = sheet.fill(2, {"核查人": "甲", "核查结论": "核查中"})
    taken_in(filled, sheet.saved())
    (tmp_path / "later").mkdir()
    later = List(handed_out(filled, tmp_path / "later"))
    sheet.fill(2, DISMISSED)
    taken_in(filled, sheet.saved())
    assert status(filled, candidate) == "dismissed"
    receipt = taken_in(filled, later.saved())
    assert (receipt.problems, status(filled, candidate)) == ((), "dismissed")


def test_a_confirmed_case_is_not_to_be_checked_before_the_next_payment(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    assert sheet[2, "办理次序"] == "1 发放前先核实"
    candidate = sheet.fill(2, CONFIRMED)
    taken_in(filled, sheet.saved())
    later = List(handed_out(filled, tmp_path))
    turns = {later[n, "疑点编号"]: later[n, "办理次序"] for n in range(2, later.sheet.max_row + 1)}
    assert turns[candidate] == "5 已认定，待追回销号"
    assert list(turns.values()) == sorted(turns.values())
