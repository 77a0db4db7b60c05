"""号码与姓名均改 — both edited in the core system, any time apart, and the police have no change of that
number.
"""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.people.resident_id import normalise
from matchers.schemas import Marked
from matchers.text import name_key


def rule(register: Register) -> Marked:
    """Persons both of whose keys were edited; an edit from fifteen digits to the same eighteen is no
    change.
    """
    edits = register.key_changes
    numbers = edits[edits["column"] == "id_number"]
    before, after = (
        numbers[side].fillna("").map(lambda text: normalise(text, frozenset()).key)
        for side in ("before", "after")
    )
    police = pd.concat(
        [register.identity_changes["id_key"], register.identity_changes["old_id_key"]]
    ).dropna()
    changed = numbers[(before != after) & ~before.isin(police) & ~after.isin(police)]
    renamed = edits["before"].fillna("").map(name_key) != edits["after"].fillna("").map(name_key)
    names = edits[(edits["column"] == "name") & renamed]
    both = changed.loc[changed["person_no"].isin(names["person_no"]), ["person_no"]].drop_duplicates()
    return pd.DataFrame({"record_key": both["person_no"], "district": register.districts(both["person_no"])})
