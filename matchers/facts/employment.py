"""就业证据 — which contribution rows and hires show that somebody employs the person.

Spec of the classification: the first line that fits decides; only what no line takes is evidence.
"""

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.findings import first_reason
from matchers.schemas import ClaimRows, ContributionRows, HireRows
from matchers.text import name_key

RESIDENT_SCHEMES = ("150", "170", "390")
FUND_KINDS = ("11", "36")
SELF_PAYERS = ("02", "03")
OWN_ARREARS = "60"
OWED = "2"
PREPAID = "12"
HISTORY = ("23", "105")
FORMS = {
    "灵活就业": "flexible_employment",
    "公益性岗位": "public_post",
    "就业见习": "traineeship",
    "自主创业": "self_employment",
}


SUPPORTED_WORK = {"就业见习": "traineeship", "公益性岗位": "public_post"}


def contributions(docket: Docket, registered: HireRows) -> ContributionRows:
    """Contribution rows on claims with ``reason`` (empty: evidence), ``modifier``, ``doubt``, ``employer``,
    ``ended`` (a hire by the same employer has an end at or after the covered month). ``registered``: the
    ``hires`` of the docket.

    ``modifier``: empty, ``project_cover``, ``intermediary`` or ``back_paid``, the weakest first.
    ``doubt``: empty, or what speaks against the row: ``traineeship``, ``public_post``,
    ``employer_kind_unknown``, ``late_deregistration_possible``, the weakest first.
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
        "self_paid": rows["employer_kind"].isin(SELF_PAYERS) | (rows["payment_kind"] == OWN_ARREARS),
    }
    separated = months.of_dates(rows["separated_on"].fillna(rows["claim_registered_on"]))
    prepaid = rows["payment_kind"] == PREPAID
    last = at_last_employer(rows)
    tests = {
        **first_lines,
        **_refunds(rows, first_reason(rows, first_lines) == ""),
        "history": rows["payment_kind"].isin(HISTORY),
        "prepaid": prepaid & ((covered > docket.month) | (last & (rows["settled_month"] <= separated))),
        "before_claim": covered < rows["start_month"],
        "late_deregistration": last & (covered <= separated + late),
        # 失业保险条例第十六条：单位应当及时出具终止或者解除劳动关系的证明；原单位的欠费不由本人负责
        "owed_by_last_employer": last & (rows["paid_flag"] == OWED),
    }
    modifiers = {
        "project_cover": rows["payment_kind"] == "40",
        "intermediary": rows["employer_kind"] == "80",
        "back_paid": rows["settled_month"] - covered > back,
    }
    doubts = {
        **_supported_work(rows, registered),
        "employer_kind_unknown": rows["employer_kind"].isna() & ~_hired_there(rows, registered),
        "late_deregistration_possible": last,
    }
    return rows.assign(
        reason=first_reason(rows, tests),
        modifier=first_reason(rows, modifiers),
        doubt=first_reason(rows, doubts),
        employer=_employer(rows),
        ended=_ended(rows, registered),
    )


def hires(docket: Docket) -> HireRows:
    """Hires on claims with ``reason`` (empty: evidence), ``doubt``, ``first`` and ``last`` month; open ends
    hold to the month of the delivery.

    ``doubt``: empty, or what speaks against the row: ``stale_hire``, ``ended_same_day``.
    """
    rows = docket.rows("hires")
    if rows.empty:
        return rows
    hired = months.of_dates(rows["hired_on"])
    left = months.of_dates(rows["left_on"])
    began_before = rows["hired_on"] < rows["separated_on"].fillna(rows["claim_registered_on"])
    tests = {
        "dates_reversed": rows["left_on"] < rows["hired_on"],
        **{reason: rows["form"] == form for form, reason in FORMS.items()},
        "before_claim": left < rows["start_month"],
        "last_employment": at_last_employer(rows.assign(employer_id=None)) & began_before,
    }
    doubts = {
        "stale_hire": began_before & left.isna(),
        "ended_same_day": rows["left_on"] == rows["hired_on"],
    }
    return rows.assign(
        reason=first_reason(rows, tests),
        doubt=first_reason(rows, doubts),
        first=hired,
        last=left.fillna(rows["delivered_month"]),
    )


def at_last_employer(rows: ClaimRows) -> "pd.Series[bool]":
    """Whether the row's employer is the claim's last one: by USCC or number, also one that people accepted as
    the same employer's, else by the folded name.
    """
    uscc, own_uscc = _number(rows["employer_uscc"]), _number(rows["last_employer_uscc"])
    number, own_number = _number(rows["employer_id"]), _number(rows["last_employer_id"])
    same = (uscc.notna() & (uscc == own_uscc)) | (number.notna() & (number == own_number))
    comparable = (uscc.notna() & own_uscc.notna()) | (number.notna() & own_number.notna())
    name, own_name = _folded(rows["employer_name"]), _folded(rows["last_employer_name"])
    same |= rows["accepted_alias"]
    return same | (~comparable & (name != "") & (name == own_name))


def _number(numbers: "pd.Series[str]") -> "pd.Series[str]":
    """The numbers without the leading zeros that a spreadsheet takes away."""
    distinct = {n: str(n).lstrip("0") for n in numbers.dropna().unique()}
    return numbers.map(distinct)


def _beside(rows: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """Each contribution row with each hire of its claim by the same employer: by USCC where both have one,
    else by the folded name. ``at`` is the row's label; ``form``, ``first`` and ``left_on`` are the hire's.
    """
    named = ["claim_id", "employer_uscc", "employer_name"]
    pairs = rows.rename_axis("at").reset_index()[["at", "covered_month", *named]].merge(
        registered[[*named, "reason", "doubt", "form", "first", "left_on"]],
        on="claim_id", suffixes=("", "_hire"), validate="m:m",
    )  # fmt: skip
    uscc, own_uscc = pairs["employer_uscc"], pairs["employer_uscc_hire"]
    name, own_name = _folded(pairs["employer_name"]), _folded(pairs["employer_name_hire"])
    by_name = ~(uscc.notna() & own_uscc.notna()) & (name != "") & (name == own_name)
    return pairs[(uscc.notna() & (uscc == own_uscc)) | by_name]


def _supported_work(rows: pd.DataFrame, registered: pd.DataFrame) -> dict[str, "pd.Series[bool]"]:
    """By reason: rows by the employer of a traineeship or a public post, within the months of it."""
    nowhere = pd.Series(False, index=rows.index)
    if registered.empty or not registered["form"].isin(tuple(SUPPORTED_WORK)).any():
        return dict.fromkeys(SUPPORTED_WORK.values(), nowhere)
    pairs = _beside(rows, registered[registered["form"].isin(tuple(SUPPORTED_WORK))])
    left = months.of_dates(pairs["left_on"])
    during = pairs[(pairs["covered_month"] >= pairs["first"]) & ~(pairs["covered_month"] > left)]
    return {
        reason: nowhere | rows.index.isin(during.loc[during["form"] == form, "at"])
        for form, reason in SUPPORTED_WORK.items()
    }


def _hired_there(rows: pd.DataFrame, registered: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a hire that nothing speaks against shows the row's employer to be one."""
    nowhere = pd.Series(False, index=rows.index)
    if registered.empty or rows["employer_kind"].notna().all():
        return nowhere
    sound = registered[(registered["reason"] == "") & (registered["doubt"] == "")]
    return nowhere | rows.index.isin(_beside(rows[rows["employer_kind"].isna()], sound)["at"])


