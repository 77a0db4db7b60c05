"""A proposed correction says why, what to rule out, who decided what, and what comes next."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine

from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.cleanup import lists
from pipelines.cleanup.explained import explained
from pipelines.database import lock
from tests.cleanup_proposals import DISTRICT, MERGE, decide, proposed


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with proposed(database_url) as engine:
        yield engine


def test_a_proposal_is_explained_with_what_speaks_against_it_who_disagrees_and_what_comes_next(
    engine: Engine,
) -> None:
    def of(proposal: str) -> dict[str, Any]:
        with engine.connect() as connection:
            return explained(connection, proposal)

    merge = of("MERGE")
    assert merge["supports"][0] == MERGE["why"]
    assert any("无辜解释" in line for line in merge["against"])
    assert "张三" not in str(merge)
    assert merge["next"] == "待决定；须两人先后登记同一决定"
    decide(engine, "MERGE", "accepted", "甲一")
    assert of("MERGE")["next"].startswith("甲一登记了“同意”，待另一人也登记“同意”才生效")
    decide(engine, "MERGE", "rejected", "乙二", after=1)
    assert of("MERGE")["next"].startswith("乙二登记了“不同意”，与甲一登记的“同意”不一致，两项都不生效")
    decide(engine, "MERGE", "rejected", "丙三", after=2)
    assert of("MERGE")["next"].startswith("同样的事实不再提出")
    assert [line["by"] for line in of("MERGE")["decisions"]] == ["甲一", "乙二"]
    decide(engine, "SPLIT", "accepted", "甲一")
    assert of("SPLIT")["next"].startswith("待导出")
    with pytest.raises(UsageError, match="没有编号为 NONE 的建议"):
        of("NONE")


def test_who_signed_first_and_thinks_again_is_sent_to_another_decision_instead_of_an_undoing(
    engine: Engine,
) -> None:
    decide(engine, "MERGE", "accepted", "甲一")
    with pytest.raises(UsageError, match="还没有生效的决定，无需撤销；改变看法的，登记另一决定"):
        decide(engine, "MERGE", "undone", "甲一", after=1)
    assert decide(engine, "MERGE", "rejected", "甲一", after=2) == "proposed"
    assert decide(engine, "MERGE", "rejected", "乙二", after=3) == "rejected"


def test_a_list_gives_the_reason_of_each_proposal_beside_its_facts(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=database_url, reports=tmp_path / "reports")
    with lock.held(engine) as held:
        made = lists.write(settings, held, "R1", date(2026, 10, 20), DISTRICT)
    sheet = openpyxl.load_workbook(made.file)[lists.SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    given = {row[at["建议编号"] - 1].value: row[at["依据"] - 1].value for row in sheet.iter_rows(min_row=2)}
    assert given["SHORT"] == "核定少于应享；应享月数 12"
