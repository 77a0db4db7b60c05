"""材料与提示 — what only the person can prove, and rights that nobody has claimed."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from matchers import months, workdays
from matchers.causes import causes
from matchers.docket import Docket
from matchers.law import Policy
from matchers.lifecycle import RequestStatus
from matchers.overpayment import BENEFIT
from matchers.schemas import ClaimCauses, ClaimKeys, ConflictMonths, Notices, Requests

SURVIVORS = "survivors"
UNDERPAYMENT = "underpayment"
ASKED = {
    "deemed_contribution": "视同缴费年限的证明材料（如退役证明、原始档案）",
    "unusable_id": "有效身份证件（登记的证件号码无法核对）",
}


class _Owed(NamedTuple):
    """The months owed to one claim: those that came back from the bank, those of which nothing was paid."""

    returned: list[int]
    never_paid: list[int]


def requests(docket: Docket) -> Requests:
    """Material requests: claim_id, reason, asked_for, due_on, status ``open``; key claim_id, reason.

    渝人社发〔2019〕169号 三（三）: what cannot be checked against data is asked of the person.
    """
    claims = docket.claims
    wanted = {
        "deemed_contribution": claims["deemed_months"] > 0,
        "unusable_id": ~claims["id_usable"].astype(bool),
    }
    parts = [
        claims.loc[wants, ["claim_id"]].assign(reason=reason, asked_for=ASKED[reason])
        for reason, wants in wanted.items()
    ]
    due = due_on(docket.policy, docket.as_of)
    return pd.concat(parts, ignore_index=True).assign(due_on=due, status=RequestStatus.OPEN.value)


def due_on(policy: Policy, as_of: date) -> date:
    """By when materials that a night asks for are due: the policy's ``material_working_days`` from then."""
    return workdays.after(as_of, int(policy.value("material_working_days", as_of)))


def notices(docket: Docket, suspected: ClaimCauses, held: ConflictMonths) -> Notices:
    """Entitlement notices: claim_id, kind, basis, note; key claim_id, kind.

    ``suspected``: claim_id, cause, also those of which nothing was paid after the stop. ``held``: claim_id
    and benefit_month in which a fact of a candidate holds.
    """
    dead = suspected.loc[suspected["cause"].isin(of_the_dead()), ["claim_id"]].drop_duplicates()
    return pd.concat([survivors(dead), _underpayments(docket, held)], ignore_index=True)


def of_the_dead() -> frozenset[str]:
    """The causes that leave a family with rights of its own."""
    return frozenset(code for code, cause in causes().items() if cause.to_family)


def survivors(dead: ClaimKeys) -> Notices:
    """The notices for the families of those who died drawing (claim_id): 社会保险法 art. 49."""
    return dead.assign(
        kind=SURVIVORS,
        basis="社会保险法第四十九条",
        note="如死亡属实，请告知遗属申领一次性丧葬补助金和抚恤金；与其他险种丧葬待遇不重复享受",
    )


def _underpayments(docket: Docket, held: pd.DataFrame) -> pd.DataFrame:
    """Months before the night's that are owed: come back from the bank and not paid again, or, of a claim
    that is live and within its term, never paid at all.

    A month in which a fact of a candidate holds is left out: whether it is due is being checked.
    """
    own = docket.payments[docket.payments["benefit_kind"] == BENEFIT]
    month = ["claim_id", "benefit_month"]
    settled = pd.MultiIndex.from_frame(own.loc[own["state"] != "returned", month])
    doubted = pd.MultiIndex.from_frame(held[month])
    returned = own.loc[own["state"] == "returned", month].drop_duplicates()
    due = pd.concat([returned, _payable(docket)]).drop_duplicates()
    at = pd.MultiIndex.from_frame(due)
    due = due[(due["benefit_month"] < docket.month) & ~at.isin(settled) & ~at.isin(doubted)]
    due = due.assign(back=pd.MultiIndex.from_frame(due).isin(pd.MultiIndex.from_frame(returned)))
    owed = {claim: _Owed([], []) for claim in sorted(set(due["claim_id"]))}
    for claim, owed_month, back in due[[*month, "back"]].itertuples(index=False, name=None):
        (owed[claim].returned if back else owed[claim].never_paid).append(int(owed_month))
    sentences = [(claim, _sentence(months_owed)) for claim, months_owed in owed.items()]
    return pd.DataFrame(sentences, columns=["claim_id", "note"]).assign(
        kind=UNDERPAYMENT, basis="社会保险法第四十五条"
    )[["claim_id", "kind", "basis", "note"]]


def _payable(docket: Docket) -> pd.DataFrame:
    """claim_id and benefit_month: each month of a live claim within its term and before the night's."""
    claims = docket.claims
    claims = claims[claims["live"].astype(bool) & ~claims["suspended"].astype(bool)]
    term = claims["entitled_months"].clip(upper=int(docket.value("longest_months")))
    ends = (claims["start_month"] + term).mask(claims["extended_to_retirement"].astype(bool), docket.month)
    ends = ends.clip(upper=docket.month)
    spans = [range(int(a), int(b)) for a, b in zip(claims["start_month"], ends, strict=True)]
    months_of = pd.Series(spans, index=claims.index, dtype=object)
    payable = claims[["claim_id"]].assign(benefit_month=months_of).explode("benefit_month")
    return payable.dropna().astype({"benefit_month": "int64"})


def _sentence(owed: _Owed) -> str:
    parts = {"银行退票后未补发的月份": owed.returned, "核定期限内没有任何发放的月份": owed.never_paid}
    return "；".join(f"{title}：{months.runs(part)}" for title, part in parts.items() if part)
