"""A stored frame gives the rows that are asked for, also where it holds none."""

from pathlib import Path

import pandas as pd
import pytest

from pipelines.base.frames import Night, keep_frame


@pytest.mark.parametrize(
    ("people", "wanted"), [(["P1", "P2", "P1"], ["P1", "P1"]), ([None, "P1"], ["P1"]), ([None], []), ([], [])]
)
def test_the_rows_of_some_people_are_read_whatever_type_their_column_came_to(
    tmp_path: Path, people: list[str | None], wanted: list[str]
) -> None:
    night = Night(tmp_path)
    keep_frame(
        night.path("linked"), pd.DataFrame({"person_id": people, "n": range(len(people))}, dtype=object)
    )
    frame = night.frame("linked", ("person_id", {"P1"}))
    assert frame["person_id"].tolist() == wanted
    assert list(frame.columns) == ["person_id", "n"]
