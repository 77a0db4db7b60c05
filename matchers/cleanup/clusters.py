"""一人多号 — registrations that may be one person: what is proposed as a merge, and what is only asked.

A merge is proposed where every pair of a cluster is, and it has at most four members; connected components
are not clusters. Two sound and different numbers are never merged, nor is anybody whose number and name were
both edited, nor two who paid at different employers in more than six common months.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from matchers.evidence import digest
from matchers.linkage.one_table import SelfJoin
from matchers.people.chains import chains, components
from matchers.schemas import (
    EmployedMonths,
    FormerNames,
    IdentityChanges,
    Joined,
    PersonClusters,
    PersonPairs,
    RegisteredPersons,
)

CERTAIN, ASKED = 0.99, 0.5
MOST_MEMBERS = 4
COMMON_MONTHS = 7
CLUSTER = ["cluster_id", "tier", "outcome", "members", "keep_person_no", "probability", "why", "evidence"]
MERGED = ("same_number", "chain", "damaged")
WHY = {
    "same_number": "号码相同，姓名一致",
    "chain": "公安机关身份变更记录相连，姓名相符",
    "damaged": "一方号码不可用，其余信息几乎确定为同一人",
    "shared": "号码相同而姓名不同，须核实是否重号或借用",
    "two_numbers": "号码各不相同，信息相近，须核实",
}


def pairs(persons: RegisteredPersons, changes: IdentityChanges) -> PersonPairs:
    """a, b, tier, probability of all pairs that may be one person; a < b, the surest tier of each.

    ``persons``: the columns of ``SelfJoin``. ``changes``: id_key, old_id_key, name_key, old_name_key by the
    police.
    """
    join = SelfJoin(persons, former_names(persons, changes))
    shared = _equal_keys(persons, join)
    scored = join.pairs(ASKED)
    usable = persons.set_index("person_no")["id_key"].notna()
    one_unusable = scored["a"].map(usable) != scored["b"].map(usable)
    damaged = one_unusable & (scored["probability"] >= CERTAIN) & ~scored["held"].astype(bool)
    scored = scored.assign(tier=np.where(damaged, "damaged", "two_numbers"))[
        ["a", "b", "tier", "probability"]
    ]
    every = pd.concat([_chained(persons, changes), shared, scored], ignore_index=True)
    return every.drop_duplicates(["a", "b"]).sort_values(["a", "b"], ignore_index=True)


def clusters(
    scored: PersonPairs, persons: RegisteredPersons, doubtful: Iterable[str], apart: Joined
) -> PersonClusters:
    """``CLUSTER``: merges and questions of the pairs ``scored``; members sorted and joined by ``+``.

    ``doubtful``: persons in no merge. ``apart``: a, b of pairs whose months speak against them. ``persons``:
    person_no, live_claim, paid_months, registered_on decide which number is kept.
    """
    against = scored[["a", "b"]].isin(set(doubtful)).any(axis=1)
    against |= pd.MultiIndex.from_frame(scored[["a", "b"]]).isin(pd.MultiIndex.from_frame(apart[["a", "b"]]))
    open_pairs = scored.assign(merge=scored["tier"].isin(MERGED) & ~against)
    component = components(open_pairs.loc[open_pairs["tier"].isin(MERGED), ["a", "b"]])
    label_a, label_b = open_pairs["a"].map(component), open_pairs["b"].map(component)
    inner = label_a.notna() & (label_a == label_b)
    groups = open_pairs[inner].assign(component=label_a[inner]).groupby("component")
    merging = groups["merge"].sum()
    size = pd.Series(component, dtype=object).value_counts().reindex(merging.index)
    whole = (merging == size * (size - 1) / 2) & (size <= MOST_MEMBERS)
    order = {tier: n for n, tier in enumerate(WHY)}
    weakest = groups["tier"].agg(lambda tiers: max(tiers, key=lambda tier: order[tier]))
    members = pd.Series(component, dtype=object).rename_axis("person_no").rename("component").reset_index()
    listed = members.sort_values("person_no").groupby("component")["person_no"].agg("+".join)
    by_component = pd.DataFrame(
        {
            "tier": weakest,
            "outcome": whole.map({True: "merge", False: "question"}),
            "members": listed.reindex(weakest.index),
            "probability": groups["probability"].min(),
        }
    )
    rest = open_pairs[~inner]
    alone = pd.DataFrame(
        {
            "tier": rest["tier"],
            "outcome": "question",
            "members": rest["a"] + "+" + rest["b"],
            "probability": rest["probability"],
        }
    )
    every = pd.concat([by_component, alone], ignore_index=True)
    return every.assign(
        cluster_id=[digest(["cluster", m]) for m in every["members"]],
        keep_person_no=_kept(every["members"], persons),
        why=every["tier"].map(WHY),
        evidence="",
    )[CLUSTER].sort_values("members", ignore_index=True)


def apart(scored: PersonPairs, paid: EmployedMonths) -> Joined:
    """a, b of the pairs that paid in seven or more common months without a common employer.

    ``paid``: person_no, employer, month, each once; an employer is the same by its code.
    """
    people = pd.unique(scored[["a", "b"]].to_numpy().ravel())
    own = paid[paid["person_no"].isin(people)]
    met = scored[["a", "b"]].merge(own.rename(columns={"person_no": "a"}), on="a")
    met = met.merge(own.rename(columns={"person_no": "b"}), on=["b", "month"], suffixes=("", "_other"))
    common = (
        met.assign(same=met["employer"] == met["employer_other"]).groupby(["a", "b", "month"])["same"].any()
    )
    differing = (~common).groupby(["a", "b"]).sum()
    return differing[differing >= COMMON_MONTHS].reset_index()[["a", "b"]]


def former_names(persons: RegisteredPersons, changes: IdentityChanges) -> FormerNames:
    """person_no, name_key of the former names that the police have under a person's present number and
    name.
    """
    renamed = changes.loc[changes["old_name_key"].notna(), ["id_key", "name_key", "old_name_key"]]
    met = persons[["person_no", "id_key", "name_key"]].dropna().merge(renamed, on=["id_key", "name_key"])
    names = met[["person_no", "old_name_key"]].rename(columns={"old_name_key": "name_key"})
    return names.drop_duplicates().reset_index(drop=True)


def _equal_keys(persons: RegisteredPersons, join: SelfJoin) -> PersonPairs:
    numbered = persons.loc[persons["id_key"].notna(), ["person_no", "id_key", "name_key"]]
    several = numbered[numbered["id_key"].duplicated(keep=False)]
    met = several.merge(several, on="id_key", suffixes=("_a", "_b"))
    met = met[met["person_no_a"] < met["person_no_b"]].rename(
        columns={"person_no_a": "a", "person_no_b": "b"}
    )
    if met.empty:
        return pd.DataFrame(columns=["a", "b", "tier", "probability"])
    same_name = (met["name_key_a"] == met["name_key_b"]) & (met["name_key_a"].fillna("") != "")
    probability = np.where(same_name, 1.0, join.same_number(met[["a", "b"]]))
    tier = np.where(same_name | (probability >= CERTAIN), "same_number", "shared")
    return met[["a", "b"]].assign(tier=tier, probability=probability)


def _chained(persons: RegisteredPersons, changes: IdentityChanges) -> PersonPairs:
    """Pairs that changes of identity join, each by number and name."""
    own = persons[["person_no", "id_key", "name_key"]].dropna()
    members = own.merge(chains(changes), on=["id_key", "name_key"])
    met = members.merge(members, on="chain", suffixes=("_a", "_b"))
    met = met[met["person_no_a"] < met["person_no_b"]]
    return pd.DataFrame(
        {"a": met["person_no_a"], "b": met["person_no_b"], "tier": "chain", "probability": 1.0}
    ).drop_duplicates(["a", "b"])


def _kept(members: "pd.Series[str]", persons: RegisteredPersons) -> list[str]:
    """The number that is kept: with a live claim, else most paid months, else oldest."""
    own = persons[persons["person_no"].isin(members.str.split("+").explode())]
    ordered = own.assign(fewer=-own["paid_months"], quiet=~own["live_claim"].astype(bool))
    ordered = ordered.sort_values(["quiet", "fewer", "registered_on", "person_no"], na_position="last")
    rank = {number: n for n, number in enumerate(ordered["person_no"])}
    return [min(one.split("+"), key=lambda number: rank[number]) for one in members]
