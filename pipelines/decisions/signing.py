"""签认 — who may sign: a person with a name, who took no part in the claim concerned."""

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select

from matchers.people import resident_id
from matchers.people.signature import among, signature
from pipelines.database.optional import provided
from sql.risk_tables import claim_event, operator
from sql.tables import claim

PARTY = "{}受理或审批过该笔申领，须由其他人签认"
OFFICE = "{}与经手人员同属一个办公室，须由其他办公室的人放行"
SIGNER = "签认人"
SEVERAL = re.compile("[、，,；;/／|]")  # between the names of a field that holds more than one
NOBODY = "batch"  # the channel of what a machine does, whoever started it


def operators(connection: Connection, concerned: ColumnElement[bool]) -> list[str]:
    """Who took any part in one of the claims, under every name by which he could sign, in order.

    Who accepted or approved it, name by name as registered; whose act the operators' log has; and the other
    numbers of these operators. A log or a list of operators that the agency does not provide names nobody.
    """
    return sorted(every_number(connection, registered(connection, concerned) | _acted(connection, concerned)))


def registered(connection: Connection, concerned: ColumnElement[bool]) -> set[str]:
    """Who accepted or approved one of the claims, name by name as the claims have it; nothing of any log."""
    wanted = select(claim.c.accepted_by, claim.c.approved_by).where(concerned)
    fields = {field for row in connection.execute(wanted) for field in row if field}
    return {name.strip() for field in fields for name in SEVERAL.split(field)} - {""}


def is_party(name: str, operators: Iterable[str]) -> bool:
    """Whether ``name`` is one of the ``operators``, in whatever way either is written."""
    return among(name, operators)


def every_number(connection: Connection, names: set[str]) -> set[str]:
    """The names with the other numbers of the operators among them: one person, whatever he signs by."""
    if not names or not provided(connection, operator):
        return names
    wanted = select(operator.c.operator_id, operator.c.person_key).distinct()
    people = {number: _person(key) for number, key in connection.execute(wanted)}
    signatures = set(map(signature, names))
    involved = {person for number, person in people.items() if signature(number) in signatures}
    return names | {number for number, person in people.items() if person in involved}


def shares_office(connection: Connection, name: str, others: Iterable[str], today: date) -> bool:
    """Whether ``name`` is an operator's number whose office of today is that of one of ``others``."""
    if not provided(connection, operator):
        return False
    c = operator.c
    now = (c.since <= today, or_(c.until.is_(None), c.until >= today))
    posts = connection.execute(select(c.operator_id, c.office).where(*now)).all()
    involved = set(map(signature, others))
    own = {office for number, office in posts if signature(number) == signature(name)}
    return bool(own & {office for number, office in posts if signature(number) in involved})


def _acted(connection: Connection, concerned: ColumnElement[bool]) -> set[str]:
    if not provided(connection, claim_event):
        return set()
    c = claim_event.c
    by_hand = (c.operator_id.is_not(None), c.channel != NOBODY)
    acts = select(c.operator_id).join(claim, claim.c.claim_id == c.claim_id).where(concerned, *by_hand)
    return {number.strip() for number in connection.execute(acts.distinct()).scalars()} - {""}


def _person(key: str) -> str:
    """A person's number as it is compared, fifteen digits as eighteen."""
    return resident_id.normalise(key, frozenset()).key or key
