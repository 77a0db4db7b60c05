"""说明 — the whole reasoning for one candidate: who, which facts, what law, which months, what is missing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, select

from matchers.law import Article, policy
from matchers.linkage.picture import FIELD_WORDS, RIVALS
from matchers.links import LINK_WORDS
from matchers.summary import yuan
from pipelines.base.errors import UsageError
from pipelines.decisions import referral
from pipelines.decisions.reviews import WORDS as DECISIONS
from pipelines.reports import words
from sql import tables as t

PLACE = ("feed", "delivery_id", "file", "line")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One candidate and all that stands behind it; rows as they stand in our tables.

    ``person``: masked name and number. ``links``: the proposed links that its facts rest on. ``excluded``:
    rows of the same claim that were looked at and are no evidence, with the Chinese reason. ``missing``:
    what must be there before anybody may be referred.
    """

    candidate: dict[str, Any]
    person: str
    articles: Sequence[Article]
    evidence: Sequence[dict[str, Any]]
    links: Sequence[dict[str, Any]]
    overpayments: Sequence[dict[str, Any]]
    preventable: Sequence[dict[str, Any]]
    excluded: Sequence[dict[str, Any]]
    reviews: Sequence[dict[str, Any]]
    missing: Sequence[str]


def explain(engine: Engine, candidate_id: str) -> Explanation:
    """The explanation of a candidate, naming nobody; ``UsageError`` where there is none of that number."""
    with engine.connect() as connection:
        found = _rows(connection, t.suspension_candidate, "candidate_id", candidate_id)
        if not found:
            raise UsageError(f"没有疑点 {candidate_id}；编号见疑点清单，或运行 crossmatch report")
        candidate = found[0]
        excluded = _rows(connection, t.excluded_match, "claim_id", candidate["claim_id"])
        found_evidence = _rows(connection, t.evidence, "candidate_id", candidate_id)
        proposed = _rows(connection, t.probable_link, "person_id", candidate["person_id"])
        places = {tuple(row[c] for c in PLACE) for row in found_evidence}
        return Explanation(
            candidate=candidate,
            person=_person(connection, candidate["person_id"]),
            articles=policy(candidate["policy_version"].partition("-")[0]).articles(candidate["cause"]),
            evidence=[_unnamed(row) for row in found_evidence],
            links=[
                link | {"explanation": words.without_letters(link["explanation"])}
                for link in proposed
                if tuple(link[c] for c in PLACE) in places
            ],
            overpayments=_rows(connection, t.overpayment, "candidate_id", candidate_id),
            preventable=_rows(connection, t.preventable, "candidate_id", candidate_id),
            excluded=[x | {"words": words.reason(x["cause"], x["reason"])} for x in excluded],
            reviews=_rows(connection, t.review, "candidate_id", candidate_id),
            missing=referral.missing(candidate | _on_record(connection, candidate_id)),
        )


def page(told: Explanation) -> str:
    """The explanation as one page of plain Chinese text."""
    parts = (_head, _law, _facts, _links, _months, _doubts, _next)
    return "\n".join(line for part in parts for line in part(told))


def _head(told: Explanation) -> list[str]:
    c = told.candidate
    sure = c["link_probability"] in (None, 1.0)
    link = LINK_WORDS[c["link_tier"]] + ("" if sure else f"（概率 {c['link_probability']:.4f}）")
    return [
        f"疑点 {c['candidate_id']}　{words.cause(c['cause'])}　{words.tier(c['tier'])}　"
        f"{words.STATUS[c['status']]}",
        f"当事人　{told.person}　申领 {c['claim_id']}　经办区划 {c['district']}",
        f"身份　　{link}",
        f"摘要　　{c['summary']}",
        *([f"变化　　{c['changed']}"] if c["changed"] else []),
        "",
    ]


def _law(told: Explanation) -> list[str]:
    lines = [f"法律依据（口径 {told.candidate['policy_version']}）"]
    lines += [f"　{a.law} {a.article}：{a.words}" for a in told.articles]
    return [*lines, ""]


def _facts(told: Explanation) -> list[str]:
    lines = ["事实"]
    for row in told.evidence:
        place = words.place(row["feed"], f"{row['delivery_id']} {row['file']}", row["line"])
        lines.append(f"　[{words.WEIGHT[row['weight']]}] {row['note']}　{row['months']}　（{place}）")
        lines.append(f"　　　{words.fact(row['feed'], row['fact'], masked=False)}")
    return [*lines, ""]


