"""就业证据 — which contribution rows and hires show that somebody employs the person.

Spec of the classification: the first line that fits decides; only what no line takes is evidence.
"""

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.findings import first_reason
from matchers.text import name_key

RESIDENT_SCHEMES = ("150", "170", "390")
FUND_KINDS = ("11", "36")
SELF_PAYERS = ("02", "03")
HISTORY = ("23", "105")
FORMS = {
    "灵活就业": "flexible_employment",
    "公益性岗位": "public_post",
    "就业见习": "traineeship",
    "自主创业": "self_employment",
}


def contributions(docket: Docket) -> pd.DataFrame:
    """Contribution rows on claims with ``reason`` (empty: evidence), ``modifier`` and ``employer``.

    ``modifier``: empty, ``project_cover``, ``intermediary`` or ``back_paid``, the weakest first.
    ``employer``: one text per employer of a claim, by USCC where any of its rows has one, else by number.
    """
    rows = docket.rows("contributions")
    if rows.empty:
        return rows
    late = docket.value("late_deregistration_months")
    back = docket.value("back_paid_months")
    covered = rows["covered_month"]
    first_lines = {
        "invalid_row": rows["valid"] == "0",
        "resident_scheme": rows["insurance"].isin(RESIDENT_SCHEMES),
        "fund_paid": rows["payment_kind"].isin(FUND_KINDS) | (rows["employer_kind"] == "05"),
        "self_paid": rows["employer_kind"].isin(SELF_PAYERS),
    }
    separated = months.of_dates(rows["separated_on"].fillna(rows["claim_registered_on"]))
    tests = {
        **first_lines,
        "refunded": _refunded(rows, first_reason(rows, first_lines) == ""),
        "history": rows["payment_kind"].isin(HISTORY),
        "prepaid": (rows["payment_kind"] == "12") & (covered > docket.month),
        "before_claim": covered < rows["start_month"],
        "late_deregistration": at_last_employer(rows) & (covered <= separated + late),
    }
    modifiers = {
        "project_cover": rows["payment_kind"] == "40",
        "intermediary": rows["employer_kind"] == "80",
        "back_paid": rows["settled_month"] - covered > back,
    }
    return rows.assign(
        reason=first_reason(rows, tests), modifier=first_reason(rows, modifiers), employer=_employer(rows)
    )


def hires(docket: Docket) -> pd.DataFrame:
    """Hires on claims with ``reason`` (empty: evidence), ``first`` and ``last`` month; open ends hold to
    the month of the delivery.
    """
    rows = docket.rows("hires")
    if rows.empty:
        return rows
    hired = months.of_dates(rows["hired_on"])
    left = months.of_dates(rows["left_on"])
    began_before = rows["hired_on"] < rows["separated_on"].fillna(rows["claim_registered_on"])
    tests = {
        **{reason: rows["form"] == form for form, reason in FORMS.items()},
        "before_claim": left < rows["start_month"],
        "dates_reversed": left < hired,
        "last_employment": at_last_employer(rows.assign(employer_id=None)) & began_before,
    }
    return rows.assign(
        reason=first_reason(rows, tests), first=hired, last=left.fillna(rows["delivered_month"])
    )


def at_last_employer(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the row's employer is the claim's last one: by USCC or number, else by the folded name."""
    uscc, own_uscc = rows["employer_uscc"], rows["last_employer_uscc"]
    number, own_number = rows["employer_id"], rows["last_employer_id"]
    same = (uscc.notna() & (uscc == own_uscc)) | (number.notna() & (number == own_number))
    comparable = (uscc.notna() & own_uscc.notna()) | (number.notna() & own_number.notna())
    name, own_name = _folded(rows["employer_name"]), _folded(rows["last_employer_name"])
    return same | (~comparable & (name != "") & (name == own_name))


def _folded(names: "pd.Series[str]") -> "pd.Series[str]":
    distinct = {n: name_key(n) for n in names.dropna().unique()}
    return names.map(distinct).fillna("")


def _refunded(rows: pd.DataFrame, undecided: "pd.Series[bool]") -> "pd.Series[bool]":
    """Refunds among the undecided rows, and the rows they cancel, whichever delivery each came in.

    Same claim, insurance and covered month; same employer by USCC where both have one, else by number.
    """
    refund = undecided & ((rows["payment_kind"] == "20") | rows["paid_flag"].isin(("7", "8")))
    if not refund.any():
        return refund
    case = ["claim_id", "insurance", "covered_month"]
    by_uscc = pd.MultiIndex.from_frame(rows[[*case, "employer_uscc"]])
    by_number = pd.MultiIndex.from_frame(rows[[*case, "employer_id"]])
    has = rows["employer_uscc"].notna()
    cancelled = (
        (has & by_uscc.isin(by_uscc[refund & has]))
        | by_number.isin(by_number[refund & ~has])
        | (~has & by_number.isin(by_number[refund]))
    )
    return undecided & (refund | cancelled)


def _employer(rows: pd.DataFrame) -> "pd.Series[str]":
    known = rows.loc[rows["employer_uscc"].notna(), ["claim_id", "employer_id", "employer_uscc"]]
    known = known.sort_values("employer_uscc").drop_duplicates(["claim_id", "employer_id"])
    known = known.rename(columns={"employer_uscc": "known"})
    filled = rows[["claim_id", "employer_id"]].merge(
        known, on=["claim_id", "employer_id"], how="left", validate="m:1"
    )["known"]
    known_uscc = pd.Series(filled.to_numpy(), index=rows.index)
    named = rows["employer_uscc"].where(rows["employer_uscc"].notna(), known_uscc)
    return named.where(named.notna(), "#" + rows["employer_id"].astype(str))
