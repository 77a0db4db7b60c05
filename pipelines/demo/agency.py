"""待遇库 — the four relations of the benefit agency, filled case by case."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, inspect, select

import sql
from pipelines.base.errors import UsageError
from pipelines.demo.calendar import hyphened
from pipelines.demo.claims import Claim
from sql.tables import AGENCY

BATCH: Final = 20_000


@dataclass(slots=True)
class Agency:
    """Collects claims and writes them in batches, so that a large city needs no large memory."""

    connection: Connection
    waiting: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {n: [] for n in AGENCY.tables})
    people: set[str] = field(default_factory=set)
    written: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGENCY.tables, 0))

    def add(self, claims: Iterable[Claim]) -> None:
        """Takes the claims with their recipients, payments and recoveries."""
        for claim in claims:
            person_id = claim.recipient.person_id
            if person_id not in self.people:
                self.people.add(person_id)
                self.waiting["recipient"].append(_recipient(claim))
            self.waiting["claim"].append(_claim(claim))
            self.waiting["payment"].extend(self._payments(claim))
            self.waiting["recovery"].extend(self._recoveries(claim))
        if len(self.waiting["payment"]) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        for name, rows in self.waiting.items():
            sql.copy_rows(self.connection, AGENCY.tables[name], rows)
            self.written[name] += len(rows)
            rows.clear()

    def _payments(self, claim: Claim) -> Iterator[tuple[Any, ...]]:
        first = self.written["payment"] + len(self.waiting["payment"])
        account = "62" + claim.recipient.person_id[1:].zfill(9)
        for n, p in enumerate(claim.payments, first):
            what = hyphened(p.month), p.kind, _yuan(p.fen), p.state, p.paid_on
            yield f"Y{n:08d}", claim.claim_id, *what, account

    def _recoveries(self, claim: Claim) -> Iterator[tuple[Any, ...]]:
        first = self.written["recovery"] + len(self.waiting["recovery"])
        for n, r in enumerate(claim.recoveries, first):
            yield f"V{n:06d}", claim.claim_id, hyphened(r.month), r.kind, _yuan(r.fen), r.received_on


@contextmanager
def opened(engine: Engine) -> Iterator[Agency]:
    """A benefit database to fill; it must be new, for a demo never writes over anybody's claims."""
    if not inspect(engine).has_table("recipient"):
        sql.create_agency(engine)
    with engine.begin() as connection:
        if connection.scalar(select(func.count()).select_from(AGENCY.tables["recipient"])):
            raise UsageError("待遇库: recipient 表已有记录，演示数据不写入在用的库；请换一个空库")
        agency = Agency(connection)
        yield agency
        agency.flush()


def _yuan(fen: int) -> str:
    return str(Decimal(fen) / 100)


def _recipient(claim: Claim) -> tuple[Any, ...]:
    who, person = claim.recipient, claim.recipient.person
    return (
        who.person_id,
        who.id_kind,
        who.id_number,
        person.name,
        person.sex,
        person.born,
        person.phone or None,
        person.district,
    )


def _claim(claim: Claim) -> tuple[Any, ...]:
    return (
        claim.claim_id,
        claim.recipient.person_id,
        claim.recipient.person.district,
        claim.registered_on,
        hyphened(claim.start),
        claim.entitled,
        claim.deemed,
        claim.extended,
        _yuan(claim.standard),
        claim.status,
        hyphened(claim.stop) if claim.stop else None,
        "重新就业" if claim.stop else None,
        claim.separated_on,
        "221",
        claim.last_employer.employer_id,
        claim.last_employer.uscc,
        claim.last_employer.name,
        claim.registered_on,
        "op1",
        "op2",
    )
