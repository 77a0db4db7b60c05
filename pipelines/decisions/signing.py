"""签认 — who may sign: a person with a name, who neither accepted nor approved the claim concerned."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, select

from matchers.people.signature import signature
from sql.tables import claim

PARTY = "{}受理或审批过该笔申领，须由其他人签认"


def operators(connection: Connection, concerned: ColumnElement[bool]) -> list[str]:
    """Who accepted or approved one of the claims, as registered, in order."""
    wanted = select(claim.c.accepted_by, claim.c.approved_by).where(concerned)
    names = {name for row in connection.execute(wanted) for name in row if name and name.strip()}
    return sorted(names)


def party(people: Iterable[str], operators: Iterable[str]) -> str:
    """Why one of ``people`` may not sign, in Chinese: he is one of the ``operators``; empty where all may."""
    involved = {signature(name) for name in operators} - {""}
    return next((PARTY.format(name.strip()) for name in people if signature(name) in involved), "")
