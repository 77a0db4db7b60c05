"""未满十六周岁缴费 — paid months before the month of the sixteenth birthday, by the number, else the
register.
"""

from matchers import months
from matchers.cleanup.ledger import covered, spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.people.identity import born_and_sex
from matchers.people.resident_id import USABLE
from matchers.schemas import Marked

WORKING_AGE = 16 * 12


def rule(register: Register) -> Marked:
    """Persons with such months."""
    persons = register.persons
    sound = persons["id_key"].where(persons["id_class"].isin(USABLE))
    born = months.of_dates(born_and_sex(sound)["birth_date"].fillna(persons["birth_date"]))
    paid = covered(register.ledger)
    month_of_birth = paid["person_no"].map(born.set_axis(persons["person_no"])).astype("float64")
    return by_person(register, spans_text(paid[paid["month"] < month_of_birth + WORKING_AGE]))
