"""证件号码不可用 — nobody is found by it. A passport, or an old permit that names itself, is no error."""

from matchers.cleanup.register import Register
from matchers.people.resident_id import USABLE
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Records whose number is of no usable class."""
    persons = register.persons
    document = (
        (persons["id_kind"] != "resident_id") & (persons["id_class"] == "other") & persons["id_key"].notna()
    )
    rows = persons[~persons["id_class"].isin(USABLE) & ~document]
    return rows[["relation", "district"]].assign(record_key=rows["person_no"], value=rows["id_number"])
