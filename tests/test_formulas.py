"""Formulas that keep text, formulas without a result, and numbers written as powers of ten, in any column."""

import json
from pathlib import Path

import pytest

from tests.test_values import csv, number


@pytest.mark.parametrize(
    "form",
    ['=""&"{}"', '="{}"&""', "='{}'", 'T("{}")', '=T("{}")', '=TEXT("{}","@")', '=CONCATENATE("{}","")',
     '=("{}")',      "=“{}”", "“{}”", "`{}", "'{}'", '\'="{}"', '＝＂{}＂'],
)  # fmt: skip
@pytest.mark.parametrize("quoted", [False, True])
def test_a_text_in_a_formula_is_that_text_in_any_column(form: str, quoted: bool, tmp_path: Path) -> None:
    cells = [form.format(text) for text in (number(1), "甲乙", "2026-05-01", "死亡", "Z1", "公安")]
    if quoted:
        cells = [f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in cells]
    columns = ("id_number", "name", "died_on", "kind", "certificate_no", "origin")
    _, [row], _ = csv(tmp_path, "deaths", [cells], *columns)
    assert (row["id_key"], row["name_key"], row["certificate_no"]) == (number(1), "甲乙", "Z1")
    assert form.format("Z1") in json.loads(row["as_came"])["certificate_no"]


@pytest.mark.parametrize("text", ["“”", "''", "‘’", '=""', '=T("")', "` `", '""""""'])
def test_a_pair_of_quotes_around_nothing_is_nothing(text: str, tmp_path: Path) -> None:
    cells = [number(1), "甲乙", "2026-05-01", "死亡", text, "公安"]
    columns = ("id_number", "name", "died_on", "kind", "certificate_no", "origin")
    _, [row], _ = csv(tmp_path, "deaths", [cells], *columns)
    assert row["certificate_no"] is None


def test_a_formula_whose_result_is_not_there_says_nothing(tmp_path: Path) -> None:
    cells = [number(1), '=IF(A1,"甲")', "2026-05-01", "死亡", "=VLOOKUP(A2;B:B;2)", "公安"]
    columns = ("id_number", "name", "died_on", "kind", "certificate_no", "origin")
    done, [row], _ = csv(tmp_path, "deaths", [cells], *columns)
    assert (row["name"], row["certificate_no"], done.damaged) == (None, None, {"certificate_no": 1})


@pytest.mark.parametrize(
    "text",
    [
        "5×10^15",
        "5×10¹⁵",
        "5.001 × 10^17",
        "5*10^15",
        "5·10^15",
        "5x10^15",
        "5E+15",
        "5.00 E+17",
        "5D+15",
        "5^15",
    ],
)
@pytest.mark.parametrize("others", [0, 3])
def test_a_number_written_as_a_power_of_ten_is_spoilt(text: str, others: int, tmp_path: Path) -> None:
    plain = [[number(n + 2), "甲乙", "2026-05-01", "死亡", f"Z{n}", "公安"] for n in range(others)]
    columns = ("id_number", "name", "died_on", "kind", "certificate_no", "origin")
    done, rows, _ = csv(
        tmp_path, "deaths", [[number(1), "甲乙", "2026-05-01", "死亡", text, "公安"], *plain], *columns
    )
    assert [row["certificate_no"] for row in rows] == [None, *(f"Z{n}" for n in range(others))]
    assert done.damaged == {"certificate_no": 1}


@pytest.mark.parametrize("text", ["5X1015", "2026·15", "A^2", "渝失告2026×1", "10-15", "3E15"])
def test_a_number_that_looks_like_none_of_these_is_kept(text: str, tmp_path: Path) -> None:
    columns = ("id_number", "name", "died_on", "kind", "certificate_no", "origin")
    _, [row], _ = csv(tmp_path, "deaths", [[number(1), "甲乙", "2026-05-01", "死亡", text, "公安"]], *columns)
    assert row["certificate_no"] == text
