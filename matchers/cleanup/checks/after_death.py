"""死亡后仍有正常缴费 — regular months after the month of death; back payments are innocent."""

from matchers import months
from matchers.cleanup.ledger import REGULAR, spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Persons with such months."""
    rows = register.ledger.rows
    regular = rows[rows["counting"] & (rows["kind"] == REGULAR)]
    died = months.of_dates(register.deaths["died_on"]).set_axis(register.deaths["person_no"])
    month_of_death = regular["person_no"].map(died).astype("float64")
    return by_person(register, spans_text(regular[regular["month"] > month_of_death]))