def _links(told: Explanation) -> list[str]:
    """Why the model takes each row for the person: the sentence, and each field's evidence in bits."""
    lines = []
    for link in told.links:
        why = json.loads(link["explanation"])
        evidence = [(FIELD_WORDS[f["field"]], f["bits"]) for f in why["fields"]]
        evidence = [("先验", why["prior_bits"]), *evidence, (RIVALS, why["rivals_bits"])]
        bits = "，".join(f"{words} {weight:+.1f}" for words, weight in evidence)
        lines += [
            f"　{link['delivery_id']} {link['file']} 第{link['line']}行：{why['sentence']}",
            f"　　　{bits}（比特）→ 概率 {link['probability']:.4f}；编号 {link['pair_id']}",
        ]
    return ["为何推定为同一人", *lines, ""] if lines else []


def pictures(told: Explanation) -> str:
    """The waterfalls of the proposed links as one page of HTML without script; empty where there is none."""
    from matchers.linkage import waterfall

    drawn = "".join(f"<figure>{waterfall(link['explanation'])}</figure>" for link in told.links)
    number = told.candidate["candidate_id"]
    head = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{number} 匹配依据</title>'
    return f"{head}<h1>{number} 匹配依据</h1>{drawn}</html>" if drawn else ""


def _months(told: Explanation) -> list[str]:
    c = told.candidate
    lines = [f"逐月核算：自 {c['stop_month']} 起不应发放（事由发生于 {c['event_month']}）"]
    for row in sorted(
        told.overpayments, key=lambda r: (r["benefit_month"], r["benefit_kind"], r["payment_id"])
    ):
        own = "" if row["recoverable_from_person"] else "，不向本人追回"
        once = "" if row["counted"] else "，同月已计入本申领的另一疑点"
        lines.append(
            f"　{row['benefit_month']} {words.benefit(row['benefit_kind'])}　"
            f"已发 {yuan(row['paid_fen'])} − 已退 {yuan(row['recovered_fen'])} = 应退 {yuan(row['due_fen'])}"
            f"{own}{once}"
        )
    lines += [
        f"　{row['benefit_month']} {words.benefit(row['benefit_kind'])}　"
        f"待发 {yuan(row['scheduled_fen'])}，尚未支付"
        for row in told.preventable
    ]
    lines.append(
        f"　合计：失业保险金 {c['overpaid_months']} 个月，应退 {yuan(c['overpaid_fen'])}"
        "（转入其他基金的不计）；"
        f"尚未支付、宜在发放前先核实 {yuan(c['preventable_fen'])}"
    )
    if c["at_risk_fen"]:
        lines.append(f"　另有待发 {yuan(c['at_risk_fen'])}，所属月份尚无记录，发放前一并核实；不含在以上合计")
    return [*lines, ""]


def _doubts(told: Explanation) -> list[str]:
    against = [r["note"] for r in told.evidence if r["weight"] == "against"]
    lines = ["对当事人有利的情况", *(f"　{note}" for note in dict.fromkeys(against))]
    if told.candidate["within_notice_period"]:
        lines.append("　仍在告知期限内，尚可主动报告")
    reasons: dict[str, int] = {}
    for row in told.excluded:
        said = f"{words.cause(row['cause'])}：{row['words']}"
        reasons[said] = reasons.get(said, 0) + 1
    lines += [f"　已排除 {n} 条（{said}）" for said, n in sorted(reasons.items())]
    return [*lines, ""] if len(lines) > 1 else [lines[0], "　暂无", ""]


def _next(told: Explanation) -> list[str]:
    lines = ["尚缺：经办机构的调查核实（社会保险经办条例第二十六条）；本系统只提出疑点，不停发待遇"]
    lines += [f"　移送前还须具备：{item}" for item in told.missing]
    for row in told.reviews:
        lines.append(
            f"　{row['decided_at']:%Y-%m-%d} {row['decided_by']}：{DECISIONS[row['decision']]}　{row['note']}"
        )
    return lines


def _unnamed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"note": words.without_letters(row["note"]), "fact": words.covered_fact(row["fact"])}


def _person(connection: Connection, person_id: str) -> str:
    rows = _rows(connection, t.recipient, "person_id", person_id)
    if not rows:
        return f"个人编号 {person_id}"
    shown = (words.covered(column, rows[0][column] or "") for column in ("name", "id_number"))
    return " ".join(shown)


def _on_record(connection: Connection, candidate_id: str) -> dict[str, Any]:
    """The notice and the order that reviews of the candidate have put on record."""
    detail, review = t.review_detail.c, t.review.c
    wanted = select(detail.notice_on, detail.document_no).join(t.review, review.review_id == detail.review_id)
    told: dict[str, Any] = {"notice_on": None, "document_no": None}
    for row in connection.execute(wanted.where(review.candidate_id == candidate_id)).mappings():
        told |= {name: value for name, value in row.items() if value is not None}
    return told


def _rows(connection: Connection, table: Table, column: str, value: str) -> list[dict[str, Any]]:
    order = list(table.primary_key.columns)
    found: Sequence[RowMapping] = (
        connection.execute(select(table).where(table.c[column] == value).order_by(*order)).mappings().all()
    )
    return [dict(row) for row in found]
