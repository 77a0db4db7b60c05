"""文书内容 — the texts of a notice by the names that templates use; no more of a person than is needed."""

import re
from datetime import date
from typing import Any, Final

from expectations.feed import feeds
from matchers.causes import causes
from matchers.text import fold
from pipelines.desk import letter_words
from pipelines.desk.notice_kinds import INQUIRY, NOTIFICATION
from pipelines.reports import words
from pipelines.reports.case.values import Case, Fact, Person

CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
OWN: Final = "本机构"
UNNAMED: Final = "领取人员"
FAMILY: Final = "{}的遗属"


def values(
    kind: str, number: str, case: Case, person: Person, *, today: date, reply_by: date, to: str
) -> dict[str, Any]:
    """What the templates of the kind may show. ``case``: masked; ``person``: in full; ``to``: whom an
    inquiry asks, empty for the agency whose record it is.

    Facts and months are lists of dictionaries. An inquiry holds no facts, amounts, claim or law.
    """
    c = case.candidate
    shown: dict[str, Any] = {
        "number": number,
        "date": _day(today),
        "reply_by": _day(reply_by),
        "office": words.district(c["district"]),
        "name": person.name,
        "months": " 至 ".join(c[f"{end}_conflict_month"] or c["event_month"] for end in ("first", "last")),
    }
    if kind == INQUIRY:
        asked = {"to": to or _agency(case), "id_number": person.id_number, "subject": _subject(case)}
        return _clean_all(shown | asked)
    cause = causes()[c["cause"]]
    shown |= {
        "to": _addressee(case, person) if kind == NOTIFICATION else words.district(c["district"]),
        "id_number": words.covered("id_number", person.id_number) if person.id_number else "未登记",
        "candidate": c["candidate_id"],
        "claim": c["claim_id"],
        "cause": cause.title,
        "stop_month": c["stop_month"],
        "facts": [_fact(fact) for fact in case.supporting],
        "against": [_fact(fact) for fact in case.against],
        "payments": [_payment(row) for row in case.overpayments if row.recoverable_from_person],
        "total": words.yuan(c["overpaid_fen"]),
        "waiting": words.yuan(c["preventable_fen"]),
        "articles": [{"law": f"{a.law} {a.article}", "words": a.words} for a in case.articles],
    }
    return _clean_all(shown | letter_words.of(c["cause"], person.name or UNNAMED))


def _addressee(case: Case, person: Person) -> str:
    family = causes()[case.candidate["cause"]].to_family
    return FAMILY.format(person.name) if family else person.name


def _agency(case: Case) -> str:
    first = next(iter(case.supporting), None)
    return feeds()[first.feed].agency if first and first.feed in feeds() else OWN


def _subject(case: Case) -> str:
    """What is asked about: the kinds of records, not what they led to."""
    return "、".join(dict.fromkeys(words.feed(fact.feed) for fact in case.supporting)) or "有关记录"


def _fact(fact: Fact) -> dict[str, str]:
    agency = feeds()[fact.feed].agency if fact.feed in feeds() else OWN
    return {"agency": agency, "note": fact.note, "months": fact.months, "content": fact.content}


def _payment(row: Any) -> dict[str, str]:
    return {
        "month": row.benefit_month,
        "kind": words.benefit(row.benefit_kind),
        "paid": words.yuan(row.paid_fen),
        "due": words.yuan(row.due_fen),
    }


def _clean_all(texts: dict[str, Any]) -> dict[str, Any]:
    """The same without what no document can hold."""
    return {name: _clean(value) for name, value in texts.items()}


def _clean(value: Any) -> Any:
    return CONTROL.sub("", value) if isinstance(value, str) else [_clean_all(row) for row in value]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def addressee(text: str) -> str:
    """Whom somebody typed as the one to be asked, at most a line of it."""
    return fold(text).strip()[:60]
