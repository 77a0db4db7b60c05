"""一个单位编号同时有两个信用代码 — two codes whose periods overlap; a successor begins after the other
ends.
"""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Such employers."""
    rows = (
        register.aliases[["employer_id", "uscc", "valid_from", "valid_to"]]
        .reset_index(drop=True)
        .reset_index()
    )
    met = rows.merge(rows, on="employer_id", suffixes=("", "_other"))
    met = met[(met["uscc"] != met["uscc_other"]) & (met["index"] < met["index_other"])]
    begun = met[["valid_from", "valid_from_other"]].max(axis=1)
    ended = met[["valid_to", "valid_to_other"]].min(axis=1)
    together = begun.isna() | ended.isna() | (begun <= ended)
    return pd.DataFrame({"record_key": met.loc[together, "employer_id"].unique()})
