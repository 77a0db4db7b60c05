"""签认 — who may sign: a person with a name, who neither accepted nor approved the claim concerned."""

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, select

from matchers.people.signature import among
from sql.tables import claim

PARTY = "{}受理或审批过该笔申领，须由其他人签认"
SIGNER = "签认人"
SEVERAL = re.compile("[、，,；;/／|]")  # between the names of a field that holds more than one


def operators(connection: Connection, concerned: ColumnElement[bool]) -> list[str]:
    """Who accepted or approved one of the claims, name by name as registered, in order."""
    wanted = select(claim.c.accepted_by, claim.c.approved_by).where(concerned)
    fields = {field for row in connection.execute(wanted) for field in row if field}
    return sorted({name.strip() for field in fields for name in SEVERAL.split(field)} - {""})


def is_party(name: str, operators: Iterable[str]) -> bool:
    """Whether ``name`` is one of the ``operators``, in whatever way either is written."""
    return among(name, operators)
