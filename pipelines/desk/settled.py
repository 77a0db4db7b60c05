"""款项结清 — what is to come back of a confirmed case and what has, and whether it may be closed so."""

from dataclasses import dataclass
from typing import Final

from pipelines.feedback.answer import Answer
from pipelines.feedback.standing import Standing, owed
from pipelines.reports import words

ALL, PART = "all", "part"
WORDS: Final = {ALL: "已全部追回，或没有要追回的", PART: "没有全部追回（在备注写明原因）"}


@dataclass(frozen=True, slots=True)
class Settled:
    """Fen that are to come back, and those that are on record as recovered."""

    owed_fen: int
    recovered_fen: int

    @property
    def outstanding(self) -> bool:
        """Whether something is still to come back."""
        return self.recovered_fen < self.owed_fen

    @property
    def sentence(self) -> str:
        """Both sums in words."""
        owed_yuan, back = words.yuan(self.owed_fen), words.yuan(self.recovered_fen)
        return f"应追回 {owed_yuan} 元，登记的已追回 {back} 元"


def of(answer: Answer, standing: Standing) -> Settled:
    """What stands once the answer is on record."""
    return Settled(owed(answer, standing), answer.recovered_fen or 0)


def objection(on_record: Settled, answer: str, note: str) -> str:
    """Why the case may not be closed, empty where it may. ``answer``: ``ALL``, ``PART`` or nothing."""
    if not on_record.outstanding:
        return ""
    if answer == PART:
        return "" if note else "没有全部追回的，须在备注写明原因"
    if answer == ALL:
        return f"{on_record.sentence}，还没有全部追回：请先填已追回金额（至今累计）"
    return f"{on_record.sentence}：请填已追回金额，或选“没有全部追回”并在备注写明原因"
