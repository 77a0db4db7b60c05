"""证件号码为 15 位 — a sound number of fifteen digits has exactly one number of eighteen."""

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Records whose number has fifteen digits, with the eighteen of them as value."""
    rows = register.persons[register.persons["id_class"] == "valid15"]
    return rows[["relation", "district"]].assign(record_key=rows["person_no"], value=rows["id_key"])
