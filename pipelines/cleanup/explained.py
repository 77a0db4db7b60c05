"""一条建议 — why it was made, what speaks against it, what people have decided so far, and what comes next.

Nobody's number, name, account or telephone is shown in full; that stands in the district's own workbook.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from matchers import cleanup
from matchers.cleanup.proposals import EDITORS, needs_two
from matchers.cleanup.steps import DECISIONS, MAY_FOLLOW, NEXT, STATUS
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.cleanup.decisions import MISSING
from pipelines.cleanup.lists import COLUMN, CONFIDENCE, FAVOURS, RELATION, WORDS
from pipelines.cleanup.places import named
from pipelines.reports import words
from sql.cleanup_tables import correction_decision, correction_proposal

PERSONAL: Final = ("id_number", "name", "birth_date", "phone", "bank_account", "card_no")
Decided = Sequence[RowMapping]


def explained(connection: Connection, proposal_id: str) -> dict[str, Any]:
    """One proposal in words; ``UsageError`` where there is none of that number."""
    own = select(correction_proposal).where(correction_proposal.c.proposal_id == proposal_id)
    row = connection.execute(own).mappings().first()
    if row is None:
        raise UsageError(MISSING.format(proposal_id))
    decisions = decided(connection, [proposal_id]).get(proposal_id, ())
    column = row["column_name"]
    return {
        "proposal": proposal_id,
        "check": cleanup.catalogue()[row["check_code"]].title,
        "district": named(row["district"]),
        "record": f"{RELATION[row['relation']]} {row['record_key']}",
        "column": COLUMN.get(column, column),
        "before": covered(column, row["before_value"]),
        "after": covered(column, row["after_value"]),
        "confidence": CONFIDENCE[row["confidence"]],
        "favours": FAVOURS[row["favours"]],
        "supports": supports(row),
        "against": against(row),
        "proof_needed": row["proof_needed"],
        "status": STATUS[row["status"]],
        "decisions": [_line(line) for line in decisions],
        "next": following(row, decisions),
    }


def decided(connection: Connection, proposal_ids: Sequence[str]) -> Mapping[str, Decided]:
    """By proposal what people have decided about it, the oldest first."""
    d = correction_decision.c
    wanted = select(correction_decision).where(d.proposal_id.in_(proposal_ids)).order_by(d.decided_at)
    given: dict[str, list[RowMapping]] = {}
    for line in connection.execute(wanted).mappings():
        given.setdefault(line["proposal_id"], []).append(line)
    return given


def supports(row: RowMapping) -> list[str]:
    """Sentences for a proposal: its reason, the basis of its check, the facts."""
    evidence = json.loads(row["evidence"] or "{}")
    record = evidence.pop("record", {})
    facts = [
        f"{WORDS.get(name, name)}：{words.without_numbers(str(value))}"
        for name, value in evidence.items()
        if name not in (EDITORS, "overlap") and value not in ("", {}, [])
    ]
    kept = [
        f"{WORDS.get(name, name)}：{covered(name, str(value))}（{source}，{why}）"
        for name, (value, source, why) in record.items()
    ]
    return [row["why"], f"依据：{cleanup.catalogue()[row['check_code']].basis}", *facts, *kept]


def against(row: RowMapping) -> list[str]:
    """Sentences that people have to rule out before they accept a proposal."""
    innocent = cleanup.catalogue()[row["check_code"]].innocent
    overlap = json.loads(row["evidence"] or "{}").get("overlap", "")
    return [
        *([f"可能的无辜解释：{innocent}"] if innocent else []),
        *([f"这些月份各编号均有缴费，须由人核对，不作取舍：{overlap}"] if overlap else []),
    ]


def waiting(row: RowMapping, decisions: Decided) -> RowMapping | None:
    """The decision that lacks its second signature, None where none does."""
    last = decisions[-1] if decisions else None
    if last is None or last["second_by"] is not None or not _two(row):
        return None
    return last if row["status"] in MAY_FOLLOW.get(last["decision"], ()) else None


def following(row: RowMapping, decisions: Decided) -> str:
    """What comes next: whose signature is awaited, who has decided otherwise, or what the status means."""
    awaited = waiting(row, decisions)
    if awaited is None:
        return NEXT[row["status"]] + (
            "；须两人先后登记同一决定" if row["status"] == "proposed" and _two(row) else ""
        )
    word, by = DECISIONS[awaited["decision"]], awaited["decided_by"]
    others = [
        f"{line['decided_by']}登记的“{DECISIONS[line['decision']]}”"
        for line in decisions[-2:-1]
        if line["second_by"] is None and line["decision"] not in (awaited["decision"], "deferred")
    ]
    differing = f"与{others[0]}不一致，两项都不生效；" if others else ""
    return f"{by}登记了“{word}”，{differing}待另一人也登记“{word}”才生效；看法不同的登记自己的决定"


def covered(column: str, value: str) -> str:
    """A value of a record as it may be shown outside the district's workbook."""
    return words.covered(column, value) if column in PERSONAL and value else words.without_numbers(value)


def _two(row: RowMapping) -> bool:
    return needs_two(row["check_code"], row["column_name"])


def _line(line: RowMapping) -> dict[str, str]:
    return {
        "decision": DECISIONS[line["decision"]],
        "by": line["decided_by"],
        "at": clock.in_shanghai(line["decided_at"]).isoformat(" ", "minutes"),
        "second_by": line["second_by"] or "",
        "reason": line["reason"],
    }
