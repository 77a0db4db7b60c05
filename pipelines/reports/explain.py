"""说明 — the whole reasoning for one candidate as text: who, which facts, law, months, what is missing."""

from collections import Counter

from matchers.lifecycle import TWO_PEOPLE
from matchers.linkage.picture import waterfall
from matchers.links import LINK_WORDS
from matchers.notices import of_the_dead
from matchers.summary import yuan
from pipelines.base import clock
from pipelines.database.agency import SUSPENDED
from pipelines.reports import words
from pipelines.reports.case.values import Case, Decided, Fact, Link
from pipelines.reports.shown import second_signature


def page(case: Case) -> str:
    """The case as one page of plain Chinese text."""
    parts = (_head, _law, _facts, _links, _months, _doubts, _next)
    return "\n".join(line for part in parts for line in part(case))


def pictures(case: Case) -> str:
    """The waterfalls of the proposed links as one page of HTML without script; empty where there is none."""
    drawn = "".join(f"<figure>{waterfall(link.explanation)}</figure>" for link in case.links)
    number = case.candidate["candidate_id"]
    head = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{number} 匹配依据</title>'
    return f"{head}<h1>{number} 匹配依据</h1>{drawn}</html>" if drawn else ""


def _head(case: Case) -> list[str]:
    c = case.candidate
    sure = c["link_probability"] in (None, 1.0)
    link = LINK_WORDS[c["link_tier"]] + ("" if sure else f"（概率 {c['link_probability']:.4f}）")
    return [
        f"疑点 {c['candidate_id']}　{words.cause(c['cause'])}　{words.tier(c['tier'])}　"
        f"{words.STATUS[c['status']]}",
        f"当事人　{_person(case)}　申领 {c['claim_id']}　经办区划 {_district(c['district'])}",
        f"身份　　{link}",
        f"摘要　　{case.sentence}",
        *([f"变化　　{c['changed']}"] if c["changed"] else []),
        "",
    ]


def _person(case: Case) -> str:
    person = case.person
    return f"{person.name} {person.id_number}".strip() or f"个人编号 {person.person_id}"


def _law(case: Case) -> list[str]:
    lines = [f"法律依据（口径 {case.candidate['policy_version']}）"]
    lines += [f"　{article.law} {article.article}：{article.text}" for article in case.articles]
    return [*lines, ""]


def _facts(case: Case) -> list[str]:
    return ["事实", *(line for fact in case.evidence for line in _fact(fact)), ""]


def _fact(fact: Fact) -> tuple[str, str]:
    head = f"　[{words.WEIGHT[fact.weight]}] {fact.note}　{fact.months}　（{fact.place}）"
    return head, f"　　　{fact.content}"


def _links(case: Case) -> list[str]:
    """Why the model takes each row for the person: the sentence, and each field's evidence in bits."""
    lines = [line for link in case.links for line in _link(link)]
    return ["为何推定为同一人", *lines, ""] if lines else []


def _link(link: Link) -> tuple[str, str]:
    bits = "，".join(f"{field} {weight:+.1f}" for field, weight in link.bits)
    return (
        f"　{link.delivery_id} {link.file} 第{link.line}行：{link.sentence}",
        f"　　　{bits}（比特）→ 概率 {link.probability:.4f}；编号 {link.pair_id}",
    )


def _months(case: Case) -> list[str]:
    c = case.candidate
    lines = [f"逐月核算：自 {c['stop_month']} 起不应发放（事由发生于 {c['event_month']}）"]
    for paid in case.overpayments:
        own = "" if paid.recoverable_from_person else "，不向本人追回"
        once = "" if paid.counted else "，同月已计入本申领的另一疑点"
        lines.append(
            f"　{paid.benefit_month} {words.benefit(paid.benefit_kind)}　"
            f"已发 {yuan(paid.paid_fen)} − 已退 {yuan(paid.recovered_fen)} = 应退 {yuan(paid.due_fen)}"
            f"{own}{once}"
        )
    lines += [
        f"　{ahead.benefit_month} {words.benefit(ahead.benefit_kind)}　"
        f"待发 {yuan(ahead.scheduled_fen)}，尚未支付"
        for ahead in case.preventable
    ]
    lines.append(
        f"　合计：失业保险金 {c['overpaid_months']} 个月，应退 {yuan(c['overpaid_fen'])}"
        "（转入其他基金的不计）；"
        f"尚未支付、宜在发放前先核实 {yuan(c['preventable_fen'])}"
    )
    if c["at_risk_fen"]:
        lines.append(f"　另有待发 {yuan(c['at_risk_fen'])}，所属月份尚无记录，发放前一并核实；不含在以上合计")
    return [*lines, ""]


def _doubts(case: Case) -> list[str]:
    lines = ["对当事人有利的情况", *(f"　{note}" for note in dict.fromkeys(f.note for f in case.against))]
    own = [claim for claim in case.claims if claim.claim_id == case.candidate["claim_id"]]
    if any(claim.status == SUSPENDED for claim in own):
        lines.append("　申领现在的状态是暂停（只有今天的记录，看不出从何时起）：不算在领，只看实际发放")
    if case.candidate["within_notice_period"]:
        lines.append("　仍在告知期限内，尚可主动报告")
    reasons = Counter(f"{words.cause(row.cause)}：{row.words}" for row in case.excluded)
    lines += [f"　已排除 {n} 条（{reason}）" for reason, n in sorted(reasons.items())]
    return [*lines, ""] if len(lines) > 1 else [lines[0], "　暂无", ""]


def _next(case: Case) -> list[str]:
    lines = [f"尚缺：{item}" for item in case.lacking] or (["尚缺"] if case.missing else [])
    if case.candidate["cause"] in of_the_dead() and case.candidate["overpaid_fen"]:
        lines.append(f"　{words.WHO_DREW}")
    lines += [f"　移送前还须具备：{item}" for item in case.missing]
    if case.reviews:
        lines.append("此前处理")
    return lines + list(map(_decision, sorted(case.reviews, key=lambda made: made.decided_at)))


def _district(code: str) -> str:
    name = words.district(code)
    return code if name == code else f"{name}（{code}）"


def _decision(made: Decided) -> str:
    day = clock.in_shanghai(made.decided_at).date()
    return f"　{day} {made.words}（{made.decided_by}{_second(made)}）　{made.note}".rstrip()


def _second(made: Decided) -> str:
    return second_signature(made.second_by, made.second_at) if made.decision in TWO_PEOPLE else ""
