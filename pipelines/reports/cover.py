"""封面 — what this workbook is, of which night, how sure it is, and what to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchers.schemas import ReportedCandidates
from pipelines.reports import outcome, overdue, paying, totals, words
from pipelines.reports.contents import Contents
from pipelines.reports.workbook import HEAD, Book

PRINCIPLE = (
    "本表所列均为比对产生的疑点，不是结论。须经调查核实、告知本人（死亡的告知遗属）并听取申辩、两人复核之后，"
    "方可依法停发或追回（社会保险经办条例第二十五条、第二十六条）。不得仅凭本表停发待遇。"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cover: ``value`` is shown as text or a count, or as an amount where ``fen`` is given."""

    label: str
    value: str | int = ""
    fen: int | None = None


def figures(chosen: ReportedCandidates) -> list[Line]:
    """The count and money of each tier; leads stand alone and are in no sum."""
    lines = []
    for tier in words.TIERS:
        of_tier = chosen[chosen["tier"] == tier]
        lines.append(Line(f"{words.tier(tier)}（件）", len(of_tier)))
    summed = chosen[chosen["tier"].isin(words.SUMMED)]
    leads = chosen[~chosen["tier"].isin(words.SUMMED)]
    return [
        *lines,
        Line("其中本次新增（件）", int(chosen["new"].sum())),
        Line("可止付金额（元，精确与重要）", fen=int(summed["counted_preventable_fen"].sum())),
        Line("发放前待核（元，精确与重要，不含在上一项）", fen=totals.at_risk(summed)),
        Line("已发应退（元，精确与重要）", fen=int(summed["counted_fen"].sum())),
        Line("一般疑点涉及（元，不计入以上）", fen=int(leads["counted_fen"].sum())),
    ]


def write(
    book: Book,
    contents: Contents,
    heading: str,
    identity: Sequence[Line],
    counted: Sequence[Line],
    advice: Sequence[str],
) -> None:
    """The cover sheet: what it is, the night's figures, the state of the deliveries, how to go on."""
    sheet = book.book.add_worksheet("封面")
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 92)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, heading, book.style(bold=True, font_size=16, font_color=HEAD))
    sheet.set_row(0, 28)
    sheet.merge_range(1, 0, 1, 1, "", book.style(text_wrap=True))
    sheet.write_string(1, 0, PRINCIPLE, book.style(text_wrap=True, italic=True))
    sheet.set_row(1, 36)
    row = 3
    for title, lines in (("基本情况", [*_night(contents), *identity]), ("数量与金额", counted)):
        row = _block(book, sheet, row, title, lines)
    row = _block(book, sheet, row, "怎样使用", [Line(f"第{n}步", text) for n, text in enumerate(advice, 1)])
    sheet.protect("", {"select_locked_cells": True})


def _night(contents: Contents) -> list[Line]:
    run = contents.run
    held = "；".join(sorted(words.feed(f) for f in run.unavailable)) if run else ""
    ended = outcome.word(run)
    alarm = [Line("本夜结局", f"{ended}：{outcome.reasons(run)}。{outcome.BEFORE}")] if ended else []
    return [
        *alarm,
        Line("比对日", contents.as_of.isoformat()),
        Line("发放与核实", paying.words(contents.next_payment)),
        Line("答复期限", overdue.sentence(contents)),
        *(
            Line("较上夜、较上月", str(earlier))
            for earlier in (contents.last_night, contents.last_month)
            if earlier
        ),
        Line("运行编号", run.run_id if run else "本日尚未运行"),
        Line("口径与版本", run.policy_version if run else ""),
        Line("程序版本", run.code_version if run else ""),
        Line("未到位的数据", f"{held}（依此数据的疑点保持原样）" if held else "无"),
        Line("审计链末端", contents.audit_head or "尚无人员决定"),
    ]


def _block(book: Book, sheet: Any, row: int, title: str, lines: Sequence[Line]) -> int:
    write_string = sheet.write_string
    write_string(
        row, 0, title, book.style(bold=True, font_size=12, font_color=HEAD, bottom=2, bottom_color=HEAD)
    )
    write_string(row, 1, "", book.style(bottom=2, bottom_color=HEAD))
    for n, line in enumerate(lines, row + 1):
        write_string(n, 0, line.label, book.style(bold=True))
        if line.fen is not None:
            sheet.write_number(n, 1, line.fen / 100, book.style(num_format="#,##0.00", align="left"))
        elif isinstance(line.value, int):
            sheet.write_number(n, 1, line.value, book.style(num_format="#,##0", align="left"))
        else:
            write_string(n, 1, line.value, book.style(text_wrap=True))
    return row + len(lines) + 2
