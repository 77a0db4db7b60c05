"""登记簿 — the numbers and names of each recipient, and which registrations are one person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from matchers.schemas import Identities, Recipients, RecipientsByKey, RecipientsByName, shown


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


def register(recipients: Recipients, changes: pd.DataFrame) -> Register:
    """The register of the night; chains of ``changes`` (id_key, old_id_key, name_key, old_name_key) count.

    A chain counts for a recipient only where one of its names is the recipient's own.
    """
    own = recipients.loc[recipients["id_key"].notna(), ["id_key", "person_id"]]
    group = _chains(changes)
    chained = own.assign(group=own["id_key"].map(group).astype(object)).dropna(subset="group")
    grouped = changes.assign(group=changes["id_key"].map(group).astype(object))
    names = pd.concat(
        grouped[["group", column]].rename(columns={column: "name_key"})
        for column in ("name_key", "old_name_key")
    )
    names = names[names["name_key"].fillna("") != ""].drop_duplicates()
    present = recipients[["person_id", "name_key"]]
    borne = chained.merge(names, on="group", validate="m:m").merge(
        present.rename(columns={"name_key": "present_name"}), on="person_id", validate="m:1"
    )
    trusted = borne.loc[borne["name_key"] == borne["present_name"], ["person_id", "group"]].drop_duplicates()
    numbers = group.rename_axis("id_key").rename("group").reset_index()
    former = trusted.merge(numbers, on="group", validate="m:m")[["id_key", "person_id"]]
    keys = pd.concat([own.assign(own=True), former.assign(own=False)])
    keys = keys.drop_duplicates(["id_key", "person_id"]).reset_index(drop=True)
    other_names = borne.merge(trusted, on=["person_id", "group"], validate="m:1")[["person_id", "name_key"]]
    all_names = pd.concat([present.assign(present=True), other_names.assign(present=False)])
    all_names = all_names.drop_duplicates(["person_id", "name_key"]).reset_index(drop=True)
    return Register(keys, all_names, _identities(recipients, keys, all_names))


def _chains(changes: pd.DataFrame) -> "pd.Series[str]":
    """Each changed number → the smallest number of its chain."""
    links = changes.loc[changes["id_key"].notna() & changes["old_id_key"].notna(), ["id_key", "old_id_key"]]
    alone = changes.loc[changes["id_key"].notna(), "id_key"]
    label = {k: k for k in pd.unique(pd.concat([alone, links["id_key"], links["old_id_key"]]))}
    return pd.Series(_united(label, _pairs(links)), dtype=object)


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The rows of a frame of two columns."""
    return zip(*(frame[column] for column in frame), strict=True)


def _united(label: dict[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Labels with the two ends of every pair made equal; the smallest label of a group stands for it."""

    def root(key: str) -> str:
        while label[key] != key:
            label[key] = label[label[key]]
            key = label[key]
        return key

    for a, b in pairs:
        first, second = sorted((root(a), root(b)))
        label[second] = first
    return {key: root(key) for key in label}


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
    label = _united({p: p for p in recipients["person_id"]}, _pairs(pairs.drop_duplicates()))
    identities = recipients[["person_id"]].assign(identity=recipients["person_id"].map(label))
    members = identities.groupby("identity")["person_id"].size()
    called = names.assign(identity=names["person_id"].map(label)).groupby(["identity", "name_key"])
    agreeing = called["person_id"].nunique().groupby("identity").max()
    return identities.assign(identity_sure=identities["identity"].map(agreeing == members))
