"""多领报告 — what was paid and was not payable: by claim, month and kind, with what it rests on."""

from pathlib import Path

import pandas as pd

from matchers import months
from matchers.lifecycle import RequestStatus, Status
from matchers.notices import of_the_dead
from matchers.schemas import ClaimKeys, ReportedCandidates, ReportedClaims, ReportedLines
from pipelines.decisions.referral import ITEMS, checklist
from pipelines.reports import cover, dictionary, laws, shown, words
from pipelines.reports.contents import Contents, records
from pipelines.reports.cover import Line
from pipelines.reports.deriving import lists
from pipelines.reports.exceptions import EVIDENCE
from pipelines.reports.ranking import in_order
from pipelines.reports.workbook import Column, writing

TITLE = "多领报告"
PERSON = (
    Column("申领编号", "claim_id", 13, meaning="待遇库的申领编号"),
    Column("姓名", "name", 10, meaning="待遇库登记的姓名"),
    Column("公民身份号码", "id_number", 21, meaning="待遇库登记的证件号码"),
    Column("经办机构", "district", 14, meaning="申领的经办机构"),
)
CLAIMS = (
    *PERSON,
    Column("涉嫌情形", "causes", 28, "long", meaning="该申领的全部疑点情形"),
    Column("最高等级", "tier", 10, meaning="其中最强的疑点等级"),
    Column("多领月数", "month_count", 9, "count", meaning="失业保险金的重叠月数，同月只计一次"),
    Column("多领月份", "months", 30, "long", meaning="哪些月份"),
    Column("失业保险金应退", "benefit_fen", 15, "money", meaning="元；已减去已追回"),
    Column("其他应退", "other_fen", 13, "money", meaning="元；价格临时补贴等可向本人追回的项目"),
    Column("应退合计", "due_fen", 13, "money", meaning="元；可向本人追回的合计，同月同项目只计一次"),
    Column("另：代缴医保", "medical_fen", 13, "money", meaning="元；已转入医保基金，不向本人追回"),
    Column(
        "区县登记已追回",
        "reported_fen",
        13,
        "money",
        meaning="元；区县反馈所报，不在应退之内扣减；几件疑点都登记的取最大的一笔",
    ),
    Column("计入全表合计", "summed", 12, meaning="一般疑点单列，不计入合计"),
)
LINES = (
    *PERSON,
    Column("疑点编号", "candidate_id", 21, meaning="对应疑点清单"),
    Column("停领情形", "cause", 24, meaning="涉嫌的停止领取情形"),
    Column("疑点等级", "tier", 10, meaning="精确、重要、一般"),
    Column("待遇月份", "benefit_month", 10, meaning="待遇所属月份"),
    Column("待遇项目", "benefit_kind", 14, meaning="失业保险金及同时享受的其他项目"),
    Column("支付编号", "payment_id", 14, meaning="发放台账中的支付记录"),
    Column("已发金额", "paid_fen", 12, "money", meaning="元；实际支付的金额"),
    Column("已追回金额", "recovered_fen", 12, "money", meaning="元；比对日前已退回"),
    Column("应退金额", "due_fen", 12, "money", meaning="元；已发减已追回"),
    Column("可向本人追回", "from_person", 22, meaning="代缴医保不向本人追回；本人死亡的，向实际领取人追回"),
    Column("计入合计", "counts", 20, meaning="同一申领同月同项目只计一次；一般疑点不计"),
    Column("当月事实所在", "places", 46, "long", meaning="证明该月不应发放的原始记录：文件与行号"),
)
SCHEDULED = (
    *PERSON,
    Column("办理次序", "turn", 15, meaning="先办 1；一般疑点先核实身份再看"),
    *LINES[4:10],
    Column("待发金额", "scheduled_fen", 12, "money", meaning="元；已在发放名册上、尚未支付"),
    Column("计入合计", "counts", 20, meaning="同一申领同月同项目只计一次；一般疑点不计"),
    Column("状态", "status", 9, meaning="本系统中的办理状态"),
    LINES[-1],
)
REFERRAL = (
    *PERSON,
    Column("疑点编号", "candidate_id", 21),
    Column("停领情形", "cause", 24),
    Column("疑点等级", "tier", 10),
    Column("多领月数", "overpaid_months", 9, "count"),
    Column("已发应退", "overpaid_fen", 13, "money"),
    Column("两个月以上", "two_months", 10, meaning="渝人社发〔2019〕169号 三（一）3"),
    Column(
        "超六个月或一万元",
        "severe",
        11,
        meaning="人社部规〔2019〕2号：严重失信人名单",
    ),
    *(Column(item, item, 22, "long", meaning="移送前必须齐备；空白表示该情形不要求") for item in ITEMS),
)
REACHED_AT = (*PERSON, Column("联系电话", "phone", 14, meaning="待遇库登记的电话"))
NOTICES = (
    *REACHED_AT,
    Column("类别", "kind", 12, meaning="遗属待遇、少发待补"),
    Column("依据", "basis", 24, "long"),
    Column("说明", "note", 70, "long"),
)
DRAWN = (
    *REACHED_AT,
    Column("疑点编号", "candidate_id", 21),
    Column("死亡之后的月份", "months", 30, "long", meaning="死亡之后仍有发放的待遇月份"),
    Column("已发应退", "overpaid_fen", 13, "money"),
    Column("请查明", "asked_for", 70, "long", meaning="本人已故，钱由谁领取，数据比对不了"),
)
REQUESTS = (
    *REACHED_AT,
    Column("事项", "reason", 20, meaning="数据比对不了、只有本人能证明的事项"),
    Column("请本人提供", "asked_for", 50, "long"),
    Column("期限", "due_on", 12, "date"),
)
ADVICE = (
    "“可止付金额”逐笔列出待发款：下次发放前先核实；核实之前照常发放，本系统不停发任何一笔。",
    "“申领汇总”每件申领一行；“多领明细”每笔支付一行，最后一栏写明凭哪个文件的哪一行。",
    "一般疑点的金额只供参考，不计入任何合计。",
    "“移送前核对”列出达到移送标准的申领以及还缺什么；缺一项即不得移送，不得因本人没有答复而认定故意。",
    "应退的款项由经办机构责令退回；一次退不了的可以签订还款协议分期退回，也可以从以后的待遇中抵扣"
    "（社会保险经办条例第四十六条，条文见“字典”）。怎样退、分几期，与本人商定。",
    "“死亡后领取”列出死亡之后仍有发放的申领：请查明由谁领取，向实际领取人追回。",
    "“权益提示”是无人申领的待遇：遗属待遇和银行退票后没有补发的月份，请主动告知。",
    "“请本人提供”是数据比对不了的事项，不是疑点；期限前没有提供也不等于有问题。",
)


