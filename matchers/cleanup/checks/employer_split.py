"""一个单位多个编号或名称 — one sound code with several ids or names; a name alone never joins employers."""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Such codes; the code is the key, and the value where several ids may be joined under it."""
    by_code = register.aliases.groupby("uscc")
    ids, names = by_code["employer_id"].nunique(), by_code["name"].nunique()
    rows = pd.DataFrame({"record_key": ids.index.astype(object), "joins": (ids > 1).to_numpy()})
    rows = rows[((ids > 1) | (names > 1)).to_numpy()]
    return rows.assign(value=rows["record_key"].where(rows["joins"], "")).drop(columns="joins")
