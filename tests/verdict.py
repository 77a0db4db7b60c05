"""裁断 — what a sentence expects of a judgement and what the judgement says, in one shape."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from expectations.feed import feed, feeds
from matchers import months
from matchers.causes import causes
from matchers.findings import EVERY_CAUSE
from matchers.judge import Judgement
from tests.casebook import (
    LINK_TIERS,
    USUAL_CLAIM,
    USUAL_LINK,
    USUAL_PAYMENT,
    USUAL_PAYMENTS,
    Case,
    judged_feeds,
    listed,
    span,
    yuan,
)

CASE = {
    "says", "cause", "night", "policy", "values", "unavailable", "claim", "claims", "finds", "excluded",
    "notices", "requests", "due", "term", "one_employer",
}  # fmt: skip
IF_STATED = ("at_risk", "supports", "lines", "conflict", "cites", "begins", "lowered")
FIND = {
    "claim", "cause", "tier", "event", "stop", "overpaid", "owed", "preventable", "flags", "against",
    "counted", *IF_STATED,
}  # fmt: skip
PAYMENT = {"benefit_month", "amount", *USUAL_PAYMENT}
FLAGS = {
    "severe": "severe_flag",
    "two_month": "two_month_flag",
    "within_notice_period": "within_notice_period",
}


def flat(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict with one entry a figure, so that a difference shows the figure and nothing else."""
    finds = {
        f"{claim} {cause} {word}": value
        for (claim, cause), find in verdict["finds"].items()
        for word, value in find.items()
    }
    return {**{word: value for word, value in verdict.items() if word != "finds"}, **finds}


def expected(case: Case) -> dict[str, Any]:
    """What a sentence expects, in the shape of ``heard``."""
    cause = case.fields.get("cause")
    finds = listed(case.fields.get("finds", []))
    return {
        "finds": {(f.get("claim", "C1"), f.get("cause", cause)): _expected(f) for f in finds},
        "excluded": dict(_excluded(case.fields.get("excluded", {}), cause)),
        "notices": _by_claim(case.fields.get("notices", [])),
        "requests": _by_claim(case.fields.get("requests", [])),
        **({"due": case.fields["due"]} if "due" in case.fields else {}),
    }


def _expected(find: Mapping[str, Any]) -> dict[str, Any]:
    overpaid = months.runs(span(find.get("overpaid", "")))
    return {
        "tier": find["tier"],
        "event": find["event"],
        "stop": find["stop"],
        "overpaid": overpaid,
        "owed": find.get("owed", "0.00"),
        "preventable": find.get("preventable", "0.00"),
        "flags": sorted(find.get("flags", [])),
        "against": sorted(find.get("against", [])),
        "counted": months.runs(span(find["counted"])) if "counted" in find else overpaid,
        **{k: sorted(find[k]) if isinstance(find[k], list) else find[k] for k in IF_STATED if k in find},
    }


def _excluded(counts: Mapping[str, Any], cause: str | None, claim: str = "C1") -> Iterator[tuple[Any, int]]:
    """``reason = n`` of the file's cause, ``CAUSE.reason = n``, or ``claim.CAUSE.reason = n``."""
    for word, inner in counts.items():
        if isinstance(inner, int):
            yield (claim, cause, word), inner
        elif word.isupper() and not word[-1].isdigit():
            yield from _excluded(inner, word, claim)
        else:
            yield from _excluded(inner, cause, word)


def _by_claim(words: list[str] | Mapping[str, list[str]]) -> list[tuple[str, str]]:
    by_claim = words if isinstance(words, Mapping) else {"C1": words}
    return sorted((claim, word) for claim, own in by_claim.items() for word in own)


def heard(case: Case, judgement: Judgement) -> dict[str, Any]:
    """What a judgement says of the claims of a sentence, as far as the sentence speaks of it."""
    wanted = expected(case)
    lines = _of(case, judgement.overpayments)
    owed = lines[lines["counted"].astype(bool) & lines["recoverable_from_person"].astype(bool)]
    candidates = {
        (row["claim_id"], row["cause"]): row for row in _of(case, judgement.candidates).to_dict("records")
    }
    return {
        "finds": {
            key: _heard(row, judgement, wanted["finds"].get(key, {})) for key, row in candidates.items()
        },
        "excluded": dict(Counter(_stated(case, judgement.excluded, "claim_id", "cause", "reason"))),
        "notices": sorted(_stated(case, judgement.notices, "claim_id", "kind")),
        "requests": sorted(_stated(case, judgement.requests, "claim_id", "reason")),
        **({"due": yuan(int(owed["due_fen"].sum()))} if "due" in wanted else {}),
    }