def write(contents: Contents, district: str, folder: Path, scratch: Path) -> Path:
    """The workbook ``多领报告-<district>.xlsx``; the city's is masked. Unfinished, it lies in ``scratch``."""
    city = district == words.CITY
    place = district if city else f"{words.district(district)}（{district}）"
    path = folder / f"{TITLE}-{district}.xlsx"
    active = in_order(contents.active)
    claims = by_claim(contents)
    summed = claims[claims["summed"] == "是"]
    sure = active["tier"].isin(words.SUMMED)
    counted = [
        Line("可止付金额（元，精确与重要）", fen=int(active.loc[sure, "counted_preventable_fen"].sum())),
        Line("涉及申领（件，精确与重要，尚有应退）", int((summed["due_fen"] > 0).sum())),
        Line("多领月数（同月只计一次）", int(summed["month_count"].sum())),
        Line("应退合计（元）", fen=int(summed["due_fen"].sum())),
        Line("另：代缴医保（元，不向本人追回）", fen=int(summed["medical_fen"].sum())),
        Line("一般疑点涉及（元，不计入以上）", fen=int(active.loc[~sure, "counted_fen"].sum())),
    ]
    title = f"{TITLE} {place} {contents.as_of}"
    with writing(path, contents.as_of, title, title, scratch) as book:
        cover.write(book, contents, f"{TITLE}　{place}", [Line("经办机构", place)], counted, ADVICE)
        book.table("可止付金额", SCHEDULED, scheduled(contents, active, masked=city))
        book.table("申领汇总", CLAIMS, shown.people(claims, masked=city))
        book.table("多领明细", LINES, shown.payments(contents.overpayments, active, masked=city))
        book.table("移送前核对", REFERRAL, shown.people(referral(contents), masked=city))
        book.table("死亡后领取", DRAWN, shown.people(drawn_after_death(contents), masked=city))
        book.table("权益提示", NOTICES, shown.people(notices(contents), masked=city))
        book.table("请本人提供", REQUESTS, shown.people(requests(contents), masked=city))
        paid = active[active["overpaid_months"] > 0]
        book.table("证据", EVIDENCE, shown.evidence(contents, paid, masked=city))
        columns = [*CLAIMS, *SCHEDULED[4:5], *LINES[4:], *SCHEDULED[11:12], *REFERRAL[9:], *DRAWN[6::2]]
        dictionary.write(book, contents, columns, laws.REPAYING, laws.TWO_MONTHS)
    return path


def scheduled(contents: Contents, active: ReportedCandidates, *, masked: bool) -> ReportedLines:
    """One row per payment that can still be stopped, in the order of work."""
    lines = shown.payments(contents.preventable, active, masked=masked)
    order = {number: n for n, number in enumerate(active["candidate_id"])}
    return lines.sort_values("candidate_id", key=lambda ids: ids.map(order), kind="stable")


