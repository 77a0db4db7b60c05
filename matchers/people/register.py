"""登记簿 — the numbers and names of each recipient, and which registrations are one person."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from matchers.people.chains import chains, united
from matchers.schemas import Identities, IdentityChanges, Recipients, RecipientsByKey, RecipientsByName, shown


@shown("recipients_by_key", "recipients_by_name", "identities")
@dataclass(frozen=True, slots=True)
class Register:
    """Under which keys and names each recipient may be met.

    ``keys``: id_key, person_id, own (False: a former or later number); key id_key and person_id.
    ``names``: person_id, name_key, present (False: a former or later name).
    ``identities``: person_id, identity, identity_sure (False: only the number says that they are one).
    """

    keys: RecipientsByKey
    names: RecipientsByName
    identities: Identities


def register(recipients: Recipients, changes: IdentityChanges) -> Register:
    """The register of the night; chains of ``changes`` (id_key, old_id_key, name_key, old_name_key) count.

    A chain counts for a recipient whose number it holds only where one of its names is the recipient's own.
    """
    people = recipients[["person_id", "id_key", "name_key"]].astype(object)
    own = people.loc[people["id_key"].notna(), ["id_key", "person_id"]]
    chained = chains(changes)
    numbers = chained[["id_key", "chain"]].drop_duplicates()
    names = chained[["name_key", "chain"]].drop_duplicates()
    present = people[["person_id", "name_key"]]
    met = own.merge(numbers, on="id_key", validate="m:m").merge(present, on="person_id", validate="m:1")
    trusted = met.merge(names, on=["chain", "name_key"], validate="m:1")[["person_id", "chain"]]
    trusted = trusted.drop_duplicates()
    former = trusted.merge(numbers, on="chain", validate="m:m")[["id_key", "person_id"]]
    keys = pd.concat([own.assign(own=True), former.assign(own=False)])
    keys = keys.drop_duplicates(["id_key", "person_id"]).reset_index(drop=True)
    other_names = trusted.merge(names, on="chain", validate="m:m")[["person_id", "name_key"]]
    all_names = pd.concat([present.assign(present=True), other_names.assign(present=False)])
    all_names = all_names.drop_duplicates(["person_id", "name_key"]).reset_index(drop=True)
    return Register(keys, all_names, _identities(recipients, keys, all_names))


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The rows of a frame of two columns."""
    return zip(*(frame[column] for column in frame), strict=True)


def _identities(recipients: Recipients, keys: RecipientsByKey, names: RecipientsByName) -> Identities:
    """Which registrations are one person: those of one number; by a change of identity, those of one name."""
    own = keys[keys["own"].astype(bool)].sort_values(["id_key", "person_id"])
    same_number = own.assign(first=own.groupby("id_key")["person_id"].transform("first"))
    changed = keys[~keys["own"].astype(bool)].drop(columns="own").rename(columns={"person_id": "first"})
    met = changed.merge(keys[["id_key", "person_id"]], on="id_key", validate="m:m")
    borne = names[["person_id", "name_key"]].dropna()
    named = met.merge(borne.rename(columns={"person_id": "first"}), on="first", validate="m:m")
    same_name = named.merge(borne, on=["person_id", "name_key"], validate="m:1")
    pairs = pd.concat([same_number, same_name])[["first", "person_id"]]
    label = {p: p for p in recipients["person_id"]} | united(_pairs(pairs.drop_duplicates()))
    identities = recipients[["person_id"]].assign(identity=recipients["person_id"].map(label))
    members = identities.groupby("identity")["person_id"].size()
    called = names.assign(identity=names["person_id"].map(label)).groupby(["identity", "name_key"])
    agreeing = called["person_id"].nunique().groupby("identity").max()
    return identities.assign(identity_sure=identities["identity"].map(agreeing == members))
