"""登记册 — what the checks read of one shard: persons, their months, claims and benefits, and who pays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from matchers.cleanup.ledger import Ledger
from matchers.schemas import (
    DrawnMonths,
    EmployerAliases,
    EmployerRows,
    IdentityChanges,
    JudgedTerms,
    KeyChanges,
    Orphans,
    PersonClusters,
    RecordedDeaths,
    RegisteredPersons,
    shown,
)


@shown(
    "cleanup_persons", "judged_terms", "cleanup_drawn", "cleanup_employers", "employer_aliases",
    "key_changes", "identity_changes", "cleanup_deaths", "person_clusters", "orphans",
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class Register:
    """Frames of one shard, persons and employers by their numbers; months are whole numbers.

    ``persons``: person_no, relation, id_kind, id_number, id_key, id_class, name, name_came, name_key, sex,
    birth_date, phone, district, bank_account, card_no, registered_on, day, paid_months, live_claim.
    ``ledger``: the months of insurance 210. ``claims``: the agency's, with person_no, separated_month,
    window_from, drawn, scheduled, and what ``entitlement`` says. ``aliases``: employer_id, uscc, name,
    valid_from, valid_to. ``clusters``: cluster_id, tier, outcome, members, keep_person_no, probability, why,
    of persons that may be one. ``complete``: by district the month from which contributions are complete.
    """

    as_of: date
    persons: RegisteredPersons
    ledger: Ledger
    claims: JudgedTerms
    benefits: DrawnMonths
    employers: EmployerRows
    aliases: EmployerAliases
    key_changes: KeyChanges
    identity_changes: IdentityChanges
    deaths: RecordedDeaths
    clusters: PersonClusters
    orphans: Orphans
    complete: Mapping[str, int] = field(default_factory=dict)

    def districts(self, numbers: "pd.Series[str]") -> "pd.Series[str]":
        """The district of each 个人编号, empty where none is on record."""
        return numbers.map(self.persons.set_index("person_no")["district"]).fillna("")