def _of(case: Case, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows on the claims of a sentence, under the numbers that the sentence gives them."""
    own = case.own("")
    rows = frame[frame["claim_id"].astype(str).str.startswith(own)]
    return rows.assign(claim_id=rows["claim_id"].astype(str).str.removeprefix(own))


def _stated(case: Case, frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(_of(case, frame)[list(columns)].itertuples(index=False, name=None))


def _heard(row: Mapping[Any, Any], judgement: Judgement, wanted: Mapping[str, Any]) -> dict[str, Any]:
    evidence = judgement.evidence[judgement.evidence["candidate_id"] == row["candidate_id"]]
    codes = evidence.groupby("weight")["reason_code"].agg(lambda c: sorted(set(c))).to_dict()
    lines = judgement.overpayments[judgement.overpayments["candidate_id"] == row["candidate_id"]]
    benefit = lines[lines["benefit_kind"] == "unemployment_benefit"]
    always = {
        "tier": row["tier"],
        "event": months.text(row["event_month"]),
        "stop": months.text(row["stop_month"]),
        "overpaid": months.runs(list(benefit["benefit_month"])),
        "owed": yuan(row["overpaid_fen"]),
        "preventable": yuan(row["preventable_fen"]),
        "flags": [word for word, column in FLAGS.items() if row[column]],
        "against": codes.get("against", []),
        "counted": months.runs(list(benefit[benefit["counted"].astype(bool)]["benefit_month"])),
    }
    asked = {
        "at_risk": yuan(row["at_risk_fen"]),
        "supports": codes.get("supports", []),
        "lines": sorted(_line(line) for line in lines.to_dict("records")),
        "conflict": f"{months.text(row['first_conflict_month'])}..{months.text(row['last_conflict_month'])}",
        "cites": [c for c in wanted.get("cites", []) if c in row["legal_basis"]],
        "begins": row["summary"][: len(wanted.get("begins", ""))],
        "lowered": sorted(
            code
            for code, words in {**EVERY_CAUSE, **causes()[row["cause"]].words}.items()
            if words in _lowered(row)
        ),
    }
    return {**always, **{k: asked[k] for k in IF_STATED if k in wanted}}


def _lowered(row: Mapping[Any, Any]) -> str:
    """What the summary names as keeping the candidate below precise."""
    _, _, named = row["summary"].rstrip("。").partition("未列为精确疑点：")
    return str(named).partition("；")[0]


def _line(line: Mapping[Any, Any]) -> str:
    line_text = f"{months.text(line['benefit_month'])} {line['benefit_kind']} {yuan(line['due_fen'])}"
    return line_text if line["recoverable_from_person"] else f"{line_text} 不向本人追回"


def strange_words(case: Case) -> set[str]:
    """The words of a sentence that nothing here understands."""
    finds = listed(case.fields.get("finds", []))
    rows = [(name, row) for name in judged_feeds() for row in listed(case.fields.get(name, []))]
    claims = case.fields.get("claims", [case.fields.get("claim", {})])
    payments = [payment for claim in claims for payment in claim.get("payments", [])]
    return set().union(
        case.fields.keys() - CASE - set(judged_feeds()),
        *(find.keys() - FIND for find in finds),
        *(set(find.get("flags", [])) - set(FLAGS) for find in finds),
        *(row.keys() - USUAL_LINK.keys() - feed(name).columns.keys() for name, row in rows),
        *({row.get("link_tier", "exact")} - set(LINK_TIERS) for _, row in rows),
        *(claim.keys() - USUAL_CLAIM.keys() - USUAL_PAYMENTS.keys() for claim in claims),
        *(payment.keys() - PAYMENT for payment in payments),
        set(case.fields.get("unavailable", [])) - feeds().keys(),
    )


def reasons_named(case: Case) -> Iterator[tuple[str, str]]:
    """The reasons a sentence names, each with its cause: of exclusions, of evidence for and against."""
    verdict = expected(case)
    yield from ((cause, reason) for _, cause, reason in verdict["excluded"])
    for (_, cause), find in verdict["finds"].items():
        yield from (
            (cause, reason)
            for reason in [*find["against"], *find.get("supports", []), *find.get("lowered", [])]
        )
