"""姓名写法不规范 — private-use characters, □, dots other than ·, spaces; the dot of minority names is
right.
"""

import re

from matchers.cleanup.register import Register
from matchers.people.glyphs import UNREADABLE
from matchers.schemas import Marked

ODD = re.compile(
    "[\ue000-\uf8ff.．•‧・∙⋅\\s\u3000]|[" + re.escape("".join(sorted(UNREADABLE - {"某"}))) + "]"
)


def rule(register: Register) -> Marked:
    """Records whose name as it came is not as it should be; value is the name as compared, where it is
    readable.
    """
    came = register.persons["name_came"].fillna("")
    hanzi = came.str.contains("[^\x00-\x7f]", regex=True)
    rows = register.persons[hanzi & came.str.strip().map(lambda name: ODD.search(name) is not None)]
    readable = rows["name_key"].map(lambda name: not (UNREADABLE & set(name or "□")) and not ODD.search(name))
    return rows[["relation", "district"]].assign(
        record_key=rows["person_no"],
        value=rows["name_key"].where(readable, ""),
        confidence=readable.map({True: "likely", False: "ask"}),
    )
