"""单位 — employers over time, joined by a sound 统一社会信用代码 and never by name alone (GB 32100)."""

import pandas as pd

from matchers.schemas import EmployerAliases, EmployerRows

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ORGANISATION = slice(8, 17)
ALIAS = ["employer_id", "uscc", "name", "valid_from", "valid_to", "basis", "confidence"]


def sound(code: str) -> bool:
    """Whether a code has eighteen characters and the check character that the others give."""
    if len(code) != 18 or any(c not in CHARACTERS for c in code):
        return False
    total = sum(CHARACTERS.index(c) * weight for c, weight in zip(code, WEIGHTS, strict=False))
    return CHARACTERS[(31 - total % 31) % 31] == code[17]


def aliases(employers: EmployerRows) -> EmployerAliases:
    """``ALIAS``: a row for each employer row whose code is sound, or whose 组织机构代码 stands in one sound
    code.

    ``employers``: employer_id, employer_name, employer_uscc, org_code, valid_from, valid_to.
    """
    own = employers["employer_uscc"].fillna("")
    own = own.where(own.map(sound), "")
    codes = pd.Series(sorted(set(own) - {""}), dtype=object)
    organisation = codes.str[ORGANISATION]
    alone = ~organisation.duplicated(keep=False)
    by_organisation = dict(zip(organisation[alone], codes[alone], strict=True))
    written = employers["org_code"].fillna("").str.replace("-", "", regex=False).str.upper()
    lent = written.map(by_organisation).where(own == "", None)
    rows = employers.assign(
        uscc=own.where(own != "", lent),
        name=employers["employer_name"],
        basis=own.map(lambda code: "uscc" if code else "org_code"),
        confidence=own.map(lambda code: "certain" if code else "likely"),
    )
    return rows.loc[rows["uscc"].notna(), ALIAS].reset_index(drop=True)
