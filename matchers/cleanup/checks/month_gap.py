"""缴费月份之间有空缺 — months between the first and last paid that are neither paid, owed nor drawn."""

import json

from matchers.cleanup.ledger import gaps, spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked, PersonMonths

CLAIMS = "claims"


def rule(register: Register) -> Marked:
    """Persons with such months; the evidence names the claims whose months they may lessen."""
    missing = gaps(register.ledger, register.benefits)
    rows = by_person(register, spans_text(missing))
    concerned = _concerned(register, missing)
    return rows.assign(
        evidence=[
            json.dumps({CLAIMS: concerned[person]}) if person in concerned else ""
            for person in rows["record_key"]
        ]
    )


def _concerned(register: Register, missing: PersonMonths) -> dict[str, dict[str, str]]:
    """By person, each claim with such months in its window, and which."""
    window = register.claims[["claim_id", "person_no", "window_from", "separated_month"]]
    met = window.merge(missing, on="person_no")
    inside = met[met["month"].between(met["window_from"], met["separated_month"])]
    spans = spans_text(inside[["claim_id", "month"]].set_axis(["person_no", "month"], axis=1))
    owner = dict(zip(window["claim_id"], window["person_no"], strict=True))
    concerned: dict[str, dict[str, str]] = {}
    for claim_id, months in spans.items():
        concerned.setdefault(owner[str(claim_id)], {})[str(claim_id)] = months
    return concerned