def by_claim(contents: Contents) -> ClaimKeys:
    """One row per claim with a line of overpayment: its causes, months and sums, the largest sum first.

    A claim that rests on leads alone is listed but is in no total (``summed`` 否); on any other claim the
    months that only a lead shows are left out of its sums.
    """
    active = contents.active.set_index("candidate_id")
    lines = contents.overpayments.assign(tier=contents.overpayments["candidate_id"].map(active["tier"]))
    summed = lines["tier"].isin(words.SUMMED)
    lines = lines[lines["counted"] & (summed | ~summed.groupby(lines["claim_id"]).transform("any"))]
    benefit, own = lines["benefit_kind"] == "unemployment_benefit", lines["recoverable_from_person"]
    amounts = {"benefit_fen": benefit, "other_fen": own & ~benefit, "due_fen": own, "medical_fen": ~own}
    sums = {
        n: lines["due_fen"].where(here, 0).groupby(lines["claim_id"]).sum() for n, here in amounts.items()
    }
    once = lines.loc[benefit, ["claim_id", "benefit_month"]].drop_duplicates()
    paid_months = lists(once, ["claim_id"], "benefit_month")
    ranked = active.sort_values(["strength", "cause"], ascending=[False, True])
    people = ranked.groupby("claim_id")
    first = people[["name", "id_number", "phone", "district", "tier"]].first()
    claims = first.join(pd.DataFrame(sums), how="inner").reset_index()
    return claims.assign(
        causes=claims["claim_id"].map(lists(ranked, ["claim_id"], "cause").map(_titles)),
        months=[months.runs(list(map(months.number, paid_months.get(c, ())))) for c in claims["claim_id"]],
        month_count=[len(paid_months.get(c, ())) for c in claims["claim_id"]],
        reported_fen=claims["claim_id"].map(reported(contents)).fillna(0).astype("int64"),
        summed=claims["tier"].isin(words.SUMMED).map({True: "是", False: "否"}),
        tier=claims["tier"].map(words.tier),
    ).sort_values(["summed", "due_fen", "claim_id"], ascending=[False, False, True], ignore_index=True)


def _titles(codes: list[str]) -> str:
    return "；".join(map(words.cause, codes))


def reported(contents: Contents) -> "pd.Series[int]":
    """By claim_id the fen that its district last entered as recovered, the largest of its candidates."""
    entered = contents.reviews.dropna(subset=["recovered_fen"])
    last = entered.groupby("candidate_id")["recovered_fen"].last().astype("int64")
    claim_of = contents.active.set_index("candidate_id")["claim_id"]
    return last[last.index.isin(claim_of.index)].groupby(claim_of).max()


def referral(contents: Contents) -> ReportedCandidates:
    """The active candidates with a flag, each with its checklist of what is there and what is missing."""
    every = contents.candidates
    ended = every["status"] == Status.CLOSED
    flagged = in_order(every[(every["active"] | ended) & (every["two_month_flag"] | every["severe_flag"])])
    latest = contents.reviews.dropna(subset=["notice_on"]).groupby("candidate_id")["notice_on"].last()
    orders = contents.reviews.dropna(subset=["document_no"]).groupby("candidate_id")["document_no"].last()
    asked = flagged.assign(
        notice_on=flagged["candidate_id"].map(latest).astype(object).where(lambda v: v.notna(), None),
        document_no=flagged["candidate_id"].map(orders).astype(object).where(lambda v: v.notna(), None),
    )
    lists = pd.DataFrame([checklist(row) for row in records(asked)], columns=list(ITEMS), index=asked.index)
    return asked.join(lists).assign(
        cause=asked["cause"].map(words.cause),
        tier=asked["tier"].map(words.tier),
        two_months=asked["two_month_flag"].map({True: "是", False: ""}),
        severe=asked["severe_flag"].map({True: "是", False: ""}),
    )


def drawn_after_death(contents: Contents) -> ClaimKeys:
    """One row per active candidate of the dead with something due: who has drawn it must be asked.

    With the person, ``months`` (those of which something is due), overpaid_fen and ``asked_for``.
    """
    active = contents.active
    dead = in_order(active[active["cause"].isin(of_the_dead()) & (active["overpaid_fen"] > 0)])
    lines = contents.overpayments
    due = lines[lines["recoverable_from_person"] & (lines["due_fen"] > 0)]
    of_candidate = due.groupby("candidate_id")["benefit_month"].unique()
    return dead.assign(
        months=[months.runs(sorted(map(months.number, of_candidate[c]))) for c in dead["candidate_id"]],
        asked_for=words.WHO_DREW,
    )


def notices(contents: Contents) -> ReportedClaims:
    """The entitlement notices, their kind in words."""
    return contents.notices.assign(kind=contents.notices["kind"].map(words.NOTICE))


def requests(contents: Contents) -> ReportedClaims:
    """The open material requests, their reason in words, the earliest due first."""
    asked = contents.requests[contents.requests["status"] == RequestStatus.OPEN].sort_values(
        "due_on", kind="stable"
    )
    return asked.assign(reason=asked["reason"].map(words.REQUEST))
