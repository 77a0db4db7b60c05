"""更正建议 — the findings for which a value can be proposed; every other finding is a question for people.

A proposal names the value before and after, so that nothing is exported that has changed meanwhile. Nothing
is proposed for a month, for the archive's birth date, or against a person.
"""

import json
from collections.abc import Mapping

from matchers.evidence import digest
from matchers.schemas import CleanupFindings, CorrectionProposals, StandingValues

PROPOSAL = [
    "proposal_id", "check_code", "district", "relation", "record_key", "column_name", "before_value",
    "after_value", "why", "evidence", "confidence", "favours", "proof_needed",
]  # fmt: skip
IDENTITY = ("check_code", "relation", "record_key", "column_name", "before_value", "after_value")
PROOF = {
    "ID_15": "无需证明：15 位号码唯一对应 18 位号码",
    "NAME_FORM": "公安机关姓名",
    "DUPLICATE_PERSON": "本人身份证件；重复月份另附材料",
    "ENT_UNDER": "单位或档案记录",
    "LAST_EMPLOYER": "单位或档案记录",
    "EMPLOYER_SPLIT": "各单位编号的登记证照",
}
KEY_COLUMNS = ("id_number", "name", "birth_date", "sex")
MERGE, ONE_EMPLOYER = "DUPLICATE_PERSON", "EMPLOYER_SPLIT"
EDITORS = "editors"
ACCEPTED = ("accepted", "exported", "applied")


def proposals(findings: CleanupFindings, before: StandingValues) -> CorrectionProposals:
    """``PROPOSAL`` from findings that bring a value.

    ``before``: relation, record_key, column_name, before_value of what stands there now.
    """
    rows = findings[findings["check_code"].isin(PROOF) & (findings["value"] != "")]
    rows = rows[rows["confidence"] != "ask"]
    proposed = rows.merge(before, on=["relation", "record_key", "column_name"], how="left", validate="m:1")
    proposed = proposed.assign(
        before_value=proposed["before_value"]
        .where(proposed["check_code"] != MERGE, proposed["record_key"])
        .fillna(""),
        after_value=proposed["value"],
        proof_needed=proposed["check_code"].map(PROOF),
    )
    proposed = proposed[proposed["before_value"] != proposed["after_value"]]
    ids = [digest(list(row)) for row in proposed[list(IDENTITY)].itertuples(index=False, name=None)]
    return proposed.assign(proposal_id=ids)[PROPOSAL].reset_index(drop=True)


def with_editors(
    proposed: CorrectionProposals, owners: Mapping[str, str], editors: Mapping[str, list[str]]
) -> CorrectionProposals:
    """``proposed`` with, in its evidence, the ``EDITORS`` of the records concerned, who may not sign.

    ``owners``: claim → person_no. ``editors``: person_no → who changed keys of that record.
    """
    if not editors:
        return proposed
    evidence = []
    for key, text in zip(proposed["record_key"], proposed["evidence"], strict=True):
        people = owners.get(key, key).split("+")
        names = sorted({name for person in people for name in editors.get(person, ())})
        given = json.loads(text or "{}") | ({EDITORS: names} if names else {})
        evidence.append(json.dumps(given, ensure_ascii=False) if given else "")
    return proposed.assign(evidence=evidence)


def needs_two(check_code: str, column_name: str) -> bool:
    """Whether two people must sign: keys of a person, merges, and whatever touches an entitlement."""
    return column_name in KEY_COLUMNS or check_code == MERGE or check_code.startswith("ENT_")
