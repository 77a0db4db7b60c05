"""A list that comes back is looked over before it is opened, and each of its sheets is named."""

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.base.errors import DeliveryRejected
from tests.lists import List, handed_out, taken_in


def bloated(path: Path, members: dict[str, bytes]) -> Path:
    """The same workbook with further members in its archive."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({f"xl/worksheets/sheet{n}.xml": b"<worksheet/>" for n in range(100, 200)}, "工作表超过 64 张"),
        ({"xl/extra.xml": b" " * (200 << 20)}, "压缩炸弹"),
        ({"xl/vbaProject.bin": b"x"}, "含有宏"),
    ],
)
def test_a_list_that_holds_more_than_a_list_can_is_refused_before_any_reader_opens_it(
    filled: Engine, tmp_path: Path, members: dict[str, bytes], reason: str
) -> None:
    path = bloated(handed_out(filled, tmp_path), members)
    with pytest.raises(DeliveryRejected, match=f"{reason}.*；请交回本系统导出的清单原文件"):
        taken_in(filled, path)


def test_a_receipt_lists_every_sheet_of_the_file_read_or_not(filled: Engine, tmp_path: Path) -> None:
    own = List(handed_out(filled, tmp_path))
    own.book.create_sheet("区县备注")["A1"] = "甲"
    receipt = taken_in(filled, own.saved(), apply=False)
    assert sorted((*receipt.sheets, *receipt.left_alone)) == sorted(own.book.sheetnames)
    assert "区县备注" in receipt.left_alone
