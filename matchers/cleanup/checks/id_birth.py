"""登记出生日期与号码不符 — the registered day is another than the number's; the archive's day is never
looked at.
"""

from matchers.cleanup.register import Register
from matchers.people.identity import born_and_sex
from matchers.people.resident_id import USABLE
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Records with a sound number and another birth date; value is the number's."""
    persons = register.persons[register.persons["id_class"].isin(USABLE)]
    born = born_and_sex(persons["id_key"])["birth_date"]
    rows = persons[persons["birth_date"].notna() & born.notna() & (persons["birth_date"] != born)]
    return rows[["relation", "district"]].assign(
        record_key=rows["person_no"], value=born[rows.index].dt.strftime("%Y-%m-%d")
    )
