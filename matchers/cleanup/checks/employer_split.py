"""一个单位多个编号或名称 — one sound code with several ids or names; a name alone never joins employers."""

import pandas as pd

from matchers.cleanup.register import Register


def rule(register: Register) -> pd.DataFrame:
    """Such codes; the code is the key."""
    by_code = register.aliases.groupby("uscc")
    several = (by_code["employer_id"].nunique() > 1) | (by_code["name"].nunique() > 1)
    return pd.DataFrame({"record_key": several.index[several]})
