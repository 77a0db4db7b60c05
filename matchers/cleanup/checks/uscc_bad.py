"""统一社会信用代码校验码不符 — only eighteen characters can be one; a 注册号 or 组织机构代码 is none."""

import pandas as pd

from matchers.cleanup.employers import sound
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Employers with such a code; value is the code."""
    code = register.employers["employer_uscc"].fillna("")
    rows = register.employers[(code.str.len() == 18) & ~code.map(sound)]
    return pd.DataFrame({"record_key": rows["employer_id"], "value": rows["employer_uscc"]})
