"""登记性别与号码不符 — the registered sex is another than the number's."""

from matchers.cleanup.register import Register
from matchers.people.identity import born_and_sex
from matchers.people.resident_id import USABLE
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Records with a sound number and another sex; value is the number's."""
    persons = register.persons[register.persons["id_class"].isin(USABLE)]
    sex = born_and_sex(persons["id_key"])["sex"]
    rows = persons[persons["sex"].notna() & sex.notna() & (persons["sex"] != sex)]
    return rows[["relation", "district"]].assign(record_key=rows["person_no"], value=sex[rows.index])
