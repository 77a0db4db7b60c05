"""办理次序 — the order in which the desk lists candidates, that of the workbook, as the indexes hold it."""

from typing import Final

from sqlalchemy import ColumnElement, Integer, literal_column

from matchers.lifecycle import ACTIVE, UNDECIDED, Status
from sql.tables import suspension_candidate

# The order of work as one number, word for word the expression of the indexes candidate_work and
# candidate_own_work: 1 and 2 where money can still be kept back, 3 other precise ones, 4 important ones,
# 5 leads; 6 to 8 confirmed ones by tier, where nothing is left to check; 9 those with which nobody has
# anything to do any more.
ORDER: Final[ColumnElement[int]] = literal_column(
    "(CASE WHEN status IN ('closed', 'dismissed', 'withdrawn') THEN 9"
    " WHEN status IN ('confirmed', 'recovering')"
    " THEN CASE tier WHEN 'precise' THEN 6 WHEN 'important' THEN 7 ELSE 8 END"
    " WHEN preventable_fen > 0 AND tier = 'precise' THEN 1"
    " WHEN preventable_fen > 0 AND tier = 'important' THEN 2"
    " WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END)",
    Integer,
)
C = suspension_candidate.c
PLACE: Final = (ORDER, C.preventable_fen.desc(), C.overpaid_fen.desc(), C.candidate_id)
TO_CHECK: Final = frozenset({1, 2, 3, 4, 5})
SETTLED: Final = frozenset({6, 7, 8})
ENDED: Final = frozenset({9})
EVERY: Final = TO_CHECK | SETTLED | ENDED
OF_TIER: Final = {"precise": {1, 3, 6, 9}, "important": {2, 4, 7, 9}, "lead": {5, 8, 9}}


def places(tier: str, status: str) -> list[int]:
    """The values of ``ORDER`` that candidates of this tier and status can have; an unknown word says nothing.

    They say nothing more than tier and status do, but the indexes begin with them.
    """
    stage = EVERY
    if status in set(Status):
        stage = TO_CHECK if status in UNDECIDED else SETTLED if status in ACTIVE else ENDED
    return sorted(OF_TIER.get(tier, EVERY) & stage)
