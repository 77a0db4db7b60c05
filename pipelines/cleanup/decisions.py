"""更正决定 — what people decide about a proposal, and how its status moves by it.

Keys of a person, merges and whatever touches an entitlement take two people, of whom neither accepted or
approved a claim concerned nor edited the record. Nothing here changes a record of the agency.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from matchers.cleanup.proposals import EDITORS
from matchers.cleanup.steps import DECISIONS, MAY_FOLLOW, STATUS, reached, takes_two
from matchers.people.signature import among, same, signature
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.decisions.signing import PARTY, SEVERAL, is_party, operators
from sql.cleanup_tables import correction_decision, correction_proposal
from sql.tables import claim

MISSING = "没有编号为 {} 的建议；编号见更正建议清单第一列"
EDITED = "{}改过这条记录的关键信息，须由其他人签认"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as a person made it; ``second_by`` signed with them, empty where nobody has yet."""

    proposal_id: str
    decision: str
    by: str
    reason: str
    second_by: str = ""


def decide(connection: Connection, made: Decision, at: datetime) -> str:
    """The proposal's status after the decision, which is recorded with its audit event.

    The first of two signatures is recorded and waits. The same decision again changes nothing. ``UsageError``
    where there is no such proposal, the decision cannot follow its status, or somebody may not sign.
    """
    proposal = _proposal(connection, made.proposal_id)
    if is_on_record(connection, made):
        return str(proposal.status)
    waiting = _last(connection, made.proposal_id)
    if objection := _objection(connection, proposal, made):
        raise UsageError(f"{made.proposal_id}：{objection}")
    second = made.second_by.strip()
    awaited = waiting is not None and waiting.second_by is None and waiting.decision == made.decision
    two = takes_two(made.decision, proposal.check_code, proposal.column_name)
    if two and awaited and waiting is not None:
        others = (
            name for name in (made.by, second) if signature(name) and not same(name, waiting.decided_by)
        )
        second = next(others, "")
        if not second:
            raise UsageError(f"{made.proposal_id}：{made.by}的决定已登记，须由另一人复核")
        _sign(connection, waiting, second, at)
    else:
        _record(connection, made, second, at)
    final = not two or bool(second)
    status = reached(made.decision, proposal.status) if final else str(proposal.status)
    c = correction_proposal.c
    connection.execute(
        update(correction_proposal).where(c.proposal_id == made.proposal_id).values(status=status)
    )
    event = {"decision": made.decision, "second": second, "from": proposal.status, "to": status}
    audit.record(connection, made.by, "correction", made.proposal_id, event)
    return status


def _proposal(connection: Connection, proposal_id: str) -> Row[Any]:
    c = correction_proposal.c
    row = connection.execute(
        select(correction_proposal).where(c.proposal_id == proposal_id).with_for_update()
    ).first()
    if row is None:
        raise UsageError(MISSING.format(proposal_id))
    return row


def _last(connection: Connection, proposal_id: str) -> Row[Any] | None:
    c = correction_decision.c
    own = select(correction_decision).where(c.proposal_id == proposal_id)
    return connection.execute(own.order_by(c.decided_at.desc(), c.decided_by).limit(1)).first()


def is_on_record(connection: Connection, made: Decision) -> bool:
    """Whether this person's decision brought the proposal to where it stands, or waits for another's."""
    last = _last(connection, made.proposal_id)
    if last is None or last.decision != made.decision or not _stands(connection, last):
        return False
    signed = [name for name in (last.decided_by, last.second_by) if name]
    return all(among(one, signed) for one in (made.by, made.second_by) if signature(one))


def _stands(connection: Connection, last: Row[Any]) -> bool:
    status = connection.execute(
        select(correction_proposal.c.status).where(correction_proposal.c.proposal_id == last.proposal_id)
    ).scalar_one()
    return bool(status == last.decision or last.second_by is None)


def _objection(connection: Connection, proposal: Row[Any], made: Decision) -> str:
    """Why the decision cannot be taken, in Chinese; empty where it can."""
    if made.decision not in MAY_FOLLOW:
        return f"没有“{made.decision}”这种决定；可用：{'、'.join(DECISIONS.values())}"
    if not signature(made.by) or not made.reason.strip():
        return "须注明决定人和理由"
    if same(made.by, made.second_by):
        return "复核人与决定人不得为同一人"
    if proposal.status not in MAY_FOLLOW[made.decision]:
        if made.decision == "undone" and proposal.status in MAY_FOLLOW["accepted"]:
            return "还没有生效的决定，无需撤销；改变看法的，登记另一决定"
        return f"当前状态是“{STATUS[proposal.status]}”，不能作“{DECISIONS[made.decision]}”的决定"
    edited = json.loads(proposal.evidence or "{}").get(EDITORS, ())
    for people, words in (
        ([name for field in edited for name in SEVERAL.split(field)], EDITED),
        (operators(connection, _concerned(proposal)), PARTY),
    ):
        for name in (made.by, made.second_by):
            if is_party(name, people):
                return words.format(name.strip())
    return ""


def _concerned(proposal: Row[Any]) -> Any:
    """The claims whose operators may not sign."""
    if proposal.relation == "claim":
        return claim.c.claim_id == proposal.record_key
    return claim.c.person_id.in_(proposal.record_key.split("+"))


def _record(connection: Connection, made: Decision, second: str, at: datetime) -> None:
    signed = {"second_by": second, "second_at": at} if second else {}
    connection.execute(
        insert(correction_decision).values(
            proposal_id=made.proposal_id, decision=made.decision, reason=made.reason.strip(),
            decided_by=made.by.strip(), decided_at=at, **signed,
        )
    )  # fmt: skip


def _sign(connection: Connection, waiting: Row[Any], second: str, at: datetime) -> None:
    c = correction_decision.c
    row = update(correction_decision).where(
        c.proposal_id == waiting.proposal_id,
        c.decided_by == waiting.decided_by,
        c.decided_at == waiting.decided_at,
    )
    connection.execute(row.values(second_by=second, second_at=at))
