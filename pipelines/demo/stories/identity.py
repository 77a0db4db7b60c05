"""Who is who: people who are somebody else, and people who go by another number or name."""

import datetime as dt
from dataclasses import replace

from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import Recipient, Shape
from pipelines.demo.people import PERMIT_REGIONS, REGIONS, Person, number
from pipelines.demo.story import story

EARLIER = Shape(start=(-32, -30), status="exhausted", entitled=12)


def _works(case: Case, written: Person | None = None) -> list[Finding]:
    months = case.run()
    case.contribute(case.employer(), months, about=written)
    return [case.finding("REEMPLOYED", "precise", months[0], months)]


def _register(case: Case, person: Person, id_kind: str = "resident_id", id_number: str | None = None) -> None:
    who = Recipient(case.claim.recipient.person_id, person, id_number or person.id_number, id_kind)
    case.claim.recipient = who
    case.written = person


def _namesake(case: Case) -> Person:
    person = case.person
    sequence = case.rng.randrange(251, 499) * 2 + (person.sex == "M")
    region = case.rng.choice([r for r in REGIONS if r != person.id_number[:6]])
    return replace(person, id_number=number(region, person.born, sequence))


@story("namesake", staged=True)
def namesake(case: Case) -> None:
    """Another person of the same name, sex and birthday, with a number of their own."""
    other = _namesake(case)
    case.contribute(case.employer(), case.run(), about=other)
    case.hire(case.employer(), case.day(case.month()), about=other)


@story("one_id_two_persons", staged=True)
def borrowed_number(case: Case) -> None:
    """Somebody else's row under this person's number: name, birthday and sex contradict."""
    _register(case, replace(case.person, name="王德海"))
    person = case.person
    other = replace(
        person,
        name="欧阳梦琪",
        sex="F" if person.sex == "M" else "M",
        born=person.born + dt.timedelta(days=2000),
        phone="",
    )
    case.contribute(case.employer(), case.run(), about=other)


@story("REEMPLOYED", "birth_date_differs", "sex_differs", staged=True)
def rest_differs(case: Case) -> list[Finding]:
    """Number and name are the person's, but the row's own birthday or sex contradicts the number."""
    person, months = case.person, case.run()
    other_sex = "F" if person.sex == "M" else "M"
    written = case.rng.choice(
        (replace(person, born=person.born + dt.timedelta(days=2000)), replace(person, sex=other_sex))
    )
    case.contribute(case.employer(), months, about=written)
    return [case.finding("REEMPLOYED", "important", months[0], months)]


@story("REEMPLOYED", "two_person_ids", shape=EARLIER, staged=True)
def work_under_two_person_ids(case: Case) -> list[Finding]:
    """Registered anew for a second claim: whether the two are one person is still to be decided."""
    second = case.open(Shape(start=(-7, -6)), case.recipient(case.person))
    months = range(second.start + 1, second.start + 4)
    case.contribute(case.employer(), months)
    return [case.finding("REEMPLOYED", "important", months[0], months, second)]


@story("shared_id", "REEMPLOYED", staged=True)
def shared_number(case: Case) -> list[Finding]:
    """Two recipients under one number: rows belong to the one whose name they bear."""
    _register(case, replace(case.person, name="赵秀兰"))
    other = replace(case.person, name="马建国")
    case.open(EARLIER, case.recipient(other))
    return _works(case)


@story("shared_id", staged=True)
def shared_number_of_neither(case: Case) -> None:
    """Two recipients under one number, and a row that bears neither's name."""
    _register(case, replace(case.person, name="赵秀兰"))
    other = replace(case.person, name="马建国")
    case.open(EARLIER, case.recipient(other))
    _works(case, replace(case.person, name="赵秀岚"))


@story("REEMPLOYED", "alias", staged=True)
def number_corrected_twice(case: Case) -> list[Finding]:
    """A number that was corrected twice; the employer still uses the first."""
    first, second = case.person.renumbered(case.rng), case.person.renumbered(case.rng)
    case.change(second, old_number=first.id_number)
    case.change(case.person, old_number=second.id_number)
    return _works(case, first)


@story("REEMPLOYED", "alias", staged=True)
def registered_under_the_old_number(case: Case) -> list[Finding]:
    """The benefit agency still has the old number, the employer has the new one."""
    new = case.person.renumbered(case.rng)
    case.change(new, old_number=case.person.id_number)
    return _works(case, new)


@story("REEMPLOYED", "alias", staged=True)
def former_name(case: Case) -> list[Finding]:
    """The employer still uses the name from before a change of name."""
    former = replace(case.person, name=case.person.name[0] + "招弟")
    case.change(case.person, old_name=former.name)
    return _works(case, former)


@story("REEMPLOYED", "permit", staged=True)
def permit(case: Case) -> list[Finding]:
    """A resident of Hong Kong, Macao or Taiwan with a residence permit."""
    person = case.person
    sequence = int(person.id_number[14:17])
    region = case.rng.choice(PERMIT_REGIONS)
    _register(case, replace(person, id_number=number(region, person.born, sequence)), "hmt_permit")
    return _works(case)


@story("REEMPLOYED", "permit", staged=True)
def permanent_resident(case: Case) -> list[Finding]:
    """A foreign permanent resident, whose name is dotted differently everywhere."""
    person = case.person
    sequence = int(person.id_number[14:17])
    _register(
        case,
        replace(person, id_number=number("959990", person.born, sequence), name="玛丽亚·伊万诺娃"),
        "foreign_pr",
    )
    return _works(case, replace(case.person, name=case.rng.choice(("玛丽亚•伊万诺娃", "玛丽亚．伊万诺娃"))))


@story("REEMPLOYED", "passport", staged=True)
def passport(case: Case) -> list[Finding]:
    """A passport: the exact text counts."""
    text = f"EX{case.rng.randrange(10**7):07d}"
    _register(case, replace(case.person, id_number=text), "passport")
    return _works(case)


@story("REEMPLOYED", "private_use", staged=True)
def rare_character(case: Case) -> list[Finding]:
    """A name with a character that old systems write by a private code point."""
    _register(case, replace(case.person, name=case.person.name[0] + "\u9fb4"))
    return _works(case, replace(case.person, name=case.person.name[0] + "\ue81e"))


@story("unusable_id", staged=True)
def number_unusable(case: Case) -> None:
    """Registered under a number that is none; the person is asked for the right one."""
    person = case.person
    wrong = person.id_number[:17] + ("1" if person.id_number[17] != "1" else "2")
    case.claim.recipient = replace(case.claim.recipient, id_number=case.rng.choice((wrong, wrong[:16], None)))
