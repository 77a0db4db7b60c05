"""材料与提示 — what only the person can prove, and rights that nobody has claimed."""

import pandas as pd

from matchers import months, workdays
from matchers.causes import causes
from matchers.docket import Docket
from matchers.lifecycle import RequestStatus

SURVIVORS = "survivors"
UNDERPAYMENT = "underpayment"
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


def notices(docket: Docket, candidates: pd.DataFrame) -> pd.DataFrame:
    """Entitlement notices: claim_id, kind, basis, note; key claim_id, kind."""
    dead = candidates.loc[candidates["cause"].isin(of_the_dead()), ["claim_id"]].drop_duplicates()
    return pd.concat([survivors(dead), _underpayments(docket, candidates)], ignore_index=True)


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


def _underpayments(docket: Docket, candidates: pd.DataFrame) -> pd.DataFrame:
    """Months of a claim whose payment came back from the bank and was never paid again.

    A month at or after the stop month of a candidate is left out: whether it is due is being checked.
    """
    own = docket.payments[docket.payments["benefit_kind"] == "unemployment_benefit"]
    returned = own.loc[own["state"] == "returned", ["claim_id", "benefit_month"]].drop_duplicates()
    settled = own.loc[own["state"] != "returned", ["claim_id", "benefit_month"]].drop_duplicates()
    open_months = returned.merge(settled, how="left", indicator=True, validate="1:1")
    open_months = open_months[
        (open_months["_merge"] == "left_only") & (open_months["benefit_month"] < docket.month)
    ]
    stops = candidates.groupby("claim_id")["stop_month"].min()
    stop = open_months["claim_id"].map(stops)
    due = open_months[~(open_months["benefit_month"] >= stop)]
    told = (
        due.groupby("claim_id")["benefit_month"].agg(lambda m: months.runs([int(x) for x in m])).reset_index()
    )
    return told.assign(
        kind=UNDERPAYMENT,
        basis="社会保险法第四十五条",
        note="银行退票后未补发的月份：" + told["benefit_month"].astype(str),
    )[["claim_id", "kind", "basis", "note"]]
