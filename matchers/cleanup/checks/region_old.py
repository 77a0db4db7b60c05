"""区划代码当日不在使用 — the code of a claim on its day, of a registration on its batch's day (GB/T 2260)."""

import pandas as pd

from matchers.cleanup.regions import out_of_use
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Records with a code that was given up before, or given out after, their day; value is the code."""
    claims = register.claims[["claim_id", "district", "registered_on"]].set_axis(
        ["record_key", "district", "day"], axis=1
    )
    own = register.persons.loc[
        register.persons["relation"] == "registrations", ["person_no", "district", "day"]
    ]
    rows = pd.concat(
        [
            claims.assign(relation="claim"),
            own.rename(columns={"person_no": "record_key"}).assign(relation="registrations"),
        ],
        ignore_index=True,
    )
    rows = rows[out_of_use(rows["district"], rows["day"])]
    return rows[["record_key", "relation", "district"]].assign(value=rows["district"])
