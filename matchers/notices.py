"""材料与提示 — what only the person can prove, and rights that nobody has claimed."""

import pandas as pd

from matchers import months, workdays
from matchers.causes import causes
from matchers.docket import Docket
from matchers.lifecycle import RequestStatus
from matchers.overpayment import BENEFIT

SURVIVORS = "survivors"
UNDERPAYMENT = "underpayment"
MONTH = ["claim_id", "benefit_month"]
ASKED = {
    "deemed_contribution": "视同缴费年限的证明材料（如退役证明、原始档案）",
    "unusable_id": "有效身份证件（登记的证件号码无法核对）",
}


def requests(docket: Docket) -> pd.DataFrame:
    """Material requests: claim_id, reason, asked_for, due_on, status ``open``; key claim_id, reason.

    渝人社发〔2019〕169号 三（三）: what cannot be checked against data is asked of the person.
    """
    claims = docket.claims
    wanted = {
        "deemed_contribution": claims["deemed_months"] > 0,
        "unusable_id": ~claims["id_usable"].astype(bool),
    }
    due_on = workdays.after(docket.as_of, int(docket.value("material_working_days")))
    parts = [
        claims.loc[wants, ["claim_id"]].assign(reason=reason, asked_for=ASKED[reason])
        for reason, wants in wanted.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(due_on=due_on, status=RequestStatus.OPEN.value)


def notices(docket: Docket, candidates: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Entitlement notices: claim_id, kind, basis, note; key claim_id, kind.

    ``held``: claim_id, benefit_month in which a fact of any candidate holds.
    """
    dead = candidates.loc[candidates["cause"].isin(of_the_dead()), ["claim_id"]].drop_duplicates()
    return pd.concat([survivors(dead), _underpayments(docket, candidates, held)], ignore_index=True)


def of_the_dead() -> frozenset[str]:
    """The causes that leave a family with rights of its own."""
    return frozenset(code for code, cause in causes().items() if cause.to_family)


def survivors(dead: pd.DataFrame) -> pd.DataFrame:
    """The notices for the families of those who died drawing (claim_id): 社会保险法 art. 49."""
    return dead.assign(
        kind=SURVIVORS,
        basis="社会保险法第四十九条",
        note="如死亡属实，请告知遗属申领一次性丧葬补助金和抚恤金；与其他险种丧葬待遇不重复享受",
    )


def _underpayments(docket: Docket, candidates: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Months that came back from the bank and were never paid again, and months never paid at all.

    A month in which a fact of a candidate holds, the month of its event included, is left out: whether it is
    due is being checked.
    """
    own = docket.payments[docket.payments["benefit_kind"] == BENEFIT]
    settled = own.loc[own["state"] != "returned", MONTH]
    events = candidates[["claim_id", "event_month"]].set_axis(MONTH, axis="columns")
    spared = pd.MultiIndex.from_frame(pd.concat([settled, held[MONTH], events]).drop_duplicates())
    open_months = {
        "银行退票后未补发的月份：": own.loc[own["state"] == "returned", MONTH].drop_duplicates(),
        "享受期内没有发放记录的月份：": _unpaid(docket, own),
    }
    notes = []
    for words, due in open_months.items():
        due = due[(due["benefit_month"] < docket.month) & ~pd.MultiIndex.from_frame(due).isin(spared)]
        spans = due.groupby("claim_id")["benefit_month"].agg(lambda m: months.runs([int(x) for x in m]))
        notes.append(words + spans.astype(str))
    joined = pd.concat(notes).groupby(level="claim_id").agg("；".join)
    return (
        joined.rename("note")
        .reset_index()
        .assign(kind=UNDERPAYMENT, basis="社会保险法第四十五条")[["claim_id", "kind", "basis", "note"]]
    )


def _unpaid(docket: Docket, own: pd.DataFrame) -> pd.DataFrame:
    """The months of live claims, from their start to the night within their term, without any payment."""
    live = docket.claims[docket.claims["live"].astype(bool)]
    ends = (live["start_month"] + live["entitled_months"]).clip(upper=docket.month)
    ends = ends.mask(live["extended_to_retirement"].astype(bool), docket.month)
    spans = [range(int(a), int(b)) for a, b in zip(live["start_month"], ends, strict=True)]
    due = live[["claim_id"]].assign(benefit_month=pd.Series(spans, index=live.index, dtype=object))
    due = due.explode("benefit_month").dropna().astype({"benefit_month": "int64"})
    return due[~pd.MultiIndex.from_frame(due).isin(pd.MultiIndex.from_frame(own[MONTH]))]