def _ended(rows: pd.DataFrame, registered: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a hire by the row's employer, itself evidence, ended in or after the month; never silence."""
    nowhere = pd.Series(False, index=rows.index)
    if registered.empty:
        return nowhere
    over = registered[(registered["reason"] == "") & registered["left_on"].notna()]
    pairs = _beside(rows, over)
    pairs = pairs[months.of_dates(pairs["left_on"]) >= pairs["covered_month"]]
    return nowhere | rows.index.isin(pairs["at"])


def _folded(names: "pd.Series[str]") -> "pd.Series[str]":
    distinct = {n: name_key(n) for n in names.dropna().unique()}
    return names.map(distinct).fillna("")


def _refunds(rows: pd.DataFrame, undecided: "pd.Series[bool]") -> dict[str, "pd.Series[bool]"]:
    """By reason: refunds among the undecided rows with the rows they cancel, whichever delivery each came in,
    and refunds of another base, which cancel nothing.

    Same claim, insurance and covered month; same employer by USCC where both have one, else by number; equal
    bases, whatever their sign, or one that is missing.
    """
    refund = undecided & ((rows["payment_kind"] == "20") | rows["paid_flag"].isin(("7", "8")))
    nowhere = pd.Series(False, index=rows.index)
    if not refund.any():
        return {"refunded": nowhere}
    case = ["claim_id", "insurance", "covered_month"]
    columns = [*case, "employer_uscc", "employer_id", "base"]
    pairs = rows.loc[undecided & ~refund, columns].rename_axis("at").reset_index()
    pairs = pairs.merge(
        rows.loc[refund, columns].rename_axis("by").reset_index(),
        on=case, suffixes=("", "_refund"), validate="m:m",
    )  # fmt: skip
    by_uscc = pairs["employer_uscc"].notna() & pairs["employer_uscc_refund"].notna()
    same = (pairs["employer_uscc"] == pairs["employer_uscc_refund"]).where(
        by_uscc, pairs["employer_id"].notna() & (pairs["employer_id"] == pairs["employer_id_refund"])
    )
    pairs = pairs[same.astype(bool)]
    bases = pairs["base"].abs(), pairs["base_refund"].abs()
    cancels = pairs[(bases[0] == bases[1]) | bases[0].isna() | bases[1].isna()]
    corrected = refund & rows.index.isin(pairs["by"]) & ~rows.index.isin(cancels["by"])
    cancelled = nowhere | rows.index.isin(cancels["at"])
    return {"refunded": (refund & ~corrected) | cancelled, "base_corrected": corrected}


def _employer(rows: pd.DataFrame) -> "pd.Series[str]":
    """What the employer goes by: its credit code, also where only another row states it; number; name."""
    both = rows["employer_uscc"].notna() & rows["employer_id"].notna()
    codes = rows.loc[both, ["claim_id", "employer_id", "employer_uscc"]]
    codes = codes.sort_values("employer_uscc").drop_duplicates(["claim_id", "employer_id"])
    elsewhere = rows[["claim_id", "employer_id"]].merge(
        codes, on=["claim_id", "employer_id"], how="left", validate="m:1"
    )["employer_uscc"]
    stated = rows["employer_uscc"].notna()
    named = rows["employer_uscc"].where(stated, pd.Series(elsewhere.to_numpy(), index=rows.index))
    numbered = named.where(named.notna(), "#" + rows["employer_id"])
    return numbered.where(numbered.notna(), "#" + _folded(rows["employer_name"]))
