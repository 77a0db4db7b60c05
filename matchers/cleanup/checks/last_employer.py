"""申领所填单位与最后缴费单位不同 — the payer of the window's last months, if these are near its end."""

import re

import pandas as pd

from matchers.cleanup.ledger import PAYER
from matchers.cleanup.register import Register
from matchers.schemas import Marked

NEAR = 3
AGENCY = re.compile("人力资源|派遣")


def rule(register: Register) -> Marked:
    """Claims whose employer is none of the last payers, by number or by code; agencies are only asked
    about.
    """
    claims = register.claims[register.claims["last_employer_id"].notna()]
    last = _last_payers(register, claims)
    last = last[last["separated_month"] - last["month"] <= NEAR]
    codes = register.aliases[["employer_id", "uscc"]].drop_duplicates()
    paid = last.merge(codes, on="employer_id", how="left")
    own = last.merge(
        codes.rename(columns={"employer_id": "last_employer_id", "uscc": "own"}), on="last_employer_id"
    )
    own_codes = pd.MultiIndex.from_frame(own[["claim_id", "own"]])
    agrees = (paid["employer_id"] == paid["last_employer_id"]) | (
        paid["uscc"].notna()
        & (
            (paid["uscc"] == paid["last_employer_uscc"])
            | pd.MultiIndex.from_frame(paid[["claim_id", "uscc"]]).isin(own_codes)
        )
    )
    differs = paid[~paid["claim_id"].isin(paid.loc[agrees, "claim_id"])]
    names = register.employers.groupby("employer_id")["employer_name"].agg(" ".join)
    agency = pd.Series(False, index=differs.index)
    for name in (
        differs["employer_id"].map(names),
        differs["last_employer_id"].map(names),
        differs["last_employer_name"],
    ):
        agency |= (
            name.fillna("").astype(object).map(lambda text: AGENCY.search(text) is not None).astype(bool)
        )
    by_agency = agency.groupby(differs["claim_id"]).any()
    rows = differs.sort_values(["claim_id", "employer_id"]).drop_duplicates("claim_id")
    return pd.DataFrame(
        {
            "record_key": rows["claim_id"],
            "district": rows["district"],
            "value": rows["employer_id"],
            "confidence": rows["claim_id"].map(by_agency).map({True: "ask", False: "likely"}),
        }
    )


def _last_payers(register: Register, claims: pd.DataFrame) -> pd.DataFrame:
    """The claims with employer_id and month of each payer of the window's last paid month."""
    book = register.ledger
    placed = book.rows.loc[book.rows["counting"], PAYER]
    spans = book.partial.assign(month=book.partial["last"])[PAYER]
    paid = pd.concat([rows[rows["person_no"].isin(claims["person_no"])] for rows in (placed, spans)])
    paid = paid.astype({"person_no": object, "employer_id": object}).drop_duplicates()
    window = claims[["claim_id", "person_no", "window_from", "separated_month"]]
    near = window.merge(paid, on="person_no")
    near = near[(near["month"] <= near["separated_month"]) & (near["month"] >= near["window_from"])]
    near = near[near["month"] == near.groupby("claim_id")["month"].transform("max")]
    columns = ["claim_id", "district", "last_employer_id", "last_employer_uscc", "last_employer_name"]
    return near.merge(claims[columns], on="claim_id")
